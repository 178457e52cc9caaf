"""Lists of invoices as accounting tools export them: headings are recognised, rows become invoices or problems.

What a list says of an invoice is what is still open of it: `amount_due`. One row for each line of an invoice (as Xero
writes) is one invoice.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, cast

import yaml

from mailbot.invoices.cells import Rows, rows_of
from mailbot.invoices.columns import amount_in, day_first, day_in, decimal_mark
from mailbot.invoices.fec import is_fec, read_fec
from mailbot.invoices.values import email_of, siren_of, vat_of
from mailbot.model import InvoiceDocument, Listed, Listing, Party, Problem

_HEAD_WITHIN: Final = 25
_MAPPINGS: Final = ("xero.yaml", "quickbooks.yaml", "ebp.yaml", "general.yaml")
_NOT_OWED: Final = re.compile(
    r"draft|brouillon|entwurf|borrador|bozza|concept|void|annul|cancel|storn|anulad|deleted|supprim|devis|quote|proforma"
)
_CREDIT: Final = re.compile(r"avoir|credit|gutschrift|abono|nota di credito|creditnota|refund|remboursement")
_NO_ADDRESS: Final = frozenset({"na", "n a", "none", "aucun", "aucune", "neant", "keine", "ninguno", "nessuna", "geen"})
_ROUNDED: Final = Decimal("0.02")
"""So much net and tax of a list may differ from its total: several rates, each rounded."""
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
    payable: bool = False
    """The amount of an invoice is what is left to pay of it, which net and tax need not make."""

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
    table.marks = _marks(table)
    for column in ("issue_date", "due_date"):
        table.day_first[column] = day_first(table.column(column), month_first=month_first)
    entries, left_out = [], 0
    for number, lines in _grouped(table).items():
        if _is_left_out(table, lines):
            left_out += 1
            continue
        document = _document(table, number, lines, currency, terms, undated=undated)
        entries += [Listed(lines[0][0], document)] if document is not None else []
    return Listing(table.name, tuple(entries), tuple(table.problems), left_out)


def _marks(table: _Table) -> dict[str, str]:
    """The sign before the cents of each column of amounts; a column that does not show it goes by the others."""
    own = {column: decimal_mark(table.column(column)) for column in ("gross", "open", "paid", "net", "tax")}
    all_ = {mark for mark in own.values() if mark}
    common = next(iter(all_)) if len(all_) == 1 else ""
    return {column: mark or common for column, mark in own.items()}


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
                payable = heads[columns["gross"]] == "net a payer" if "gross" in columns else False
                best = score, _Table(str(mapping["name"]), columns, rows[at + 1 :], file, payable=payable)
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
    if issued and due and due < issued and still and not credit:
        said = f"{number} is due on {due}, before its own date, {issued}."
        table.problems.append(Problem("due_too_early", said, line, file=table.file))
    if not table.payable and (wrong := _contradiction(table, lines, gross)):
        table.problems.append(Problem("sums", f"{number}: {wrong}", line, file=table.file))
    if len(table.problems) > problems or still is None:
        return None
    total = abs(gross) if gross is not None else abs(still)
    return InvoiceDocument(
        source="listing", profile=table.name, kind="credit_note" if credit else "invoice", number=number,
        issue_date=issued or due, due_date=due or (issued if credit or not undated else None),
        currency=_currency(table, row, currency),
        total_net=None, total_tax=None, total_gross=total,
        prepaid=max(total - abs(still), Decimal(0)) if gross is not None else None,  # None: the list states no total
        amount_due=abs(still), buyer=_party(table, number, lines[0], client),
        payment_reference=table.cell(row, "reference") or None, confidence=0.99,
    )  # fmt: skip


def _contradiction(table: _Table, lines: Rows, gross: Decimal | None) -> str | None:
    """What is wrong with net and tax beside the total; of several rows each may give its own share, or the whole."""
    nets, taxes = (_amounts(table, lines, name) for name in ("net", "tax"))
    if gross is None or len(nets) != len(lines) or len(taxes) != len(lines):
        return None
    all_nets, all_taxes = sum(nets, Decimal(0)), sum(taxes, Decimal(0))
    sums = (nets[0] + taxes[0], all_nets + all_taxes, all_nets + taxes[0])
    if any(abs(abs(one) - abs(gross)) <= _ROUNDED for one in sums):
        return None
    return f"{nets[0]} net and {taxes[0]} of tax are not {gross}."


def _amounts(table: _Table, lines: Rows, name: str) -> list[Decimal]:
    """What the rows of one invoice give in a column, as far as that is clear."""
    found = (amount_in(table.cell(row, name), table.marks[name]) for _, row in lines)
    return [one for one in found if one is not None]


def _party(table: _Table, number: str, first: tuple[int, list[str]], client: str) -> Party:
    line, row = first
    written = table.cell(row, "email")
    given = [email for part in re.split(r"[;,\s]+", written) if (email := email_of(part))]
    if not given and any(sign.isalnum() for sign in written) and folded(written) not in _NO_ADDRESS:
        said = f"{written!r} is no e-mail address: {number} is taken in without one."
        table.problems.append(Problem("bad_email", said, line, table.columns["email"] + 1, table.file))
    return Party(
        name=client, vat=vat_of(table.cell(row, "vat")), siren=siren_of(table.cell(row, "siren")),
        email=given[0] if given else None,
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
