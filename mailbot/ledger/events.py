"""Things that happened: written once, never changed.

Everything else that mailbot believes follows from them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from mailbot.errors import LedgerError
from mailbot.evidence.chain import EXPORTED, SEALED
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import event as table
from mailbot.model import Event

STATEMENT = "bank.statement"

OF_EVIDENCE = (SEALED, EXPORTED)
"""What is sealed for the evidence's own sake; nothing about any client follows from it."""

_COLUMNS = [table.c[name] for name in ("id", "name", "at", "day", "client", "invoice", "data")]
_WHOLE = and_(table.c.client.is_(None), table.c.name.not_in(OF_EVIDENCE))
"""What happened to the whole business."""


def record(
    conn: Connection, business: str, event: Event, *, letter: str | None = None, line: str | None = None
) -> bool:
    """Records the event and what it came from; False where its id is known already (then nothing changes)."""
    values = {
        "business": business,
        "id": event.id,
        "name": event.name,
        "at": event.at,
        "day": event.day,
        "client": client_number(event.client),
        "invoice": event.invoice,
        "data": dict(event.data),
        "letter": letter,
        "line": line,
    }
    return insert_new(conn, table, values, table.c.business, table.c.id) is not None


def of_client(conn: Connection, business: str, client: int, until: date | None = None) -> list[Event]:
    """What happened to the client or to the whole business, up to and including the day, in order."""
    early = () if until is None else (table.c.day <= until,)
    return _together(conn, business, (table.c.client == client, *early), (_WHOLE, *early))


def for_rules(conn: Connection, business: str, client: int) -> list[Event]:
    """What the rules need to decide about the client: as `of_client`, of the bank statements only the newest.

    There is one a working day for the whole business; the rules ask only how far the newest one reaches.
    """
    found = _together(conn, business, (table.c.client == client,), (_WHOLE, table.c.name != STATEMENT))
    newest = _of(business).where(_WHOLE, table.c.name == STATEMENT).order_by(None)
    newest = newest.order_by(table.c.day.desc(), table.c.at.desc(), table.c.id.desc()).limit(1)
    return sorted([*found, *_events(conn.execute(newest))], key=_order)


def _together(conn: Connection, business: str, *wanted: Sequence[ColumnElement[bool]]) -> list[Event]:
    """Events that fulfil one or the other, in order.

    One question for each: SQLite answers an OR of them by reading every event of the business.
    """
    found = [event for each in wanted for event in _events(conn.execute(_of(business).where(*each)))]
    return sorted(found, key=_order)


def _order(event: Event) -> tuple[date, datetime, str]:
    return (event.day, event.at, event.id)


def of_invoice(conn: Connection, business: str, number: str) -> list[Event]:
    """What happened to one invoice."""
    return _events(conn.execute(_of(business).where(table.c.invoice == number)))


def everything(conn: Connection, business: str) -> list[Event]:
    """All that ever happened to the business and its clients, in order."""
    return _events(conn.execute(_of(business)))


def free_instant(conn: Connection, business: str, at: datetime) -> datetime:
    """`at`, or just after the last event of that moment: events are ordered by their instants."""
    same = and_(table.c.at >= at, table.c.at < at + timedelta(seconds=1))
    last = conn.scalar(select(func.max(table.c.at)).where(table.c.business == business, same))
    return at if last is None else last + timedelta(microseconds=1)


def has(conn: Connection, business: str, name: str) -> bool:
    """Whether an event of this name ever happened to the whole business."""
    whole = (table.c.business == business, table.c.client.is_(None), table.c.name == name)
    return conn.scalar(select(table.c.seq).where(*whole).limit(1)) is not None


def latest(conn: Connection, business: str, names: Iterable[str]) -> Event | None:
    """Of what happened to the whole business under one of these names: what was recorded last."""
    asked = select(*_COLUMNS).where(table.c.business == business, table.c.client.is_(None))
    asked = asked.where(table.c.name.in_(sorted(names)))
    found = _events(conn.execute(asked.order_by(table.c.seq.desc()).limit(1)))
    return found[0] if found else None


def of_all(conn: Connection, business: str, names: Iterable[str]) -> list[Event]:
    """What happened to the whole business under these names, in order."""
    return _events(conn.execute(_of(business).where(table.c.client.is_(None), table.c.name.in_(sorted(names)))))


def by_owner(conn: Connection, business: str, limit: int) -> list[Event]:
    """The owner's latest orders and answers as they took effect, newest first; also the legal steps of the owner."""
    said = or_(
        table.c.name.startswith("owner.", autoescape=True),
        table.c.name == "legal.recorded",
        and_(table.c.name == "reply.insolvency", table.c.id.endswith("/stated", autoescape=True)),
    )
    asked = select(*_COLUMNS).where(table.c.business == business, said)
    return _events(conn.execute(asked.order_by(table.c.seq.desc()).limit(limit)))


def called(conn: Connection, business: str, names: Iterable[str], since: datetime) -> list[Event]:
    """What happened under these names from an instant on, in order."""
    return _events(conn.execute(_of(business).where(table.c.at >= since, table.c.name.in_(sorted(names)))))


def said_by_owner(conn: Connection, business: str) -> list[Event]:
    """What the owner said that clients' replies mean, in order: events `reply.…` with `by: owner`."""
    asked = _of(business).where(table.c.name.startswith("reply.", autoescape=True), table.c.id.endswith("/owner"))
    return [event for event in _events(conn.execute(asked)) if event.data.get("by") == "owner"]


def between(conn: Connection, business: str, start: datetime, end: datetime) -> list[Event]:
    """What happened from `start` on and before `end`."""
    return _events(conn.execute(_of(business).where(table.c.at >= start, table.c.at < end)))


def client_number(client: str | None) -> int | None:
    """The row of a client that the rules know by text. Raises LedgerError where it is no number."""
    if client is None:
        return None
    if not (client.isascii() and client.isdigit()):
        raise LedgerError(f"{client!r} is no client of the ledger.")
    return int(client)


def _of(business: str) -> Select[tuple[object, ...]]:
    return select(*_COLUMNS).where(table.c.business == business).order_by(table.c.day, table.c.at, table.c.id)


def _events(rows: Iterable[Row[tuple[object, ...]]]) -> list[Event]:
    return [
        Event(
            id=row.id,
            name=row.name,
            at=row.at,
            day=row.day,
            client=None if row.client is None else str(row.client),
            invoice=row.invoice,
            data=row.data,
        )
        for row in rows
    ]
