"""Names and accounts by which clients pay, as the owner's answers taught them: who taught each, and from which line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import payer_alias as table


@dataclass(frozen=True, slots=True)
class Alias:
    """A payer's name or IBAN that stands for a client."""

    client: int
    kind: Literal["name", "iban"]
    value: str
    line: str
    """The bank line that the owner was asked about."""
    by: str
    """The letter of the owner that said so, or the command that was typed."""
    taught_at: datetime
    forgotten_at: datetime | None


_COLUMNS = [table.c[name] for name in Alias.__slots__]


def teach(
    conn: Connection, business: str, client: int, kind: str, value: str, line: str, by: str, now: datetime
) -> bool:
    """Notes that whoever pays under this name, or from this account, is the client; False where that was known.

    What was forgotten is learned again.
    """
    where = {"business": business, "client": client, "kind": kind, "value": value}
    taught = {"line": line, "by": by, "taught_at": now}
    if insert_new(conn, table, where | taught, *(table.c[name] for name in where)) is not None:
        return True
    same = [table.c[name] == value for name, value in where.items()]
    again = update(table).where(*same, table.c.forgotten_at.is_not(None))
    return conn.execute(again.values(**taught, forgotten_at=None)).rowcount == 1


def forget(conn: Connection, business: str, line: str, now: datetime) -> list[Alias]:
    """Takes back what this line taught, and returns it."""
    mine = (table.c.business == business, table.c.line == line, table.c.forgotten_at.is_(None))
    known = [Alias(**row._mapping) for row in conn.execute(select(*_COLUMNS).where(*mine).order_by(table.c.id))]
    conn.execute(update(table).where(*mine).values(forgotten_at=now))
    return known


def known(conn: Connection, business: str) -> list[Alias]:
    """All that was taught and not forgotten, in the order in which it was learned."""
    mine = (table.c.business == business, table.c.forgotten_at.is_(None))
    return [Alias(**row._mapping) for row in conn.execute(select(*_COLUMNS).where(*mine).order_by(table.c.id))]
