"""Changes of the outbox's rows, each guarded by `outbox.states.CHANGES`, and the append-only log of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from mailbot.ledger.columns import Instant
from mailbot.ledger.tables import outgoing as table
from mailbot.ledger.tables import outgoing_event
from mailbot.outbox.states import CHANGES

CLOCK_SET_BACK = timedelta(minutes=10)
"""A worker whose lease ends later than that had a clock that was set back since (`limits.lease_seconds` is less).

To take its mail is safe, since it can no longer arm it; one that it armed waits, for nobody knows since when.
"""

_NOW, _FAR = bindparam("at_now", type_=Instant), bindparam("at_far", type_=Instant)
_SAME = table.c.attempt == func.coalesce(bindparam("at_attempt", type_=Integer), table.c.attempt)
WAITING = and_(table.c.state == "queued", table.c.due_at <= _NOW)
LEFT = and_(table.c.state == "claimed", or_(table.c.lease_until <= _NOW, table.c.lease_until > _FAR))
"""Claimed by a worker that is gone."""

_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "claim": or_(WAITING, LEFT),
    "arm": and_(
        tuple_(table.c.id, table.c.lease_owner).in_(bindparam("at_leases", expanding=True)),
        table.c.lease_until > _NOW, table.c.expires_at > _NOW,
        table.c.date_header.is_not(None),  # fixed with the bytes
    ),
    "rejected": _SAME,
    "back_off": _SAME,
    "doubt": _SAME,
    "disarm": _SAME,
    "hold": and_(table.c.lease_until <= _NOW, table.c.held.is_(False)),
    "resend": and_(table.c.lease_until <= _NOW, _SAME),
}  # fmt: skip
"""What must hold besides the state, for changes that ask for more."""

_LOG = insert(outgoing_event)


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
    owner: str | None = None,
    attempt: int | None = None,
    detail: str = "",
) -> bool:
    """Makes one change of state where the row is in a state that allows it, and logs it.

    The test and the change are one UPDATE, so that of two processes one gets False. `owner` and `attempt` are whose
    lease and which attempt it must be, where the change asks for that.
    """
    owners = [owner] if owner is not None else []
    made = change_many(conn, business, [outgoing], name, now, values, owners=owners, attempt=attempt, detail=detail)
    return made == [outgoing]


def change_many(
    conn: Connection,
    business: str,
    letters: Sequence[int],
    name: str,
    now: datetime,
    values: Mapping[str, Any],
    *,
    owners: Sequence[str] = (),
    attempt: int | None = None,
    detail: str | None = "",
) -> list[int]:
    """The same change of several rows by one UPDATE; those of which it was made.

    `owners` are as many as `letters`. `detail` None: whose lease it is.
    """
    after = CHANGES[name][1]
    given = {f"new_{column}": value for column, value in values.items()}
    one = len(letters) == 1
    at = {"at_business": business, "at_ids": letters[0] if one else list(letters)}
    given |= {"at_attempt": attempt, "at_leases": list(zip(letters, owners, strict=False)), "new_state": after}
    given |= at | instants(now)
    if conn.dialect.name == "postgresql":
        said = {"log_detail": detail, "log_change": name}
        return list(conn.scalars(_logged_statement(name, tuple(values), one), given | said))
    changed = conn.execute(_statement(name, tuple(values), one), given)
    made = [
        {"outgoing": number, "attempt": attempt, "detail": holder or "" if detail is None else detail}
        for number, attempt, holder in changed
    ]
    if made:
        line = {"business": business, "change": name, "state": after, "at": now}
        conn.execute(_LOG, [{**line, **one} for one in made])
    return [one["outgoing"] for one in made]


def change_each(
    conn: Connection,
    business: str,
    name: str,
    now: datetime,
    values: Mapping[str, Any],
    own: Mapping[int, Mapping[str, Any]],
    details: Mapping[int, str],
) -> list[int]:
    """The same with some values (the same columns for each) and the log's detail of their own."""
    given = {f"new_{column}": value for column, value in values.items()}
    given |= {"at_business": business, "at_ids": list(own), "at_attempt": None, "new_state": CHANGES[name][1]}
    found = conn.execute(_statement(name, tuple(values), one=False), given | instants(now))
    made = {number: attempt for number, attempt, _ in found}
    if made:
        columns = tuple(next(iter(own.values())))
        mine = [{f"new_{column}": own[number][column] for column in columns} for number in made]
        at = [{"at_business": business, "at_id": number} for number in made]
        conn.execute(_own_values(columns), [one | place for one, place in zip(mine, at, strict=True)])
        line = {"business": business, "change": name, "state": CHANGES[name][1], "at": now}
        log_lines = [{**line, "outgoing": n, "attempt": made[n], "detail": details[n]} for n in made]
        conn.execute(_LOG, log_lines)
    return list(made)


def instants(now: datetime) -> dict[str, datetime]:
    """The parameters of WAITING and LEFT."""
    return {"at_now": now, "at_far": now + CLOCK_SET_BACK}


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
    conn.execute(_LOG, {"business": business, "outgoing": outgoing, **values})


@cache
def _own_values(columns: tuple[str, ...]) -> Update:
    sets: dict[str, Any] = {column: bindparam(f"new_{column}", type_=table.c[column].type) for column in columns}
    return (
        update(table).where(table.c.business == bindparam("at_business"), table.c.id == bindparam("at_id")).values(sets)
    )


@cache
def _logged_statement(name: str, columns: tuple[str, ...], one: bool) -> Insert:
    """The same with its lines of the log in one journey to PostgreSQL (SQLite has no UPDATE inside a WITH)."""
    made = _statement(name, columns, one).cte("made")
    values: dict[str, ColumnElement[Any]] = {
        "business": bindparam("at_business"), "outgoing": made.c.id, "at": _NOW,
        "change": bindparam("log_change"), "state": bindparam("new_state"), "attempt": made.c.attempt,
        "detail": func.coalesce(bindparam("log_detail", type_=Text), made.c.lease_owner, ""),
    }  # fmt: skip
    lines = select(*(cast(value, outgoing_event.c[column].type) for column, value in values.items()))
    return _LOG.from_select(list(values), lines).returning(outgoing_event.c.outgoing)


@cache
def _statement(name: str, columns: tuple[str, ...], one: bool) -> Update:
    """The UPDATE of a change of one row or of several, built once: building it took ten times as long as running it."""
    ids: BindParameter[Any] = bindparam("at_ids", expanding=not one)
    which = table.c.id == ids if one else table.c.id.in_(ids)
    # An IN with values is written anew at each execution, an OR is not.
    before = or_(*(table.c.state == state for state in sorted(CHANGES[name][0])))
    guards = [table.c.business == bindparam("at_business"), which, before]
    if name in _CONDITIONS:
        guards.append(_CONDITIONS[name])
    sets: dict[str, Any] = {column: bindparam(f"new_{column}", type_=table.c[column].type) for column in columns}
    sets |= {"state": bindparam("new_state"), "changed_at": _NOW}
    if name == "claim":
        sets["attempt"] = table.c.attempt + 1
    return update(table).where(*guards).values(sets).returning(table.c.id, table.c.attempt, table.c.lease_owner)
