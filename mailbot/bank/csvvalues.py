"""Amounts and dates of a table: what a single cell leaves open, the whole column decides.

"1,234" is 1234 in a column that elsewhere has "12.50", 1.234 nowhere, and refused where nothing decides it.
"03/04/2026" is the 3rd of April where another row has a 25/04, or where the bank is known to write days first.
A month in letters ("3 mars 2026", "Mar 3, 2026", "03-MRZ-26") leaves nothing open.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from babel.dates import get_month_names

Decimals = Literal[",", ".", ""]
Order = Literal["dmy", "mdy", "ymd", ""]

_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u202f\u2009'’"), None)
_AROUND = re.compile(r"^(?:[A-Z]{3}|[€$£])|(?:[A-Z]{3}|[€$£])$")
_NUMBER = re.compile(r"[0-9.,]{1,24}")
_THREE_PARTS = re.compile(r"\s*([0-9]{1,4})\s?([./-])\s?([0-9]{1,2})\s?\2\s?([0-9]{2,4})(?![0-9])")
_OF = r"(?:de |del |d')?"
_DAY_FIRST = re.compile(
    rf"\s*(?P<day>[0-9]{{1,2}})(?:er|st|nd|rd|th|º)?\.?[ ./-]{{0,3}}{_OF}(?P<month>[^\W\d_]{{3,12}})"
    rf"\.?,?[ ./-]{{1,3}}{_OF}(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"\s*(?P<month>[^\W\d_]{3,12})\.?[ -](?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?[ -](?P<year>[0-9]{4})(?![0-9])",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"\s*(?P<year>[0-9]{4})[ ./-](?P<month>[^\W\d_]{3,12})\.?[ ./-](?P<day>[0-9]{1,2})(?![0-9])")
_LANGUAGES = ("fr", "en", "de", "es", "it", "nl")
_SHORTEST_MONTH = 3
_TOGETHER = re.compile(r"\s*(20[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])")


def decimals_of(cells: Iterable[str]) -> Decimals:
    """The decimal mark of a column; empty where no cell decides it (then only whole numbers are certain)."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        number = _bare(cell)[1]
        comma, point = number.rfind(","), number.rfind(".")
        if comma >= 0 and point >= 0:
            votes["," if comma > point else "."] += 1
        elif re.search(r"[.,][0-9]{1,2}$", number):
            votes[number[max(comma, point)]] += 1
        elif number.count(",") > 1:
            votes["."] += 1
        elif number.count(".") > 1:
            votes[","] += 1
    if votes[","] and not votes["."]:
        return ","
    if votes["."] and not votes[","]:
        return "."
    return ""


def table_amount(cell: str, decimals: Decimals) -> Decimal:
    """The amount of a cell ("1 234,56 €", "(12.00)", "12,00-"); raises ValueError where it is not certain."""
    sign, number = _bare(cell)
    if not _NUMBER.fullmatch(number) or (not cell.isascii() and re.search(r"[^\W0-9A-Za-z_]", cell.translate(_SPACES))):
        raise ValueError(f"{cell!r} is not an amount")
    mark = decimals or _own_mark(number)
    if mark == "?":
        raise ValueError(f"{cell!r} may be two amounts")
    thousands = "." if mark == "," else ","
    whole, _, cents = number.partition(mark) if mark and mark in number else (number, "", "")
    if not re.fullmatch(rf"[0-9]+|[0-9]{{1,3}}(?:\{thousands}[0-9]{{3}})+|", whole) or not re.fullmatch(
        r"[0-9]{0,2}0{0,8}", cents
    ):
        raise ValueError(f"{cell!r} is not an amount")
    digits = whole.replace(thousands, "")
    if not digits and not cents:
        raise ValueError(f"{cell!r} is not an amount")
    return sign * Decimal(f"{digits or '0'}.{cents[:2] or '0'}")


def _own_mark(number: str) -> str:
    """The decimal mark that one number shows by itself; "?" where it could be either."""
    comma, point = number.rfind(","), number.rfind(".")
    if comma < 0 and point < 0:
        return "."
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    last = number[max(comma, point)]
    if number.count(last) > 1:
        return "." if last == "," else ","
    return "?" if re.search(r"[.,][0-9]{3}$", number) else last


def _bare(cell: str) -> tuple[int, str]:
    """Sign and digits of a cell; the currency and spaces are dropped."""
    text = cell.replace("−", "-").translate(_SPACES)
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    text = _AROUND.sub("", _AROUND.sub("", text))
    if text[:1] in "+-" and text:
        sign, text = (-sign if text[0] == "-" else sign), text[1:]
    elif text[-1:] in "+-" and text:
        sign, text = (-sign if text[-1] == "-" else sign), text[:-1]
    return sign, _AROUND.sub("", text)


def order_of(cells: Sequence[str], known: str = "") -> Order:
    """The order of day, month and year of a column; `known` where the bank's is; empty where nothing decides it."""
    parts = [found for cell in cells if (found := _THREE_PARTS.match(cell))]
    if not parts or any(len(found[1]) == 4 for found in parts):
        return "ymd"
    first, second = (max(int(found[at]) for found in parts) for at in (1, 3))
    if first > 12 >= second:
        return "dmy"
    if second > 12 >= first:
        return "mdy"
    if known in ("dmy", "mdy"):
        return "dmy" if known == "dmy" else "mdy"
    return "dmy" if parts[0][2] == "." else ""


def table_day(cell: str, order: Order) -> date | None:
    """The calendar day of a cell, time and zone left aside; None where it is no day in that order."""
    together, named = _TOGETHER.match(cell), _named_day(cell)
    if together:
        year, month, day = map(int, together.groups())
    elif named:
        year, month, day = named
    else:
        found = _THREE_PARTS.match(cell)
        if not found or not order:
            return None
        first, second, third = int(found[1]), int(found[3]), int(found[4])
        if len(found[1]) == 4:
            year, month, day = first, second, third
        else:
            day, month = (first, second) if order != "mdy" else (second, first)
            year = third + 2000 if len(found[4]) == 2 else third
    try:
        return date(year, month, day) if 1990 <= year <= 2099 else None
    except ValueError:
        return None


def names_month(text: str) -> bool:
    """Whether a word of the text is a month in one of the six languages, whole or shortened."""
    return any(_letters(word) in _months() for word in text.split())


def _named_day(cell: str) -> tuple[int, int, int] | None:
    """Year, month and day of a cell whose month stands in letters; None for any other, or where it is no month."""
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        found = pattern.match(cell)
        month = _months().get(_letters(found["month"])) if found else None
        if found and month:
            year = int(found["year"])
            return (year + 2000 if year < 100 else year), month, int(found["day"])
    return None


@cache
def _months() -> Mapping[str, int]:
    """Names of months in six languages (CLDR), whole and shortened as far as only one month begins so."""
    begun: dict[str, set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, name in get_month_names(width, context, language).items():
                    letters = _letters(name)
                    for end in range(_SHORTEST_MONTH, len(letters) + 1):
                        begun[letters[:end]].add(month)
    begun["mrz"].add(3)
    begun["maerz"].add(3)
    return {letters: months.pop() for letters, months in begun.items() if len(months) == 1}


def _letters(name: str) -> str:
    """Lower case without accents and points."""
    return "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if char.isalpha())
