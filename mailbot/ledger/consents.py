"""Who agreed that opening, clicking and reading is recorded, and who refused.

By address, not by client: it is the person behind it who agrees. A refusal outlives the contact's removal, or an
address that comes back would be tracked again. How it came about is kept as proof (GDPR, article 7.1).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import consent as table


@dataclass(frozen=True, slots=True)
class Consent:
    """What was said last, by which way ("page", "owner"), with the words that were agreed to or the owner's note."""

    email: str
    given: bool
    by: str
    note: str
    at: datetime


def keep(conn: Connection, business: str, email: str, given: bool, by: str, note: str, now: datetime) -> bool:
    """Records a yes or a no; False where the same had been said already (then nothing changes)."""
    known = find(conn, business, email)
    if known is not None and known.given == given:
        return False
    address = _address(email)
    values = {"given": given, "by": by, "note": note, "at": now}
    key = {"business": business, "email": address}
    if insert_new(conn, table, {**key, **values}, table.c.business, table.c.email) is None:
        mine = (table.c.business == business, table.c.email == address)
        conn.execute(update(table).where(*mine).values(values))
    return True


def find(conn: Connection, business: str, email: str) -> Consent | None:
    """What was last said for this address; None: nothing, which is no consent."""
    columns = (table.c.email, table.c.given, table.c.by, table.c.note, table.c.at)
    asked = select(*columns).where(table.c.business == business, table.c.email == _address(email))
    row = conn.execute(asked).one_or_none()
    return Consent(**row._mapping) if row else None


def _address(email: str) -> str:
    return email.strip().lower()
