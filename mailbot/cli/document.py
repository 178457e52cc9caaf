"""An invoice document as the commands print it: one JSON object with the keys of the contract."""

from datetime import date
from decimal import Decimal
from typing import Any

from mailbot.cli.output import failed
from mailbot.model import InvoiceDocument, Party, Problem

_PLAIN = (
    "source",
    "profile",
    "kind",
    "number",
    "issue_date",
    "due_date",
    "currency",
    "total_net",
    "total_tax",
    "total_gross",
    "prepaid",
    "amount_due",
)
_REFERENCES = ("order_reference", "payment_reference", "penalty_terms", "preceding_invoice")
_SELLER = ("name", "vat", "siren", "iban", "bic")
_BUYER = ("name", "vat", "siren", "email", "town")


def document_record(name: str, document: InvoiceDocument | Problem) -> dict[str, Any]:
    """The object for `document`, read from the file `name`; an error object where it could not be read."""
    if isinstance(document, Problem):
        return failed(name, document.code, document.message)
    return {
        "file": name,
        **{field: _plain(getattr(document, field)) for field in _PLAIN},
        "seller": _party(document.seller, _SELLER),
        "buyer": _party(document.buyer, _BUYER),
        **{field: getattr(document, field) for field in _REFERENCES},
        "discount_percent": _plain(document.discount_percent),
        "discount_until": _plain(document.discount_until),
        "delivery_date": _plain(document.delivery_date),
        "payment_terms": document.payment_terms,
        "confidence": document.confidence,
        "confidences": dict(document.confidences),
        "doubts": [
            {"field": doubt.field, "why": doubt.why, "candidates": list(doubt.candidates)} for doubt in document.doubts
        ],
        "remarks": [{"code": remark.code, "message": remark.message} for remark in document.remarks],
        "layout": document.layout,
    }


def _party(party: Party, fields: tuple[str, ...]) -> dict[str, str | None]:
    return {field: getattr(party, field) for field in fields}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
