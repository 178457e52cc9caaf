"""Changes of the outbox's rows, each guarded by `outbox.states.CHANGES`, and the append-only log of them.

A change of many rows is as many statements as that of one: one on PostgreSQL, two on SQLite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from mailbot.ledger.change_statements import (
    LOG,
    NEWEST_LINES,
    Kind,
    instants,
    line_and_update,
    logged_update,
    own_values,
)
from mailbot.ledger.columns import storable
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
    *,
    attempt: int | None = None,
    detail: str = "",
) -> bool:
    """Makes one change of state where the row is in a state that allows it, and logs it.

    The test and the change are one, so that of two processes one gets False. `attempt` is which attempt it must be,
    where the change asks for that.
    """
    return change_many(conn, business, [outgoing], name, now, values, attempt=attempt, detail=detail) == [outgoing]


def change_many(
    conn: Connection,
    business: str,
    letters: Sequence[int],
    name: str,
    now: datetime,
    values: Mapping[str, Any],
    *,
    attempt: int | None = None,
    detail: str = "",
) -> list[int]:
    """The same change of several rows at once; those of which it was made."""
    given = {"at_attempt": attempt, "log_detail": storable(detail)}
    return _change(conn, business, Kind(name, tuple(values)), dict.fromkeys(letters, ()), values, given, now)


def change_each(
    conn: Connection,
    business: str,
    name: str,
    now: datetime,
    values: Mapping[str, Any],
    columns: tuple[str, ...],
    own: Mapping[int, Sequence[Any]],
) -> list[int]:
    """The same where each row brings its own values of `columns`: "lease_owner" (whose lease it must be),
    "smtp_code" and "smtp_reply", and "detail", which the log says.
    """
    return _change(conn, business, Kind(name, tuple(values), columns), own, values, {}, now)


def _change(
    conn: Connection,
    business: str,
    kind: Kind,
    own: Mapping[int, Sequence[Any]],
    values: Mapping[str, Any],
    given: dict[str, Any],
    now: datetime,
) -> list[int]:
    """The rows of which the change was made, each with its line in the log."""
    given |= {f"new_{column}": value for column, value in values.items()}
    given |= {"at_business": business, "log_change": kind.name, "new_state": CHANGES[kind.name][1]}
    given |= instants(now) | own_values(conn.dialect, kind, own)
    if conn.dialect.name == "postgresql":
        return list(conn.scalars(logged_update(kind), given))
    add_lines, update_rows = line_and_update(kind)
    lines = conn.execute(add_lines, given).rowcount
    if lines:
        conn.execute(update_rows, given)
    if lines == len(own):
        return list(own)
    # SQLite has one writer at a time: these are the lines that were just added.
    return list(conn.scalars(NEWEST_LINES, {"most": lines})) if lines else []


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
    conn.execute(LOG, {"business": business, "outgoing": outgoing, **values})
