"""How the business stands with its clients: what is owed by age, how long they take to pay, what should come when.

Pure figures from what was billed and when it was paid; money of different currencies is never added up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low

Money = dict[str, Decimal]
"""Amounts by currency."""

BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90")
"""Days late of an open invoice, mildest first."""
WEEKS = 4
SALES_DAYS = 90
"""Sales of so many days are what the open amounts are held against."""
TREND_DAYS = 30
LEAST_DAYS = 45
"""With a shorter history, days sales outstanding say nothing."""
_LIMITS = (0, 30, 60, 90)
_LATEST, _LEAST_OWN, _LEAST_ALL = 10, 3, 5
_MOST_LATE = 180
"""A habit beyond this is no habit but a quarrel."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One invoice: what was billed, what is open of it, and what was taken off it on which day."""

    number: str
    client: int
    issued: date
    due: date
    currency: str
    amount: Decimal
    open: Decimal
    settlements: tuple[tuple[date, Decimal], ...] = ()
    """(day, amount) of payments, credit notes and write-offs; negative where the bank took money back."""

    @property
    def settled_on(self) -> date | None:
        """The day on which nothing was open any more; None while something is, or where it is not known."""
        return max((day for day, _ in self.settlements), default=None) if self.open <= 0 else None

    def open_on(self, day: date) -> Decimal:
        """What was open at the end of an earlier day; 0 before the invoice was issued."""
        if self.issued > day:
            return Decimal(0)
        later = sum((amount for paid, amount in self.settlements if paid > day), Decimal(0))
        return min(max(self.open + later, Decimal(0)), self.amount)


@dataclass(frozen=True, slots=True)
class Sales:
    """Days sales outstanding: how many days of sales are not paid yet. `change` is against 30 days before."""

    days: int
    change: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Week:
    """What should come within the days from `start` to `end`; `promised` is the part that clients announced."""

    start: date
    end: date
    expected: Money
    promised: Money


@dataclass(frozen=True, slots=True)
class Expected:
    """Receipts to come. `undated`: overdue longer than its client usually takes, and nobody announced a day."""

    weeks: tuple[Week, ...] = ()
    undated: Money = field(default_factory=dict)


def ageing(claims: Iterable[Claim], day: date) -> dict[str, Money]:
    """Open amounts by currency (the one most is owed in first) and by BUCKETS."""
    found: dict[str, Money] = {}
    for claim in claims:
        if claim.open > 0:
            buckets = found.setdefault(claim.currency, dict.fromkeys(BUCKETS, Decimal(0)))
            buckets[bucket_of((day - claim.due).days)] += claim.open
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def bucket_of(late: int) -> str:
    """The bucket of an invoice that is so many days late (negative or 0: not due)."""
    return BUCKETS[sum(1 for limit in _LIMITS if late > limit)]


def sales_outstanding(claims: Sequence[Claim], day: date) -> Sales | None:
    """Open amount / sales of the last 90 days x 90, in the currency that most was billed in; None without history."""
    billed: Money = defaultdict(Decimal)
    for claim in claims:
        if claim.issued <= day:
            billed[claim.currency] += claim.amount
    if not billed:
        return None
    currency = max(sorted(billed), key=lambda known: billed[known])
    mine = [claim for claim in claims if claim.currency == currency]
    now = _days(mine, day)
    before = _days(mine, day - timedelta(days=TREND_DAYS))
    return None if now is None else Sales(now, now - before if before is not None else None, currency)


def _days(claims: Sequence[Claim], day: date) -> int | None:
    issued = [claim.issued for claim in claims if claim.issued <= day]
    known = (day - min(issued)).days if issued else 0
    if known < LEAST_DAYS:
        return None
    span = min(known + 1, SALES_DAYS)
    sales = sum((one.amount for one in claims if day - timedelta(days=span) < one.issued <= day), Decimal(0))
    still_open = sum((one.open_on(day) for one in claims), Decimal(0))
    return round(still_open * span / sales) if sales > 0 else None


def habits(claims: Iterable[Claim]) -> tuple[dict[int, int], int]:
    """(client -> days after the due date on which it usually pays, the same of all together); negative: early.

    The median of the ten payments that came last; a client with fewer than three has no habit of its own.
    """
    paid: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for claim in claims:
        if (settled := claim.settled_on) is not None:
            paid[claim.client].append((settled, (settled - claim.due).days))
    latest = {client: [late for _, late in sorted(known)[-_LATEST:]] for client, known in paid.items()}
    everybody = [late for known in latest.values() for late in known]
    own = {client: median_low(known) for client, known in latest.items() if len(known) >= _LEAST_OWN}
    return own, median_low(everybody) if len(everybody) >= _LEAST_ALL else 0


def expected(claims: Sequence[Claim], promised: Mapping[str, date], day: date) -> Expected:
    """What should come in this week (from Monday) and the three after it, after promises and each client's habit."""
    own, usual = habits(claims)
    monday = day - timedelta(days=day.weekday())
    starts = [monday + timedelta(weeks=at) for at in range(WEEKS)]
    sums: list[tuple[Money, Money]] = [(defaultdict(Decimal), defaultdict(Decimal)) for _ in starts]
    undated: Money = defaultdict(Decimal)
    for claim in claims:
        if claim.open <= 0:
            continue
        said = promised.get(claim.number)
        coming = said or claim.due + timedelta(days=min(own.get(claim.client, usual), _MOST_LATE))
        if coming < day:
            undated[claim.currency] += claim.open
        elif (at := (coming - monday).days // 7) < WEEKS:
            sums[at][0][claim.currency] += claim.open
            if said is not None:
                sums[at][1][claim.currency] += claim.open
    weeks = tuple(
        Week(start, start + timedelta(days=6), dict(coming), dict(certain))
        for start, (coming, certain) in zip(starts, sums, strict=True)
    )
    return Expected(weeks, dict(undated))
