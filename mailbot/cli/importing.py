"""A bank file from the command line into the ledger. Heavy: imported inside commands only."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from mailbot.errors import ReaderError
from mailbot.jobs.banking import Imported, take_statement
from mailbot.jobs.office import Office
from mailbot.ledger.store import writing
from mailbot.model import Problem


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
