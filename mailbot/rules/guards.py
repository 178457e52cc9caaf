"""The limits of a policy on one day: what ends the matter, what holds every mail, what only delays one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from mailbot.model import ClientFacts, Event
from mailbot.money import write_amount_plain
from mailbot.rules.balance import in_order
from mailbot.rules.calendar import When
from mailbot.rules.candidates import Candidate
from mailbot.rules.conditions import Check, Sink
from mailbot.rules.language import Rules
from mailbot.rules.state import Scene, State
from mailbot.rules.wording import say

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Delay:
    """Why a mail does not leave today: a sentence code, the first day on which it may, what the sentence says."""

    code: str
    first: date
    why: str = ""


def below_minimum(rules: Rules, state: State) -> str | None:
    """The total, written, where all that is open together is below the floor.

    Amounts in another currency than the floor's cannot be compared with it: then it lets pass.
    """
    if rules.guards.min_amount is None:
        return None
    least, currency = rules.guards.min_amount
    if any(i.currency != currency for i in state.open):
        return None
    total = sum((state.amount(i.number) for i in state.open), Decimal(0))
    return write_amount_plain(total, currency, rules.language) if total < least else None


def above_ceiling(rules: Rules, state: State) -> bool:
    """What is open together is above the ceiling, or in a currency that cannot be compared with it."""
    if rules.guards.max_amount is None:
        return False
    most, currency = rules.guards.max_amount
    if any(i.currency != currency for i in state.open):
        return True
    return sum((state.amount(i.number) for i in state.open), Decimal(0)) > most


def holding_guard(rules: Rules, state: State, sink: Sink) -> str | None:
    """The sentence code (and check) of the first guard that holds; an unknown answer holds as well."""
    scene = Scene(state)
    held: list[str] = []
    for check in rules.guards.hold_if:
        at = len(sink)
        result = check.run(scene, sink, 1)
        passed = None if result is None else not result
        sink.insert(at, (f"guard {check.text}", passed, "", check.line, 0, None))
        if result is not False:
            held.append(_code(check, state))
    if state.client.do_not_contact:
        held.append("do_not_contact")
    if state.unexplained:
        held.append("unexplained_credit")
    return held[0] if held else None


def _code(check: Check, state: State) -> str:
    if "bank.sync_age" in check.signals:
        return "bank_unknown" if state.bank_through is None else "bank_stale"
    if "bank.unexplained" in check.signals:
        return "unexplained_credit"
    if "client.do_not_contact" in check.signals:
        return "do_not_contact"
    return "no_contact" if "client.has_contact" in check.signals else f"guard:{check.text}"


def bank_is_stale(rules: Rules, through: date | None, day: date) -> bool:
    """Whether the rules hold every mail on that day because bank data reaches to `through` only; None: there is none.

    Rules that do not look at the age of bank data never wait for it.
    """
    known: list[Event] = []
    if through is not None:
        at = datetime.combine(through, time(), UTC)
        known.append(Event("bank", "bank.statement", at, through, None, None, {"through": through.isoformat()}))
    scene = Scene(State(ClientFacts("", "", ()), known, day, rules.calendar, grace=When("promise.date")))
    about_age = [check for check in rules.guards.hold_if if set(check.signals) == {"bank.sync_age"}]
    return any(check.run(scene, [], 0) is not False for check in about_age)


def is_stopped(state: State) -> bool:
    """The owner's last word on everything was to stop."""
    words = [e for n in ("owner.stopped", "owner.live") for e in state.named.get(n, ())]
    return bool(words) and max(words, key=in_order).name == "owner.stopped"


def delay(rules: Rules, state: State, lead: Candidate) -> Delay | None:
    """Closed days, a mail today or too shortly before, too many mails; an act waits for an open day alone."""
    calendar, guards, day = rules.calendar, rules.guards, state.day
    if (why := calendar.closed(day)) is not None:
        return Delay("closed_day", day + _DAY, say(rules.language, "weekday") if why == "weekday" else why)
    if lead.mail is None or not state.mails:
        return None
    sent = [m.event.day for m in state.mails if m.event.name != "act.done"]
    if day in sent:
        return Delay("sent_today", day + _DAY)
    if sent and not lead.forced:
        free = calendar.shifted(sent[-1], guards.min_gap.count, business=guards.min_gap.business)
        if day < free:
            return Delay("min_gap", free)
    if guards.max_mails is not None:
        most, length = guards.max_mails
        recent = [d for d in sent if d > day - timedelta(days=length)]
        if len(recent) >= most:
            return Delay("max_mails", recent[-most] + timedelta(days=length))
    return None
