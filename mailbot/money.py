"""Decimal amounts: exact cents, parsing of what people and banks write; writing for people."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u202f\u2009'’"), None)
_AMOUNT = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,2})?")


def exponent(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency (EUR 2, JPY 0)."""
    return int(get_currency_precision(currency))


def to_cents(amount: Decimal, currency: str = "EUR") -> int:
    """The amount in its currency's smallest unit; raises ValueError where that would lose a digit."""
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more digits than {currency} knows")
    return int(scaled)


def from_cents(cents: int, currency: str = "EUR") -> Decimal:
    """The reverse of `to_cents`, with all its digits: 120000 EUR is Decimal("1200.00")."""
    return Decimal(cents).scaleb(-exponent(currency))


def rounded(amount: Decimal, currency: str = "EUR") -> Decimal:
    """Commercial rounding (half up) to the currency's digits."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def parse_amount(text: str) -> Decimal:
    """An amount as people and banks write it: "1 234,56", "1.234,56", "1,234.56", "1234.5", "-20".

    A lone separator followed by three digits ("1,234") could be either and is refused, as are NaN, exponents
    and more than two decimals (reference: three-decimal readings are silent errors in OFX readers).
    Raises ValueError with a sentence.
    """
    bare = text.strip().translate(_SPACES)
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, mark = (".", ",") if comma > point else (",", ".")
        whole, _, cents = bare.rpartition(mark)
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{thousands}\d{{3}})*", whole):
            raise ValueError(f"{text!r} is not an amount")
        bare = whole.replace(thousands, "") + "." + cents
    if not _AMOUNT.fullmatch(bare):
        raise ValueError(f"{text!r} is not an amount")
    try:
        return Decimal(bare.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount") from error


def write_amount(amount: Decimal, currency: str, language: str) -> str:
    """For people, in HTML: "1 234,56 €" with the no-break spaces that the language asks for."""
    return format_currency(amount, currency, locale=language)


def write_amount_plain(amount: Decimal, currency: str, language: str) -> str:
    """For plain text and subjects: the same with ordinary spaces, which every mail reader aligns alike."""
    return write_amount(amount, currency, language).replace("\u202f", " ").replace("\u00a0", " ")


def write_day(day: date, language: str, length: Literal["medium", "long"] = "long") -> str:
    """For people: "1er octobre 2026", "1 October 2026"; no-break spaces keep the day beside its month."""
    written = format_date(day, length, locale="en_GB" if language == "en" else language)
    if language == "fr" and day.day == 1:
        written = written.replace("1 ", "1er ", 1)
    return written.replace(" ", "\u00a0", 1)
