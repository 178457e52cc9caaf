"""Mistakes in a rules file: each with its place, its code, and the nearest right word; all in one run."""

import re

import pytest
from rules_story import CASES, ROOT, TEMPLATES, policy

from mailbot.cli.rules import drawn
from mailbot.model import Problem
from mailbot.rules.load import load_rules
from mailbot.rules.signals import EVENTS

WHOLE = (CASES / "whole.yaml").read_text(encoding="utf-8")
MISTAKES = (
    ("is key_account", "is key_acount"),
    ("client.broken_promises >= 2", "client.broken_promises = 2"),
    ("    tone: firm\n    steps:", "    tonne: firm\n    steps:"),
    ("    shift: 3 days\n    skip: [courtesy]", "    shift: 3 days\n    skip: [courtesie]"),
    ("    tone: neutral\n\n# ---", "    tone: neutral\n    if:\n      - client.invoices_paid >= 1\n\n# ---"),
    ("invoice.amount_due >= 500 EUR", "invoice.amount_du >= 500 EUR"),
    ("after: reminder_1 + 5 days", "after: reminder1 + 5 days"),
    ("    mail: formal_notice", "    mail: formal_notise"),
    ("when: due + 45 days", "when: due + 15 days"),
    ("pause: until promise.date", "pause: until promis.date"),
    ("signal: reply.dispute", "signal: reply.disput"),
    ("min_gap: 2 business days", "min_gap: 2 buisness days"),
    ("holidays: FR ", "holidays: FR-99 "),
)


def broken(*changes: tuple[str, str]) -> list[Problem]:
    text = WHOLE
    for good, bad in changes:
        assert good in text, good
        text = text.replace(good, bad, 1)
    found = load_rules(text, "rules/bad.yaml", TEMPLATES)
    assert isinstance(found, list)
    return found


def shown(text: str) -> str:
    problems = load_rules(text, "rules/bad.yaml", TEMPLATES)
    assert isinstance(problems, list)
    return "\n\n".join(drawn(problem, text) for problem in problems) + "\n"


def test_thirteen_mistakes_are_all_found_in_one_run_as_written_here():
    text = WHOLE
    for good, bad in MISTAKES:
        assert good in text, good
        text = text.replace(good, bad, 1)

    assert shown(text) == (CASES / "mistakes.expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [path.stem for path in sorted(CASES.glob("bad_*.yaml"))])
def test_mistakes_of_yaml_itself_are_shown_as_written(name):
    text = (CASES / f"{name}.yaml").read_text(encoding="utf-8")

    assert shown(text) == (CASES / f"{name}.expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("version: 1", "version: 1\ntimezone: Europe/Paris"), "no-timezone"),
        (("version: 1", "version: 2"), "bad-value"),
        (("send_hours: 09:00-17:30", "send_hours: 17:30-09:00"), "bad-value"),
        (("send_days: mon-fri", "send_days: mon-fry"), "bad-value"),
        (("max_mails: 6 per 30 days", "max_mails: 6"), "bad-value"),
        (("from: 2026-08-03", "from: 2027-08-03"), "bad-value"),
        (("consolidate: client", "consolidate: invoice"), "bad-value"),
        (("- client.do_not_contact", "- client.do_not_contact is true"), "bad-operator"),
        (("- client.do_not_contact", "- invoice.days_overdue > 3 days"), "wrong-place"),
        (("- client.do_not_contact", "- last_mail.opens >= 2"), "tone-only"),
        (("invoice.amount_due >= 500 EUR", "invoice.amount_due >= 500"), "bad-value"),
        (("client.late_rate <= 10 %", "client.late_rate <= 10"), "bad-value"),
        (("client.category is key_account", "client.category > key_account"), "bad-operator"),
        (("- id: due_today", "- id: courtesy"), "duplicate-id"),
        (("    mail: due_today", "    mail: due_today\n    action: hand_over"), "mail-or-action"),
        (("    max_pause: 45 days", "    alert: owner"), "no-max-pause"),
        (("    tone: direct\n", ""), "no-effect"),
        (("tone: warm", "tone: icy"), "unknown-tone"),
        (("    skip: [courtesy]", "    skip: [reminder_1]"), "skipped-step"),
        (("    if:\n      - client.category is key_account\n", ""), "unreachable-profile"),
        (("escalate: 1", "escalate: much"), "bad-value"),
    ],
)
def test_each_mistake_has_its_code(change, code):
    assert code in {problem.code for problem in broken(change)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a",
        "- a: b",
        "version: 1\nguards: x\nsteps: 3\nprofiles: {}\n",
        "? [a]\n: b",
        "a: !x b",
        "--- a\n--- b",
        "\x00",
        "a: *b",
    ],
)
def test_whatever_is_no_rules_file_is_refused_with_a_place(text):
    found = load_rules(text, "x.yaml", TEMPLATES)

    assert isinstance(found, list)
    assert all(problem.line and problem.column and problem.file == "x.yaml" for problem in found)


def test_a_file_of_two_megabytes_and_a_deep_one_are_refused_at_once():
    assert [p.code for p in load_rules("#" * 2_000_000, "x", TEMPLATES)] == ["too-big"]
    assert [p.code for p in load_rules("[" * 5_000, "x", TEMPLATES)] == ["too-deep"]


def test_words_that_other_readers_take_for_booleans_and_numbers_stay_text():
    rules = policy(
        text=WHOLE.replace("label: Promesse de paiement", "label: no").replace("label: Litige", "label: 012")
    )

    assert {"no", "012"} <= {reaction.label for reaction in rules.reactions}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_shipped_policy_is_good_and_every_event_has_a_reaction(language):
    rules = policy(ROOT / "rules" / f"{language}.yaml")

    assert {reaction.signal for reaction in rules.reactions} == EVENTS
    assert rules.language == language


def test_both_shipped_policies_say_the_same():
    def bare(language: str) -> list[str]:
        text = (ROOT / "rules" / f"{language}.yaml").read_text(encoding="utf-8")
        return [
            line.strip()
            for line in re.sub(r" *#.*", "", text).splitlines()
            if not re.match(r" *(label|ignore|why|language|holidays|- from: 08|to: 08)\b", line) and line.strip()
        ]

    french = [line for line in bare("fr") if line not in ("- from: 08-10", "to: 08-16")]

    assert french == bare("en")


def test_the_hash_names_the_exact_text():
    assert policy().hash != policy(text=WHOLE + "\n").hash
    assert re.fullmatch(r"[0-9a-f]{12}", policy().hash)
