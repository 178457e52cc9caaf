"""Open customer items of a FEC (fichier des écritures comptables, arrêté du 29 juillet 2013, art. A47 A-1 LPF).

What is owed follows from the accounts 411 and 416: entries that are lettered together and balance are settled; the
others are added up by client and document. A payment that nobody has lettered is taken off the client's invoice of that
amount, else off the oldest ones, so that nobody is chased for what the books hold already. Credits of a sales journal
(one with accounts 70) are credit notes. What is carried forward from the year before without the number of its invoice
("à nouveau") is a Problem: nobody can be asked to pay what has no number.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from mailbot.invoices.cells import Rows
from mailbot.model import InvoiceDocument, Listed, Party, Problem

COLUMNS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip
"""The eighteen columns, in the order of the decree; Debit and Credit may be Montant and Sens instead."""
_NEEDED: Final = frozenset({"ecriturenum", "ecrituredate", "comptenum", "pieceref"})
_FORWARD: Final = re.compile(r"(?:an|ran|anv|a nouveaux?|reports? a nouveau|ouverture|solde d ouverture|reprise)\b")
"""How journals, texts and pieces say that a balance comes from the year before, folded."""
_CUSTOMERS: Final = ("411", "416")
_RETENTIONS: Final = "4117"
"""Clients, retenues de garantie (plan comptable général, account 4117): due once the works are accepted for good, which
is a year after their reception (loi n° 71-584 of 16 July 1971), whatever the terms of the invoice."""


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    client: str
    name: str
    piece: str
    day: date
    amount: Decimal
    """Debit above zero."""
    letter: str
    journal: str
    forward: bool
    """Carried forward from the year before."""


@dataclass(slots=True)
class _Item:
    """What is open of one document of one client."""

    line: int
    client: str
    name: str
    piece: str
    day: date
    billed: Decimal
    open: Decimal
    journal: str
    forward: bool


def is_fec(rows: Rows) -> bool:
    """Whether the first row has the headings of a FEC."""
    heads = {cell.casefold().strip("\ufeff") for cell in rows[0][1]} if rows else set()
    return heads >= _NEEDED


def read_fec(rows: Rows, file: str) -> tuple[list[Listed], tuple[Problem, ...]]:
    """Open invoices and credit notes without a due date of the customers' accounts, and what could not be read."""
    heads = {cell.casefold().strip("\ufeff"): at for at, cell in enumerate(rows[0][1])}
    problems: list[Problem] = []
    entries: list[_Entry] = []
    retained: list[_Entry] = []
    sales = {
        _cell(cells, heads, "journalcode") for _, cells in rows[1:] if _cell(cells, heads, "comptenum")[:2] == "70"
    }
    for line, cells in rows[1:]:
        account = _cell(cells, heads, "comptenum")
        if not account.startswith(_CUSTOMERS):
            continue
        entry = _entry(line, cells, heads)
        if isinstance(entry, str):
            problems.append(Problem("bad_entry", entry, line, file=file))
        else:
            (retained if account.startswith(_RETENTIONS) else entries).append(entry)
    items = _open_items(entries, sales)
    problems += [_held_back(item, file) for item in _open_items(retained, sales) if item.open > 0]
    problems += [_unnumbered(item, file) for item in items if item.forward and not _has_number(item)]
    found = [Listed(one.line, _document(one), one.client) for one in items if not one.forward or _has_number(one)]
    return sorted(found, key=lambda one: one.line), tuple(problems)


def _has_number(item: _Item) -> bool:
    """Whether the piece may be an invoice, and not the journal of what is carried forward."""
    return any(sign.isdigit() for sign in item.piece) and not _FORWARD.match(_folded(item.piece))


def _unnumbered(item: _Item, file: str) -> Problem:
    said = (
        f"{item.open} of {item.name} is carried forward ({item.piece}) without the number of an invoice: "
        "import the FEC of the year before, or a list of the open invoices."
    )
    return Problem("carried_forward", said, item.line, file=file)


def _held_back(item: _Item, file: str) -> Problem:
    said = (
        f"{item.open} of {item.name} ({item.piece}) is a retention: it is due when the works are accepted for good, "
        "not by the payment terms. Left out; take it in by a list with its own due date."
    )
    return Problem("retention", said, item.line, file=file)


def _entry(line: int, cells: Sequence[str], heads: dict[str, int]) -> _Entry | str:
    amount = _amount(cells, heads)
    day = _day(_cell(cells, heads, "piecedate")) or _day(_cell(cells, heads, "ecrituredate"))
    if amount is None:
        return "The debit or credit of this entry cannot be read."
    if day is None:
        return "The date of this entry cannot be read."
    account = _cell(cells, heads, "compauxnum") or _cell(cells, heads, "comptenum")
    name = _cell(cells, heads, "compauxlib") or _cell(cells, heads, "comptelib") or account
    piece = _cell(cells, heads, "pieceref") or _cell(cells, heads, "ecriturenum")
    journal, said = _cell(cells, heads, "journalcode"), _cell(cells, heads, "ecriturelib")
    titles = (journal, _cell(cells, heads, "journallib"), said)
    forward = any(_FORWARD.match(_folded(title)) for title in titles)
    return _Entry(line, account, name, piece, day, amount, _cell(cells, heads, "ecriturelet"), journal, forward)


def _open_items(entries: Sequence[_Entry], sales: Collection[str]) -> list[_Item]:
    lettered: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if entry.letter:
            lettered[entry.client, entry.letter] += entry.amount
    still = [entry for entry in entries if not entry.letter or lettered[entry.client, entry.letter] != 0]
    items: dict[tuple[str, str], _Item] = {}
    for entry in sorted(still, key=lambda one: (one.day, one.line)):
        key = (entry.client, entry.piece)
        item = items.setdefault(
            key,
            _Item(entry.line, entry.client, entry.name, entry.piece, entry.day, Decimal(0), Decimal(0), entry.journal,
                  entry.forward),
        )  # fmt: skip
        item.open += entry.amount
        item.billed += max(entry.amount, Decimal(0))
    by_client: dict[str, list[_Item]] = defaultdict(list)
    for item in items.values():
        by_client[item.client].append(item)
    return [item for owed in by_client.values() for item in _net(owed, sales)]


def _net(items: Sequence[_Item], sales: Collection[str]) -> list[_Item]:
    """Money that stands apart is taken off what is owed: the invoice of that amount, else the oldest first."""
    owed = sorted((item for item in items if item.open > 0), key=lambda one: (one.day, one.line))
    for credit in [item for item in items if item.open < 0 and item.journal not in sales]:
        same = next((item for item in owed if item.open == -credit.open), None)
        for item in [same] if same is not None else owed:
            used = min(item.open, -credit.open)
            item.open -= used
            credit.open += used
    return [item for item in items if item.open != 0]


def _document(item: _Item) -> InvoiceDocument:
    credit = item.open < 0
    billed = item.billed if not credit else -item.open
    return InvoiceDocument(
        source="listing", profile="FEC", kind="credit_note" if credit else "invoice", number=item.piece,
        issue_date=item.day, due_date=None, currency="EUR", total_net=None, total_tax=None, total_gross=billed,
        prepaid=max(billed - abs(item.open), Decimal(0)), amount_due=abs(item.open), buyer=Party(name=item.name),
        confidence=0.99,
    )  # fmt: skip


def _amount(cells: Sequence[str], heads: dict[str, int]) -> Decimal | None:
    if "montant" in heads:
        amount, side = _number(_cell(cells, heads, "montant")), _cell(cells, heads, "sens").upper()
        if amount is None or side not in ("D", "C", "+1", "-1", "1"):
            return None
        return amount if side in ("D", "+1", "1") else -amount
    debit, credit = (_number(_cell(cells, heads, name)) for name in ("debit", "credit"))
    return None if debit is None or credit is None else debit - credit


def _number(text: str) -> Decimal | None:
    bare = re.sub(r"[\s\u00a0\u202f]", "", text) or "0"
    if "," in bare:
        bare = bare.replace(".", "").replace(",", ".")
    try:
        return Decimal(bare) if re.fullmatch(r"[+-]?\d{1,13}(?:\.\d{1,6})?", bare) else None
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _cell(cells: Sequence[str], heads: dict[str, int], name: str) -> str:
    at = heads.get(name)
    return cells[at] if at is not None and at < len(cells) else ""


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(sign for sign in plain if not unicodedata.combining(sign))))
