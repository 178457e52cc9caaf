"""What is kept of a client: given to it as a file, or erased as far as the law allows; the chain stays whole."""

import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from sqlalchemy import Connection

from mailbot.evidence.chain import ERASED, ERASURE
from mailbot.evidence.retention import PERIODS, kind_of_event, until
from mailbot.jobs.chaining import seal_events
from mailbot.jobs.gathering import Material, gather
from mailbot.jobs.office import Office, happened, plain, refresh
from mailbot.ledger import consents, erasures, seals
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON, Event


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


def planned(office: Office, client: int, now: datetime) -> Erasure:
    """What `erase` would do on this day; changes nothing."""
    with reading(office.engine) as conn:
        return _plan(conn, office, client, now)


def erase(office: Office, client: int, now: datetime) -> Erasure:
    """Erases it and records the hashes of what is gone. Nothing happens where the client owes something.

    May run twice: what is gone already is not erased again.
    """
    seal_events(office, now, all_contents=True)
    with writing(office.engine) as conn:
        found = _plan(conn, office, client, now)
        if found.owes or not takes_anything(found):
            return found
        gone = erasures.letters(conn, office.key, found.letters)
        named = erasures.sources(conn, office.key, [*found.events, *_document_events(found)])
        gone += [source.partition(":")[2] for source in named if source.startswith(("mail:", "document:"))]
        gone += seals.hashes(conn, office.key, "document", found.documents).values()
        gone += erasures.events(conn, office.key, found.events)
        erasures.mails(conn, office.key, found.mails)
        erasures.documents(conn, office.key, found.documents)
        erasures.contacts(conn, office.key, client)
        data = {"erased": sorted(set(gone)), "contacts": found.contacts}
        happened(conn, office, ERASURE, f"{client}/{now.isoformat()}", now, client=client, data=data)
        refresh(conn, office, client, now)
    seal_events(office, now)
    return found


def everything_about(office: Office, client: int, now: datetime) -> bytes:
    """A .zip with all that is kept of a client: client.json, its mails as .eml, its invoices (GDPR 15 and 20)."""
    with reading(office.engine) as conn:
        material = gather(conn, office, client, None, office.day(now), office.business.language)
        addresses = [one.email for one in material.client.contacts]
        agreed = [found for one in addresses if (found := consents.find(conn, office.key, one)) is not None]
    record: dict[str, JSON] = {
        "client": plain(material.client),
        "consents": [plain(one) for one in agreed],
        "invoices": [plain(one) for one in material.billed],
        "events": [_told(one) for one in material.events],
        "bank_lines": [plain(one) for one in material.lines.values()],
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("client.json", json.dumps(record, ensure_ascii=False, indent=1))
        for sent in material.sent:
            archive.writestr(f"mails/{sent.row.id:06}-out.eml", sent.raw or b"")
        for heard in material.heard:
            archive.writestr(f"mails/{heard.info.id[:16]}-in.eml", heard.raw or b"")
        for number, document in material.documents.items():
            if document is not None:
                suffix = document[0].rpartition(".")[2].lower()
                archive.writestr(f"invoices/{material.client.id}-{_safe(number)}.{_safe(suffix)}", document[1])
    return made.getvalue()


def _told(event: Event) -> dict[str, JSON]:
    return {
        "id": event.id, "name": event.name, "at": event.at.isoformat(), "invoice": event.invoice,
        "data": dict(event.data),
    }  # fmt: skip


def _plan(conn: Connection, office: Office, client: int, now: datetime) -> Erasure:
    material, day = gather(conn, office, client, None, office.day(now), office.business.language), office.day(now)
    known = [one for one in material.events if one.name != ERASURE and dict(one.data) != dict(ERASED)]
    over = [one for one in known if until(kind_of_event(one.name), one.day) < day]
    stray = [
        one for one in material.heard if one.raw is not None and _goes(office, one.events, one.info.received_at, day)
    ]
    sent = [one for one in material.sent if one.raw is not None and until("mails", one.event.day) < day]
    filed = [one for one in material.billed if material.documents[one.number] and until("invoices", one.issued) < day]
    return Erasure(
        client=client,
        name=material.client.name,
        owes=any(one.open_amount > 0 and one.kind == "invoice" for one in material.billed),
        letters=tuple(one.info.id for one in stray),
        events=tuple(one.id for one in over),
        mails=tuple(one.row.id for one in sent),
        documents=tuple(one.number for one in filed),
        contacts=len(material.client.contacts),
        kept=tuple(_kept(office, material, {one.id for one in over}, {one.info.id for one in stray}, day)),
    )


def _goes(office: Office, about: tuple[Event, ...], received: datetime, day: date) -> bool:
    """A mail of the client that no event of an invoice rests on, or whose time is over."""
    kind = "mails" if about else "stray_mails"
    return until(kind, office.day(received)) < day


def _kept(office: Office, material: Material, over: set[str], stray: set[str], day: date) -> list[Kept]:
    ends: dict[str, list[date]] = {}
    for event in material.events:
        if event.id not in over and dict(event.data) != dict(ERASED):
            kind = kind_of_event(event.name)
            ends.setdefault(kind, []).append(until(kind, event.day))
    for heard in material.heard:
        if heard.info.id not in stray and heard.raw is not None:
            ends.setdefault("mails", []).append(until("mails", office.day(heard.info.received_at)))
    for sent in material.sent:
        if sent.raw is not None:
            ends.setdefault("mails", []).append(until("mails", sent.event.day))
    for invoice in material.billed:
        ends.setdefault("invoices", []).append(until("invoices", invoice.issued))
    counts = Counter({kind: len(found) for kind, found in ends.items()})
    return [
        Kept(kind, counts[kind], max(found), PERIODS[kind].why)
        for kind, found in sorted(ends.items())
        if max(found) >= day
    ]


def _document_events(found: Erasure) -> list[str]:
    return [
        *(f"invoice.received/{number}" for number in found.documents),
        *(f"mail.sent/{row}" for row in found.mails),
    ]


def takes_anything(found: Erasure) -> bool:
    """Whether an erasure would change anything."""
    return bool(found.letters or found.events or found.mails or found.documents or found.contacts)


def _safe(text: str) -> str:
    return "".join(each if each.isalnum() else "-" for each in text)[:60]
