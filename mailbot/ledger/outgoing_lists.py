"""What stands in the outbox: letters that wait, may have left, or were sent; nothing here changes any."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select

from mailbot.ledger.outgoing import WITH_BYTES, Outgoing, rows
from mailbot.ledger.tables import outgoing as table


def doubtful(conn: Connection, business: str, now: datetime, grace_seconds: float) -> list[Outgoing]:
    """Letters that may have left, whose lease ended more than the grace ago; no held ones.

    The clock starts at the END of the lease: started at its beginning, a slow worker's mail went out twice.
    """
    settled = now - timedelta(seconds=grace_seconds)
    unknown = and_(table.c.state.in_(["transmitting", "in_doubt"]), table.c.held.is_(False))
    return rows(conn, WITH_BYTES.where(table.c.business == business, unknown, table.c.lease_until < settled))


def latest_of(conn: Connection, business: str, template: str) -> Outgoing | None:
    """The mail of this kind that was planned last."""
    asked = WITH_BYTES.where(table.c.business == business, table.c.template == template)
    found = rows(conn, asked.order_by(table.c.id.desc()).limit(1))
    return found[0] if found else None


def has_left(conn: Connection, business: str, template: str) -> bool:
    """Whether any mail of that template was sent."""
    asked = select(table.c.id).where(
        table.c.business == business, table.c.template == template, table.c.state == "sent"
    )
    return conn.execute(asked.limit(1)).first() is not None


def in_doubt(conn: Connection, business: str) -> list[Outgoing]:
    """Letters of which it is not known whether they left, held ones included."""
    return rows(conn, WITH_BYTES.where(table.c.business == business, table.c.state == "in_doubt"))


def unsettled(conn: Connection, business: str, client: int) -> bool:
    """Whether some letter to the client may have left, and nobody knows yet."""
    mine = and_(table.c.business == business, table.c.client == client)
    unknown = table.c.state.in_(["transmitting", "in_doubt"])
    return conn.scalar(select(table.c.id).where(mine, unknown).limit(1)) is not None


def by_dedupe_key(conn: Connection, business: str, dedupe_key: str) -> Outgoing | None:
    """The letter with this dedupe key."""
    asked = WITH_BYTES.where(table.c.business == business, table.c.dedupe_key == dedupe_key)
    found = rows(conn, asked)
    return found[0] if found else None


def queued(conn: Connection, business: str, client: int | None = None) -> list[Outgoing]:
    """Letters that have not been sent and still may be, of one client or of all: queued or claimed."""
    asked = WITH_BYTES.where(table.c.business == business, table.c.state.in_(["queued", "claimed"]))
    return rows(conn, asked if client is None else asked.where(table.c.client == client))


def of_client(conn: Connection, business: str, client: int) -> list[Outgoing]:
    """All letters that were ever planned to a client, oldest first."""
    return rows(conn, WITH_BYTES.where(table.c.business == business, table.c.client == client))


def expired(conn: Connection, business: str, now: datetime) -> list[Outgoing]:
    """Letters that have not been sent in their time."""
    waiting = and_(table.c.state.in_(["queued", "claimed"]), table.c.expires_at <= now)
    return rows(conn, WITH_BYTES.where(table.c.business == business, waiting))


def last_sent(conn: Connection, business: str, before: datetime) -> Outgoing | None:
    """The latest letter that a server took for certain, with a reply of 250, before an instant."""
    taken = and_(table.c.business == business, table.c.state == "sent", table.c.evidence == "250")
    asked = WITH_BYTES.where(taken, table.c.sent_at < before).order_by(table.c.sent_at.desc(), table.c.id.desc())
    found = rows(conn, asked.limit(1))
    return found[0] if found else None


def between(conn: Connection, business: str, start: datetime, end: datetime) -> list[Outgoing]:
    """Letters whose state changed last from `start` on and before `end`."""
    in_time = and_(table.c.changed_at >= start, table.c.changed_at < end)
    return rows(conn, WITH_BYTES.where(table.c.business == business, in_time))


def thread(conn: Connection, business: str, thread: str) -> list[tuple[str, datetime]]:
    """(Message-ID, instant) of what was sent in the thread, oldest first."""
    asked = select(table.c.message_id, table.c.sent_at).where(
        table.c.business == business, table.c.thread == thread, table.c.state == "sent"
    )
    return [(row.message_id, row.sent_at) for row in conn.execute(asked.order_by(table.c.sent_at, table.c.id))]
