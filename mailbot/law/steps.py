"""What the events of a claim tell its clocks: promises in writing, money, and the legal steps that the owner recorded.

Of each step the last word counts and not the latest day: who mistyped a day records the right one after it. A promise
begins a limitation anew only where it is an acknowledgement that nobody can doubt (C. civ. 2240): in writing, by the
debtor, read for sure or confirmed by the owner, and in a letter that neither disputes the debt nor says that it is
paid. In doubt the earlier day stands, which is the safe one to act by.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mailbot.law.clocks import Happened
from mailbot.model import Event

RECORDED = "legal.recorded"
"""The event of a legal step that the owner recorded: `step` is a kind of `clocks.Kind`, "bodacc" or
"insolvency_opened", `date` its day.
"""

SURE = 0.8
"""The confidence from which on a promise that mailbot read by itself is one; a language model's reading has less."""

_AGAINST = frozenset({"reply.dispute", "reply.refusal", "reply.paid", "reply.unclear"})
"""What makes a promise of the same letter doubtful."""


def happened(events: Iterable[Event], number: str) -> tuple[Happened, ...]:
    """What the events tell the clocks about an invoice, in the order of events.

    A promise that the owner noted may have been by telephone and counts for nothing; so does money that went back.
    """
    known = [event for event in events if event.invoice in (number, None)]
    gone = {(str(e.data.get("amount")), e.invoice) for e in known if e.name == "bank.reversal"}
    last = {str(e.data.get("step")): e.id for e in known if e.name == RECORDED}
    doubtful = {one.id for one in doubtful_promises(known, number)}
    found: list[Happened] = []
    for event in known:
        kind = _kind(event, gone)
        if kind is None or event.id in doubtful or (event.name == RECORDED and last[kind] != event.id):
            continue
        found.append(Happened(_of(event, "paid_on") or _of(event, "date") or event.day, kind))
    return tuple(found)


def doubtful_promises(events: Sequence[Event], number: str) -> list[Event]:
    """Written promises about an invoice that are no acknowledgement beyond doubt, so that the earlier day stands."""
    against: dict[object, set[str]] = {}
    for event in events:
        if event.name in _AGAINST and event.data.get("letter") is not None and event.data.get("by") != "owner":
            against.setdefault(event.data["letter"], set()).add(event.name)
    return [
        event
        for event in events
        if event.name == "reply.promise" and event.invoice in (number, None) and not _is_sure(event, against)
    ]


def recorded(events: Iterable[Event], number: str, step: str) -> date | None:
    """The day of a legal step as the owner last recorded it, for an invoice or for all of the client's."""
    days = [
        _of(event, "date") or event.day
        for event in events
        if event.name == RECORDED and event.invoice in (number, None) and event.data.get("step") == step
    ]
    return days[-1] if days else None


def _is_sure(promise: Event, against: Mapping[object, set[str]]) -> bool:
    """The owner's word counts; else a sure reading of a letter that says nothing against it.

    A button of the page that a mail leads to does not count: its address may have been passed on.
    """
    if promise.invoice is None:
        return False
    by, confidence = promise.data.get("by"), promise.data.get("confidence")
    if by == "owner":
        return True
    letter = promise.data.get("letter")
    sure = isinstance(confidence, int | float) and confidence >= SURE
    return sure and by is None and letter is not None and letter not in against


def _kind(event: Event, gone: set[tuple[str, str | None]]) -> str | None:
    if event.name == RECORDED:
        return str(event.data.get("step"))
    if event.name == "reply.promise":
        return "written_promise"
    paid = event.name == "bank.payment" or (event.name == "owner.paid" and event.data.get("amount") is not None)
    if paid and (str(event.data.get("amount")), event.invoice) not in gone:
        return "part_payment"
    return None


def _of(event: Event, key: str) -> date | None:
    value = event.data.get(key)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
