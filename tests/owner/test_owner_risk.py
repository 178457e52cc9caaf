"""A client's risk: what raises it, what does not, and that every point has its reason."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mailbot.owner.risk import Bill, Record, risk, rose

DAY = date(2026, 11, 20)


def bill(late: int, amount: str = "1000", *, paid: bool = True) -> Bill:
    """Due so many days before the day on which it was paid, or before today."""
    due = DAY - timedelta(days=late)
    return Bill(due, Decimal(amount), Decimal(0) if paid else Decimal(amount), "EUR", DAY if paid else None)


def test_who_pays_in_time_is_no_risk() -> None:
    assert risk(Record((bill(0), bill(-3))), DAY).score == 0


def test_an_unpaid_invoice_counts_with_the_days_that_it_is_late_by_now() -> None:
    paid_late = risk(Record((bill(40),)), DAY)
    never_paid = risk(Record((bill(40, paid=False),)), DAY)

    assert never_paid.score == paid_late.score == 30


def test_one_big_late_invoice_weighs_more_than_many_small_ones_in_time() -> None:
    record = Record((bill(60, "9000", paid=False), *(bill(0, "100") for _ in range(10))))

    assert risk(record, DAY).reasons[0].days == 54


def test_an_invoice_that_is_not_due_says_nothing() -> None:
    assert risk(Record((bill(-10, paid=False),)), DAY).score == 0


def test_what_was_settled_long_ago_does_not_count_any_more() -> None:
    old = Bill(DAY - timedelta(days=600), Decimal(1000), Decimal(0), "EUR", DAY - timedelta(days=500))

    assert risk(Record((old,)), DAY).score == 0


def test_half_a_limit_is_no_exposure_and_the_whole_of_it_is() -> None:
    limit = (Decimal(1000), "EUR")
    half, whole = (Record((bill(-10, amount, paid=False),), limit=limit) for amount in ("500", "1000"))

    assert [risk(record, DAY).score for record in (half, whole)] == [0, 15]


def test_a_rise_is_told_with_what_grew_and_a_small_one_is_not_told() -> None:
    calm = risk(Record((bill(20, paid=False),)), DAY)
    broken = risk(Record((bill(20, paid=False),), broken_promises=1), DAY)
    later = risk(Record((bill(24, paid=False),)), DAY)

    assert [reason.code for reason in rose(calm, broken)] == ["promises"]
    assert rose(calm, later) == ()


def test_the_reasons_say_the_figures_in_both_languages() -> None:
    found = risk(Record((bill(30),), broken_promises=2, disputes=1), DAY)

    assert "2 promesse(s) non tenue(s)" in found.words("fr")
    assert "30 days late on average" in found.words("en")


@given(
    st.lists(st.tuples(st.integers(-60, 900), st.integers(1, 10**6), st.booleans()), max_size=20),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_the_score_is_the_sum_of_its_reasons_and_never_beyond_its_bounds(
    bills: list[tuple[int, int, bool]], broken: int, kept: int, disputes: int
) -> None:
    record = Record(tuple(bill(late, str(amount), paid=paid) for late, amount, paid in bills), broken, kept, disputes)

    found = risk(record, DAY)

    assert found.score == min(sum(reason.points for reason in found.reasons), 100)
    assert 0 <= found.score <= 100


@given(st.integers(0, 20), st.integers(0, 20))
def test_one_more_broken_promise_never_makes_a_client_look_better(broken: int, kept: int) -> None:
    fewer, more = (risk(Record((), number, kept), DAY).score for number in (broken, broken + 1))

    assert more >= fewer
