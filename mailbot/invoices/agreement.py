"""Whether the page of a Factur-X invoice shows the total that its XML states: the client reads the page."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.fields import document_of
from mailbot.invoices.page import Sheet, open_pdf, sheet_of, text_on
from mailbot.invoices.totals import totals_of
from mailbot.invoices.when import order_of
from mailbot.model import Doubt, InvoiceDocument, Problem

_MOST_PAGES = 6
_BIG_FONT = re.compile(rb"/Length1[ \r\n]{0,4}(?:[3-9]\d{5}|[1-9]\d{6,8})(?!\d)")
"""A font program of 300,000 bytes and more: the key stands in no other stream, and never in a packed object."""
_LEAST_BYTES = 200_000  # of a PDF that such a font may be in
_MOST_FONTS = 50
_DICTIONARY_BYTES = 200
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .,'’\u00a0\u202f]?\d{3}){0,4}[.,]\d{2}(?![\d%]|[.,]\d| ?%)")


class Pages:
    """The pages of a PDF that PDFium has open (None where it opened none): each is read when it is wanted, once.

    Reading one is what takes the time: PDFium unpacks every font that it uses, and keeps it for the next one while
    this one is open.
    """

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._texts: list[str] = []
        self._open: list[Any] = []
        self._left = _chosen(pdf)

    def texts(self) -> Iterator[str]:
        """The text of the last page and of those before it, then of the first ones.

        The totals stand on the last page, so that one page is mostly all that has to be looked at.
        """
        yield from self._texts
        try:
            while self._left:
                page = self._pdf[self._left.pop()]
                self._open.append(page)
                text = text_on(page.get_textpage())
                self._texts.append(text)
                yield text
        except pypdfium2.PdfiumError:
            self._left.clear()

    def sheet(self) -> Sheet | None:
        """All words with their places; None where the pages show none."""
        sheet = sheet_of(self._pdf) if self._pdf is not None else None
        return sheet if isinstance(sheet, Sheet) else None


def _chosen(pdf: Any) -> list[int]:
    count = len(pdf) if pdf is not None else 0
    return sorted({*range(min(count, _MOST_PAGES // 2)), *range(max(0, count - _MOST_PAGES // 2), count)})


def disagreement(pages: Pages, data: bytes, document: InvoiceDocument) -> Doubt | None:
    """A doubt that names both totals where page and XML differ; None where they agree or the page shows none.

    `data` is the PDF whose pages these are. They are read in full only where the total of the XML is nowhere on them.
    """
    gross = document.total_gross
    if gross is None or not gross or _is_quickly_seen(gross, data) or _is_on(gross, pages):
        return None
    sheet = pages.sheet()
    shown = totals_of(document_of(sheet, order_of)).gross if sheet is not None else None
    if shown is None or abs(shown) == abs(gross):
        return None
    return Doubt("total_gross", f"the XML says {gross}, but the page says {shown}", (f"{gross:f}", f"{shown:f}"))


def _is_on(gross: Decimal, pages: Pages) -> bool:
    return any(_is_in(abs(gross), text) for text in pages.texts())


def _is_in(total: Decimal, text: str) -> bool:
    """Whether an amount of a text is this total; only lines with its cents are looked at."""
    cents = f"{total:.2f}"[-2:]
    ends = (f",{cents}", f".{cents}")
    return any(
        total == _value(match[0])
        for line in text.splitlines()
        if ends[0] in line or ends[1] in line
        for match in _AMOUNT.finditer(line)
    )


def _is_quickly_seen(gross: Decimal, data: bytes) -> bool:
    """Whether the total is on a page that is read without its big fonts, which take four times as long to unpack.

    What letters mean stands beside a font, mostly; where it does not, nothing is found here, and the pages are read
    as they are.
    """
    light = _without_big_fonts(data) if len(data) > _LEAST_BYTES else None
    if light is None:
        return False
    with open_pdf(light) as pdf:
        return not isinstance(pdf, Problem) and _is_on(gross, Pages(pdf))


def _without_big_fonts(data: bytes) -> bytes | None:
    """The same PDF with the same places in it, where big fonts say no more how they are packed; None without any.

    PDFium gives up such a font at its first byte and takes one of its own for its letters.
    """
    found = [match.start() for match in islice(_BIG_FONT.finditer(data), _MOST_FONTS)]
    if not found:
        return None
    light = bytearray(data)
    for place in found:
        start = data.rfind(b"<<", max(0, place - _DICTIONARY_BYTES), place)
        end = data.find(b">>", place, place + _DICTIONARY_BYTES)
        if start >= 0 and end >= 0:
            light[start:end] = data[start:end].replace(b"/Filter", b"/Packed")
    return bytes(light)


def _value(text: str) -> Decimal:
    digits = re.sub(r"\D", "", text)
    return Decimal(digits).scaleb(-2)
