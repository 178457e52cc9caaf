"""How likely a client is to pay late or not at all: a score from 0 to 100, each point with its reason.

Weighted by amounts, so that one big late invoice counts more than ten small ones paid in time; unpaid invoices count
with the days that they are late by now, or a client who stopped paying would look better every day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mailbot.money import write_amount_plain

WINDOW = timedelta(days=365)
"""What happened earlier says little of today."""
RISE = 10
"""So many points more since the last look are worth telling."""
_DELAY_POINTS, _DELAY_DAYS = 45, 60
"""A weighted delay of two months, and what is beyond it, gives all of its points."""
_PROMISE_POINTS, _PER_PROMISE = 30, 12
_DISPUTE_POINTS, _PER_DISPUTE = 10, 4
_EXPOSURE_POINTS = 15
_LEVELS = ((60, "high"), (25, "middle"), (0, "low"))


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice: what was billed, what is open, and when it was settled (None: it is not)."""

    due: date
    amount: Decimal
    open: Decimal
    currency: str
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a client on a day. `limit`: (amount, currency) up to which the owner lets it owe."""

    bills: tuple[Bill, ...]
    broken_promises: int = 0
    kept_promises: int = 0
    disputes: int = 0
    limit: tuple[Decimal, str] | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there are points: a stable code and the figures behind it, as they are told."""

    code: str
    """delay, promises, disputes or exposure."""
    points: int
    count: int = 0
    days: int = 0
    amount: Decimal | None = None
    limit: Decimal | None = None
    currency: str = "EUR"

    def words(self, language: str) -> str:
        """ "pays 18 days late on average (4 invoices)"."""
        return _WORDS[self.code][language != "fr"].format(
            count=self.count,
            days=self.days,
            amount=_money(self.amount, self.currency, language),
            limit=_money(self.limit, self.currency, language),
        )


@dataclass(frozen=True, slots=True)
class Risk:
    """0 (no sign of trouble) to 100, and why, the weightiest reason first."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def level(self) -> str:
        """low, middle or high."""
        return next(name for least, name in _LEVELS if self.score >= least)

    def words(self, language: str) -> str:
        """All reasons in one line; "" where there is none."""
        return "; ".join(reason.words(language) for reason in self.reasons)


def risk(record: Record, day: date) -> Risk:
    """The risk of a client on a day."""
    found = (_delay(record.bills, day), _promises(record), _disputes(record), _exposure(record))
    reasons = sorted((one for one in found if one is not None and one.points > 0), key=lambda one: -one.points)
    return Risk(min(sum(one.points for one in reasons), 100), tuple(reasons))


def rose(before: Risk, now: Risk) -> tuple[Reason, ...]:
    """Why a risk rose: the reasons with more points than before; empty where it did not rise enough to be told."""
    if now.score - before.score < RISE:
        return ()
    known = {reason.code: reason.points for reason in before.reasons}
    return tuple(reason for reason in now.reasons if reason.points > known.get(reason.code, 0))


def _delay(bills: Sequence[Bill], day: date) -> Reason | None:
    """Days late, weighted by amounts of one currency each; what is not due yet says nothing."""
    counted = [(bill, late) for bill in bills if (late := _late(bill, day)) is not None]
    weight = sum((bill.amount for bill, _ in counted), Decimal(0))
    if weight <= 0:
        return None
    mean = int(sum((bill.amount * late for bill, late in counted), Decimal(0)) / weight)
    points = min(_DELAY_POINTS, mean * _DELAY_POINTS // _DELAY_DAYS)
    return Reason("delay", points, count=len(counted), days=mean) if mean > 0 else None


def _late(bill: Bill, day: date) -> int | None:
    """How late it was paid, or is by now; None where it does not count: not due, or settled long ago."""
    if bill.amount <= 0 or (bill.due > day and bill.settled_on is None):
        return None
    paid = bill.settled_on if bill.open <= 0 else None
    if paid is not None and paid < day - WINDOW:
        return None
    return max(((paid or day) - bill.due).days, 0)


def _promises(record: Record) -> Reason | None:
    if not record.broken_promises:
        return None
    made = record.broken_promises + record.kept_promises
    points = _PER_PROMISE * record.broken_promises * record.broken_promises // made
    return Reason("promises", min(max(points, _PER_PROMISE // 2), _PROMISE_POINTS), count=record.broken_promises)


def _disputes(record: Record) -> Reason | None:
    points = min(_PER_DISPUTE * record.disputes, _DISPUTE_POINTS)
    return Reason("disputes", points, count=record.disputes) if points else None


def _exposure(record: Record) -> Reason | None:
    """What is open against the limit, in the limit's currency; half of the limit and less says nothing."""
    if record.limit is None or record.limit[0] <= 0:
        return None
    limit, currency = record.limit
    owed = sum((bill.open for bill in record.bills if bill.currency == currency), Decimal(0))
    share = min(owed / limit, Decimal(1)) - Decimal("0.5")
    points = int(share * 2 * _EXPOSURE_POINTS)
    return Reason("exposure", points, amount=owed, limit=limit, currency=currency) if points > 0 else None


def _money(amount: Decimal | None, currency: str, language: str) -> str:
    return "" if amount is None else write_amount_plain(amount, currency, language)


_WORDS = {
    "delay": (
        "{days} jours de retard en moyenne, pondérés par les montants ({count} factures, impayées comprises)",
        "{days} days late on average, weighted by amounts ({count} invoices, unpaid ones counted)",
    ),
    "promises": ("{count} promesse(s) non tenue(s)", "{count} broken promise(s)"),
    "disputes": ("{count} litige(s) en un an", "{count} dispute(s) within a year"),
    "exposure": ("encours de {amount} pour un plafond de {limit}", "{amount} open against a limit of {limit}"),
}
