"""Spans of a text that are no words and no days: addresses, links, numbers of telephones, banks and invoices."""

import re
from decimal import Decimal

from mailbot.money import parse_amount

_FILL = "\x01"
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,24}(?![\w-])")
LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,300}")
IBAN = re.compile(r"\b[a-zA-Z]{2}\d{2}(?: ?[a-zA-Z\d]{4}){3,7}(?: ?[a-zA-Z\d]{1,3})?\b")
PHONE = re.compile(r"(?<![\w/.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\) ?)?\d{2,5}(?:[ .-]\d{2,4}){2,5}(?![\w/-])")
_E = r"(?<=\d)e\b(?<!\D\de)(?<!\D[12]\de)(?<!\D3[01]e)"
"""500e is a sum; 5e and 30e are the fifth and the thirtieth."""
_MARK = rf"(?:€|\$|£|eur(?:os?)?\b|usd\b|gbp\b|chf\b|pounds?\b|dollars?\b|{_E})"
_SUM = r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3}){1,3}(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?"
AMOUNT = re.compile(
    (rf"(?:(?:€|\$|£|\beur |\busd |\bgbp |\bchf ) ?({_SUM})|(?<![\w./-])({_SUM}) ?{_MARK})(?!\d)"), re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w./,-])\d{3,7}[.,]\d{2}(?![\w./,])")
DECIMAL = re.compile(r"(?<![\w./-])\d{1,7},\d{2}(?![\w/])")


def amounts(text: str) -> list[tuple[int, Decimal]]:
    """The amounts of money in `text` with where each begins; what could be two numbers is left out."""
    found = [(m.start(), Decimal(m[0].replace(",", "."))) for m in _BARE.finditer(AMOUNT.sub(blank, text))]
    for match in AMOUNT.finditer(text):
        try:
            found.append((match.start(), parse_amount(match[1] or match[2]).quantize(Decimal("0.01"))))
        except ValueError:
            if re.fullmatch(r"\d{1,3}[.,]\d{3}", match[1] or match[2]):
                found.append((match.start(), Decimal(re.sub(r"[.,]", "", match[1] or match[2]))))
    return found


def blank(match: re.Match[str]) -> str:
    """For `sub`: the match overwritten, as long as before."""
    return _FILL * len(match[0])
