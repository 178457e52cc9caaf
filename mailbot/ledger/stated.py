"""Rows as a check compares them with what sealed events state about them (see `evidence.stated`).

They are read as they are kept: a day or an instant that is none must be found different, and not be refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Text, and_, select, type_coerce

from mailbot.evidence.stated import Row, Rows, amount, label
from mailbot.ledger.seals import instant_text
from mailbot.ledger.tables import client, event, invoice, letter, line, outgoing

_AT_ONCE = 500


def rows(conn: Connection, business: str, wanted: Mapping[str, Sequence[str]]) -> Rows:
    """All invoices and clients, and of mails, arrivals and bank lines those that are `wanted`, by kind."""
    some: dict[str, dict[str, Row]] = {"invoice": invoices(conn, business), "client": clients(conn, business)}
    for kind, read in (("mail", _mails), ("letter", _letters), ("line", lines)):
        some[kind] = {}
        for keys in _batched(wanted.get(kind, ())):
            some[kind] |= read(conn, business, keys)
    return some


def invoices(conn: Connection, business: str, numbers: Sequence[str] | None = None) -> dict[str, Row]:
    """By number; `numbers`: only these, at most a few hundred."""
    plain = [invoice.c[name] for name in ("number", "kind", "currency", "client")]
    raw = [_as_kept(invoice.c[name]) for name in ("issued", "due", "amount")]
    asked = select(*plain, *raw).where(invoice.c.business == business)
    if numbers is not None:
        asked = asked.where(invoice.c.number.in_(list(numbers)))
    return {
        row.number: {
            "kind": row.kind, "issued": str(row.issued), "due": str(row.due), "currency": row.currency,
            "amount": amount(row.amount), "client": str(row.client),
        }
        for row in conn.execute(asked)
    }  # fmt: skip


def clients(conn: Connection, business: str, ids: Sequence[int] | None = None) -> dict[str, Row]:
    """Who owes, by row."""
    asked = select(client.c.id, client.c.name, client.c.siren, client.c.vat).where(client.c.business == business)
    if ids is not None:
        asked = asked.where(client.c.id.in_(list(ids)))
    return {
        str(row.id): {"name": row.name, "siren": row.siren or "", "vat": row.vat or ""} for row in conn.execute(asked)
    }


def lines(conn: Connection, business: str, ids: Sequence[str]) -> dict[str, Row]:
    """Bank lines by id."""
    columns = [line.c[name] for name in ("id", "currency", "name", "memo", "reference")]
    raw = [_as_kept(line.c.booked), _as_kept(line.c.amount)]
    asked = select(*columns, *raw).where(line.c.business == business, line.c.id.in_(list(ids)))
    return {
        row.id: {
            "date": str(row.booked), "amount": amount(row.amount), "currency": row.currency,
            "label": label(row.name, row.memo, row.reference),
        }
        for row in conn.execute(asked)
    }  # fmt: skip


def received(conn: Connection, business: str, id_: str) -> str | None:
    """When a letter arrived."""
    found = _letters(conn, business, [id_]).get(id_)
    return found["received"] if found is not None else None


def invoices_of(conn: Connection, business: str, events: Sequence[str]) -> list[str]:
    """The numbers of the invoices that these events are about."""
    mine = and_(event.c.business == business, event.c.id.in_(list(events)), event.c.invoice.is_not(None))
    return [number for number in conn.scalars(select(event.c.invoice).where(mine).distinct()) if number is not None]


def _mails(conn: Connection, business: str, ids: Sequence[str]) -> dict[str, Row]:
    asked = select(outgoing.c.id, outgoing.c.recipient, outgoing.c.message_id).where(
        outgoing.c.business == business, outgoing.c.id.in_([int(one) for one in ids if one.isdecimal()])
    )
    return {str(row.id): {"to": row.recipient, "message_id": row.message_id} for row in conn.execute(asked)}


def _letters(conn: Connection, business: str, ids: Sequence[str]) -> dict[str, Row]:
    asked = select(letter.c.id, _as_kept(letter.c.received_at)).where(
        letter.c.business == business, letter.c.id.in_(list(ids))
    )
    return {row.id: {"received": instant_text(row.received_at)} for row in conn.execute(asked)}


def _batched(keys: Sequence[str]) -> list[Sequence[str]]:
    """In parts that a database takes in one question."""
    return [keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)]


def _as_kept(column: Column[Any]) -> Any:
    return type_coerce(column, Text).label(column.name)
