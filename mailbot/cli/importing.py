"""Bank files and invoices from the command line into the ledger. Heavy: imported inside commands only."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mailbot.cli.output import walk
from mailbot.errors import ReaderError
from mailbot.jobs.banking import Imported, take_statement
from mailbot.jobs.importing import Change, take_file, take_list
from mailbot.jobs.office import Office
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument, Listing, Problem

_LISTS = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
_DOCUMENTS = (".pdf", ".xml")

Read = tuple[str, bytes, Listing | InvoiceDocument | Problem]
"""(file, bytes, what it says)"""


class _Undone(Exception):
    """Rolls a dry run back."""


def import_statement(office: Office, path: Path, now: datetime, *, dry_run: bool) -> Imported | Problem:
    """Read one file in a bounded child process and take it in; a dry run leaves no trace."""
    try:
        raw = path.read_bytes()
        read = office.sandbox.run("statement", raw, name=path.name)
    except OSError as error:
        return Problem("unreadable", f"the file cannot be opened ({error.strerror})")
    except ReaderError as error:
        return Problem(error.code, str(error))
    if isinstance(read, Problem):
        return read
    taken = None
    with suppress(_Undone), writing(office.engine) as conn:
        taken = take_statement(conn, office, raw, read, None, now)
        if dry_run:
            raise _Undone
    return taken or Problem("unreadable", "the file brought nothing")


def import_files(
    office: Office, paths: Sequence[Path], now: datetime, *, apply: bool, terms: int | None, month_first: bool
) -> tuple[list[Change], list[Problem]]:
    """Take in lists and documents; all that would change and all that is wrong at once. Rolled back without `apply`.

    Everything is one transaction: a file that cannot be read does not keep the others out.
    """
    read = [_read(office, name, path, terms, month_first) for name, path in walk(paths, (*_LISTS, *_DOCUMENTS))]
    changes: list[Change] = []
    problems: list[Problem] = []
    with suppress(_Undone), writing(office.engine) as conn:
        for one in read:
            _take(conn, office, one, now, changes, problems)
        if not apply:
            raise _Undone
    return changes, problems


def _read(office: Office, name: str, path: Path, terms: int | None, month_first: bool) -> Read:
    try:
        raw = path.read_bytes()
        if raw[:5] == b"%PDF-" or path.suffix.lower() in _DOCUMENTS:
            return name, raw, office.sandbox.run("invoice", raw, name=path.name)
        more: dict[str, Any] = {"terms": terms, "month_first": month_first}
        return name, raw, office.sandbox.run("listing", raw, name=name, **more)
    except OSError as error:
        return name, b"", Problem("unreadable", f"The file cannot be opened ({error.strerror}).", file=name)
    except ReaderError as error:
        return name, b"", Problem(error.code, str(error), file=name)


def _take(
    conn: Connection, office: Office, read: Read, now: datetime, changes: list[Change], problems: list[Problem]
) -> None:
    name, raw, found = read
    if isinstance(found, Problem):
        problems.append(Problem(found.code, found.message, found.line, found.column, name))
    elif isinstance(found, InvoiceDocument):
        changes.append(take_file(conn, office, Path(name).name, raw, found, now))
    else:
        done, wrong = take_list(conn, office, found.entries, name, now)
        changes += done
        problems += [*found.problems, *wrong]
