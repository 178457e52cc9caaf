"""Whether the page of a Factur-X invoice shows the total that its XML states: the client reads the page."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.fields import document_of
from mailbot.invoices.page import Sheet, sheet_of_pdf
from mailbot.invoices.totals import totals_of
from mailbot.invoices.when import order_of
from mailbot.model import Doubt, InvoiceDocument

_MOST_PAGES = 6
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .,'’\u00a0\u202f]?\d{3}){0,4}[.,]\d{2}(?![\d%]|[.,]\d| ?%)")


def page_texts(data: bytes) -> Iterator[str]:
    """The text of the last page and of those before it, then of the first ones; nothing where PDFium does not open it.

    The totals stand on the last page, so that one page is mostly all that has to be looked at.
    """
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            count = len(pdf)
            chosen = {*range(min(count, _MOST_PAGES // 2)), *range(max(0, count - _MOST_PAGES // 2), count)}
            for index in sorted(chosen, reverse=True):
                yield pdf[index].get_textpage().get_text_bounded()
    except pypdfium2.PdfiumError:
        return


def disagreement(data: bytes, document: InvoiceDocument) -> Doubt | None:
    """A doubt that names both totals where page and XML differ; None where they agree or the page shows none.

    The page is read in full only where the total of the XML is nowhere on it.
    """
    gross = document.total_gross
    if gross is None or not gross:
        return None
    if any(abs(gross) == _value(match[0]) for text in page_texts(data) for match in _AMOUNT.finditer(text)):
        return None
    sheet = sheet_of_pdf(data)
    shown = totals_of(document_of(sheet, order_of)).gross if isinstance(sheet, Sheet) else None
    if shown is None or abs(shown) == abs(gross):
        return None
    return Doubt("total_gross", f"the XML says {gross}, but the page says {shown}", (f"{gross:f}", f"{shown:f}"))


def _value(text: str) -> Decimal:
    digits = re.sub(r"\D", "", text)
    return Decimal(digits).scaleb(-2)
