"""What was learned of a business's own layout: after one invoice was confirmed, the next is read with certainty.

A layout is known by its fingerprint: the labels and headings of the first page and where they begin, without any value.
A lesson says for each confirmed field where its value stood: beside which words, below which words, or at which place.
It is plain text, to be kept by whoever asks the owner, and given back with the next document.
"""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from mailbot.invoices.fields import Document, document_of
from mailbot.invoices.names import is_name
from mailbot.invoices.page import Sheet, key_of, sheet_of_pdf
from mailbot.invoices.references import numbers_in
from mailbot.invoices.values import in_cents
from mailbot.invoices.when import order_of
from mailbot.model import Doubt, InvoiceDocument, Lesson

_STEADY: Final = frozenset(
    {"number", "issue_date", "due_date", "column", "gross", "net", "payable", "iban", "title", "credit"}
)
_GRID: Final = 15.0
_PLACE: Final = 6.0
_DAYS: Final = ("issue_date", "due_date")
_AMOUNTS: Final = ("total_net", "total_tax", "total_gross", "amount_due", "prepaid")
_NUMBERS: Final = ("number", "order_reference")
_FIELDS: Final = (*_NUMBERS, *_DAYS, *_AMOUNTS, "buyer.name")
_LIFTED: Final = frozenset({"number", "issue_date", "due_date", "total_gross", "buyer", "buyer.name"})
_NO_LABEL: Final = "no label says"
_UNTOLD: Final = frozenset(
    {"the document does not say it", "the page shows several numbers", "the page shows several", "no total was found",
     "net and tax do not confirm the total", "no due date; this one follows from the payment terms"}
)  # fmt: skip
"""Doubts, in the words of the readers, that a place which was confirmed before answers."""

Value = str | date | Decimal


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value on the page with its row, first word and left edge."""

    value: Value
    row: int
    first: int
    left: float


def layout_of(document: Document) -> str:
    """The fingerprint of a layout, sixteen hexadecimal digits."""
    marks = {
        f"{mark.field}:{mark.key}@{round(mark.left / _GRID)}"
        for name in _STEADY
        for mark in document.marks.get(name, ())
        if mark.begins and document.row(mark.row).page == 0
    }
    return hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16]


def learn_layout(data: bytes, confirmed: InvoiceDocument) -> Lesson | None:
    """The lesson of a PDF whose fields the owner confirmed or corrected; None where it has no text."""
    sheet = sheet_of_pdf(data)
    return lesson_of(document_of(sheet, order_of), confirmed) if isinstance(sheet, Sheet) else None


def lesson_of(document: Document, confirmed: InvoiceDocument) -> Lesson:
    """Where each confirmed value stands; a field whose value stands nowhere on the page is left out."""
    places: dict[str, str] = {}
    for field in _FIELDS:
        wanted = _confirmed(confirmed, field)
        for seen in _seen(document, field):
            if wanted is not None and _same(seen.value, wanted) and (place := _place(document, seen, field)):
                places[field] = place
                break
    return Lesson(layout_of(document), places)


def with_lessons(found: InvoiceDocument, document: Document, lessons: Sequence[Lesson]) -> InvoiceDocument:
    """The invoice as the lesson of its layout reads it: a field that no label names is certain where it was confirmed.

    A lesson knows places, and nothing of what is owed: a doubt about what was paid, who pays whom, the kind, or a day
    that cannot be is never its to settle, and it contradicts nothing that the page says clearly.
    """
    lesson = next((one for one in lessons if one.layout == found.layout), None)
    if lesson is None:
        return found
    open_fields = {_field(one.field) for one in found.doubts if _is_of_place(one)}
    sure: dict[str, Value] = {}
    for field, place in lesson.places.items():
        values = {seen.value for seen in _seen(document, field) if _place(document, seen, field) == place}
        if len(values) == 1 and _may_say(found, field, value := values.pop(), open_fields):
            sure[field] = value
    changed = _put(found, sure)
    lifted = sure.keys() & open_fields - (set(_AMOUNTS) if _contradicted(changed) else set())
    doubts = [one for one in found.doubts if _field(one.field) not in lifted or not _is_of_place(one)]
    if _is_due_too_early(changed) and not any(one.field == "due_date" for one in doubts):
        doubts.append(Doubt("due_date", "due before it was issued", (str(changed.due_date),)))
    confidences = {**found.confidences, **dict.fromkeys(lifted, 0.99)}
    certain = round(max(found.confidence, 0.97 * 0.85 ** len(doubts)), 2)
    return replace(changed, doubts=tuple(doubts), confidences=confidences, confidence=certain)


def _is_of_place(doubt: Doubt) -> bool:
    """Whether a doubt only says that nothing on the page tells which value is meant."""
    if doubt.field not in _LIFTED:
        return False
    return doubt.why.startswith(_NO_LABEL) or doubt.why in _UNTOLD


def _may_say(found: InvoiceDocument, field: str, value: Value, open_fields: Container[str]) -> bool:
    """Whether a lesson may say that: what the page itself says stays, and nobody is its own client."""
    if field == "buyer.name":
        seller = key_of(found.seller.name or "")
        return field in open_fields and bool(seller) and key_of(str(value)) != seller
    if field in _AMOUNTS:
        known: Decimal | None = getattr(found, field)
        return known is None or (isinstance(value, Decimal) and abs(known) == abs(value))
    return field in open_fields or getattr(found, field) is None


def _is_due_too_early(found: InvoiceDocument) -> bool:
    return found.due_date is not None and found.issue_date is not None and found.due_date < found.issue_date


def _field(name: str) -> str:
    return "buyer.name" if name == "buyer" else name


def _contradicted(found: InvoiceDocument) -> bool:
    net, tax, gross = found.total_net, found.total_tax, found.total_gross
    return net is not None and tax is not None and gross is not None and net + tax != gross


def _put(found: InvoiceDocument, sure: Mapping[str, Value]) -> InvoiceDocument:
    changes: dict[str, object] = {field: value for field, value in sure.items() if field != "buyer.name"}
    for field in _AMOUNTS:
        if isinstance(value := changes.get(field), Decimal):
            changes[field] = in_cents(abs(value) if found.kind == "credit_note" else value, found.currency)
    if "buyer.name" in sure:
        changes["buyer"] = replace(found.buyer, name=str(sure["buyer.name"]))
    return replace(found, **changes)  # type: ignore[arg-type]  # each field got a value of its own kind


def _confirmed(confirmed: InvoiceDocument, field: str) -> Value | None:
    if field == "buyer.name":
        return confirmed.buyer.name
    value: Value | None = getattr(confirmed, field)
    return value


def _same(seen: Value, wanted: Value) -> bool:
    if isinstance(seen, Decimal) and isinstance(wanted, Decimal):
        return abs(seen) == abs(wanted)
    return seen == wanted if not isinstance(wanted, str) else key_of(str(seen)) == key_of(wanted)


def _seen(document: Document, field: str) -> Iterator[_Seen]:
    """All values of a field's kind, the last of equal amounts first: totals stand below what they sum up."""
    if field in _DAYS:
        for days in document.days.values():
            yield from (_Seen(day.readings[0], day.row, day.first, day.left) for day in days if len(day.readings) == 1)
    elif field in _AMOUNTS:
        for number in reversed(document.amounts):
            yield from (_Seen(one.value, one.row, one.first, one.left) for one in document.amounts[number])
    elif field in _NUMBERS:
        for numbers in numbers_in(document).values():
            yield from (_Seen(one.value, one.row, one.first, one.left) for one in numbers)
    else:
        yield from _names(document)


def _names(document: Document) -> Iterable[_Seen]:
    for row in document.sheet.rows[: document.items_row()]:
        for cell in row.cells:
            if is_name(cell.text):
                yield _Seen(cell.text, row.number, cell.first, cell.left)


def _place(document: Document, seen: _Seen, field: str) -> str | None:
    """How a value is found again: by the words before it, above it, or (names) by its place on the first page."""
    row = document.row(seen.row)
    if field == "buyer.name":
        return f"at:{round(seen.left / _PLACE)}:{round(row.top / _PLACE)}" if row.page == 0 else None
    number = row.cell_of(seen.first)
    before = row.words[row.cells[number].first : seen.first]
    if not before and number:
        left = row.cells[number - 1]
        before = row.words[left.first : left.last + 1]
    key = _letters("".join(word.key for word in before))
    if key:
        return f"right:{key}"
    for above in reversed(document.sheet.rows[max(0, seen.row - 3) : seen.row]):
        for cell in above.cells:
            if above.page == row.page and cell.left < row.cells[number].right and cell.right > row.cells[number].left:
                key = _letters(key_of(cell.text))
                return f"below:{key}" if key else None
    return None


def _letters(key: str) -> str:
    """A label without the digits that change from one invoice to the next; nothing where hardly a letter is left."""
    letters = "".join(character for character in key if character.isalpha())
    return letters[-40:] if len(letters) >= 2 and len(letters) * 2 > len(key) else ""
