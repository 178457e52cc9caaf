"""The businesses that this installation works for, and the owners who may give orders."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import business as table
from mailbot.ledger.tables import owner


def ensure(conn: Connection, key: str, name: str, now: datetime) -> None:
    """Adds the business, or renames it where the settings do."""
    values = {"key": key, "name": name, "created_at": now}
    if insert_new(conn, table, values, table.c.key) is None:
        conn.execute(table.update().where(table.c.key == key, table.c.name != name).values(name=name))


def owners(conn: Connection, business: str, addresses: Iterable[str]) -> None:
    """Makes these addresses the owners of the business, and no others. Kept in lower case."""
    wanted = {address.strip().lower() for address in addresses}
    conn.execute(delete(owner).where(owner.c.business == business, owner.c.address.not_in(wanted)))
    for address in sorted(wanted):
        insert_new(conn, owner, {"business": business, "address": address}, owner.c.business, owner.c.address)


def owner_addresses(conn: Connection, business: str) -> list[str]:
    """The owners, in the order of the alphabet."""
    asked = select(owner.c.address).where(owner.c.business == business).order_by(owner.c.address)
    return list(conn.scalars(asked))


def everyone(conn: Connection) -> list[str]:
    """The keys of all businesses, in the order of the alphabet."""
    return list(conn.scalars(select(table.c.key).order_by(table.c.key)))
