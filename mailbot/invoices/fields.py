"""The values that belong to the labels of a page: what stands to the right of a label, else below it, else above."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, Protocol, TypeVar

from mailbot.invoices.dates import Order, date_spans
from mailbot.invoices.figures import Amount, amounts_of, decimal_mark
from mailbot.invoices.labels import Mark, language_of, marks_of
from mailbot.invoices.page import Row, Sheet, Word

_BELOW_POINTS: Final = 32.0
_MOST_MARKS: Final = 50
_BELOW: Final = 4.6  # heights of the label; further down something else has begun


@dataclass(frozen=True, slots=True)
class Day:
    """A date on the page with all days that it may mean."""

    readings: tuple[date, ...]
    row: int
    first: int
    last: int
    left: float
    right: float


class _Placed(Protocol):
    @property
    def row(self) -> int: ...
    @property
    def first(self) -> int: ...
    @property
    def left(self) -> float: ...
    @property
    def right(self) -> float: ...


_Found = TypeVar("_Found", bound=_Placed)


@dataclass(frozen=True, slots=True)
class Candidate(Generic[_Found]):
    """A value, the label that it stands beside, how ("right", "below", "above"), and how well that fits (0 to 1)."""

    value: _Found
    mark: Mark
    where: str
    weight: float


@dataclass(slots=True)
class Document:
    """A page with everything that was found on it; the parts of the reader look things up here."""

    sheet: Sheet
    language: str
    order: Order
    marks: dict[str, list[Mark]]
    by_row: dict[int, list[Mark]]
    days: dict[int, list[Day]]
    amounts: dict[int, list[Amount]]
    text: str
    claimed: set[tuple[int, int]] = field(default_factory=set)
    """(row, word) of values that belong to another label on their left."""

    def row(self, number: int) -> Row:
        return self.sheet.rows[number]

    def has(self, name: str) -> bool:
        return name in self.marks

    def items_row(self) -> int:
        """The row with the headings of the table of items; behind the last row where there is none."""
        counts = Counter(mark.row for mark in self.marks.get("column", ()))
        return min((row for row, count in counts.items() if count > 1), default=len(self.sheet.rows))


def document_of(sheet: Sheet, order_of: Callable[[str, str], Order]) -> Document:
    """Everything that is found once; `order_of` tells from text and language what 03/04/2026 means."""
    language = language_of(sheet)
    marks: dict[str, list[Mark]] = defaultdict(list)
    by_row: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks_of(sheet, language):
        marks[mark.field].append(mark)
        by_row[mark.row].append(mark)
    for name, all_ in marks.items():
        if len(all_) > 2 * _MOST_MARKS:
            marks[name] = all_[:_MOST_MARKS] + all_[-_MOST_MARKS:]
    text = "\n".join(sheet.lines())
    order = order_of(text, language)
    decimal = decimal_mark(sheet)
    days: dict[int, list[Day]] = {}
    amounts: dict[int, list[Amount]] = {}
    for row in sheet.rows:
        if not row.valued:
            continue
        found = list(_days(row, order))
        days[row.number] = found
        taken = {index for day in found for index in range(day.first, day.last + 1)}
        amounts[row.number] = [one for one in amounts_of(row, decimal) if one.first not in taken]
    return Document(sheet, language, order, dict(marks), dict(by_row), days, amounts, text)


def _days(row: Row, order: Order) -> Iterator[Day]:
    for start, end, readings in date_spans(row.text, order=order):
        first, last = row.word_at(start), row.word_at(end - 1)
        yield Day(readings, row.number, first, last, row.words[first].left, row.words[last].right)


def beside(
    document: Document, names: Sequence[str], values: dict[int, list[_Found]], *, last: bool = False
) -> list[Candidate[_Found]]:
    """The values that stand by the labels of these fields, those to the right first.

    `last` takes the last value before the next label of a row (totals), else the first one is taken (dates).
    """
    found = []
    for name in names:
        for mark in document.marks.get(name, ()):
            found += (
                _right(document, mark, values, last=last)
                or _under(document, mark, values)
                or _over(document, mark, values)
            )
    return found


def _right(document: Document, mark: Mark, values: dict[int, list[_Found]], *, last: bool) -> list[Candidate[_Found]]:
    stop = _next_mark(document, mark)
    found = [one for one in values.get(mark.row, ()) if mark.last < one.first < stop]
    if not found:
        return []
    row = document.row(mark.row)
    chosen = found[-1] if last else found[0]
    near = row.cell_of(chosen.first) - mark.cell <= 1
    weight = (0.9 if mark.strong else 0.55) * (1.0 if near or last else 0.7)
    if not mark.strong and chosen.first - mark.last > 4:
        weight *= 0.5
    return [Candidate(chosen, mark, "right", weight)]


def _next_mark(document: Document, mark: Mark) -> int:
    """The word at which the next label of the row begins that is not part of this one."""
    words = document.row(mark.row).words
    later = [
        other.first
        for other in document.by_row[mark.row]
        if other.first > mark.last and (other.begins or any(map(_has_digit, words[mark.last + 1 : other.first])))
    ]
    return min(later, default=1_000_000)


def _has_digit(word: Word) -> bool:
    return any(character.isdigit() for character in word.text)


def _under(document: Document, mark: Mark, values: dict[int, list[_Found]]) -> list[Candidate[_Found]]:
    """What stands below, in the column of the label; the rest of the label's own cell belongs to its width."""
    if not mark.strong:
        return []
    label = document.row(mark.row)
    cell = label.cells[mark.cell]
    left, right = min(mark.left, cell.left) - 4, max(mark.right, cell.right) + 4
    for row in document.sheet.rows[mark.row + 1 : mark.row + 9]:
        if row.page != label.page or row.top - label.bottom > max(_BELOW * label.height, _BELOW_POINTS):
            break
        inside = [one for one in values.get(row.number, ()) if one.left < right and one.right > left]
        if not inside:
            inside = _same_edge(values.get(row.number, ()), right)
        if not inside:
            inside = [
                one for one in values.get(row.number, ()) if left < one.left and one.right < box_end(label, mark.cell)
            ]
        if inside and not _labelled(document, inside[0]):
            best = min(inside, key=lambda one: abs(one.left + one.right - left - right))
            return [Candidate(best, mark, "below", 0.75)]
        if any(
            other.left < right and other.right > left and other.begins for other in document.by_row.get(row.number, ())
        ):
            break
    return []


def box_end(label: Row, cell: int) -> float:
    """Where the box of a printed form ends whose name is a label: where the next name begins."""
    return label.cells[cell + 1].left if cell + 1 < len(label.cells) else label.cells[cell].left + 140


def _same_edge(values: Sequence[_Found], right: float) -> list[_Found]:
    return [one for one in values if abs(one.right + 4 - right) < 6]


def _labelled(document: Document, value: _Placed) -> bool:
    """Whether a label of its own stands to the left of a value, in its cell or the one before."""
    row = document.row(value.row)
    cell = row.cell_of(value.first)
    return any(
        mark.last < value.first and cell - mark.cell <= 1 and mark.begins for mark in document.by_row.get(value.row, ())
    )


def _over(document: Document, mark: Mark, values: dict[int, list[_Found]]) -> list[Candidate[_Found]]:
    """What stands above a label that is alone: the habit of "cards" with a big value and a small name."""
    label = document.row(mark.row)
    cell = label.cells[mark.cell]
    if not (mark.begins and mark.last == cell.last):
        return []
    for row in reversed(document.sheet.rows[max(0, mark.row - 2) : mark.row]):
        if row.page != label.page or label.top - row.bottom > 1.2 * label.height:
            break
        inside = [one for one in values.get(row.number, ()) if one.left < cell.right and one.right > cell.left]
        if len(inside) == 1 and not _labelled(document, inside[0]):
            return [Candidate(inside[0], mark, "above", 0.45)]
    return []
