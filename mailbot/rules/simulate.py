"""What a policy would do with a real book: coming mails, what another policy moves, what it would have done.

Nothing is sent or written. What nobody can know is not simulated and always said: see `NOT_SIMULATED`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mailbot.model import ClientFacts, Event
from mailbot.rules.keys import FORMAL
from mailbot.rules.language import Rules
from mailbot.rules.state import read_day
from mailbot.rules.timeline import BankRead, Sent, live

NOT_SIMULATED: Mapping[str, str] = {
    "fr": "Non simulé : les réponses, ouvertures, retours et paiements à venir. Votre accord est supposé donné le jour "
    "où il est demandé, et la banque relue au même rythme qu'aujourd'hui.",
    "en": "Not simulated: answers, opens, bounces and payments to come. Your yes is taken as given on the day it is "
    "asked, and the bank as read on at today's pace.",
}
RUSH_DAYS = 7
"""Within so many days a change of the rules must not set off much, unless the owner says yes."""
MANY_CLIENTS = 10
MANY_FORMAL = 3
_OURS = frozenset({"mail.sent", "mail.shadowed", "act.done"})


@dataclass(frozen=True, slots=True)
class Member:
    """One client of a book with all that happened, as known on a day."""

    client: ClientFacts
    events: Sequence[Event]
    day: date


@dataclass(frozen=True, slots=True)
class Planned:
    """One mail or act: whose, when, which, about what. `asks`: the owner's yes is needed."""

    client: str
    name: str
    day: date
    what: str
    lead: str
    invoices: tuple[str, ...]
    tone: str | None
    reason: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A mail that one policy sends and the other does not, or on another day."""

    kind: Literal["appears", "disappears", "moves"]
    before: Planned | None
    after: Planned | None

    @property
    def mail(self) -> Planned:
        """The mail itself: as it will be, else as it was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change is about a mail")
        return found


@dataclass(frozen=True, slots=True)
class Rush:
    """What a change of the rules sets off within RUSH_DAYS."""

    clients: int
    """Clients who are written to and would not be by the rules before."""
    formal: int
    """Formal notices and handovers that are put to the owner and would not be."""

    @property
    def is_large(self) -> bool:
        """So much that the owner is asked first."""
        return self.clients > MANY_CLIENTS or self.formal > MANY_FORMAL


def rush(before: Iterable[Planned], after: Iterable[Planned], day: date, other: Rules) -> Rush:
    """Of two simulations from `day` on, what `after` (by the rules `other`) does at once and `before` does not."""
    formal = {step.id for step in other.steps if {step.mail, step.action} & FORMAL}
    last = day + timedelta(days=RUSH_DAYS)
    old, new = ([mail for mail in mails if mail.day < last] for mails in (before, after))
    written = [{mail.client for mail in mails if mail.tone is not None} for mails in (old, new)]
    notices = [{(mail.client, mail.what, mail.lead) for mail in mails if mail.what in formal} for mails in (old, new)]
    return Rush(len(written[1] - written[0]), len(notices[1] - notices[0]))


def coming(
    rules: Rules, member: Member, days: int, *, events: Sequence[Event] = (), shadow: bool = False
) -> list[Planned]:
    """The mails of so many days from the member's day on, if nothing happens but `events`."""
    day = member.day
    known = [e for e in member.events if e.day <= day]
    lived = live(
        rules, member.client, events, day, day + timedelta(days=days - 1),
        bank=_read_on(known, day), known=known, every_day=False, shadow=shadow,
    )  # fmt: skip
    return [planned(member.client, sent) for sent in lived.sent]


def replayed(rules: Rules, member: Member, days: int, *, shadow: bool = False) -> tuple[list[Planned], list[Planned]]:
    """The last `days` days again: (what was really sent, what these rules would have sent).

    Answers, payments and the owner's orders come on their days as they did; the mails are the rules' own.
    """
    first = member.day - timedelta(days=days)
    before = [e for e in member.events if e.day < first]
    since = [e for e in member.events if first <= e.day <= member.day]
    named = "mail.shadowed" if shadow else "mail.sent"
    really = [_really(member.client, e) for e in since if e.name in (named, "act.done")]
    lived = live(
        rules, member.client, [e for e in since if e.name not in _OURS], first, member.day,
        bank=_read_then(member.events), known=before, every_day=False, shadow=shadow,
    )  # fmt: skip
    return really, [planned(member.client, sent) for sent in lived.sent]


def changes(before: Iterable[Planned], after: Iterable[Planned]) -> list[Change]:
    """What differs, by day; the same mail about the same invoice on another day has moved."""
    old, new = _by_mail(before), _by_mail(after)
    found: list[Change] = []
    for key in {**old, **new}:
        was, will = old.get(key, []), new.get(key, [])
        for n in range(max(len(was), len(will))):
            left = was[n] if n < len(was) else None
            right = will[n] if n < len(will) else None
            if left is None or right is None:
                found.append(Change("appears" if left is None else "disappears", left, right))
            elif left.day != right.day:
                found.append(Change("moves", left, right))
    return sorted(found, key=lambda c: (c.mail.day, c.mail.name, c.mail.what, c.mail.lead))


def _by_mail(mails: Iterable[Planned]) -> dict[tuple[str, str, str], list[Planned]]:
    found: dict[tuple[str, str, str], list[Planned]] = defaultdict(list)
    for mail in mails:
        found[mail.client, mail.what, mail.lead].append(mail)
    return found


def planned(client: ClientFacts, sent: Sent) -> Planned:
    """A mail of a timeline, for people and for comparing."""
    decision = sent.decision
    return Planned(
        client.id, client.name, decision.day, decision.what or "", decision.lead or "", decision.invoices,
        decision.tone if decision.mail else None, decision.reason, sent.asked,
    )  # fmt: skip


def _really(client: ClientFacts, event: Event) -> Planned:
    listed, tone = event.data.get("invoices"), event.data.get("tone")
    invoices = tuple(map(str, listed)) if isinstance(listed, list) else ()
    lead = str(event.data.get("lead") or event.invoice or "")
    what = str(event.data.get("what") or "")
    return Planned(client.id, client.name, event.day, what, lead, invoices, tone if isinstance(tone, str) else None,
                   "", asks=False)  # fmt: skip


def _read_on(events: Sequence[Event], day: date) -> BankRead:
    """The bank read on, as late as it is today."""
    through = _through(events, day)
    if through is None:
        return lambda _: None
    lag = day - through
    return lambda today: today - lag


def _read_then(events: Sequence[Event]) -> BankRead:
    """The bank as it was read on each day."""
    return lambda day: _through(events, day)


def _through(events: Sequence[Event], day: date) -> date | None:
    read = [read_day(e.data.get("through")) for e in events if e.name == "bank.statement" and e.day <= day]
    return max((d for d in read if d is not None), default=None)
