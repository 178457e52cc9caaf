"""The statements that change the outbox's rows and write their log, each built once.

Building one takes ten times as long as running it. What differs between rows that are changed together comes as one
value for all of them (JSON on SQLite, arrays on PostgreSQL): an IN with values is written anew at each execution.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Insert,
    Integer,
    Text,
    UnaryExpression,
    Update,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.operators import custom_op

from mailbot.ledger.columns import Instant, storable
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
ABANDONED = or_(table.c.lease_until <= _NOW, table.c.lease_until > _FAR)
LEFT = and_(table.c.state == "claimed", ABANDONED)
"""Claimed by a worker that is gone."""

_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "claim": or_(WAITING, LEFT),
    "arm": and_(
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

LOG = insert(outgoing_event)
NEWEST_LINES = select(outgoing_event.c.outgoing).order_by(outgoing_event.c.id.desc()).limit(bindparam("most"))

_OWN: Mapping[str, Any] = {
    "id": BigInteger(), "lease_owner": Text(), "smtp_code": Integer(), "smtp_reply": Text(), "detail": Text(),
}  # fmt: skip
"""What may differ from row to row: whose lease it must be (a condition), the server's answer, the log's detail."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A change, the columns that it sets to the same for all rows, and those of `_OWN` that each row brings along."""

    name: str
    columns: tuple[str, ...]
    own: tuple[str, ...] = ()


def instants(now: datetime) -> dict[str, datetime]:
    """The parameters of WAITING and LEFT."""
    return {"at_now": now, "at_far": now + CLOCK_SET_BACK}


def own_values(dialect: Dialect, kind: Kind, rows: Mapping[int, Sequence[Any]]) -> dict[str, Any]:
    """The parameters of the rows to be changed: id -> values of `kind.own`."""
    given = [[number, *(storable(v) if isinstance(v, str) else v for v in own)] for number, own in rows.items()]
    if dialect.name == "sqlite":
        return {"own": json.dumps(given)}
    return {f"own_{name}": [row[place] for row in given] for place, name in enumerate(("id", *kind.own))}


def by_id_alone(parameter: str) -> ColumnElement[bool]:
    """Of that business, for PostgreSQL in a shape that no index answers.

    Before its first ANALYZE a table's only business looks rare to it, and it would read all of its letters.
    """
    return table.c.business.is_not_distinct_from(bindparam(parameter))


def one_of(parameter: str) -> ColumnElement[bool]:
    """One of the letters of which PostgreSQL gets the ids as one array."""
    return table.c.id == any_(bindparam(parameter, type_=ARRAY(BigInteger)))


@cache
def logged_update(kind: Kind) -> Insert:
    """For PostgreSQL: the change and its lines of the log in one journey. Returns the ids of the changed rows."""
    own = _own_of_postgres(("id", *kind.own))
    changed = _update(kind, own, by_id_alone("at_business"), one_of("own_id"))
    made = changed.returning(table.c.id, table.c.attempt, _detail(kind, own).label("detail")).cte("made")
    lines = _lines(made.c.id, made.c.attempt, made.c.detail)
    typed = (cast(value, outgoing_event.c[name].type) for name, value in lines.items())
    return LOG.from_select(list(lines), select(*typed)).returning(outgoing_event.c.outgoing)


@cache
def line_and_update(kind: Kind) -> tuple[Insert, Update]:
    """For SQLite, which has no UPDATE inside a WITH: the lines of the log, then the change under the same conditions.

    They return no rows: asking for each one is one more turn for the interpreter's lock. The plus keeps SQLite from
    reading all that is queued, because it takes a list for longer than an index of states.
    """
    own = _own_of_sqlite(("id", *kind.own))
    business = UnaryExpression(table.c.business, operator=custom_op("+"), type_=table.c.business.type)
    attempt = table.c.attempt + 1 if kind.name == "claim" else table.c.attempt
    lines = _lines(table.c.id, attempt, _detail(kind, own))
    mine = business == bindparam("at_business")
    chosen = select(*lines.values()).where(*_guards(kind, own, mine))
    return LOG.from_select(list(lines), chosen), _update(kind, own, mine)


def _update(kind: Kind, own: FromClause, *mine: ColumnElement[bool]) -> Update:
    sets: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in kind.columns}
    sets |= {"state": bindparam("new_state", type_=Text), "changed_at": _NOW}
    sets |= {name: own.c[name] for name in kind.own if name.startswith("smtp_")}
    if kind.name == "claim":
        sets["attempt"] = table.c.attempt + 1
    return update(table).where(*_guards(kind, own, *mine)).values(sets)


def _guards(kind: Kind, own: FromClause, *mine: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    before = or_(*(table.c.state == state for state in sorted(CHANGES[kind.name][0])))
    guards = [table.c.id == own.c.id, *mine, before]
    if "lease_owner" in kind.own:
        guards.append(table.c.lease_owner == own.c.lease_owner)
    return [*guards, _CONDITIONS[kind.name]] if kind.name in _CONDITIONS else guards


def _detail(kind: Kind, own: FromClause) -> ColumnElement[str]:
    return own.c.detail if "detail" in kind.own else bindparam("log_detail", type_=Text)


def _lines(
    number: ColumnElement[int], attempt: ColumnElement[int], detail: ColumnElement[str]
) -> dict[str, ColumnElement[Any]]:
    return {
        "business": bindparam("at_business"), "outgoing": number, "at": _NOW,
        "change": bindparam("log_change"), "state": bindparam("new_state"), "attempt": attempt, "detail": detail,
    }  # fmt: skip


def _own_of_postgres(names: Sequence[str]) -> FromClause:
    arrays = (bindparam(f"own_{name}", type_=ARRAY(_OWN[name])) for name in names)
    columns = (column(name, _OWN[name]) for name in names)
    return func.unnest(*arrays).table_valued(*columns, name="own").render_derived()


def _own_of_sqlite(names: Sequence[str]) -> FromClause:
    each = func.json_each(bindparam("own", type_=Text)).table_valued("value")
    parts = (
        func.json_extract(each.c.value, literal_column(f"'$[{place}]'"), type_=_OWN[name]).label(name)
        for place, name in enumerate(names)
    )
    return select(*parts).subquery("own")
