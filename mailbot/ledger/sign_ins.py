"""The sign-ins of mailboxes: one for each business, sealed with the installation's key (`mailbot.sealing`).

They stand in the ledger and not in a file, so that all processes on all machines share one access token, and a
provider that replaces the refresh token at each use (RFC 6749 section 6) is never shown an old one.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import sign_in as table


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as it stands: sealed, until when its access token lives, and whether the provider refused it since."""

    sealed: str = field(repr=False)
    expires_at: datetime
    changed_at: datetime
    refused_at: datetime | None
    why: str | None


def find(conn: Connection, business: str) -> SignIn | None:
    """The sign-in of the business; None before the first `mailbot login`."""
    columns = [table.c[name] for name in SignIn.__slots__]
    row = conn.execute(select(*columns).where(table.c.business == business)).one_or_none()
    return SignIn(**row._mapping) if row else None


def keep(conn: Connection, business: str, sealed: str, expires_at: datetime, now: datetime) -> None:
    """A new or renewed sign-in in the place of the old one."""
    values = {"sealed": sealed, "expires_at": expires_at, "changed_at": now, "refused_at": None, "why": None}
    if insert_new(conn, table, {"business": business, **values}, table.c.business) is None:
        conn.execute(update(table).where(table.c.business == business).values(values))


def refused(conn: Connection, business: str, sealed: str, why: str, now: datetime) -> bool:
    """The provider refused this sign-in; False where it was told already or is replaced meanwhile."""
    same = and_(table.c.business == business, table.c.sealed == sealed, table.c.refused_at.is_(None))
    return conn.execute(update(table).where(same).values(refused_at=now, why=why)).rowcount == 1


def end(conn: Connection, business: str, sealed: str, now: datetime) -> bool:
    """The access token of this sign-in is worth nothing any more; False where it was replaced meanwhile."""
    same = and_(table.c.business == business, table.c.sealed == sealed, table.c.expires_at > now)
    return conn.execute(update(table).where(same).values(expires_at=now)).rowcount == 1


def forget(conn: Connection, business: str) -> None:
    """The sign-in is gone; nothing where there was none."""
    conn.execute(delete(table).where(table.c.business == business))
