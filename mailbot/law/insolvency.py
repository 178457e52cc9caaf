"""What the events of a client tell of insolvency proceedings: since when, and how surely that day is known.

mailbot hears of proceedings from a mail, or from the owner. The judgment is what counts (C. com. L622-28, L622-24); its
day and the day of its publication in BODACC are the owner's to tell. Until then the earliest day that is known stands
for it, and the explanation says that the judgment came before.
"""

from collections.abc import Sequence
from datetime import date

from mailbot.law.debt import Opening
from mailbot.law.steps import recorded
from mailbot.model import Event

HEARD = "reply.insolvency"
OPENED = "insolvency_opened"
PUBLISHED = "bodacc"

SETTLED = frozenset({"owner.resolved", "owner.cancelled", "owner.written_off"})
"""What an owner says that ends what a mail began; proceedings that were heard of end by `_GO_ON`, as for reminders."""
_GO_ON = frozenset({"owner.resumed", "owner.sent_now"})


def opening(events: Sequence[Event]) -> Opening | None:
    """Of one client, from its events in order, without what the owner took back; None where nothing is known.

    A day that the owner recorded stands until it is taken back; what was only heard of, until the owner settles it.
    """
    judgment = recorded(events, "", OPENED)
    if judgment is not None:
        return Opening(judgment)
    published, first = recorded(events, "", PUBLISHED), heard(events)
    if published is not None and (first is None or published <= first):
        return Opening(published, "published")
    return Opening(first, "heard") if first is not None else None


def heard(events: Sequence[Event]) -> date | None:
    """When proceedings were first heard of, if nothing of the owner settled that since."""
    found = standing(events, HEARD)
    return found.day if found is not None else None


def standing(events: Sequence[Event], name: str) -> Event | None:
    """The first event of that name that nothing of the owner settled since."""
    found = None
    for event in events:
        if event.name == name and found is None:
            found = event
        elif found is not None and _settles(event, found):
            found = None
    return found


def _settles(event: Event, found: Event) -> bool:
    if event.name == "owner.answered":
        about = event.data.get("events")
        answered = [event.data.get("event"), *(about if isinstance(about, list) else ())]
        return event.data.get("go_on") is True and found.id in answered
    names = _GO_ON if found.name == HEARD else SETTLED
    return event.name in names and event.invoice in (None, found.invoice)
