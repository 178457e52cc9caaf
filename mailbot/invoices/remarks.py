"""What an owner may want to know about an own invoice that was read: one line each, and nothing to answer.

French law wants on every invoice between firms its due date, the rate of the penalties for lateness and the
indemnity of 40 euros (commercial code L441-9, D441-5), and no term longer than 60 days, or 45 days end of month
(L441-10).
"""

import re
from collections.abc import Iterator

from mailbot.invoices import values
from mailbot.invoices.terms import late_terms
from mailbot.model import InvoiceDocument, Party, Problem

_PENALTY = re.compile(
    r"p[ée]nalit[ée]s?|int[ée]r[êe]ts? (?:de retard|l[ée]gal)|(?:late|overdue)[^.]{0,80}(?:interest|penalt)",
    re.IGNORECASE,
)
_INDEMNITY = re.compile(r"indemnit[ée]|(?<!\d)40(?:[.,]00)? ?(?:€|eur)|recovery (?:costs|fee)", re.IGNORECASE)


def remarks_on(document: InvoiceDocument, text: str, own: Party | None) -> tuple[Problem, ...]:
    """Problems with the codes iban_differs, vat_arithmetic, impossible_due_date, missing_due_date, missing_penalties,
    missing_indemnity and late_terms. `text` is everything that the document says in words."""
    french = _french(document, text) if is_french(document) else ()
    return (*_money(document, own), *_days(document), *french)


def is_french(document: InvoiceDocument) -> bool:
    """Whether French law says what the invoice has to mention."""
    return document.kind == "invoice" and (
        document.seller.siren is not None or (document.seller.vat or "").startswith("FR")
    )


def _money(document: InvoiceDocument, own: Party | None) -> Iterator[Problem]:
    known, printed = values.iban_of(own.iban) if own else None, document.seller.iban
    if known and printed and known != printed:
        yield Problem(
            "iban_differs", f"The account {printed} is not yours ({known}). Was the invoice changed by others?"
        )
    net, tax, gross = document.total_net, document.total_tax, document.total_gross
    if net is not None and tax is not None and gross is not None and net + tax != gross:
        yield Problem("vat_arithmetic", f"{net} and {tax} of tax are not {gross}.")


def _days(document: InvoiceDocument) -> Iterator[Problem]:
    issued, due = document.issue_date, document.due_date
    if issued and due and (due < issued or (due - issued).days > 400):
        yield Problem("impossible_due_date", f"The due date {due} does not fit the date of the invoice, {issued}.")


def _french(document: InvoiceDocument, text: str) -> Iterator[Problem]:
    if document.due_date is None or any(
        doubt.field == "due_date" and "no due date" in doubt.why for doubt in document.doubts
    ):
        yield Problem("missing_due_date", "The invoice states no due date, which the law wants (C. com. L441-9).")
    words = f"{text} {document.penalty_terms or ''}"
    if not _PENALTY.search(words):
        yield Problem("missing_penalties", "The rate of the penalties for lateness is missing (C. com. L441-9).")
    if not _INDEMNITY.search(words):
        yield Problem("missing_indemnity", "The indemnity of 40 euros for recovery is missing (C. com. L441-9).")
    issued, due = document.issue_date, document.due_date
    if issued and due and (due - issued).days <= 400 and late_terms(issued, due):
        yield Problem(
            "late_terms", f"{due} is later than the law allows: 60 days, or 45 days end of month (C. com. L441-10)."
        )
