"""One client's days lived through: each day one decision, each mail taken as sent. For tests and simulations.

The day is decided at noon: what happens before noon is known by then, what happens later counts from the next day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from mailbot.model import ClientFacts, Decision, Event, Verdict
from mailbot.rules.balance import in_order
from mailbot.rules.decide import decide
from mailbot.rules.forecast import as_sent
from mailbot.rules.language import Rules

Approvals = Literal["given", "refused", "waiting"]
BankRead = Callable[[date], date | None]
"""The last day that the bank statements cover, as known on a day; None: no statement was ever read."""

_DAY = timedelta(days=1)
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail or act that was carried out; `asked`: the owner's yes was needed, and given."""

    decision: Decision
    asked: bool


@dataclass(slots=True)
class Lived:
    """The first decision of each day that was looked at, what was sent, and all that is known in the end."""

    decisions: list[Decision] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    known: list[Event] = field(default_factory=list)


def read_daily(day: date) -> date | None:
    """A bank that is read every morning, up to that day."""
    return day


def live(
    rules: Rules,
    client: ClientFacts,
    events: Sequence[Event],
    start: date,
    until: date,
    *,
    approvals: Approvals = "given",
    bank: BankRead = read_daily,
    known: Sequence[Event] = (),
    every_day: bool = True,
    shadow: bool = False,
) -> Lived:
    """Decide on the days from `start` to `until`, both included.

    `events` happen on their day; `known` are those that happened before all this. `approvals`: what the owner
    answers, on the same day. `every_day` False looks only on days when something happens or that the last
    decision named: quicker, and the same mails.
    """
    lived = Lived(known=[e for e in known if e.name != "bank.statement"])
    waiting = sorted((e for e in events if e.name != "bank.statement"), key=in_order, reverse=True)
    look, day = start, start
    billed = {invoice.issued for invoice in client.invoices}
    while day <= until:
        if _take(waiting, lived.known, day, before_noon=True) or every_day or day >= look or day in billed:
            look = _one_day(rules, client, lived, day, approvals, bank(day), shadow=shadow)
        if _take(waiting, lived.known, day, before_noon=False):
            look = day + _DAY
        day += _DAY
    return lived


def _take(waiting: list[Event], known: list[Event], day: date, *, before_noon: bool) -> bool:
    """Let the events of the day happen; whether there were any."""
    found = False
    while waiting and waiting[-1].day <= day:
        if before_noon and waiting[-1].day == day and waiting[-1].at.time() >= _NOON:
            break
        known.append(waiting.pop())
        found = True
    return found


def _one_day(
    rules: Rules,
    client: ClientFacts,
    lived: Lived,
    day: date,
    approvals: Approvals,
    through: date | None,
    *,
    shadow: bool,
) -> date:
    """Decide, ask and send; the day on which to look again."""
    read = [statement(day, through)] if through is not None else []
    decision = decide(rules, client, [*lived.known, *read], day, shadow=shadow)
    lived.decisions.append(decision)
    asked = decision.approval
    if asked and approvals != "waiting":
        lived.known.append(_answer(decision, yes=approvals == "given"))
        decision = decide(rules, client, [*lived.known, *read], day, shadow=shadow)
    if decision.verdict in (Verdict.SEND, Verdict.ACT) and not decision.approval:
        lived.sent.append(Sent(decision, asked and lived.decisions[-1].what == decision.what))
        lived.known.append(as_sent(decision))
    return day + _DAY if asked else decision.next or date.max


def statement(day: date, through: date) -> Event:
    """The event of a bank statement read on that day."""
    return Event(
        f"bank.statement/{day.isoformat()}",
        "bank.statement",
        datetime.combine(day, time(0), UTC),
        day,
        data={"through": through.isoformat()},
    )


def _answer(decision: Decision, *, yes: bool) -> Event:
    return Event(
        f"owner.answered/{decision.what}/{decision.lead}/{decision.day.isoformat()}",
        "owner.answered",
        datetime.combine(decision.day, time(11, 30), UTC),
        decision.day,
        decision.client,
        decision.lead,
        {"approves": decision.what, "lead": decision.lead, "yes": yes},
    )
