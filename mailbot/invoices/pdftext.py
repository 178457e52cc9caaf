"""A page without data: what its labels, its places and its arithmetic say, in six languages; the rest is a doubt."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mailbot.invoices.checks import checked
from mailbot.invoices.fields import Document, document_of
from mailbot.invoices.figures import currency_in
from mailbot.invoices.headings import folded
from mailbot.invoices.labels import Mark
from mailbot.invoices.layouts import layout_of, with_lessons
from mailbot.invoices.page import Sheet, sheet_of_text
from mailbot.invoices.parties import Parties, parties_of
from mailbot.invoices.references import Numbered, has_digit, is_set_off, other_numbers, references_of
from mailbot.invoices.terms import penalties_in
from mailbot.invoices.totals import Totals, totals_of
from mailbot.invoices.values import in_cents
from mailbot.invoices.when import When, order_of, when_of
from mailbot.model import Doubt, InvoiceDocument, Lesson, Party, Problem

_EURO_COUNTRIES: Final = frozenset(
    (
        "AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL",
        "PT", "SI", "SK", "SM",
    )
)  # fmt: skip
_TOTALS: Final = ("net", "tax", "gross", "payable", "total")
_CREDIT_WORDS: Final = ("avoir", "credit", "gutschrift", "abono", "rectificativ", "storno")
_SELF_BILLED: Final = ("selbstausgestellt", "selfbilled", "selfbilling", "autofactur", "389")

_SEVERAL: Final = "the page shows several"
_KIND_LABELS: Final = frozenset(
    (
        "document", "typededocument", "type", "naturedudocument", "documenttype", "typeofdocument", "dokument",
        "dokumenttyp", "dokumentart", "belegart", "documento", "tipodedocumento", "tipodocumento", "tipo",
        "tipodidocumento", "documenttype", "soortdocument", "soort",
    )
)  # fmt: skip
_PAID: Final = re.compile(
    r"(?:facture |invoice |rechnung |fattura |factura |factuur |deja |already |bereits )*"
    r"(?:acquittee?|payee|reglee|paid(?: in full)?|bezahlt|dankend erhalten|pagata|pagada|pagado|betaald|voldaan)"
    r"(?: (?:le|on|am|il|el|op|par|by|per|mit|via|con|met) (?!reception|echeance|receipt).*)?"
)
"""A whole line that says that the invoice is paid; "payée : 0,00" and "payable à …" do not."""


def read_text(text: str, *, own: Party | None = None) -> InvoiceDocument | Problem:
    """The same for lines of plain text, which have no places."""
    return read_sheet(sheet_of_text(text), own=own)


def read_sheet(sheet: Sheet, *, own: Party | None = None, lessons: Sequence[Lesson] = ()) -> InvoiceDocument | Problem:
    """What an invoice says on its pages; `own` is the business itself, where it is known; `lessons` are what was
    learned of its layouts.

    A field that is missing is None and a doubt; one that may be wrong has its candidates in its doubt. Problem:
    not_an_invoice.
    """
    document = document_of(sheet, order_of)
    named = any(document.has(name) for name in ("title", "number", "credit"))
    summed = document.has("gross") and (document.has("issue_date") or document.has("due_date"))
    if not named and not summed:
        return Problem("not_an_invoice", "The text of the PDF does not look like an invoice.")
    found = _read(document, own, [] if named else [Doubt("kind", "no word of the page says that it is an invoice")])
    return with_lessons(replace(found, layout=layout_of(document)), document, lessons)


def _read(document: Document, own: Party | None, doubts: list[Doubt]) -> InvoiceDocument:
    totals = totals_of(document)
    credit = is_credit_note(document) or (totals.gross is not None and totals.gross < 0)
    if credit and (totals.gross or 0) >= 0 and _headed_invoice(document):
        why = "the page is headed as an invoice, and speaks of a credit note further down"
        doubts = [*doubts, Doubt("kind", why, ("credit_note", "invoice"))]
    if credit and speaks_of_credit(document):
        totals.positive()
    numbers = references_of(document, credit=credit)
    when = when_of(document, numbers)
    parties = parties_of(document, own)
    currency, unclear = _currency(document, parties.seller.iban)
    if not credit and (said := _said_paid(document)) and totals.due:
        due = str(_cents(totals.due, currency))
        unclear = [*unclear, Doubt("amount_due", f"the page says that it is paid: {said[:80]}", ("0.00", due))]
    if totals.gross is not None and any(len(doubt.candidates) > 1 for doubt in unclear if doubt.why == _SEVERAL):
        gross = str(_cents(totals.gross, currency))
        totals.doubts.append(Doubt("total_gross", "the page shows amounts in several currencies", (gross,)))
    found = InvoiceDocument(
        source="pdf-text",
        profile=None,
        kind="credit_note" if credit else "invoice",
        number=numbers.number,
        issue_date=when.issued,
        due_date=when.due,
        currency=currency,
        total_net=_cents(totals.net, currency),
        total_tax=_cents(totals.tax, currency),
        total_gross=_cents(totals.gross, currency),
        prepaid=_cents(totals.prepaid, currency),
        amount_due=_cents(totals.due, currency),
        seller=parties.seller,
        buyer=parties.buyer,
        order_reference=numbers.order,
        payment_reference=numbers.reference,
        penalty_terms=next((line for line in document.sheet.lines() if penalties_in(line)), None),
        preceding_invoice=numbers.preceding,
        discount_percent=when.discount.percent if when.discount else None,
        discount_until=when.discount.until if when.discount else None,
        payment_terms=when.terms,
        confidences=_confidences(numbers, when, totals, parties, unclear),
    )
    several = _several(document, found)
    return checked(found, [*several, *numbers.doubts, *when.doubts, *totals.doubts, *unclear, *doubts, *parties.doubts])


def _several(document: Document, found: InvoiceDocument) -> list[Doubt]:
    """Doubts about number and total where another invoice stands on later pages."""
    others = other_numbers(document, found.number)
    if not others or found.number is None:
        return []
    why = f"the file holds several invoices: {', '.join([found.number, *others])}"
    gross = (str(found.total_gross),) if found.total_gross is not None else ()
    return [Doubt("number", why, (found.number, *others)), Doubt("total_gross", why, gross)]


def _said_paid(document: Document) -> str | None:
    """The line by which the page says that the whole invoice is paid."""
    return next((line for line in document.sheet.lines() if _PAID.fullmatch(folded(line))), None)


def is_credit_note(document: Document) -> bool:
    """By a heading, or a label of a number, in the upper half of the first page."""
    half = document.sheet.heights[0] * 0.62
    for mark in document.marks.get("credit", ()):
        row = document.row(mark.row)
        if is_set_off(document, mark):
            continue
        if row.page == 0 and row.top < half and _is_heading(document, mark) and not _self_billed(row.text):
            after, behind = (row.words[at] if at < len(row.words) else None for at in (mark.last + 1, mark.last + 2))
            if mark.ends or (after is not None and (has_digit(after.text) or after.key in ("no", "n", "nr", ""))):
                return True
            if after is not None and behind is not None and after.text.isupper() and has_digit(behind.text):
                return True  # "Nota di credito NC 7/2026": a prefix of capitals before the number
    words = (
        "avoir",
        "creditno",
        "creditmemo",
        "gutschrift",
        "storno",
        "korrektur",
        "abono",
        "rectificativa",
        "notadicredito",
        "credit",
    )
    return any(
        mark.begins
        and any(word in mark.key for word in words)
        and not _self_billed(document.row(mark.row).text)
        and not is_set_off(document, mark)
        for mark in document.marks.get("number", ())
    )


def _headed_invoice(document: Document) -> bool:
    """Whether the heading of an invoice with a number stands above the first word of a credit note."""
    credits_ = [mark for mark in document.marks.get("credit", ()) if mark.begins]
    credits_ += [mark for mark in document.marks.get("number", ()) if any(word in mark.key for word in _CREDIT_WORDS)]
    first = min((mark.row for mark in credits_), default=0)
    return any(
        mark.begins
        and mark.row < first
        and any(map(has_digit, (w.text for w in document.row(mark.row).words[mark.last + 1 : mark.last + 4])))
        for mark in document.marks.get("title", ())
    )


def _is_heading(document: Document, mark: Mark) -> bool:
    """Whether a label stands first in its cell, but for what says that the kind of document follows ("Documento:")."""
    row = document.row(mark.row)
    lead = "".join(word.key for word in row.words[row.cells[mark.cell].first : mark.first])
    return mark.begins or lead in _KIND_LABELS


def speaks_of_credit(document: Document) -> bool:
    """Whether it is called a credit note, whose sums say how much is credited, printed with a minus or not.

    A corrective invoice ("Rechnungskorrektur", UNTDID 1001 code 384) that speaks of no credit keeps its sign.
    """
    keys = {
        mark.key
        for name in ("credit", "number", "gross", "payable", "preceding")
        for mark in document.marks.get(name, ())
    }
    return any(word in key for key in keys for word in _CREDIT_WORDS)


def _self_billed(text: str) -> bool:
    """ "Gutschrift" by law is an invoice that the buyer wrote; the page says so where it is meant."""
    squeezed = "".join(character for character in text.casefold() if character.isalnum())
    return any(word in squeezed for word in _SELF_BILLED)


def _cents(amount: Decimal | None, currency: str | None) -> Decimal | None:
    return None if amount is None else in_cents(amount, currency)


def _currency(document: Document, iban: str | None) -> tuple[str | None, list[Doubt]]:
    """By what stands beside the amounts and the totals; "$" alone and none at all are doubts."""
    for mark in document.marks.get("currency", ()):
        for word in document.row(mark.row).words[mark.last + 1 : mark.last + 4]:
            if (code := currency_in(word.text)) and code.isupper():
                return code, []
    votes = Counter(one.currency for row in document.amounts.values() for one in row if one.currency)
    totals = {mark.row for name in _TOTALS for mark in document.marks.get(name, ())}
    for number in totals:
        for word in document.row(number).words:
            if code := currency_in(word.text):
                votes[code] += 3
    if not votes:
        votes = Counter(code for row in document.sheet.rows for word in row.words if (code := currency_in(word.text)))
    named = [code for code, _ in votes.most_common()]
    if not named:
        guess = "EUR" if iban and iban[:2] in _EURO_COUNTRIES else "GBP" if iban and iban[:2] == "GB" else None
        return guess, [Doubt("currency", "the page does not say it", (guess,))] if guess else []
    if named[0] in ("$", "kr"):
        better = next((code for code in named if code.isupper() and code not in ("EUR", "GBP")), None)
        if better:
            return better, []
        guesses = ("USD", "CAD", "AUD") if named[0] == "$" else ("SEK", "NOK", "DKK")
        return guesses[0], [Doubt("currency", f"{named[0]} may be several currencies", guesses)]
    if len(named) > 1 and votes[named[1]] * 2 > votes[named[0]]:
        return named[0], [Doubt("currency", _SEVERAL, tuple(named[:4]))]
    return named[0], []


def _confidences(
    numbers: Numbered, when: When, totals: Totals, parties: Parties, currency_doubts: list[Doubt]
) -> dict[str, float]:
    sure = 0.97 if totals.proved else 0.6
    doubted = {doubt.field for doubt in totals.doubts}
    found = {
        "number": numbers.certainty if numbers.number else None,
        "issue_date": when.issued_certainty if when.issued else None,
        "due_date": when.due_certainty if when.due else None,
        "currency": 0.6 if currency_doubts else 0.98,
        "total_net": sure if totals.net is not None else None,
        "total_tax": sure if totals.tax is not None else None,
        "total_gross": sure if totals.gross is not None else None,
        "amount_due": None if totals.due is None else 0.5 if "amount_due" in doubted else sure,
        "seller.name": parties.certainties.get("seller.name") or None,
        "seller.iban": 0.95 if parties.seller.iban else None,
        "buyer.name": parties.certainties.get("buyer.name") or None,
        "buyer.vat": 0.85 if parties.buyer.vat else None,
    }
    return {field: round(min(value, 0.99), 2) for field, value in found.items() if value is not None}
