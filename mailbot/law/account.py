"""An invoice while the days pass: interest runs on what is unpaid, money settles it, the fixed sums become due.

The judgment that opens insolvency proceedings stops the interest of earlier claims (C. com. L622-28 al. 1; L631-14 in a
redressement, L641-3 in a liquidation). It takes effect at its date (R621-4), so that its eve is the last day that bears
interest. Interest of a payment that was deferred by a year or more runs on (the same L622-28). What falls due from that
day on has no fixed sum, because the proceedings forbid its payment on its due date (L441-10 II). Under the law of a
country whose table says nothing of insolvency it stops as well, which asks for less, and the explanation says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from mailbot.law.amounts import Indemnity, Owed, Refusal, Segment, Settled, Stop, rounded
from mailbot.law.clocks import later
from mailbot.law.debt import Debt, Moved, Order
from mailbot.law.tables import Tables, Unknown, half_years, in_force

_DAY = timedelta(days=1)


def is_interest_first(order: Order, formal_notice: date | None, day: date) -> bool:
    """Whether a payment of that day settles interest before principal; the day of the notice is still friendly."""
    if order == "by_phase":
        return formal_notice is not None and day > formal_notice
    return order == "interest_first"


def stop_of(debt: Debt) -> Stop | None:
    """What known insolvency proceedings do to the debt; None where there are none."""
    if debt.opening is None:
        return None
    if not debt.is_earlier:
        return Stop(debt.opening, "later_claim")
    return Stop(debt.opening, "deferred" if _is_deferred(debt) else "stopped")


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
class Account:
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
    unknown_from: date | None = None
    """The first day that bears interest at a rate that no table holds."""
    run_up: Fraction = Fraction(0)
    paid_interest: Fraction = Fraction(0)
    paid_indemnity: Fraction = Fraction(0)
    surplus: Fraction = Fraction(0)
    through: date = date.min
    stop: Stop | None = None

    def __post_init__(self) -> None:
        debt = self.debt
        self.stop = stop_of(debt)
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
                self._accrue(part, max(part.starts, _next(self.through)), self._bearing(day))
        self.through = day

    def _bearing(self, day: date) -> date:
        """The last day up to that one that bears interest."""
        return min(day, self.stop.last_day) if self.stop is not None else day

    def _accrue(self, part: _Part, start: date, end: date) -> None:
        for half, first, last in half_years(start, end):
            rate = self.tables.rate(self.country, half, self.debt.debtor, self.debt.contract_rate)
            if isinstance(rate, Unknown):
                self.missing[rate.name] = None
                self.unknown_from = min(first, self.unknown_from or first)
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
            stop=self.stop if self.stop is not None and self.stop.opening.day <= on else None,
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
            if part.late and rule is not None and not self._is_forbidden(part):
                yield Indemnity(part.due, rule.value, rule.currency, rule.article, part.number)

    def _is_forbidden(self, part: _Part) -> bool:
        """Proceedings forbade to pay the part on its due date, so that it has no fixed sum (C. com. L441-10 II)."""
        return self.stop is not None and self.stop.effect != "later_claim" and part.due >= self.stop.opening.day


def _of_day(moved: Iterable[Moved], day: date) -> list[Fraction]:
    return [Fraction(one.amount) for one in moved if one.day == day]


def _first_day(debt: Debt, due: date) -> date | None:
    """The first day that bears interest; a consumer without a clause owes it only after a formal notice."""
    if debt.debtor == "business" or debt.contract_rate is not None:
        return _next(due)
    return _next(max(due, debt.formal_notice)) if debt.formal_notice is not None else None


def _next(day: date) -> date:
    return day + _DAY if day < date.max else day


def _is_deferred(debt: Debt) -> bool:
    dues = [one.due for one in debt.instalments] or [one for one in (debt.due,) if one is not None]
    return debt.issued is not None and bool(dues) and max(dues) >= later(debt.issued, years=1)
