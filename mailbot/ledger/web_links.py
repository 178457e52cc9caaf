"""The random names by which web addresses mean a mail: nothing can be counted or guessed from an address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import web_link as table


@dataclass(frozen=True, slots=True)
class WebLink:
    """Which mail a name means, and since when."""

    business: str
    outgoing: int
    made_at: datetime


def keep(conn: Connection, business: str, outgoing: int, name: str, now: datetime) -> None:
    """Gives the mail its name, once; a mail that has one keeps it."""
    values = {"id": name, "business": business, "outgoing": outgoing, "made_at": now}
    insert_new(conn, table, values, table.c.business, table.c.outgoing)


def find(conn: Connection, name: str) -> WebLink | None:
    """The mail of that name, of whichever business; the name itself is what entitles to it."""
    columns = (table.c.business, table.c.outgoing, table.c.made_at)
    row = conn.execute(select(*columns).where(table.c.id == name)).one_or_none()
    return WebLink(row.business, row.outgoing, row.made_at) if row else None
