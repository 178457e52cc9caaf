"""The doctor says which rates are missing, and which line to add where."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from e2e_house import write_settings

from mailbot.app import App, open_app
from mailbot.doctor import house
from mailbot.doctor.finding import Finding
from mailbot.settings import Law


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    found = open_app(write_settings(tmp_path / "house"), {})
    yield found
    found.engine.dispose()


def looked(app: App, day: str, **law: object) -> Finding:
    app.now = lambda: datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
    return house.rates(app, app.business().model_copy(update={"law": Law(**law)}))  # type: ignore[arg-type]


def test_a_half_year_that_is_known_is_well(app: App) -> None:
    assert looked(app, "2026-05-04").severity == "ok"


def test_a_half_year_that_comes_is_told_before_it_begins(app: App) -> None:
    found = looked(app, "2026-06-25")

    assert (found.severity, found.found) == ("info", "2026-H2 begins on 2026-07-01 and is missing")
    assert looked(app, "2026-06-20").severity == "ok"


def test_a_half_year_that_is_missing_is_a_warning_with_the_lines_to_add(app: App) -> None:
    found = looked(app, "2026-07-02")

    assert found.severity == "warning"
    assert 'reference: 2026-H2: {rate: "…", source: "…"}' in str(found.fix)
    assert 'legal: 2026-H2: {rate: "…", source: "…"}' in str(found.fix)
    assert "law.rates" in str(found.fix)


def test_belgian_law_needs_no_french_legal_rate(app: App) -> None:
    assert "legal: 2026" not in str(looked(app, "2026-07-02", country="be").fix)


def test_the_lines_that_it_names_make_it_well(app: App, tmp_path: Path) -> None:
    own = tmp_path / "rates.yaml"
    own.write_text(
        'reference:\n  2026-H2: {rate: "2.15", source: "made up for this test"}\n'
        'legal:\n  2026-H2: {rate: "2.62", source: "made up for this test"}\n'
    )

    assert looked(app, "2026-07-02", rates=own).severity == "ok"
