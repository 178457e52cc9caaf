"""Layouts of the business's own invoices that an owner has confirmed, and what was learned of each.

A layout is known by its fingerprint (`InvoiceDocument.layout`), the same for every invoice that one tool made for
one business. What is learned is plain JSON that only the reader of pages understands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import layout as table
from mailbot.model import JSON

MOST = 200
"""So many layouts are used for reading, those of the latest confirmations."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout: what the reader learned of it, by how many invoices, and the last of them."""

    fingerprint: str
    learned: Mapping[str, JSON]
    confirmed: int
    invoice: str | None
    changed_at: datetime


_COLUMNS = [table.c[name] for name in Layout.__slots__]


def find(conn: Connection, business: str, fingerprint: str) -> Layout | None:
    """What is known of a layout."""
    asked = select(*_COLUMNS).where(_is(business, fingerprint))
    row = conn.execute(asked).one_or_none()
    return Layout(**row._mapping) if row else None


def known(conn: Connection, business: str) -> dict[str, Mapping[str, JSON]]:
    """What was learned of each layout, for the reader: fingerprint -> what it gave to be kept."""
    asked = select(table.c.fingerprint, table.c.learned).where(table.c.business == business)
    rows = conn.execute(asked.order_by(table.c.changed_at.desc(), table.c.fingerprint).limit(MOST))
    return {row.fingerprint: cast("Mapping[str, JSON]", row.learned) for row in rows}


def keep(
    conn: Connection, business: str, fingerprint: str, learned: Mapping[str, JSON], invoice: str, now: datetime
) -> None:
    """An owner confirmed an invoice of this layout; the same invoice again counts nothing."""
    values = {"learned": dict(learned), "invoice": invoice, "changed_at": now}
    row = {"business": business, "fingerprint": fingerprint, "confirmed": 1, **values}
    if insert_new(conn, table, row, table.c.business, table.c.fingerprint) is None:
        other = and_(_is(business, fingerprint), table.c.invoice != invoice)
        conn.execute(update(table).where(other).values(confirmed=table.c.confirmed + 1, **values))


def untaught(conn: Connection, business: str) -> list[Layout]:
    """Layouts of which an invoice was confirmed and nothing is learned yet."""
    asked = select(*_COLUMNS).where(table.c.business == business).order_by(table.c.changed_at.desc()).limit(MOST)
    return [one for one in (Layout(**row._mapping) for row in conn.execute(asked)) if not one.learned]


def teach(conn: Connection, business: str, fingerprint: str, learned: Mapping[str, JSON]) -> None:
    """What the reader learned of a layout from its confirmed invoice."""
    conn.execute(update(table).where(_is(business, fingerprint)).values(learned=dict(learned)))


def forget(conn: Connection, business: str, fingerprint: str) -> None:
    """An invoice that was read by what was learned of its layout was wrong: its next one is asked about again."""
    conn.execute(delete(table).where(_is(business, fingerprint)))


def _is(business: str, fingerprint: str) -> ColumnElement[bool]:
    return and_(table.c.business == business, table.c.fingerprint == fingerprint)
