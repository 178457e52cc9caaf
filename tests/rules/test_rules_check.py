"""Warnings: a good file that will not do what its author may think. The analysis is held against brute force."""

from itertools import product
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_story import CASES, ROOT, TEMPLATES, client, event, invoice, on, policy

from mailbot.rules import analysis
from mailbot.rules.check import Outside, check_rules
from mailbot.rules.conditions import Check, any_of
from mailbot.rules.read_conditions import read_checks
from mailbot.rules.tree import Items, Problems, Text

WHOLE = (CASES / "whole.yaml").read_text(encoding="utf-8")
FRENCH = (ROOT / "rules" / "fr.yaml").read_text(encoding="utf-8")


def warned(
    *changes: tuple[str, str], text: str = WHOLE, connected: frozenset[str] | None = None
) -> set[tuple[str, str]]:
    for good, bad in changes:
        assert good in text, good
        text = text.replace(good, bad, 1)
    found = check_rules(text, "x", Outside(TEMPLATES, {}, (), connected))
    assert not found.errors, found.errors
    lines = text.splitlines()
    return {(lines[(p.line or 1) - 1].strip(), p.message) for p in found.warnings}


def test_a_gap_that_makes_a_step_late_is_told_with_the_days_on_which_it_really_leaves():
    found = warned(("min_gap: 2 business days", "min_gap: 3 business days"))

    assert (
        "when: due + 3 days",
        (
            'for standard, "reminder_1" leaves late for 4 of 7 days of the week: due +3..+5 instead of due +3\n'
            "because of min_gap after the mail before it"
        ),
    ) in found


def test_a_step_that_waits_for_another_is_told_where_its_date_means_nothing():
    found = warned(("after: reminder_1 + 5 days", "after: reminder_1 + 12 days"))

    assert "due +15..+19 instead of due +10" in "".join(
        message for line, message in found if line == "when: due + 10 days"
    )


def test_a_maximum_that_moves_a_reminder_by_weeks_is_told():
    found = warned(("max_mails: 6 per 30 days", "max_mails: 4 per 30 days"))

    assert (
        "when: due + 10 days",
        (
            'for standard, "reminder_2" can come up to 16 days late: 5 mails within 30 days with one answer mail among '
            "them, and max_mails allows 4"
        ),
    ) in found


def test_an_event_without_reaction_is_told_with_what_happens_then():
    found = check_rules(WHOLE, "x", Outside(TEMPLATES, {})).warnings
    said = {p.message.partition("\n")[0] for p in found if p.code == "no-reaction"}

    assert "nothing is said about reply.refusal (refuses to pay): such an answer waits for you" in said
    assert "nothing is said about bank.reversal (the bank took a payment back): nothing happens then" in said


def test_a_disabled_reaction_does_not_speak_of_its_event():
    changed = FRENCH.replace("    signal: reply.refusal\n", "    signal: reply.refusal\n    mode: disabled\n")
    found = check_rules(changed, "x", Outside(TEMPLATES, {})).warnings

    assert [p.message.split()[4] for p in found if p.code == "no-reaction"] == ["reply.refusal"]


def test_a_guard_whose_source_is_missing_holds_everything_and_that_is_told():
    found = warned(connected=frozenset({"opens"}))

    assert (
        "- bank.sync_age > 3 days",
        (
            '"bank.sync_age" is read here, but its source is not connected: the bank; as old as the last statement\n'
            "it is always unknown, and so every mail is held back"
        ),
    ) in found


def test_opens_without_tracking_are_told_for_signal_and_condition():
    found = warned(connected=frozenset({"bank"}))

    assert {"signal: mail.opened", "- last_mail.opens >= 2"} <= {line for line, _ in found}


def test_a_step_behind_one_in_shadow_is_told():
    found = warned(("    mail: reminder_2\n", "    mail: reminder_2\n    mode: shadow\n"))

    said = '"formal_notice" comes after "reminder_2", which is in shadow: it is not reached as long as that is so'
    assert ("after: reminder_2 + 8 days", said) in found


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_policy_has_neither_mistakes_nor_warnings_with_a_bank_and_without_tracking(path):
    found = check_rules(path.read_text(encoding="utf-8"), path.name, Outside(TEMPLATES, {}, (), frozenset({"bank"})))

    assert (found.errors, found.warnings) == ((), ())


# ------------------------------------------------------------------------------------------------- the ceiling


def test_above_the_ceiling_every_mail_waits_for_the_owner():
    rules = policy(text=WHOLE.replace("  min_amount: 15 EUR", "  max_amount: 1000 EUR\n  min_amount: 15 EUR"))
    decision = on(rules, client(), "2026-04-07")

    assert (decision.what, decision.approval, decision.code) == ("reminder_1", True, "approval")
    yes = event("2026-04-07", "owner.answered", approves="reminder_1", lead="F-041", yes=True)
    assert on(rules, client(), "2026-04-07", [yes]).approval is False
    assert on(rules, client(invoice(amount="1000")), "2026-04-07").approval is False


def test_an_answer_mail_above_the_ceiling_waits_too_and_a_no_drops_it():
    rules = policy(text=WHOLE.replace("  min_amount: 15 EUR", "  max_amount: 1000 EUR\n  min_amount: 15 EUR"))
    part = [event("2026-04-02", name, amount="100") for name in ("bank.payment", "bank.partial_payment")]
    waiting = on(rules, client(), "2026-04-10", part)
    answers = [
        on(rules, client(), "2026-04-10",
           [*part, event("2026-04-09", "owner.answered", approves="partial_payment", lead="F-041", yes=yes)])
        for yes in (True, False)
    ]  # fmt: skip

    assert (waiting.what, waiting.approval) == ("partial_payment", True)
    assert (answers[0].what, answers[0].approval) == ("partial_payment", False)
    assert answers[1].what != "partial_payment"


def test_another_currency_cannot_be_compared_with_the_ceiling_and_asks():
    rules = policy(text=WHOLE.replace("  min_amount: 15 EUR", "  max_amount: 100000 EUR\n  min_amount: 15 EUR"))

    assert on(rules, client(invoice(currency="CHF")), "2026-04-07").approval is True


# ------------------------------------------------------------------------------- the analysis, by brute force

_COUNTS = range(5)
_CATEGORIES = ("standard", "good_payer", "bad_payer", "key_account", "public_sector")
_LINES = st.one_of(
    st.builds("client.invoices_paid {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "is", "is not"]),
              st.integers(0, 3)),
    st.builds("client.category {} {}".format, st.sampled_from(["is", "is not"]), st.sampled_from(_CATEGORIES)),
    st.sampled_from(["client.do_not_contact", "not client.do_not_contact"]),
)  # fmt: skip
_LISTS = st.lists(_LINES, min_size=1, max_size=3)


def _checks(lines: list[str]) -> tuple[Check, ...]:
    problems = Problems("x")
    found = read_checks(Items(1, 1, [Text(n, 1, line) for n, line in enumerate(lines, 1)]), "client", problems)
    assert not problems.found
    return found


def _true(checks: tuple[Check, ...], world: dict[str, object]) -> bool | None:
    """The conditions in a world that says each signal's value; None in it is unknown."""
    results = []
    for check in checks:
        assert check.leaf is not None
        actual = world[check.leaf.signal]
        holds = {
            "is": lambda a, v: a == v, "is not": lambda a, v: a != v, "<": lambda a, v: a < v,
            "<=": lambda a, v: a <= v, ">": lambda a, v: a > v, ">=": lambda a, v: a >= v,
        }[check.leaf.sign]  # fmt: skip
        results.append(None if actual is None else holds(actual, check.leaf.value) != check.leaf.negated)
    return False if False in results else None if None in results else True


_WORLDS = [
    {"client.invoices_paid": count, "client.category": category, "client.do_not_contact": flag}
    for count, category, flag in product([*_COUNTS, None], [*_CATEGORIES, None], [True, False, None])
]


@given(_LISTS)
@settings(deadline=None)
def test_conditions_are_called_impossible_exactly_when_no_world_fulfils_them(lines):
    checks = _checks(lines)
    problems = Problems("x")
    analysis.contradictions(checks, Items(1, 1), problems)

    assert bool(problems.found) == (not any(_true(checks, world) for world in _WORLDS))


@given(st.lists(_LISTS, min_size=1, max_size=4))
@settings(deadline=None)
def test_a_profile_called_unreachable_is_reached_in_no_world(profiles):
    checks = [_checks(lines) for lines in profiles]
    for n, _ in analysis.covered([*checks, ()]):
        for world in _WORLDS:
            if _true(checks[n], world):
                assert any_of([_true(earlier, world) for earlier in checks[:n]])


# ---------------------------------------------------------------------------------------------- hostile files

_LABEL = "    label: Litige\n"
_IF = "      - client.category is key_account\n"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (_IF, "".join(f"      - client.invoices_paid >= {n}\n" for n in range(6000))),
        (_IF, "".join(f"      - client.invoices_paid is {n}\n" for n in range(290))),
        (_IF, "".join(f"      - any:\n          - client.disputes is {n}\n" for n in range(4000))),
        (_IF, "".join(f"      - client.xnvoices_pad >= {n}\n" for n in range(6000))),
        (_LABEL, "".join(f"    lbl{n}: 1\n" for n in range(15000))),
        (_LABEL, _LABEL.replace("Litige", "x" * 200_000)),
        (_IF, _IF.replace("key_account", "x, " * 60_000)),
    ],
)
def test_a_file_made_to_cost_time_is_checked_within_two_seconds(good, bad):
    start = process_time()
    check_rules(WHOLE.replace(good, bad), "x", Outside(TEMPLATES, {}))

    assert process_time() - start < 2
