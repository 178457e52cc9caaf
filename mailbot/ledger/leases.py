"""Who may do what only one process may: be the clock, or watch a mailbox.

A lease ends by itself when its holder dies.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Connection, and_, bindparam, delete, or_, select, update

from mailbot.ledger.columns import Instant
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import lease

SKEW = timedelta(minutes=2)
"""By which the clocks of two machines may differ."""

_OWNER: BindParameter[str] = bindparam("at_owner")
_NOW = bindparam("at_now", type_=Instant)
_PROLONG = (
    update(lease)
    .where(
        lease.c.name == bindparam("at_name"),
        or_(lease.c.owner == _OWNER, lease.c.until <= _NOW, lease.c.until > bindparam("at_far", type_=Instant)),
    )
    .values(owner=_OWNER, until=bindparam("new_until", type_=Instant))
)


def take(conn: Connection, name: str, owner: str, now: datetime, seconds: float) -> bool:
    """Takes or prolongs the lease until `now` + `seconds`; False while somebody else holds it.

    One that is to last longer than that was given by a clock that has been set back since, and counts as over.
    """
    until = now + timedelta(seconds=seconds)
    given = {"at_name": name, "at_owner": owner, "at_now": now, "at_far": until + SKEW, "new_until": until}
    if conn.execute(_PROLONG, given).rowcount == 1:
        return True
    return insert_new(conn, lease, {"name": name, "owner": owner, "until": until}, lease.c.name) is not None


def drop(conn: Connection, name: str, owner: str) -> None:
    """Gives the lease back; nothing where it is not `owner`'s."""
    conn.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))


def holder(conn: Connection, name: str, now: datetime) -> str | None:
    """Who holds the lease at this instant."""
    return conn.scalar(select(lease.c.owner).where(lease.c.name == name, lease.c.until > now))


def taken(conn: Connection, names: Sequence[str], owner: str, now: datetime, seconds: float) -> set[str]:
    """Those of which `take` would say at this moment that somebody else holds them."""
    longest = now + timedelta(seconds=seconds) + SKEW
    alive = and_(lease.c.owner != owner, lease.c.until > now, lease.c.until <= longest)
    return set(conn.scalars(select(lease.c.name).where(lease.c.name.in_(names), alive)))


def held(conn: Connection) -> list[tuple[str, str]]:
    """Every lease and its holder, those whose time is over included."""
    return [(row.name, row.owner) for row in conn.execute(select(lease.c.name, lease.c.owner))]
