"""Who put each sent mail into the Sent folder: the mail server by itself, mailbot, or nobody."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_, select

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import outgoing
from mailbot.ledger.tables import sent_copy as table

By = Literal["server", "mailbot", "nobody"]


def keep(conn: Connection, business: str, number: int, by: By, now: datetime) -> bool:
    """Note it, once; False where it was noted before."""
    values = {"business": business, "outgoing": number, "by": by, "at": now}
    return insert_new(conn, table, values, table.c.business, table.c.outgoing) is not None


def missing(conn: Connection, business: str, start: datetime, end: datetime, limit: int = 50) -> list[int]:
    """Mails sent from `start` on and before `end` of which nothing is noted yet, oldest first."""
    noted = select(table.c.outgoing).where(table.c.business == business, table.c.outgoing == outgoing.c.id)
    sent = and_(outgoing.c.business == business, outgoing.c.state == "sent")
    recent = outgoing.c.changed_at >= start  # has an index, unlike `sent_at`, which is never later
    in_time = and_(recent, outgoing.c.sent_at >= start, outgoing.c.sent_at < end)
    asked = select(outgoing.c.id).where(sent, in_time, ~noted.exists()).order_by(outgoing.c.sent_at, outgoing.c.id)
    return list(conn.scalars(asked.limit(limit)))


def last(conn: Connection, business: str) -> By | None:
    """Who did it for the mail that was noted last; None before the first."""
    known = and_(table.c.business == business, table.c.by != "nobody")
    asked = select(table.c.by).where(known).order_by(table.c.at.desc(), table.c.outgoing.desc())
    return conn.scalar(asked.limit(1))
