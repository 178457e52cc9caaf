"""What the events of a claim tell its clocks: only what nobody can doubt begins a limitation anew."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mailbot.law.clocks import Happened
from mailbot.law.debt import Opening
from mailbot.law.insolvency import opening
from mailbot.law.steps import doubtful_promises, happened, recorded
from mailbot.model import JSON, Event

START = datetime(2026, 1, 1, tzinfo=UTC)


def event(name: str, day: date, invoice: str | None = "FA-1", **data: JSON) -> Event:
    return Event(f"{name}/{invoice}/{sorted(data.items())}", name, START, day, "1", invoice, data)


def promise(confidence: float = 0.9, letter: str = "l1", invoice: str | None = "FA-1", **data: JSON) -> Event:
    return event("reply.promise", date(2026, 1, 5), invoice, letter=letter, confidence=confidence, **data)


def step(what: str, day: date, invoice: str | None = "FA-1") -> Event:
    return event("legal.recorded", START.date(), invoice, step=what, date=day.isoformat())


def test_events_tell_the_clocks_what_was_written_and_paid_and_nothing_else() -> None:
    known = [
        promise(),
        event("owner.promise", date(2026, 1, 6)),
        event("bank.payment", date(2026, 1, 9), amount="10.00", paid_on="2026-01-07"),
        event("bank.payment", date(2026, 1, 9), amount="20.00", paid_on="2026-01-08"),
        event("bank.reversal", date(2026, 1, 12), amount="20.00"),
        event("mail.opened", date(2026, 1, 13)),
        promise(letter="l2", invoice="FA-2"),
        step("lawsuit", date(2026, 1, 15), None),
    ]

    assert happened(known, "FA-1") == (
        Happened(date(2026, 1, 5), "written_promise"),
        Happened(date(2026, 1, 7), "part_payment"),
        Happened(date(2026, 1, 15), "lawsuit"),
    )


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        (promise(0.8), True),
        (promise(0.79), False),
        (promise(0.0, by="owner"), True),
        (promise(1.0, by="page"), False),
        (promise(0.95, invoice=None), False),
        (event("reply.promise", date(2026, 1, 5), letter="l1"), False),
    ],
)
def test_a_promise_counts_where_it_was_sure_or_the_owner_confirmed_it(written: Event, counts: bool) -> None:
    assert [one.kind for one in happened([written], "FA-1")] == (["written_promise"] if counts else [])
    assert doubtful_promises([written], "FA-1") == ([] if counts else [written])


@pytest.mark.parametrize("name", ["reply.dispute", "reply.refusal", "reply.paid", "reply.unclear"])
def test_a_promise_in_a_letter_that_says_something_else_too_is_doubtful(name: str) -> None:
    also = event(name, date(2026, 1, 5), letter="l1", confidence=0.9)
    elsewhere = event(name, date(2026, 1, 8), letter="l9", confidence=0.9)

    assert happened([promise(), also], "FA-1") == ()
    assert len(happened([promise(), elsewhere], "FA-1")) == 1
    assert len(happened([promise(0.0, by="owner"), also], "FA-1")) == 1


@pytest.mark.parametrize("shift", [-9, -1, 1, 9])
def test_of_a_step_that_was_recorded_again_the_last_word_counts(shift: int) -> None:
    day = date(2025, 6, 2)
    known = [step("lawsuit", day), step("lawsuit", day + timedelta(days=shift))]

    assert happened(known, "FA-1") == (Happened(day + timedelta(days=shift), "lawsuit"),)
    assert recorded(known, "FA-1", "lawsuit") == day + timedelta(days=shift)


def test_the_day_of_the_judgment_comes_before_all_that_tells_of_it() -> None:
    heard = event("reply.insolvency", date(2026, 3, 9), None)
    published = step("bodacc", date(2026, 3, 5), None)
    judged = step("insolvency_opened", date(2026, 2, 25), None)

    assert opening([]) is None
    assert opening([heard]) == Opening(date(2026, 3, 9), "heard")
    assert opening([heard, published]) == Opening(date(2026, 3, 5), "published")
    assert opening([heard, step("bodacc", date(2026, 3, 20), None)]) == Opening(date(2026, 3, 9), "heard")
    assert opening([heard, published, judged]) == Opening(date(2026, 2, 25))


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ({"name": "owner.resumed"}, True),
        ({"name": "owner.answered", "go_on": True, "event": "HEARD"}, True),
        ({"name": "owner.answered", "go_on": True, "events": ["HEARD", "other"]}, True),
        ({"name": "owner.answered", "go_on": True, "event": "other"}, False),
        ({"name": "owner.answered", "go_on": False, "event": "HEARD"}, False),
        ({"name": "owner.resolved"}, False),
    ],
)
def test_what_was_only_heard_of_ends_when_the_owner_goes_on_and_what_was_recorded_stands(
    words: dict[str, Any], ends: bool
) -> None:
    heard = event("reply.insolvency", date(2026, 3, 9), None)
    data = {key: heard.id if value == "HEARD" else value for key, value in words.items() if key != "name"}
    if "events" in data:
        data["events"] = [heard.id, "other"]
    said = event(words["name"], date(2026, 3, 12), None, **data)

    assert (opening([heard, said]) is None) is ends
    assert opening([heard, step("insolvency_opened", date(2026, 2, 25), None), said]) == Opening(date(2026, 2, 25))
