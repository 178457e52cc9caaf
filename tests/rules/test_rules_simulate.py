"""Simulations send nothing, say what they leave out, and agree with what the rules do day by day."""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rules_story import PARIS, ROOT, client, event, invoice, live, policy, statement

from mailbot.config import shipped
from mailbot.outbox.compose import Templates
from mailbot.rules import timeline
from mailbot.rules.books import random_book
from mailbot.rules.forecast import as_sent
from mailbot.rules.happenings import parse_event
from mailbot.rules.invariants import check_books
from mailbot.rules.ladder_report import ladder
from mailbot.rules.load import load_rules
from mailbot.rules.simulate import Member, changes, coming, replayed

RULES = policy()
SLOWER = policy(
    text=(ROOT / "tests/cases/rules/whole.yaml").read_text(encoding="utf-8").replace("due + 3 d", "due + 8 d")
)
START = date(2026, 3, 20)


def _member(*events, day=START) -> Member:
    return Member(client(), [statement(day), *events], day)


def _mails(found) -> list[str]:
    return [f"{mail.day} {mail.what}" for mail in found]


def test_the_coming_mails_are_those_that_the_rules_send_day_by_day():
    sent, _ = live(RULES, client(), "2026-03-20", "2026-06-05")

    found = coming(RULES, _member(), 78)

    assert _mails(found) == [f"{d.day} {d.what}" for d in sent]
    assert [mail.asks for mail in found] == [False, False, False, False, True, True]


def test_a_promise_to_come_changes_the_mails_to_come():
    promise = parse_event("2026-04-08 reply.promise date=2026-04-15", "1", ["F-041"])

    found = coming(RULES, _member(), 52, events=[promise])

    assert "2026-04-20 promise_broken" in _mails(found)
    assert "2026-04-13 reminder_2" not in _mails(found)


def test_without_any_bank_statement_nothing_comes():
    assert coming(RULES, Member(client(), [], START), 60) == []


def test_what_another_policy_moves_is_told_mail_by_mail():
    before, after = coming(RULES, _member(), 78), coming(SLOWER, _member(), 78)

    found = changes(before, after)

    assert ("moves", "reminder_1") in {(c.kind, c.mail.what) for c in found}
    assert changes(before, before) == []
    assert {c.kind for c in changes([], after)} == {"appears"}
    assert {c.kind for c in changes(before, [])} == {"disappears"}


def test_the_past_again_with_the_same_rules_differs_in_nothing():
    sent, known = live(RULES, client(), "2026-03-20", "2026-04-20")
    member = Member(client(), known, date(2026, 4, 20))

    really, would = replayed(RULES, member, 31)

    assert len(really) == len(sent) == 4
    assert changes(really, would) == []
    assert {c.kind for c in changes(*replayed(SLOWER, member, 31))} == {"moves"}


@pytest.mark.parametrize("seed", range(40))
def test_looking_only_on_the_named_days_gives_the_same_mails_as_looking_every_day(seed):
    facts, events, start = random_book(seed)
    until = start + timedelta(days=120)

    quick = timeline.live(RULES, facts, events, start, until, every_day=False)
    slow = timeline.live(RULES, facts, events, start, until)

    assert [s.decision for s in quick.sent] == [s.decision for s in slow.sent]
    assert len(quick.decisions) <= len(slow.decisions)


def test_a_week_of_shadow_is_forgotten_once_it_is_live():
    shadowed = timeline.live(RULES, client(), [], START, date(2026, 4, 8), shadow=True)
    assert {s.decision.mode for s in shadowed.sent} == {"shadow"}
    assert {e.name for e in shadowed.known} == {"mail.shadowed"}

    first = timeline.live(RULES, client(), [], date(2026, 4, 9), date(2026, 4, 30), known=shadowed.known).sent[0]
    asleep = timeline.live(RULES, client(), [], date(2026, 4, 9), date(2026, 4, 9), known=shadowed.known, shadow=True)

    assert (first.decision.what, first.decision.mode) == ("reminder_1", "live")
    assert asleep.sent == []


def test_a_rule_in_shadow_tries_itself_out_beside_the_live_ones():
    text = (ROOT / "tests/cases/rules/whole.yaml").read_text(encoding="utf-8")
    tried = policy(text=text.replace("    mail: courtesy", "    mail: courtesy\n    mode: shadow"))

    lived = timeline.live(tried, client(), [], START, date(2026, 4, 7))

    assert [(s.decision.what, s.decision.mode) for s in lived.sent] == [
        ("courtesy", "shadow"),
        ("due_today", "live"),
        ("reminder_1", "live"),
    ]


def test_the_ladder_of_the_shipped_policy_is_what_the_file_promises():
    rules = policy(ROOT / "rules" / "fr.yaml")

    spans = ladder(rules, date(2026, 3, 2), 20, Decimal(1200)).spans

    assert str(spans["standard"]["due_today"]).startswith("J+0")
    assert spans["standard"]["reminder_1"].first == 3
    assert spans["key_account"]["reminder_1"].first == 8
    assert "courtesy" not in spans["key_account"]


# ------------------------------------------------------------------------------------------------- the commands


def _mailbot(*words: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "mailbot", "rules", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    facts = asdict(client())
    billed = facts.pop("invoices")
    mail = as_sent(coming_first())
    known = [asdict(e) for e in (statement(date(2026, 4, 2)), mail)]
    line = {"client": facts, "invoices": billed, "events": known, "day": "2026-04-02"}
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(line, default=str) + "\n")
    return path


def coming_first():
    sent, _ = live(RULES, client(), "2026-03-20", "2026-03-30")
    return sent[0]


def test_the_command_shows_the_coming_mails_and_what_it_leaves_out(cases):
    shown = _mailbot("simulate", "--cases", str(cases), "--client", "dupont", "--days", "30", folder=cases.parent)

    assert shown.returncode == 0, shown.stderr
    assert "2026-04-07 reminder_1 (neutral)  F-041" in shown.stdout
    assert "Non simulé" in shown.stdout
    assert [path.name for path in cases.parent.iterdir()] == ["cases.jsonl"]


def test_the_command_counts_the_book_compares_and_replays_in_json(cases):
    new = cases.parent / "new.yaml"
    new.write_text((ROOT / "rules" / "fr.yaml").read_text(encoding="utf-8").replace("due + 30 days", "due + 40 days"))
    book = ("simulate", "--cases", str(cases), "--json")

    everybody = _mailbot(*book, "--all", "--days", "60", folder=cases.parent)
    moved = _mailbot(*book, "--diff", str(new), folder=cases.parent)
    again = _mailbot(*book, "--replay", "10", folder=cases.parent)

    for told in (everybody, moved, again):
        assert told.returncode == 0, told.stderr
        assert "not_simulated" in json.loads(told.stdout.splitlines()[-1])
    summary, first_week = map(json.loads, moved.stdout.splitlines()[-3:-1])
    assert summary["move"] >= 1
    assert first_week == {"schema": 1, "within_days": 7, "more_clients": 0, "more_formal": 0, "needs_your_yes": False}
    assert [json.loads(line).get("what") for line in everybody.stdout.splitlines()][:2] == ["due_today", "reminder_1"]


def test_the_command_says_what_it_needs(cases):
    here = ("simulate", "--cases", str(cases))

    assert _mailbot(*here, folder=cases.parent).returncode == 2
    assert _mailbot(*here, "--client", "nobody", folder=cases.parent).returncode == 1
    bad = _mailbot(*here, "--client", "dupont", "--event", "2026-04-08 reply.promis", folder=cases.parent)
    assert bad.returncode == 2
    assert 'did you mean "reply.promise"' in bad.stderr


def test_the_ladder_is_printed_as_a_table_and_as_json(tmp_path):
    table = _mailbot("ladder", "--from", "2026-03-02", "--days", "5", folder=tmp_path)
    told = _mailbot("ladder", "--from", "2026-03-02", "--days", "5", "--json", folder=tmp_path)

    assert table.returncode == 0, table.stderr
    assert "formal_notice" in table.stdout.splitlines()[0]
    assert {json.loads(line)["profile"] for line in told.stdout.splitlines()} >= {"standard", "key_account"}


# ----------------------------------------------------------------------------------------------------- in bulk


@pytest.mark.slow
def test_fifty_thousand_mails_of_random_books_break_no_invariant():
    templates = Templates(shipped("templates")).names()
    mails = 0
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        rules = load_rules(path.read_text(encoding="utf-8"), path.name, templates)
        assert not isinstance(rules, list)
        report = check_books(rules, 1_800, PARIS, first=1_000)
        assert report.broken == []
        mails += report.mails
    assert mails >= 50_000


def test_a_partial_payment_leaves_the_rest_to_come():
    paid = event("2026-03-20", "bank.payment", amount="700")

    assert coming(RULES, _member(paid), 20)[0].invoices == (invoice().number,)
