"""Which step of the ladder an invoice has come to. Never climbed down, nothing caught up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from mailbot.model import Event, InvoiceFacts
from mailbot.rules.balance import in_order
from mailbot.rules.conditions import Sink, run_all
from mailbot.rules.language import Profile, Rules, Step
from mailbot.rules.state import Scene, State

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Place:
    """Where an invoice stands: the step that is due now, and the days on which that can change."""

    invoice: InvoiceFacts
    step: Step | None = None
    forced: Event | None = None
    """The owner's order that makes it due now."""
    refused: Event | None = None
    """The owner's order that cannot be followed."""
    days: list[date] = field(default_factory=list)
    left: bool = False
    """Some step above the last one sent can still come."""


class Climb:
    """Phase (e) for one client: the ladder of its profile, looked at for one invoice after the other."""

    def __init__(self, rules: Rules, profile: Profile, state: State, sink: Sink, *, shadow: bool) -> None:
        modes = ("live", "shadow") if shadow else ("live",)
        self.profile = profile
        self.state = state
        self.sink = sink
        self.ranks = {step.id: step.rank for step in rules.steps}
        self.steps = [step for step in rules.steps if step.id not in profile.skip and step.mode in modes]

    def place(self, invoice: InvoiceFacts, *, escalate: int) -> Place:
        """The strongest step whose time has come, with everything it asks for fulfilled."""
        sent = self.state.level(invoice.number)
        level = max([self.ranks.get(step, 0) for step in sent], default=0)
        skipped = self.state.skipped(invoice) if "owner.skipped" in self.state.named else {}
        had = {**skipped, **sent} if skipped else sent  # what waits for a skipped step counts from the order
        steps = [step for step in self._usable(invoice) if step.id not in skipped]
        place = Place(invoice)
        if order := _order_to_send(self.state, invoice):
            place.step = _next_by_order(order, self.state, invoice, steps, level, had)
            if place.step is not None:
                place.forced = order
                place.left = True
                name, line = f"step {place.step.id}", place.step.line
                self.sink.append((name, True, "owner.sent_now", line, 0, invoice))
                return place
            place.refused = order
        reached = self._escalated(place, steps, had, escalate) if escalate else -1
        for n in range(len(steps) - 1, -1, -1):
            step = steps[n]
            if step.rank <= level:
                break
            begins = start(self.profile, step, invoice, had, self.state)
            if begins is not None and begins <= self.state.day:
                reached = max(reached, n)
            if _is_due(begins, self.state, step, place, self.sink, had, reached=n <= reached):
                place.step = step
                break
        return place

    def _escalated(self, place: Place, steps: Sequence[Step], had: Mapping[str, date], escalate: int) -> int:
        """So many steps further than the dates say; -1 where no date has come."""
        starts = [start(self.profile, step, place.invoice, had, self.state) for step in steps]
        place.days += [begins for begins in starts if begins is not None and begins > self.state.day]
        come = [n for n, begins in enumerate(starts) if begins is not None and begins <= self.state.day]
        return come[-1] + escalate if come else -1

    def _usable(self, invoice: InvoiceFacts) -> Sequence[Step]:
        """Without those that the owner has refused."""
        if "owner.answered" not in self.state.named:
            return self.steps
        answers = ((step, approval(self.state, step.id, invoice.number)) for step in self.steps)
        return [step for step, answer in answers if answer is None or answer.data.get("yes") is True]


def start(profile: Profile, step: Step, invoice: InvoiceFacts, had: Mapping[str, date], state: State) -> date | None:
    """When a step's date comes; None while the step it counts from has not been sent.

    After the due date the profile's shift moves it, unless the profile gives the date itself.
    """
    when = profile.steps.get(step.id, step.when)
    base = _anchor(when.anchor, invoice, had)
    if base is None:
        return None
    day = when.from_day(base, state.calendar)
    own = step.id in profile.steps or when.anchor not in ("due", "issued")
    return day if own or day <= invoice.due else state.calendar.shifted(day, profile.shift)


def _anchor(anchor: str, invoice: InvoiceFacts, had: Mapping[str, date]) -> date | None:
    if anchor == "due":
        return invoice.due
    return invoice.issued if anchor == "issued" else had.get(anchor)


def approval(state: State, what: str, lead: str) -> Event | None:
    """The owner's last word on a step that asks for a yes, if it is newer than its last cancellation."""
    answers = [
        e
        for e in state.named.get("owner.answered", ())
        if e.data.get("approves") == what and e.data.get("lead") == lead
    ]
    if not answers:
        return None
    last = answers[-1]
    cancelled = [
        e for e in state.named.get("mail.cancelled", ()) if e.data.get("what") == what and e.data.get("lead") == lead
    ]
    refused = last.data.get("yes") is not True
    return last if refused or not cancelled or in_order(last) > in_order(cancelled[-1]) else None


def _is_due(
    begins: date | None,
    state: State,
    step: Step,
    place: Place,
    sink: Sink,
    had: Mapping[str, date],
    *,
    reached: bool,
) -> bool:
    invoice = place.invoice
    at = len(sink)
    day = state.day
    result, detail = False, ""
    if step.expires is not None and (base := _anchor(step.expires.anchor, invoice, had)) is not None:
        last = step.expires.from_day(base, state.calendar)
        if day > last:
            sink.append((f"step {step.id}", False, f"expired {last.isoformat()}", step.line, 0, invoice))
            return False
    place.left = True
    if begins is None or (begins > day and not reached):
        detail = f"from {begins.isoformat()}" if begins is not None else f"after {step.when.anchor}"
        if begins is not None:
            place.days.append(begins)
    elif step.after is not None and step.after.anchor not in had:
        detail = f"after {step.after.anchor}: not sent"
    elif step.after is not None and (free := step.after.from_day(had[step.after.anchor], state.calendar)) > day:
        detail = f"after {step.after.anchor}: from {free.isoformat()}"
        place.days.append(free)
    else:
        met = run_all(step.tests, Scene(state, invoice), sink)
        result = met is True
        detail = f"since {begins.isoformat()}"
        if not result:
            place.days.append(day + _DAY)
        sink.insert(at, (f"step {step.id}", met, detail, step.line, 0, invoice))
        return result
    sink.append((f"step {step.id}", result, detail, step.line, 0, invoice))
    return result


def _order_to_send(state: State, invoice: InvoiceFacts) -> Event | None:
    """The owner's newest order to send now that no mail has followed; without an invoice, for the oldest."""
    for order in reversed(state.named.get("owner.sent_now", ())):
        if order.invoice is None and state.open[0].number != invoice.number:
            continue
        if order.invoice not in (None, invoice.number):
            continue
        followed = any(
            in_order(m.event) > in_order(order) and (m.lead == invoice.number or invoice.number in m.levels)
            for m in state.mails
        )
        return None if followed else order
    return None


def _next_by_order(
    order: Event,
    state: State,
    invoice: InvoiceFacts,
    usable: Sequence[Step],
    level: int,
    had: Mapping[str, date],
) -> Step | None:
    """The step the owner named, else the next one: dates are waived, the steps before it are not."""
    named = order.data.get("step")
    for step in usable:
        if step.rank <= level or (step.after is not None and step.after.anchor not in had):
            continue
        if named:
            if step.id == named:
                return step
            continue
        base = _anchor(step.expires.anchor, invoice, had) if step.expires is not None else None
        late = step.expires is not None and base is not None and state.day > step.expires.from_day(base, state.calendar)
        if step.mail is not None and not late:
            return step
    return None
