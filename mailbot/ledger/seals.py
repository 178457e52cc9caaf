"""The chain of seals in the ledger: what is not sealed yet, the head, and everything that a check has to look at."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Text, and_, cast, func, or_, select, type_coerce

from mailbot.evidence.chain import EXPORTED, Seal, canonical_event
from mailbot.ledger.columns import Name
from mailbot.ledger.tables import event, invoice, letter, line, outgoing_bytes, statement
from mailbot.ledger.tables import sealed as table

_AT_ONCE = 500
_COLUMNS: list[ColumnElement[Any]] = [
    type_coerce(event.c.at, Text), event.c.client, cast(event.c.data, Text),
    type_coerce(event.c.day, Text), *(event.c[name] for name in ("id", "invoice", "letter", "line", "name")),
]  # fmt: skip
"""As they are kept: text on SQLite, where a day or an instant that is none must be seen and not refused."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a business."""

    n: int
    link: str
    event: int
    """Its event's `seq`."""
    at: datetime


Places = tuple[tuple[str, str], ...]
"""Where the raw bytes of an event are: pairs of a kind and a key for `hashes`."""


class Sealable(NamedTuple):
    """An event that has no seal yet."""

    seq: int
    text: str
    """As it is sealed (see `canonical_event`)."""
    places: Places
    invoice: str | None
    id: str


class Kept(NamedTuple):
    """A seal as it was kept, with its event as it is today."""

    seal: Seal
    event: int
    """The `seq` of its event."""
    text: str | None
    """The canonical text of the event; None: it is gone, and so is all below."""
    id: str | None
    client: int | None
    places: Places
    """Empty where the seal names no sources."""


def head(conn: Connection, business: str) -> Head | None:
    """The last seal; None before the first."""
    asked = select(table.c.n, table.c.link, table.c.event, table.c.at).where(table.c.business == business)
    row = conn.execute(asked.order_by(table.c.n.desc()).limit(1)).one_or_none()
    return Head(**row._mapping) if row else None


def unsealed(conn: Connection, business: str, limit: int) -> list[Sealable]:
    """The oldest events after the head, in the order in which they were recorded."""
    last = head(conn, business)
    asked = select(event.c.seq, *_COLUMNS).where(
        event.c.business == business, event.c.seq > (last.event if last else 0)
    )
    return [
        Sealable(
            seq, canonical_event(instant_text(at), business, client, data, str(day), *rest), _places(*rest), rest[1],
            rest[0],
        )
        for seq, at, client, data, day, *rest in conn.execute(asked.order_by(event.c.seq).limit(limit))
    ]  # fmt: skip


def keep(conn: Connection, business: str, rows: Sequence[tuple[int, int, str, str, str]], now: datetime) -> None:
    """Adds seals: (n, the event's seq, its sha256, sources, link). Raises LedgerError where one is there already."""
    names = ("n", "event", "event_sha256", "sources", "link")
    if rows:
        conn.execute(
            table.insert(), [{"business": business, "at": now, **dict(zip(names, row, strict=True))} for row in rows]
        )


def last_of_business(conn: Connection, business: str) -> int:
    """Number of the last seal that binds something that happened, and not the making of a file; 0 before the first."""
    same = and_(event.c.business == table.c.business, event.c.seq == table.c.event)
    mine = and_(table.c.business == business, or_(event.c.name.is_(None), event.c.name != EXPORTED))
    asked = select(table.c.n).select_from(table.outerjoin(event, same)).where(mine)
    return int(conn.scalar(asked.order_by(table.c.n.desc()).limit(1)) or 0)


def chain(conn: Connection, business: str, *, after: int = 0, until: int | None = None) -> Iterator[Kept]:
    """Every seal from the first on, or from that after `after` up to `until`, with its event."""
    same = and_(event.c.business == table.c.business, event.c.seq == table.c.event)
    mine = [table.c[name] for name in ("n", "event", "event_sha256", "sources", "link")]
    asked = select(*mine, *_COLUMNS).select_from(table.outerjoin(event, same)).where(table.c.business == business)
    if after:
        asked = asked.where(table.c.n > after)
    if until is not None:
        asked = asked.where(table.c.n <= until)
    for rows in conn.execute(asked.order_by(table.c.n).execution_options(yield_per=_AT_ONCE)).partitions():
        for n, number, sha256, sources, link, at, client, data, day, *rest in rows:
            sealed = Seal(n, sha256, sources, link)
            if at is None:
                yield Kept(sealed, number, None, None, None, ())
            else:
                text = canonical_event(instant_text(at), business, client, data, str(day), *rest)
                yield Kept(sealed, number, text, rest[0], client, _places(*rest) if sources else ())


def recorded(conn: Connection, business: str) -> int:
    """How many events stand up to the last sealed one."""
    last = head(conn, business)
    asked = select(func.count()).where(event.c.business == business, event.c.seq <= (last.event if last else 0))
    return int(conn.scalar(asked) or 0)


def never_sealed(conn: Connection, business: str) -> list[int]:
    """`seq` of events that were recorded before the head's and have no seal: somebody put them there."""
    last = head(conn, business)
    known = select(table.c.event).where(table.c.business == business, table.c.event == event.c.seq)
    asked = select(event.c.seq).where(event.c.business == business, event.c.seq <= (last.event if last else 0))
    return list(conn.scalars(asked.where(~known.exists()).order_by(event.c.seq)))


def waiting(conn: Connection, business: str) -> int:
    """How many events are not sealed yet."""
    last = head(conn, business)
    asked = select(func.count()).where(event.c.business == business, event.c.seq > (last.event if last else 0))
    return int(conn.scalar(asked) or 0)


def contents(
    conn: Connection, business: str, kind: str, keys: Sequence[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """(key, raw bytes) of letters, statements (by their row), mails that left (by row) and documents (by number).

    `keys`: at most a few hundred; None: all. What has no bytes, or had them erased, is left out.
    """
    where, key, raw = _PLACES[kind]
    asked = select(key.label("key"), raw.label("raw")).where(where == business)
    if keys is not None:
        asked = asked.where(key.in_(list(keys) if isinstance(key.type, Name) else [int(each) for each in keys]))
    for row in conn.execute(asked.execution_options(yield_per=10)):
        if row.raw:
            yield str(row.key), bytes(row.raw)


def hashes(conn: Connection, business: str, kind: str, keys: Sequence[str] | None = None) -> dict[str, str]:
    """sha256 of today's bytes, by key (see `contents`)."""
    return {key: hashlib.sha256(raw).hexdigest() for key, raw in contents(conn, business, kind, keys)}


def statements(conn: Connection, business: str, lines: Sequence[str] | None = None) -> dict[str, str]:
    """The statement (key of `contents`) of each of these lines, by the line's id; None: of all."""
    asked = select(line.c.id, line.c.statement).where(line.c.business == business)
    found = conn.execute(asked if lines is None else asked.where(line.c.id.in_(lines)))
    return {row.id: str(row.statement) for row in found}


def pending(conn: Connection, business: str) -> set[str]:
    """Numbers of the invoices about which events are not sealed yet."""
    last = head(conn, business)
    asked = select(event.c.invoice).where(
        event.c.business == business, event.c.seq > (last.event if last else 0), event.c.invoice.is_not(None)
    )
    return {number for number in conn.scalars(asked) if number is not None}


_PLACES: Mapping[str, tuple[Column[Any], Column[Any], Column[Any]]] = {
    "letter": (letter.c.business, letter.c.id, letter.c.raw),
    "statement": (statement.c.business, statement.c.id, statement.c.raw),
    "mail": (outgoing_bytes.c.business, outgoing_bytes.c.outgoing, outgoing_bytes.c.raw),
    "document": (invoice.c.business, invoice.c.number, invoice.c.document_bytes),
}
"""Of each kind: the columns of business, key and bytes."""


def _places(cause: str, invoice: str | None, letter: str | None, line: str | None, name: str) -> Places:
    found = [("letter", letter)] if letter is not None else []
    if line is not None:
        found.append(("statement", line))
    if name == "mail.sent":
        found.append(("mail", cause.partition("/")[2]))
    elif name == "invoice.received" and invoice is not None:
        found.append(("document", invoice))
    return tuple(found)


def instant_text(kept: datetime | str) -> str:
    """ISO 8601 in UTC of what the driver gives; a text in another form than SQLAlchemy's stays as it is."""
    if not isinstance(kept, str):
        return kept.astimezone(UTC).isoformat()
    if len(kept) != _INSTANT or kept[10] != " ":
        return kept
    return f"{kept[:10]}T{kept[11:].removesuffix('.000000')}+00:00"


_INSTANT = len("2026-03-02 08:00:00.000000")
