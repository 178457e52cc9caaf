"""What an invoice has come to, as values: segments of interest, fixed sums, what was settled; or why none is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from mailbot.law.debt import Debt, Opening, Order
from mailbot.law.tables import HalfYear, Yearly
from mailbot.money import exponent

DAYS_IN_YEAR = 365


@dataclass(frozen=True, slots=True)
class Segment:
    """Days of one base and one rate. `start` and `end` both bear interest."""

    start: date
    end: date
    base: Fraction
    rate: Yearly
    half: HalfYear
    instalment: int | None = None
    """From 1; None where the invoice is paid in one."""

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def interest(self) -> Fraction:
        """Not rounded."""
        return self.base * Fraction(self.rate.percent) * self.days / (100 * DAYS_IN_YEAR)


@dataclass(frozen=True, slots=True)
class Settled:
    """What one payment or credit note went to, and what was left after it; rounded to be shown."""

    day: date
    amount: Decimal
    to_interest: Decimal
    to_principal: Decimal
    principal_left: Decimal
    interest_left: Decimal
    credit_note: bool = False
    to_indemnity: Decimal = Decimal(0)
    for_penalties: bool = False
    """It came for lateness: nothing of it went to the principal."""


@dataclass(frozen=True, slots=True)
class Indemnity:
    """The fixed sum of one late invoice or instalment."""

    due: date
    amount: Decimal
    currency: str
    article: Mapping[str, str]
    """In "fr" and "en"."""
    instalment: int | None = None


Effect = Literal["stopped", "deferred", "later_claim"]
"""Of insolvency proceedings on a claim: its interest stopped; it runs on, payment being deferred by a year or more; the
claim came after the judgment.
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """What the insolvency proceedings of the debtor do to a claim (C. com. L622-28, L631-14, L641-3)."""

    opening: Opening
    effect: Effect

    @property
    def last_day(self) -> date:
        """The last day that bears interest: the eve of the judgment, which takes effect at its date (R621-4)."""
        return self.opening.day - timedelta(days=1) if self.effect == "stopped" else date.max


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on `on`. Principal and interest are in the invoice's currency, the indemnity in its own."""

    debt: Debt
    on: date
    country: str
    order: Order
    principal: Decimal
    """What is left of the invoice, due or not."""
    interest: Decimal
    """All that has run."""
    interest_left: Decimal
    """What payments have left of it."""
    indemnities: tuple[Indemnity, ...]
    """What is left of them."""
    segments: tuple[Segment, ...]
    settled: tuple[Settled, ...]
    surplus: Decimal
    """What the client paid too much; told, never set off by itself."""
    stop: Stop | None = None
    """Insolvency proceedings that were open on that day."""

    @property
    def forbidden(self) -> tuple[date, ...]:
        """Due days of what has no fixed sum, because proceedings forbade to pay it then (C. com. L441-10 II)."""
        if self.stop is None or self.stop.effect == "later_claim" or self.debt.debtor == "consumer":
            return ()
        dues = [one.due for one in self.debt.instalments] or [one for one in (self.debt.due,) if one is not None]
        return tuple(day for day in sorted(dues) if self.stop.opening.day <= day < self.on)

    @property
    def is_given_up(self) -> bool:
        """Whether the creditor had given the debt up by that day, so that nothing of it is claimed."""
        return self.debt.given_up is not None and self.debt.given_up <= self.on

    @property
    def to_interest(self) -> Decimal:
        """What payments of the invoice went to interest instead of the principal (C. civ. 1343-1)."""
        return sum((one.to_interest for one in self.settled if not one.for_penalties), Decimal("0.00"))

    @property
    def indemnity(self) -> Decimal:
        return sum((one.amount for one in self.indemnities), Decimal("0.00"))

    @property
    def penalties(self) -> dict[str, Decimal]:
        """Unpaid interest and indemnity by currency: what may be claimed beside the invoice."""
        found = {self.debt.currency: self.interest_left}
        for one in self.indemnities:
            found[one.currency] = found.get(one.currency, Decimal("0.00")) + one.amount
        return found

    @property
    def total(self) -> dict[str, Decimal]:
        """Principal and penalties by currency; currencies are never added up."""
        found = self.penalties
        found[self.debt.currency] += self.principal
        return found


@dataclass(frozen=True, slots=True)
class Refusal:
    """No amount can be given. `missing` names what is not known: "due_date", "not_issued", "fr 2026-H2" …"""

    debt: Debt
    on: date
    missing: tuple[str, ...]
    known: Owed | None = None
    """What it had come to on the last day of which every rate is known; None where nothing had run by then."""


def totals(several: Iterable[Owed]) -> dict[str, Decimal]:
    """What several invoices have come to together, each currency apart."""
    found: dict[str, Decimal] = {}
    for one in several:
        for currency, amount in one.total.items():
            found[currency] = found.get(currency, Decimal("0.00")) + amount
    return found


def rounded(amount: Fraction, currency: str) -> Decimal:
    """Half up to the currency's digits; exact, whatever the size."""
    digits = exponent(currency)
    cents = (amount * 10**digits * 2 + 1) // 2
    return Decimal(int(cents)).scaleb(-digits)
