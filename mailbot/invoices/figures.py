"""The amounts on a page: what is written as "1 234,56 €", "(1,234.56)" or "EUR 1'234.-", and where it stands."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

from mailbot.invoices.page import Row, Sheet, Word

Mark = Literal[".", ","]

SIGNS: Final = {"€": "EUR", "£": "GBP", "$": "$", "US$": "USD", "CA$": "CAD", "A$": "AUD", "Fr.": "CHF", "SFr.": "CHF",
                "kr": "kr", "zł": "PLN", "¥": "JPY", "Kč": "CZK", "Ft": "HUF", "lei": "RON"}  # fmt: skip
CODES: Final = frozenset(
    (
        "EUR", "GBP", "USD", "CHF", "CAD", "AUD", "NZD", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN",
        "TRY", "CNY", "HKD", "SGD", "INR", "ZAR", "MXN", "BRL", "AED", "MAD", "TND", "XOF", "XAF", "XPF", "ILS", "ISK",
        "RSD", "UAH", "DEM", "DZD", "SAR", "THB", "KRW",
    )
)  # fmt: skip

_NUMBER = re.compile(
    r"(?P<open>[(\[]?)(?P<sign>[+-]{0,2})(?P<before>€|£|\$|US\$|CHF|EUR|GBP|USD|-)?"
    r"(?P<digits>\d[\d.,'’]{0,20})(?P<dash>,?[-–—]{1,2})?"
    r"(?P<after>€|£|\$|%|EUR|CHF|GBP|USD)?(?P<minus>-)?(?P<close>[)\]*.,;:]{0,2})"
)
_HEAD = re.compile(r"[+(-]{0,2}[€£$]?\d{1,3}")
_GROUP = re.compile(r"\d{3}(?:[.,]\d{1,2})?(?:€|£|\$|EUR|-)?[).,;*]?")
_CENTS = re.compile(r"[.,'’ ]?\d([.,])\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount; `first` and `last` are its words in the row."""

    value: Decimal
    row: int
    first: int
    last: int
    left: float
    right: float
    currency: str | None
    exact: bool
    """Written with cents, or with a currency beside it: not merely some number."""


def decimal_mark(sheet: Sheet) -> Mark:
    """What stands before the cents on this page: what does so most often; a comma where nothing shows it."""
    votes = Counter(match[1] for row in sheet.rows for word in row.words for match in _CENTS.finditer(word.text))
    return "." if votes["."] > votes[","] else ","


def amounts_of(row: Row, mark: Mark) -> list[Amount]:
    """All numbers of a row that may be amounts, from left to right; rates in percent and dates are none."""
    return list(_amounts(row, mark))


def _amounts(row: Row, mark: Mark) -> Iterator[Amount]:
    index = 0
    while index < len(row.words):
        last = _end(row, index)
        found = _amount(row, index, last, mark)
        if found is None and last > index:
            last = index
            found = _amount(row, index, last, mark)
        if found is not None:
            yield found
        index = last + 1


def _end(row: Row, index: int) -> int:
    """The last word of a number whose thousands are set apart by spaces."""
    if not row.words[index].text[-1:].isdigit() or not _HEAD.fullmatch(row.words[index].text):
        return index
    last = index
    for before, word in pairwise(row.words[index : index + 6]):
        if not _GROUP.fullmatch(word.text) or word.left - before.right > 0.55 * word.height:
            break
        last += 1
        if not word.text[-1].isdigit() or len(word.text) > 3:
            break
    return last


def _amount(row: Row, first: int, last: int, mark: Mark) -> Amount | None:
    words = row.words[first : last + 1]
    text = "".join(word.text for word in words)
    if not any(character.isdigit() for character in text):
        return None
    match = _NUMBER.fullmatch(text)
    after = row.words[last + 1] if last + 1 < len(row.words) else None
    if match is None or match["after"] == "%" or (after and after.text.startswith("%") and _near(words[-1], after)):
        return None
    value = number_in(match["digits"].rstrip(".,"), mark, grouped=last > first)
    if value is None:
        return None
    before = row.words[first - 1] if first else None
    signs = (match["before"], match["after"], before and _near(before, words[0]) and before.text,
             after and _near(words[-1], after) and after.text)  # fmt: skip
    named = [code for sign in signs if sign and (code := currency_in(sign))]
    currency = next((code for code in named if code.isalpha() and code.isupper()), next(iter(named), None))
    lone_minus = before is not None and before.text in ("-", "–") and _near(before, words[0])
    negative = (
        "-" in match["sign"]
        or match["before"] == "-"
        or match["minus"]
        or lone_minus
        or (match["open"] == "(" and ")" in match["close"] and currency is not None)
        or (match["open"] == "(" and ")" in match["close"] and has_cents(match["digits"]))
    )
    exact = has_cents(match["digits"]) or currency is not None or bool(match["dash"])
    return Amount(
        -value if negative else value, row.number, first, last, words[0].left, words[-1].right, currency, exact
    )


def _near(left: Word, right: Word) -> bool:
    return right.left - left.right < 2.5 * right.height


def has_cents(digits: str) -> bool:
    return re.search(r"[.,]\d{2}$", digits) is not None


def currency_in(text: str) -> str | None:
    """The currency that a word names by its sign or ISO 4217 code; "$" and "kr" stay open."""
    bare = text.strip("()[]:;,*")
    if bare in SIGNS:
        return SIGNS[bare]
    bare = bare.strip(".")
    return bare if bare in CODES else SIGNS.get(bare[:1]) if bare[:1] in "€£" else None


def number_in(digits: str, mark: Mark, *, grouped: bool = False) -> Decimal | None:
    """The value of digits with points, commas and apostrophes; None where they make no number.

    A single point or comma before three digits divides thousands where it is not the page's decimal mark.
    """
    bare = digits.replace("'", "").replace("’", "")
    marks = [character for character in bare if character in ".,"]
    if not marks:
        return Decimal(bare) if len(bare) <= 15 else None
    last = marks[-1]
    whole, _, cents = bare.rpartition(last)
    if len(set(marks)) == 1 and len(marks) > 1:
        return Decimal(bare.replace(last, "")) if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", bare) else None
    if len(marks) == 1:
        if len(cents) == 3 and last != mark and not grouped and 1 <= len(whole) <= 3 and whole != "0":
            return Decimal(whole + cents)
        return Decimal(f"{whole}.{cents}") if len(cents) <= 6 and whole else None
    thousands = marks[0]
    if any(one != thousands for one in marks[:-1]):
        return None
    if not re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})*", whole) or not 1 <= len(cents) <= 6:
        return None
    return Decimal(whole.replace(thousands, "") + "." + cents)
