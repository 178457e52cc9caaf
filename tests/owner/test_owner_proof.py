"""The ladder of proof: what each report adds, and that opens add nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model import JSON, Event
from mailbot.owner.proof import proofs

NOON = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


def event(name: str, hours: float = 0, **data: JSON) -> Event:
    at = NOON + timedelta(hours=hours)
    return Event(f"{name}/{hours}", name, at, at.date(), "1", data=data)


SENT = event("mail.sent", outgoing=1)


def rungs(*events: Event) -> list[str]:
    return [rung for rung, _ in proofs([SENT, *events])[0].reached]


@pytest.mark.parametrize(
    ("happened", "reached"),
    [
        (event("mail.delivered", 1, outgoing=1, action="delivered"), ["accepted", "delivered"]),
        (event("mail.delivered", 1, outgoing=1, action="relayed"), ["accepted", "relayed"]),
        (event("mail.delivered", 1, outgoing=1, action="expanded"), ["accepted", "relayed"]),
        (event("mail.clicked", 1, outgoing=1, trust="likely"), ["accepted", "clicked"]),
        (event("mail.clicked", 1, outgoing=1, trust="none"), ["accepted"]),
        (event("mail.opened", 1, outgoing=1, trust="likely"), ["accepted"]),
        (event("mail.read", 1, outgoing=1), ["accepted", "read"]),
        (event("mail.read", 1, outgoing=2), ["accepted"]),
        (event("reply.promise", 1, letter="l1"), ["accepted", "replied"]),
        (event("reply.promise", 1, outgoing=1, by="page"), ["accepted", "replied"]),
        (event("reply.promise", 1, outgoing=2, by="page"), ["accepted"]),
        (event("reply.out_of_office", 1, letter="l1"), ["accepted"]),
        (event("reply.promise", -1, letter="l1"), ["accepted"]),
        (event("bank.payment", 1), ["accepted"]),
    ],
)  # fmt: skip
def test_each_report_is_its_rung(happened: Event, reached: list[str]) -> None:
    assert rungs(happened) == reached


def test_rungs_stand_in_order_whatever_came_first() -> None:
    read = event("mail.read", 1, outgoing=1)
    delivered = event("mail.delivered", 2, outgoing=1)

    assert rungs(read, delivered) == ["accepted", "delivered", "read"]
    assert proofs([SENT, read, delivered])[0].words("en") == "read receipt"


def test_an_answer_counts_for_the_last_mail_before_it() -> None:
    second = event("mail.sent", 5, outgoing=2)

    first, last = proofs([SENT, second, event("reply.paid", 6, letter="l1")])

    assert (first.best, last.best) == ("accepted", "replied")


@pytest.mark.parametrize(
    ("name", "said"), [("mail.bounced", "revenu"), ("mail.complained", "signalé comme indésirable")]
)
def test_what_failed_is_said_above_all(name: str, said: str) -> None:
    [proof] = proofs([SENT, event("mail.delivered", 1, outgoing=1), event(name, 2, outgoing=1)])

    assert proof.words("fr") == said
