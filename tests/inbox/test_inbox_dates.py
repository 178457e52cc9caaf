"""Days that mails name, in six languages: sentences with known days, and what holds for every text."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox import daymath
from mailbot.inbox.dates import FoundDate, Sense, find_dates
from mailbot.inbox.dayrules import LANGUAGES, grammar

CASES = Path(__file__).parent.parent / "cases" / "dates"
FRIDAY = date(2026, 11, 20)
SENTENCES = {
    "fr": ("Je paie vendredi en huit.", "Virement le 5/12.", "Sous huitaine, promis.", "Fin de mois."),
    "en": ("I'll pay by the 15th.", "Paid within two weeks.", "On Friday.", "By the end of next week."),
    "de": ("Ich zahle am 5.12.", "Freitag in einer Woche.", "Ende nächster Woche.", "In KW 49."),
    "es": ("Pago el viernes que viene.", "En 15 días.", "A finales de mes.", "El día 5."),
    "it": ("Pago venerdì prossimo.", "Entro fine mese.", "Il 10 p.v.", "Entro 15 giorni."),
    "nl": ("Ik betaal volgende week vrijdag.", "Op de 30e.", "Binnen 14 dagen.", "Eind deze maand."),
}


def sentences() -> Iterator[Any]:
    for language in LANGUAGES:
        for line in (CASES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
            yield pytest.param(language, json.loads(line), id=f"{language}-{json.loads(line)['text'][:60]}")


def days_in(found: list[FoundDate]) -> set[str]:
    """The days on which something is done, as ISO dates."""
    return {day.date.isoformat() for day in found if day.date and day.sense is Sense.DAY}


@pytest.mark.parametrize(("language", "case"), list(sentences()))
def test_a_sentence_names_the_day_that_a_reader_would_note(language: str, case: dict[str, Any]) -> None:
    base = date.fromisoformat(case["base"])

    found = find_dates(
        case["text"], language, base, past=case.get("past", False), month_first=case.get("country") == "US"
    )

    assert days_in(found) == ({case["expected"]} if case["expected"] else set())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "F-2026-0087",
        "1 248,00 €",
        "06 12 34 56 78",
        "01.12.26.12.27",
        "FR76 3000 6000 0112 3456 7890 189",
        "claire12@mai.example",
        "https://pay.example/2026-12-05",
        "INV-2026-10-05",
        "2026/1205",
    ],
)
def test_numbers_of_invoices_money_accounts_and_telephones_are_no_days(text: str, language: str) -> None:
    assert find_dates(f"({text})", language, FRIDAY) == []


def test_a_payment_in_the_past_never_rolls_into_the_next_year() -> None:
    found = find_dates("I paid it on 12 November, last seen on Friday", "en", FRIDAY, past=True)

    assert [hit.date for hit in found] == [date(2026, 11, 12), date(2026, 11, 13)]


def test_the_month_comes_first_for_senders_in_the_united_states() -> None:
    assert find_dates("09/03/2026", "en", FRIDAY, month_first=True)[0].date == date(2026, 9, 3)
    assert find_dates("09/03/2026", "en", FRIDAY)[0].date == date(2026, 3, 9)


def test_a_month_that_no_calendar_has_is_read_in_the_other_order() -> None:
    assert find_dates("12/25/2026", "en", FRIDAY)[0].date == date(2026, 12, 25)


def test_the_29th_of_february_waits_for_a_leap_year() -> None:
    assert find_dates("le 29 février", "fr", FRIDAY)[0].date == date(2028, 2, 29)


def test_a_language_that_is_not_among_the_six_is_read_as_english() -> None:
    assert find_dates("by 5 December", "pl", FRIDAY)[0].date == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("text", "language", "sense"),
    [
        ("pas avant le 20 décembre", "fr", Sense.FROM),
        ("we cannot pay before 20 December", "en", Sense.FROM),
        ("we pay before 20 December", "en", Sense.DAY),
        ("vor dem 20. Dezember zahlen wir nicht", "de", Sense.FROM),
        ("a partir del 20 de diciembre", "es", Sense.FROM),
        ("la vostra fattura del 20 dicembre", "it", Sense.ASIDE),
        ("de zitting is op 20 december", "nl", Sense.ASIDE),
    ],
)
def test_days_from_which_on_and_days_of_something_else_are_told_apart(text: str, language: str, sense: Sense) -> None:
    assert [day.sense for day in find_dates(text, language, FRIDAY)] == [sense]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_rule_of_each_language_names_a_meaning_and_compiles(language: str) -> None:
    assert len(grammar(language).rules) > 40


@pytest.mark.parametrize(("count", "days"), [(1, 3), (2, 4), (5, 7), (6, 10), (10, 14)])
def test_working_days_pass_over_the_weekend(count: int, days: int) -> None:
    resolved = daymath.meaning("working_days")(daymath.Parts(count=count), daymath.Frame(FRIDAY))

    assert resolved == FRIDAY + timedelta(days=days)


# ------------------------------------------------------------------------------------------- any text

TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            [
                *"0123456789./-°'\n,:;€",
                *("le", "am", "the", "el", "il", "de", "5", "31.", "12/", "2026", "fin", "Ende", "mai", "may", "KW"),
                *("vendredi", "Freitag", "en huit", "next", "week", "Woche", "mes", "mese", "maand", "vor", "vor 3"),
            ]
        ),
        max_size=40,
    ).map(" ".join),
)
BASES = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@given(TEXTS, st.sampled_from(LANGUAGES), BASES, st.booleans(), st.booleans())
def test_any_text_gives_spans_of_itself(text: str, language: str, base: date, past: bool, month_first: bool) -> None:
    end = 0
    for found in find_dates(text, language, base, past=past, month_first=month_first):
        assert text[found.start : found.end] == found.text
        assert found.start >= end
        end = found.end


@given(TEXTS, st.sampled_from(LANGUAGES), st.sampled_from([date(1, 1, 1), date(9999, 12, 31)]))
def test_no_text_fails_at_the_ends_of_the_calendar(text: str, language: str, base: date) -> None:
    find_dates(text, language, base)
    find_dates(text, language, base, past=True)


@given(st.data(), BASES)
def test_what_lies_ahead_is_never_before_the_day_of_the_mail(data: st.DataObject, base: date) -> None:
    language = data.draw(st.sampled_from(LANGUAGES))
    text = data.draw(st.sampled_from(SENTENCES[language]))

    assert all(day.date >= base for day in find_dates(text, language, base) if day.date)


@given(st.data(), BASES)
def test_telephone_numbers_accounts_and_invoice_numbers_add_no_day(data: st.DataObject, base: date) -> None:
    language = data.draw(st.sampled_from(LANGUAGES))
    text = data.draw(st.sampled_from(SENTENCES[language]))
    digits = data.draw(st.text("0123456789", min_size=8, max_size=8))
    tail = data.draw(
        st.sampled_from(
            [
                f"\n\nTel. 0{digits[0]} {digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}",
                f"\n\nFA-2026-{digits[:4]}",
                f"\n\nDE89 3704 0044 {digits[:4]} {digits[4:]} 00",
                f"\n\n{digits[:3]}.{digits[3:6]},{digits[6:]} €",
                f"\n\nwww.pay.example/{digits[:4]}-12-05",
            ]
        )
    )

    assert [d.date for d in find_dates(text + tail, language, base)] == [
        d.date for d in find_dates(text, language, base)
    ]


@given(BASES, st.integers(0, 300))
def test_a_day_without_a_year_lies_within_the_next_year(base: date, ahead: int) -> None:
    day = date.fromordinal(base.toordinal() + ahead)

    (found,) = find_dates(f"le {day.day}/{day.month:02d}", "fr", base)

    assert found.date == day or (day.month, day.day) == (2, 29)


@given(st.sampled_from(LANGUAGES), st.integers(1, 31), BASES)
def test_the_same_day_lies_ahead_of_a_promise_and_behind_a_payment(language: str, number: int, base: date) -> None:
    text = {"fr": "le {}", "en": "on the {}th", "de": "am {}.", "es": "el día {}", "it": "il {}", "nl": "op de {}e"}

    (ahead,) = find_dates(text[language].format(number), language, base)
    (behind,) = find_dates(text[language].format(number), language, base, past=True)

    assert ahead.date
    assert behind.date
    assert behind.date <= base <= ahead.date
    assert ahead.date.day == behind.date.day == number
