"""What this ledger knows of the installation that it belongs to: the fingerprint of its key."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import installation as table

_KEY = "key"


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
