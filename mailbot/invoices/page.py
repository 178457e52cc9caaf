"""The words of a page and where they stand: rows from top to bottom, cells of a row from left to right.

The order in which a PDF draws its text says nothing about what a reader sees side by side, so rows are built from the
places of the words alone. Lengths are points (1/72 inch); y grows downwards, and pages stand one below the other.
"""

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]  # ships none
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # ships none

from mailbot.model import Problem

_FIRST_PAGES: Final = 20
_LAST_PAGES: Final = 8  # the totals of a long invoice stand on its last page
_MOST_WORDS: Final = 12_000
_MOST_LINES: Final = 2000
_MOST_CHARACTERS: Final = 200_000
_LONGEST_WORD: Final = 120

_CELL_GAP = 0.95  # of the text's height: wider than any space between words of one sentence
_NO_GAP = 0.06  # PDFium writes a space where letters are only kerned apart
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\S+")
_GLUED = re.compile(r"(?<=[^\W\d]):(?=[^\s/:])|(?<=[°º#])(?=[^\W_])|(?<=[^\W\d]\.)(?=\d{4,})")
_PLAIN = re.compile(r"[^a-z0-9#]+")
_SIGNS = str.maketrans({"°": "o", "º": "o", "№": "no", "ß": "ss", "€": "", "œ": "oe", "æ": "ae", "ı": "i"})
_ODD = str.maketrans({"\ufffe": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-", "\x02": "-", "\x00": " "})


@dataclass(slots=True)
class Word:
    """One word and its box; `key` is it in small letters and digits without accents and points."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    key: str = ""

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(slots=True)
class Cell:
    """Words of one row with no wide gap between them: `first` and `last` are their places in the row."""

    first: int
    last: int
    text: str
    left: float
    right: float


@dataclass(slots=True)
class Row:
    """Words side by side, from left to right, and the cells that they form."""

    number: int
    page: int
    words: list[Word]
    cells: list[Cell] = field(default_factory=list)
    top: float = 0.0
    bottom: float = 0.0
    text: str = ""
    starts: list[int] = field(default_factory=list)
    """Where each word begins in `text`."""
    valued: bool = False
    """Whether there is a digit in it."""

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def cell_of(self, index: int) -> int:
        """The cell that a word is in."""
        return next(number for number, cell in enumerate(self.cells) if index <= cell.last)

    def word_at(self, position: int) -> int:
        """The word at a place in `text`."""
        found = 0
        for index, start in enumerate(self.starts):
            if start > position:
                break
            found = index
        return found


@dataclass(slots=True)
class Sheet:
    """All rows of a document, its pages one below the other."""

    rows: list[Row]
    width: float = 595.0
    page_tops: tuple[float, ...] = (0.0,)
    heights: tuple[float, ...] = (842.0,)

    def lines(self) -> list[str]:
        return [row.text for row in self.rows]


@lru_cache(maxsize=8192)
def key_of(text: str) -> str:
    """The letters and digits of a text, small and without accents: "N° T.V.A. :" is "notva"."""
    if text.isascii():
        return _PLAIN.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text.translate(_SIGNS).casefold())
    return _PLAIN.sub("", plain)


@contextmanager
def open_pdf(data: bytes) -> Iterator[Any]:
    """The PDF as PDFium has it open, for `sheet_of` and others; a Problem (encrypted, damaged) where it does not open.

    PDFium is not thread-safe: one document after the other in each process.
    """
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        yield _unopened(error)
        return
    with pdf:
        yield pdf


def sheet_of_pdf(data: bytes) -> Sheet | Problem:
    """What a PDF shows as text; the Problems of `open_pdf` and `sheet_of`."""
    with open_pdf(data) as pdf:
        return pdf if isinstance(pdf, Problem) else sheet_of(pdf)


def sheet_of(pdf: Any) -> Sheet | Problem:
    """The words on the pages of an open PDF. Of a long one the first and last pages are looked at.

    Problems: damaged, empty (it has no page), no_text (pictures only).
    """
    try:
        if not len(pdf):
            return Problem("empty", "The PDF has no page. Send it again.")
        sheet = _sheet(pdf)
    except pypdfium2.PdfiumError as error:
        return _unopened(error)
    if not any(character.isalnum() for row in sheet.rows for character in row.text):
        why = "The PDF is a picture without text. Send the one that your software made, or send its fields."
        return Problem("no_text", why)
    return sheet


def sheet_of_text(text: str) -> Sheet:
    """Lines of plain text as if each letter were six points wide: for pages that came without places."""
    words: list[Word] = []
    for number, line in enumerate(text.splitlines()[:_MOST_LINES]):
        if len(words) > _MOST_WORDS:
            break
        plain = line[:400].translate(_ODD).expandtabs(8)
        words += [
            Word(match[0][:_LONGEST_WORD], match.start() * 6.0, match.end() * 6.0, number * 14.0, number * 14.0 + 12)
            for match in _WORD.finditer(plain)
        ]
    return sheet_of_words([words])


def sheet_of_words(pages: Sequence[list[Word]], width: float = 595.0, heights: Sequence[float] = ()) -> Sheet:
    """Rows from words in any order; each page's words have their own y from 0 downwards."""
    rows: list[Row] = []
    tops = []
    offset = 0.0
    for page, words in enumerate(pages):
        tops.append(offset)
        for word in words:
            word.top += offset
            word.bottom += offset
        rows += _rows(words, page, len(rows))
        offset += (heights[page] if page < len(heights) else 842.0) + 100.0
    return Sheet(rows, width, tuple(tops) or (0.0,), tuple(heights) or (842.0,))


def _unopened(error: pypdfium2.PdfiumError) -> Problem:
    if "password" in str(error).lower():
        return Problem("encrypted", "The PDF is locked with a password. Send it without one, or send its fields.")
    return Problem("damaged", "The PDF is damaged or incomplete. Send it again.")


def _sheet(pdf: Any) -> Sheet:
    count = len(pdf)
    chosen = [*range(min(count, _FIRST_PAGES)), *range(max(_FIRST_PAGES, count - _LAST_PAGES), count)]
    pages: list[list[Word]] = []
    heights = []
    width = 595.0
    left = _MOST_WORDS
    for index in chosen:
        page = pdf[index]
        width, height = page.get_size()
        words = list(_words(page, left))
        left -= len(words)
        pages.append(words)
        heights.append(height)
        page.close()
        if left <= 0:
            break
    return sheet_of_words(pages, width, heights)


def _words(page: Any, most: int) -> Iterator[Word]:
    text_page = page.get_textpage()
    text = text_on(text_page)
    place = _place_of(page)
    box = pdfium.FS_RECTF()
    for number, match in enumerate(_WORD.finditer(text.translate(_ODD))):
        if number >= most:
            break
        pdfium.FPDFText_GetLooseCharBox(text_page, match.start(), box)
        first = (box.left, box.bottom, box.right, box.top)
        pdfium.FPDFText_GetLooseCharBox(text_page, match.end() - 1, box)
        left, right, top, bottom = place(
            min(first[0], box.left), min(first[1], box.bottom), max(first[2], box.right), max(first[3], box.top)
        )
        if bottom > top and right > left:
            yield Word(match[0][:_LONGEST_WORD], left, right, top, bottom)
    text_page.close()


def text_on(text_page: Any) -> str:
    """All that PDFium finds on a page, in the order in which it is drawn; one sign for each of its characters."""
    count = min(pdfium.FPDFText_CountChars(text_page), _MOST_CHARACTERS)
    buffer = (ctypes.c_ushort * (count + 1))()
    pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    return bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")


def _place_of(page: Any) -> Any:
    """A function from a box in the page's own measure (y upwards) to what a reader sees (y downwards)."""
    left, bottom, right, top = page.get_bbox()
    turn = page.get_rotation()
    if turn == 90:
        return lambda x0, y0, x1, y1: (y0 - bottom, y1 - bottom, x0 - left, x1 - left)
    if turn == 180:
        return lambda x0, y0, x1, y1: (right - x1, right - x0, y0 - bottom, y1 - bottom)
    if turn == 270:
        return lambda x0, y0, x1, y1: (top - y1, top - y0, right - x1, right - x0)
    return lambda x0, y0, x1, y1: (x0 - left, x1 - left, top - y1, top - y0)


def _rows(words: list[Word], page: int, number: int) -> Iterator[Row]:
    usual = median(word.height for word in words) if words else 1.0
    upright = [word for word in words if word.height < 8 * usual]  # a turned word is as high as it is long
    groups: list[list[Word]] = []
    middle = 0.0
    for word in sorted(upright, key=lambda one: one.top + one.bottom):
        centre = (word.top + word.bottom) / 2
        if groups and centre - middle < 0.42 * min(word.height, groups[-1][0].height):
            groups[-1].append(word)
        else:
            groups.append([word])
            middle = centre
    for group in groups:
        group.sort(key=lambda one: one.left)
        yield _row(number, page, group)
        number += 1


def _row(number: int, page: int, group: list[Word]) -> Row:
    words = list(_split(_joined(_unspaced(group))))
    for word in words:
        word.key = key_of(word.text)
    row = Row(number, page, words, top=min(word.top for word in words), bottom=max(word.bottom for word in words))
    position = 0
    for word in words:
        row.starts.append(position)
        position += len(word.text) + 1
    row.text = " ".join(word.text for word in words)
    row.valued = _DIGIT.search(row.text) is not None
    row.cells = list(_cells(words))
    return row


def _unspaced(words: list[Word]) -> Iterator[Word]:
    """Headings with a space after each letter, as one word for each."""
    run: list[Word] = []
    for word in words:
        single = len(word.text) == 1 and word.text.isalpha()
        if single and (not run or word.left - run[-1].right < 1.3 * word.height):
            run.append(word)
            continue
        yield from _spelled(run)
        run = [word] if single else []
        if not single:
            yield word
    yield from _spelled(run)


def _spelled(run: list[Word]) -> Iterator[Word]:
    if len(run) < 4:
        yield from run
        return
    usual = median(right.left - left.right for left, right in pairwise(run))
    letters = [run[0]]
    for previous, word in pairwise(run):
        if word.left - previous.right > 1.7 * usual + 0.5:
            yield _merged(letters, "")
            letters = []
        letters.append(word)
    yield _merged(letters, "")


def _joined(words: Iterable[Word]) -> Iterator[Word]:
    """Words without the spaces that are none."""
    last: Word | None = None
    for word in words:
        if last is None:
            last = word
        elif word.left - last.right < _NO_GAP * word.height and last.text[-1].isalpha() and word.text[0].islower():
            last = _merged([last, word], "")
        else:
            yield last
            last = word
    if last is not None:
        yield last


def _split(words: Iterable[Word]) -> Iterator[Word]:
    """Label and value that no space divides ("Nr:471102", "N°12"), as two words."""
    for word in words:
        cuts = [match.end() for match in _GLUED.finditer(word.text)][:3]
        cuts = [cut for cut in cuts if 0 < cut < len(word.text)]
        if not cuts or "@" in word.text:
            yield word
            continue
        step = (word.right - word.left) / len(word.text)
        for start, end in pairwise([0, *cuts, len(word.text)]):
            left, right = word.left + start * step, word.left + end * step
            yield Word(word.text[start:end], left, right, word.top, word.bottom)


def _merged(words: list[Word], between: str) -> Word:
    return Word(
        between.join(word.text for word in words),
        words[0].left,
        words[-1].right,
        min(word.top for word in words),
        max(word.bottom for word in words),
    )


def _cells(words: list[Word]) -> Iterator[Cell]:
    first = 0
    for index in range(1, len(words) + 1):
        before = words[index - 1]
        if index < len(words) and words[index].left - before.right < _CELL_GAP * min(
            before.height, words[index].height
        ):
            continue
        part = words[first:index]
        yield Cell(first, index - 1, " ".join(word.text for word in part), part[0].left, before.right)
        first = index
