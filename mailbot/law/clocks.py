"""The clocks that run on a claim in French law: limitation, service of a payment order, filing in an insolvency.

A period ends on the day of the same number, or on the last of a month that has none (C. proc. civ. 641). What
interrupts a limitation lets a whole new one begin on that day (C. civ. 2231); a reminder, a formal notice or a
registered letter does not (com. ch., 18 May 2022, 20-23.204). In doubt the earlier day is given: it is the safe one to
act by.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mailbot.law.debt import Debtor

Holiday = Callable[[date], bool]
"""Whether a day is a public holiday."""

Kind = Literal[
    "written_promise", "part_payment", "written_acknowledgement", "lawsuit", "claim_filed", "payment_order",
    "payment_order_served", "payment_order_application", "reminder", "formal_notice", "registered_letter",
    "telephone_promise", "opened", "delivered", "auto_reply", "dispute", "document_request",
]  # fmt: skip

INTERRUPTS: frozenset[str] = frozenset(
    {"written_promise", "part_payment", "written_acknowledgement", "lawsuit", "claim_filed", "payment_order_served"}
)
"""C. civ. 2240 (acknowledgement), 2241 (a suit, a filed claim), 2244; a payment order when it is served, not when it
is asked for (com. ch., 6 December 2011, 10-23.466)."""

YEARS: dict[Debtor, int] = {"business": 5, "consumer": 2}
"""C. com. L110-4 and C. civ. 2224; C. conso. L218-2."""

DECREE_2026_96 = date(2026, 9, 1)
"""Payment orders from this day on are served within three months, earlier ones within six (C. proc. civ. 1411)."""

Creditor = Literal["france", "overseas", "abroad"]


FILING_MONTHS = 2
"""For a creditor in France, from the publication in BODACC (C. com. R622-24)."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that may interrupt a limitation, and its day."""

    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class Limitation:
    """Until when one can act: `last_day` is the last day, a weekend or holiday not moving it (Civ. 2, 7 April 2016)."""

    last_day: date
    restarted_by: date | None
    """The day of the last event that counts."""
    start: date = date.min
    """From when it is counted: the restart, else the earliest of delivery, issue and due date."""

    def lapsed(self, on: date) -> bool:
        return on > self.last_day


@dataclass(frozen=True, slots=True)
class Term:
    """A time limit of procedure: its last day, and that day moved to the next working day (C. proc. civ. 642)."""

    last_day: date
    extended: date


def limitation(
    debtor: Debtor,
    due: date,
    happened: Sequence[Happened],
    issued: date | None = None,
    delivered: date | None = None,
) -> Limitation:
    """The limitation of a claim, counted from the earliest of delivery, issue and due date.

    Of a service it runs from its completion, whatever the invoice says (com. ch., 26 February 2020, 18-25.036; for a
    consumer Civ. 1, 19 May 2021, 20-12.520): where no day of it is known (`delivered`), the true end may be earlier.
    A delivery after the issue or the due date does not move the end: in doubt the earlier day is given.
    An event before the due date or after the last day interrupts nothing. A payment order that was served
    counts only where an order is known that was not too old by then. That a pending suit holds the clock
    (C. civ. 2242) is left out: the true day is later.
    """
    start = min(due, issued or due, delivered or due)
    last, restarted = later(start, years=YEARS[debtor]), None
    for event in sorted(happened, key=lambda one: one.day):
        if event.kind in INTERRUPTS and due < event.day <= last and _counts(event, happened):
            last, restarted = later(event.day, years=YEARS[debtor]), event.day
    return Limitation(last, restarted, restarted or start)


def service(ordered: date, holiday: Holiday) -> Term:
    """Until when a payment order of that date is to be served, or it is void (C. proc. civ. 1411)."""
    return _term(later(ordered, months=3 if ordered >= DECREE_2026_96 else 6), holiday)


def claim(published: date, creditor: Creditor, holiday: Holiday) -> Term:
    """Until when a claim is filed after an insolvency was published in BODACC (C. com. L622-24, R622-24)."""
    return _term(later(published, months=FILING_MONTHS if creditor == "france" else 4), holiday)


def filed_by(published: date) -> date:
    """The last day that a creditor in France is told for filing: two months, which a weekend is not taken to extend.

    Article 642 may move it to the next working day; the earlier day is the careful one, wherever it is told.
    """
    return claim(published, "france", _no_holiday).last_day


def next_half_year(day: date) -> date:
    """The first day of the next half-year, on which rates change."""
    return date(day.year, 7, 1) if day.month <= 6 else date(day.year + 1, 1, 1)


def later(day: date, *, years: int = 0, months: int = 0) -> date:
    """So many years and months on (C. proc. civ. 641): 29 February 2024 and five years are 28 February 2029."""
    year, month = divmod(day.year * 12 + day.month - 1 + years * 12 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _term(last: date, holiday: Holiday) -> Term:
    extended = last
    while extended.weekday() >= 5 or holiday(extended):
        extended += timedelta(days=1)
    return Term(last, extended)


def _counts(event: Happened, happened: Sequence[Happened]) -> bool:
    """A payment order interrupts only where it was served in time."""
    if event.kind != "payment_order_served":
        return True
    orders = [one.day for one in happened if one.kind == "payment_order" and one.day <= event.day]
    return bool(orders) and event.day <= service(max(orders), _no_holiday).extended


def _no_holiday(_day: date) -> bool:
    """Without a list of holidays a term is not moved for them: the earlier day is the careful one."""
    return False
