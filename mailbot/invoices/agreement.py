"""Whether the page of a Factur-X invoice shows what its XML states: the client reads the page."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.fields import document_of
from mailbot.invoices.page import Sheet, key_of, open_pdf, sheet_of, text_on
from mailbot.invoices.references import references_of
from mailbot.invoices.totals import Totals, totals_of
from mailbot.invoices.when import order_of, when_of
from mailbot.model import Doubt, InvoiceDocument, Problem

_MOST_PAGES = 6
_BIG_FONT = re.compile(rb"/Length1[ \r\n]{0,4}(?:[3-9]\d{5}|[1-9]\d{6,8})(?!\d)")
"""A font program of 300,000 bytes and more: the key stands in no other stream, and never in a packed object."""
_LEAST_BYTES = 200_000  # of a PDF that such a font may be in
_MOST_FONTS = 50
_DICTIONARY_BYTES = 200
_LIKELY = 0.7
"""Certainty from which a number or a due date of the page is held against the XML."""
_PAID_BEFORE = re.compile(
    r"(?:acompte|d[ée]j[àa] (?:pay|r[ée]gl|vers)|reste (?:[àa]|d[ûu])|anzahlung|bereits (?:be|ge)zahlt|deposit|"
    r"already paid|balance due|anticipo|a cuenta|acconto|gi[àa] (?:pag|vers)|aanbetaling|reeds (?:be|vol))"
    r"(?:[^\r\n\d]{0,60}|[^\w]{0,20})0*[1-9]",
    re.IGNORECASE,
)
"""A payment or a rest with its amount, in the words that a text is looked through for."""
_NUMBER = re.compile(
    r"\b(?:facture|rechnung|invoice|fattura|factura|factuur)s?[ -]?"
    r"(?:nummer|number|num[ée]ro|n[úu]mero|nr|n[°ºo])\.?[ \t]{0,5}:?[ \t]{0,20}(?=\S{0,12}\d)",
    re.IGNORECASE,
)
"""The label of an invoice's number with something like one behind it, in six languages."""
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

    @property
    def is_single(self) -> bool:
        return self._pdf is not None and len(self._pdf) == 1

    def sheet(self) -> Sheet | None:
        """All words with their places; None where the pages show none."""
        sheet = sheet_of(self._pdf) if self._pdf is not None else None
        return sheet if isinstance(sheet, Sheet) else None


def _chosen(pdf: Any) -> list[int]:
    count = len(pdf) if pdf is not None else 0
    return sorted({*range(min(count, _MOST_PAGES // 2)), *range(max(0, count - _MOST_PAGES // 2), count)})


def disagreements(pages: Pages, data: bytes, document: InvoiceDocument) -> list[Doubt]:
    """Doubts that name both where page and XML differ; none where they agree or the page does not say it surely.

    `data` is the PDF whose pages these are. They are read in full, which takes three times as long as all else, only
    where the total is not on them or they speak of a payment that the XML does not know; then the rest, number and due
    date are compared, too. Another number alone is looked for where all pages were read for the total.
    """
    if not document.total_gross or _is_quickly_seen(document, data) or _is_on(document, pages):
        return []
    sheet = pages.sheet()
    return list(_differences(document, sheet)) if sheet is not None else []


def _differences(document: InvoiceDocument, sheet: Sheet) -> Iterator[Doubt]:
    """What the XML says unlike the page, where the page leaves no doubt; of the total in any case."""
    read = document_of(sheet, order_of)
    words = key_of(read.text)
    numbers = references_of(read, credit=document.kind == "credit_note")
    when = when_of(read, numbers)
    yield from _other_sums(document, totals_of(read), read.text)
    sure = numbers.certainty >= _LIKELY and not numbers.doubts
    if document.number and numbers.number and sure and key_of(document.number) not in words:
        yield _unlike("number", document.number, numbers.number)
    sure = when.due_certainty >= _LIKELY and not any(doubt.field == "due_date" for doubt in when.doubts)
    if document.due_date and when.due and sure and when.due != document.due_date:
        yield _unlike("due_date", document.due_date.isoformat(), when.due.isoformat())


def _other_sums(document: InvoiceDocument, totals: Totals, text: str) -> Iterator[Doubt]:
    """The totals of the page, or else what it leaves to pay, where they are others."""
    gross, due = document.total_gross, document.amount_due
    if gross is not None and totals.gross is not None and abs(totals.gross) != abs(gross):
        if not _is_shown(gross, text):
            yield _unlike("total_gross", f"{gross:f}", f"{totals.gross:f}")
        return
    sure = totals.proved and not any(doubt.field == "amount_due" for doubt in totals.doubts)
    if sure and due is not None and totals.due is not None and abs(totals.due) != abs(due):
        yield _unlike("amount_due", f"{due:f}", f"{totals.due:f}")


def _unlike(field: str, stated: str, shown: str) -> Doubt:
    return Doubt(field, f"the XML says {stated}, but the page says {shown}", (stated, shown))


def _is_on(document: InvoiceDocument, pages: Pages) -> bool:
    """Whether the pages show the total, of which no more are read than need be, no payment beside it that the XML does
    not know, and no other number on a single one.
    """
    for text in pages.texts():
        if not document.prepaid and _PAID_BEFORE.search(text):
            return False
        if _is_shown(document.total_gross or Decimal(0), text):
            return not pages.is_single or not _NUMBER.search(text) or key_of(document.number or "") in key_of(text)
    return False


def _is_shown(gross: Decimal, text: str) -> bool:
    return _is_in(abs(gross), text)


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


def _is_quickly_seen(document: InvoiceDocument, data: bytes) -> bool:
    """Whether all of it is on a page that is read without its big fonts, which take four times as long to unpack.

    What letters mean stands beside a font, mostly; where it does not, nothing is found here, and the pages are read
    as they are.
    """
    light = _without_big_fonts(data) if len(data) > _LEAST_BYTES else None
    if light is None:
        return False
    with open_pdf(light) as pdf:
        return not isinstance(pdf, Problem) and _is_on(document, Pages(pdf))


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
