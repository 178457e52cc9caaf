"""What stands on an invoice of the demo, and who sends it: values, totals, and the sentences of the law."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mailbot.money import rounded

VAT_PERCENT = Decimal(20)


@dataclass(frozen=True, slots=True)
class Seller:
    """The business that the bot works for; no company has its SIREN, since none begins with 999."""

    name: str = "Atelier Martin SARL"
    siren: str = "999200017"
    vat: str = "FR42999200017"
    email: str = "factures@atelier-martin.example"
    street: str = "17 rue de la Menuiserie"
    city: str = "69007 Lyon"
    iban: str = "FR7630006000011234567890189"
    bic: str = "AGRIFRPP"
    register: str = "RCS Lyon 999 200 017"
    capital: str = "10 000 €"

    @property
    def account(self) -> str:
        """The account number that the bank writes into its files: eleven digits of the IBAN."""
        return self.iban[14:25]


SELLER = Seller()


@dataclass(frozen=True, slots=True)
class DemoLineItem:
    """One line of an invoice; `unit_price` without VAT, in euros."""

    text: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def net(self) -> Decimal:
        return rounded(self.quantity * self.unit_price)


@dataclass(frozen=True, slots=True)
class DemoInvoice:
    """An invoice, or a credit note with positive amounts, with 20 % VAT. `buyer_city` is "69001 Lyon".

    A buyer abroad has no SIREN (empty) and a VAT number of its own.
    """

    number: str
    issued: date
    due: date
    buyer_name: str
    buyer_siren: str
    buyer_email: str
    buyer_street: str
    buyer_city: str
    lines: tuple[DemoLineItem, ...]
    language: str = "fr"
    kind: Literal["invoice", "credit_note"] = "invoice"
    buyer_vat: str = ""
    """Empty: the French number that follows from the SIREN."""
    buyer_country: str = "FR"
    preceding: str = ""
    """The invoice that a credit note corrects."""

    @property
    def vat(self) -> str:
        """The buyer's VAT number."""
        return self.buyer_vat or french_vat(self.buyer_siren)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal("0.00"))

    @property
    def tax(self) -> Decimal:
        return rounded(self.net * VAT_PERCENT / 100)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def french_vat(siren: str) -> str:
    """The VAT number of a French company: its SIREN with a key of two digits before it."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def postcode_and_town(city: str) -> tuple[str, str]:
    """("69001", "Lyon") of "69001 Lyon"; the first is empty where no digits lead."""
    first, _, rest = city.partition(" ")
    return (first, rest) if first.isdigit() else ("", city)


_LATE = {
    "fr": "Tout retard de paiement entraîne de plein droit, dès le lendemain de l'échéance, des pénalités "
    "égales à trois fois le taux d'intérêt légal.",
    "en": "Late payment bears interest at three times the French statutory rate from the day after the due "
    "date, without notice.",
}
_INDEMNITY = {
    "fr": "Indemnité forfaitaire pour frais de recouvrement : 40 € (art. L441-10 et D441-5 du code de commerce).",
    "en": "Fixed indemnity for recovery costs: €40 (art. L441-10 and D441-5 of the French commercial code).",
}
_DISCOUNT = {
    "fr": "Pas d'escompte pour paiement anticipé.",
    "en": "No discount for early payment.",
}


def legal_notes(invoice: DemoInvoice) -> tuple[tuple[str, str], ...]:
    """(UNTDID 4451 code, sentence) that French law asks for on an invoice; none on a credit note."""
    if invoice.kind == "credit_note":
        return ()
    language = invoice.language
    return (("PMD", _LATE[language]), ("PMT", _INDEMNITY[language]), ("AAB", _DISCOUNT[language]))
