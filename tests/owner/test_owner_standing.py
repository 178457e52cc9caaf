"""How the business stands: ages, days of sales outstanding, habits, expected receipts."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mailbot.owner.standing import BUCKETS, Claim, Sales, ageing, bucket_of, expected, habits, sales_outstanding

DAY = date(2026, 11, 25)  # a Wednesday
MONDAY = date(2026, 11, 23)


def claim(
    number: str, due: date, amount: str = "100.00", still_open: str | None = None, *, client: int = 1,
    currency: str = "EUR", paid: date | None = None, issued: date | None = None,
) -> Claim:  # fmt: skip
    """An invoice of thirty days; `paid`: settled on that day."""
    whole = Decimal(amount)
    left = Decimal(0) if paid is not None else Decimal(still_open or amount)
    taken = ((paid, whole),) if paid is not None else ()
    return Claim(number, client, issued or due - timedelta(days=30), due, currency, whole, left, taken)


def test_ages_are_counted_from_the_due_date() -> None:
    assert [bucket_of(late) for late in (-3, 0, 1, 30, 31, 60, 61, 90, 91)] == [
        "not_due", "not_due", "1_30", "1_30", "31_60", "31_60", "61_90", "61_90", "over_90",
    ]  # fmt: skip


def test_every_currency_has_ages_of_its_own_and_what_is_settled_counts_nowhere() -> None:
    found = ageing(
        [
            claim("GB-1", DAY - timedelta(days=5), "50.00", currency="GBP"),
            claim("FA-1", DAY + timedelta(days=5), "200.00"),
            claim("FA-2", DAY - timedelta(days=40), "300.00", "120.00"),
            claim("FA-3", DAY - timedelta(days=400), paid=DAY),
        ],
        DAY,
    )

    assert list(found) == ["EUR", "GBP"]
    assert found["EUR"] == dict(zip(BUCKETS, map(Decimal, ("200.00", "0", "120.00", "0", "0")), strict=True))
    assert found["GBP"]["1_30"] == Decimal("50.00")


@given(
    st.lists(
        st.tuples(
            st.integers(-100, 400), st.decimals("0.01", "99999.99", places=2), st.sampled_from(["EUR", "GBP", "CHF"])
        ),
        max_size=30,
    )
)
def test_the_ages_add_up_to_what_is_owed_in_each_currency(owed: list[tuple[int, Decimal, str]]) -> None:
    claims = [
        claim(f"F{at}", DAY - timedelta(days=late), str(amount), currency=currency)
        for at, (late, amount, currency) in enumerate(owed)
    ]
    found = ageing(claims, DAY)

    for currency in {currency for _, _, currency in owed}:
        total = sum((amount for _, amount, other in owed if other == currency), Decimal(0))
        assert sum(found[currency].values(), Decimal(0)) == total


def test_days_of_sales_are_open_amounts_against_ninety_days_of_sales() -> None:
    # 90 days ago to today: 9,000 billed, 4,500 open, so 45 days; thirty days before 3,000 of 6,000 over 90: 45 too.
    claims = [
        claim("FA-0", DAY, "3000.00", issued=DAY - timedelta(days=119), paid=DAY - timedelta(days=50)),
        claim("FA-1", DAY, "3000.00", issued=DAY - timedelta(days=80), paid=DAY - timedelta(days=5)),
        claim("FA-2", DAY, "4500.00", issued=DAY - timedelta(days=20)),
        claim("FA-3", DAY, "1500.00", issued=DAY - timedelta(days=10), paid=DAY - timedelta(days=1)),
    ]

    assert sales_outstanding(claims, DAY) == Sales(45, 0, "EUR")


def test_without_a_history_or_sales_there_are_no_days_of_sales() -> None:
    assert sales_outstanding([], DAY) is None
    assert sales_outstanding([claim("FA-1", DAY, issued=DAY - timedelta(days=10))], DAY) is None


def test_an_earlier_balance_counts_what_was_paid_since() -> None:
    one = Claim("FA-1", 1, DAY - timedelta(days=40), DAY, "EUR", Decimal(100), Decimal(30),
                ((DAY - timedelta(days=3), Decimal(70)),))  # fmt: skip

    assert one.open_on(DAY - timedelta(days=4)) == Decimal(100)
    assert one.open_on(DAY - timedelta(days=3)) == Decimal(30)
    assert one.open_on(DAY - timedelta(days=41)) == Decimal(0)


def test_a_habit_is_the_median_and_needs_three_payments() -> None:
    paid = [claim(f"FA-{late}", DAY - timedelta(days=60 + late), paid=DAY - timedelta(days=60)) for late in (2, 9, 40)]
    twice = [claim(f"FB-{late}", DAY - timedelta(days=90), client=2, paid=DAY - timedelta(days=88)) for late in (1, 2)]

    own, usual = habits([*paid, *twice])

    assert own == {1: 9}
    assert usual == 2


def test_a_promise_counts_before_a_habit_and_what_is_long_overdue_has_no_day() -> None:
    late = [claim(f"FA-{n}", DAY - timedelta(days=60), paid=DAY - timedelta(days=50)) for n in range(3)]
    claims = [
        *late,
        claim("FA-10", DAY - timedelta(days=2), "1000.00"),  # habit: ten days after its due date, in eight days
        claim("FA-11", DAY - timedelta(days=50), "500.00"),  # promised for Friday
        claim("FA-12", DAY - timedelta(days=50), "70.00"),  # its day is over, and nobody said when
        claim("FA-13", DAY + timedelta(days=300), "9.00"),  # beyond four weeks
    ]
    found = expected(claims, {"FA-11": DAY + timedelta(days=2)}, DAY)

    assert [week.start for week in found.weeks] == [MONDAY + timedelta(weeks=n) for n in range(4)]
    assert [(week.expected, week.promised) for week in found.weeks] == [
        ({"EUR": Decimal("500.00")}, {"EUR": Decimal("500.00")}),
        ({"EUR": Decimal("1000.00")}, {}),
        ({}, {}),
        ({}, {}),
    ]
    assert found.undated == {"EUR": Decimal("70.00")}
