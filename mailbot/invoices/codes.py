"""Codes that both XML syntaxes use: documents (UNTDID 1001), payment means (4461), notes (4451), profiles."""

from collections.abc import Iterable
from decimal import Decimal

from mailbot.invoices.papers import PAPERS
from mailbot.model import Doubt, Problem

# What asks for money: the invoice codes of EN 16931 (BT-3, the subset of UNTDID 1001 in its code lists) and those that
# the French reform adds (471 to 473, 500, 501).
_INVOICES = {
    "71", "80", "82", "84", "102", "202", "203", "204", "211", "218", "219", "295", "326", "331", "380", "382", "383",
    "384", "385", "386", "387", "388", "389", "390", "393", "394", "395", "456", "457", "471", "472", "473", "500",
    "501", "527", "553", "575", "623", "633", "780", "817", "870", "875", "876", "877", "935",
}  # fmt: skip
# Corrected invoices: they take the place of another one, or are owed besides.
_CORRECTED = {"384", "471", "472", "473"}
# What asks for none, by UNTDID 1001: offers, orders and answers to them, despatch advices, data beside an invoice.
_NO_INVOICES = {
    "325": "proforma",
    "310": "quote",
    "220": "order_confirmation",
    "231": "order_confirmation",
    "351": "delivery_note",
    "130": "accounting_data",
    "751": "accounting_data",
}
_BESIDE_A_PAGE = {"130", "751"}
# Credit note, self-billed credit note, factored, goods, forwarder's, consolidated, price and financial ones.
_CREDIT_NOTES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
_DIRECT_DEBITS = {"49", "59"}
# PMD: penalties for lateness; PMT: the fixed indemnity for recovery (French commercial code D441-5).
_PENALTY_NOTES = {"PMD", "PMT"}

# The first word that the specification identifier contains decides; "extended" stands before "en16931"
# because an extended identifier names the standard that it extends.
_PROFILES = (
    ("xrechnung", "XRECHNUNG"),
    ("peppol", "PEPPOL"),
    ("minimum", "MINIMUM"),
    ("basicwl", "BASIC WL"),
    ("extended", "EXTENDED"),
    ("comfort", "COMFORT"),
    ("basic", "BASIC"),
    ("en16931", "EN 16931"),
)


def is_credit(code: str | None, gross: Decimal | None) -> bool:
    """Whether the document credits the buyer: by its code, or by a negative total (a French habit)."""
    return code in _CREDIT_NOTES or (gross is not None and gross < 0)


def refused(code: str | None, *, on_page: bool) -> Problem | None:
    """Why a document of this code is no invoice; None where it is one, or may be.

    `on_page`: it was found in a PDF. Data for the books is what ZUGFeRD's profiles MINIMUM and BASIC WL call
    themselves: there the page is the invoice.
    """
    found = None if on_page and code in _BESIDE_A_PAGE else _NO_INVOICES.get(code or "")
    return Problem(found, PAPERS[found]) if found else None


def doubts_of_kind(code: str | None, preceding: str | None) -> list[Doubt]:
    """What is doubtful about a document by its code: it corrects another one, or no invoice is known by it."""
    if code in _CORRECTED:
        earlier = preceding or "another invoice"
        found = [Doubt("kind", f"a corrected invoice: does it take the place of {earlier}, or is it owed besides?")]
        why = "is this invoice corrected, and no longer owed?"
        return [*found, Doubt("preceding_invoice", why, (preceding,))] if preceding else found
    if code is None or code in _INVOICES or code in _CREDIT_NOTES or code in _BESIDE_A_PAGE:
        return []
    return [Doubt("kind", f"its code {code[:10]} is that of no invoice (UNTDID 1001)")]


def is_direct_debit(code: str | None) -> bool:
    return code in _DIRECT_DEBITS


def profile_name(identifier: str | None) -> str | None:
    """The usual name of a specification identifier ("urn:cen.eu:en16931:2017" is "EN 16931"), else itself."""
    if identifier is None:
        return None
    plain = identifier.lower().replace(" ", "").replace("-", "")
    return next((name for word, name in _PROFILES if word in plain), identifier)


def penalty_notes(notes: Iterable[tuple[str | None, str | None]]) -> str | None:
    """The texts of the notes that speak of lateness, from pairs (subject code, text)."""
    return " ".join(words for code, words in notes if code in _PENALTY_NOTES and words) or None
