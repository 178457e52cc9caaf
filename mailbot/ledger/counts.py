"""How many of what the whole ledger has, of all businesses together: the figures behind the metrics."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from mailbot.ledger.tables import bank_cover, event, letter, outgoing, question


def outgoing_mails(conn: Connection) -> Mapping[tuple[str, str], int]:
    """(kind, state) -> how many mails of the outbox."""
    asked = select(outgoing.c.kind, outgoing.c.state, func.count()).group_by(outgoing.c.kind, outgoing.c.state)
    return {(kind, state): number for kind, state, number in conn.execute(asked)}


def oldest_due(conn: Connection) -> datetime | None:
    """Since when the mail has been due that has waited longest; None where none waits."""
    waiting = outgoing.c.state.in_(["queued", "claimed"])
    found: datetime | None = conn.scalar(select(func.min(outgoing.c.due_at)).where(waiting))
    return found


def incoming_letters(conn: Connection) -> Mapping[str, int]:
    """Kind of mail -> how many came in; those that are still to be read are "unread"."""
    asked = select(letter.c.kind, letter.c.state, func.count()).where(letter.c.direction == "in")
    found: dict[str, int] = {}
    for kind, state, number in conn.execute(asked.group_by(letter.c.kind, letter.c.state)):
        name = kind or ("unread" if state == "new" else "unreadable")
        found[name] = found.get(name, 0) + number
    return found


def events_named(conn: Connection, beginning: str) -> Mapping[str, int]:
    """Name of the event -> how often, of those whose name begins so."""
    asked = select(event.c.name, func.count()).where(event.c.name.startswith(beginning, autoescape=True))
    return {name: number for name, number in conn.execute(asked.group_by(event.c.name))}  # noqa: C416 (rows, not pairs)


def open_questions(conn: Connection) -> int:
    """Questions that no owner has answered."""
    return conn.scalar(select(func.count()).select_from(question).where(question.c.state == "open")) or 0


def bank_through(conn: Connection) -> Mapping[str, date]:
    """Account -> the last day that its statements cover."""
    asked = select(bank_cover.c.account, func.max(bank_cover.c.last_day)).group_by(bank_cover.c.account)
    return {account: day for account, day in conn.execute(asked)}  # noqa: C416
