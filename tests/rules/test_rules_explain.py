"""Explanations, forecasts, JSON, and the commands."""

import json
import subprocess
import sys
from datetime import date

import pytest
from rules_story import CASES, ROOT, client, event, on, policy, statement

from mailbot.model import Trace
from mailbot.rules import explain as explain_module
from mailbot.rules.canonical import from_json, read_case, to_json
from mailbot.rules.explain import explain, trace_line
from mailbot.rules.forecast import forecast

RULES = policy()


def mailbot(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailbot", *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_an_explanation_shows_every_test_with_its_value_and_place():
    promised = event("2026-04-08", "reply.promise", promise_date="2026-04-15")

    shown = explain(on(RULES, client(), "2026-04-14", [promised]), RULES, "fr")

    assert shown == (CASES / "explained.expected.txt").read_text(encoding="utf-8").rstrip("\n")


def test_the_other_language_translates_what_is_not_the_owners_own_text():
    shown = explain(on(RULES, client(), "2026-04-07"), RULES, "en")

    assert "SEND: Message du jour" in shown
    assert "reminder_1 (neutral) · invoices: F-041 · to: compta@dupont.example" in shown


@pytest.mark.parametrize(
    ("condition", "actual", "french", "english"),
    [
        ("invoice.amount_due >= 500 EUR", "1234.50", "1 234,50 €", "€1,234.50"),
        ("invoice.amount_due >= 500 CHF", "1234.50", "1 234,50 CHF", "CHF1,234.50"),
        ("client.late_rate <= 10 %", "0.4", "40 %", "40 %"),
        ("client.late_rate <= 10 %", "0.3333333333", "33,33 %", "33.33 %"),
        ("bank.sync_age > 3 business days", "4", "4 jours ouvrés", "4 business days"),
        ("invoice.days_overdue >= 7 days", "1", "1 jour", "1 day"),
        ("invoice.days_overdue >= 7 days", "0", "0 jour", "0 days"),
        ("not client.do_not_contact", "false", "non", "no"),
        ("client.invoices_paid >= 5", "?", "inconnue", "not known"),
        ("client.category is key_account", "standard", "standard", "standard"),
    ],
)
def test_values_are_written_as_people_of_each_language_write_them(condition, actual, french, english):
    trace = Trace(condition, True, actual, 3, 1)

    assert trace_line(trace, "x", "fr").endswith(f"(valeur : {french})")
    assert trace_line(trace, "x", "en").endswith(f"(actual: {english})")


def test_every_word_of_a_trace_is_there_in_both_languages():
    french, english = explain_module._WORDS["fr"], explain_module._WORDS["en"]

    assert french.keys() == english.keys()
    same = {key for key in french if french[key] == english[key]}
    assert same == set()


def test_a_forecast_takes_mails_as_sent_and_leaves_approvals_waiting():
    coming = forecast(RULES, client(), [statement(date(2026, 4, 1), lag=1)], date(2026, 4, 1), 40)

    assert len(coming) == 40
    assert [(d.day.isoformat(), d.what) for d in coming if d.verdict == "send" and not d.approval] == [
        ("2026-04-01", "due_today"), ("2026-04-07", "reminder_1"), ("2026-04-13", "reminder_2"),
    ]  # fmt: skip
    assert coming[36].approval


def test_a_decision_survives_json():
    decision = on(RULES, client(), "2026-04-07", [event("2026-04-06", "reply.unclear")])

    assert from_json(to_json(decision)) == decision


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        '{"client":{},"invoices":[],"day":"x"}',
        '{"client":{"id":1},"invoices":[{}],"day":"2026-01-01"}',
        '{"client":{"id":1},"invoices":[],"day":"9999-12-31"}',
        '{"client":{"id":1},"invoices":[{"number":"1","issued":"2026-01-01","due":"2026-01-01","amount":"NaN"}],"day":"2026-01-01"}',
        '{"client":{"id":1},"invoices":[{"number":"1","issued":"2026-01-01","due":"2026-01-01","amount":"1,5"}],"day":"2026-01-01"}',
        '{"client":{"id":1},"invoices":[{"number":"1","issued":"2026-01-01","due":"2026-01-01","amount":"1","delivered":"x"}],"day":"2026-01-01"}',
    ],
)
def test_what_is_no_case_is_refused_with_a_sentence(line):
    with pytest.raises(ValueError):
        read_case(line)


def test_cases_are_decided_without_a_database(tmp_path):
    case = {
        "client": {"id": 7, "name": "Dupont", "contacts": [{"email": "a@dupont.example"}]},
        "invoices": [{"number": "F-041", "issued": "2026-03-02", "due": "2026-04-01", "amount": "1200.00"}],
        "events": [{"name": "bank.statement", "day": "2026-04-07", "data": {"through": "2026-04-06"}}],
        "day": "2026-04-07",
    }
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case) + "\n{}\n", encoding="utf-8")

    done = mailbot("rules", "decide", "--json", str(path))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, answers[0]["verdict"], answers[0]["what"]) == (6, "send", "reminder_1")
    assert answers[0]["trace"]
    assert answers[1]["error"]["code"] == "bad-case"


def test_check_gives_3_for_a_bad_file_and_0_for_the_shipped_ones():
    bad = mailbot("rules", "check", str(CASES / "bad_colon.yaml"))
    good = mailbot("rules", "check", "--settings", "nowhere.yaml")

    assert bad.returncode == 3
    assert "bad_colon.yaml:4:19: error[yaml]" in bad.stderr
    assert (good.returncode, good.stdout.count("0 errors")) == (0, len(list((ROOT / "rules").glob("*.yaml"))))


def test_check_writes_json_for_editors():
    done = mailbot("rules", "check", "--json", str(CASES / "bad_twice.yaml"))

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, records[-1]["valid"]) == (3, False)
    assert {"file", "line", "column", "code", "message", "hint"} <= set(records[0])
