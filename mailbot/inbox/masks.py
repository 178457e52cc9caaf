"""Spans of a text that are no words and no days: addresses, links, numbers of telephones, banks and invoices."""

import re
from decimal import Decimal

from mailbot.money import parse_amount

_FILL = "\x01"
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,24}(?![\w-])")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,300}")
_IBAN = re.compile(r"\b[a-zA-Z]{2}\d{2}(?: ?[a-zA-Z\d]{4}){3,7}(?: ?[a-zA-Z\d]{1,3})?\b")
_PHONE = re.compile(r"(?<![\w/.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\) ?)?\d{2,5}(?:[ .-]\d{2,4}){2,5}(?![\w/-])")
_MARK = r"(?:€|\$|£|eur(?:os?)?\b|usd\b|gbp\b|chf\b|pounds?\b|dollars?\b|e\b)"
_SUM = r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3}){1,3}(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?"
AMOUNT = re.compile(
    (rf"(?:(?:€|\$|£|\beur |\busd |\bgbp |\bchf ) ?({_SUM})|(?<![\w./-])({_SUM}) ?{_MARK})(?!\d)"), re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w./,-])\d{3,7}[.,]\d{2}(?![\w./,])")
_DECIMAL = re.compile(r"(?<![\w./-])\d{1,7},\d{2}(?![\w/])")
_ISO = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])(?!\d)")
INVOICE = re.compile(
    r"(?<![\w@./-])(?:[A-Za-z]{1,6}[-_/]?\d{2,4}[-_/]\d{1,8}(?:[-_/]\d{1,6})?|[A-Z]{1,3} \d{4} \d{3,6}|"
    r"[A-Za-z]{1,5}[-_]\d{3,10}|[A-Z]{1,4}\d{4,10}|(?:19|20)\d{2}[-_/]\d{3,8})(?![\w@])"
)
_NAMED = re.compile(
    r"(?:factures?|facture (?:n|num|numero)|invoices?|invoice (?:no|number|nr)|fact|inv|rechnung|factura|"
    r"fattura|factuur)"
    r"(?: ?(?:n[°o.]{0,2}|num(?:ero)?|number|no\.?|nr\.?|"
    r"#))?\s{0,2}:?\s{0,2}#?(\d{3,10})(?![\w€$£.,/-]*\d)(?! ?(?:€|euros?|eur)\b)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` with those spans overwritten, as long as before."""
    for pattern in (EMAIL, _LINK, _IBAN, AMOUNT, _DECIMAL):
        text = pattern.sub(_blank, text)
    text = INVOICE.sub(lambda m: m[0] if _ISO.fullmatch(m[0]) else _blank(m), text)
    return _PHONE.sub(lambda m: m[0] if _ISO.match(m[0]) or _is_date(m[0]) else _blank(m), text)


def invoice_numbers(text: str) -> tuple[str, ...]:
    """The invoice numbers that `text` names, as written, each once."""
    rest = _LINK.sub(_blank, EMAIL.sub(_blank, text))
    found = [(m.start(), m[0]) for m in INVOICE.finditer(rest) if not _ISO.fullmatch(m[0]) and not _is_other(m[0])]
    found += [
        (m.start(1), m[1]) for m in _NAMED.finditer(rest) if not any(s <= m.start(1) < s + len(n) for s, n in found)
    ]
    return tuple(dict.fromkeys(number for _, number in sorted(found)))


def amounts(text: str) -> list[tuple[int, Decimal]]:
    """The amounts of money in `text` with where each begins; what could be two numbers is left out."""
    found = [(m.start(), Decimal(m[0].replace(",", "."))) for m in _BARE.finditer(AMOUNT.sub(_blank, text))]
    for match in AMOUNT.finditer(text):
        try:
            found.append((match.start(), parse_amount(match[1] or match[2]).quantize(Decimal("0.01"))))
        except ValueError:
            if re.fullmatch(r"\d{1,3}[.,]\d{3}", match[1] or match[2]):
                found.append((match.start(), Decimal(re.sub(r"[.,]", "", match[1] or match[2]))))
    return found


def _blank(match: re.Match[str]) -> str:
    return _FILL * len(match[0])


def _is_date(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}[./ -]\d{1,2}[./ -](?:20)?\d\d", text))


def _is_other(text: str) -> bool:
    """Words of the trade that look like a number: W-9 and W-8 forms, VAT-20, HT1234."""
    return text.upper().startswith(("W-", "ISO", "TVA", "VAT", "KW", "COVID", "RFC"))
