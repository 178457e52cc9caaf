"""The one decision: what to do for one client on one day. Pure and total; it reads recorded facts and a date.

The phases are always the same: open invoices, profile, holding guards, reactions, steps, consolidation,
delaying guards, approval. A guard can only delay or hold; nothing in the file gets past one.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from mailbot.model import Alert, ClientFacts, Decision, Event, Verdict
from mailbot.rules.balance import in_order
from mailbot.rules.calendar import When
from mailbot.rules.candidates import Candidate, Choosing, lead_of
from mailbot.rules.conditions import Sink, trail
from mailbot.rules.guards import above_ceiling, below_minimum, delay, holding_guard, is_stopped
from mailbot.rules.ladder import Climb, Place
from mailbot.rules.language import Profile, Rules
from mailbot.rules.profiles import choose_profile
from mailbot.rules.reactions import Reacted, counts_days, react
from mailbot.rules.state import State
from mailbot.rules.wording import say

_DAY = timedelta(days=1)
_ACTS = (Verdict.SEND, Verdict.ACT)
PROMISE_GRACE = When("promise.date", 2, business=True)


def decide(rules: Rules, client: ClientFacts, events: Sequence[Event], day: date, *, shadow: bool = False) -> Decision:
    """What the rules say for the client on that day; the same input gives the same bytes.

    Events later than the day are not seen. `shadow`: the business only records what it would have sent, so
    that `mail.shadowed` counts as sent and rules in shadow act too.
    """
    found = _Look(rules, client, events, day, shadow=shadow).decision()
    if shadow or found.verdict in _ACTS or not _has_shadow(rules):
        return found
    tried = _Look(rules, client, events, day, shadow=True).decision()
    if tried.verdict in _ACTS and tried.what in _shadow_ids(rules):
        return tried
    return found


def _has_shadow(rules: Rules) -> bool:
    return any(s.mode == "shadow" for s in rules.steps) or any(r.mode == "shadow" for r in rules.reactions)


def _shadow_ids(rules: Rules) -> set[str]:
    steps = {step.id for step in rules.steps if step.mode == "shadow"}
    return steps | {reaction.id for reaction in rules.reactions if reaction.mode == "shadow"}


class _Look:
    """One look at one client: the phases, each noting its tests in the trace."""

    def __init__(self, rules: Rules, client: ClientFacts, events: Sequence[Event], day: date, *, shadow: bool) -> None:
        self.rules = rules
        self.client = client
        self.day = day
        self.shadow = shadow
        self.state = State(client, events, day, rules.calendar, grace=grace_of(rules), shadow=shadow)
        self.trace: Sink = []
        self.alerts: list[Alert] = []
        self.profile: Profile | None = None
        self.listed: tuple[str, ...] = ()
        self.levels: tuple[tuple[str, str], ...] = ()
        self.days: set[date] = set()
        """Days on which the answer can change."""

    def decision(self) -> Decision:
        state = self.state
        if not state.open:
            return self._answer(Verdict.NOTHING, "nothing_open")
        if (total := below_minimum(self.rules, state)) is not None:
            return self._answer(Verdict.NOTHING, "below_minimum", total=total)
        profile = self.profile = choose_profile(self.rules, state, self.trace)
        held = holding_guard(self.rules, state, self.trace)
        reacted = react(self.rules, state, self.trace, shadow=self.shadow)
        self.alerts += reacted.alerts
        climb = Climb(self.rules, profile, state, self.trace, shadow=self.shadow)
        places = [climb.place(i, escalate=reacted.effects[i.number].escalate) for i in state.open]
        for place in places:
            self.days.update(place.days)
            if place.refused is not None and not reacted.effects[place.invoice.number].silence:
                text = say(self.rules.language, "cannot_send_now")
                self.alerts.append(Alert("cannot_send_now", place.invoice.number, place.refused.id, text, waits=False))
        if is_stopped(state):
            return self._answer(Verdict.HOLD, "stopped")
        choosing = Choosing(self.rules, state, profile, reacted, above_ceiling(self.rules, state))
        candidates = choosing.candidates(places)
        if not candidates:
            return self._quiet(reacted, places)
        lead = lead_of(candidates)
        return self._held(held, lead) or self._delayed(lead) or self._send(lead, candidates, choosing)

    def _send(self, lead: Candidate, candidates: Sequence[Candidate], choosing: Choosing) -> Decision:
        if lead.mail is None:
            listed: tuple[str, ...] = (lead.invoice.number,)
            levels: tuple[tuple[str, str], ...] = ((lead.invoice.number, lead.what),)
        else:
            listed, levels = choosing.consolidated(lead, candidates)
        verdict = Verdict.SEND if lead.mail is not None else Verdict.ACT
        code = "due" if lead.mail is not None else "act"
        if lead.forced:
            code = "sent_now"
        if lead.approval:
            code = "approval"
        self.days.add(self.day + _DAY)
        self.listed, self.levels = listed, levels
        return self._answer(verdict, code, lead=lead)

    def _held(self, code: str | None, lead: Candidate) -> Decision | None:
        if code is None and lead.mail is not None and self.state.contact is None:
            code = "no_contact"
            self.alerts.append(Alert(code, lead.invoice.number, self._last_lost(), self._sentence(code, lead)))
        if code is None and lead.mail is not None and (refusal := self._refusal(lead)) is not None:
            code = "rejected"
            self.alerts.append(Alert(code, lead.invoice.number, refusal.id, self._sentence(code, lead)))
        if code is None:
            return None
        self.days.add(self.day + _DAY)
        return self._answer(Verdict.HOLD, code, lead=lead)

    def _last_lost(self) -> str | None:
        lost = [*self.state.named.get("mail.bounced", ()), *self.state.named.get("mail.rejected", ())]
        return max(lost, key=in_order).id if lost else None

    def _refusal(self, lead: Candidate) -> Event | None:
        """A refusal of this mail that names no address, and that the owner has not answered yet."""
        refusals = [e for e in self._about("mail.rejected", lead) if not isinstance(e.data.get("to"), str)]
        names = ("owner.contact", "owner.sent_now", "owner.resolved", "owner.resumed")
        answers = [e for name in names for e in self.state.named.get(name, ())]
        if not refusals or any(in_order(e) > in_order(refusals[-1]) for e in answers):
            return None
        return refusals[-1]

    def _delayed(self, lead: Candidate) -> Decision | None:
        """No mail before a day; what is no mail may still come before it."""
        found = delay(self.rules, self.state, lead)
        if found is None:
            return None
        acts = found.code != "closed_day" and any(step.action for step in self.rules.steps)
        self.days = {found.first, *(self.days if acts else ())}
        coming = self.rules.calendar.next_open(found.first)
        return self._answer(Verdict.WAIT, found.code, lead=lead, next=coming, why=found.why)

    def _quiet(self, reacted: Reacted, places: Sequence[Place]) -> Decision:
        """Nothing can be sent: say why, the owner's decision first."""
        silences = [(s, e.invoice) for e in reacted.effects.values() if (s := e.silence) is not None]
        after = self.rules.calendar.shifted
        self.days.update(after(s.until, 1) for s, _ in silences if s.until is not None)
        self.days.update(after(i.due, 1) for i in self.state.open)
        if reacted.again or any(counts_days(p.tests) for p in self.rules.profiles):
            self.days.add(self.day + _DAY)
        if silences:
            silence, invoice = min(silences, key=lambda pair: pair[0].until is not None)
            return self._answer(
                Verdict.HOLD if silence.until is None and silence.code != "paused" else Verdict.WAIT,
                silence.code,
                silent=invoice.number,
                label=silence.label,
                until=silence.until,
            )
        return self._answer(Verdict.WAIT, "not_due" if any(p.left for p in places) else "ladder_done")

    # -------------------------------------------------------------------------------- the answer

    def _about(self, name: str, lead: Candidate) -> list[Event]:
        return [
            e
            for e in self.state.named.get(name, ())
            if e.data.get("what") == lead.what and e.data.get("lead") == lead.invoice.number
        ]

    def _generation(self, lead: Candidate) -> str | None:
        """The event that took this mail back after it had been planned, so that it may be planned anew."""
        again = [*self._about("mail.cancelled", lead), *self._about("mail.rejected", lead)]
        again += [
            m.lost
            for m in self.state.mails
            if m.lost is not None and m.what == lead.what and m.lead == lead.invoice.number
        ]
        return max(again, key=in_order).id if again else None

    def _next(self) -> date | None:
        coming = [d for d in self.days if d > self.day]
        return self.rules.calendar.next_open(min(coming)) if coming else None

    def _sentence(self, code: str, lead: Candidate | None, coming: date | None = None, **values: object) -> str:
        language = self.rules.language
        code, _, guard = code.partition(":")
        shown: dict[str, object] = {
            "label": lead.label if lead is not None else guard,
            "lead": lead.invoice.number if lead is not None else "",
            "client": self.client.name,
            "through": self.state.bank_through or "",
            "next": coming or "",
            **values,
        }
        if code == "guard":
            shown["label"] = guard
        if "silent" in values:
            shown["lead"] = values["silent"]
            code = "until" if values["until"] is not None else "paused" if code == "paused" else "owner_decides"
        return say(language, code, **shown)

    def _answer(self, verdict: Verdict, code: str, lead: Candidate | None = None, **values: object) -> Decision:
        contact = self.state.contact
        mode: Literal["live", "shadow"] = "shadow" if self.shadow else "live"
        coming = self._next()
        return Decision(
            client=self.client.id,
            day=self.day,
            verdict=verdict,
            what=lead.what if lead else None,
            mail=lead.mail if lead else None,
            tone=lead.tone if lead else None,
            lead=lead.invoice.number if lead else None,
            invoices=self.listed or ((lead.invoice.number,) if lead else ()),
            levels=self.levels,
            trigger=lead.trigger.id if lead and lead.trigger else None,
            generation=self._generation(lead) if lead else None,
            approval=lead is not None and lead.approval and verdict in (Verdict.SEND, Verdict.ACT),
            attach=lead.attach if lead else (),
            use_contact=contact.email if contact else None,
            alerts=tuple(sorted(self.alerts, key=lambda a: (a.code, a.event or "", a.invoice or ""))),
            reason=self._sentence(code, lead, coming, **values),
            code=code.partition(":")[0],
            trace=trail(self.trace),
            next=coming if verdict is not Verdict.NOTHING else None,
            profile=self.profile.id if self.profile else None,
            mode=mode,
            rules_hash=self.rules.hash,
        )


def grace_of(rules: Rules) -> When:
    """How long after the promised day the client is left in peace: as the reaction to a promise says."""
    for reaction in rules.reactions:
        if reaction.signal == "reply.promise" and reaction.mode == "live" and reaction.pause is not None:
            return reaction.pause.until or PROMISE_GRACE
    return PROMISE_GRACE
