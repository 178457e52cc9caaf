"""The number of an invoice and the numbers beside it: order, payment reference, the invoice that is credited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from mailbot.invoices.fields import Candidate, Document, beside
from mailbot.invoices.labels import Mark
from mailbot.invoices.page import Row, Word
from mailbot.model import Doubt

_TOKEN: Final = re.compile(r"[A-Za-z0-9][\w/.+:-]{0,39}|\d")
_PREFIX: Final = re.compile(r"[A-Z]{1,6}[-/.]?")
_TAIL: Final = re.compile(r"[-/]?\d{1,10}(?:[-/]\d{1,8})*")
_FILLERS: Final = frozenset(
    (
        "no", "n", "nr", "num", "number", "numero", "nummer", "nro", "#", "", "ref", "id", "n#", "re", "der",
        "belegnr",
    )
)  # fmt: skip
_STAMPS: Final = frozenset(
    (
        "acquittee", "payee", "reglee", "paid", "bezahlt", "pagada", "pagata", "betaald", "duplicata", "duplicate",
        "duplikat", "duplicado", "duplicato", "duplicaat", "copie", "copy", "kopie", "copia", "original", "originale",
    )
)  # fmt: skip
"""What is stamped on an invoice between its heading and its number."""
_SERIES: Final = ("serie", "series")
_CREDITS: Final = ("avoir", "credit", "gutschrift", "storno", "korrektur", "abono", "rectificativ")
_SUMS: Final = frozenset({"net", "tax", "gross", "total", "payable", "subtotal"})
_SIGNS: Final = frozenset(("no", "n", "nr", "number", "numero", "nummer", "#"))
_ORDERS: Final = (
    "order",
    "bestel",
    "commande",
    "po",
    "pedido",
    "ordine",
    "bdc",
    "bc",
    "auftrag",
    "engagement",
    "oda",
    "ordre",
)
_NOT_A_NUMBER: Final = re.compile(r"\d{1,2}[.:]\d{2}|\d{1,3}[.,]\d{1,2}|.*%|.*@.*|(?:19|20)\d\d|page\d*", re.IGNORECASE)
_UNITS: Final = re.compile(r"\d+(?:x|h|pcs|kg|km|m|m2|cm|mm|st|er|th|nd|rd|ème|j)", re.IGNORECASE)


_CLEAR: Final = 0.74
_MOST_OTHERS: Final = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A reference as it is printed, and where."""

    value: str
    row: int
    first: int
    last: int
    left: float
    right: float


def numbers_in(document: Document) -> dict[int, list[Number]]:
    """Everything on the page that may be the number of a document."""
    return {row.number: list(_numbers(document, row)) for row in document.sheet.rows if row.valued}


def has_digit(text: str) -> bool:
    """Whether a digit of any script stands in a text."""
    return any(map(str.isdigit, text))


def _numbers(document: Document, row: Row) -> Iterator[Number]:
    dates = {index for day in document.days.get(row.number, ()) for index in range(day.first, day.last + 1)}
    index = 0
    while index < len(row.words):
        found = None if index in dates else _number_at(row, index, dates)
        if found is None:
            index += 1
        else:
            yield found
            index = found.last + 1


def _number_at(row: Row, index: int, dates: set[int]) -> Number | None:
    """One word with a digit; or a prefix of capitals and digits that stand apart ("FA 2026-0412", "2026 / 12")."""
    word = row.words[index]
    if word.text.startswith("(") and word.text.endswith(")"):
        return None
    text = word.text.strip("()[],;:")
    last = index
    if _PREFIX.fullmatch(text) and word.key not in _SIGNS and index + 1 < len(row.words):
        after = row.words[index + 1]
        if index + 1 in dates or not _near(word.right, after.left, after.height) or not _TAIL.match(after.text):
            return None
        text, last = f"{text} {after.text}", index + 1
    text = text.rstrip(".,;:)")
    if not has_digit(text) or not _TOKEN.fullmatch(text.replace(" ", "")):
        return None
    if last + 2 < len(row.words):
        sign, tail = row.words[last + 1 : last + 3]
        close = _near(row.words[last].right, tail.left, 3 * word.height)
        if close and sign.text in ("/", "-") and _TAIL.fullmatch(tail.text):
            text, last = f"{text} {sign.text} {tail.text}", last + 2
    while has_digit(text) and last + 1 < len(row.words) and last - index < 3:
        more = row.words[last + 1]
        if (
            last + 1 in dates
            or not re.fullmatch(r"\d{1,6}", more.text)
            or not _near(row.words[last].right, more.left, more.height)
        ):
            break
        text, last = f"{text} {more.text}", last + 1
    return Number(text, row.number, index, last, word.left, row.words[last].right)


def _near(right: float, left: float, height: float) -> bool:
    return left - right < 0.8 * height


@dataclass(slots=True)
class Numbered:
    """The document's own number with how certain it is, the other references, and the doubts."""

    number: str | None = None
    certainty: float = 0.0
    order: str | None = None
    reference: str | None = None
    preceding: str | None = None
    doubts: tuple[Doubt, ...] = ()
    row: int | None = None
    last: int | None = None


def references_of(document: Document, *, credit: bool) -> Numbered:
    """All references of a page; `credit` tells whether it is a credit note, which also names another invoice."""
    numbers = numbers_in(document)
    preceding = _best(document, beside(document, ["preceding"], numbers))
    found = sorted(_own(document, numbers, credit=credit), key=lambda one: one[1], reverse=True)
    found = [
        one for one in found if not (preceding and one[0].value == preceding.value and one[2] != "number")
    ] or found
    order = _best(document, beside(document, ["order"], numbers))
    reference = _reference(document)
    result = Numbered(
        order=order.value if order else None,
        reference=reference,
        preceding=preceding.value if preceding else None,
    )
    if found:
        best, weight, _ = found[0]
        rivals = [one.value for one, other, _ in found if one.value != best.value and other > weight - 0.25]
        result.number, result.certainty, result.row, result.last = best.value, weight, best.row, best.last
        if rivals:
            result.doubts = (
                Doubt("number", "the page shows several numbers", (best.value, *dict.fromkeys(rivals))[:5]),
            )
        elif weight < 0.6:
            result.doubts = (Doubt("number", "no label says clearly that this is the number", (best.value,)),)
    if credit and result.preceding is None:
        result.preceding = _other_invoice(found, result.number)
    return result


def other_numbers(document: Document, number: str | None) -> list[str]:
    """The numbers of other invoices on later pages: those that have totals, and a number that the first page lacks."""
    summed = {document.row(mark.row).page for name in ("gross", "payable") for mark in document.marks.get(name, ())
              if mark.begins}  # fmt: skip
    if not summed - {0}:
        return []
    numbers = numbers_in(document)
    first = {one.value for row in document.sheet.rows if row.page == 0 for one in numbers.get(row.number, ())}
    found = [
        one.value
        for one, weight, label in _own(document, numbers, credit=False)
        if label in ("number", "title") and weight >= _CLEAR and document.row(one.row).page in summed - {0}
    ]
    return [one for one in dict.fromkeys(found) if one not in first and one != number][:_MOST_OTHERS]


def _other_invoice(found: list[tuple[Number, float, str]], number: str | None) -> str | None:
    return next((one.value for one, _, label in found if label == "number" and one.value != number), None)


def _own(document: Document, numbers: dict[int, list[Number]], *, credit: bool) -> Iterator[tuple[Number, float, str]]:
    """Candidates for the document's own number with their weights and the field of their label."""
    for one in beside(document, ["number"], numbers):
        weight = _weight(document, one)
        if weight and not is_set_off(document, one.mark):
            of_credit = any(word in one.mark.key for word in _CREDITS)
            yield one.value, weight + (0.2 if credit and of_credit else 0.0), "number"
    for one in beside(document, ["credit", "title"], numbers):
        weight = 0.85 * _weight(document, one)
        if weight and one.where != "above" and one.mark.begins and not is_set_off(document, one.mark):
            yield one.value, weight + (0.2 if credit and one.mark.field == "credit" else 0.0), "title"
    yield from _bare(document, numbers)


def is_set_off(document: Document, mark: Mark) -> bool:
    """Whether a label of a credit note stands in a line of sums, before an amount with a minus ("Avoir AV-9  -300,00"):
    then it says what is taken off this invoice. A line that names another sum ("Total") is none of these.
    """
    if mark.field != "credit" and not any(word in mark.key for word in _CREDITS):
        return False
    named = any(other.first > mark.last for other in document.by_row[mark.row] if other.field in _SUMS)
    return not named and any(
        one.exact and one.value < 0 and one.first > mark.last for one in document.amounts.get(mark.row, ())
    )


def _bare(document: Document, numbers: dict[int, list[Number]]) -> Iterator[tuple[Number, float, str]]:
    """A lone "N° 2026-12" near the title of the page."""
    titles = [mark for name in ("title", "credit") for mark in document.marks.get(name, ()) if mark.begins]
    for row in document.sheet.rows[:40]:
        for number in numbers.get(row.number, ()):
            cell = row.cells[row.cell_of(number.first)]
            lead = row.words[cell.first : number.first] or _lead_beside(document, row, number)
            if len(lead) == 3 and lead[0].key in _SERIES and lead[2].key in _SIGNS:  # "Serie A Nº 2026/0455"
                number, lead = replace(number, value=f"{lead[1].text} {number.value}"), lead[2:]
            if not lead or len(lead) > 2 or any(word.key not in _FILLERS for word in lead) or not lead[0].key:
                continue
            close = any(abs(row.number - mark.row) <= 8 for mark in titles)
            if _is_number(number.value):
                yield number, 0.68 if close else 0.5, "bare"


def _lead_beside(document: Document, row: Row, number: Number) -> list[Word]:
    """A cell "N°" or "Nummer" to the left of a number, or right above it."""
    place = row.cell_of(number.first)
    if place and (left := row.cells[place - 1]).first == left.last:
        return row.words[left.first : left.last + 1]
    for above in reversed(document.sheet.rows[max(0, row.number - 2) : row.number]):
        for cell in above.cells:
            close = above.page == row.page and row.top - above.bottom < 1.5 * row.height
            if close and cell.first == cell.last and abs(cell.left - number.left) < 12:
                return above.words[cell.first : cell.last + 1]
    return []


def _weight(document: Document, one: Candidate[Number]) -> float:
    """How well this can be a document's number; 0 where something stands between it and its label."""
    if not _is_number(one.value.value):
        return 0.0
    row = document.row(one.value.row)
    if one.where != "right":
        cell = row.cells[row.cell_of(one.value.first)]
        lead = row.words[cell.first : one.value.first]
        return one.weight if all(word.key in _FILLERS or word.text.startswith("(") for word in lead) else 0.0
    between = row.words[one.mark.last + 1 : one.value.first]
    if one.mark.field in ("title", "credit"):
        between = [word for word in between if word.key not in _STAMPS]
    if one.mark.field in ("title", "credit") and 1 < len(between) <= 8 and between[-1].key in _SIGNS:
        return one.weight
    if any(word.key not in _FILLERS and not _in_brackets(word.text) for word in between):
        return 0.0
    return one.weight


def _in_brackets(text: str) -> bool:
    return text.startswith("(") or text.endswith(")")


def _is_number(value: str) -> bool:
    return not _NOT_A_NUMBER.fullmatch(value) and not _UNITS.fullmatch(value)


def _best(document: Document, found: list[Candidate[Number]]) -> Number | None:
    weighed = [(weight, one) for one in found if (weight := _weight(document, one)) and one.where != "above"]
    return max(weighed, key=lambda pair: pair[0] + 0.1 * _names_order(pair[1].mark.key))[1].value if weighed else None


def _names_order(key: str) -> bool:
    """Whether a label speaks of an order, and not of any reference."""
    return any(word in key for word in _ORDERS)


def _reference(document: Document) -> str | None:
    """What the client is asked to write on the transfer: the rest of the label's cell, or the cell beside it."""
    for mark in document.marks.get("reference", ()):
        if words := after(document, mark):
            return words[:70] if has_digit(words) else None
    return None


def after(document: Document, mark: Mark) -> str:
    """The words of the row that follow a label: the rest of its cell, else the next cell where no label begins it."""
    row = document.row(mark.row)
    cell = row.cells[mark.cell]
    rest = " ".join(word.text for word in row.words[mark.last + 1 : cell.last + 1]).strip(" :–-")
    if rest or mark.cell + 1 >= len(row.cells):
        return rest
    beside_ = row.cells[mark.cell + 1]
    if any(other.first == beside_.first and other.begins for other in document.by_row[mark.row]):
        return ""
    return beside_.text.strip(" :")
