"""The words that stand before the fields of an invoice, in six languages, found on a page.

The phrases are data (`fr.yaml`, `en.yaml`, `de.yaml`, `es.yaml`, `it.yaml`, `nl.yaml`). They are compared letter by
letter without spaces, so that "T.V.A.", "Br uttosumme" (kerned apart) and "R E C H N U N G" are found, and a page is
looked through once, whatever the number of phrases.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from mailbot.invoices.page import Row, Sheet, key_of

LANGUAGES: Final = ("fr", "en", "de", "es", "it", "nl")

_LONGEST: Final = 8  # words of a phrase; more on the page are letters kerned apart
_SHORT: Final = 4  # "an", "date", "vom": words of any sentence, which count only before a colon or alone
_WEAK_ALONE: Final = frozenset({"buyer", "seller", "delivery", "terms", "currency", "charge"})
_DIVIDERS: Final = frozenset("–—·•|-")
"""What divides the fields of one line: "Fecha 12-11-2026 – Vto. 12-01-2027"."""
_RATE: Final = re.compile(r"\+?\s?\d{1,2}(?:[.,]\d{1,2})?\s?%")
"""What stands before a tax: "19 % MwSt."."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on the page: which field it announces, and the words that it is made of."""

    field: str
    key: str
    row: int
    cell: int
    first: int
    last: int
    left: float
    right: float
    begins: bool
    """Nothing stands before it in its cell, but perhaps a bullet."""
    ends: bool
    """A colon or the end of its cell follows."""

    @property
    def strong(self) -> bool:
        return self.begins


@cache
def phrases() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each phrase without its spaces: the fields that it may announce, each with its languages."""
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for language in LANGUAGES:
        text = resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
        for name, words in yaml.load(text, Loader=_Loader).items():  # noqa: S506 - a safe loader, the one in C
            for phrase in words:
                fields = table.setdefault(key_of(phrase), {})
                fields[name] = (*fields.get(name, ()), language)
    return table


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(key[:length] for key in phrases() for length in range(1, len(key) + 1))


def language_of(sheet: Sheet) -> str:
    """The language that most labels of the page belong to; French where there is none."""
    votes: Counter[str] = Counter()
    for row in sheet.rows:
        for _, _, key in _found(row):
            if len(key) > _SHORT:
                spoken = {language for languages in phrases()[key].values() for language in languages}
                votes.update(dict.fromkeys(spoken, len(key) if len(spoken) == 1 else 1))
    return votes.most_common(1)[0][0] if votes else "fr"


def marks_of(sheet: Sheet, language: str) -> list[Mark]:
    """Every label of the page from top to bottom; a phrase with two meanings has that of the page's language.

    A label may fill two lines of one cell ("Date" above "d'échéance"), and stand in two languages side by side
    ("Käufer / Buyer"): then it ends where the second one does.
    """
    found: list[Mark] = []
    for row in sheet.rows:
        stacked: list[Mark] = []
        covered: set[tuple[int, int]] = set()
        for above in sheet.rows[max(0, row.number - 3) : row.number]:
            here = list(_stacked(above, row, language))
            if not here:
                continue
            stacked += here
            covered |= {(mark.row, mark.cell) for mark in here}
            upper = {(above.number, number) for number, _ in _pairs(above, row, {mark.cell for mark in here})}
            found = [mark for mark in found if (mark.row, mark.cell) not in upper]
        found += stacked
        found += [
            mark for mark in _bilingual(list(_marks(row, language)), row) if (row.number, mark.cell) not in covered
        ]
    return found


def _pairs(above: Row, row: Row, wanted: set[int] | None = None) -> Iterator[tuple[int, int]]:
    """(cell, cell below it) of two rows close together, where both are short and in one column."""
    if above.valued or row.valued:
        return  # names and values side by side, and no heading of two lines
    if row.page != above.page or row.top - above.bottom > 0.6 * row.height:
        return
    for number, cell in enumerate(row.cells):
        if cell.last - cell.first > 2 or (wanted is not None and number not in wanted):
            continue
        for other, upper in enumerate(above.cells):
            if upper.last - upper.first <= 2 and upper.left < cell.right and upper.right > cell.left:
                yield other, number


def _stacked(above: Row, row: Row, language: str) -> Iterator[Mark]:
    table, beginnings = phrases(), _beginnings()
    for other, number in _pairs(above, row):
        upper, cell = above.cells[other], row.cells[number]
        start = "".join(word.key for word in above.words[upper.first : upper.last + 1])
        if not start or start not in beginnings:
            continue
        key = start + "".join(word.key for word in row.words[cell.first : cell.last + 1])
        if key in table:
            for name in _meanings(key, language):
                left, right = min(upper.left, cell.left), max(upper.right, cell.right)
                yield Mark(name, key, row.number, number, cell.first, cell.last, left, right, begins=True, ends=True)


def _bilingual(marks: list[Mark], row: Row) -> list[Mark]:
    for index in range(len(marks) - 2, -1, -1):
        mark, after = marks[index], marks[index + 1]
        between = row.words[mark.last + 1 : after.first]
        divided = all(word.text in "/|-–·" for word in between) and (between or row.words[mark.last].text.endswith("/"))
        if mark.cell == after.cell and after.first > mark.last and len(between) <= 1 and divided:
            marks[index] = replace(mark, last=after.last, right=after.right, ends=after.ends)
    return marks


def _marks(row: Row, language: str) -> Iterator[Mark]:
    cell = 0
    for first, last, key in _found(row):
        while row.cells[cell].last < first:
            cell += 1
        place = row.cells[cell]
        begins = all(not any(c.isalnum() for c in word.text) for word in row.words[place.first : first])
        after = row.words[last + 1] if last < place.last else None
        ends = after is None or row.words[last].text.endswith(":") or after.text.startswith((":", "/"))
        named = next(index for index in range(first, last + 1) if row.words[index].key)  # "%" may stand before it
        lead = " ".join(word.text for word in row.words[place.first : named])
        for name in _meanings(key, language):
            starts = begins or (name == "tax" and _RATE.fullmatch(lead) is not None)
            apart = name == "due_date" and named > place.first and row.words[named - 1].text in _DIVIDERS
            if not _counts(name, key, starts or apart, ends or apart):
                continue
            yield Mark(
                name, key, row.number, cell, first, last, row.words[first].left, row.words[last].right, starts, ends
            )


def _meanings(key: str, language: str) -> list[str]:
    fields = phrases()[key]
    own = [name for name, languages in fields.items() if language in languages]
    return own or list(fields)


def _counts(name: str, key: str, begins: bool, ends: bool) -> bool:
    if name in ("vat", "siren", "bic", "iban"):
        return True
    if len(key) <= _SHORT or name in _WEAK_ALONE:
        return begins and (
            ends or (name in ("tax", "vat", "terms", "iban", "bic", "total", "net", "charge", "retention") and begins)
        )
    return True


def _found(row: Row) -> Iterator[tuple[int, int, str]]:
    """(first word, last word, phrase) of the longest phrases of a row, cell by cell, without overlap."""
    table, beginnings = phrases(), _beginnings()
    for cell in row.cells:
        index = cell.first
        while index <= cell.last:
            best = None
            key = ""
            for end in range(index, min(cell.last, index + _LONGEST) + 1):
                key += row.words[end].key
                if key and key not in beginnings:
                    break
                if key in table and row.words[end].key:
                    best = (index, end, key)
            if best is None:
                index += 1
            else:
                yield best
                index = best[1] + 1
