"""What nobody has to keep any more goes by itself: of silent clients, strangers' mails, old mails to the owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mailbot.evidence.chain import ERASURE
from mailbot.evidence.retention import SILENT_YEARS, first_kept
from mailbot.jobs import erasing
from mailbot.jobs.chaining import seal_events
from mailbot.jobs.expiring import Erasure, takes_anything
from mailbot.jobs.office import Office, happened
from mailbot.ledger import erasures, job_runs, seals
from mailbot.ledger.store import reading, writing

EVERY = timedelta(days=7)
"""How often the clock looks; nothing here is urgent."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Clients of whom something may go, each with what goes and what stays, the letters of nobody, mails to owners."""

    clients: tuple[Erasure, ...]
    letters: tuple[str, ...]
    owner_mails: tuple[int, ...] = ()


def expired(office: Office, now: datetime) -> Expired:
    """What `retire` would erase on this day; changes nothing."""
    since = _since(office.day(now))
    with reading(office.engine) as conn:
        silent = erasures.silent(conn, office.key, since)
        letters = erasures.of_nobody(conn, office.key, _instant(office, since))
        told = erasures.to_owners(conn, office.key, _instant(office, first_kept("owner_mails", office.day(now))))
    found = (erasing.planned(office, client, now) for client in silent)
    return Expired(tuple(one for one in found if takes_anything(one)), tuple(letters), tuple(told))


def retire(office: Office, now: datetime) -> Expired:
    """Erases it, as `mailbot erase` does for one client: what the law makes the business keep stays."""
    found = expired(office, now)
    for one in found.clients:
        erasing.erase(office, one.client, now)
    if found.letters or found.owner_mails:
        _forget(office, found, now)
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


def _forget(office: Office, found: Expired, now: datetime) -> None:
    seal_events(office, now, all_contents=True)
    with writing(office.engine) as conn:
        gone = set(erasures.letters(conn, office.key, found.letters))
        for some in _batched(found.owner_mails):
            gone |= set(seals.hashes(conn, office.key, "mail", [str(one) for one in some]).values())
            erasures.mails(conn, office.key, some)
        data = {"erased": sorted(gone), "contacts": 0}
        happened(conn, office, ERASURE, f"strangers/{now.isoformat()}", now, data=data)
    seal_events(office, now)


def _batched(ids: Sequence[int], size: int = 300) -> list[Sequence[int]]:
    """In parts that a database takes in one question."""
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def _since(day: date) -> date:
    """The same day so many years before; 29 February is 1 March where there is none."""
    try:
        return day.replace(year=day.year - SILENT_YEARS)
    except ValueError:
        return date(day.year - SILENT_YEARS, 3, 1)


def _instant(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(), office.business.zone)
