"""Who put each sent mail into the Sent folder: the mail server by itself, mailbot, or nobody so far."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import outgoing
from mailbot.ledger.tables import sent_copy as table

By = Literal["server", "mailbot", "nobody"]


def keep(conn: Connection, business: str, number: int, by: By, now: datetime) -> bool:
    """Note it, once; False where it was noted before."""
    values = {"business": business, "outgoing": number, "by": by, "at": now}
    return insert_new(conn, table, values, table.c.business, table.c.outgoing) is not None


def filed(conn: Connection, business: str, number: int, now: datetime) -> None:
    """The copy that nobody had filed is there now, by mailbot."""
    mine = and_(table.c.business == business, table.c.outgoing == number, table.c.by == "nobody")
    conn.execute(update(table).where(mine).values(by="mailbot", at=now))


def missing(conn: Connection, business: str, start: datetime, end: datetime, limit: int = 50) -> list[int]:
    """Mails sent from `start` on and before `end` that have no copy as far as is known, oldest first."""
    same = and_(table.c.business == business, table.c.outgoing == outgoing.c.id)
    noted = select(table.c.outgoing).where(same, table.c.by != "nobody")
    sent = and_(outgoing.c.business == business, outgoing.c.state == "sent")
    recent = outgoing.c.changed_at >= start  # has an index, unlike `sent_at`, which is never later
    in_time = and_(recent, outgoing.c.sent_at >= start, outgoing.c.sent_at < end)
    asked = select(outgoing.c.id).where(sent, in_time, ~noted.exists()).order_by(outgoing.c.sent_at, outgoing.c.id)
    return list(conn.scalars(asked.limit(limit)))


def last(conn: Connection, business: str) -> By | None:
    """Who did it for the mail that was noted last; None before the first."""
    asked = select(table.c.by).where(table.c.business == business)
    return conn.scalar(asked.order_by(table.c.at.desc(), table.c.outgoing.desc()).limit(1))
