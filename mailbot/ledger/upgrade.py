"""Alembic migrations, one process at a time; a killed one leaves no lock and no half step."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from mailbot.errors import LedgerError, Locked

MIGRATION_LOCK = 0x6D696772
""""migr": the advisory lock of PostgreSQL, freed by the server when the connection ends, however it ends."""

_UNDER_WAY = "A migration of the ledger is under way in another process; try again when it has ended."


def upgrade(engine: Engine) -> None:
    """Runs the missing migrations in one transaction.

    Raises Locked, LedgerError, or the driver's exceptions.
    """
    path = Path(engine.url.database or "").absolute() if engine.dialect.name == "sqlite" else None
    if path is not None:
        _create(path)
    with _one_process(path), engine.connect() as raw:
        if path is not None:
            _use_write_ahead_log(raw)
        conn = raw.execution_options(ledger_writes=True)
        with conn.begin():
            _one_session(conn)
            _run(conn)


def _create(path: Path) -> None:
    """An empty file that only its owner may read: the ledger holds letters and names."""
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"The ledger {path} cannot be created: {error.strerror}.") from error


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config


def _run(conn: Connection) -> None:
    try:
        command.upgrade(_config(conn), "head")
    except CommandError as error:
        raise LedgerError("The ledger was written by a newer mailbot; install that version or a later one.") from error


@contextmanager
def _one_process(path: Path | None) -> Iterator[None]:
    """SQLite: a lock on a file beside the ledger, which ends with the process that holds it.

    Not on the ledger itself: closing a second handle of that file would drop SQLite's own locks (POSIX).
    """
    if path is None:
        yield
        return
    handle = os.open(path.with_name(path.name + "-migration"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Locked(_UNDER_WAY) from error
    finally:
        os.close(handle)


def _one_session(conn: Connection) -> None:
    if conn.dialect.name != "postgresql":
        return
    if not conn.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({MIGRATION_LOCK})").scalar():
        raise Locked(_UNDER_WAY)


def _use_write_ahead_log(conn: Connection) -> None:
    """Readers and the writer do not wait for each other; the file remembers the mode.

    Not possible in a transaction.
    """
    handle = conn.connection.cursor()
    try:
        handle.execute("PRAGMA journal_mode = WAL")
        if handle.fetchone() != ("wal",):
            raise LedgerError("The ledger needs a local disk: SQLite could not turn on its write-ahead log there.")
    finally:
        handle.close()
