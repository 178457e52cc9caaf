"""A SEPA transfer as a QR code (EPC069-12, version 2): what a bank's app reads to fill in the payment.

None is made where a field does not fit: a wrong code is worse than none, since nobody checks by eye what it says.
"""

import io
from collections.abc import Sequence
from decimal import Decimal

import segno
import segno.helpers
from stdnum import iban as iban_number
from stdnum import iso11649

SMALLEST, LARGEST = Decimal("0.01"), Decimal("999999999.99")
_NAME, _TEXT = 70, 140
_QUIET = 4
"""Modules of white around the code (ISO/IEC 18004)."""
_POINTS = 3
"""Points of the screen for a module: what a phone reads from an arm's length."""


def transfer_code(
    *, name: str, iban: str, bic: str, amount: Decimal, currency: str, numbers: Sequence[str], rf: str
) -> segno.QRCode | None:
    """The code for paying `amount` to the account; None where it is no SEPA transfer in euros with a valid IBAN.

    `rf` is an ISO 11649 reference: it is used where it is valid; else the invoices' `numbers` stand as text.
    """
    if currency != "EUR" or not SMALLEST <= amount <= LARGEST or not iban_number.is_valid(iban) or not name.strip():
        return None
    structured = rf if rf and iso11649.is_valid(rf) else None
    text = None if structured else _fitting(numbers)
    try:
        return segno.helpers.make_epc_qr(
            name=name.strip()[:_NAME], iban=iban_number.compact(iban), amount=amount, bic=bic or None,
            reference=structured, text=text,
        )  # fmt: skip
    except ValueError:  # segno's own bounds: a BIC of another length, a name that none of its encodings can write
        return None


def as_png(code: segno.QRCode) -> bytes:
    """The picture for a mail: black on white, with its quiet zone; about a kilobyte."""
    file = io.BytesIO()
    code.save(file, kind="png", scale=2 * _POINTS, border=_QUIET, dark="#000000", light="#ffffff")
    return file.getvalue()


def points(code: segno.QRCode) -> int:
    """How wide and high the picture is to be shown: half its pixels, so that it is sharp on any screen."""
    return int(code.symbol_size(scale=_POINTS, border=_QUIET)[0])


def grouped_reference(rf: str) -> str:
    """An RF reference in groups of four, as it is printed for people: "RF83 FA20 2600 42"."""
    return " ".join(rf[at : at + 4] for at in range(0, len(rf), 4))


def _fitting(numbers: Sequence[str]) -> str:
    """As many whole numbers as a bank takes in its 140 characters."""
    fitting = list(numbers)
    while len(" ".join(fitting)) > _TEXT:
        fitting.pop()
    return " ".join(fitting) or numbers[0][:_TEXT]
