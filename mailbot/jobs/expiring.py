"""What an erasure of a client takes on a day, and what stays: how many of each kind, until when, and why.

Nothing here changes anything. The periods are `evidence.retention`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection

from mailbot.evidence.chain import ERASED, ERASURE
from mailbot.evidence.retention import PERIODS, kind_of_event, until
from mailbot.jobs.gathering import Material, gather
from mailbot.jobs.office import Office
from mailbot.ledger import erasures, letters
from mailbot.model import Event

_POSTED = ("letter", "statement")
"""What `notice.prepared` names: the letter for the post, and what is enclosed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays: how many of a kind, until when, and why."""

    kind: str
    count: int
    until: date
    why: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure takes and leaves. `owes`: the client owes something, so that nothing may be erased yet."""

    client: int
    name: str
    owes: bool
    letters: tuple[str, ...]
    events: tuple[str, ...]
    mails: tuple[int, ...]
    documents: tuple[str, ...]
    contacts: int
    kept: tuple[Kept, ...]
    decisions: int = 0
    questions: int = 0
    files: tuple[str, ...] = ()
    """Dossiers that were made, and letters for the post."""
    lines: tuple[str, ...] = ()
    """Bank lines that are this client's alone."""
    consents: tuple[str, ...] = ()
    """Addresses whose yes or no to tracking needs no proof any more."""
    identity: bool = False
    """Name and numbers of the client and what its invoices say of it: no document is kept that is about it."""


def takes_anything(found: Erasure) -> bool:
    """Whether an erasure would change anything."""
    return any((
        found.letters, found.events, found.mails, found.documents, found.contacts, found.decisions, found.questions,
        found.files, found.lines, found.consents, found.identity,
    ))  # fmt: skip


@dataclass(slots=True)
class _Ends:
    """The last day of keeping of each thing that stays, by kind."""

    day: date
    kinds: dict[str, list[date]] = field(default_factory=dict)

    def over(self, kind: str, arose: date) -> bool:
        """Whether a thing may go; one that stays is noted."""
        last = until(kind, arose)
        if last >= self.day:
            self.kinds.setdefault(kind, []).append(last)
        return last < self.day


def plan(conn: Connection, office: Office, client: int, now: datetime) -> Erasure:
    """What erasing the client would do on this day."""
    day = office.day(now)
    material, ends = gather(conn, office, client, None, day, office.business.language), _Ends(day)
    alive = [one for one in material.events if one.name != ERASURE and dict(one.data) != dict(ERASED)]
    events = tuple(one.id for one in alive if ends.over(kind_of_event(one.name), one.day))
    strays = tuple(
        one.info.id
        for one in material.heard
        if one.raw is not None and ends.over("mails" if one.events else "stray_mails", office.day(one.info.received_at))
    )
    rows = erasures.mails_kept(conn, office.key, client)
    mails = tuple(one.id for one in rows if ends.over("mails" if one.left else "unsent_mails", office.day(one.at)))
    documents = tuple(
        one.number for one in material.billed if ends.over("invoices", one.issued) and material.documents[one.number]
    )
    files = tuple(_files(conn, office, material, ends))
    lines = tuple(one for one, booked in erasures.lines_of(conn, office.key, client) if ends.over("payments", booked))
    agreed = erasures.consents_of(conn, office.key, _addresses(material))
    consents = tuple(email for email, at in agreed if ends.over("consents", office.day(at)))
    named = not erasures.is_nameless(conn, office.key, client)
    over = not ends.kinds
    if named and not over:
        ends.kinds["identity"] = [max(each for some in ends.kinds.values() for each in some)]
    for name in sorted({*material.owners, *(one.letter for one in material.billed if one.letter)}):
        info = letters.info(conn, office.key, name)
        if info is not None and info.size:
            ends.over("own_mail", office.day(info.received_at))
    return Erasure(
        client=client,
        name=material.client.name,
        owes=any(one.open_amount > 0 and one.kind == "invoice" for one in material.billed),
        letters=strays,
        events=events,
        mails=mails,
        documents=documents,
        contacts=len(material.client.contacts),
        kept=tuple(_kept(ends)),
        decisions=erasures.decisions_kept(conn, office.key, client),
        questions=erasures.questions_kept(conn, office.key, client),
        files=files,
        lines=lines,
        consents=consents,
        identity=named and over,
    )


def _files(conn: Connection, office: Office, material: Material, ends: _Ends) -> Iterator[str]:
    for event in material.events:
        kind = {"dossier.made": "dossiers", "notice.prepared": "mails"}.get(event.name)
        if kind is None:
            continue
        for letter in {_text(event, key) for key in _POSTED} - {""}:
            if letters.raw(conn, office.key, letter) and ends.over(kind, event.day):
                yield letter


def _addresses(material: Material) -> list[str]:
    """All addresses that were ever written to, or that are on record."""
    told = {_text(one.event, "to") for one in material.sent} | {one.email for one in material.client.contacts}
    return sorted({one.lower() for one in told if one})


def _text(event: Event, key: str) -> str:
    found = event.data.get(key)
    return found if isinstance(found, str) else ""


def _kept(ends: _Ends) -> list[Kept]:
    return [Kept(kind, len(found), max(found), PERIODS[kind].why) for kind, found in sorted(ends.kinds.items())]
