"""Erasing what is kept of one client: contents go, their hashes stay in the chain of seals.

Every function returns the sha256 of what it erased, for the event that tells of it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, delete, select, update

from mailbot.evidence.chain import ERASURE
from mailbot.ledger.tables import (
    client,
    contact,
    event,
    invoice,
    letter,
    outgoing,
    outgoing_bytes,
    payer_alias,
    question,
    sealed,
)

_ERASED = {"erased": True}
_OF_OWNERS = ("invoice", "bank_feed", "order", "unreadable")
"""Kinds of letters that are documents or orders, or may be."""


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
    """Addresses, nickname, learned payers, and the words of questions about the client; how many addresses."""
    of_client = and_(contact.c.business == business, contact.c.client == number)
    count = conn.execute(delete(contact).where(of_client)).rowcount
    conn.execute(delete(payer_alias).where(payer_alias.c.business == business, payer_alias.c.client == number))
    asked = and_(question.c.business == business, question.c.client == number, question.c.state != "open")
    conn.execute(update(question).where(asked).values(text="", about={}, answer=None))
    mine = and_(client.c.business == business, client.c.id == number)
    conn.execute(update(client).where(mine).values(nickname=None, aliases=[]))
    return count
