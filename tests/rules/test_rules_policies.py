"""The shipped policies keep what their timelines say, and what must hold for every client."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rules_story import PARIS, ROOT

from mailbot.config import shipped
from mailbot.outbox.compose import Templates
from mailbot.rules.invariants import check_books
from mailbot.rules.ladder_report import ladder
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.rules.suites import read_heading, read_suite
from mailbot.rules.testing import coverage_of, run_case

POLICIES = sorted((ROOT / "rules").glob("*.yaml"))
NAMES = [path.stem for path in POLICIES]


def _load(path: Path) -> Rules:
    text = path.read_text(encoding="utf-8")
    loaded = load_rules(text, path.name, Templates(shipped("templates")).names())
    assert isinstance(loaded, Rules), loaded
    return loaded


def test_five_policies_are_shipped_each_with_its_tests():
    assert NAMES == ["en", "firm", "fr", "freelance", "gentle"]
    assert [path.name for path in sorted((ROOT / "rules" / "tests").iterdir())] == [f"{n}.test.yaml" for n in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_every_timeline_holds_and_reaches_everything(name):
    rules = _load(ROOT / "rules" / f"{name}.yaml")
    file = ROOT / "rules" / "tests" / f"{name}.test.yaml"
    heading = read_heading(file.read_text(encoding="utf-8"), file.name)
    assert not isinstance(heading, list), heading
    assert heading.rules == f"../{name}.yaml"
    suite = read_suite(heading, file.name, rules)
    assert not isinstance(suite, list), suite
    coverage = coverage_of(rules)

    outcomes = [run_case(rules, case, coverage) for case in suite.cases]

    assert [(o.case.name, o.failures, o.got) for o in outcomes if not o.passed] == []
    assert coverage.never == []


@pytest.mark.parametrize("name", NAMES)
def test_no_random_book_breaks_an_invariant(name):
    report = check_books(_load(ROOT / "rules" / f"{name}.yaml"), 300, PARIS)

    assert report.broken == []
    assert report.mails > 300


@pytest.mark.parametrize("name", NAMES)
def test_a_silent_client_gets_each_step_in_the_order_of_the_ladder(name):
    rules = _load(ROOT / "rules" / f"{name}.yaml")

    spans = ladder(rules, date(2026, 7, 20), 40, Decimal(2000)).spans

    order = [step.id for step in rules.steps]
    for profile in rules.profiles:
        steps = list(spans[profile.id])
        assert {"reminder_1", "reminder_2", "formal_notice"} <= set(steps)
        firsts = [spans[profile.id][step].first for step in sorted(steps, key=order.index)]
        assert firsts == sorted(firsts)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_formal_leaves_without_a_yes_and_every_reaction_says_what_it_does(name):
    rules = _load(ROOT / "rules" / f"{name}.yaml")

    assert all(step.approve for step in rules.steps if step.mail == "formal_notice" or step.action)
    assert len({reaction.signal for reaction in rules.reactions}) == 30
