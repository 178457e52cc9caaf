"""What was learned of a business's own layout: after one invoice was confirmed, the next is read with certainty.

A layout is known by its fingerprint: the labels and headings of the first page and where they begin, without any value.
A lesson says for each confirmed field where its value stood: beside which words, below which words, or at which place.
It is plain text, to be kept by whoever asks the owner, and given back with the next document.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from mailbot.model import InvoiceDocument, Lesson

_STEADY: Final = frozenset(
    {"number", "issue_date", "due_date", "column", "gross", "net", "payable", "iban", "title", "credit"}
)
_GRID: Final = 15.0
_PLACE: Final = 6.0
_DAYS: Final = ("issue_date", "due_date")
_AMOUNTS: Final = ("total_net", "total_tax", "total_gross", "amount_due", "prepaid")
_NUMBERS: Final = ("number", "order_reference")
_FIELDS: Final = (*_NUMBERS, *_DAYS, *_AMOUNTS, "buyer.name")

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
    """The invoice as the lesson of its layout reads it: what stands where it was confirmed is certain.

    A total that a lesson finds and that net and tax contradict stays in doubt.
    """
    lesson = next((one for one in lessons if one.layout == found.layout), None)
    if lesson is None:
        return found
    sure: dict[str, Value] = {}
    for field, place in lesson.places.items():
        values = {seen.value for seen in _seen(document, field) if _place(document, seen, field) == place}
        if len(values) == 1:
            sure[field] = values.pop()
    changed = _put(found, sure)
    contradicted = _contradicted(changed)
    doubts = tuple(
        one for one in found.doubts if _field(one.field) not in sure or (contradicted and one.field in _AMOUNTS)
    )
    confidences = {**found.confidences, **{field: 0.99 for field in sure if not (contradicted and field in _AMOUNTS)}}
    certain = round(max(found.confidence, 0.97 * 0.85 ** len(doubts)), 2)
    return replace(changed, doubts=doubts, confidences=confidences, confidence=certain)


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
