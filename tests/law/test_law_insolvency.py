"""What insolvency proceedings do to a late invoice: interest stops on the eve of the judgment, and what falls due after
it has no fixed sum; worked out by hand below each case.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lawtables import TABLES

from mailbot.law.amounts import Owed
from mailbot.law.debt import Debt, Instalment, Moved, Opening
from mailbot.law.explain import lines
from mailbot.law.owed import owed

ISSUED, DUE, JUDGED = date(2025, 1, 15), date(2025, 2, 14), date(2025, 5, 20)
LATER = date(2026, 6, 1)


def owes(debt: Debt, on: date = LATER, country: str = "fr") -> Owed:
    found = owed(debt, on, TABLES, country)
    assert isinstance(found, Owed)
    return found


def debt(**changed: object) -> Debt:
    values: dict[str, object] = {
        "amount": Decimal("10000.00"), "currency": "EUR", "due": DUE, "issued": ISSUED, "opening": Opening(JUDGED),
        "number": "FA-1",
    }  # fmt: skip
    return Debt(**{**values, **changed})  # type: ignore[arg-type]


def test_interest_stops_on_the_eve_of_the_judgment() -> None:
    # 15 February to 19 May 2025: 14 + 31 + 30 + 19 = 94 days at 3.15 + 10 = 13.15 % on 10,000.00
    # 10,000 x 13.15 x 94 / 36,500 = 338.657...
    found = owes(debt())

    assert (found.interest, found.segments[-1].end) == (Decimal("338.66"), date(2025, 5, 19))
    assert found.total == {"EUR": Decimal("10378.66")}


def test_on_the_day_of_the_judgment_and_ever_after_it_is_the_same_sum() -> None:
    assert {owes(debt(), JUDGED + timedelta(days=n)).interest for n in (-1, 0, 1, 42, 365)} == {Decimal("338.66")}


def test_a_rate_that_is_missing_after_the_judgment_is_not_needed() -> None:
    assert owes(debt(), date(2026, 12, 1)).interest == Decimal("338.66")


@pytest.mark.parametrize(
    ("due", "indemnity"),
    [(JUDGED - timedelta(days=1), "40.00"), (JUDGED, "0.00"), (JUDGED + timedelta(days=30), "0.00")],
)
def test_the_fixed_sum_of_what_fell_due_before_stays_and_there_is_none_for_what_falls_due_from_then_on(
    due: date, indemnity: str
) -> None:
    found = owes(debt(due=due))

    assert (found.indemnity, found.interest) == (Decimal(indemnity), Decimal("0.00"))


def test_each_instalment_is_looked_at_by_itself() -> None:
    parts = (Instalment(DUE, Decimal("4000.00")), Instalment(JUDGED + timedelta(days=5), Decimal("6000.00")))

    found = owes(debt(due=None, instalments=parts))

    # 4,000 x 13.15 x 94 / 36,500 = 135.463
    assert (found.interest, found.indemnity) == (Decimal("135.46"), Decimal("40.00"))


def test_money_that_comes_after_the_judgment_settles_as_before_and_brings_no_interest_back() -> None:
    found = owes(debt(payments=(Moved(date(2025, 6, 30), Decimal("2500.00")),)))

    assert (found.interest, found.principal) == (Decimal("338.66"), Decimal("7500.00"))


def test_interest_of_a_payment_deferred_by_a_year_or_more_runs_on() -> None:
    late = debt(issued=date(2024, 2, 14))

    # 15 February to 30 June 2025 136 days at 13.15, to 31 December 184 at 12.15, to 1 June 2026 152 at 12.15
    # 10,000 x (13.15 x 136 + 12.15 x 336) / 36,500 = 489.973 + 1,118.466
    assert owes(late).interest == Decimal("1608.44")
    assert owes(debt(issued=date(2024, 2, 15))).interest == Decimal("338.66")


def test_a_claim_that_was_billed_after_the_judgment_bears_interest_and_says_what_to_check() -> None:
    found = owes(debt(issued=date(2025, 5, 21), due=date(2025, 5, 31)), date(2025, 6, 30))

    # 30 days at 13.15: 10,000 x 13.15 x 30 / 36,500 = 108.082
    assert (found.interest, found.indemnity) == (Decimal("108.08"), Decimal("40.00"))
    assert any("L622-17" in line for line in lines(found, TABLES, "fr"))


def test_a_delivery_before_the_judgment_makes_an_earlier_claim_although_it_was_billed_after_it() -> None:
    late = debt(issued=date(2025, 5, 21), due=date(2025, 5, 31))
    delivered_before, on_the_day, after = (
        owes(replace(late, delivered=JUDGED + timedelta(days=days)), date(2025, 6, 30)) for days in (-1, 0, 1)
    )

    assert delivered_before.interest == on_the_day.interest == Decimal("0.00")
    assert after.interest == Decimal("108.08")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("told", "said"), [("judgment", "19"), ("published", "BODACC"), ("heard", "CLIENT")])
def test_the_line_says_why_interest_stops_with_its_article(language: str, told: str, said: str) -> None:
    found = owes(debt(opening=Opening(JUDGED, told), due=JUDGED))  # type: ignore[arg-type]

    text = " ".join(lines(found, TABLES, language))

    assert "L622-28, L631-14" in text
    assert said in text or told == "judgment"
    assert "R622-24" in text
    assert "L441-10 II" in text
    assert "Pas de retard" not in text
    assert "Not late" not in text


def test_before_the_judgment_nothing_is_said_of_it() -> None:
    assert owes(debt(), JUDGED - timedelta(days=1)).stop is None


def test_a_country_whose_table_says_nothing_stops_too_and_sends_to_a_lawyer() -> None:
    found = owes(debt(), country="be")

    # 3.15 + 8 = 11.15, up to the half point 11.5: 10,000 x 11.5 x 94 / 36,500 = 296.164
    assert found.interest == Decimal("296.16")
    assert any("voyez un avocat" in line for line in lines(found, TABLES, "fr"))


@given(st.integers(0, 500), st.integers(-30, 500))
def test_proceedings_never_let_more_be_owed(days: int, opened: int) -> None:
    on = DUE + timedelta(days=days)
    with_them = owes(debt(opening=Opening(DUE + timedelta(days=opened))), min(on, date(2026, 6, 30)))
    without = owes(debt(opening=None), min(on, date(2026, 6, 30)))

    assert with_them.interest <= without.interest
    assert with_them.total["EUR"] <= without.total["EUR"]
    assert with_them.principal == without.principal
