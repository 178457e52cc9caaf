"""What a late invoice has come to on a day: interest by half-years, indemnity, and what payments settled of it.

Interest is simple, runs from the day after the due date through the day of computing, over a year of 365 days
(29 February is a day), on the amount with VAT that is still unpaid (C. com. L441-10 II). Everything is a fraction until
the end: the interest of an invoice is rounded once, half up, to the currency's digits. A rate that no table holds is a
`Refusal`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from mailbot.law.tables import HalfYear, Tables, Unknown, Yearly, half_years, in_force
from mailbot.money import exponent, to_cents

Order = Literal["principal_first", "interest_first", "by_phase"]
"""What a payment settles first: the principal, or the interest that has run (C. civ. 1343-1). `by_phase`: the
principal, and the interest once a formal notice was sent.
"""

Debtor = Literal["business", "consumer"]
DAYS_IN_YEAR = 365
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came in, or a credit note, on a day; that day still bears interest on the old base."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Instalment:
    due: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Debt:
    """One invoice as the law looks at it. Amounts have no more digits than their currency knows."""

    amount: Decimal
    """With VAT, as it was issued."""
    currency: str
    due: date | None
    debtor: Debtor = "business"
    instalments: tuple[Instalment, ...] = ()
    """Where it is to be paid in parts; they take the place of `due`."""
    payments: tuple[Moved, ...] = ()
    credit_notes: tuple[Moved, ...] = ()
    penalties: tuple[Moved, ...] = ()
    """Money that came for lateness and not for the invoice: interest first, then the indemnity."""
    contract_rate: Decimal | None = None
    """Percent a year; 0 is a rate, None is none."""
    formal_notice: date | None = None
    number: str = ""


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
    """No amount can be given. `missing` names what is not known: "due_date", "amount", "fr 2026-H2", "be consumer" …"""

    debt: Debt
    on: date
    missing: tuple[str, ...]


def owed(debt: Debt, on: date, tables: Tables, country: str = "fr", order: Order = "principal_first") -> Owed | Refusal:
    """What is owed on a day, by the law of `country` ("fr", "be", or "eu" for the directive).

    Payments and credit notes after `on` are not known yet. Refused: no due date, an amount that is not above zero,
    movements below zero, instalments that do not add up, and any day that bears interest at a rate outside the table.
    """
    if country not in tables.countries:
        return Refusal(debt, on, (f"country {country}",))
    if missing := _unusable(debt):
        return Refusal(debt, on, missing)
    account = _Account(debt, tables, country, order)
    for day in sorted({one.day for one in (*debt.payments, *debt.credit_notes, *debt.penalties) if one.day <= on}):
        account.run(day)
        account.take(day)
    account.run(on)
    return account.refusal(on) or account.result(on)


def is_interest_first(order: Order, formal_notice: date | None, day: date) -> bool:
    """Whether a payment of that day settles interest before principal; the day of the notice is still friendly."""
    if order == "by_phase":
        return formal_notice is not None and day > formal_notice
    return order == "interest_first"


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


def _unusable(debt: Debt) -> tuple[str, ...]:
    if not debt.instalments and debt.due is None:
        return ("due_date",)
    if not debt.amount.is_finite() or debt.amount <= 0:
        return ("amount",)
    moved = [one.amount for one in (*debt.payments, *debt.credit_notes, *debt.penalties)]
    try:
        for amount in (debt.amount, *moved, *(one.amount for one in debt.instalments)):
            to_cents(amount, debt.currency)
    except (ValueError, ArithmeticError, LookupError):
        return ("amount",)
    if any(amount < 0 for amount in moved):
        return ("negative_payment",)
    if debt.contract_rate is not None and (not debt.contract_rate.is_finite() or debt.contract_rate < 0):
        return ("contract_rate",)
    parts = debt.instalments
    if parts and (any(p.amount <= 0 for p in parts) or sum(p.amount for p in parts) != debt.amount):
        return ("instalments",)
    return ()


@dataclass(slots=True)
class _Part:
    """One instalment, or the whole invoice, while the days pass."""

    number: int | None
    due: date
    starts: date | None
    """The first day that bears interest; None where nothing runs."""
    left: Fraction
    late: bool = False
    """Something was unpaid after the due date."""


@dataclass(slots=True)
class _Account:
    """An invoice while the days pass: `run` lets interest run through a day, `take` then books that day's money."""

    debt: Debt
    tables: Tables
    country: str
    order: Order
    parts: list[_Part] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)
    """What no table holds, in the order in which it was needed."""
    run_up: Fraction = Fraction(0)
    paid_interest: Fraction = Fraction(0)
    paid_indemnity: Fraction = Fraction(0)
    surplus: Fraction = Fraction(0)
    through: date = date.min

    def __post_init__(self) -> None:
        debt = self.debt
        if debt.instalments:
            ordered = sorted(debt.instalments, key=lambda one: one.due)
            self.parts = [
                _Part(at, one.due, _first_day(debt, one.due), Fraction(one.amount)) for at, one in enumerate(ordered, 1)
            ]
        elif debt.due is not None:
            self.parts = [_Part(None, debt.due, _first_day(debt, debt.due), Fraction(debt.amount))]

    def run(self, day: date) -> None:
        """Interest of the days after `through`, up to and including `day`."""
        for part in self.parts:
            if part.left <= 0 or day <= part.due:
                continue
            part.late = True
            if part.starts is not None:
                self._accrue(part, max(part.starts, _next(self.through)), day)
        self.through = day

    def _accrue(self, part: _Part, start: date, end: date) -> None:
        for half, first, last in half_years(start, end):
            rate = self.tables.rate(self.country, half, self.debt.debtor, self.debt.contract_rate)
            if isinstance(rate, Unknown):
                self.missing[rate.name] = None
                continue
            segment = Segment(first, last, part.left, rate, half, part.number)
            self.run_up += segment.interest
            self._add(segment)

    def _add(self, segment: Segment) -> None:
        """Days that go on with the same base and rate in the same half-year are one segment."""
        for at, known in enumerate(self.segments):
            same = replace(known, start=segment.start, end=segment.end) == segment
            if same and _next(known.end) == segment.start:
                self.segments[at] = replace(known, end=segment.end)
                return
        self.segments.append(segment)

    def take(self, day: date) -> None:
        """That day's money: credit notes off the principal only, payments by the order that was chosen, then what came
        for lateness.
        """
        for credited in _of_day(self.debt.credit_notes, day):
            self._settle(day, credited, Fraction(0), credit_note=True)
        for amount in _of_day(self.debt.payments, day):
            first = is_interest_first(self.order, self.debt.formal_notice, day)
            self._settle(day, amount, min(amount, self._interest_left()) if first else Fraction(0))
        for amount in _of_day(self.debt.penalties, day):
            self._settle_penalties(day, amount)

    def _settle(self, day: date, amount: Fraction, to_interest: Fraction, *, credit_note: bool = False) -> None:
        self.paid_interest += to_interest
        rest = amount - to_interest
        for part in self.parts:
            taken = min(rest, part.left)
            part.left -= taken
            rest -= taken
        self.surplus += rest
        self._note(day, amount, to_interest, to_principal=amount - to_interest - rest, credit_note=credit_note)

    def _settle_penalties(self, day: date, amount: Fraction) -> None:
        to_interest = min(amount, self._interest_left())
        owed = sum((one.amount for one in self._indemnities() if one.currency == self.debt.currency), Decimal(0))
        to_indemnity = min(amount - to_interest, Fraction(owed) - self.paid_indemnity)
        self.paid_interest += to_interest
        self.paid_indemnity += to_indemnity
        self.surplus += amount - to_interest - to_indemnity
        self._note(day, amount, to_interest, to_indemnity=to_indemnity, for_penalties=True)

    def _note(
        self,
        day: date,
        amount: Fraction,
        to_interest: Fraction,
        *,
        to_principal: Fraction = Fraction(0),
        to_indemnity: Fraction = Fraction(0),
        credit_note: bool = False,
        for_penalties: bool = False,
    ) -> None:
        self.settled.append(
            Settled(
                day=day,
                amount=self._shown(amount),
                to_interest=self._shown(to_interest),
                to_principal=self._shown(to_principal),
                principal_left=self._shown(self._left()),
                interest_left=self._shown(self._interest_left()),
                credit_note=credit_note,
                to_indemnity=self._shown(to_indemnity),
                for_penalties=for_penalties,
            )
        )

    def _interest_left(self) -> Fraction:
        return self.run_up - self.paid_interest

    def _shown(self, amount: Fraction) -> Decimal:
        return rounded(amount, self.debt.currency)

    def _left(self) -> Fraction:
        return sum((part.left for part in self.parts), Fraction(0))

    def refusal(self, on: date) -> Refusal | None:
        late = [part.due for part in self.parts if part.late]
        country = self.tables.country(self.country)
        if late and self.debt.debtor == "consumer" and not country.consumer:
            self.missing = {f"{self.country} consumer": None}
        elif self.debt.debtor == "business" and any(in_force(country.indemnity, _next(due)) is None for due in late):
            self.missing[f"{self.country} indemnity"] = None
        return Refusal(self.debt, on, tuple(self.missing)) if self.missing else None

    def result(self, on: date) -> Owed:
        currency = self.debt.currency
        return Owed(
            debt=self.debt,
            on=on,
            country=self.country,
            order=self.order,
            principal=rounded(self._left(), currency),
            interest=rounded(self.run_up, currency),
            interest_left=rounded(self._interest_left(), currency),
            indemnities=tuple(self._indemnities_left()),
            segments=tuple(sorted(self.segments, key=lambda one: (one.instalment or 0, one.start))),
            settled=tuple(self.settled),
            surplus=rounded(self.surplus, currency),
        )

    def _indemnities_left(self) -> Iterable[Indemnity]:
        """The oldest is paid first; one that is paid is not told."""
        paid = self._shown(self.paid_indemnity)
        for one in self._indemnities():
            taken = min(paid, one.amount) if one.currency == self.debt.currency else Decimal(0)
            paid -= taken
            if taken < one.amount:
                yield replace(one, amount=one.amount - taken)

    def _indemnities(self) -> Iterable[Indemnity]:
        if self.debt.debtor == "consumer":
            return
        rules = self.tables.country(self.country).indemnity
        for part in self.parts:
            rule = in_force(rules, _next(part.due))
            if part.late and rule is not None:
                yield Indemnity(part.due, rule.value, rule.currency, rule.article, part.number)


def _of_day(moved: Iterable[Moved], day: date) -> list[Fraction]:
    return [Fraction(one.amount) for one in moved if one.day == day]


def _first_day(debt: Debt, due: date) -> date | None:
    """The first day that bears interest; a consumer without a clause owes it only after a formal notice."""
    if debt.debtor == "business" or debt.contract_rate is not None:
        return _next(due)
    return _next(max(due, debt.formal_notice)) if debt.formal_notice is not None else None


def _next(day: date) -> date:
    return day + _DAY if day < date.max else day
