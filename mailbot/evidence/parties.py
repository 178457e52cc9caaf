"""Who claims, who owes, and what: the values that notice and dossier share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.money import write_amount


@dataclass(frozen=True, slots=True)
class Creditor:
    """The business, as its settings state it."""

    name: str
    siren: str = ""
    vat: str = ""
    email: str = ""
    iban: str = ""
    bic: str = ""
    signature: str = ""
    address: str = ""
    """Its lines, as they head a letter; "" where the settings have none."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """The client; `business`: known by a SIREN or VAT number, so that what holds between businesses applies."""

    name: str
    siren: str = ""
    vat: str = ""
    emails: tuple[str, ...] = ()

    @property
    def business(self) -> bool:
        return bool(self.siren or self.vat)


@dataclass(frozen=True, slots=True)
class Claim:
    """An invoice and what is open of it."""

    number: str
    issued: date
    due: date
    amount: Decimal
    open: Decimal
    currency: str = "EUR"
    to_interest: Decimal = Decimal(0)
    """What payments went to interest first, so that it is still open of the invoice."""
    given_up: date | None = None
    """The day on which the creditor gave it up; nothing of it is claimed."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What the law adds to an invoice on a day: interest or the fixed indemnity, line by line."""

    invoice: str
    what: str
    """In the language of the page: "Intérêts du 1er juillet au 12 novembre 2026, 134 jours à 12,15 %"."""
    amount: Decimal
    currency: str = "EUR"


def totals(amounts: Sequence[tuple[Decimal, str]], language: str) -> str:
    """The sum of each currency: "1 200,00 € + 300,00 $US"."""
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return " + ".join(write_amount(amount, currency, language) for currency, amount in sums.items())


def identity(name: str, siren: str, vat: str, language: str) -> str:
    """Name and numbers, one a line."""
    tax = "TVA intracommunautaire" if language == "fr" else "VAT number"
    return "\n".join([name, *([f"SIREN {siren}"] if siren else []), *([f"{tax} {vat}"] if vat else [])])
