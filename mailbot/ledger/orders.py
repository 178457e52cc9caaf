"""The owner's orders as they were carried out: a letter read twice acts once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import owner_order as table
from mailbot.model import Order


@dataclass(frozen=True, slots=True)
class DoneOrder:
    """An order, its place in the letter, and what came of it."""

    position: int
    verb: str
    target: str | None
    fields: Mapping[str, str]
    line: str
    result: str
    at: datetime


def keep(conn: Connection, business: str, letter: str, position: int, order: Order, result: str, now: datetime) -> bool:
    """Keeps the order with its result; False where that line of the letter was carried out before."""
    values = {
        "business": business,
        "letter": letter,
        "position": position,
        "verb": order.verb,
        "target": order.target,
        "fields": dict(order.fields),
        "line": order.line,
        "result": result,
        "at": now,
    }
    return insert_new(conn, table, values, *table.primary_key) is not None


def done(conn: Connection, business: str, letter: str) -> list[DoneOrder]:
    """The orders of the letter that were carried out, in its order."""
    columns = [table.c[name] for name in DoneOrder.__slots__]
    asked = select(*columns).where(table.c.business == business, table.c.letter == letter)
    return [DoneOrder(**row._mapping) for row in conn.execute(asked.order_by(table.c.position))]
