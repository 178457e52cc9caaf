"""CSV of banks: bytes to a statement in which nothing is lost.

Every row below the header is a line, a problem, or holds neither date nor amount (notes, totals). Rows of several
accounts or currencies become an account each. What the bank did not execute is a problem that says so.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from stdnum import iban

from mailbot.bank.charset import decode, plain, repaired
from mailbot.bank.csvtable import Table, find_table, rows_of, spoken
from mailbot.bank.csvvalues import Decimals, Order, decimals_of, order_of, table_amount, table_day
from mailbot.bank.identity import numbered
from mailbot.bank.values import MAX_LINES
from mailbot.model import Account, Line, Problem, Statement

_PENDING = re.compile(
    r"\b(?:pending|processing|en attente|en cours|a venir|vorgemerkt(?:er umsatz)?|in behandeling|"
    r"pendiente|in sospeso|authori[sz]ed)\b"
)
_NOT_EXECUTED = re.compile(
    r"\b(?:declined|reverted|failed|cancell?ed|rejected|refuse|refusee|annule|annulee|echoue|rejete|abgelehnt|storniert|"
    r"fehlgeschlagen|geweigerd|rechazad[oa]|anulad[oa]|rifiutat[oa]|annullat[oa])\b"
)
_BALANCE_ROW = re.compile(
    r"(?:ancien |nouveau |total )?(?:solde|saldo|anfangssaldo|endsaldo|kontostand|balance|opening balance|"
    r"closing balance|letzter kontostand|total|totaux|summe|totale)"
    r"(?: (?:initial|final|crediteur|debiteur|au|inicial|iniziale|finale)\b.*)?"
)
_ALONE = frozenset({"solde", "saldo", "balance", "total", "totaux", "totale", "summe"})
"""What banks call a row of sums, and payers a payment."""
_OUT = frozenset({"-", "af", "d", "debit", "dbit", "debet", "s", "soll", "dr", "out", "cargo", "dare", "uscita"})
_IN = frozenset({"+", "bij", "c", "credit", "crdt", "h", "haben", "cr", "in", "abono", "avere", "entrata"})
_NUMBER_ABOVE = re.compile(
    r"(?:compte|account|konto|rekening|cuenta|conto)[^0-9]{0,30}([0-9A-Z][0-9A-Z ]{4,33})", re.IGNORECASE
)
_CURRENCY = re.compile(r"\b(EUR|USD|GBP|CHF|PLN|SEK|DKK|NOK|CZK|HUF|RON|BGN|CAD|AUD|JPY)\b")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row below the header; `account` is what the lines above its table name."""

    line: int
    cells: list[str]
    account: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What holds for the whole table."""

    table: Table
    decimals: Decimals
    order: Order
    currency: str
    signed: bool
    """A column says whether money came or went, and rows of the table do so by it."""


def read_csv(data: bytes) -> Statement | Problem:
    """The statement of a CSV file of a bank.

    A Problem instead of a Statement: no row names a date and an amount ("not_a_table"), or the file cannot be used.
    """
    text = decode(data)
    if text.lower().startswith("sep="):
        text = "\n" + text.partition("\n")[2]
    table = find_table(text)
    if table is None:
        return Problem(
            "not_a_table", "No row names the columns with a date and an amount: download OFX or CAMT instead."
        )
    try:
        below = [(line, cells) for line, cells in rows_of(text, table.delimiter) if line >= table.header_line]
    except csv.Error as error:
        return Problem("broken_csv", f"The table is damaged ({error}): download it again from the bank.")
    rows = _rows(table, [(line, cells) for line, cells in below if any(cell.strip() for cell in cells)])
    table = _of_one_account(table, rows)
    if len(rows) > MAX_LINES:
        return Problem(
            "too_many_lines", f"The file has {len(rows)} rows, more than {MAX_LINES}: download shorter periods."
        )
    problems: list[Problem] = []
    reading = _reading(table, rows, problems)
    if "\ufffd" in text:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    accounts = _accounts(reading, rows, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("csv", accounts, tuple(problems))


def _rows(table: Table, below: Sequence[tuple[int, list[str]]]) -> list[_Row]:
    """The rows below the header. Where the header stands again, another table begins: what stands between the two
    tables may name its account.
    """
    head = [spoken(cell) for cell in below[0][1]]
    account = _account_above(table.preamble)
    rows: list[_Row] = []
    between: list[str] = []
    for line, cells in below[1:]:
        if [spoken(cell) for cell in cells] == head:
            account, between = _account_above(between) or account, []
            continue
        between = [] if table.cell(cells, "date") and _states(table, cells) else [*between, *cells]
        rows.append(_Row(line, cells, account))
    return rows


def _states(table: Table, cells: list[str]) -> bool:
    return any(table.cell(cells, role) for role in ("amount", "total", "debit", "credit"))


def _of_one_account(table: Table, rows: Sequence[_Row]) -> Table:
    """The table, with a column of accounts as the other side's where the lines above name one that is never in it."""
    numbers = {(row.account, "".join(table.cell(row.cells, "account").split())) for row in rows}
    told = {(above, number) for above, number in numbers if number}
    if not told or "payer_iban" in table.columns or any(not above or above == number for above, number in told):
        return table
    columns = {role: places for role, places in table.columns.items() if role != "account"}
    return replace(table, columns={**columns, "payer_iban": table.columns["account"]})


def _reading(table: Table, rows: Sequence[_Row], problems: list[Problem]) -> _Reading:
    amounts = [
        cell for row in rows for role in ("amount", "total", "debit", "credit") if (cell := table.cell(row.cells, role))
    ]
    days = [cell for row in rows if (cell := _day_cell(table, row))]
    known = table.profile.order if table.profile else ""
    order = order_of(days, known)
    if not order:
        order = "dmy"
        if re.search(r"\bdate\b", table.names["date"], re.IGNORECASE) and table.delimiter == ",":
            problems.append(
                Problem("date_order", "Days and months could be read either way; the day was taken to come first.")
            )
    above = " ".join(table.preamble)
    named = " ".join(table.names.values())
    stated = _CURRENCY.search(named.upper()) or _CURRENCY.search(above.upper())
    currency = (table.profile.currency if table.profile else "") or (stated.group(1) if stated else "")
    if not currency and re.search(r"€|\beuros?\b", f"{named} {above} {' '.join(amounts[:50])}", re.IGNORECASE):
        currency = "EUR"
    signed = any(_side(table, row.cells) in _IN for row in rows)
    return _Reading(table, decimals_of(amounts), order, currency, signed)


def _account_above(cells: Sequence[str]) -> str:
    """The account that the lines above the table name: an IBAN, else a number behind the word account."""
    for cell in cells:
        for found in re.finditer(r"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}", cell.upper()):
            if iban.is_valid(found.group()):
                return str(iban.compact(found.group()))
    for before, cell in zip(("", *cells), cells, strict=False):
        found_number = _NUMBER_ABOVE.search(f"{before} {cell}")
        if found_number:
            return "".join(found_number.group(1).split())
    return ""


def _accounts(reading: _Reading, rows: Sequence[_Row], problems: list[Problem]) -> tuple[Account, ...]:
    table = reading.table
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    balances: dict[tuple[str, str], list[tuple[date, str]]] = defaultdict(list)
    for row in rows:
        read = _line(reading, row)
        if isinstance(read, Problem):
            problems.append(read)
        elif read is not None:
            number = "".join(table.cell(row.cells, "account").split()) or row.account
            key = (number, read.currency)
            lines[key].append(read)
            if not read.pending:
                balances[key].append((read.date, table.cell(row.cells, "balance")))
    if not lines:
        lines[_account_above(table.preamble), reading.currency] = []
    return tuple(
        _account(number, currency, found, _balance(reading, balances[number, currency]))
        for (number, currency), found in lines.items()
    )


def _account(number: str, currency: str, lines: Sequence[Line], balance: Decimal | None) -> Account:
    days = [line.date for line in lines if not line.pending]
    return Account(
        id=number,
        iban=iban.compact(number) if iban.is_valid(number) else None,
        currency=currency,
        from_=min(days, default=None),
        to=max(days, default=None),
        balance=balance,
        lines=numbered(f"{number}/{currency}", lines),
    )


def _balance(reading: _Reading, balances: Sequence[tuple[date, str]]) -> Decimal | None:
    """The balance after the newest line: the last row's, or the first where the newest stand above."""
    if not balances:
        return None
    newest = balances[0] if balances[0][0] > balances[-1][0] else balances[-1]
    try:
        return table_amount(newest[1], reading.decimals)
    except ValueError:
        return None


def _day_cell(table: Table, row: _Row) -> str:
    return table.cell(row.cells, "date") or table.cell(row.cells, "date_else") or table.cell(row.cells, "value_date")


def _line(reading: _Reading, row: _Row) -> Line | Problem | None:
    """The line of a row, why it is none, or None where it holds no transaction at all."""
    table, cells = reading.table, row.cells
    written = _day_cell(table, row)
    stated = [table.cell(cells, role) for role in ("amount", "debit", "credit")]
    day = table_day(written, reading.order)
    texts = (cell for cell in cells if re.search(r"[^\W\d]", cell) and not (day and cell.strip() == written))
    label = spoken(next(texts, ""))
    if label in _ALONE and day is not None and any(stated):
        return Problem("balance_row", f"Left out: {label!r} may be a balance or a payment; check this row.", row.line)
    if _BALANCE_ROW.fullmatch(label) or (not written and not any(stated)):
        return None
    if day is None:
        if not any(char.isdigit() for char in written) and not any(stated):
            return None  # a note below the table
        return Problem("line_date", f"Left out: {written[:40]!r} is no date.", row.line)
    state = spoken(table.cell(cells, "state"))
    if _NOT_EXECUTED.search(state):
        return Problem("not_executed", f"Left out: the bank did not execute it ({state[:40]}).", row.line)
    try:
        amount, fee = _amount(reading, row)
    except ValueError as error:
        return Problem("line_amount", f"Left out: {error}.", row.line)
    return _described(reading, row, day, amount, fee, pending=_PENDING.search(state) is not None)


def _is_amount(cell: str, reading: _Reading) -> bool:
    try:
        table_amount(cell, reading.decimals)
    except ValueError:
        return False
    return True


def _amount(reading: _Reading, row: _Row) -> tuple[Decimal, Decimal]:
    """Signed amount and the fee that was taken out of it; raises ValueError with why it is not certain."""
    table, cells = reading.table, row.cells
    total, written = table.cell(cells, "total"), table.cell(cells, "amount")
    fee_cell = table.cell(cells, "fee")
    fee = abs(table_amount(fee_cell, reading.decimals)) if fee_cell else Decimal(0)
    if total:
        return table_amount(total, reading.decimals), fee
    if written:
        amount = _signed(table_amount(written, reading.decimals), _side(table, cells), told=reading.signed)
        apart = table.profile is not None and table.profile.fee_apart
        return (amount - fee if apart else amount), fee
    debit, credit = (_or_zero(table.cell(cells, role), reading) for role in ("debit", "credit"))
    if debit and credit:
        raise ValueError("the row has both a debit and a credit")
    if not (table.cell(cells, "debit") or table.cell(cells, "credit")):
        raise ValueError("the row has no amount")
    return (credit or -abs(debit)), fee


def _or_zero(cell: str, reading: _Reading) -> Decimal:
    return table_amount(cell, reading.decimals) if cell else Decimal(0)


def _side(table: Table, cells: list[str]) -> str:
    """What the row says about money that came or went: "c", "af", "+"; empty where it says nothing."""
    cell = table.cell(cells, "sign")
    return spoken(cell) or cell


def _signed(amount: Decimal, side: str, *, told: bool) -> Decimal:
    """`told`: other rows of the table say whether money came or went, so that one without a word is not certain."""
    if side in _OUT:
        return -abs(amount)
    if side in _IN:
        return abs(amount)
    if side or (told and amount > 0):
        raise ValueError(f"{side[:20]!r} does not say whether money came or went")
    return amount


def _described(reading: _Reading, row: _Row, day: date, amount: Decimal, fee: Decimal, *, pending: bool) -> Line:
    table, cells = reading.table, row.cells

    def said(role: str) -> str:
        return repaired(plain(table.cell(cells, role)[:2000]))

    labels = [table.cell(cells, "memo"), *table.cells(cells, "memo_more")]
    memo = " ".join(dict.fromkeys(repaired(plain(label[:2000])) for label in labels if label))
    other = "".join(said("payer_iban").split())
    currency = spoken(said("currency")).upper()
    original = table.cell(cells, "original_amount")
    line = Line(
        id="",
        date=day,
        amount=amount,
        currency=currency if re.fullmatch(r"[A-Z]{3}", currency) else reading.currency,
        name=said("name"),
        memo=memo,
        reference=said("reference") or said("end_to_end") or said("id"),
        type="CREDIT" if amount >= 0 else "DEBIT",
        payer=said("name"),
        payer_iban=iban.compact(other) if iban.is_valid(other) else other,
        end_to_end=said("end_to_end"),
        pending=pending,
        bank_id=said("id"),
        fee=fee if amount > 0 else Decimal(0),
    )
    abroad = spoken(said("original_currency")).upper()
    if original and re.fullmatch(r"[A-Z]{3}", abroad) and abroad != line.currency and _is_amount(original, reading):
        return replace(line, original_amount=table_amount(original, reading.decimals), original_currency=abroad)
    return line
