"""Single values of a bank file: amounts and calendar days, taken only where they are certain."""

import re
from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

from mailbot.money import parse_amount

MAX_LINES = 200_000
"""More than a business has in a file; what has more was made to do harm, or by mistake."""
MAX_BYTES = 20 * 1024 * 1024

_TRAILING_ZEROS = re.compile(r"([+-]?)0*(\d{1,15}\.\d\d)0{2,}")
_APART = re.compile(r"[0-9.,][\s'’]+[0-9.,]")
_GROUPED = re.compile(r"[+-]?\s{0,4}[0-9]{1,3}(?:[\s'’][0-9]{3})+(?:[.,][0-9]{0,4})?")
"""Thousands apart; "1 23" is no amount but two."""
_DIGITS_OF_DAY = re.compile(r"\s*([0-9]{8})")


def amount_of(text: str) -> Decimal:
    """An amount of a bank file; raises ValueError for NaN, exponents, `1,234` and anything below a cent.

    Zeros after the cents ("+00000000000115.2400") say nothing else and are taken.
    """
    if _APART.search(text) and not _GROUPED.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not an amount")
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


def iso_day(text: str) -> date | None:
    """ "2026-01-15", "2026-01-15+01:00" or "2026-01-15T23:30:00Z" as the calendar day that is printed; else None."""
    found = re.match(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?=[T+\-Z\s]|$)", text)
    try:
        return date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        return None


def clamped_day(text: str) -> date | None:
    """ "260131" (YYMMDD, of this century) as a day; banks that count 30 days a month write 30 February; else None."""
    if not re.fullmatch(r"[0-9]{6}", text):
        return None
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    if month == 2 and day in (29, 30):
        day = min(day, monthrange(year, 2)[1])
    try:
        return date(year, month, day)
    except ValueError:
        return None
