"""Single values of a bank file: amounts and calendar days, taken only where they are certain."""

import re
from datetime import date, datetime
from decimal import Decimal

from mailbot.money import parse_amount

_TRAILING_ZEROS = re.compile(r"([+-]?)0*(\d{1,15}\.\d\d)0{2,}")
_DIGITS_OF_DAY = re.compile(r"\s*([0-9]{8})")


def amount_of(text: str) -> Decimal:
    """An amount of a bank file; raises ValueError for NaN, exponents, `1,234` and anything below a cent.

    Zeros after the cents ("+00000000000115.2400") say nothing else and are taken.
    """
    bare = "".join(text.split()).replace("'", "").replace("’", "")
    if not bare.isascii():  # digits of other scripts are digits to Python
        raise ValueError(f"{text!r} is not an amount")
    padded = _TRAILING_ZEROS.fullmatch(bare)
    if padded:
        bare = padded.group(1) + padded.group(2)
    bare = re.sub(r"^([+-]?)(?=[.,]\d)", r"\g<1>0", bare)
    return parse_amount(re.sub(r"(\d)[.,]$", r"\1", bare))


def amount_or_none(text: str) -> Decimal | None:
    """The same, None where it is not certain."""
    try:
        return amount_of(text)
    except ValueError:
        return None


def day_digits(text: str) -> str:
    """The calendar day that the bank printed, "20260115000000[+1:CET]" -> "20260115"; else empty."""
    found = _DIGITS_OF_DAY.match(text)
    return found.group(1) if found else ""


def day_of(text: str) -> date | None:
    """The same as a date, else None. Time and zone are left aside: a CET midnight stays that day."""
    digits = day_digits(text)
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - the calendar day that the bank printed
    except ValueError:
        return None
