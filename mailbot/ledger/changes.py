"""Changes of the outbox's rows, each guarded by `outbox.states.CHANGES`, and the append-only log of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from mailbot.ledger.tables import outgoing as table
from mailbot.ledger.tables import outgoing_event
from mailbot.outbox.states import CHANGES


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log: what was done to an outgoing letter, and the state that it led to."""

    at: datetime
    change: str
    state: str
    attempt: int
    detail: str


def history(conn: Connection, business: str, outgoing: int) -> list[Change]:
    """All that was done to the letter."""
    columns = [outgoing_event.c[name] for name in Change.__slots__]
    mine = (outgoing_event.c.business == business, outgoing_event.c.outgoing == outgoing)
    asked = select(*columns).where(*mine).order_by(outgoing_event.c.id)
    return [Change(**row._mapping) for row in conn.execute(asked)]


def change(
    conn: Connection,
    business: str,
    outgoing: int,
    name: str,
    now: datetime,
    values: Mapping[str, Any],
    *where: ColumnElement[bool],
    detail: str = "",
) -> bool:
    """Makes one change of state where the row is in a state that allows it and `where` holds, and logs it.

    The test and the change are one UPDATE, so that of two processes one gets False.
    """
    before, after = CHANGES[name]
    guarded = update(table).where(
        table.c.business == business, table.c.id == outgoing, table.c.state.in_(sorted(before)), *where
    )
    changed = guarded.values({**values, "state": after, "changed_at": now}).returning(table.c.attempt)
    attempt = conn.execute(changed).scalar_one_or_none()
    if attempt is None:
        return False
    log(conn, business, outgoing, name, after, attempt, detail, now)
    return True


def log(
    conn: Connection,
    business: str,
    outgoing: int,
    change: str,
    state: str,
    attempt: int,
    detail: str,
    at: datetime,
) -> None:
    """Adds a line to the log of the letter."""
    values = {"change": change, "state": state, "attempt": attempt, "detail": detail, "at": at}
    conn.execute(outgoing_event.insert().values(business=business, outgoing=outgoing, **values))
