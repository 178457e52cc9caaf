"""Whole stories of one invoice, every mail and act of the window listed."""

from rules_story import client, event, everywhere, invoice, live, on, policy, told

RULES = policy()


def test_without_news_the_whole_ladder_is_climbed_around_easter_and_the_first_of_may():
    sent, _ = live(RULES, client(), "2026-03-20", "2026-06-05")

    assert told(sent) == [
        "2026-03-27 send courtesy",
        "2026-04-01 send due_today",
        "2026-04-07 send reminder_1",
        "2026-04-13 send reminder_2",
        "2026-05-04 send formal_notice firm",
        "2026-05-19 act handover",
    ]


def test_a_broken_promise_makes_the_tone_firm_and_the_ladder_quicker():
    events = [event("2026-04-08", "reply.promise", promise_date="2026-04-15", letter="a")]

    sent, _ = live(RULES, client(), "2026-03-20", "2026-05-10", events)

    assert told(sent) == [
        "2026-03-27 send courtesy",
        "2026-04-01 send due_today",
        "2026-04-07 send reminder_1",
        "2026-04-20 send promise_broken firm",
        "2026-04-22 send reminder_2 firm",
        "2026-04-30 send formal_notice firm",
    ]


def test_a_dispute_silences_until_it_is_resolved_and_a_payment_ends_it_all():
    events = [
        event("2026-04-08", "reply.dispute"),
        event("2026-04-20", "owner.resolved"),
        event("2026-04-22", "bank.payment", amount="1200"),
    ]

    sent, _ = live(RULES, client(), "2026-03-20", "2026-06-10", events)

    assert told(sent) == [
        "2026-03-27 send courtesy",
        "2026-04-01 send due_today",
        "2026-04-07 send reminder_1",
        "2026-04-20 send reminder_2",
    ]


def test_who_says_it_is_paid_is_asked_for_a_proof_when_the_bank_saw_nothing():
    sent, _ = live(RULES, client(), "2026-03-20", "2026-04-24", [event("2026-04-08", "reply.paid")])

    assert told(sent) == [
        "2026-03-27 send courtesy",
        "2026-04-01 send due_today",
        "2026-04-07 send reminder_1",
        "2026-04-13 send claims_paid",
        "2026-04-15 send reminder_2",
    ]


def test_a_partial_payment_gives_a_rest_a_thank_you_and_then_the_ladder_goes_on():
    events = [
        event("2026-04-09", "bank.payment", amount="700"),
        event("2026-04-09", "bank.partial_payment", amount="700"),
    ]

    sent, _ = live(RULES, client(), "2026-03-20", "2026-04-24", events)

    assert told(sent) == [
        "2026-03-27 send courtesy",
        "2026-04-01 send due_today",
        "2026-04-07 send reminder_1",
        "2026-04-16 send partial_payment",
        "2026-04-20 send reminder_2",
    ]


def test_a_bot_that_was_off_for_three_weeks_begins_with_one_mild_reminder():
    sent, _ = live(RULES, client(), "2026-03-20", "2026-06-30", skip_until="2026-04-21")

    assert told(sent) == [
        "2026-04-21 send reminder_1",
        "2026-04-27 send reminder_2",
        "2026-05-05 send formal_notice firm",
        "2026-05-20 act handover",
    ]


def test_the_august_closure_moves_mails_behind_it():
    facts = client(invoice(issued="2026-07-01", due="2026-07-31"))

    sent, _ = live(RULES, facts, "2026-07-20", "2026-09-30")

    assert told(sent)[:4] == [
        "2026-07-27 send courtesy",
        "2026-07-31 send due_today",
        "2026-08-24 send reminder_1",
        "2026-08-31 send reminder_2",
    ]


def test_the_day_the_clocks_change_is_a_day_like_any_other():
    facts = client(invoice(issued="2026-02-20", due="2026-03-26"))

    sent, _ = live(RULES, facts, "2026-03-10", "2026-04-10")

    assert told(sent) == [
        "2026-03-23 send courtesy",
        "2026-03-26 send due_today",
        "2026-03-30 send reminder_1",
        "2026-04-07 send reminder_2",
    ]


def test_an_out_of_office_with_a_return_date_silences_until_the_working_day_after():
    events = [event("2026-04-03", "reply.out_of_office", None, until="2026-04-17")]

    sent, _ = live(RULES, client(), "2026-04-02", "2026-04-24", events)

    assert told(sent) == ["2026-04-02 send due_today", "2026-04-21 send reminder_1"]


def test_an_approval_repeats_the_same_answer_each_day_and_a_no_skips_the_step():
    sent, known = live(RULES, client(), "2026-03-20", "2026-05-05", yes=False)
    monday = on(RULES, client(), "2026-05-04", known)
    tuesday = on(RULES, client(), "2026-05-05", known)
    refused = event("2026-05-05", "owner.answered", approves="formal_notice", lead="F-041", yes=False)

    after = on(RULES, client(), "2026-05-06", [*known, refused])

    assert [d.what for d in sent] == ["courtesy", "due_today", "reminder_1", "reminder_2"]
    assert (monday.what, monday.approval, monday.code) == ("formal_notice", True, "approval")
    assert (tuesday.what, tuesday.approval, tuesday.lead) == ("formal_notice", True, "F-041")
    assert after.verdict == "wait"


def test_a_cancelled_mail_needs_a_new_yes_and_gets_a_new_generation():
    _, known = live(RULES, client(), "2026-03-20", "2026-05-03")
    yes = event("2026-05-04", "owner.answered", approves="formal_notice", lead="F-041", yes=True)
    cancelled = event("2026-05-04", "mail.cancelled", at="12:00", what="formal_notice", lead="F-041", why="changed")

    before = on(RULES, client(), "2026-05-04", [*known, yes])
    after = on(RULES, client(), "2026-05-05", [*known, yes, cancelled])

    assert (before.approval, before.generation) == (False, None)
    assert (after.approval, after.generation) == (True, cancelled.id)


def test_everything_holds_after_the_owner_stopped_until_it_is_live_again():
    stopped, again = everywhere("2026-04-06", "owner.stopped"), everywhere("2026-04-08", "owner.live")

    assert on(RULES, client(), "2026-04-07", [stopped]).code == "stopped"
    assert on(RULES, client(), "2026-04-08", [stopped, again]).what == "reminder_1"
