"""What the ledger knows of one claim, gathered for a dossier: events, mails with their raw bytes, documents, money.

Nothing here decides or changes anything. What belongs to the business's own mail (orders, bank files, forwarded
invoices) is left out: it may concern other clients.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailbot.evidence.others import Others
from mailbot.evidence.parties import Charge, Claim, Creditor, Debtor
from mailbot.invoices.names import LEGAL_FORM
from mailbot.jobs.charging import reckoned
from mailbot.jobs.office import Office
from mailbot.law.amounts import Owed
from mailbot.ledger import bank, clients, events, invoices, letters, outgoing
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.letters import LetterInfo
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import Event, Line

OWN_MAIL = frozenset({"order", "invoice", "bank_feed"})
"""Kinds of letters that the business wrote itself."""

HIDDEN = frozenset({"bank.unmatched", "bank.explained"})
"""Events about money of which it was not clear whose it is: perhaps another client's."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A reminder that left, its bytes (None: gone), and its event."""

    row: Outgoing
    event: Event
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class HeardMail:
    """A mail from the client or about one of ours (a delivery notice), its bytes (None: gone), and its events."""

    info: LetterInfo
    events: tuple[Event, ...]
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Material:
    """Everything about one invoice, or about all invoices of one client."""

    client: Client
    billed: tuple[Invoice, ...]
    whole: bool
    """All of the client, not one invoice."""
    events: tuple[Event, ...]
    sent: tuple[SentMail, ...]
    heard: tuple[HeardMail, ...]
    documents: Mapping[str, tuple[str, bytes] | None]
    """Name and bytes of the file of each invoice."""
    lines: Mapping[str, Line]
    letters: Mapping[str, bytes]
    """The letters that were made for the post, and what was enclosed with them, by their id."""
    owners: Mapping[str, str]
    """Who wrote each mail by which an owner decided something, by its id."""
    others: Others
    charges: tuple[Charge, ...]
    """What the law adds on the day of the file."""
    no_charges: str
    """Why something of it could not be computed; "" where all could."""
    computation: tuple[tuple[str, list[str]], ...]
    """(invoice, line by line)"""
    owed: Mapping[str, Owed]
    """What each late invoice has come to on the day of the file, where it can be said."""

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(invoice.number for invoice in self.billed)


def gather(conn: Connection, office: Office, client: int, number: str | None, on: date, language: str) -> Material:
    """All that is known of a client, or of one of its invoices; what the law adds is computed to the day `on`."""
    known = clients.get(conn, office.key, client)
    billed = tuple(
        one for one in invoices.of_client(conn, office.key, client) if number is None or one.number == number
    )
    numbers = frozenset(one.number for one in billed)
    all_events = [one for one in events.of_client(conn, office.key, client) if one.client is not None]
    mine = tuple(one for one in all_events if number is None or is_about(one, numbers))
    reckoning = reckoned(conn, office, billed, on, language)
    kept = {name: letters.info(conn, office.key, name) for name in _letters_of(all_events)}
    return Material(
        client=known,
        billed=billed,
        whole=number is None,
        events=mine,
        sent=tuple(_sent(conn, office, one) for one in mine if one.name == "mail.sent"),
        heard=tuple(_heard(conn, office, client, all_events, mine, kept)),
        documents={one.number: invoices.document(conn, office.key, one.number) for one in billed},
        lines=_lines(conn, office, mine),
        letters=_prepared(conn, office, mine),
        owners={name: info.sender for name, info in kept.items() if info and info.kind in OWN_MAIL and info.sender},
        others=_others(conn, office, known),
        charges=reckoning.charges,
        no_charges=reckoning.problems,
        computation=reckoning.computation,
        owed=reckoning.owed,
    )


def is_about(event: Event, numbers: frozenset[str]) -> bool:
    """Whether an event of the client concerns one of these invoices; one that names none concerns all."""
    listed = event.data.get("invoices")
    if event.invoice is not None:
        return event.invoice in numbers
    return not isinstance(listed, list) or not listed or any(one in numbers for one in listed)


def creditor_of(office: Office) -> Creditor:
    """The business, as its settings state it."""
    business = office.business
    return Creditor(
        name=business.name, siren=business.siren or "", vat=business.vat or "", email=business.mailbox.mail_address,
        iban=business.iban or "", bic=business.bic or "", signature=business.signature or "",
        address=business.address or "",
    )  # fmt: skip


def debtor_of(client: Client) -> Debtor:
    """The client, as the ledger knows it."""
    return Debtor(client.name, client.siren or "", client.vat or "", tuple(one.email for one in client.contacts))


def claims_of(billed: Sequence[Invoice], owed: Mapping[str, Owed]) -> tuple[Claim, ...]:
    """The invoices as claims; credit notes count below zero, and what was given up is named but not claimed.

    The principal of a late invoice is that of `owed`: what payments settled of its interest first is still open of it.
    """
    return tuple(_claim(one, owed.get(one.number)) for one in billed)


def _claim(one: Invoice, owed: Owed | None) -> Claim:
    if owed is not None:
        return Claim(
            one.number, one.issued, one.due, one.amount, owed.principal, one.currency, owed.to_interest,
            owed.debt.given_up if owed.is_given_up else None,
        )  # fmt: skip
    sign = -1 if one.kind == "credit_note" else 1
    return Claim(one.number, one.issued, one.due, one.amount * sign, one.open_amount * sign, one.currency)


def letter_of(event: Event) -> str | None:
    """The letter that an event names in its data."""
    found = event.data.get("letter")
    return found if isinstance(found, str) else None


def day_of(event: Event, key: str) -> date | None:
    """A day in the data of an event."""
    text = event.data.get(key)
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _letters_of(happened: Sequence[Event]) -> list[str]:
    """Letters that stand in the ids or the data of events: `reply.promise/<letter>/<invoice>`."""
    named = {one for event in happened for one in (letter_of(event), event.id.split("/")[1]) if one}
    return sorted(name for name in named if len(name) == _SHA256)


_SHA256 = 64


def _sent(conn: Connection, office: Office, event: Event) -> SentMail:
    row = outgoing.get(conn, office.key, int(event.id.partition("/")[2]))
    return SentMail(row, event, row.raw or None)


def _heard(
    conn: Connection, office: Office, client: int, everything: Sequence[Event], mine: Sequence[Event],
    kept: Mapping[str, LetterInfo | None],
) -> list[HeardMail]:  # fmt: skip
    """Letters of the client that concern these invoices, or of which no event says what they concern."""
    known = {name: info for name, info in kept.items() if info is not None}
    known |= {info.id: info for info in letters.of_client(conn, office.key, client)}
    found = []
    for name, info in known.items():
        about = tuple(one for one in mine if name in (letter_of(one), one.id.split("/")[1]))
        elsewhere = not about and any(name in (letter_of(one), one.id.split("/")[1]) for one in everything)
        if info.direction == "in" and info.kind not in OWN_MAIL and not elsewhere:
            found.append(HeardMail(info, about, letters.raw(conn, office.key, name) or None))
    return sorted(found, key=lambda one: (one.info.received_at, one.info.id))


def _lines(conn: Connection, office: Office, mine: Sequence[Event]) -> dict[str, Line]:
    named = {line for event in mine if isinstance(line := event.data.get("line"), str)}
    found = {name: bank.line(conn, office.key, name) for name in sorted(named)}
    return {name: line for name, line in found.items() if line is not None}


def _prepared(conn: Connection, office: Office, mine: Sequence[Event]) -> dict[str, bytes]:
    named = {
        letter
        for event in mine
        for key in ("letter", "statement")
        if event.name == "notice.prepared" and isinstance(letter := event.data.get(key), str)
    }
    return {name: letters.raw(conn, office.key, name) for name in sorted(named)}


def _others(conn: Connection, office: Office, client: Client) -> Others:
    """Names, addresses and numbers of all other clients."""
    numbers = invoices.numbers(conn, office.key)
    own = [number for number, whose in numbers.items() if whose == client.id]
    strange = [number for number, whose in numbers.items() if whose != client.id]
    names: list[str] = []
    for one in clients.everyone(conn, office.key):
        (own if one.id == client.id else strange).extend(_identity(one))
        if one.id != client.id:
            called = [term for term in (one.name, one.nickname or "", *one.aliases) if term]
            names += [_FORM_OF_ADDRESS.sub("", LEGAL_FORM.sub("", term).strip()) for term in called]
    return Others.than(own, strange, names)


_FORM_OF_ADDRESS = re.compile(
    r"^(?:soci[ée]t[ée]|st[ée]|[ée]tablissements|[ée]ts|mme?|monsieur|madame)\b\.?\s*", re.IGNORECASE
)
"""What stands before a name and is none."""


def _identity(client: Client) -> list[str]:
    named = [client.name, client.nickname or "", client.siren or "", client.vat or "", *client.aliases]
    return [term for term in (*named, *(one.email for one in client.contacts)) if term]


def at_local(office: Office, instant: datetime) -> str:
    """An instant in the business's zone, as a court reads it: "2026-03-26 09:31:07 CET"."""
    return f"{instant.astimezone(office.business.zone):%Y-%m-%d %H:%M:%S %Z}"
