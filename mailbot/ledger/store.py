"""Opening the ledger, and its transactions: `writing` (one at a time), `sharing` (senders side by side) and `reading`.

On PostgreSQL a transaction-level advisory lock makes the turns: `writing` takes it alone, `sharing` together with
others that share. PostgreSQL hands it out in the order of asking, so that nobody who shares keeps a writer waiting
for longer than the transactions that are under way.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from mailbot.errors import LedgerError, NotInitialised
from mailbot.ledger.faults import translated
from mailbot.ledger.migrations import NEWEST

WAIT_SECONDS = 60
"""How long a writer waits for its turn.

SQLite's busy handler is unfair: four saturating writers waited up to 4 s.
"""

IDLE_SECONDS = 60
"""After which PostgreSQL ends the transaction of a process that was stopped in the middle of it."""

WRITER_LOCK = 0x6D61696C
""""mail": the advisory lock by which writers take turns on PostgreSQL as they do on SQLite."""

_ENGINE: Mapping[str, Any] = {"pool_size": 10, "max_overflow": 30, "hide_parameters": True}
"""Parameters are hidden because an exception that is logged whole would print the mails that a statement stores."""


def open_ledger(url: str, wait_seconds: float = WAIT_SECONDS) -> Engine:
    """The engine for a `sqlite:///path` or `postgresql://...` address; connects to nothing yet.

    A writer waits `wait_seconds` for its turn before it gives up with a LedgerError.
    Raises LedgerError for any other address.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LedgerError("The database setting is no address such as sqlite:///mailbot.db.") from error
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        return _open_sqlite(parsed, wait_seconds)
    if backend in {"postgresql", "postgres"}:
        return _open_postgres(parsed, wait_seconds)
    raise LedgerError(f"The ledger is kept in SQLite or PostgreSQL, not in {backend}.")


def migrate(engine: Engine) -> None:
    """Brings the tables to this version; does nothing where they are.

    Raises Locked while another process migrates, LedgerError where a newer mailbot wrote the ledger.
    """
    with translated(engine.url):
        if not _is_newest(engine):
            from mailbot.ledger.upgrade import upgrade  # Alembic takes 0.2 s to import

            upgrade(engine)


@contextmanager
def writing(ledger: Engine | Connection) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, rolled back by any exception; one at a time.

    `ledger` may be a connection that is in no transaction.

    SQLite: BEGIN IMMEDIATE, because one that reads first and writes later fails as "locked".
    PostgreSQL: a transaction-level advisory lock, so that what was read is still true at the commit on both.
    Raises LedgerError where the database refuses or cannot be reached.
    """
    with _transaction(ledger, "pg_advisory_xact_lock") as conn:
        yield conn


@contextmanager
def sharing(ledger: Engine | Connection) -> Iterator[Connection]:
    """As `writing`, but on PostgreSQL beside others that share, never beside one that is `writing`.

    What is read may change before the commit, where another that shares may change it: whoever uses this locks the
    rows that it decides on (`clients.lock`), before anything else and in the order of their ids. Two that want each
    other's rows all the same fail with a LedgerError after PostgreSQL's `deadlock_timeout` (a second).
    """
    with _transaction(ledger, "pg_advisory_xact_lock_shared") as conn:
        yield conn


@contextmanager
def _transaction(ledger: Engine | Connection, turn: str) -> Iterator[Connection]:
    with translated(ledger.engine.url), _connected(ledger) as raw:
        conn = raw.execution_options(ledger_writes=True, ledger_turn=turn)
        with conn.begin():
            yield conn


def _connected(ledger: Engine | Connection) -> AbstractContextManager[Connection]:
    return ledger.connect() if isinstance(ledger, Engine) else nullcontext(ledger)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the ledger and is refused any write."""
    with translated(engine.url), engine.connect() as raw:
        conn = raw.execution_options(ledger_writes=False)
        with conn.begin():
            yield conn


def _is_newest(engine: Engine) -> bool:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return False
    with engine.connect() as conn, conn.begin():
        if not inspect(conn).has_table("alembic_version"):
            return False
        return bool(conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == NEWEST)


def _open_sqlite(url: URL, wait_seconds: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise LedgerError("A ledger in memory would forget everything; name a file, such as sqlite:///mailbot.db.")
    path = Path(url.database).absolute()
    engine = create_engine(url, creator=_connect_sqlite(path, wait_seconds), **_ENGINE)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(path: Path, wait_seconds: float) -> Callable[[], sqlite3.Connection]:
    """Opens the file only where it exists (mode=rw): a mistyped path must not start an empty ledger."""

    def connect() -> sqlite3.Connection:
        if not path.exists():
            raise NotInitialised(f"There is no ledger at {path} yet; run `mailbot init`.")
        address = f"file:{quote(str(path))}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=wait_seconds, isolation_level=None, check_same_thread=False)

    return connect


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes without asking the triggers


def _begin_sqlite(conn: Connection) -> None:
    """The driver's own transactions are off (isolation_level None): it begins them late and deferred."""
    writes = conn.get_execution_options().get("ledger_writes", False)
    if conn.info.get("writes") is not writes:
        conn.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        conn.info["writes"] = writes
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgres(url: URL, wait_seconds: float) -> Engine:
    milliseconds = int(wait_seconds * 1000)
    given = url.query.get("options", "")
    settings = (
        f"-c lock_timeout={milliseconds} -c idle_in_transaction_session_timeout={IDLE_SECONDS * 1000} "
        "-c synchronous_commit=on -c timezone=UTC"
    )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "options": f"{given} {settings}".strip(),
            "connect_timeout": 10,
            "application_name": "mailbot",
            "autocommit": True,
        },
        pool_pre_ping=True,
        **_ENGINE,
    )
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _begin_postgres(conn: Connection) -> None:
    """The driver's own transactions are off (autocommit): its BEGIN would be a journey to the server of its own.

    READ COMMITTED is said because a server may be set to another default, in which who waited for his turn would not
    see what was committed meanwhile.
    """
    options = conn.get_execution_options()
    if not options.get("ledger_writes", False):
        conn.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    elif turn := options.get("ledger_turn"):
        # Should the turn not come, SQLAlchemy rolls back what began: it knows of no transaction yet.
        conn.exec_driver_sql(f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT {turn}({WRITER_LOCK})")
    else:
        conn.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED")
