"""Why a step is not taken: only what stands in its way."""

import pytest
from rules_story import client, event, invoice, live, policy, statement

from mailbot.rules.balance import in_order
from mailbot.rules.decide import decide, grace_of
from mailbot.rules.explain import explain
from mailbot.rules.state import State
from mailbot.rules.why_not import Asked, why_not

RULES = policy()


def _asked(step, day, events=(), facts=None, language="en", *, yes=True):
    facts = facts or client()
    _, known = live(RULES, facts, "2026-03-20", day, events, yes=yes)
    when = max(known, key=in_order).day
    known = [e for e in known if e.day < when or e.name not in ("mail.sent", "act.done")]
    decision = decide(RULES, facts, [*known, statement(when)], when)
    state = State(facts, known, when, RULES.calendar, grace=grace_of(RULES))
    entry = next(s for s in RULES.steps if s.id == step)
    return why_not(RULES, state, decision, Asked(entry, "F-041"), language)


@pytest.mark.parametrize(
    ("step", "day", "words"),
    [
        ("reminder_1", "2026-04-07", "goes on this day"),
        ("reminder_1", "2026-04-08", "taken already on 7 Apr 2026"),
        ("courtesy", "2026-04-08", "taken already on 27 Mar 2026"),
        ("formal_notice", "2026-04-08", "from 1 May 2026"),
        ("reminder_2", "2026-04-08", "from 11 Apr 2026"),
    ],
)
def test_a_silent_clients_step_is_explained_in_a_sentence_or_by_its_date(step, day, words):
    assert words in _asked(step, day)


def test_a_promise_that_silences_is_shown_and_nothing_else():
    said = _asked("reminder_2", "2026-04-14", [event("2026-04-08", "reply.promise", promise_date="2026-04-15")])

    assert "reaction promise" in said
    assert "profile" not in said
    assert "courtesy" not in said


def test_a_formal_notice_waits_for_the_owners_yes_or_was_refused():
    no = {"approves": "formal_notice", "lead": "F-041", "yes": False}

    assert "waits for your yes" in _asked("formal_notice", "2026-05-04", yes=False)
    assert "you refused it on 3 May 2026" in _asked(
        "formal_notice", "2026-05-04", [event("2026-05-03", "owner.answered", **no)], yes=False
    )


def test_a_profile_that_skips_a_step_is_named():
    said = _asked("courtesy", "2026-03-27", facts=client(category="key_account"), language="fr")

    assert "le profil « Grand compte » la saute" in said


def test_a_firmer_step_taken_already_or_an_invoice_paid_ends_the_question():
    small = client(invoice(amount="100"))
    assert "firmer step was taken already" in _asked("courtesy", "2026-04-08", facts=small)
    assert "is not open" in _asked("reminder_2", "2026-04-10", [event("2026-04-09", "bank.payment", amount="1200")])


def test_the_first_line_of_an_explanation_names_the_client_and_the_invoice():
    day = statement(invoice().due).day
    decision = decide(RULES, client(), [statement(day)], day)

    assert explain(decision, RULES, "fr", "Dupont SARL").startswith("Dupont SARL, F-041, le 01/04/2026")
    assert explain(decision, RULES, "en").startswith("1, F-041, 1 Apr 2026")
