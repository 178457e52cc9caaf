"""Pages that are pictures: drawn for a program that recognises characters, and its words as those of a page.

The program itself is an argument: a function from a picture to tab-separated words with their places.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from statistics import median
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]  # ships none
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.page import Sheet, Word, sheet_of_words
from mailbot.model import Doubt, InvoiceDocument

Recognise = Callable[[bytes, int], str | None]
"""(a grey picture as PGM, its dots per inch) to tesseract's TSV; None where it gave up."""

_DOTS_PER_INCH: Final = 250
_MOST_PIXELS: Final = 7_000_000  # A4 has six million
_MOST_STORED_PIXELS: Final = 70_000_000  # of all pictures of a page: two of A4 at 600 dots per inch
_MOST_PICTURES: Final = 200
_FIRST_PAGES: Final = 2  # and the last one, where the totals stand

_POINTS: Final = 72.0
_WORD_LEVEL: Final = "5"
_COLUMNS: Final = 12
_LEAST_CERTAIN: Final = 20.0  # of 100; below stand specks and lines that were taken for letters
_LINE_OF_LETTER: Final = 1.45
"""A line of text as PDFs measure it (ascenders and descenders) is so much higher than its letters' median box."""
_LONGEST_WORD: Final = 120
_AT_MOST: Final = 0.6
"""The confidence of what was recognised: below what needs no confirmation."""


def recognised_sheet(pdf: Any, recognise: Recognise) -> Sheet | None:
    """The words in the pictures of an open PDF, on its first pages and its last one; None where there are none."""
    pages: list[list[Word]] = []
    heights: list[float] = []
    width = 595.0
    try:
        for index in sorted({*range(min(_FIRST_PAGES, len(pdf))), len(pdf) - 1}):
            page = pdf[index]
            width, height = page.get_size()
            pages.append(list(_words(page, recognise)))
            heights.append(height)
            page.close()
    except pypdfium2.PdfiumError:
        return None
    sheet = sheet_of_words(pages, width, heights)
    return sheet if any(character.isalnum() for row in sheet.rows for character in row.text) else None


def to_confirm(document: InvoiceDocument) -> InvoiceDocument:
    """The document with a doubt at every field that was recognised: 8 and 3 look alike, so an owner has to look.

    Its layout is forgotten, for the places in a picture are never quite the same.
    """
    values = {
        "number": document.number,
        "issue_date": document.issue_date,
        "due_date": document.due_date,
        "currency": document.currency,
        "total_net": document.total_net,
        "total_tax": document.total_tax,
        "total_gross": document.total_gross,
        "amount_due": document.amount_due,
        "seller.name": document.seller.name,
        "seller.iban": document.seller.iban,
        "buyer.name": document.buyer.name,
        "buyer.vat": document.buyer.vat,
    }
    known = {doubt.field for doubt in document.doubts}
    new = [
        Doubt(field, "recognised in a picture; it has to be confirmed", (str(value),))
        for field, value in values.items()
        if value is not None and field not in known
    ]
    certainties = {field: min(sure, _AT_MOST) for field, sure in document.confidences.items()}
    certainty = min(document.confidence, _AT_MOST)
    return replace(
        document, layout=None, doubts=(*document.doubts, *new), confidences=certainties, confidence=certainty
    )


def _words(page: Any, recognise: Recognise) -> Iterator[Word]:
    if not _is_drawable(page):
        return
    width, height = page.get_size()
    scale = min(_DOTS_PER_INCH / _POINTS, math.sqrt(_MOST_PIXELS / max(width * height, 1.0)))
    dots = round(scale * _POINTS)
    told = recognise(_drawn(page, scale), dots)
    if told is not None:
        yield from words_of(told, _POINTS / dots)


def _is_drawable(page: Any) -> bool:
    """Whether the pictures on a page are as many and as big as those of a scanner; a bomb is not unpacked."""
    pixels = 0
    for number, picture in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])):
        wide, high = picture.get_px_size()
        pixels += wide * high
        if number >= _MOST_PICTURES or pixels > _MOST_STORED_PIXELS:
            return False
    return pixels > 0


def _drawn(page: Any, scale: float) -> bytes:
    """A page as PGM, the plainest picture there is: a head and one byte for each grey dot."""
    bitmap = page.render(scale=scale, grayscale=True)
    wide, high, step = bitmap.width, bitmap.height, bitmap.stride
    dots = bytes(bitmap.buffer)
    bitmap.close()
    if step != wide:
        dots = b"".join(dots[row * step : row * step + wide] for row in range(high))
    return b"P5 %d %d 255\n%b" % (wide, high, dots)


def words_of(tsv: str, points_per_dot: float) -> Iterator[Word]:
    """The words of tesseract's TSV (level, page, block, paragraph, line, word, left, top, width, height, certainty,
    text) with boxes in points; a word has the height of its line, as in PDFs."""
    rows = [cells for line in tsv.splitlines() if len(cells := line.split("\t")) == _COLUMNS]
    words = [cells for cells in rows if cells[0] == _WORD_LEVEL and cells[11].strip() and _certainty(cells)]
    for _, line in groupby(words, key=lambda cells: cells[1:5]):
        boxes = [(cells[11].strip(), [int(cell) * points_per_dot for cell in cells[6:10]]) for cells in line]
        half = _LINE_OF_LETTER * median(box[3] for _, box in boxes) / 2
        for text, (left, top, width, height) in boxes:
            middle = top + height / 2
            yield Word(text[:_LONGEST_WORD], left, left + width, middle - half, middle + half)


def _certainty(cells: list[str]) -> bool:
    return float(cells[10]) >= _LEAST_CERTAIN
