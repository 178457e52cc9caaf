"""What the creditor has to do, and by when, once a client is insolvent or disputes an invoice.

French law: two months from the publication in BODACC for declaring a claim (C. com. R622-24),
three for goods under retention of title (L624-9), six for relief (L622-26). mailbot does not read BODACC: it counts
from the day on which it heard of the proceedings, which is never the earlier of the two, and says so.
"""

import calendar
from collections.abc import Sequence
from datetime import date

from mailbot.evidence.wording import words as words_of
from mailbot.model import Event
from mailbot.money import write_day

Task = tuple[str, str, str]
"""What, by when, and the article it rests on."""

SETTLED = frozenset({"owner.resolved", "owner.cancelled", "owner.written_off"})


def tasks(happened: Sequence[Event], language: str) -> tuple[Task, ...]:
    """Of one client, from its events in order; none where neither stands."""
    insolvent = _standing(happened, "reply.insolvency")
    if insolvent is not None:
        return _insolvency(insolvent.day, language)
    disputed = _standing(happened, "reply.dispute") or _standing(happened, "owner.dispute")
    return _dispute(language) if disputed is not None else ()


def _standing(happened: Sequence[Event], name: str) -> Event | None:
    """The first such event that nothing of the owner settled since."""
    found = None
    for event in happened:
        if event.name == name and found is None:
            found = event
        elif event.name in SETTLED and found is not None and event.invoice in (None, found.invoice):
            found = None
    return found


def _insolvency(heard: date, language: str) -> tuple[Task, ...]:
    words = words_of("tasks", language)

    def by(months: int) -> str:
        return words["claim_by"].format(day=write_day(months_later(heard, months), language))

    limits = (
        ("look", words["today"]), ("declare", by(2)), ("goods", by(3)), ("late", by(6)), ("stop", words["today"]),
    )  # fmt: skip
    return tuple((words[f"insolvency_{name}"], when, words[f"insolvency_{name}_law"]) for name, when in limits)


def _dispute(language: str) -> tuple[Task, ...]:
    words = words_of("tasks", language)
    names = ("answer", "proof", "decide")
    return tuple((words[f"dispute_{name}"], words["soon"], words[f"dispute_{name}_law"]) for name in names)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last (CPC 641): 31 December + 2 months is 28 February."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
