"""What the rules decided, and the text of the rules that they decided by."""

import hashlib
import json
from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, select, update

from mailbot.ledger.events import client_number
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import decision as table
from mailbot.ledger.tables import rules_version
from mailbot.model import JSON, Decision


def as_json(decision: Decision) -> dict[str, JSON]:
    """The decision as plain values: days as ISO text, tuples as lists."""
    plain: dict[str, JSON] = _adapter().dump_python(decision, mode="json")
    return plain


def save(conn: Connection, business: str, decision: Decision, now: datetime) -> tuple[int, bool]:
    """Keeps the decision.

    Returns (id, True where it differs from the client's last one; else that one is counted).
    """
    client, body = client_number(decision.client), as_json(decision)
    body_hash = _verdict_hash(body)
    last_row = conn.execute(_newest(business, client)).one_or_none()
    if last_row is not None and last_row.body_hash == body_hash:
        again = update(table).where(table.c.business == business, table.c.id == last_row.id)
        conn.execute(again.values(times=table.c.times + 1, last_at=now))
        return last_row.id, False
    values = {
        "business": business,
        "client": client,
        "day": decision.day,
        "verdict": decision.verdict.value,
        "body": body,
        "body_hash": body_hash,
        "times": 1,
        "first_at": now,
        "last_at": now,
    }
    return conn.execute(table.insert().values(values).returning(table.c.id)).scalar_one(), True


def _verdict_hash(body: dict[str, JSON]) -> str:
    """Of what was decided; the day and the values that were weighed differ every day and decide nothing."""
    decided = {key: value for key, value in body.items() if key not in ("day", "trace", "reason")}
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()


def last(conn: Connection, business: str, client: int) -> dict[str, JSON] | None:
    """The newest decision about the client, as `as_json` gives it."""
    return _body(conn.execute(_newest(business, client)).one_or_none())


def on_day(conn: Connection, business: str, client: int, day: date) -> dict[str, JSON] | None:
    """The newest decision about the client for that day."""
    return _body(conn.execute(_newest(business, client).where(table.c.day == day)).one_or_none())


def in_force(conn: Connection, business: str, client: int, day: date) -> dict[str, JSON] | None:
    """The newest decision about the client that was made on or before the day."""
    return _body(conn.execute(_newest(business, client).where(table.c.day <= day)).one_or_none())


def newest_hash(conn: Connection, business: str) -> str | None:
    """The hash of the rules by which the newest decision was made."""
    asked = select(table.c.body).where(table.c.business == business).order_by(table.c.id.desc()).limit(1)
    body = conn.scalar(asked)
    return str(body["rules_hash"]) if body is not None else None


def history(conn: Connection, business: str, client: int) -> list[dict[str, JSON]]:
    """Every decision about the client that differed from the one before it, oldest first."""
    asked = select(table.c.body).where(table.c.business == business, table.c.client == client)
    return list(conn.scalars(asked.order_by(table.c.id)))


def keep_rules(conn: Connection, business: str, rules_hash: str, text: str, now: datetime) -> bool:
    """Keeps the text of the rules that have this hash, so that an old decision can be explained.

    True where it was not kept before: new rules are in force.
    """
    values = {"business": business, "hash": rules_hash, "text": text, "first_used_at": now}
    return insert_new(conn, rules_version, values, *rules_version.primary_key) is not None


def rules_text(conn: Connection, business: str, rules_hash: str) -> str | None:
    """The text of the rules with this hash."""
    columns = rules_version.c
    return conn.scalar(select(columns.text).where(columns.business == business, columns.hash == rules_hash))


def _newest(business: str, client: int | None) -> Select[tuple[int, str, dict[str, JSON]]]:
    asked = select(table.c.id, table.c.body_hash, table.c.body)
    mine = asked.where(table.c.business == business, table.c.client == client)
    # + 0: else a database walks all decisions backwards until one is this client's, instead of asking the index
    return mine.order_by((table.c.id + 0).desc()).limit(1)


def _body(row: Row[tuple[int, str, dict[str, JSON]]] | None) -> dict[str, JSON] | None:
    return None if row is None else row.body


@cache
def _adapter() -> TypeAdapter[Decision]:
    return TypeAdapter(Decision)
