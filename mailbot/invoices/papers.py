"""Papers that are no invoices although they come as ones do: quotes, orders, delivery notes, reminders, statements.

Decided by the headings of the first page alone. An invoice names quotes and orders in its lines ("Devis n° 12"), so a
page that has the heading of an invoice is one, unless another heading stands above it.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices.page import Sheet

_MAX_SIGNS: Final = 20_000
_MAX_LINES: Final = 80
_MAX_HEADING: Final = 60
_NUMBER: Final = (
    r"(?: ?(?:n[o°.]*|nr\.?|no\.?|num[a-z]*|number|nummer|ref\.?|#|:)){0,3} {0,2}[\w./#-]{0,24}"
    r"(?: (?:du|vom|of|del|van) [\d./-]{1,12})?"
)

_KINDS: Final = {
    "quote": (
        r"devis(?: estimatif)?|proposition commerciale|offre de prix|quotation|quote|estimate|angebot|"
        r"kostenvoranschlag|presupuesto|cotizacion|preventivo|offerta|offerte|prijsopgave"
    ),
    "proforma": (
        r"(?:facture|factura|fattura) pro[ -]?forma|pro[ -]?forma(?: invoice)?|pro-?forma[ -]?(?:rechnung|factuur)"
    ),
    "order_confirmation": (
        r"bon de commande|confirmation de (?:la )?commande|accuse de reception de commande|purchase order|"
        r"order confirmation|auftragsbestatigung|confirmacion de pedido|ordine di acquisto|"
        r"conferma d'ordine|bestelbon|orderbevestiging"
    ),
    "delivery_note": (
        r"bon de livraison|bordereau de livraison|delivery note|packing slip|lieferschein|albaran(?: de entrega)?|"
        r"documento di trasporto|bolla di consegna|pakbon|leveringsbon"
    ),
    "payment_reminder": (
        r"(?:lettre de )?relance|rappel de paiement|(?:premier |deuxieme |dernier )?rappel|mise en demeure|"
        r"payment reminder|(?:first |second |final )?reminder|mahnung|zahlungserinnerung|recordatorio de pago|"
        r"sollecito di pagamento|betalingsherinnering|aanmaning"
    ),
    "account_statement": (
        r"releve de compte(?: client)?|releve de factures|statement of account|account statement|kontoauszug|"
        r"estado de cuenta|estratto conto|rekeningoverzicht"
    ),
}
PAPERS: Final = {
    "quote": "This is a quote, no invoice: nothing is owed yet.",
    "proforma": "This is a pro forma invoice: nothing is owed yet. Send the final one.",
    "order_confirmation": "This is an order or its confirmation, no invoice.",
    "delivery_note": "This is a delivery note, no invoice.",
    "payment_reminder": "This is a payment reminder, no invoice.",
    "account_statement": "This is a statement of account, no invoice.",
    "accounting_data": "This is data for the books beside an invoice, no invoice. Send the invoice itself.",
}
"""One sentence for each kind."""
_INVOICE: Final = re.compile(
    r"(?:tax |votre |notre |your |our |ihre |unsere )?(?:facture|factures|note d'honoraires|avoir|note de credit|"
    r"invoice|credit note|credit memo|(?!pro ?-?forma)\w{0,20}rechnung(?:s-?korrektur)?|"
    r"gutschrift|factura|nota de credito|abono|fattura|"
    r"nota di credito|factuur|creditnota|creditfactuur|honorarnote|decompte|bill)"
    r"(?! pro[ -]?forma)(?: (?:d'acompte|de solde|de situation|d'avoir|simplifiee|finale))?\b"
)
_LABEL: Final = re.compile(
    r"\b(?:date|numero|n°|no|nr|number|datum|fecha|data|total|ref)\b.{0,12}?"
    r"\b(?:facture|avoir|invoice|rechnung|factura|fattura|factuur)\b"
)
_NAMES_A_VALUE: Final = re.compile(r"(?:n[°ºo.]*|nr\.?|nummer|number|num[ée]ro|:)\s?$", re.IGNORECASE)
_HEADINGS: Final = {kind: re.compile(rf"(?:{words}){_NUMBER}") for kind, words in _KINDS.items()}


def other_paper(pdf: bytes) -> str | None:
    """What a PDF is that is no invoice, a key of `_KINDS`; None where it may be one or cannot be opened.

    Meant for a child process: PDFium reads the first page.
    """
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0] if len(document) else None
            text = page.get_textpage().get_text_range(0, -1) if page is not None else ""
    except pypdfium2.PdfiumError:
        return None
    return paper_of(text)


def paper_on(sheet: Sheet) -> str | None:
    """The same for the cells of the first page, from top to bottom."""
    return paper_of("\n".join(_headings(sheet)))


def _headings(sheet: Sheet) -> Iterator[str]:
    """The cells but those that name the value in the next one ("Lieferschein-Nr" beside ": L87")."""
    for row in sheet.rows[:_MAX_LINES]:
        for cell, beside in zip(row.cells, [*row.cells[1:], None], strict=True):
            names = _NAMES_A_VALUE.search(cell.text) is not None
            if row.page == 0 and not (beside is not None and (names or beside.text.startswith(":"))):
                yield cell.text


def paper_of(text: str) -> str | None:
    """The same for the text of a page."""
    first: str | None = None
    for line in text[:_MAX_SIGNS].splitlines()[:_MAX_LINES]:
        low = _folded(line)
        if not low or len(low) > _MAX_HEADING:
            continue
        kind = next((kind for kind, heading in _HEADINGS.items() if heading.fullmatch(low)), None)
        if kind is None and (_INVOICE.match(low) or _LABEL.search(low)):
            return first if first in ("payment_reminder", "account_statement") else None
        first = first or kind
    return first


def _folded(line: str) -> str:
    bare = unicodedata.normalize("NFKD", line.casefold().replace("’", "'"))
    return " ".join("".join(sign for sign in bare if not unicodedata.combining(sign)).split()).strip(" :.-–—*")
