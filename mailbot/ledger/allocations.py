"""What bank lines were given to: a log. Nothing in it is changed; taking an allocation back is a row of its own.

An allocation stands while no other row takes it back. The rows of a line never use more than the line has.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, select

from mailbot.errors import LedgerError
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import allocation as table
from mailbot.ledger.tables import invoice as invoice_table
from mailbot.ledger.tables import line as line_table

Kind = Literal["paid", "waived", "credit"]
"""`paid`: money for an invoice. `waived`: what its payer may keep (no money). `credit`: money kept for the client."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """An amount of a line for an invoice or a client. Below zero where it takes another row back."""

    id: int
    line: str
    client: int
    invoice: str | None
    """None: the money is the client's and belongs to no invoice yet."""
    kind: Kind
    amount: Decimal
    """In the invoice's currency."""
    used: Decimal
    """How much of the line that takes, in the line's currency."""
    how: Literal["auto", "owner"]
    """By the matcher or by the owner."""
    why: str
    """"" · rounding · discount · fees · credit_note · overpaid · undo · reversal · refund · penalties · set_off"""
    takes_back: int | None
    at: datetime


_COLUMNS = [table.c[name] for name in Allocation.__slots__]


def allocate(
    conn: Connection,
    business: str,
    line: str,
    invoice: str,
    amount: Decimal,
    how: str,
    now: datetime,
    *,
    kind: Kind = "paid",
    why: str = "",
    used: Decimal | None = None,
) -> int | None:
    """Gives an amount of the line to the invoice and returns the row; None where that stands already.

    `used` says how much of the line it takes where that is another amount (foreign currency, nothing for `waived`).
    Raises LedgerError for an unknown line or invoice, and where the line would give away more than it has.
    """
    _lock(conn, business, line)
    asked = select(invoice_table.c.client).where(
        invoice_table.c.business == business, invoice_table.c.number == invoice
    )
    client = conn.scalar(asked)
    if client is None:
        raise LedgerError(f"There is no invoice {invoice}.")
    if any((one.invoice, one.kind) == (invoice, kind) for one in standing(conn, business, line)):
        return None
    takes = (Decimal(0) if kind == "waived" else amount) if used is None else used
    return _add(conn, business, line, client, invoice, kind, amount, takes, how, why, None, now)


def keep_credit(
    conn: Connection, business: str, line: str, client: int, amount: Decimal, how: str, why: str, now: datetime
) -> int | None:
    """Keeps an amount of the line for the client, for no invoice; None where the line keeps one already."""
    _lock(conn, business, line)
    if any(one.kind == "credit" for one in standing(conn, business, line)):
        return None
    return _add(conn, business, line, client, None, "credit", amount, amount, how, why, None, now)


def take_back(
    conn: Connection,
    business: str,
    row: int,
    how: str,
    why: str,
    now: datetime,
    *,
    line: str | None = None,
    free: bool = True,
) -> int | None:
    """Takes an allocation back whole and returns the new row; None where that was done before.

    `line` is the bank line that took the money away; without one, the line that paid has its money again (not
    `free`: it left the business otherwise).
    """
    back = _one(conn, business, table.c.id == row)
    if back is None:
        raise LedgerError(f"There is no allocation {row}.")
    _lock(conn, business, back.line)
    if conn.scalar(select(table.c.id).where(table.c.business == business, table.c.takes_back == row)) is not None:
        return None
    by = line or back.line
    values = (by, back.client, back.invoice, back.kind, -back.amount, -back.used if free else Decimal(0))
    return _add(conn, business, *values, how, why, row, now)


def give_back(conn: Connection, business: str, row: int, how: str, now: datetime) -> Allocation | None:
    """The line did not take that payment back: `row`, which said so, ends, and what it ended stands anew.

    Returns the new row; None where that was done before. Raises LedgerError where `row` takes nothing back.
    """
    said = _one(conn, business, table.c.id == row)
    gone = _one(conn, business, table.c.id == said.takes_back) if said is not None else None
    if said is None or gone is None:
        raise LedgerError(f"There is no allocation {row} that takes another back.")
    ended = take_back(conn, business, row, how, "undo", now)
    if ended is None:
        return None
    values = (gone.line, gone.client, gone.invoice, gone.kind)
    if gone.used:  # the line has its money again, and gives it away once more
        _add(conn, business, *values, -gone.amount, -gone.used, how, "undo", ended, now)
    new = _add(conn, business, *values, gone.amount, gone.used, how, gone.why, None, now)
    return _one(conn, business, table.c.id == new)


def standing(conn: Connection, business: str, line: str) -> list[Allocation]:
    """What stands of a line's allocations, in the order in which they were made.

    Of a line that took money back: the rows that say so, while nobody took those back.
    """
    own = _select(conn, _standing(business), table.c.line == line)
    lines = {one.id: one.line for one in history(conn, business, line)}
    went_out = bool(own) and _has(conn, business, line) < 0
    return [one for one in own if one.takes_back is None or (went_out and one.takes_back not in lines)]


def of_invoice(conn: Connection, business: str, invoice: str) -> list[Allocation]:
    """What stands of the payments of an invoice, and of what was waived, oldest first."""
    return _select(conn, _standing(business), table.c.invoice == invoice, table.c.takes_back.is_(None))


def reversals(conn: Connection, business: str, invoice: str) -> list[Allocation]:
    """What stands of the rows by which the bank took payments of an invoice back, oldest first."""
    of_it = (table.c.invoice == invoice, table.c.takes_back.is_not(None), table.c.why == "reversal")
    return _select(conn, _standing(business), *of_it)


def kept(conn: Connection, business: str, client: int | None = None) -> list[Allocation]:
    """Money that is kept for clients (or one client) and belongs to no invoice, oldest first."""
    mine = [table.c.kind == "credit", table.c.takes_back.is_(None)]
    mine += [table.c.client == client] if client is not None else []
    return _select(conn, _standing(business), *mine)


def for_penalties(conn: Connection, business: str, client: int) -> list[Allocation]:
    """Money of a client that the owner said is what lateness cost, oldest first; the amounts are below zero."""
    mine = (table.c.client == client, table.c.kind == "credit", table.c.why == "penalties")
    return _select(conn, _standing(business), *mine)


def kept_by_client(conn: Connection, business: str) -> dict[int, dict[str, Decimal]]:
    """What is kept for each client, by currency: money of theirs that pays no invoice yet."""
    of_line = and_(line_table.c.business == table.c.business, line_table.c.id == table.c.line)
    asked = select(table.c.client, line_table.c.currency, table.c.amount).join(line_table, of_line)
    asked = asked.where(_standing(business), table.c.kind == "credit", table.c.takes_back.is_(None))
    found: dict[int, dict[str, Decimal]] = {}
    for row in conn.execute(asked.order_by(table.c.id)):
        of_client = found.setdefault(row.client, {})
        of_client[row.currency] = of_client.get(row.currency, Decimal(0)) + row.amount
    return found


def history(conn: Connection, business: str, line: str) -> list[Allocation]:
    """All that was ever said of a line, in order."""
    return _select(conn, table.c.business == business, table.c.line == line)


def unused(conn: Connection, business: str, line: str) -> Decimal:
    """What is left of the line, in its currency; below zero for money that went away."""
    return _has(conn, business, line) - _used(conn, business, line)


def paying_lines(conn: Connection, business: str, amounts: Container[Decimal], since: date) -> list[str]:
    """The lines of these amounts and of this day or later that paid something: what a reversal may take back."""
    of_line = and_(line_table.c.business == table.c.business, line_table.c.id == table.c.line)
    asked = select(table.c.line, line_table.c.amount).join(line_table, of_line)
    asked = asked.where(_standing(business), table.c.takes_back.is_(None), line_table.c.booked >= since)
    # compared here: SQLite keeps amounts as text, and 12.5 is not 12.50 there
    return sorted({row.line for row in conn.execute(asked) if row.amount in amounts})


def _add(
    conn: Connection,
    business: str,
    line: str,
    client: int,
    invoice: str | None,
    kind: str,
    amount: Decimal,
    used: Decimal,
    how: str,
    why: str,
    takes_back: int | None,
    now: datetime,
) -> int | None:
    has, given = _has(conn, business, line), _used(conn, business, line)
    if abs(given + used) > abs(has) or (given + used) * has < 0:
        raise LedgerError(f"The bank line {line} of {has} has not {used} left for {invoice or 'its client'}.")
    values = {
        "business": business, "line": line, "client": client, "invoice": invoice, "kind": kind, "amount": amount,
        "used": used, "how": how, "why": why, "takes_back": takes_back, "at": now,
    }  # fmt: skip
    return insert_new(conn, table, values, table.c.business, table.c.takes_back)


def _lock(conn: Connection, business: str, line: str) -> None:
    """Two who give the same line away wait for each other (PostgreSQL; SQLite has one writer anyway).

    Raises LedgerError for an unknown line.
    """
    mine = (line_table.c.business == business, line_table.c.id == line)
    if conn.scalar(select(line_table.c.id).where(*mine).with_for_update()) is None:
        raise LedgerError(f"There is no bank line {line}.")


def _has(conn: Connection, business: str, line: str) -> Decimal:
    asked = select(line_table.c.amount).where(line_table.c.business == business, line_table.c.id == line)
    has: Decimal | None = conn.scalar(asked)
    if has is None:
        raise LedgerError(f"There is no bank line {line}.")
    return has


def _used(conn: Connection, business: str, line: str) -> Decimal:
    rows = conn.scalars(select(table.c.used).where(table.c.business == business, table.c.line == line))
    return sum(rows, Decimal(0))


def _standing(business: str) -> ColumnElement[bool]:
    later = table.alias()
    taken = exists().where(later.c.business == table.c.business, later.c.takes_back == table.c.id)
    return and_(table.c.business == business, ~taken)


def _select(conn: Connection, *where: ColumnElement[bool]) -> list[Allocation]:
    rows = conn.execute(select(*_COLUMNS).where(*where).order_by(table.c.id))
    return [_allocation(row) for row in rows]


def _one(conn: Connection, business: str, where: ColumnElement[bool]) -> Allocation | None:
    found = _select(conn, table.c.business == business, where)
    return found[0] if found else None


def _allocation(row: Row[Any]) -> Allocation:
    return Allocation(**row._mapping)
