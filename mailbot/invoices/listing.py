"""Lists of invoices as accounting tools export them: headings are recognised, rows become invoices or problems.

What a list says of an invoice is what is still open of it: `amount_due`. One row for each line of an invoice (as Xero
writes) is one invoice.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from mailbot.invoices.cells import Rows, sheets_of
from mailbot.invoices.columns import amount_in, day_first, day_in, decimal_mark
from mailbot.invoices.fec import is_fec, read_fec
from mailbot.invoices.headings import Table, folded, table_in
from mailbot.invoices.standing import Standing, standing_by_answer, standing_of
from mailbot.invoices.values import email_of, siren_of, vat_of
from mailbot.model import InvoiceDocument, Listed, Listing, Party, Problem

_NOT_OWED: Final = re.compile(
    r"draft|brouillon|entwurf|borrador|bozza|concept|void|annul|cancel|storn|anulad|deleted|supprim|devis|quote|proforma"
)
_CREDIT: Final = re.compile(r"avoir|credit|gutschrift|abono|nota di credito|creditnota|refund|remboursement")
_NO_ADDRESS: Final = frozenset({"na", "n a", "none", "aucun", "aucune", "neant", "keine", "ninguno", "nessuna", "geen"})
_ROUNDED: Final = Decimal("0.02")
"""So much net and tax of a list may differ from its total: several rates, each rounded."""
_WORST: Final[tuple[Standing, ...]] = ("disputed", "lost", "part", "net", "unknown")
_WHY: Final = {
    "disputed": "it is disputed or refused ({}): left out. Take it in once that is settled.",
    "lost": "it is written off ({}): left out.",
    "part": "it is paid in part ({}), but no column says what is left: add one with the rest to pay.",
    "net": "what is left of it is given without tax: add a column with the rest to pay, tax included.",
    "unknown": "its status ({}) does not say whether it is still to be paid: add a column with the rest to pay.",
}
_PAID_AND_OPEN: Final = "it is said to be paid ({}), and yet something is left to pay."
_SIGNS: Final = {"€": "EUR", "£": "GBP", "$": "USD"}


def read_listing(
    data: bytes, name: str, *, currency: str = "EUR", terms: int | None = None, month_first: bool = False,
    undated: bool = False,
) -> Listing | Problem:  # fmt: skip
    """The invoices in a CSV or XLSX list or a FEC (recognised by its content).

    `currency` counts where the list names none; `terms` are days from the invoice date where it has no due date;
    `month_first` decides on "03/04/2026" where no row of the list does; `undated` gives invoices without a due
    date too, for a caller that knows the terms of each client. Nothing that a file holds raises.
    """
    sheets = sheets_of(data, name)
    if isinstance(sheets, Problem):
        return sheets
    if is_fec(sheets[0]):
        return _of_fec(sheets[0], name, terms, undated=undated)
    tables = [table for rows in sheets if (table := table_in(rows, name)) is not None]
    if not tables:
        said = "No row has headings for the invoice number, the client and the amount."
        return Problem("unknown_columns", said, file=name)
    table = tables[0]
    if len(tables) > 1:
        said = "The workbook has several sheets with lists: only the first one is read. Save the others as CSV."
        table.problems.append(Problem("more_sheets", said, file=name))
    table.marks = _marks(table)
    days = [text for column in ("issue_date", "due_date", "paid_on") for text in table.column(column)]
    table.day_first = day_first(days, month_first=month_first)
    groups = _grouped(table)
    table.by_line = _is_by_line(table, groups)
    entries, left_out = [], 0
    for number, lines in groups.items():
        if _is_left_out(table, lines):
            left_out += 1
            continue
        document = _document(table, number, lines, currency, terms, undated=undated)
        entries += [Listed(lines[0][0], document)] if document is not None else []
    return Listing(table.name, tuple(entries), tuple(table.problems), left_out)


def _marks(table: Table) -> dict[str, str]:
    """The sign before the cents of each column of amounts; a column that does not show it goes by the others."""
    own = {column: decimal_mark(table.column(column)) for column in ("gross", "open", "paid", "net", "tax", "open_net")}
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


# ------------------------------------------------------------------------ rows


def _grouped(table: Table) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for line, row in table.rows:
        number = table.cell(row, "number")
        if _is_total(number) and not table.cell(row, "client"):
            continue
        if number:
            groups.setdefault(number, []).append((line, row))
        elif _is_lost(table, row):
            table.problems.append(Problem("no_number", "This row has no invoice number.", line, file=table.file))
    return groups


def _is_lost(table: Table, row: Sequence[str]) -> bool:
    """Whether a row without a number owes money and is not the sum of others."""
    client = folded(table.cell(row, "client"))
    owes = bool(table.cell(row, "open") or table.cell(row, "gross"))
    return bool(client) and owes and not _is_total(client)


def _is_total(text: str) -> bool:
    """Whether a cell says that its row is the sum of others."""
    return folded(text).startswith(("total", "sous total", "summe", "totaal", "totale", "subtotal", "gesamt"))


def _is_left_out(table: Table, lines: Rows) -> bool:
    said = folded(table.cell(lines[0][1], "status")), folded(table.cell(lines[0][1], "type"))
    return any(_NOT_OWED.search(text) for text in said)


def _document(
    table: Table, number: str, lines: Rows, currency: str, terms: int | None, *, undated: bool
) -> InvoiceDocument | None:
    line, row = lines[0]
    problems = len(table.problems)
    answered = standing_by_answer(folded(table.cell(row, "paid")))
    gross = _sum(table, lines, "gross") if table.by_line else _only_amount(table, lines, "gross")
    still = _only_amount(table, lines, "open")
    paid = None if answered else _only_amount(table, lines, "paid")
    if gross is None and still is None and len(table.problems) == problems:
        table.problems.append(Problem("no_amount", f"{number} has no amount.", line, file=table.file))
    if still is None and gross is not None:
        by_words = paid is None or (paid == 0 and standing_of(folded(table.cell(row, "status"))) == "part")
        still = _by_words(table, number, lines, gross, answered) if by_words else gross - (paid or 0)
    if still and (unclear := _is_said_otherwise(table, row, answered)):
        table.problems.append(Problem("status", f"{number}: {unclear}", line, file=table.file))
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


def _by_words(table: Table, number: str, lines: Rows, gross: Decimal, answered: Standing | None) -> Decimal | None:
    """What is open of an invoice whose list states no rest: all of it or nothing; a Problem where that is not clear."""
    line, row = lines[0]
    status, day = table.cell(row, "status"), table.cell(row, "paid_on")
    said: set[Standing] = {one for one in (standing_of(folded(status)), answered) if one}
    said |= {"paid"} if any(sign.isdigit() for sign in day) and set(day) - set("0/.- ") else set()
    said |= {one for one in (_of_the_net(table, lines),) if one}
    if not said or said == {"open"}:
        return gross
    if said == {"paid"}:
        if table.has("due_date") or said & {standing_of(folded(status)), answered}:
            return Decimal(0)
        why = f'{day} may be when it was paid or when it is to be paid: name the column "due date" or "paid on".'
    elif "paid" in said and "open" in said:
        why = "one column says that it is paid, and another that it is not."
    else:
        why = _WHY[next(one for one in _WORST if one in said)].format(status or table.cell(row, "paid"))
    table.problems.append(Problem("status", f"{number}: {why}", line, file=table.file))
    return None


def _is_said_otherwise(table: Table, row: Sequence[str], answered: Standing | None) -> str | None:
    """Why an invoice is not taken in although a sum is open of it: it is disputed, given up, or said to be paid."""
    status = table.cell(row, "status")
    for one in (standing_of(folded(status)), answered):
        if one in ("lost", "disputed", "paid"):
            return (_WHY[one] if one != "paid" else _PAID_AND_OPEN).format(status or table.cell(row, "paid"))
    return None


def _of_the_net(table: Table, lines: Rows) -> Standing | None:
    """What a rest without tax says: nothing is left, all of it, or a part whose tax is not told."""
    left = _amounts(table, lines, "open_net")
    nets = _amounts(table, lines, "net")
    if not left:
        return None
    return "paid" if not any(left) else "open" if nets and left[0] == nets[0] else "net"


def _contradiction(table: Table, lines: Rows, gross: Decimal | None) -> str | None:
    """What is wrong with net and tax beside the total; of several rows each may give its own share, or the whole."""
    nets, taxes = (_amounts(table, lines, name) for name in ("net", "tax"))
    if gross is None or len(nets) != len(lines) or len(taxes) != len(lines):
        return None
    all_nets, all_taxes = sum(nets, Decimal(0)), sum(taxes, Decimal(0))
    sums = (nets[0] + taxes[0], all_nets + all_taxes, all_nets + taxes[0])
    if any(abs(abs(one) - abs(gross)) <= _ROUNDED for one in sums):
        return None
    return f"{nets[0]} net and {taxes[0]} of tax are not {gross}."


def _amounts(table: Table, lines: Rows, name: str) -> list[Decimal]:
    """What the rows of one invoice give in a column, as far as that is clear."""
    found = (amount_in(table.cell(row, name), table.marks[name]) for _, row in lines)
    return [one for one in found if one is not None]


def _party(table: Table, number: str, first: tuple[int, list[str]], client: str) -> Party:
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


def _currency(table: Table, row: Sequence[str], otherwise: str) -> str:
    named = table.cell(row, "currency").strip().upper()
    if re.fullmatch(r"[A-Z]{3}", named):
        return named
    shown = f"{table.cell(row, 'open')}{table.cell(row, 'gross')}"
    return _SIGNS.get(named) or next((code for sign, code in _SIGNS.items() if sign in shown), otherwise)


# ------------------------------------------------------------------------ amounts and days


def _only_amount(table: Table, lines: Rows, name: str) -> Decimal | None:
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


def _is_by_line(table: Table, groups: Mapping[str, Rows]) -> bool:
    """Whether each row has the amount of one line: the list names articles, and rows of one invoice differ."""
    if not table.has("item") or table.has("open"):
        return False
    return any(len(set(_amounts(table, lines, "gross"))) > 1 for lines in groups.values())


def _sum(table: Table, lines: Rows, name: str) -> Decimal | None:
    """The amounts of all rows together; a problem where one of them is none."""
    found = []
    for line, row in lines:
        if not (text := table.cell(row, name)):
            continue
        amount = amount_in(text, table.marks[name])
        if amount is None:
            said = f"{text!r} is not clearly an amount."
            table.problems.append(Problem("bad_amount", said, line, table.columns[name] + 1, table.file))
            return None
        found.append(amount)
    return sum(found, Decimal(0)) if found else None


def _day(table: Table, lines: Rows, name: str) -> date | None:
    line, row = lines[0]
    text = table.cell(row, name)
    if not text:
        return None
    found = day_in(text, table.day_first)
    if found is None:
        said = f"{text!r} is not clearly a date."
        table.problems.append(Problem("bad_date", said, line, table.columns[name] + 1, table.file))
    return found
