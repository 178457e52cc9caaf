"""The clocks that run on a claim, against days that were counted by hand."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.law.clocks import INTERRUPTS, Happened, claim, later, limitation, service
from mailbot.rules.calendar import public_holidays

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "law" / "clocks.yaml").read_text(encoding="utf-8"))
days = st.dates(date(2015, 1, 1), date(2040, 12, 31))


def holiday(day: date) -> bool:
    return day in public_holidays("FR", day.year)


@pytest.mark.parametrize("case", CASES["limitation"], ids=lambda case: case["id"])
def test_a_limitation_ends_on_the_day_counted_by_hand(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    happened = [Happened(one["date"], one["kind"]) for one in inputs["events"]]

    found = limitation(inputs["debtor"], inputs["due_date"], happened, inputs.get("issue_date"))

    assert (found.last_day, found.restarted_by) == (expected["last_day"], expected["restarted_by"])
    assert found.lapsed(inputs["on"]) is expected["lapsed"]


@pytest.mark.parametrize("case", CASES["service"], ids=lambda case: case["id"])
def test_a_payment_order_is_to_be_served_by_the_day_counted_by_hand(case: dict[str, Any]) -> None:
    found = service(case["inputs"]["order_date"], holiday)

    assert (found.last_day, found.extended) == (case["expected"]["last_day"], case["expected"]["extended"])


@pytest.mark.parametrize("case", CASES["claim"], ids=lambda case: case["id"])
def test_a_claim_is_to_be_filed_by_the_day_counted_by_hand(case: dict[str, Any]) -> None:
    found = claim(case["inputs"]["published"], case["inputs"]["creditor"], holiday)

    assert (found.last_day, found.extended) == (case["expected"]["last_day"], case["expected"]["extended"])


@settings(deadline=None)
@given(days, st.lists(st.builds(Happened, days, st.sampled_from(sorted(INTERRUPTS))), max_size=5))
def test_an_event_never_shortens_a_limitation(due: date, happened: list[Happened]) -> None:
    plain = limitation("business", due, [])

    assert limitation("business", due, happened).last_day >= plain.last_day


@settings(deadline=None)
@given(days, days, st.sampled_from(["business", "consumer"]))
def test_an_earlier_issue_date_never_gives_a_later_day(due: date, issued: date, debtor: Any) -> None:
    assert limitation(debtor, due, [], issued).last_day <= limitation(debtor, due, []).last_day


@settings(deadline=None)
@given(days, st.integers(0, 60))
def test_months_later_is_never_in_another_month(day: date, months: int) -> None:
    found = later(day, months=months)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


@settings(deadline=None)
@given(days, days, days, st.sampled_from(["business", "consumer"]))
def test_a_day_of_delivery_never_gives_a_later_day(due: date, issued: date, delivered: date, debtor: Any) -> None:
    known = limitation(debtor, due, [], issued, delivered)

    assert known.last_day <= limitation(debtor, due, [], issued).last_day
    assert known.start == min(due, issued, delivered)
