"""How fast a business writes: mails of the last hour, mails that are put back, and workers that never reported."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select, update

from mailbot.ledger.change_statements import ABANDONED, instants
from mailbot.ledger.tables import outgoing as table
from mailbot.ledger.tables import outgoing_event

HOUR = timedelta(hours=1)


def room(conn: Connection, business: str, now: datetime, most: int, domain: str | None = None) -> int:
    """How many more mails (to that domain) may be claimed now, where `most` may leave within an hour.

    What others have claimed and not armed yet counts as well: it may leave at any moment.
    """
    on_the_way = and_(table.c.state == "claimed", not_(ABANDONED))
    found = 0
    for which in (table.c.armed_at > now - HOUR, on_the_way):  # each follows an index of its own
        recent = select(table.c.id).where(_of(business, domain), which).limit(most)
        found += conn.scalar(select(func.count()).select_from(recent.subquery()), instants(now)) or 0
    return most - found


def free_at(conn: Connection, business: str, now: datetime, most: int, domain: str | None = None) -> datetime:
    """When the next one may leave, where there is no room: an hour after the first of the last `most`."""
    recent = and_(_of(business, domain), table.c.armed_at > now - HOUR)
    asked = select(table.c.armed_at).where(recent).order_by(table.c.armed_at.desc()).offset(most - 1).limit(1)
    first: datetime | None = conn.scalar(asked)
    return now if first is None else first + HOUR


def put_back(conn: Connection, business: str, now: datetime, until: datetime, domain: str | None, why: str) -> int:
    """All mails to clients (of that domain) that are due wait until then; how many there are."""
    waiting = and_(table.c.state == "queued", table.c.due_at <= now, table.c.kind == "client")
    changed = update(table).where(_of(business, domain), waiting).values(due_at=until, why=why)
    return conn.execute(changed).rowcount


def unreported(conn: Connection, business: str, outgoing: int) -> int:
    """How many workers had this mail and never said what became of it: they died, or their machine did."""
    counted = {"claim": 1, "back_off": -1, "doubt": -1}
    mine = and_(outgoing_event.c.business == business, outgoing_event.c.outgoing == outgoing)
    asked = select(outgoing_event.c.change, func.count()).where(mine).group_by(outgoing_event.c.change)
    return sum(counted.get(change, 0) * number for change, number in conn.execute(asked))


def _of(business: str, domain: str | None) -> ColumnElement[bool]:
    mine = table.c.business == business
    return mine if domain is None else and_(mine, table.c.recipient.endswith(f"@{domain}", autoescape=True))
