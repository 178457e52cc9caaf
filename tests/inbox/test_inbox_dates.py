"""Days that mails name, in French and English."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.dates import find_dates

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("je vous règle vendredi prochain", date(2026, 11, 27)),
        ("ça part jeudi", date(2026, 11, 26)),
        ("mardi en huit", date(2026, 12, 1)),
        ("fin de mois", date(2026, 11, 30)),
        ("à la fin du mois prochain", date(2026, 12, 31)),
        ("fin janvier", date(2027, 1, 31)),
        ("sous huitaine", date(2026, 11, 28)),
        ("sous quinzaine", date(2026, 12, 5)),
        ("sous 10 jours", date(2026, 11, 30)),
        ("dans deux semaines", date(2026, 12, 4)),
        ("sous 48 h", date(2026, 11, 22)),
        ("le 5", date(2026, 12, 5)),
        ("le 1er mars", date(2027, 3, 1)),
        ("le 5 décembre", date(2026, 12, 5)),
        ("5/12", date(2026, 12, 5)),
        ("12/05/2026", date(2026, 5, 12)),
        ("2026-12-05", date(2026, 12, 5)),
        ("ce soir", FRIDAY),
        ("après-demain", date(2026, 11, 22)),
        ("fin de semaine prochaine", date(2026, 11, 27)),
        ("lundi 30 novembre", date(2026, 11, 30)),
    ],
)
def test_french_words_for_a_day_are_read(text: str, day: date) -> None:
    assert [found.date for found in find_dates(text, "fr", FRIDAY)] == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by the 15th", date(2026, 12, 15)),
        ("end of the month", date(2026, 11, 30)),
        ("the end of next week", date(2026, 11, 27)),
        ("15th of December", date(2026, 12, 15)),
        ("December 15", date(2026, 12, 15)),
        ("first of March", date(2027, 3, 1)),
        ("next Monday", date(2026, 11, 23)),
        ("tmrw", date(2026, 11, 21)),
        ("within 10 days", date(2026, 11, 30)),
        ("in a fortnight", date(2026, 12, 4)),
        ("KW 49", date(2026, 12, 4)),
        ("Tuesday of next week", date(2026, 11, 24)),
    ],
)
def test_english_words_for_a_day_are_read(text: str, day: date) -> None:
    assert [found.date for found in find_dates(text, "en", FRIDAY)] == [day]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("next Friday", "en"),
        ("mid-December", "en"),
        ("mi-décembre", "fr"),
        ("la semaine prochaine", "fr"),
        ("45 jours fin de mois", "fr"),
    ],
)
def test_words_that_leave_the_day_open_are_found_without_a_day(text: str, language: str) -> None:
    assert [found.date for found in find_dates(text, language, MONDAY)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "F-2026-0087",
        "1 248,00 €",
        "06 12 34 56 78",
        "FR76 3000 6000 0112 3456 7890 189",
        "claire12@mai.example",
        "INV-2026-10-05",
    ],
)
def test_numbers_of_invoices_money_and_telephones_are_no_days(text: str) -> None:
    assert find_dates(f"voir {text} merci", "fr", FRIDAY) == []


def test_a_payment_in_the_past_never_rolls_into_the_next_year() -> None:
    found = find_dates("I paid it on 12 November, last seen on Friday", "en", FRIDAY, past=True)

    assert [hit.date for hit in found] == [date(2026, 11, 12), date(2026, 11, 13)]


def test_the_month_comes_first_for_senders_in_the_united_states() -> None:
    assert find_dates("09/03/2026", "en", FRIDAY, month_first=True)[0].date == date(2026, 9, 3)
    assert find_dates("09/03/2026", "en", FRIDAY)[0].date == date(2026, 3, 9)


@given(st.text(max_size=300), st.sampled_from(["fr", "en"]), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_any_text_gives_spans_of_itself(text: str, language: str, base: date) -> None:
    for found in find_dates(text, language, base):
        assert text[found.start : found.end] == found.text


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(0, 300))
def test_a_day_without_a_year_lies_within_the_next_year(base: date, ahead: int) -> None:
    day = date.fromordinal(base.toordinal() + ahead)

    (found,) = find_dates(f"le {day.day}/{day.month:02d}", "fr", base)

    assert found.date == day or (day.month, day.day) == (2, 29)
