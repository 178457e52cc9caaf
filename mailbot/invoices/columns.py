"""The amounts and days of a column, as European and other tools write them: one cell alone may be read in two ways."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_COMPACT: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_SLASHED: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d\d)(?: .*)?")
_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")
_LAKHS: Final = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,3}(?:\.\d{2,3})*\.\d{3}")
"""Thousands as in India too: 1,00,000."""


def decimal_mark(cells: Sequence[str]) -> str:
    """The sign before the cents in a column: what the cells that leave no doubt use; "" where none does."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        bare = re.sub(r"[^\d.,]", "", cell)
        last = max(bare.rfind(","), bare.rfind("."))
        if last < 0:
            continue
        mark, after = bare[last], len(bare) - last - 1
        other = "," if mark == "." else "."
        if after != 3 or (other in bare and bare.count(mark) == 1) or (bare.count(mark) == 1 and last > 3):
            votes[mark] += 1
        elif bare.count(mark) > 1:
            votes[other] += 1
    if votes[","] == votes["."]:
        return ""
    return "," if votes[","] > votes["."] else "."


def amount_in(text: str, mark: str) -> Decimal | None:
    """An amount as European and other tools write it: "1 234,56 €", "1.234,56", "(1,234.56)", "1'234.50", "12-".

    `mark` is the column's sign before the cents. "1,234" is a thousand and more where the column's cents stand behind
    a point, else it could be either and gives None: no invoice has a third of a cent.
    """
    bare = _SPACES.sub("", re.sub(r"[€£$]|(?:EUR|GBP|USD|CHF)", "", text, flags=re.IGNORECASE))
    negative = bare.startswith(("-", "−", "(")) or bare.endswith("-")
    plain = _plain(bare.strip("-−()+"), mark)
    try:
        amount = Decimal(plain).quantize(Decimal("0.01")) if plain else None
    except InvalidOperation:
        return None
    return -amount if negative and amount is not None else amount


def _plain(bare: str, mark: str) -> str | None:
    """The digits with a point before the cents; None where they are no amount, or one that may be read in two ways."""
    if not re.fullmatch(r"\d[\d.,]{0,24}", bare):
        return None
    last = max(bare.rfind(","), bare.rfind("."))
    if last < 0:
        return bare
    sign, whole, cents = bare[last], bare[:last], bare[last + 1 :]
    other = "," if sign == "." else "."
    if bare.count(sign) > 1:
        return re.sub("[.,]", "", bare) if _LAKHS.fullmatch(bare) else None
    if other in whole:
        return f"{re.sub('[.,]', '', whole)}.{cents}" if _LAKHS.fullmatch(whole) else None
    if len(cents) == 3 and len(whole) <= 3 and whole != "0":
        return whole + cents if mark == other else None
    return f"{whole}.{cents}" if cents else whole


def day_first(cells: Sequence[str], *, month_first: bool) -> bool | None:
    """Whether days stand before months in a column; None where its rows contradict one another."""
    pairs = [(int(found[1]), int(found[2])) for cell in cells if (found := _SLASHED.fullmatch(cell.strip()))]
    days, months = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if days and months:
        return None
    return days or (not months and not month_first)


def day_in(text: str, day_first: bool | None) -> date | None:
    """A day as lists write it: 2026-10-31, 20261031, 31/10/2026, 10/31/26; None where it is none or unclear."""
    bare = text.strip()
    try:
        if found := _ISO.fullmatch(bare) or _COMPACT.fullmatch(bare):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SLASHED.fullmatch(bare):
            first, second = int(found[1]), int(found[2])
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            if day_first is None and first <= 12 and second <= 12 and first != second:
                return None
            is_day = first > 12 or (day_first is not False and second <= 12)
            return date(year, second, first) if is_day else date(year, first, second)
    except ValueError:
        return None
    return None
