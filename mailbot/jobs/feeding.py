"""Statements that come by themselves: from the watched folder, and from the owner's program on its timetable."""

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

from mailbot import feeds
from mailbot.bank.values import MAX_BYTES
from mailbot.errors import FeedError, ReaderError
from mailbot.jobs.banking import take_statement
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import leases
from mailbot.ledger.store import writing
from mailbot.model import JSON, Problem, Statement
from mailbot.owner.problems import problem_words
from mailbot.values import weekdays

AGAIN = timedelta(hours=1)
"""When a program that failed is tried again."""
_WHILE_IT_RUNS = timedelta(minutes=5)


def feed(office: Office, now: datetime) -> None:
    """Take what the folder holds and what the program prints; both may be done again without harm.

    What cannot be read is kept and asked about. Raises FeedError where a folder cannot be read or emptied.
    """
    _ask_program(office, now)
    folder = office.business.bank.folder
    if folder is None:
        return
    for path in feeds.waiting(folder, datetime.now(UTC)):
        raw = feeds.content(path, MAX_BYTES)
        if raw is None:
            language = office.business.language
            why = problem_words("too_big", f"it has more than {MAX_BYTES // 1024 // 1024} MB.", language)
            _refused(office, path.name, path.name, why, now)
            taken = False
        else:
            taken = take_bytes(office, path.name, raw, now)
        feeds.put_away(path, feeds.DONE if taken else feeds.REFUSED)


def take_bytes(office: Office, name: str, raw: bytes, now: datetime) -> bool:
    """Read a statement and take it in; False where it cannot be read, of which the owner is told once."""
    try:
        read: Statement | Problem = office.sandbox.run("statement", raw, name=name)
    except ReaderError as error:
        read = Problem(error.code, str(error))
    if isinstance(read, Problem):
        why = problem_words(read.code, read.message, office.business.language)
        _refused(office, name, sha256(raw).hexdigest(), why, now)
        return False
    with writing(office.engine) as conn:
        take_statement(conn, office, raw, read, None, now)
    return True


def next_time(office: Office, now: datetime) -> datetime:
    """When the timetable of `bank:` comes round next, after `now`."""
    bank = office.business.bank
    local = now.astimezone(office.business.zone)
    days = weekdays(bank.days)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        at = datetime.combine(day, time.fromisoformat(bank.at), office.business.zone)
        if day.weekday() in days and at > local:
            return at.astimezone(UTC)
    return now + timedelta(days=7)


def _ask_program(office: Office, now: datetime) -> None:
    """Run the program where its time has come. The lease is the timetable: it ends when the next run is due."""
    command = office.business.bank.command
    if not command:
        return
    role, run = f"bank program of {office.key}", now.isoformat()
    with writing(office.engine) as conn:
        if leases.holder(conn, role, now) is not None:
            return
        leases.take(conn, role, run, now, _WHILE_IT_RUNS.total_seconds())
    following = next_time(office, now)
    try:
        printed = feeds.run_program(command, office.business.bank.seconds, MAX_BYTES)
        take_bytes(office, Path(command[0]).name, printed, now)
    except FeedError as error:
        following = min(following, now + AGAIN)
        about: dict[str, JSON] = {"why": str(error)}
        with writing(office.engine) as conn:
            ask(conn, office, "feed_failed", f"feed/{office.day(now).isoformat()}", about, now)
    with writing(office.engine) as conn:
        leases.take(conn, role, run, now, (following - now).total_seconds())


def _refused(office: Office, name: str, key: str, why: str, now: datetime) -> None:
    about: dict[str, JSON] = {"name": name, "why": why, "subject": ""}
    with writing(office.engine) as conn:
        ask(conn, office, "unreadable_statement", f"statement/{key}", about, now)
