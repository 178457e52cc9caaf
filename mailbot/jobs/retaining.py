"""What nobody has to keep any more goes by itself: of clients long silent, and of strangers' mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mailbot.evidence.chain import ERASURE
from mailbot.evidence.retention import SILENT_YEARS
from mailbot.jobs import erasing
from mailbot.jobs.chaining import seal_events
from mailbot.jobs.erasing import Erasure, takes_anything
from mailbot.jobs.office import Office, happened
from mailbot.ledger import erasures, job_runs
from mailbot.ledger.store import reading, writing

EVERY = timedelta(days=7)
"""How often the clock looks; nothing here is urgent."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Clients of whom something may go, each with what goes and what stays, and the letters of nobody."""

    clients: tuple[Erasure, ...]
    letters: tuple[str, ...]


def expired(office: Office, now: datetime) -> Expired:
    """What `retire` would erase on this day; changes nothing."""
    since = _since(office.day(now))
    with reading(office.engine) as conn:
        silent = erasures.silent(conn, office.key, since)
        letters = erasures.of_nobody(conn, office.key, _instant(office, since))
    found = (erasing.planned(office, client, now) for client in silent)
    return Expired(tuple(one for one in found if takes_anything(one)), tuple(letters))


def retire(office: Office, now: datetime) -> Expired:
    """Erases it, as `mailbot erase` does for one client: what the law makes the business keep stays."""
    found = expired(office, now)
    for one in found.clients:
        erasing.erase(office, one.client, now)
    if found.letters:
        _forget(office, found.letters, now)
    return found


def retire_weekly(office: Office, now: datetime) -> None:
    """The clock's part: `retire`, once a week.

    After a longer gap it only notes that it looked: a machine whose clock has jumped years ahead must erase nothing.
    """
    name = f"retention/{office.key}"
    with reading(office.engine) as conn:
        last = next((run.at for run in job_runs.everything(conn) if run.name == name), None)
    if last is not None and now - last < EVERY:
        return
    if last is not None and now - last < 2 * EVERY:
        retire(office, now)
    with writing(office.engine) as conn:
        job_runs.done(conn, name, now, 0.0)


def _forget(office: Office, letters: Sequence[str], now: datetime) -> None:
    seal_events(office, now, all_contents=True)
    with writing(office.engine) as conn:
        gone = erasures.letters(conn, office.key, letters)
        data = {"erased": sorted(gone), "contacts": 0}
        happened(conn, office, ERASURE, f"strangers/{now.isoformat()}", now, data=data)
    seal_events(office, now)


def _since(day: date) -> date:
    """The same day so many years before; 29 February is 1 March where there is none."""
    try:
        return day.replace(year=day.year - SILENT_YEARS)
    except ValueError:
        return date(day.year - SILENT_YEARS, 3, 1)


def _instant(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(), office.business.zone)
