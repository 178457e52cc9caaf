"""Mails, in and out, kept as raw bytes before anything is parsed; never deleted.

Their id is the sha256 of the bytes.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from mailbot.errors import LedgerError
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import letter as table
from mailbot.ledger.tables import letter_place as place
from mailbot.model import JSON


@dataclass(frozen=True, slots=True)
class LetterInfo:
    """What is known of a letter without its bytes."""

    id: str
    direction: str
    """"in", "out", or "document" for an attachment that waits for the owner."""
    received_at: datetime
    message_id: str
    size: int
    """Bytes."""
    state: str
    """"new", "read" or "unreadable"."""
    attempts: int
    kind: str | None
    reading: JSON
    sender: str | None
    subject: str | None
    client: int | None
    read_at: datetime | None
    why: str | None
    """Why it is unreadable."""


_INFO = [table.c[name] for name in LetterInfo.__slots__]


def keep(
    conn: Connection,
    business: str,
    raw: bytes,
    received_at: datetime,
    *,
    folder: str | None = None,
    uidvalidity: int | None = None,
    uid: int | None = None,
    message_id: str = "",
    direction: str = "in",
) -> tuple[str, bool]:
    """Keeps the bytes, and where the mailbox had them. Returns (id, True where these bytes were not known).

    The same bytes at a second place are one letter, `seen` at both. A letter out needs no reading.
    """
    letter = hashlib.sha256(raw).hexdigest()
    values = {
        "business": business,
        "id": letter,
        "direction": direction,
        "received_at": received_at,
        "message_id": message_id,
        "size": len(raw),
        "raw": raw,
        "state": "new" if direction == "in" else "read",
        "attempts": 0,
    }
    new = insert_new(conn, table, values, table.c.business, table.c.id) is not None
    if folder is not None and uidvalidity is not None and uid is not None:
        where = {"business": business, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
        insert_new(conn, place, where | {"letter": letter}, *place.primary_key)
    return letter, new


def seen(conn: Connection, business: str, folder: str, uidvalidity: int, uid: int) -> bool:
    """Was the mail at this place of the mailbox kept already?"""
    asked = select(place.c.letter).where(
        place.c.business == business,
        place.c.folder == folder,
        place.c.uidvalidity == uidvalidity,
        place.c.uid == uid,
    )
    return conn.scalar(asked) is not None


def raw(conn: Connection, business: str, letter: str) -> bytes:
    """The bytes as they came. Raises LedgerError where this business has no such letter."""
    content = conn.scalar(select(table.c.raw).where(_is(business, letter)))
    if content is None:
        raise LedgerError(f"There is no letter {letter}.")
    return bytes(content)


def latest_heads(conn: Connection, business: str, count: int, length: int) -> list[tuple[str, str, bytes]]:
    """(id, sender, the first `length` bytes) of the letters that were read last, newest first."""
    asked = select(table.c.id, table.c.sender, func.substr(table.c.raw, 1, length).label("head"))
    asked = asked.where(table.c.business == business, table.c.state == "read", table.c.direction == "in")
    found = conn.execute(asked.order_by(table.c.received_at.desc(), table.c.id).limit(count))
    return [(row.id, row.sender or "", bytes(row.head)) for row in found]


def info(conn: Connection, business: str, letter: str) -> LetterInfo | None:
    """What is known of the letter."""
    row = conn.execute(select(*_INFO).where(_is(business, letter))).one_or_none()
    return _info(row) if row else None


def unread(conn: Connection, business: str) -> list[str]:
    """Letters that came in and wait to be read, oldest first."""
    asked = select(table.c.id).where(table.c.business == business, table.c.state == "new")
    return list(conn.scalars(asked.order_by(table.c.received_at, table.c.id)))


def next_unread(conn: Connection, business: str) -> str | None:
    """The oldest letter that waits to be read."""
    asked = select(table.c.id).where(table.c.business == business, table.c.state == "new")
    return conn.scalar(asked.order_by(table.c.received_at, table.c.id).limit(1))


def begin_reading(conn: Connection, business: str, letter: str) -> int:
    """Counts an attempt and returns the count with this one.

    A letter that kills its reader must not do so for ever.
    """
    counted = update(table).where(_is(business, letter)).values(attempts=table.c.attempts + 1)
    attempts = conn.scalar(counted.returning(table.c.attempts))
    if attempts is None:
        raise LedgerError(f"There is no letter {letter}.")
    return int(attempts)


def mark_read(
    conn: Connection,
    business: str,
    letter: str,
    *,
    kind: str,
    reading: JSON,
    sender: str,
    subject: str,
    message_id: str,
    client: int | None = None,
    at: datetime,
) -> None:
    """Keeps what the letter turned out to be; the instant is that of the first reading."""
    values = {
        "kind": kind,
        "reading": reading,
        "sender": sender,
        "subject": subject,
        "message_id": message_id,
        "client": client,
    }
    read_at = func.coalesce(table.c.read_at, at)
    changed = update(table).where(_is(business, letter)).values(**values, state="read", read_at=read_at)
    conn.execute(changed)


def unreadable(conn: Connection, business: str, letter: str, why: str, at: datetime) -> None:
    """Sets the letter aside, whole, with the reason; somebody must look at it."""
    read_at = func.coalesce(table.c.read_at, at)
    conn.execute(update(table).where(_is(business, letter)).values(state="unreadable", why=why, read_at=read_at))


def read_again(conn: Connection, business: str, letter: str) -> None:
    """Something about the letter changed (an owner vouched for it): it waits to be read again."""
    values = {"state": "new", "read_at": None, "attempts": 0, "why": None}
    conn.execute(update(table).where(_is(business, letter), table.c.direction == "in").values(values))


def by_message_id(conn: Connection, business: str, message_id: str) -> LetterInfo | None:
    """The first letter with this Message-ID; a later one may be a forgery."""
    asked = select(*_INFO).where(table.c.business == business, table.c.message_id == message_id)
    row = conn.execute(asked.order_by(table.c.received_at, table.c.id).limit(1)).one_or_none()
    return _info(row) if row and message_id else None


def from_client(
    conn: Connection, business: str, client: int, since: datetime, most: int = 50
) -> list[tuple[str, datetime, bytes]]:
    """(Message-ID, instant, first 64 kB) of the client's latest letters since then, oldest first."""
    mine = and_(table.c.business == business, table.c.direction == "in", table.c.client == client)
    asked = select(table.c.message_id, table.c.received_at, func.substr(table.c.raw, 1, 65536).label("head"))
    asked = asked.where(mine, table.c.received_at >= since).order_by(table.c.received_at.desc(), table.c.id)
    found = [(row.message_id, row.received_at, bytes(row.head)) for row in conn.execute(asked.limit(most))]
    return found[::-1]


def of_client(conn: Connection, business: str, client: int) -> list[LetterInfo]:
    """Letters that came in from the client, oldest first."""
    mine = (table.c.business == business, table.c.direction == "in", table.c.client == client)
    asked = select(*_INFO).where(*mine).order_by(table.c.received_at, table.c.id)
    return [_info(row) for row in conn.execute(asked)]


def received_between(conn: Connection, business: str, start: datetime, end: datetime) -> list[LetterInfo]:
    """Letters that came in from `start` on and before `end`, oldest first."""
    in_time = and_(table.c.received_at >= start, table.c.received_at < end)
    asked = select(*_INFO).where(table.c.business == business, table.c.direction == "in", in_time)
    return [_info(row) for row in conn.execute(asked.order_by(table.c.received_at, table.c.id))]


def without_bytes(conn: Connection, business: str) -> list[str]:
    """Letters whose bytes are gone: erased, which the chain of seals tells of, or lost."""
    empty = and_(table.c.business == business, table.c.size > 0, func.length(table.c.raw) == 0)
    return list(conn.scalars(select(table.c.id).where(empty).order_by(table.c.id)))


def _is(business: str, letter: str) -> ColumnElement[bool]:
    return and_(table.c.business == business, table.c.id == letter)


def _info(row: Row[tuple[object, ...]]) -> LetterInfo:
    return LetterInfo(**row._mapping)
