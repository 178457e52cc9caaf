"""Which word of the owner ends which hold: the whole table, and what it means for the mails of a client."""

from datetime import date

import pytest
from rules_story import ROOT, client, event, invoice, on, policy

from mailbot.model import Event, Verdict
from mailbot.rules.decide import grace_of
from mailbot.rules.holds import WORDS, ended, ended_by
from mailbot.rules.signals import EVENTS
from mailbot.rules.state import State

RULES = policy(ROOT / "rules" / "fr.yaml")
HOLDS = sorted(EVENTS | {"owner.dispute", "owner.promise"})
ORDERS = ("owner.resolved", "owner.resumed", "owner.promise", "owner.sent_now", "owner.contact")
ENDS = {
    "owner.resolved": "owner.dispute reply.dispute reply.refusal reply.instalments reply.document_request reply.paid "
    "reply.question reply.acknowledged reply.unclear reply.promise owner.promise promise.broken promise.kept "
    "promise.part_kept mail.bounced bank.reversal bank.overpayment bank.payment bank.partial_payment",
    "owner.resumed": "reply.insolvency reply.stop reply.wrong_contact reply.refusal reply.instalments reply.paid "
    "reply.document_request reply.question reply.acknowledged reply.unclear reply.promise owner.promise "
    "mail.complained mail.bounced promise.broken promise.kept promise.part_kept bank.reversal bank.overpayment "
    "bank.payment bank.partial_payment",
    "owner.promise": "reply.refusal reply.instalments reply.document_request reply.paid reply.question "
    "reply.acknowledged reply.unclear reply.promise",
    "owner.sent_now": "reply.insolvency reply.wrong_contact reply.refusal reply.instalments reply.document_request "
    "reply.paid reply.question reply.acknowledged reply.unclear",
    "owner.contact": "reply.wrong_contact",
}
"""What each order ends, besides the automatic mails, which hold nothing for long."""
SAY_LITTLE = {
    "reply.out_of_office", "reply.auto_reply", "reply.unrelated", "reply.bounce", "reply.read_receipt", "mail.delayed",
    "mail.opened", "mail.clicked", "mail.read",
}  # fmt: skip


def _state(*events: Event) -> State:
    return State(client(), events, date(2026, 4, 30), RULES.calendar, grace=grace_of(RULES))


@pytest.mark.parametrize("hold", sorted(set(HOLDS) - SAY_LITTLE))
@pytest.mark.parametrize("word", ORDERS)
def test_every_order_ends_what_the_table_says_and_nothing_else(hold: str, word: str) -> None:
    began, said = event("2026-04-20", hold, letter="L1"), event("2026-04-21", word)

    assert ended(_state(began, said), began, "F-041") is (hold in ENDS[word].split())


@pytest.mark.parametrize("hold", HOLDS)
@pytest.mark.parametrize("word", WORDS)
def test_nothing_ends_a_hold_before_it_began_or_for_all_clients_at_once(hold: str, word: str) -> None:
    began = event("2026-04-20", hold, letter="L1")
    before = event("2026-04-19", word, go_on=True, event=began.id)
    of_all = Event("all", word, began.at.replace(day=22), date(2026, 4, 22), None, None, {})

    assert not ended(_state(before, began), began, "F-041")
    assert not ended(_state(began, of_all), began, "F-041")


@pytest.mark.parametrize("hold", HOLDS)
def test_an_answer_ends_the_hold_that_was_asked_about_and_no_other(hold: str) -> None:
    began = event("2026-04-20", hold, letter="L1")
    about_it = event("2026-04-21", "owner.answered", go_on=True, event=began.id)
    about_else = event("2026-04-21", "owner.answered", go_on=True, event="reply.question/x", letter="L2")
    stays = event("2026-04-21", "owner.answered", event=began.id)

    assert ended(_state(began, about_it), began, "F-041") is ("owner.answered" in ended_by(hold))
    assert not ended(_state(began, about_else), began, "F-041")
    assert not ended(_state(began, stays), began, "F-041")


def test_the_no_about_a_complaint_ends_it_and_a_settled_dispute_does_not() -> None:
    began = event("2026-04-20", "mail.complained")

    assert ended(_state(began, event("2026-04-21", "owner.resolved", question=3)), began, "F-041")
    assert ended(_state(began, event("2026-04-21", "owner.resolved", question=3, event=began.id)), began, "F-041")
    assert not ended(_state(began, event("2026-04-21", "owner.resolved", question=3, event="other")), began, "F-041")
    assert not ended(_state(began, event("2026-04-21", "owner.resolved")), began, "F-041")


@pytest.mark.parametrize("hold", ["reply.insolvency", "reply.stop"])
def test_going_on_with_one_invoice_lets_no_other_go_on(hold: str) -> None:
    began, said = event("2026-04-20", hold, "A"), event("2026-04-21", "owner.resumed", "A")
    state = State(client(invoice("A"), invoice("B")), (began, said), date(2026, 4, 30), RULES.calendar,
                  grace=grace_of(RULES))  # fmt: skip

    assert ended(state, began, "A")
    assert not ended(state, began, "B")


AFTER = {
    "a dispute closed": [event("2026-04-03", "reply.dispute"), event("2026-04-06", "owner.resolved")],
    "all disputes closed": [event("2026-04-03", "owner.dispute", None), event("2026-04-06", "owner.resolved", None)],
    "a promise noted": [event("2026-04-06", "owner.promise", date="2026-04-08")],
    "a promise broken": [event("2026-04-06", "reply.promise", promise_date="2026-04-08", letter="L2")],
    "another address": [event("2026-04-06", "owner.contact", None, email="x@dupont.example")],
    "an answer about another matter": [event("2026-04-06", "owner.answered", go_on=True, letter="L1", event="e")],
    "a pause that is over": [event("2026-04-03", "owner.paused", until="2026-04-06")],
    "everybody resumed": [Event("r", "owner.resumed", event("2026-04-06", "x").at, date(2026, 4, 6))],
}  # fmt: skip


@pytest.mark.parametrize("after", AFTER, ids=str)
@pytest.mark.parametrize("told", [{"by": "owner"}, {"letter": "L1"}], ids=["by the owner", "by the client"])
def test_insolvency_holds_every_reminder_whatever_else_is_settled(after: str, told: dict[str, str]) -> None:
    opened = event("2026-04-02", "reply.insolvency", None, **told)

    for day in ("2026-04-07", "2026-04-14", "2026-05-12", "2026-06-30"):
        decision = on(RULES, client(), day, [opened, *AFTER[after]])
        assert decision.verdict is not Verdict.SEND, (day, decision.what)


@pytest.mark.parametrize("word", ["owner.resumed", "owner.sent_now"])
def test_only_going_on_by_name_lifts_it(word: str) -> None:
    opened = event("2026-04-02", "reply.insolvency", None, by="owner")
    said = event("2026-04-06", word, None)

    assert on(RULES, client(), "2026-04-07", [opened, said]).verdict is Verdict.SEND
