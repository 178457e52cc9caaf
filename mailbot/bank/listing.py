"""The list of open items (OPEN.csv) to values, with every mistake of the file at once."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import StringIO

from mailbot.model import OpenItem, Problem
from mailbot.money import parse_amount, to_cents

NEEDED = ("number", "kind", "client", "currency", "amount_due")
COLUMNS = (
    *("number", "kind", "client", "client_aliases", "payer_ibans", "issue_date", "due_date", "currency"),
    *("amount_due", "reference", "discount_percent", "discount_until"),
)


def read_open_items(text: str) -> list[OpenItem] | list[Problem]:
    """The items of a comma- or semicolon-separated list; a list of problems, all of them, where any row is
    wrong.

    An empty file has no columns and is a problem; a list with a head and no rows is an empty list.
    """
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [(name or "").strip() for name in rows.fieldnames or ()]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        return [
            Problem(
                "columns",
                f"The list has no column {', '.join(missing)}; its columns are {','.join(COLUMNS)}.",
                1,
            )
        ]
    rows.fieldnames = columns
    items: list[OpenItem] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    try:
        for row in rows:
            cells = {
                name: (value or "").strip()
                for name, value in row.items()
                if isinstance(name, str) and not isinstance(value, list)
            }
            if any(cells.values()):
                _take(cells, rows.line_num, items, problems, seen)
    except csv.Error as error:
        problems.append(Problem("csv", f"The list cannot be read as a table ({error}).", rows.line_num))
    return problems or items


def _take(
    cells: Mapping[str, str], line: int, items: list[OpenItem], problems: list[Problem], seen: dict[str, int]
) -> None:
    try:
        item = _item(cells)
    except ValueError as error:
        problems.append(Problem("row", f"{error}.", line))
        return
    if item.number in seen:
        problems.append(Problem("twice", f"{item.number} stands in line {seen[item.number]} already.", line))
    seen[item.number] = line
    items.append(item)


def _item(cells: Mapping[str, str]) -> OpenItem:
    kind = cells["kind"] or "invoice"
    if kind not in ("invoice", "credit_note"):
        raise ValueError(f"kind is {kind!r}, not invoice or credit_note")
    for name in ("number", "client"):
        if not cells[name]:
            raise ValueError(f"{name} is empty")
    currency = cells["currency"].upper()
    if len(currency) != 3 or not currency.isalpha():
        raise ValueError(f"currency is {currency!r}, not a code such as EUR")
    percent = cells.get("discount_percent", "")
    return OpenItem(
        number=cells["number"],
        kind="credit_note" if kind == "credit_note" else "invoice",
        client=cells["client"],
        amount_due=_amount(cells["amount_due"], kind, currency),
        currency=currency,
        issue_date=_day(cells, "issue_date"),
        due_date=_day(cells, "due_date"),
        reference=cells.get("reference", ""),
        client_aliases=_list(cells.get("client_aliases", "")),
        payer_ibans=_list(cells.get("payer_ibans", "")),
        discount_percent=parse_amount(percent) if percent else None,
        discount_until=_day(cells, "discount_until"),
    )


def _amount(text: str, kind: str, currency: str) -> Decimal:
    amount = parse_amount(text)
    to_cents(amount, currency)
    if kind == "credit_note":
        return abs(amount)
    if amount < 0:
        raise ValueError(f"amount_due is {text}: what a client is owed is a credit_note")
    return amount


def _day(cells: Mapping[str, str], name: str) -> date | None:
    text = cells.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, not a date such as 2026-01-31") from error


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())
