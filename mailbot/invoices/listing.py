"""Lists of invoices as accounting tools export them: headings are recognised, rows become invoices or problems.

What a list says of an invoice is what is still open of it: `amount_due`. One row for each line of an invoice (as Xero
writes) is one invoice.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, cast

import yaml

from mailbot.invoices.cells import Rows, rows_of
from mailbot.invoices.fec import is_fec, read_fec
from mailbot.invoices.values import email_of, siren_of, vat_of
from mailbot.model import InvoiceDocument, Listed, Listing, Party, Problem

_HEAD_WITHIN: Final = 25
_MAPPINGS: Final = ("xero.yaml", "quickbooks.yaml", "ebp.yaml", "general.yaml")
_NOT_OWED: Final = re.compile(
    r"draft|brouillon|entwurf|borrador|bozza|concept|void|annul|cancel|storn|anulad|deleted|supprim|devis|quote|proforma"
)
_CREDIT: Final = re.compile(r"avoir|credit|gutschrift|abono|nota di credito|creditnota|refund|remboursement")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_COMPACT: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_SLASHED: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d\d)(?: .*)?")
_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")
_SIGNS: Final = {"€": "EUR", "£": "GBP", "$": "USD"}


@dataclass(slots=True)
class _Table:
    """The rows below the headings, and which cell is what."""

    name: str
    columns: Mapping[str, int]
    rows: Rows
    file: str
    problems: list[Problem] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    day_first: dict[str, bool | None] = field(default_factory=dict)

    def cell(self, row: Sequence[str], name: str) -> str:
        at = self.columns.get(name)
        return row[at] if at is not None and at < len(row) else ""

    def column(self, name: str) -> list[str]:
        return [self.cell(row, name) for _, row in self.rows]


def read_listing(
    data: bytes, name: str, *, currency: str = "EUR", terms: int | None = None, month_first: bool = False,
    undated: bool = False,
) -> Listing | Problem:  # fmt: skip
    """The invoices in a CSV or XLSX list or a FEC (recognised by its content).

    `currency` counts where the list names none; `terms` are days from the invoice date where it has no due date;
    `month_first` decides on "03/04/2026" where no row of the list does; `undated` gives invoices without a due
    date too, for a caller that knows the terms of each client. Nothing that a file holds raises.
    """
    rows = rows_of(data, name)
    if isinstance(rows, Problem):
        return rows
    if is_fec(rows):
        return _of_fec(rows, name, terms, undated=undated)
    table = _table(rows, name)
    if table is None:
        said = "No row has headings for the invoice number, the client and the amount."
        return Problem("unknown_columns", said, file=name)
    for column in ("gross", "open", "paid"):
        table.marks[column] = _decimal_mark(table.column(column))
    for column in ("issue_date", "due_date"):
        table.day_first[column] = _day_first(table.column(column), month_first=month_first)
    entries, left_out = [], 0
    for number, lines in _grouped(table).items():
        if _is_left_out(table, lines):
            left_out += 1
            continue
        document = _document(table, number, lines, currency, terms, undated=undated)
        entries += [Listed(lines[0][0], document)] if document is not None else []
    return Listing(table.name, tuple(entries), tuple(table.problems), left_out)


def _of_fec(rows: Rows, name: str, terms: int | None, *, undated: bool) -> Listing:
    found, problems = read_fec(rows, name)
    entries = []
    for entry in found:
        issued = entry.document.issue_date
        due = issued + timedelta(days=terms) if issued and terms is not None else None
        entries.append(replace(entry, document=replace(entry.document, due_date=due)))
    if found and terms is None and not undated:
        said = "A FEC has no due dates: say the payment terms (--terms 30), or each client's in a list (--contacts)."
        problems = (*problems, Problem("no_due_date", said, file=name))
        entries = []
    return Listing("FEC", tuple(entries), tuple(problems))


# ------------------------------------------------------------------------ headings


def _table(rows: Rows, file: str) -> _Table | None:
    best: tuple[int, _Table] | None = None
    for at, (_, cells) in enumerate(rows[:_HEAD_WITHIN]):
        heads = [folded(cell) for cell in cells]
        for mapping in _mappings():
            columns = _columns(mapping, heads)
            if columns is None:
                continue
            score = len(columns)
            if best is None or score > best[0]:
                best = score, _Table(str(mapping["name"]), columns, rows[at + 1 :], file)
    return best[1] if best else None


def _columns(mapping: Mapping[str, object], heads: Sequence[str]) -> dict[str, int] | None:
    marks, any_marks = (cast("list[str]", mapping.get(key) or []) for key in ("marks", "any_marks"))
    if any(folded(mark) not in heads for mark in marks):
        return None
    if any_marks and not any(folded(mark) in heads for mark in any_marks):
        return None
    found: dict[str, int] = {}
    for name, words in cast("dict[str, list[str]]", mapping["columns"]).items():
        for word in words:
            at = next((at for at, head in enumerate(heads) if head == folded(word) and at not in found.values()), None)
            if at is not None:
                found[name] = at
                break
    return found if {"number", "client"} <= set(found) and {"gross", "open"} & set(found) else None


@cache
def _mappings() -> tuple[Mapping[str, object], ...]:
    folder = files("mailbot.invoices").joinpath("mappings")
    return tuple(yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8")) for name in _MAPPINGS)


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """A heading or word to compare: small letters without accents, words with single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9#]+", "".join(sign for sign in plain if not unicodedata.combining(sign))))


# ------------------------------------------------------------------------ rows


def _grouped(table: _Table) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for line, row in table.rows:
        number = table.cell(row, "number")
        if number:
            groups.setdefault(number, []).append((line, row))
        elif _is_lost(table, row):
            table.problems.append(Problem("no_number", "This row has no invoice number.", line, file=table.file))
    return groups


def _is_lost(table: _Table, row: Sequence[str]) -> bool:
    """Whether a row without a number owes money and is not the sum of others."""
    client = folded(table.cell(row, "client"))
    owes = bool(table.cell(row, "open") or table.cell(row, "gross"))
    return bool(client) and owes and not client.startswith(("total", "sous total", "summe"))


def _is_left_out(table: _Table, lines: Rows) -> bool:
    said = folded(table.cell(lines[0][1], "status")), folded(table.cell(lines[0][1], "type"))
    return any(_NOT_OWED.search(text) for text in said)


def _document(
    table: _Table, number: str, lines: Rows, currency: str, terms: int | None, *, undated: bool
) -> InvoiceDocument | None:
    line, row = lines[0]
    problems = len(table.problems)
    gross, still, paid = (_only_amount(table, lines, name) for name in ("gross", "open", "paid"))
    if gross is None and still is None and len(table.problems) == problems:
        table.problems.append(Problem("no_amount", f"{number} has no amount.", line, file=table.file))
    if still is None and gross is not None:
        still = gross - paid if paid is not None else gross
    issued, due = (_day(table, lines, name) for name in ("issue_date", "due_date"))
    if due is None and issued is not None and terms is not None:
        due = issued + timedelta(days=terms)
    client = next((text for _, cells in lines if (text := table.cell(cells, "client"))), "")
    if not client:
        table.problems.append(Problem("no_client", f"{number} names no client.", line, file=table.file))
    credit = bool(_CREDIT.search(folded(table.cell(row, "type")))) or (still or gross or Decimal(0)) < 0
    if due is None and not credit and still and not undated and len(table.problems) == problems:
        said = f"{number} has no due date: add it, or say the payment terms with --terms DAYS."
        table.problems.append(Problem("no_due_date", said, line, file=table.file))
    if len(table.problems) > problems or still is None:
        return None
    total = abs(gross) if gross is not None else abs(still)
    return InvoiceDocument(
        source="listing", profile=table.name, kind="credit_note" if credit else "invoice", number=number,
        issue_date=issued or due, due_date=due or (issued if credit or not undated else None),
        currency=_currency(table, row, currency),
        total_net=None, total_tax=None, total_gross=total,
        prepaid=max(total - abs(still), Decimal(0)) if gross is not None else None,  # None: the list states no total
        amount_due=abs(still), buyer=_party(table, row, client),
        payment_reference=table.cell(row, "reference") or None, confidence=0.99,
    )  # fmt: skip


def _party(table: _Table, row: Sequence[str], client: str) -> Party:
    first_email = re.split(r"[;,\s]+", table.cell(row, "email"))[0]
    return Party(
        name=client, vat=vat_of(table.cell(row, "vat")), siren=siren_of(table.cell(row, "siren")),
        email=email_of(first_email),
    )  # fmt: skip


def _currency(table: _Table, row: Sequence[str], otherwise: str) -> str:
    named = table.cell(row, "currency").strip().upper()
    if re.fullmatch(r"[A-Z]{3}", named):
        return named
    shown = f"{table.cell(row, 'open')}{table.cell(row, 'gross')}"
    return _SIGNS.get(named) or next((code for sign, code in _SIGNS.items() if sign in shown), otherwise)


# ------------------------------------------------------------------------ amounts and days


def _only_amount(table: _Table, lines: Rows, name: str) -> Decimal | None:
    """The amount that the rows of one invoice give; several different ones are a problem."""
    found: list[Decimal] = []
    for line, row in lines:
        text = table.cell(row, name)
        if not text:
            continue
        amount = amount_in(text, table.marks[name])
        if amount is None:
            said = f"{text!r} is not clearly an amount."
            table.problems.append(Problem("bad_amount", said, line, table.columns[name] + 1, table.file))
            return None
        found.append(amount)
    if len(set(found)) > 1:
        said = f"The rows of this invoice give several amounts: {', '.join(map(str, dict.fromkeys(found)))}."
        table.problems.append(Problem("several_amounts", said, lines[0][0], table.columns[name] + 1, table.file))
        return None
    return found[0] if found else None


def _decimal_mark(cells: Sequence[str]) -> str:
    """The sign before the cents in a column: what the cells that leave no doubt use; "" where none does."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        bare = re.sub(r"[^\d.,]", "", cell)
        last = max(bare.rfind(","), bare.rfind("."))
        if last < 0:
            continue
        mark, after = bare[last], len(bare) - last - 1
        other = "," if mark == "." else "."
        if after != 3 or (other in bare and bare.count(mark) == 1) or (bare.count(mark) == 1 and last > 3):
            votes[mark] += 1
        elif bare.count(mark) > 1:
            votes[other] += 1
    if votes[","] == votes["."]:
        return ""
    return "," if votes[","] > votes["."] else "."


def amount_in(text: str, mark: str) -> Decimal | None:
    """An amount as European and other tools write it: "1 234,56 €", "1.234,56", "(1,234.56)", "1'234.50", "12-".

    `mark` is the column's sign before the cents. "1,234" without one could be either and gives None.
    """
    bare = _SPACES.sub("", re.sub(r"[€£$]|(?:EUR|GBP|USD|CHF)", "", text, flags=re.IGNORECASE))
    negative = bare.startswith(("-", "−", "(")) or bare.endswith("-")
    bare = bare.strip("-−()+")
    if not re.fullmatch(r"\d[\d.,]{0,24}", bare):
        return None
    last = max(bare.rfind(","), bare.rfind("."))
    if last >= 0:
        sign, after = bare[last], len(bare) - last - 1
        if not mark and after == 3 and bare.count(sign) == 1 and not ({",", "."} <= set(bare)):
            return None
        cents = sign == (mark or sign) and bare.count(sign) == 1
        whole, fraction = (bare[:last], bare[last + 1 :]) if cents else (bare, "")
        bare = f"{re.sub('[.,]', '', whole)}.{fraction}" if fraction else re.sub("[.,]", "", whole)
    try:
        amount = Decimal(bare).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return -amount if negative else amount


def _day_first(cells: Sequence[str], *, month_first: bool) -> bool | None:
    """Whether days stand before months in a column; None where its rows contradict one another."""
    pairs = [(int(found[1]), int(found[2])) for cell in cells if (found := _SLASHED.fullmatch(cell.strip()))]
    days, months = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if days and months:
        return None
    return days or (not months and not month_first)


def _day(table: _Table, lines: Rows, name: str) -> date | None:
    line, row = lines[0]
    text = table.cell(row, name)
    if not text:
        return None
    found = day_in(text, table.day_first[name])
    if found is None:
        said = f"{text!r} is not clearly a date."
        table.problems.append(Problem("bad_date", said, line, table.columns[name] + 1, table.file))
    return found


def day_in(text: str, day_first: bool | None) -> date | None:
    """A day as lists write it: 2026-10-31, 20261031, 31/10/2026, 10/31/26; None where it is none or unclear."""
    bare = text.strip()
    try:
        if found := _ISO.fullmatch(bare) or _COMPACT.fullmatch(bare):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SLASHED.fullmatch(bare):
            first, second = int(found[1]), int(found[2])
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            if day_first is None and first <= 12 and second <= 12 and first != second:
                return None
            is_day = first > 12 or (day_first is not False and second <= 12)
            return date(year, second, first) if is_day else date(year, first, second)
    except ValueError:
        return None
    return None
