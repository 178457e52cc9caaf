"""Erasing what is kept of one client: contents go, their hashes stay in the chain of seals.

Every function returns the sha256 of what it erased, for the event that tells of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from mailbot.evidence.chain import ERASURE
from mailbot.ledger.tables import (
    allocation,
    client,
    consent,
    contact,
    decision,
    event,
    invoice,
    letter,
    line,
    outgoing,
    outgoing_bytes,
    payer_alias,
    question,
    sealed,
)

_ERASED = {"erased": True}
_OF_OWNERS = ("invoice", "bank_feed", "order", "unreadable")
"""Kinds of letters that are documents or orders, or may be."""
_DONE = ("sent", "rejected", "cancelled")
_OF_PAYERS = ("name", "memo", "reference", "payer", "payer_iban", "end_to_end", "creditor_reference")
_OF_NOBODY = (
    "source", "profile", "kind", "number", "issue_date", "due_date", "currency", "total_net", "total_tax",
    "total_gross", "prepaid", "amount_due", "delivery_date",
)  # fmt: skip
"""What an invoice's document says of nobody."""


def silent(conn: Connection, business: str, since: date) -> list[int]:
    """Clients that owe nothing, and of whom nothing but an erasure happened on that day or later."""
    heard = select(event.c.client).where(
        event.c.business == business, event.c.day >= since, event.c.name != ERASURE, event.c.client.is_not(None)
    )
    owing = select(invoice.c.client).where(invoice.c.business == business, invoice.c.open_amount > Decimal(0))
    mine = (client.c.business == business, client.c.id.not_in(heard), client.c.id.not_in(owing))
    return list(conn.scalars(select(client.c.id).where(*mine).order_by(client.c.id)))


def of_nobody(conn: Connection, business: str, before: datetime) -> list[str]:
    """Letters of strangers that came in before and on which no event rests; an owner's mails and documents stay."""
    told = select(event.c.letter).where(event.c.business == business, event.c.letter.is_not(None))
    asked = select(letter.c.id).where(
        letter.c.business == business,
        letter.c.direction == "in",
        letter.c.client.is_(None),
        letter.c.kind.not_in(_OF_OWNERS),
        letter.c.received_at < before,
        letter.c.raw != b"",
        letter.c.id.not_in(told),
    )
    return list(conn.scalars(asked.order_by(letter.c.id)))


def to_owners(conn: Connection, business: str, before: datetime) -> list[int]:
    """Mails to the owners (digests, questions, answers) whose bytes were made before and are still kept."""
    frozen = select(outgoing_bytes.c.outgoing).where(outgoing_bytes.c.outgoing == outgoing.c.id)
    over = outgoing.c.state.in_(("sent", "rejected", "cancelled"))
    mine = (outgoing.c.business == business, outgoing.c.kind == "owner", outgoing.c.date_header < before)
    return list(conn.scalars(select(outgoing.c.id).where(*mine, over, frozen.exists()).order_by(outgoing.c.id)))


def letters(conn: Connection, business: str, ids: Sequence[str]) -> list[str]:
    """The bytes of these letters, and what was read in them."""
    mine = and_(letter.c.business == business, letter.c.id.in_(ids))
    known = list(conn.scalars(select(letter.c.id).where(mine).order_by(letter.c.id)))
    conn.execute(update(letter).where(mine).values(raw=b"", reading=None, sender=None, subject=None))
    return known


def events(conn: Connection, business: str, ids: Sequence[str]) -> list[str]:
    """The words of these sealed events; their name, day and place in the chain stay."""
    mine = and_(event.c.business == business, event.c.id.in_(ids))
    same = and_(sealed.c.business == event.c.business, sealed.c.event == event.c.seq)
    asked = select(event.c.seq, sealed.c.event_sha256).join_from(event, sealed, same).where(mine)
    found = list(conn.execute(asked.order_by(event.c.seq)))
    conn.execute(update(event).where(event.c.seq.in_([row.seq for row in found])).values(data=_ERASED))
    return [row.event_sha256 for row in found]


def mails(conn: Connection, business: str, ids: Sequence[int]) -> None:
    """The bytes of mails that left and what was put into them; the seals know their sha256."""
    mine = and_(outgoing.c.business == business, outgoing.c.id.in_(ids))
    conn.execute(update(outgoing).where(mine).values(context={}, recipient=""))
    of_these = and_(outgoing_bytes.c.business == business, outgoing_bytes.c.outgoing.in_(ids))
    conn.execute(delete(outgoing_bytes).where(of_these))


def documents(conn: Connection, business: str, numbers: Sequence[str]) -> None:
    """The files of these invoices; the seals know their sha256."""
    mine = and_(invoice.c.business == business, invoice.c.number.in_(numbers))
    conn.execute(update(invoice).where(mine).values(document_bytes=None, document_name=None))


def sources(conn: Connection, business: str, ids: Sequence[str]) -> list[str]:
    """What the seals of these events name as their raw sources: "mail:<sha256>" and so on."""
    same = and_(sealed.c.business == event.c.business, sealed.c.event == event.c.seq)
    asked = select(sealed.c.sources).join_from(event, sealed, same)
    asked = asked.where(event.c.business == business, event.c.id.in_(ids)).order_by(event.c.seq)
    return [source for listed in conn.scalars(asked) for source in listed.split()]


def contacts(conn: Connection, business: str, number: int) -> int:
    """Addresses, nickname and learned payers; how many addresses."""
    of_client = and_(contact.c.business == business, contact.c.client == number)
    count = conn.execute(delete(contact).where(of_client)).rowcount
    conn.execute(delete(payer_alias).where(payer_alias.c.business == business, payer_alias.c.client == number))
    mine = and_(client.c.business == business, client.c.id == number)
    conn.execute(update(client).where(mine).values(nickname=None, aliases=[]))
    return count


def questions_kept(conn: Connection, business: str, number: int) -> int:
    """How many questions about the client still have their words."""
    return int(conn.scalar(select(func.count()).where(_asked(business, number))) or 0)


def questions(conn: Connection, business: str, number: int, now: datetime) -> None:
    """The words of all questions about the client; one that is open asks nothing any more."""
    wordless: dict[str, object] = {"text": "", "about": {}, "answer": None, "choices": []}
    mine = _asked(business, number)
    conn.execute(update(question).where(mine, question.c.state == "open").values(state="expired", closed_at=now))
    conn.execute(update(question).where(mine).values(wordless))


def _asked(business: str, number: int) -> ColumnElement[bool]:
    return and_(question.c.business == business, question.c.client == number, question.c.text != "")


def decisions_kept(conn: Connection, business: str, number: int) -> int:
    """How many decisions about the client are kept that no waiting mail rests on."""
    return int(conn.scalar(select(func.count()).where(_decided(business, number))) or 0)


def decisions(conn: Connection, business: str, number: int) -> None:
    """What the rules decided about the client, with the facts and addresses that were weighed."""
    ids = select(decision.c.id).where(_decided(business, number))
    mine = and_(outgoing.c.business == business, outgoing.c.decision.in_(ids))
    conn.execute(update(outgoing).where(mine).values(decision=None))
    conn.execute(delete(decision).where(_decided(business, number)))


def _decided(business: str, number: int) -> ColumnElement[bool]:
    waiting = select(outgoing.c.decision).where(
        outgoing.c.business == business, outgoing.c.client == number, outgoing.c.decision.is_not(None),
        outgoing.c.state.not_in(_DONE),
    )  # fmt: skip
    return and_(decision.c.business == business, decision.c.client == number, decision.c.id.not_in(waiting))


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail to a client whose words are still kept; `left`: a server took it, or refused it."""

    id: int
    left: bool
    at: datetime


def mails_kept(conn: Connection, business: str, number: int) -> list[KeptMail]:
    """Mails to the client that are done with and whose recipient, words or bytes are still there."""
    frozen = select(outgoing_bytes.c.outgoing).where(outgoing_bytes.c.outgoing == outgoing.c.id)
    asked = select(outgoing.c.id, outgoing.c.state, outgoing.c.armed_at, outgoing.c.changed_at).where(
        outgoing.c.business == business, outgoing.c.client == number, outgoing.c.kind == "client",
        outgoing.c.state.in_(_DONE), or_(outgoing.c.recipient != "", frozen.exists()),
    )  # fmt: skip
    return [
        KeptMail(row.id, row.state != "cancelled", row.armed_at or row.changed_at)
        for row in conn.execute(asked.order_by(outgoing.c.id))
    ]


def lines_of(conn: Connection, business: str, number: int) -> list[tuple[str, date]]:
    """Bank lines, with their day, that were given to this client and to nobody else, and still have words."""
    of_all = select(allocation.c.line).where(allocation.c.business == business)
    others = of_all.where(allocation.c.client != number)
    asked = select(line.c.id, line.c.booked).where(
        line.c.business == business, line.c.id.in_(of_all.where(allocation.c.client == number)),
        line.c.id.not_in(others), or_(*(line.c[name] != "" for name in _OF_PAYERS)),
    )  # fmt: skip
    return [(row.id, row.booked) for row in conn.execute(asked.order_by(line.c.id))]


def lines(conn: Connection, business: str, ids: Sequence[str]) -> None:
    """Who paid, and what the bank wrote; day and amount stay, and the bank's file as a whole."""
    mine = and_(line.c.business == business, line.c.id.in_(ids))
    conn.execute(update(line).where(mine).values(dict.fromkeys(_OF_PAYERS, "")))


def consents_of(conn: Connection, business: str, emails: Sequence[str]) -> list[tuple[str, datetime]]:
    """Addresses whose yes or no is kept, and since when."""
    asked = select(consent.c.email, consent.c.at).where(consent.c.business == business, consent.c.email.in_(emails))
    return [(row.email, row.at) for row in conn.execute(asked.order_by(consent.c.email))]


def consents(conn: Connection, business: str, emails: Sequence[str]) -> None:
    """What these addresses agreed to or refused."""
    conn.execute(delete(consent).where(consent.c.business == business, consent.c.email.in_(emails)))


def is_nameless(conn: Connection, business: str, number: int) -> bool:
    """Whether `identity` was erased."""
    mine = and_(client.c.business == business, client.c.id == number)
    return conn.scalar(select(client.c.identity).where(mine)) == _nameless(number)


def identity(conn: Connection, business: str, number: int) -> None:
    """Name and numbers of the client, and what its invoices say beside number, days and amounts."""
    nameless = _nameless(number)
    mine = and_(client.c.business == business, client.c.id == number)
    conn.execute(
        update(client).where(mine).values(identity=nameless, name=nameless, name_key=nameless, vat=None, siren=None)
    )
    billed = and_(invoice.c.business == business, invoice.c.client == number)
    for row in conn.execute(select(invoice.c.id, invoice.c.document).where(billed)).all():
        plain = {name: row.document.get(name) for name in _OF_NOBODY}
        conn.execute(
            update(invoice).where(invoice.c.id == row.id).values(document=plain, document_name=None, reference="")
        )


def _nameless(number: int) -> str:
    return f"(erased) {number}"
