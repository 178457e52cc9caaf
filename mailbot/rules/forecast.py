"""What is to come if nothing happens: the same decision on coming days, each mail taken as sent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from mailbot.model import ClientFacts, Decision, Event, Verdict
from mailbot.rules.decide import decide
from mailbot.rules.language import Rules


def forecast(
    rules: Rules,
    client: ClientFacts,
    events: Sequence[Event],
    day: date,
    days: int,
    *,
    shadow: bool = False,
    decided: Decision | None = None,
) -> list[Decision]:
    """The decisions from `day` on, one a day, for so many days.

    Mails that wait for the owner's yes are taken as not sent, so that they come back each day. The bank is
    taken to be read on; answers, bounces and payments to come are not known. `decided`: the decision of the first day,
    where it was made already.
    """
    known = [event for event in events if event.day <= day]
    found = []
    through = _bank_lag(known, day)
    for n in range(days):
        today = day + timedelta(days=n)
        if n and through is not None:
            known.append(_read_bank(today, today - through))
        first = decided if n == 0 else None
        decision = first if first is not None else decide(rules, client, known, today, shadow=shadow)
        found.append(decision)
        if decision.verdict in (Verdict.SEND, Verdict.ACT) and not decision.approval:
            known.append(as_sent(decision))
    return found


def as_sent(decision: Decision, at: datetime | None = None) -> Event:
    """The event that sending it would record (of an act: having done it)."""
    name = "act.done" if decision.verdict is Verdict.ACT else "mail.sent"
    if decision.mode == "shadow" and name == "mail.sent":
        name = "mail.shadowed"
    return Event(
        id=f"{name}/{decision.client}/{decision.what}/{decision.lead}/{decision.day.isoformat()}",
        name=name,
        at=at or datetime.combine(decision.day, time(12), UTC),
        day=decision.day,
        client=decision.client,
        invoice=decision.lead,
        data={
            "what": decision.what,
            "mail": decision.mail,
            "lead": decision.lead,
            "levels": dict(decision.levels),
            "invoices": [*decision.invoices],
            "to": decision.use_contact,
            "tone": decision.tone,
            "trigger": decision.trigger,
            "generation": decision.generation,
        },
    )


def _bank_lag(events: Sequence[Event], day: date) -> timedelta | None:
    """How old the bank's data is on the first day; it is assumed to stay so."""
    read = [str(e.data.get("through")) for e in events if e.name == "bank.statement"]
    try:
        return day - date.fromisoformat(max(read)[:10]) if read else None
    except ValueError:
        return None


def _read_bank(day: date, through: date) -> Event:
    return Event(
        id=f"bank.statement/forecast/{day.isoformat()}",
        name="bank.statement",
        at=datetime.combine(day, time(0), UTC),
        day=day,
        data={"through": through.isoformat()},
    )
