"""A copy of the whole ledger while it is in use, as SQLite makes it (https://sqlite.org/backup.html)."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine

from mailbot.errors import LedgerError

_PAGES = 2000
"""Copied at a time (8 MB): writers go on between two portions."""


def copy(engine: Engine, target: Path) -> None:
    """Writes the ledger to `target`, readable by its owner only, once it is whole and sound; a file there is replaced.

    Raises LedgerError for a ledger that is not SQLite, a place that cannot be written, and a copy that is damaged.
    """
    place = engine.url.database
    if engine.url.get_backend_name() != "sqlite" or not place:
        raise LedgerError("Only a SQLite ledger is copied here: use pg_dump, then run: mailbot backup --made")
    part = target.with_name(f".{target.name}.part")
    try:
        with suppress(FileNotFoundError):
            part.unlink()
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as made,
        ):
            source.backup(made, pages=_PAGES)
            [said] = made.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise LedgerError(f"The copy of the ledger is damaged ({said}): {place} may be, too.")
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"The ledger cannot be copied to {target}: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink()
