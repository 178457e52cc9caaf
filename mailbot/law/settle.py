"""What money goes to: penalties or principal, one debt among several; and whether a discount was earned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import groupby

from mailbot.law.debt import Moved, Order
from mailbot.money import exponent, rounded

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Split:
    """What an amount settles. All parts are of one currency; they add up to the amount."""

    principal: Decimal
    interest: Decimal
    indemnity: Decimal
    rest: Decimal
    """Over: the client's, for the owner to decide about."""


def settle(amount: Decimal, *, principal: Decimal, interest: Decimal, indemnity: Decimal = ZERO, order: Order) -> Split:
    """What a payment settles of one invoice and of the penalties that are claimed beside it.

    `principal_first`: principal, interest, indemnity. `interest_first` (C. civ. 1343-1): interest, principal,
    indemnity, which is no interest. Penalties that are not claimed are given as 0: nothing is taken for them.
    Amounts below zero count as nothing owed.
    """
    first, second = (principal, interest) if order == "principal_first" else (interest, principal)
    left = max(amount, ZERO)
    taken = []
    for owed in (first, second, indemnity):
        part = min(left, max(owed, ZERO))
        taken.append(part)
        left -= part
    if order == "interest_first":
        taken[0], taken[1] = taken[1], taken[0]
    return Split(taken[0], taken[1], taken[2], left)


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """One of several debts of one client, when a payment comes."""

    number: str
    amount: Decimal
    due: date
    issued: date | None = None
    currency: str = "EUR"
    rate: Decimal = ZERO
    """Percent a year that it costs the debtor: the higher one is the more burdensome."""


def spread(
    debts: Sequence[OpenDebt], amount: Decimal, currency: str, day: date, named: Collection[str] = ()
) -> dict[str, Decimal]:
    """How one payment is set against several debts (C. civ. 1342-10); number -> amount, every debt in it.

    The debt that the debtor names (a number in the transfer's label names it); else those due on the day before those
    not due; among them the more burdensome, then the oldest; all things equal, pro rata, odd cents in the order
    of the list. Debts of another currency take no part. What is over is in none of them.
    """
    given = dict.fromkeys((debt.number for debt in debts), ZERO.quantize(Decimal(1).scaleb(-exponent(currency))))
    left = amount

    def place(debt: OpenDebt) -> tuple[bool, bool, Decimal, date, date]:
        return (
            debt.number not in named, debt.due > day, -debt.rate if debt.due <= day else ZERO, debt.due,
            debt.issued or debt.due,
        )  # fmt: skip

    mine = sorted((debt for debt in debts if debt.currency == currency and debt.amount > 0), key=place)
    for _, equal in groupby(mine, place):
        for number, part in _pro_rata(list(equal), left, currency).items():
            given[number] += part
            left -= part
    return given


def _pro_rata(equal: Sequence[OpenDebt], amount: Decimal, currency: str) -> Mapping[str, Decimal]:
    owed = sum((debt.amount for debt in equal), ZERO)
    if amount >= owed:
        return {debt.number: debt.amount for debt in equal}
    cent = Decimal(1).scaleb(-exponent(currency))
    parts = {debt.number: (amount * debt.amount / owed).quantize(cent, rounding=ROUND_DOWN) for debt in equal}
    odd = amount - sum(parts.values(), ZERO)
    for debt in equal:
        more = min(cent, odd, debt.amount - parts[debt.number])
        parts[debt.number] += more
        odd -= more
    return parts


@dataclass(frozen=True, slots=True)
class Discount:
    """An early-payment discount (escompte) after what was paid."""

    within: bool
    """All that is accepted came by the last day, that day included."""
    discount: Decimal
    accepted: Decimal
    """What settles the invoice."""
    remaining: Decimal


def discount(amount: Decimal, currency: str, percent: Decimal, until: date, paid: Sequence[Moved]) -> Discount:
    """Whether a discount was earned. It is rounded half up; the last day is not moved by weekends or holidays."""
    off = rounded(amount * percent / 100, currency)
    in_time = sum((one.amount for one in paid if one.day <= until), ZERO)
    within = in_time >= amount - off
    accepted = amount - off if within else amount
    remaining = max(accepted - sum((one.amount for one in paid), ZERO), ZERO)
    return Discount(within, off if within else rounded(ZERO, currency), accepted, remaining)
