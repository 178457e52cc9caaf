"""What the owner says of steps and money: a skip ends one step, money without an invoice pays the oldest first."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules_story import PARIS, client, event, invoice, live, on, policy

from mailbot.model import ClientFacts, Event
from mailbot.rules.calendar import sending_window
from mailbot.rules.decide import grace_of
from mailbot.rules.signals import SIGNALS
from mailbot.rules.state import Scene, State, open_amounts

RULES = policy()
OLD, NEW = invoice("F-1", "100", due="2026-04-01"), invoice("F-2", "300", due="2026-04-10")


def sent(events: list[Event], until: str, *invoices) -> list[str]:
    mails, _ = live(RULES, client(*invoices), "2026-03-20", until, events)
    return [f"{mail.day} {mail.what}" for mail in mails]


def _state(who: ClientFacts, *events: Event) -> State:
    return State(who, events, date(2026, 4, 20), RULES.calendar, grace=grace_of(RULES))


# ------------------------------------------------------------------------------------------------------- skips


def test_a_step_that_is_skipped_ahead_leaves_the_milder_ones_before_it():
    skip = event("2026-03-25", "owner.skipped", step="reminder_2")

    assert [mail[11:] for mail in sent([skip], "2026-06-05")] == [
        "courtesy", "due_today", "reminder_1", "formal_notice", "handover",
    ]  # fmt: skip


def test_what_waits_for_a_skipped_step_counts_from_the_order():
    first = event("2026-04-27", "mail.sent", what="reminder_1", lead="F-041", levels={"F-041": "reminder_1"})
    skip = event("2026-04-28", "owner.skipped", step="reminder_2")

    assert on(RULES, client(), "2026-05-05", [first, skip]).code == "not_due"
    assert on(RULES, client(), "2026-05-06", [first, skip]).what == "formal_notice"


def test_a_skip_for_the_whole_client_does_not_touch_the_invoices_to_come():
    skip = event("2026-03-25", "owner.skipped", None, step="reminder_1")
    later = invoice("F-9", "700", issued="2026-04-20", due="2026-05-20")
    found = sent([skip], "2026-06-10", invoice("F-1", "700"), later)

    assert [mail for mail in found if "reminder_1" in mail] == ["2026-05-26 reminder_1"]


def test_an_order_to_send_takes_a_skip_back():
    skip = event("2026-03-25", "owner.skipped", step="reminder_1")
    send = event("2026-04-08", "owner.sent_now", step="reminder_1")

    assert on(RULES, client(), "2026-04-08", [skip]).what != "reminder_1"
    assert on(RULES, client(), "2026-04-08", [skip, send]).what == "reminder_1"


# ------------------------------------------------------------------------------------------------------- money


def test_money_without_an_invoice_pays_the_oldest_first():
    paid = event("2026-04-02", "owner.paid", None, amount="150")

    assert open_amounts(client(OLD, NEW), [paid], date(2026, 4, 3)) == {"F-1": Decimal(0), "F-2": Decimal(250)}


def test_money_without_an_invoice_pays_those_of_its_currency_only():
    swiss = invoice("C-1", "200", due="2026-03-25", currency="CHF")
    euros = event("2026-04-02", "owner.paid", None, amount="150", currency="EUR")
    unnamed = event("2026-04-02", "owner.paid", None, amount="250")
    who = client(OLD, NEW, swiss)

    assert open_amounts(who, [euros], date(2026, 4, 3)) == {"F-1": 0, "F-2": 250, "C-1": 200}
    assert open_amounts(who, [unnamed], date(2026, 4, 3)) == {"F-1": 100, "F-2": 300, "C-1": 0}


@given(st.lists(st.integers(1, 40_000), max_size=6))
def test_money_without_an_invoice_is_never_counted_twice(cents):
    paid = [
        event("2026-04-02", "owner.paid", None, at=f"10:0{n}", amount=str(Decimal(one) / 100))
        for n, one in enumerate(cents)
    ]
    left = sum(open_amounts(client(OLD, NEW), paid, date(2026, 4, 3)).values())

    assert left == max(Decimal(400) - sum(Decimal(one) / 100 for one in cents), 0)


def test_a_promise_for_invoices_in_two_currencies_is_kept_only_when_each_is_paid():
    swiss = invoice("C-1", "200", due="2026-03-25", currency="CHF")
    promised = event("2026-04-02", "reply.promise", None, promise_date="2026-04-08")
    euros = event("2026-04-07", "bank.payment", "F-1", amount="100")
    francs = event("2026-04-07", "bank.payment", "C-1", amount="200")
    who = client(OLD, swiss)

    assert [promise.outcome for promise in _state(who, promised, euros).promises] == ["part_kept"]
    assert [promise.outcome for promise in _state(who, promised, euros, francs).promises] == ["kept"]


def test_a_client_with_two_currencies_has_no_total_and_no_average_delay():
    swiss = invoice("C-1", "200", due="2026-03-25", currency="CHF")
    state = _state(client(OLD, NEW, swiss))

    for name in ("client.amount_due", "client.amount_overdue", "client.average_delay"):
        assert SIGNALS[name].read(Scene(state)) is None, name


def test_a_formal_notice_has_the_formal_tone_even_for_a_key_account():
    who = client(category="key_account")
    mails, _ = live(RULES, who, "2026-03-20", "2026-06-20")

    assert {mail.tone for mail in mails if mail.what == "formal_notice"} == {RULES.tones[-1]}
    assert {mail.tone for mail in mails if mail.what == "reminder_1"} == {"warm"}


# ------------------------------------------------------------------------------------------------------- hours


@pytest.mark.parametrize("day", ["2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"])
def test_a_mail_leaves_in_local_hours_before_and_after_the_clocks_change(day):
    now = datetime.fromisoformat(f"{day}T05:00:00+00:00")
    planned = sending_window(RULES, now, PARIS, timedelta(minutes=15))

    assert planned is not None
    assert [instant.astimezone(PARIS).strftime("%H:%M") for instant in planned] == ["09:00", "17:30"]


def test_a_mail_decided_too_late_in_the_day_is_not_planned_for_it():
    late = datetime(2026, 3, 27, 16, 20, tzinfo=UTC)

    assert sending_window(RULES, late, PARIS, timedelta(minutes=15)) is None
    assert sending_window(RULES, late, PARIS, timedelta(minutes=5)) is not None
