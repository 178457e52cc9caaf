"""The tables of the law: which rate stands on which day, what is missing, and mistakes in a file of one's own."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lawtables import TABLES

from mailbot.errors import SettingsError
from mailbot.law.tables import File, Unknown, Yearly, first_day, half_year, half_years, last_day, read_tables
from mailbot.yamlfile import read_settings


def own(folder: Path, text: str) -> File:
    path = folder / "rates.yaml"
    path.write_text(text, encoding="utf-8")
    return (path.name, *read_settings(path))


def percent(country: str, half: str, debtor: str = "business", contract: str | None = None) -> Decimal:
    found = TABLES.rate(country, half, debtor, None if contract is None else Decimal(contract))
    assert isinstance(found, Yearly)
    return found.percent


def test_every_figure_names_its_source() -> None:
    rates = [*TABLES.reference.values(), *TABLES.legal.values()]
    rules = [
        rule
        for country in TABLES.countries.values()
        for rule in (*country.default, *country.floor, *country.indemnity, *country.consumer)
    ]

    assert all(one.source for one in (*rates, *rules))
    assert all(rule.article["fr"] and rule.article["en"] for rule in rules)


@pytest.mark.parametrize(
    ("half", "french", "belgian", "directive", "floor"),
    [
        ("2023-H1", "12.50", "10.5", "10.50", "6.18"),
        ("2023-H2", "14.00", "12.0", "12.00", "12.66"),
        ("2024-H1", "14.50", "12.5", "12.50", "15.21"),
        ("2024-H2", "14.25", "12.5", "12.25", "14.76"),
        ("2025-H1", "13.15", "11.5", "11.15", "11.13"),
        ("2025-H2", "12.15", "10.5", "10.15", "8.28"),
        ("2026-H1", "12.15", "10.5", "10.15", "7.86"),
    ],
)
def test_the_rates_of_each_half_year(half: str, french: str, belgian: str, directive: str, floor: str) -> None:
    assert [percent("fr", half), percent("be", half), percent("eu", half), percent("fr", half, contract="0")] == [
        Decimal(french), Decimal(belgian), Decimal(directive), Decimal(floor),
    ]  # fmt: skip


def test_what_no_table_holds_is_named() -> None:
    unknown = [
        TABLES.rate("fr", "2026-H2", "business", None),
        TABLES.rate("fr", "2026-H2", "business", Decimal(20)),
        TABLES.rate("fr", "2026-H2", "consumer", None),
        TABLES.rate("be", "2025-H1", "consumer", Decimal(6)),
    ]

    assert unknown == [
        Unknown("fr 2026-H2"), Unknown("fr 2026-H2 floor"), Unknown("fr 2026-H2 legal"), Unknown("be consumer"),
    ]  # fmt: skip


def test_a_file_of_ones_own_adds_half_years_and_puts_shipped_ones_right(tmp_path: Path) -> None:
    text = 'reference:\n  2026-H2: {rate: "2.40", source: a}\n  2026-H1: {rate: "2.16", source: b}\n'

    found = read_tables([], own(tmp_path, text))

    assert {half: rate.percent for half, rate in found.reference.items()} == {
        "2026-H2": Decimal("2.40"), "2026-H1": Decimal("2.16"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("default: []\n", '"default" is not known here'),
        ("reference: 2.15\n", "lists half-years"),
        ("reference:\n  2026-Q1: {rate: '2.15', source: a}\n", "no half-year"),
        ("reference:\n  2026-H2: 2.15\n", "write it as"),
        ("reference:\n  2026-H2: {rate: '2.15'}\n", "source: is missing"),
        ("reference:\n  2026-H2: {rate: '2,15 %', source: a}\n", "no percentage"),
        ("legal:\n  2026-H2: {rate: '-1', source: a}\n", "no percentage"),
        ("legal:\n  2026-H2: {rate: '1', source: a, sauce: b}\n", '"sauce" is not known here'),
    ],
)
def test_a_mistake_in_a_file_of_ones_own_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as failed:
        read_tables([], own(tmp_path, text))

    assert len(failed.value.problems) == 1
    assert failed.value.problems[0].startswith("rates.yaml:")
    assert told in failed.value.problems[0]


def test_a_shipped_file_without_a_country_or_with_a_broken_rule_is_refused() -> None:
    tree: Mapping[str, Any] = {"country": "xx", "name": {"fr": "x", "en": "x"}, "default": [{"since": "2020-01-01"}]}

    with pytest.raises(SettingsError) as failed:
        read_tables([("xx.yaml", tree, {}), ("yy.yaml", {}, {})])

    assert [problem.split(":")[0] for problem in failed.value.problems] == ["xx.yaml", "yy.yaml"]


@settings(deadline=None)
@given(st.dates(date(1000, 1, 1)), st.integers(0, 2000))
def test_half_years_cover_every_day_once(start: date, days: int) -> None:
    end = date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))

    found = half_years(start, end)

    assert (found[0][1], found[-1][2]) == (start, end)
    assert sum((last - first).days + 1 for _, first, last in found) == (end - start).days + 1
    assert all(half_year(first) == half_year(last) == half for half, first, last in found)
    assert all(first_day(half) <= first <= last <= last_day(half) for half, first, last in found)
