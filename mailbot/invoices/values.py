"""What stands in one field of an invoice document, as a value: dates, amounts, IBANs, company numbers."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from stdnum import iban, luhn

from mailbot.model import Doubt
from mailbot.money import exponent

_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4})?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T+Z-].{0,30})?")
_XML_AMOUNT = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,6})?|\.\d{1,6})")
_EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}\.[^\s@<>,;.]{2,63}")
_FRENCH_VAT = re.compile(r"FR[0-9A-Z]{2}(\d{9})")


def date_of(text: str | None) -> date | None:
    """A date as XML writes it: 20261001 (UN/CEFACT format 102) or 2026-10-01; None for anything else."""
    match = _COMPACT_DATE.fullmatch(text or "") or _ISO_DATE.fullmatch(text or "")
    return calendar_date(*map(int, match.groups())) if match else None


def earliest(texts: Iterable[str | None]) -> date | None:
    """The first of the days that these texts are; what is no date is passed over."""
    return min((day for text in texts if (day := date_of(text))), default=None)


def no_such_day(field: str, text: str) -> Doubt:
    """The doubt about a date of which something stands there that is none."""
    return Doubt(field, f"{text[:40]} stands there, which is no day of the calendar", (text[:40],))


def no_amount(field: str, text: str) -> Doubt:
    """The doubt about an amount where something stands that is none."""
    return Doubt(field, f"{text[:40]} stands there, which is no amount", (text[:40],))


def calendar_date(year: int, month: int, day: int) -> date | None:
    """The date where there is one, between 1990 and 2100; None for 30 February."""
    if not 1990 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def amount_of(text: str | None, currency: str | None) -> Decimal | None:
    """A decimal of an XML invoice, with the digits of its currency where nothing is lost by that."""
    if not text or not _XML_AMOUNT.fullmatch(text):
        return None
    return in_cents(Decimal(text), currency)


def in_cents(amount: Decimal, currency: str | None) -> Decimal:
    """1200 and 1200.0000 EUR as 1200.00; with more digits than its currency knows it stays as it is."""
    exact = amount.quantize(Decimal(1).scaleb(-exponent(currency or "EUR")))
    return exact if exact == amount else amount.normalize()


def iban_of(text: str | None) -> str | None:
    """An IBAN without spaces, whatever its checksum says; None where the field is no IBAN at all."""
    compact = "".join((text or "").split()).upper().removeprefix("IBAN").lstrip(":")
    return compact if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", compact) else None


def is_true_iban(number: str) -> bool:
    """Whether length, structure and checksum (ISO 13616) are right; no list of banks is complete, so none is asked."""
    return bool(iban.is_valid(number, check_country=False))


def siren_of(number: str | None) -> str | None:
    """The SIREN in a SIREN or SIRET (its first nine digits); None where its check digit is wrong."""
    digits = "".join((number or "").split())
    if re.fullmatch(r"\d{9}(?:\d{5})?", digits) and luhn.is_valid(digits[:9]):
        return digits[:9]
    return None


def siren_in_vat(vat: str | None) -> str | None:
    """The SIREN that a French VAT number ends with."""
    match = _FRENCH_VAT.fullmatch(vat or "")
    return siren_of(match[1]) if match else None


def vat_of(text: str | None) -> str | None:
    """A VAT number without spaces and points, in capitals."""
    compact = re.sub(r"[\s.]", "", text or "").upper()
    return compact or None


def email_of(text: str | None) -> str | None:
    """An address in lower case; None where the field holds something else."""
    address = (text or "").strip().removeprefix("mailto:")
    return address.lower() if _EMAIL.fullmatch(address) else None


def currency_of(text: str | None) -> str | None:
    """An ISO 4217 code; None for anything that is not three capitals."""
    code = (text or "").strip()
    return code if re.fullmatch(r"[A-Z]{3}", code) else None
