"""What databases say when something is wrong, in one sentence of ours each: `translated` is the border."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailbot.errors import LedgerError, MailbotError, NotInitialised

_SQLITE = {
    "SQLITE_BUSY": "Another process has been writing to the ledger {place} for too long; try again.",
    "SQLITE_LOCKED": "Another process has been writing to the ledger {place} for too long; try again.",
    "SQLITE_FULL": "The disk of the ledger {place} is full; free some space.",
    "SQLITE_CORRUPT": "The ledger {place} is damaged; restore it from a backup.",
    "SQLITE_NOTADB": "The file {place} is not a ledger; check the database setting.",
    "SQLITE_READONLY": "The ledger {place} takes no writes here; check the rights of file and folder.",
    "SQLITE_PERM": "The ledger {place} may not be opened; check the rights of the file and its folder.",
    "SQLITE_CANTOPEN": "The ledger {place} cannot be opened; check the rights of the file and its folder.",
    "SQLITE_IOERR": "The disk of the ledger {place} fails or is full.",
    "SQLITE_CONSTRAINT": "The ledger {place} refused an entry that contradicts another one: {detail}.",
}

# SQLSTATE, longest match first: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "53100": "The disk of the database {place} is full; free some space.",
    "53300": "The database {place} has no connection left; raise max_connections.",
    "55P03": "Another process has been writing to the database {place} for too long; try again.",
    "40": "Two processes got in each other's way in the database {place}; try again.",
    "28": "The database {place} refused the user or the password.",
    "3D": "The database {place} does not exist; create it with createdb.",
    "42501": "The user may not do this in the database {place}; grant it the rights of the owner.",
    "57": "The database {place} is shutting down or starting; try again.",
    "25P03": "The database {place} ended a transaction that had stood still for too long; try again.",
    "25006": "The database {place} takes no writes (a standby, or a connection meant for reading).",
    "23": "The database {place} refused an entry that contradicts another one: {detail}.",
    "08": "The database {place} cannot be reached.",
}


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turns every exception of SQLAlchemy and its drivers into a LedgerError or NotInitialised."""
    try:
        yield
    except SQLAlchemyError as error:
        raise fault(error, url) from error
    except sqlite3.Error as error:
        raise _sentence(error, url) from error


def fault(error: SQLAlchemyError, url: URL) -> MailbotError:
    """The sentence for one exception. Passwords and the contents of rows are never part of it."""
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        return _sentence(error.orig, url)
    return LedgerError(f"The ledger {_place(url)} refused a value: {str(error).splitlines()[0]}")


def _sentence(error: Exception, url: URL) -> MailbotError:
    if _is_empty(error):
        return NotInitialised(f"There is no ledger in {_place(url)} yet; run `mailbot init`.")
    text = _of_sqlite(error) if isinstance(error, sqlite3.Error) else _of_postgres(error)
    return LedgerError(text.format(place=_place(url), detail=_detail(error)))


def _is_empty(error: Exception) -> bool:
    return getattr(error, "sqlstate", None) == "42P01" or str(error).startswith("no such table")


def _of_sqlite(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    known = (text for code, text in _SQLITE.items() if name.startswith(code))
    return next(known, "The ledger {place} refused: {detail}.")


def _of_postgres(error: Exception) -> str:
    state = getattr(error, "sqlstate", None)
    if state is None:
        return "The database {place} cannot be reached: {detail}."
    known = (text for code, text in _POSTGRES.items() if state.startswith(code))
    return next(known, "The database {place} refused: {detail}.")


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)  # its query may hold a password too


def _detail(error: Exception) -> str:
    """The first line only: what follows on PostgreSQL (DETAIL) holds the values of the row."""
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
