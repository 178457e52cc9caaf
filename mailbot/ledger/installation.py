"""What this ledger knows of the installation that it belongs to: the fingerprint of its key, and since when its clock
has run evenly.
"""

import json
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import installation as table

_KEY, _CLOCK = "key", "even clock"


@dataclass(frozen=True, slots=True)
class EvenClock:
    """A machine's clock that nobody has set since an instant."""

    boot: str
    """Which start of which machine; monotonic seconds mean nothing on another."""
    ahead: float
    """Seconds by which its seconds since 1970 are more than its monotonic ones: the same until it is set."""
    since: float
    """In monotonic seconds."""


def key_fingerprint(conn: Connection) -> str | None:
    """Of the key that this ledger was begun with; None before the first start."""
    return conn.scalar(select(table.c.value).where(table.c.name == _KEY))


def keep_key_fingerprint(conn: Connection, fingerprint: str, now: datetime) -> None:
    """Remember the key, once: the first start of all processes wins."""
    insert_new(conn, table, {"name": _KEY, "value": fingerprint, "at": now}, table.c.name)


def accept_key(conn: Connection, fingerprint: str, now: datetime) -> None:
    """Another key from now on, because a person says so."""
    keep_key_fingerprint(conn, fingerprint, now)
    conn.execute(update(table).where(table.c.name == _KEY).values(value=fingerprint, at=now))


def even_clock(conn: Connection) -> EvenClock | None:
    """What was kept last; None before."""
    kept = conn.scalar(select(table.c.value).where(table.c.name == _CLOCK))
    return None if kept is None else EvenClock(*json.loads(kept))


def keep_even_clock(conn: Connection, clock: EvenClock, now: datetime) -> None:
    """Remember it for whoever is the clock next."""
    values = {"value": json.dumps(astuple(clock)), "at": now}
    if insert_new(conn, table, {"name": _CLOCK, **values}, table.c.name) is None:
        conn.execute(update(table).where(table.c.name == _CLOCK).values(values))
