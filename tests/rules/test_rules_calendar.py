"""Working days, holidays, closures, hours."""

from datetime import date, time

import pytest
from rules_story import CASES, policy

from mailbot.rules.calendar import Calendar, Quiet, known_regions, next_open_day, public_holidays, window

WEEK = frozenset(range(5))


def calendar(region: str | None = "FR", *quiet: Quiet) -> Calendar:
    return Calendar(WEEK, region, quiet, public_holidays)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-04-03", "2026-04-03"),
        ("2026-04-04", "2026-04-07"),
        ("2026-05-01", "2026-05-04"),
        ("2026-12-25", "2026-12-28"),
    ],
)
def test_the_next_open_day_lies_behind_weekends_and_holidays(day, open_):
    assert calendar().next_open(date.fromisoformat(day)) == date.fromisoformat(open_)


def test_good_friday_is_a_holiday_in_alsace_moselle_alone():
    assert calendar("FR-57").closed(date(2026, 4, 3)) is not None
    assert calendar("FR").closed(date(2026, 4, 3)) is None


def test_a_closure_without_a_year_comes_back_and_may_run_over_new_year():
    quiet = calendar(None, Quiet((12, 24), (1, 2), "Fêtes"))

    days = [date(2025, 12, 24), date(2026, 12, 31), date(2027, 1, 1), date(2026, 1, 5)]
    assert [quiet.closed(day) for day in days] == ["Fêtes", "Fêtes", "Fêtes", None]


def test_business_days_are_counted_forwards_and_backwards():
    assert calendar().shifted(date(2026, 4, 2), 2, business=True) == date(2026, 4, 7)
    assert calendar().shifted(date(2026, 4, 7), -2, business=True) == date(2026, 4, 2)
    assert calendar().worked_between(date(2026, 4, 2), date(2026, 4, 7)) == 2


def test_the_ends_of_the_calendar_are_no_trap():
    assert calendar(None).shifted(date(9999, 12, 30), 400, business=True) == date.max
    assert calendar(None).next_open(date.max) == date.max


def test_the_window_of_a_day_is_its_sending_hours_or_nothing():
    rules = policy(CASES / "whole.yaml")

    assert window(rules, date(2026, 4, 7)) == (time(9), time(17, 30))
    assert window(rules, date(2026, 4, 6)) is None
    assert next_open_day(rules, date(2026, 8, 1)) == date(2026, 8, 24)


def test_known_regions_name_countries_and_parts():
    assert "57" in known_regions()["FR"]
    assert public_holidays("XX", 2026) == {}
