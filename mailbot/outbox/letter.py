"""What a mail to a client is about: its facts, and the words that templates get."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from babel.lists import format_list

from mailbot.law.amounts import Owed, rounded
from mailbot.law.demand import Basis
from mailbot.law.explain import write_percent
from mailbot.model import JSON
from mailbot.money import write_amount, write_day
from mailbot.outbox.transfer import grouped_reference
from mailbot.outbox.wording import grouped

LANGUAGES = ("en", "fr", "de", "es", "it", "nl")
"""What letters are written in; English for any other."""
PAGE_LANGUAGES = ("en", "fr")
"""What a client's page in the browser is written in."""
_LISTS = {"en": "en_GB"}
"""Without a comma before "and"."""
MOST_ROWS = 30
"""More invoices are named in one line below the table: readers cut a page of more than about 100 kB."""


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """One row of a letter's table. `open` is what is still owed of `amount`."""

    number: str
    issued: date
    due: date
    amount: Decimal
    open: Decimal
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class PenaltyPart:
    """Days of one rate on one sum."""

    start: date
    end: date
    days: int
    rate: Decimal
    """Percent a year."""
    base: Decimal


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the law adds to one invoice of a letter on its day; the invoice itself stays as it is."""

    number: str
    interest: Decimal
    currency: str
    rates: tuple[Decimal, ...]
    """The yearly rates, in percent, in order of time."""
    indemnity: Decimal = Decimal(0)
    indemnity_currency: str = "EUR"
    parts: tuple[PenaltyPart, ...] = ()
    """How the interest came about, where the letter shows it."""


def penalty_of(owed: Owed, *, with_parts: bool) -> Penalty:
    """What the law adds to one invoice, as a letter lists it; `with_parts`: with the days, rates and sums it is of."""
    currency = owed.debt.currency
    parts = tuple(
        PenaltyPart(one.start, one.end, one.days, one.rate.percent, rounded(one.base, currency))
        for one in owed.segments
    )
    return Penalty(
        number=owed.debt.number,
        interest=owed.interest_left,
        currency=currency,
        rates=tuple(dict.fromkeys(one.rate.percent for one in owed.segments)),
        indemnity=owed.indemnity,
        indemnity_currency=owed.indemnities[0].currency if owed.indemnities else "EUR",
        parts=parts if with_parts and owed.interest_left > 0 else (),
    )


@dataclass(frozen=True, slots=True)
class LetterContext:
    """The facts of one letter to one client, complete: a template needs nothing else.

    `invoices` has the leading one first. `reply_to` is the address that answers go to, with its token.
    """

    business: str
    client: str
    language: str
    tone: str
    today: date
    invoices: tuple[ListedInvoice, ...]
    reply_to: str
    contact: str = ""
    """The person's name, if known; formal steps do not use it."""
    signature: str = ""
    """Who signs; the business if empty."""
    iban: str = ""
    bic: str = ""
    reference: str = ""
    """What the client should write on the transfer."""
    rf: str = ""
    """The ISO 11649 reference of the one invoice that is to be paid; empty for several."""
    qr: str = ""
    """The Content-ID of the transfer's QR code that the mail carries; empty where it carries none."""
    qr_points: int = 0
    """How wide and high it is shown."""
    pay_url: str = ""
    previous_on: date | None = None
    """The day of the last reminder about the leading invoice."""
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    paid_amount: Decimal | None = None
    """What arrived, for the thanks for a part."""
    paid_on: date | None = None
    deadline: date | None = None
    """The last day that a formal notice leaves."""
    b2b: bool = False
    """Whether the client counts as a business: the fixed sum of 40 EUR is named to businesses only."""
    basis: Basis = "business"
    """What interest rests on."""
    siren: str = ""
    attached: tuple[str, ...] = ()
    """File names of what is attached."""
    page_url: str = ""
    """The client's page: amounts of today, documents, answers by button. Empty where there is no web part."""
    pixel_url: str = ""
    """The address of a picture of one point, only where the owner and the client agreed to it."""
    words: tuple[str, ...] = ()
    """What the owner writes himself, line by line, where the letter is his answer."""
    penalties: tuple[Penalty, ...] = ()
    """What is claimed for lateness beside the invoices; empty where it is waived."""
    interest_law: str = ""
    """The article that the interest rests on, in French or English; `indemnity_law` that of the fixed sum."""
    indemnity_law: str = ""

    def values(self) -> dict[str, JSON]:
        """What the templates get: everything as text in the letter's language, and the facts to choose by."""
        language = self.language if self.language in LANGUAGES else "en"
        lead = self.invoices[0]
        rows = [_row(one, self.today, language) for one in self.invoices]
        return {
            "business": self.business,
            "signature": self.signature or self.business,
            "client": self.client,
            "contact": self.contact,
            "tone": self.tone,
            "today": _long(self.today, language),
            "lead": rows[0],
            "invoices": cast("list[JSON]", rows),
            "listed": cast("list[JSON]", rows[:MOST_ROWS]),
            "further": cast("list[JSON]", rows[MOST_ROWS:]),
            "numbers": ", ".join(one.number for one in self.invoices),
            "numbers_and": format_list([one.number for one in self.invoices], locale=_LISTS.get(language, language)),
            "several": len(rows) > 1,
            "late": any(one.due < self.today for one in self.invoices),
            "total": self._total(language),
            "euro": all(one.currency == "EUR" for one in self.invoices),
            "reply_to": self.reply_to,
            "iban": grouped(self.iban),
            "bic": self.bic,
            "reference": self.reference or lead.number,
            "rf": grouped_reference(self.rf),
            "qr": self.qr,
            "qr_points": self.qr_points,
            "pay_url": self.pay_url,
            "previous_on": _long(self.previous_on, language),
            "promise_date": _long(self.promise_date, language),
            "promise_amount": _amount(self.promise_amount, lead.currency, language),
            "paid_amount": _amount(self.paid_amount, lead.currency, language),
            "paid_on": _long(self.paid_on, language),
            "deadline": _long(self.deadline, language),
            "b2b": self.b2b,
            "basis": self.basis,
            "fixed_sums": any(one.indemnity for one in self.penalties),
            "demanded": self._demanded(language),
            "siren": self.siren,
            "attached": list(self.attached),
            "page_url": self.page_url,
            "pixel_url": self.pixel_url,
            "words": list(self.words),
            "penalties": cast("list[JSON]", [_penalty(one, language) for one in self.penalties]),
            "penalties_total": self._penalties_total(language),
            "interest_law": _unbroken(self.interest_law),
            "indemnity_law": _unbroken(self.indemnity_law),
        }

    def _total(self, language: str) -> str:
        return _sums([(one.open, one.currency) for one in self.invoices], language)

    def _penalties_total(self, language: str) -> str:
        return _sums(self._added(), language)

    def _demanded(self, language: str) -> str:
        """What a formal notice asks for: all that is open and all that is added."""
        return _sums([*((one.open, one.currency) for one in self.invoices), *self._added()], language)

    def _added(self) -> list[tuple[Decimal, str]]:
        listed = [(one.interest, one.currency) for one in self.penalties]
        listed += [(one.indemnity, one.indemnity_currency) for one in self.penalties]
        return [(amount, currency) for amount, currency in listed if amount]


def _sums(amounts: Iterable[tuple[Decimal, str]], language: str) -> str:
    """The sum of each currency, in the order in which they come."""
    totals: dict[str, Decimal] = {}
    for amount, currency in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return " + ".join(write_amount(amount, currency, language) for currency, amount in totals.items())


def _penalty(one: Penalty, language: str) -> dict[str, JSON]:
    parts: list[JSON] = [
        {
            "start": _long(part.start, language), "end": _long(part.end, language), "days": part.days,
            "rate": _rate(part.rate, language), "base": write_amount(part.base, one.currency, language),
        }
        for part in one.parts
    ]  # fmt: skip
    return {
        "number": one.number,
        "interest": write_amount(one.interest, one.currency, language) if one.interest else "",
        "rates": ", ".join(_rate(rate, language) for rate in one.rates),
        "parts": parts,
        "indemnity": write_amount(one.indemnity, one.indemnity_currency, language) if one.indemnity else "",
    }


def _unbroken(article: str) -> str:
    """An article as it is cited, with its code and number on one line."""
    return article.replace("C. ", "C.\u00a0").replace(". L", ".\u00a0L").replace(". 1", ".\u00a01")


def _rate(percent: Decimal, language: str) -> str:
    return f"{write_percent(percent, language)}{'%' if language == 'en' else ' %'}"


def _long(day: date | None, language: str) -> str:
    return write_day(day, language) if day else ""


def _amount(amount: Decimal | None, currency: str, language: str) -> str:
    return "" if amount is None else write_amount(amount, currency, language)


def _row(invoice: ListedInvoice, today: date, language: str) -> dict[str, JSON]:
    return {
        "number": invoice.number,
        "issued": write_day(invoice.issued, language, "medium"),
        "due": write_day(invoice.due, language, "medium"),
        "due_long": _long(invoice.due, language),
        "issued_long": _long(invoice.issued, language),
        "days_late": max((today - invoice.due).days, 0),
        "amount": write_amount(invoice.amount, invoice.currency, language),
        "open": write_amount(invoice.open, invoice.currency, language),
        "part_paid": invoice.open < invoice.amount,
    }
