"""Codes that both XML syntaxes use: documents (UNTDID 1001), payment means (4461), notes (4451), profiles."""

from collections.abc import Iterable
from decimal import Decimal

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
