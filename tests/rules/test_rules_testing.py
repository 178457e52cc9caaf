"""Timelines in files: a closed world, nothing silently passed over, and differences told side by side."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rules_story import PARIS, ROOT, event, policy

from mailbot.rules.books import random_book
from mailbot.rules.invariants import check_books, is_approved, is_settled
from mailbot.rules.suites import Suite, read_heading, read_suite
from mailbot.rules.testing import accepted, coverage_of, run_case

RULES = policy()
HEAD = """suite: Une suite
rules: whole.yaml
client: {client.category: standard}
invoice: {id: F-041, amount: 1200, issued: 2026-03-02, due: 2026-04-01}
cases:
"""
ONE = "  - name: un cas\n    until: 2026-04-08\n"
CASE = HEAD + ONE
LADDER = ["2026-03-27 send courtesy", "2026-04-01 send due_today", "2026-04-07 send reminder_1"]


def _expect(*lines: str) -> str:
    return CASE + "    expect:\n" + "".join(f"      - {line}\n" for line in lines)


def _suite(text: str) -> Suite | list:
    heading = read_heading(text, "x.test.yaml")
    return heading if isinstance(heading, list) else read_suite(heading, "x.test.yaml", RULES)


def _outcome(text: str):
    suite = _suite(text)
    assert isinstance(suite, Suite), suite
    return run_case(RULES, suite.cases[0], coverage_of(RULES))


def _mailbot(*words: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "mailbot", "rules", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "whole.yaml").write_text((ROOT / "rules" / "fr.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_exactly_what_is_expected_passes():
    assert _outcome(_expect(*LADDER)).passed


@pytest.mark.parametrize(
    "lines",
    [LADDER[:2], [*LADDER, "2026-04-08 send reminder_2"], [*LADDER[:2], "2026-04-06 send reminder_1"],
     [*LADDER[:2], LADDER[2] + " firm"], [*LADDER[:2], LADDER[2] + " approve"], []],
)  # fmt: skip
def test_one_mail_more_or_less_or_on_another_day_or_in_another_tone_fails(lines):
    text = _expect(*lines) if lines else CASE + "    expect: []\n"

    assert not _outcome(text).passed


def test_what_differs_is_told_side_by_side_with_the_reasons_of_the_waits():
    outcome = _outcome(_expect(*LADDER[:2], "2026-04-03 send reminder_1"))

    assert outcome.pairs[2:] == (("2026-04-03 send reminder_1", None), (None, "2026-04-07 send reminder_1"))
    assert any(line.startswith("2026-04-04 to 2026-04-06: wait closed_day") for line in outcome.waits)


def test_one_day_its_reason_and_the_profile_can_be_asked_for():
    right = "    today: 2026-04-06\n    decision: wait\n    because: closed_day\n    using: standard\n"

    assert _outcome(CASE + right).passed
    assert not _outcome(CASE + right.replace("closed_day", "promise")).passed
    assert not _outcome(CASE + right.replace("wait", "hold")).passed
    assert not _outcome(CASE + right.replace("standard", "bad_payer")).passed
    assert not _outcome(CASE + "    never: [due_today]\n").passed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD.replace("cases:\n", "cases: []\n"), "no-cases"),
        (HEAD.replace("suite", "suit"), "unknown-key"),
        (HEAD.replace("rules: whole.yaml\n", ""), "missing-key"),
        (CASE, "checks-nothing"),
        (CASE + "    expects: []\n", "unknown-key"),
        (CASE + "    expect: []\n    expect: []\n", "duplicate-key"),
        (_expect("2026-04-07 send reminder_9"), "unknown-step"),
        (_expect("2026-04-07 sent reminder_1"), "bad-expectation"),
        (_expect("2026-04-07 send reminder_1 loud"), "bad-expectation"),
        (CASE + "    expect: []\n    events: [2026-04-08 reply.promis date=2026-04-15]\n", "bad-event"),
        (CASE + "    expect: []\n    events: [2026-04-08 reply.promise day=2026-04-15]\n", "bad-event"),
        (CASE + "    expect: []\n    events: [2026-04-31 reply.dispute]\n", "bad-event"),
        (CASE + "    expect: []\n    events: [2026-04-08 bank.payment]\n", "bad-event"),
        (CASE + "    expect: []\n    events: [2026-04-08 promise.broken]\n", "bad-event"),
        (CASE + "    never: [reminder_9]\n", "bad-value"),
        (CASE + "    using: nobody\n", "bad-value"),
        (CASE + "    today: 2026-04-07\n", "missing-key"),
        (CASE + "    expect: []\n    decision: wait\n", "missing-key"),
        (CASE + "    today: 2027-04-07\n    because: promise\n", "bad-value"),
        (CASE + "    expect: []\n    bank: weekly\n", "bad-value"),
        (CASE.replace("2026-04-08", "2026-02-08") + "    expect: []\n", "bad-value"),
        (HEAD.replace("category: standard", "category: standrad") + ONE + "    expect: []\n",
         "bad-value"),
        (HEAD.replace("category: standard", "late_rate: 40 %") + ONE + "    expect: []\n",
         "bad-value"),
        ("", "empty"),
        ("a: &b 1\n", "no-anchors"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_never_passed_over(text, code):
    found = _suite(text)

    assert isinstance(found, list)
    assert code in {problem.code for problem in found}


def test_accepting_rewrites_the_expectations_and_keeps_the_right_lines_with_their_notes():
    text = _expect(LADDER[0] + "   # note", "2026-04-03 send reminder_1")
    outcome = _outcome(text)

    written = accepted(text, [outcome])

    assert "2026-03-27 send courtesy   # note\n" in written
    assert _outcome(written).passed
    assert accepted(written, [_outcome(written)]) == written


def test_a_refused_approval_and_a_waiting_one_send_nothing_formal():
    for answer in ("refused", "waiting"):
        text = (
            CASE.replace("2026-04-08", "2026-06-05") + f"    approve: {answer}\n    never: [formal_notice, handover]\n"
        )
        assert _outcome(text).passed


def test_the_command_fails_without_a_test_a_file_or_with_a_misspelt_key(folder):
    (folder / "tests").mkdir()
    assert _mailbot("test", "tests", folder=folder).returncode == 4
    assert _mailbot("test", "nowhere.test.yaml", folder=folder).returncode == 4
    (folder / "bad.test.yaml").write_text(CASE + "    expekt: []\n")
    bad = _mailbot("test", "bad.test.yaml", folder=folder)
    assert bad.returncode == 4
    assert 'bad.test.yaml:8:5: error[unknown-key]: unknown key "expekt"' in bad.stderr
    (folder / "lost.test.yaml").write_text(_expect(*LADDER).replace("whole.yaml", "lost.yaml"))
    assert _mailbot("test", "lost.test.yaml", folder=folder).returncode == 4


def test_the_command_passes_good_timelines_and_asks_for_coverage(folder):
    (folder / "good.test.yaml").write_text(_expect(*LADDER))

    good = _mailbot("test", "good.test.yaml", "--fuzz", "5", folder=folder)
    few = _mailbot("test", "good.test.yaml", "--min-coverage", "90", folder=folder)
    told = _mailbot("test", "good.test.yaml", "--json", folder=folder)

    assert good.returncode == 0, good.stdout + good.stderr
    assert "1 cases, 0 failed" in good.stdout
    assert "0 broken invariants" in good.stdout
    assert few.returncode == 4
    assert [json.loads(line)["schema"] for line in told.stdout.splitlines()] == [1, 1, 1]


def test_the_judge_of_random_books_sees_payments_reversals_and_approvals():
    client, _, start = random_book(7)
    bill = client.invoices[0]
    paid = event(start, "bank.payment", bill.number, amount=str(bill.amount))
    back = event(start, "bank.reversal", bill.number, at="11:00", amount=str(bill.amount))
    yes = event(start, "owner.answered", bill.number, approves="formal_notice", lead=bill.number, yes=True)

    assert not is_settled(bill, [])
    assert is_settled(bill, [paid])
    assert not is_settled(bill, [back, paid])
    assert is_approved("formal_notice", bill.number, [yes])
    assert not is_approved("handover", bill.number, [yes])


def test_random_books_are_the_same_each_time():
    assert random_book(3) == random_book(3)
    assert check_books(RULES, 20, PARIS) == check_books(RULES, 20, PARIS)
