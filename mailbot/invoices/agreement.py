"""Whether the page of a Factur-X invoice shows the total that its XML states: the client reads the page."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.fields import document_of
from mailbot.invoices.page import Sheet, sheet_of, text_on
from mailbot.invoices.totals import totals_of
from mailbot.invoices.when import order_of
from mailbot.model import Doubt, InvoiceDocument

_MOST_PAGES = 6
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
        self._left = self._chosen()

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

    def _chosen(self) -> list[int]:
        count = len(self._pdf) if self._pdf is not None else 0
        return sorted({*range(min(count, _MOST_PAGES // 2)), *range(max(0, count - _MOST_PAGES // 2), count)})

    def sheet(self) -> Sheet | None:
        """All words with their places; None where the pages show none."""
        sheet = sheet_of(self._pdf) if self._pdf is not None else None
        return sheet if isinstance(sheet, Sheet) else None


def disagreement(pages: Pages, document: InvoiceDocument) -> Doubt | None:
    """A doubt that names both totals where page and XML differ; None where they agree or the page shows none.

    The page is read in full only where the total of the XML is nowhere on it.
    """
    gross = document.total_gross
    if gross is None or not gross:
        return None
    if any(abs(gross) == _value(match[0]) for text in pages.texts() for match in _AMOUNT.finditer(text)):
        return None
    sheet = pages.sheet()
    shown = totals_of(document_of(sheet, order_of)).gross if sheet is not None else None
    if shown is None or abs(shown) == abs(gross):
        return None
    return Doubt("total_gross", f"the XML says {gross}, but the page says {shown}", (f"{gross:f}", f"{shown:f}"))


def _value(text: str) -> Decimal:
    digits = re.sub(r"\D", "", text)
    return Decimal(digits).scaleb(-2)
