"""Fetched pictures and followed links become events with a class of trust; nothing of who fetched them is kept.

A fetch is only noted in memory, and the web answers at once: the ledger has one writer at a time, and a thousand
scanners must not keep it from those who send. Seconds later the notes are classed and recorded together. What was
noted and not yet recorded when a process dies is lost, which a sighting may be.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from mailbot.errors import SettingsError
from mailbot.jobs.office import Office, happened
from mailbot.ledger import consents, outgoing, web_links
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading, writing
from mailbot.outbox.tracking import BURST, HURRIED, Sighting, classed, in_bursts, may_track, trust_of

MOST_NOTED = 10_000
"""More wait only while the ledger cannot be written; the oldest are forgotten then."""

_EVENTS = {"opened": "mail.opened", "clicked": "mail.clicked"}


class Sightings:
    """What was fetched in the last seconds. Any thread may add."""

    def __init__(self, most: int = MOST_NOTED) -> None:
        self._noted: deque[Sighting] = deque(maxlen=most)
        self._lock = threading.Lock()

    def add(self, seen: Sighting) -> None:
        """Note a fetch; never waits for the ledger."""
        with self._lock:
            self._noted.append(seen)

    def take(self, until: datetime | None = None) -> tuple[Sighting, ...]:
        """Those of mails that were left alone long enough for a burst to be over by `until`; without it all."""
        with self._lock:
            busy = {seen.link for seen in self._noted if until is not None and seen.at > until - BURST}
            taken = tuple(seen for seen in self._noted if seen.link not in busy)
            kept = [seen for seen in self._noted if seen.link in busy]
            self._noted.clear()
            self._noted.extend(kept)
        return taken


def record_sightings(engine: Engine, office_of: Callable[[str], Office], seen: Sequence[Sighting]) -> int:
    """Class what was fetched and record it, once per mail, class and day; returns how many events are new.

    Mails whose contact may not be tracked (any more) leave no trace: consent is that of the fetch, not of the sending.
    `office_of` gives the office of a business by its key. Raises LedgerError; then nothing was recorded.
    """
    hurried = in_bursts(seen)
    with reading(engine) as conn:
        tracked = list(_tracked(conn, office_of, seen))
    if not tracked:
        return 0
    with writing(engine) as conn:
        return sum(
            _record(conn, office, row, seen[at], HURRIED if at in hurried else None) for at, office, row in tracked
        )


def _tracked(
    conn: Connection, office_of: Callable[[str], Office], seen: Sequence[Sighting]
) -> Iterator[tuple[int, Office, Outgoing]]:
    """(place of the sighting, office, mail) of those that may be recorded."""
    for at, one in enumerate(seen):
        link = web_links.find(conn, one.link)
        row = outgoing.find(conn, link.business, link.outgoing) if link else None
        if row is None or row.client is None or row.sent_at is None:
            continue
        try:
            office = office_of(row.business)
        except SettingsError:  # the business has left the settings since the mail left
            continue
        setting = office.business.tracking.opens if one.kind == "opened" else office.business.tracking.clicks
        if may_track(setting, agreed(conn, office, row.recipient, one.at)):
            yield at, office, row


def agreed(conn: Connection, office: Office, email: str, at: datetime | None = None) -> bool | None:
    """What the person behind an address said to being tracked; None: nothing yet.

    `at`: when something was seen. A yes that came later does not count for it, a no does.
    """
    consent = consents.find(conn, office.key, email)
    if consent is None or (consent.given and at is not None and consent.at > at):
        return None
    return consent.given


def _record(conn: Connection, office: Office, row: Outgoing, seen: Sighting, hurried: str | None) -> bool:
    name = hurried or classed(seen, row.sent_at or row.created_at)
    cause = f"{row.id}/{name}/{office.day(seen.at).isoformat()}"
    data = {
        "class": name, "trust": trust_of(name), "outgoing": row.id, "mail": row.template,
        "invoices": list(row.invoices), "to": row.recipient,
    }  # fmt: skip
    return happened(conn, office, _EVENTS[seen.kind], cause, seen.at, client=row.client, data=data)
