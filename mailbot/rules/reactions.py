"""What the signals change for each open invoice: pauses, tone, escalation, mails, alerts to the owner.

Reactions never compete: the longest pause, the firmest tone and the highest escalation win, alerts add up.
Beside the reactions of the file, some things always silence the bot: a promise until its day, a dispute, the
owner's pause, and any answer of the client that no reaction speaks of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from mailbot.model import JSON, Alert, Event, InvoiceFacts
from mailbot.rules.balance import ZERO, in_order
from mailbot.rules.conditions import Check, Sink, run_all
from mailbot.rules.holds import ended
from mailbot.rules.language import Reaction, Rules
from mailbot.rules.signals import CARRIED, LASTING, SIGNALS
from mailbot.rules.state import AUTOMATIC, Scene, State, read_day
from mailbot.rules.wording import say

_DAY = timedelta(days=1)
_SAYS_NOTHING = frozenset({"reply.promise", "reply.auto_reply"})
"""Answers that hold nothing where no reaction speaks of them: promises silence by themselves, receipts never."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Why an invoice is left alone: until a day (the last silent one), or until the owner decides (None)."""

    code: str
    label: str
    until: date | None
    event: str | None
    line: int | None = None


@dataclass(slots=True)
class Effects:
    """What the signals mean for one open invoice."""

    invoice: InvoiceFacts
    silences: list[Silence] = field(default_factory=list)
    tones: list[str] = field(default_factory=list)
    escalate: int = 0
    mails: list[tuple[Event, Reaction, str]] = field(default_factory=list)
    """(trigger, reaction, template)"""

    @property
    def silence(self) -> Silence | None:
        """The longest one."""
        return max(self.silences, key=lambda s: (s.until is None, s.until or date.min, s.code), default=None)


@dataclass(slots=True)
class Reacted:
    effects: dict[str, Effects]
    alerts: list[Alert] = field(default_factory=list)
    again: bool = False
    """A reaction whose conditions count days does not hold yet, but may tomorrow."""


def short(name: str) -> str:
    """The code of a signal: "reply.dispute" is dispute, "promise.broken" promise_broken."""
    room, _, what = name.partition(".")
    return f"promise_{what}" if room == "promise" else what


def react(rules: Rules, state: State, sink: Sink, *, shadow: bool) -> Reacted:
    """Phase (d): all reactions on all open invoices."""
    result = Reacted({invoice.number: Effects(invoice) for invoice in state.open})
    if not state.named:
        return result
    _owner_silences(rules, state, result)
    _promise_silences(rules, state, result)
    answered: set[str] = set()
    modes = ("live", "shadow") if shadow else ("live",)
    for reaction in rules.reactions:
        if reaction.signal in state.named and reaction.mode in modes:
            for effects in result.effects.values():
                _apply(reaction, state, effects, result, sink, answered)
    _unanswered(rules, state, result, answered)
    return result


# ----------------------------------------------------------------------------------- reactions of the file


def _apply(
    reaction: Reaction,
    state: State,
    effects: Effects,
    result: Reacted,
    sink: Sink,
    answered: set[str],
) -> None:
    """The newest signal counts, and each older one of another letter that the owner has still to decide about."""
    invoice = effects.invoice
    spoken: list[JSON] = []  # letters
    for event in reversed(state.named[reaction.signal]):
        if reaction.tone is not None and event.data.get("trust") == "none":
            continue  # a machine looked: no reason to write in another tone
        if not _covers(state, event, invoice, reaction.scope):
            continue
        letter, over = event.data.get("letter", event.id), ended(state, event, invoice.number)
        if spoken and (over or letter in spoken):
            continue
        at = len(sink)
        fires = run_all(reaction.tests, Scene(state, invoice, event), sink)
        detail = f"{reaction.signal} {event.day.isoformat()}"
        sink.insert(at, (f"reaction {reaction.id}", fires, detail, reaction.line, 0, invoice))
        result.again = result.again or (fires is not True and counts_days(reaction.tests))
        if fires is False:
            continue
        answered.add(event.id)
        spoken.append(letter)
        if fires or reaction.pause is not None:
            _fire(reaction, event, state, effects, result, unknown=fires is None)
        if not over and not _waits_for_owner(reaction):
            return


def _waits_for_owner(reaction: Reaction) -> bool:
    return reaction.pause is not None and reaction.pause.until is None and reaction.pause.length is None


def _fire(
    reaction: Reaction,
    event: Event,
    state: State,
    effects: Effects,
    result: Reacted,
    *,
    unknown: bool,
) -> None:
    invoice = effects.invoice
    over = ended(state, event, invoice.number)
    silent = None
    if reaction.pause is not None and not over:
        silent = _silence(reaction, event, state, unknown=unknown)
        if silent is not None:
            effects.silences.append(silent)
    if (reaction.alert and not over and _still_news(state, event)) or (silent is not None and silent.until is None):
        waits = silent is not None and silent.until is None
        _alert(result, Alert(short(event.name), event.invoice, event.id, reaction.label, waits))
    if unknown:
        return
    if reaction.tone is not None:
        effects.tones.append(reaction.tone)
    if _is_about(event, invoice):
        effects.escalate = max(effects.escalate, reaction.escalate)
        template = reaction.send or reaction.then_send
        if (
            template is not None
            and not over
            and not (reaction.then_send and silent)
            and _wanted(state, reaction, event)
        ):
            effects.mails.append((event, reaction, template))


def _silence(reaction: Reaction, event: Event, state: State, *, unknown: bool) -> Silence | None:
    """The pause that a reaction asks for, if it is not over on the day."""
    pause, code, label = reaction.pause, short(event.name), reaction.label
    if pause is None:
        return None
    if unknown or (pause.until is None and pause.length is None):
        return Silence(code, label, None, event.id, reaction.line)
    limit = None
    if reaction.max_pause is not None:
        limit = state.calendar.shifted(event.day, reaction.max_pause.count, business=reaction.max_pause.business)
    if pause.length is not None:
        last: date | None = state.calendar.shifted(event.day, pause.length.count, business=pause.length.business) - _DAY
    elif pause.until is not None and event.name != "reply.promise":
        anchor = read_day(event.data.get(CARRIED[pause.until.anchor][1]))
        last = pause.until.from_day(anchor, state.calendar) if anchor is not None else limit
    else:
        return None  # a promise with its day silences by itself
    if last is None:
        return Silence(code, label, None, event.id, reaction.line)
    last = min(last, limit) if limit is not None else last
    if last < state.day and reaction.check and (state.bank_through is None or state.bank_through <= event.day):
        last = state.day  # the bank has not been read since
    return Silence(code, label, last, event.id, reaction.line) if last >= state.day else None


def _wanted(state: State, reaction: Reaction, event: Event) -> bool:
    """Not sent yet for this signal, and not overtaken by what the client wrote since."""
    if any(m.what == reaction.id and m.trigger == event.id and m.lost is None for m in state.mails):
        return False
    if not event.name.startswith("reply."):
        return True
    return not any(
        e.name.startswith("reply.")
        and e.name not in AUTOMATIC
        and in_order(e) > in_order(event)
        and e.data.get("letter", e.id) != event.data.get("letter", event.id)
        and (e.invoice is None or event.invoice is None or e.invoice == event.invoice)
        for e in state.events
    )


def _still_news(state: State, event: Event) -> bool:
    """A bounce is old news once a later mail went out or the owner changed the contact."""
    if event.name != "mail.bounced":
        return True
    later = [m.event for m in state.mails if m.lost is None] + list(state.named.get("owner.contact", ()))
    return not any(in_order(e) > in_order(event) for e in later)


def counts_days(checks: Iterable[Check]) -> bool:
    """Whether the answer of these conditions may be another one tomorrow, though nothing happens."""
    return any(SIGNALS[name].type == "days" for check in checks for name in check.signals)


# ------------------------------------------------------------------------------------ what always silences


def _owner_silences(rules: Rules, state: State, result: Reacted) -> None:
    for event in state.named.get("owner.dispute", ()):
        for effects in result.effects.values():
            number = effects.invoice.number
            if _covers(state, event, effects.invoice, "invoice") and not ended(state, event, number):
                effects.silences.append(Silence("dispute", say(rules.language, "label_dispute"), None, event.id))
    pauses = list(state.named.get("owner.paused", ()))
    for n, event in enumerate(pauses):
        replaced = any((e.client, e.invoice) == (event.client, event.invoice) for e in pauses[n + 1 :])
        last = _last_silent_day(state, event)
        if replaced or last < state.day:
            continue
        for effects in result.effects.values():
            if event.invoice in (None, effects.invoice.number) and not _resumed(state, event, effects.invoice.number):
                until = None if last == date.max else last
                effects.silences.append(Silence("paused", say(rules.language, "label_paused"), until, event.id))


def _last_silent_day(state: State, event: Event) -> date:
    """Of the owner's pause: `until` is the last one, `resume_on` the first day after; date.max: no end."""
    if until := read_day(event.data.get("until")):
        return until
    if resume := read_day(event.data.get("resume_on")):
        return state.calendar.shifted(resume, -1)
    days = event.data.get("days")
    if isinstance(days, int | str) and str(days).isascii() and str(days).isdigit():
        return state.calendar.shifted(event.day, min(int(str(days)[:6]), 99999) - 1)
    return date.max


def _resumed(state: State, pause: Event, number: str) -> bool:
    """What is resumed for all does not end a pause of one client, nor the other way round."""
    for_all = pause.client is None and pause.invoice is None
    return any(
        in_order(e) > in_order(pause)
        and (e.client is None and e.invoice is None) == for_all
        and e.invoice in (None, number)
        for e in state.named.get("owner.resumed", ())
    )


def _promise_silences(rules: Rules, state: State, result: Reacted) -> None:
    reaction = next((r for r in rules.reactions if r.signal == "reply.promise" and r.mode == "live"), None)
    label = reaction.label if reaction is not None else say(rules.language, "label_promise")
    for promise in state.promises if state.named.get("reply.promise") or state.named.get("owner.promise") else ():
        event = promise.event
        if promise.outcome == "replaced" or (promise.deadline is not None and promise.deadline < state.day):
            continue
        covered = [e for n, e in result.effects.items() if n in promise.invoices]
        covered = [e for e in covered if not ended(state, event, e.invoice.number)]
        for effects in covered:
            line = reaction.line if reaction is not None else None
            effects.silences.append(Silence("promise", label, promise.deadline, event.id, line))
        if not covered or event.name != "reply.promise":
            continue
        if promise.day is None:
            _alert(result, Alert("promise_without_date", event.invoice, event.id, label))
        elif reaction is not None and reaction.max_pause is not None:
            limit = reaction.max_pause
            if promise.day > state.calendar.shifted(event.day, limit.count, business=limit.business):
                text = say(rules.language, "promise_too_late", date=promise.day)
                _alert(result, Alert("promise_too_late", event.invoice, event.id, text, waits=False))


def _unanswered(rules: Rules, state: State, result: Reacted, answered: set[str]) -> None:
    """An answer that no reaction speaks of: wait for the owner."""
    for event in state.events:
        if not event.name.startswith("reply.") or event.name in _SAYS_NOTHING:
            continue
        for number, effects in result.effects.items():
            if event.id in answered or not _covers(state, event, effects.invoice, "client"):
                continue
            if _superseded(state, event, answered) or ended(state, event, number):
                continue
            label = say(rules.language, "label_unanswered", signal=event.name)
            effects.silences.append(Silence(short(event.name), label, None, event.id))
            _alert(result, Alert(short(event.name), event.invoice, event.id, label))


def _superseded(state: State, event: Event, answered: set[str]) -> bool:
    """A newer answer of the same kind has its reaction, which then speaks for the older one too."""
    return any(e.id in answered and in_order(e) > in_order(event) for e in state.named.get(event.name, ()))


# ---------------------------------------------------------------------------------------------- who is meant


def _covers(state: State, event: Event, invoice: InvoiceFacts, scope: str) -> bool:
    """Whether a signal reaches an invoice. It dies with the payment of what it was about, unless it lasts."""
    if scope == "invoice":
        return _is_about(event, invoice)
    if event.name in LASTING:
        return True
    if event.invoice is not None:
        return state.amount(event.invoice) > ZERO
    return any(_is_about(event, other) for other in state.open)


def _is_about(event: Event, invoice: InvoiceFacts) -> bool:
    covers = event.data.get("covers")
    if isinstance(covers, Sequence) and not isinstance(covers, str):
        return invoice.number in covers
    return event.invoice == invoice.number if event.invoice is not None else invoice.issued <= event.day


def _alert(result: Reacted, alert: Alert) -> None:
    if not any((a.code, a.event) == (alert.code, alert.event) for a in result.alerts):
        result.alerts.append(alert)


def firmest(tones: Iterable[str], order: Sequence[str]) -> str:
    """The firmest of some tones; `order` names them mildest first."""
    return max(tones, key=lambda tone: order.index(tone) if tone in order else -1)
