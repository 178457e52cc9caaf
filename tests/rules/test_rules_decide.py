"""What is decided on one day: pauses, guards, consolidation, contacts, the owner's orders, shadow."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from rules_story import CASES, ROOT, client, event, everywhere, invoice, live, on, policy, statement

from mailbot.model import Contact
from mailbot.rules.decide import decide
from mailbot.rules.forecast import as_sent
from mailbot.rules.state import open_amounts

RULES = policy()
SHIPPED = policy(ROOT / "rules" / "fr.yaml")
DAY = "2026-04-07"  # the first reminder of an invoice due on 1 April is due on this Tuesday


def test_the_first_reminder_is_sent_with_reason_trace_and_contact():
    decision = on(RULES, client(), DAY)

    assert (decision.verdict, decision.what, decision.mail, decision.lead) == (
        "send",
        "reminder_1",
        "reminder_1",
        "F-041",
    )
    assert decision.levels == (("F-041", "reminder_1"),)
    assert decision.use_contact == "compta@dupont.example"
    assert decision.reason == "Message du jour : Première relance (J+3), facture F-041."
    assert any(t.rule == "step reminder_1" and t.result for t in decision.trace)


def test_after_the_mail_was_recorded_the_same_day_gives_a_wait():
    decision = on(RULES, client(), DAY)

    assert on(RULES, client(), DAY, [as_sent(decision)]).verdict == "wait"


@pytest.mark.parametrize(
    "name",
    [
        "instalments",
        "document_request",
        "wrong_contact",
        "insolvency",
        "refusal",
        "stop",
        "question",
        "unclear",
        "acknowledged",
    ],
)
def test_an_answer_without_a_reaction_of_its_own_waits_for_the_owner(name):
    decision = on(RULES, client(), DAY, [event("2026-04-06", f"reply.{name}", letter="x")])

    assert (decision.verdict, decision.code) == ("hold", name)
    assert decision.alerts[0].event == f"reply.{name}/2026-04-06/F-041/10:00"


@pytest.mark.parametrize(("action", "verdict"), [("add", "send"), ("replace", "send"), ("remove", "hold")])
def test_a_new_address_from_the_owner_ends_the_wait_for_the_right_contact(action, verdict):
    told = [
        event("2026-04-06", "reply.wrong_contact", letter="x"),
        event("2026-04-06", "owner.contact", None, at="11:00", email="neu@dupont.example", action=action),
    ]

    assert on(RULES, client(), DAY, told).verdict == verdict


def test_a_new_address_does_not_end_another_wait():
    told = [
        event("2026-04-06", "reply.question", letter="x"),
        event("2026-04-06", "owner.contact", None, at="11:00", email="neu@dupont.example", action="add"),
    ]

    assert on(RULES, client(), DAY, told).verdict == "hold"


def test_a_promise_without_a_date_waits_for_the_owner():
    decision = on(RULES, client(), DAY, [event("2026-04-06", "reply.promise")])

    assert (decision.verdict, decision.code) == ("hold", "promise")
    assert [a.code for a in decision.alerts] == ["promise_without_date"]


def test_a_promise_far_away_silences_and_tells_the_owner():
    decision = on(RULES, client(), DAY, [event("2026-04-06", "reply.promise", promise_date="2026-12-01")])

    assert decision.code == "promise"
    assert [a.code for a in decision.alerts] == ["promise_too_late"]


def test_a_promise_kept_with_the_promised_part_is_not_broken():
    events = [
        event("2026-04-02", "reply.promise", promise_date="2026-04-07", promise_amount="500"),
        event("2026-04-07", "bank.payment", amount="500"),
    ]

    decision = on(RULES, client(), "2026-04-10", events)

    assert (decision.what, decision.alerts) == ("reminder_1", ())


def test_a_newer_promise_replaces_the_older_one():
    events = [
        event("2026-04-02", "reply.promise", promise_date="2026-04-07"),
        event("2026-04-06", "reply.promise", promise_date="2026-04-20"),
    ]

    assert on(RULES, client(), "2026-04-21", events).code == "promise"
    assert on(RULES, client(), "2026-04-23", events).trigger == f"promise.broken/{events[1].id}"


def test_a_new_promise_for_one_invoice_leaves_the_promise_for_the_other():
    facts = client(invoice("A"), invoice("B"))
    events = [
        event("2026-04-02", "reply.promise", None, promise_date="2026-04-20"),
        event("2026-04-03", "reply.promise", "A", promise_date="2026-04-07"),
    ]

    assert on(RULES, facts, "2026-04-14", events).invoices == ("A",)


def test_a_promise_with_a_date_replaces_one_without():
    events = [event("2026-04-02", "reply.promise"), event("2026-04-03", "reply.promise", promise_date="2026-04-06")]

    assert on(RULES, client(), DAY, events).code == "promise"
    assert on(RULES, client(), "2026-04-13", events).what == "promise_broken"


def test_one_letter_that_promises_for_two_invoices_is_one_broken_promise():
    facts = client(invoice("A"), invoice("B"))
    events = [event("2026-04-02", "reply.promise", n, promise_date="2026-04-07", letter="L") for n in "AB"]

    decision = on(RULES, facts, "2026-04-13", events)

    assert [t.detail for t in decision.trace if t.rule.startswith("client.broken_promises")] == ["1"]


@pytest.mark.parametrize(
    ("data", "silent", "loud"),
    [
        ({"until": "2026-04-09"}, "2026-04-09", "2026-04-10"),
        ({"resume_on": "2026-04-09"}, "2026-04-08", "2026-04-09"),
        ({"days": "3"}, "2026-04-08", "2026-04-09"),
        ({}, "2026-05-12", None),
    ],
)
def test_the_owner_pauses_until_a_last_silent_day(data, silent, loud):
    pause = event("2026-04-06", "owner.paused", **data)

    assert on(RULES, client(), silent, [pause]).code == "paused"
    assert loud is None or on(RULES, client(), loud, [pause]).what == "reminder_1"


def test_a_pause_of_everything_is_ended_by_resuming_everything_only():
    pause = everywhere("2026-04-02", "owner.paused")
    one, every = event("2026-04-03", "owner.resumed", None), everywhere("2026-04-03", "owner.resumed")

    assert on(RULES, client(), DAY, [pause, one]).code == "paused"
    assert on(RULES, client(), DAY, [pause, every]).what == "reminder_1"


def test_a_dispute_of_one_invoice_lets_the_others_go_on_without_naming_it():
    facts = client(invoice("A"), invoice("B"))

    decision = on(RULES, facts, DAY, [event("2026-04-06", "reply.dispute", "A")])

    assert (decision.lead, decision.invoices, decision.levels) == ("B", ("B",), (("B", "reminder_1"),))
    assert [a.code for a in decision.alerts] == ["dispute"]


def test_resuming_does_not_end_a_dispute():
    events = [event("2026-04-02", "reply.dispute"), event("2026-04-03", "owner.resumed")]

    assert on(RULES, client(), DAY, events).code == "dispute"


def test_one_mail_lists_all_overdue_invoices_and_each_keeps_its_level():
    facts = client(invoice("A", due="2026-03-20"), invoice("B", due="2026-04-01"), invoice("C", due="2026-04-30"))
    first = as_sent(on(RULES, facts, "2026-03-24"))

    decision = on(RULES, facts, "2026-04-07", [first])

    assert (decision.what, decision.invoices) == ("reminder_2", ("A", "B"))
    assert decision.levels == (("A", "reminder_2"), ("B", "reminder_1"))


def test_a_formal_notice_that_waits_for_a_yes_does_not_stop_the_others():
    facts = client(invoice("A", due="2026-03-01", issued="2026-02-01"), invoice("B", due="2026-04-01"))
    sent = [
        event("2026-03-04", "mail.sent", "A", what="reminder_1", lead="A", levels={"A": "reminder_1"}),
        event("2026-03-12", "mail.sent", "A", what="reminder_2", lead="A", levels={"A": "reminder_2"}),
    ]

    decision = on(RULES, facts, DAY, sent)

    assert (decision.what, decision.lead, decision.approval) == ("reminder_1", "B", False)
    assert decision.levels == (("B", "reminder_1"),)


def test_invoices_of_another_currency_get_a_mail_of_their_own():
    facts = client(invoice("A"), invoice("B", currency="USD"))

    assert on(RULES, facts, DAY).invoices == ("A",)


def test_without_any_bank_statement_the_mail_is_held_and_the_reason_says_what_to_do():
    decision = decide(RULES, client(), [], date(2026, 4, 7))

    assert (decision.verdict, decision.code) == ("hold", "bank_unknown")
    assert "transmettez-en un" in decision.reason


def test_a_stale_bank_holds():
    decision = decide(RULES, client(), [statement(date(2026, 4, 7), lag=4)], date(2026, 4, 7))

    assert (decision.verdict, decision.code) == ("hold", "bank_stale")


def test_a_credit_that_may_be_the_clients_holds_until_it_is_explained():
    credit = replace(everywhere("2026-04-06", "bank.unmatched", line="l1", amount="1200", clients=["1"]))
    foreign = everywhere("2026-04-05", "bank.unmatched", line="l2", amount="1200", clients=["7"])
    explained = everywhere("2026-04-07", "bank.explained", line="l1")

    assert on(RULES, client(), DAY, [credit, foreign]).code == "unexplained_credit"
    assert on(RULES, client(), DAY, [credit, foreign, explained]).verdict == "send"


def test_nobody_is_written_to_against_the_owners_wish():
    assert on(RULES, client(do_not_contact=True), DAY).code == "do_not_contact"


def test_a_hard_bounce_goes_to_the_next_contact_with_the_same_step_and_a_new_generation():
    facts = client(contacts=(Contact("a@dupont.example"), Contact("b@dupont.example")))
    sent = as_sent(on(RULES, facts, DAY))
    bounced = event("2026-04-07", "mail.bounced", None, at="13:00", to="a@dupont.example", **{"class": "hard"})

    decision = on(RULES, facts, "2026-04-09", [sent, bounced])

    assert (decision.what, decision.use_contact, decision.generation) == (
        "reminder_1",
        "b@dupont.example",
        bounced.id,
    )


def test_a_hard_bounce_without_another_contact_holds_until_the_owner_gives_one():
    sent = as_sent(on(RULES, client(), DAY))
    bounced = event("2026-04-07", "mail.bounced", None, at="13:00", to="compta@dupont.example", **{"class": "hard"})
    given = event("2026-04-09", "owner.contact", None, email="neu@dupont.example", action="replace")
    facts = client(contacts=(Contact("neu@dupont.example"),))

    held = on(RULES, client(), "2026-04-09", [sent, bounced])

    assert (held.verdict, held.code) == ("hold", "no_contact")
    assert {a.code for a in held.alerts} == {"bounced", "no_contact"}
    assert on(RULES, facts, "2026-04-09", [sent, bounced, given]).what == "reminder_1"


def test_a_soft_bounce_changes_nothing():
    sent = as_sent(on(RULES, client(), DAY))
    bounced = event("2026-04-07", "mail.bounced", None, at="13:00", to="compta@dupont.example", **{"class": "soft"})

    assert on(RULES, client(), "2026-04-13", [sent, bounced]).what == "reminder_2"


def test_a_refused_mail_is_held_until_the_owner_looks():
    refused = event(DAY, "mail.rejected", what="reminder_1", lead="F-041", code=550)
    answered = event("2026-04-08", "owner.sent_now")

    assert on(RULES, client(), "2026-04-08", [refused]).code == "rejected"
    assert on(RULES, client(), "2026-04-09", [refused, answered]).generation == refused.id


def test_an_address_that_was_refused_is_left_for_the_next_one_until_the_owner_says_to_send():
    facts = client(contacts=(Contact("a@dupont.example"), Contact("b@dupont.example")))
    refused = event(DAY, "mail.rejected", what="reminder_1", lead="F-041", code=550, to="A@dupont.example")
    anyway = event("2026-04-08", "owner.sent_now")

    after = on(RULES, facts, "2026-04-08", [refused])

    assert (after.use_contact, after.generation) == ("b@dupont.example", refused.id)
    alone = client(contacts=(Contact("a@dupont.example"),))
    assert on(RULES, alone, "2026-04-08", [refused]).code == "no_contact"
    assert on(RULES, facts, "2026-04-08", [refused, anyway]).use_contact == "a@dupont.example"


def test_the_owner_sends_the_next_step_before_its_date_and_without_the_gap():
    _, known = live(RULES, client(), "2026-03-20", "2026-04-07")
    order = event("2026-04-08", "owner.sent_now", at="07:00")

    decision = on(RULES, client(), "2026-04-08", [*known, order])

    assert (decision.what, decision.code) == ("reminder_2", "sent_now")
    assert on(RULES, client(), "2026-04-08", [*known, order, as_sent(decision)]).verdict == "wait"


@pytest.mark.parametrize(
    ("day", "more", "code"),
    [
        ("2026-04-11", [], "closed_day"),
        ("2026-04-08", [event("2026-04-07", "reply.dispute")], "dispute"),
        ("2026-04-08", [event("2026-04-07", "owner.paid")], "nothing_open"),
        ("2026-04-08", [event("2026-04-07", "reply.promise", promise_date="2026-04-30")], "promise"),
        ("2026-04-08", [event("2026-04-07", "owner.paused")], "paused"),
    ],
)
def test_an_order_to_send_never_gets_past_the_guards(day, more, code):
    order = event("2026-04-07", "owner.sent_now", at="18:00")

    assert on(RULES, client(), day, [order, *more]).code == code


def test_an_order_to_send_the_formal_notice_still_needs_its_yes():
    _, known = live(RULES, client(), "2026-03-20", "2026-04-14")
    order = event("2026-04-15", "owner.sent_now", step="formal_notice", at="07:00")

    decision = on(RULES, client(), "2026-04-15", [*known, order])

    assert (decision.what, decision.approval) == ("formal_notice", True)


def test_an_order_that_cannot_be_followed_is_told_to_the_owner():
    order = event("2026-04-07", "owner.sent_now", step="formal_notice", at="07:00")

    assert "cannot_send_now" in {a.code for a in on(RULES, client(), DAY, [order]).alerts}


def test_a_skipped_step_counts_as_had():
    skipped = event("2026-04-06", "owner.skipped", step="reminder_1")

    assert on(RULES, client(), "2026-04-13", [skipped]).what == "reminder_2"


def test_the_owner_changes_tone_and_profile():
    gentler = event("2026-04-06", "owner.policy", None, tone="gentler")
    bad = event("2026-04-06", "owner.policy", None, profile="bad_payer")

    assert on(RULES, client(), DAY, [gentler]).tone == "warm"
    assert on(RULES, client(), DAY, [bad]).tone == "firm"


def test_small_sums_are_left_alone():
    assert on(RULES, client(invoice(amount="14.99")), DAY).code == "below_minimum"


def test_a_credit_note_that_covers_everything_ends_the_reminders():
    note = replace(invoice("AV-1", amount="1200"), kind="credit_note")

    assert on(RULES, client(invoice(), note), DAY).code == "nothing_open"


def test_what_would_have_been_sent_counts_in_shadow_alone():
    decision = on(RULES, client(), DAY, shadow=True)
    shadowed = as_sent(decision)

    assert (decision.mode, shadowed.name) == ("shadow", "mail.shadowed")
    assert on(RULES, client(), "2026-04-09", [shadowed], shadow=True).verdict == "wait"
    assert on(RULES, client(), "2026-04-09", [shadowed]).what == "reminder_1"


def test_a_step_in_shadow_is_recorded_but_never_live():
    text = (CASES / "whole.yaml").read_text(encoding="utf-8")
    rules = policy(text=text.replace("    mail: reminder_1\n", "    mail: reminder_1\n    mode: shadow\n"))

    decision = on(rules, client(), DAY)

    assert (decision.what, decision.mode) == ("reminder_1", "shadow")
    assert on(rules, client(), "2026-04-09", [as_sent(decision)]).verdict == "wait"


def test_a_payment_taken_back_by_the_bank_opens_the_invoice_again():
    events = [
        event("2026-04-02", "owner.paid"),
        event("2026-04-06", "bank.reversal", amount="1200", line="l"),
    ]

    assert on(RULES, client(), DAY, events).what == "reminder_1"


def test_opens_change_the_tone_and_nothing_else():
    _, known = live(RULES, client(), "2026-03-20", "2026-04-07")
    opened = [event("2026-04-08", "mail.opened", None, at=f"1{n}:00", trust="likely") for n in range(2)]

    decision = on(RULES, client(), "2026-04-13", [*known, *opened])

    assert (decision.what, decision.tone) == ("reminder_2", "direct")


def test_next_is_the_day_on_which_the_answer_changes():
    facts = client(invoice(amount="1200", issued="2026-03-02", due="2026-04-01"))
    waiting = on(RULES, facts, "2026-03-10")

    assert waiting.next == date(2026, 3, 27)
    assert on(RULES, facts, "2026-03-26").verdict == "wait"
    assert on(RULES, facts, "2026-03-27").verdict == "send"


def test_an_unreadable_amount_of_a_payment_counts_as_all_of_it():
    assert on(RULES, client(), DAY, [event("2026-04-06", "bank.payment", amount="soon")]).code == "nothing_open"


def test_an_event_recorded_twice_counts_once():
    payment = event("2026-04-06", "bank.payment", amount="700")

    assert open_amounts(client(), [payment, payment], date(2026, 4, 7)) == {"F-041": Decimal(500)}


def test_dates_at_the_end_of_time_break_nothing():
    facts = client(invoice(due="9999-12-31"), invoice("B"))
    events = [
        event("2026-04-02", "reply.promise", "B", promise_date="9999-12-31"),
        event("2026-04-02", "owner.paused", "F-041", resume_on="0001-01-01"),
        event("2026-04-02", "reply.out_of_office", None, until="9999-12-31"),
    ]

    assert on(RULES, facts, DAY, events).verdict == "wait"


def test_an_invoice_made_out_after_a_promise_is_not_part_of_it():
    facts = client(invoice("A"), invoice("B", issued="2026-04-05", due="2026-05-05"))
    events = [
        event("2026-04-02", "reply.promise", None, promise_date="2026-04-08"),
        event("2026-04-08", "bank.payment", "A", amount="1200"),
    ]

    assert on(RULES, facts, "2026-04-14", events).alerts == ()


def test_a_wait_never_asks_for_an_approval():
    _, known = live(RULES, client(), "2026-03-20", "2026-05-01", yes=False)

    assert not on(RULES, client(), "2026-05-01", known).approval


def test_what_the_owner_answers_about_one_letter_leaves_the_older_one_to_be_answered():
    events = [
        event("2026-04-02", "reply.question", letter="first"),
        event("2026-04-03", "reply.question", letter="second"),
    ]
    answer = event("2026-04-06", "owner.answered", go_on=True, event=events[1].id, letter="second")

    both = on(SHIPPED, client(), "2026-04-03", events)
    decision = on(SHIPPED, client(), DAY, [*events, answer])

    assert {a.event for a in both.alerts} == {e.id for e in events}
    assert (decision.verdict, decision.code) == ("hold", "question")
    assert [a.event for a in decision.alerts] == [events[0].id]


def test_a_decision_about_one_invoice_leaves_the_question_about_another_one_open():
    facts = client(invoice("A"), invoice("B"))
    events = [
        event("2026-04-02", "reply.question", "A", letter="first"),
        event("2026-04-03", "reply.question", "B", letter="second"),
        event("2026-04-06", "owner.resolved", "B"),
    ]

    assert on(SHIPPED, facts, DAY, events).invoices == ("B",)


def test_one_letter_about_two_invoices_is_asked_about_once():
    facts = client(invoice("A"), invoice("B"))
    events = [event("2026-04-02", "reply.question", number, letter="one") for number in ("A", "B")]

    assert len(on(SHIPPED, facts, DAY, events).alerts) == 1


def test_letters_whose_mark_is_no_text_are_told_apart_all_the_same():
    events = [event(f"2026-04-0{n}", "reply.question", letter=[n]) for n in (2, 3)]

    assert len(on(SHIPPED, client(), DAY, events).alerts) == 2
