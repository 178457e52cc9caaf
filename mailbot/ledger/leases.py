"""Who may do what only one process may: be the clock, or watch a mailbox.

A lease ends by itself when its holder dies.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import lease


def take(conn: Connection, name: str, owner: str, now: datetime, seconds: float) -> bool:
    """Takes or prolongs the lease until `now` + `seconds`; False while somebody else holds it."""
    values = {"name": name, "owner": owner, "until": now + timedelta(seconds=seconds)}
    if insert_new(conn, lease, values, lease.c.name) is not None:
        return True
    mine_or_over = or_(lease.c.owner == owner, lease.c.until <= now)
    taken = conn.execute(update(lease).where(lease.c.name == name, mine_or_over).values(values))
    return taken.rowcount == 1


def drop(conn: Connection, name: str, owner: str) -> None:
    """Gives the lease back; nothing where it is not `owner`'s."""
    conn.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))


def holder(conn: Connection, name: str, now: datetime) -> str | None:
    """Who holds the lease at this instant."""
    return conn.scalar(select(lease.c.owner).where(lease.c.name == name, lease.c.until > now))


def held(conn: Connection) -> list[tuple[str, str]]:
    """Every lease and its holder, those whose time is over included."""
    return [(row.name, row.owner) for row in conn.execute(select(lease.c.name, lease.c.owner))]
