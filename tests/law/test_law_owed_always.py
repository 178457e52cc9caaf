"""What must hold for every debt: interest adds up over days, never falls, whatever order payments are listed in."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from lawtables import TABLES

from mailbot.law.amounts import Owed, Refusal, rounded, totals
from mailbot.law.debt import Debt, Instalment, Moved, Order
from mailbot.law.owed import owed
from mailbot.law.tables import half_years

DAY = timedelta(days=1)
untimed = settings(deadline=None)
FIRST, LAST = date(2023, 1, 1), date(2026, 6, 30)
days = st.dates(FIRST, LAST)
cents = st.integers(1, 10_000_000).map(lambda c: Decimal(c).scaleb(-2))
rates = st.none() | st.integers(0, 3000).map(lambda c: Decimal(c).scaleb(-2))
orders: st.SearchStrategy[Order] = st.sampled_from(["principal_first", "interest_first", "by_phase"])
payments = st.lists(st.builds(Moved, days, cents), max_size=4)
debts = st.builds(
    Debt, cents, st.just("EUR"), days, st.just("business"), payments=payments.map(tuple),
    credit_notes=st.lists(st.builds(Moved, days, cents), max_size=2).map(tuple), contract_rate=rates,
    penalties=st.lists(st.builds(Moved, days, cents), max_size=2).map(tuple), formal_notice=st.none() | days,
)  # fmt: skip


def owes(debt: Debt, on: date, order: Order = "principal_first", country: str = "fr") -> Owed:
    found = owed(debt, on, TABLES, country, order)
    assert isinstance(found, Owed)
    return found


def run_up(found: Owed) -> Fraction:
    return sum((segment.interest for segment in found.segments), Fraction(0))


@untimed
@given(debts, days, days, orders)
def test_interest_adds_up_over_days(debt: Debt, one: date, other: date, order: Order) -> None:
    early, late = sorted((one, other))

    until, whole = owes(debt, early, order), owes(debt, late, order)

    after = (
        sum(
            (
                segment.base
                * Fraction(segment.rate.percent)
                * ((segment.end - max(segment.start, early + DAY)).days + 1)
                for segment in whole.segments
                if segment.end > early
            ),
            Fraction(0),
        )
        / 36500
    )
    assert run_up(whole) == run_up(until) + after


@untimed
@given(debts, days, orders)
def test_interest_never_falls_from_one_day_to_the_next(debt: Debt, on: date, order: Order) -> None:
    if on == LAST:
        return
    assert owes(debt, on + DAY, order).interest >= owes(debt, on, order).interest


@untimed
@given(debts, days, orders, st.randoms(use_true_random=False))
def test_the_order_in_which_payments_are_listed_changes_nothing(
    debt: Debt, on: date, order: Order, chance: Random
) -> None:
    listed = list(debt.payments)
    chance.shuffle(listed)

    shuffled = Debt(**{name: getattr(debt, name) for name in Debt.__slots__} | {"payments": tuple(listed)})

    one, other = owes(debt, on, order), owes(shuffled, on, order)
    assert (one.total, one.segments, one.surplus) == (other.total, other.segments, other.surplus)


@untimed
@given(debts, days, orders)
def test_what_came_in_is_what_was_settled_or_is_over(debt: Debt, on: date, order: Order) -> None:
    found = owes(debt, on, order)

    came = (*debt.payments, *debt.credit_notes, *debt.penalties)
    paid = sum((one.amount for one in came if one.day <= on), Decimal(0))
    cent = Decimal("0.01")
    to_interest = found.interest - found.interest_left
    to_indemnity = sum((one.to_indemnity for one in found.settled), Decimal(0))
    assert abs(paid - (debt.amount - found.principal) - to_interest - to_indemnity - found.surplus) <= 4 * cent


@untimed
@given(debts, days)
def test_paying_interest_first_never_leaves_less_to_pay(debt: Debt, on: date) -> None:
    by_interest, by_principal = owes(debt, on, "interest_first"), owes(debt, on, "principal_first")

    assert by_interest.total["EUR"] - by_interest.surplus >= by_principal.total["EUR"] - by_principal.surplus - Decimal(
        "0.02"
    )


@untimed
@given(debts, days, orders)
def test_segments_cover_each_late_day_once_and_lie_in_one_half_year(debt: Debt, on: date, order: Order) -> None:
    found = owes(debt, on, order)

    ends = [debt.due, *(segment.end for segment in found.segments)]
    assert all(segment.start > end for segment, end in zip(found.segments, ends, strict=False) if end is not None)
    assert all(len(half_years(segment.start, segment.end)) == 1 for segment in found.segments)


@untimed
@given(cents, days, st.integers(2, 6), days, orders)
def test_instalments_of_one_due_date_bear_the_interest_of_the_whole(
    amount: Decimal, due: date, parts: int, on: date, order: Order
) -> None:
    instalments = tuple(Instalment(due, amount) for _ in range(parts))
    split = Debt(amount * parts, "EUR", None, instalments=instalments)
    whole = Debt(amount * parts, "EUR", due)

    assert owes(split, on, order).interest == owes(whole, on, order).interest


@untimed
@given(debts, days)
def test_a_consumer_never_owes_an_indemnity(debt: Debt, on: date) -> None:
    consumer = Debt(**{name: getattr(debt, name) for name in Debt.__slots__} | {"debtor": "consumer"})

    assert owes(consumer, on).indemnities == ()


@untimed
@given(st.lists(debts, max_size=4), days)
def test_several_invoices_come_to_the_sum_of_each(several: list[Debt], on: date) -> None:
    each = [owes(debt, on) for debt in several]

    assert totals(each) == ({"EUR": sum((one.total["EUR"] for one in each), Decimal(0))} if each else {})


@untimed
@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_rounding_is_half_up_and_exact(part: int, whole: int) -> None:
    value = Fraction(part, whole)

    shown = Fraction(rounded(value, "EUR"))

    assert -Fraction(1, 200) < shown - value <= Fraction(1, 200)


@untimed
@given(st.dates(date(2026, 7, 1), date.max), days, rates)
def test_days_beyond_the_table_are_refused_and_never_guessed(on: date, due: date, rate: Decimal | None) -> None:
    found = owed(Debt(Decimal(100), "EUR", due, contract_rate=rate), on, TABLES)

    assert isinstance(found, Refusal)
    assert found.missing[0].startswith("fr 2026-H2")
