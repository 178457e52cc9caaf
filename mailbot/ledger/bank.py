"""Bank statements and their lines. What the lines were given to stands in `allocations`."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, func, select, update

from mailbot.errors import LedgerError
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import bank_cover, statement
from mailbot.ledger.tables import line as table
from mailbot.model import Line

_SAID = tuple(field.name for field in fields(Line) if field.name not in {"date", "pending"})
"""What is kept of a line under its own name; its date is called `booked`, and pending lines are not kept."""
_LINE = [table.c.booked, *(table.c[name] for name in _SAID)]


def keep_statement(
    conn: Connection,
    business: str,
    sha256: str,
    raw: bytes,
    format: str,  # noqa: A002
    letter: str | None,
    now: datetime,
) -> tuple[int, bool]:
    """Keeps a bank file.

    Returns (id, True where it is new); the letter is the mail that brought it, if one did.
    """
    values = {
        "business": business,
        "sha256": sha256,
        "format": format,
        "letter": letter,
        "raw": raw,
        "received_at": now,
    }
    new = insert_new(conn, statement, values, statement.c.business, statement.c.sha256)
    if new is not None:
        return new, True
    known = select(statement.c.id).where(statement.c.business == business, statement.c.sha256 == sha256)
    return conn.execute(known).scalar_one(), False


def add_lines(
    conn: Connection, business: str, statement_id: int, account: str, lines: Iterable[Line]
) -> tuple[list[Line], int]:
    """Keeps the lines that are not known. Returns (those, how many were known)."""
    new: list[Line] = []
    known = 0
    for position, each in enumerate(lines):
        values = {
            **{name: getattr(each, name) for name in _SAID},
            "business": business,
            "statement": statement_id,
            "position": position,
            "account": account,
            "booked": each.date,
            "state": "new",
        }
        if insert_new(conn, table, values, table.c.business, table.c.id) is None:
            known += 1
        else:
            new.append(each)
    return new, known


def cover(conn: Connection, business: str, account: str, first_day: date, last_day: date) -> None:
    """Notes that the account's lines of these days are known, both ends included."""
    values = {"business": business, "account": account, "first_day": first_day, "last_day": last_day}
    insert_new(conn, bank_cover, values, *bank_cover.primary_key)


def covered(conn: Connection, business: str) -> dict[str, date]:
    """The accounts of which days are known, by the names that the files give them, and the last such day of each."""
    newest = func.max(bank_cover.c.last_day)
    asked = select(bank_cover.c.account, newest).where(bank_cover.c.business == business)
    return {str(account): day for account, day in conn.execute(asked.group_by(bank_cover.c.account))}


def through(conn: Connection, business: str) -> date | None:
    """The day up to which every account is known; None where no account is.

    Of several accounts the one that lags counts, because the money may have gone there.
    """
    return min(covered(conn, business).values(), default=None)


def line(conn: Connection, business: str, line_id: str) -> Line | None:
    """The line with this id."""
    row = conn.execute(select(*_LINE).where(table.c.business == business, table.c.id == line_id)).one_or_none()
    return _line(row) if row else None


def lines_in_state(conn: Connection, business: str, state: str) -> list[Line]:
    """Lines that are "new", "matched", "asked" or "ignored", oldest first."""
    asked = select(*_LINE).where(table.c.business == business, table.c.state == state)
    return [_line(row) for row in conn.execute(asked.order_by(table.c.booked, table.c.statement, table.c.position))]


def lines_received(conn: Connection, business: str, state: str, start: datetime, end: datetime) -> list[Line]:
    """Lines in a state whose statement came in from `start` until before `end`, oldest first."""
    mine = (table.c.business == business, table.c.state == state)
    came = select(statement.c.id).where(
        statement.c.business == business, statement.c.received_at >= start, statement.c.received_at < end
    )
    found = select(*_LINE).where(*mine, table.c.statement.in_(came))
    return [_line(row) for row in conn.execute(found.order_by(table.c.booked, table.c.id))]


def lines_between(conn: Connection, business: str, account: str, first: date, last: date) -> list[Line]:
    """The account's lines of these days, both ends included, oldest first."""
    mine = (table.c.business == business, table.c.account == account, table.c.booked.between(first, last))
    found = conn.execute(select(*_LINE).where(*mine).order_by(table.c.booked, table.c.statement, table.c.position))
    return [_line(row) for row in found]


def lines_with_bank_id(conn: Connection, business: str, account: str, bank_id: str) -> list[Line]:
    """The account's lines to which the bank gave this id; banks repeat them."""
    mine = (table.c.business == business, table.c.account == account, table.c.bank_id == bank_id)
    return [_line(row) for row in conn.execute(select(*_LINE).where(*mine).order_by(table.c.booked, table.c.id))]


def lines_called(conn: Connection, business: str, beginning: str) -> list[Line]:
    """The lines whose id begins so, at most two: more than one is no line's name."""
    mine = (table.c.business == business, table.c.id.startswith(beginning, autoescape=True))
    return [_line(row) for row in conn.execute(select(*_LINE).where(*mine).order_by(table.c.id).limit(2))]


def equal_elsewhere(conn: Connection, business: str, line_id: str, days: int) -> list[str]:
    """Lines of the same amount within so many days that stand under another account, booked or asked about.

    Banks name one account differently in each format (OFX: number, CAMT: IBAN, many CSV files: nothing).
    """
    first = conn.execute(
        select(table.c.booked, table.c.amount, table.c.currency, table.c.account).where(
            table.c.business == business, table.c.id == line_id
        )
    ).one_or_none()
    if first is None:
        return []
    asked = select(table.c.id).where(
        table.c.business == business,
        table.c.account != first.account,
        table.c.amount == first.amount,
        table.c.currency == first.currency,
        table.c.booked.between(first.booked - timedelta(days=days), first.booked + timedelta(days=days)),
        table.c.state.in_(("matched", "asked")),
    )
    return list(conn.scalars(asked.order_by(table.c.id)))


def line_state(conn: Connection, business: str, line_id: str) -> str | None:
    """What became of the line."""
    return conn.scalar(select(table.c.state).where(table.c.business == business, table.c.id == line_id))


def set_line_state(conn: Connection, business: str, line_id: str, state: str) -> None:
    """Notes what became of the line: "new", "matched", "asked" or "ignored"."""
    mine = (table.c.business == business, table.c.id == line_id)
    if conn.execute(update(table).where(*mine).values(state=state)).rowcount != 1:
        raise LedgerError(f"There is no bank line {line_id}.")


def _line(row: Row[Sequence[object]]) -> Line:
    values = dict(row._mapping)
    return Line(date=values.pop("booked"), **values)
