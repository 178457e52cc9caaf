"""The one decision: what to do for one client on one day. Pure and total; it reads recorded facts and a date.

The phases are always the same: open invoices, profile, holding guards, reactions, steps, consolidation,
delaying guards, approval. A guard can only delay or hold; nothing in the file gets past one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from mailbot.model import Alert, ClientFacts, Decision, Event, InvoiceFacts, Verdict
from mailbot.money import write_amount_plain
from mailbot.rules.balance import in_order
from mailbot.rules.calendar import When
from mailbot.rules.conditions import Check, Sink, trail
from mailbot.rules.keys import FORMAL
from mailbot.rules.ladder import Climb, Place, approval
from mailbot.rules.language import Profile, Reaction, Rules, Step
from mailbot.rules.once import once
from mailbot.rules.profiles import base_tone, choose_profile
from mailbot.rules.reactions import Effects, Reacted, counts_days, firmest, react
from mailbot.rules.state import Scene, State
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mail or act that could be done today for one invoice."""

    invoice: InvoiceFacts
    what: str
    label: str
    mail: str | None
    tone: str
    rank: int
    attach: tuple[str, ...]
    approval: bool
    """It still needs the owner's yes."""
    trigger: Event | None = None
    forced: bool = False


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
        if (total := self._below_minimum()) is not None:
            return self._answer(Verdict.NOTHING, "below_minimum", total=total)
        profile = self.profile = choose_profile(self.rules, state, self.trace)
        held = self._holding_guard()
        reacted = react(self.rules, state, self.trace, shadow=self.shadow)
        self.alerts += reacted.alerts
        climb = Climb(self.rules, profile, state, self.trace, shadow=self.shadow)
        places = [climb.place(i, escalate=reacted.effects[i.number].escalate) for i in state.open]
        for place in places:
            self.days.update(place.days)
            if place.refused is not None and not reacted.effects[place.invoice.number].silence:
                text = say(self.rules.language, "cannot_send_now")
                self.alerts.append(Alert("cannot_send_now", place.invoice.number, place.refused.id, text, waits=False))
        candidates = self._candidates(profile, reacted, places)
        if (stopped := self._stopped()) is not None:
            return stopped
        if not candidates:
            return self._quiet(reacted, places)
        lead = self._lead(candidates)
        return self._held(held, lead) or self._delayed(lead) or self._send(lead, candidates, reacted)

    # ------------------------------------------------------------------------------ (a) and (b)

    def _below_minimum(self) -> str | None:
        """The total, written, where all that is open together is below the minimum."""
        if self.rules.guards.min_amount is None:
            return None
        least, currency = self.rules.guards.min_amount
        if any(i.currency != currency for i in self.state.open):
            return None
        total = sum((self.state.amount(i.number) for i in self.state.open), Decimal(0))
        return write_amount_plain(total, currency, self.rules.language) if total < least else None

    @once
    def above_ceiling(self) -> bool:
        """What is open together is above the maximum, or in a currency that cannot be compared with it."""
        if self.rules.guards.max_amount is None:
            return False
        most, currency = self.rules.guards.max_amount
        if any(i.currency != currency for i in self.state.open):
            return True
        return sum((self.state.amount(i.number) for i in self.state.open), Decimal(0)) > most

    # -------------------------------------------------------------------------------------- (c)

    def _holding_guard(self) -> str | None:
        """The sentence code and check of the first guard that holds; an unknown answer holds as well."""
        scene = Scene(self.state)
        held: list[str] = []
        for check in self.rules.guards.hold_if:
            at = len(self.trace)
            result = check.run(scene, self.trace, 1)
            passed = None if result is None else not result
            self.trace.insert(at, (f"guard {check.text}", passed, "", check.line, 0, None))
            if result is not False:
                held.append(self._guard_code(check))
        if self.client.do_not_contact:
            held.append("do_not_contact")
        if self.state.unexplained:
            held.append("unexplained_credit")
        return held[0] if held else None

    def _guard_code(self, check: Check) -> str:
        if "bank.sync_age" in check.signals:
            return "bank_unknown" if self.state.bank_through is None else "bank_stale"
        if "bank.unexplained" in check.signals:
            return "unexplained_credit"
        if "client.do_not_contact" in check.signals:
            return "do_not_contact"
        return "no_contact" if "client.has_contact" in check.signals else f"guard:{check.text}"

    def _stopped(self) -> Decision | None:
        stops = [e for n in ("owner.stopped", "owner.live") for e in self.state.named.get(n, ())]
        if stops and max(stops, key=in_order).name == "owner.stopped":
            return self._answer(Verdict.HOLD, "stopped")
        return None

    # ------------------------------------------------------------------------------ (d) and (e)

    def _candidates(self, profile: Profile, reacted: Reacted, places: Sequence[Place]) -> list[Candidate]:
        base = base_tone(self.rules, self.state, profile)
        found = []
        for place in places:
            effects = reacted.effects[place.invoice.number]
            if effects.silence is not None:
                continue
            answers = [self._of_reaction(base, effects, e, r, mail) for e, r, mail in effects.mails]
            found += [candidate for candidate in answers if candidate is not None]
            if place.step is not None:
                found.append(self._of_step(profile, base, effects, place, place.step))
        return found

    def _of_reaction(
        self, base: str, effects: Effects, event: Event, reaction: Reaction, mail: str
    ) -> Candidate | None:
        tone = firmest([base, *effects.tones], self.rules.tones)
        asks = self.above_ceiling
        if asks and (answer := approval(self.state, reaction.id, effects.invoice.number)) is not None:
            newer = in_order(answer) > in_order(event)
            if newer and answer.data.get("yes") is not True:
                return None
            asks = not newer
        return Candidate(effects.invoice, reaction.id, reaction.label, mail, tone, 0, (), approval=asks, trigger=event)

    def _of_step(self, profile: Profile, base: str, effects: Effects, place: Place, step: Step) -> Candidate:
        tone = firmest([base, *effects.tones, *([step.tone] if step.tone else [])], self.rules.tones)
        if step.mail in FORMAL:
            tone = self.rules.tones[-1]  # a formal notice is formal, whoever gets it
        asks = step.approve or step.id in profile.approve or (self.above_ceiling and step.mail is not None)
        answer = approval(self.state, step.id, place.invoice.number) if asks else None
        return Candidate(
            place.invoice,
            step.id,
            step.label,
            step.mail,
            tone,
            step.rank,
            step.attach,
            approval=asks and answer is None,
            forced=place.forced is not None,
        )

    # -------------------------------------------------------------------------------------- (f)

    def _lead(self, candidates: Sequence[Candidate]) -> Candidate:
        """A reaction's mail, else the strongest step; what waits for a yes does not stop the others."""
        mails = [c for c in candidates if c.trigger is not None]
        if mails:
            latest = max((in_order(c.trigger)[:2], c.what) for c in mails if c.trigger is not None)
            same = [c for c in mails if c.trigger is not None and (in_order(c.trigger)[:2], c.what) == latest]
            return min(same, key=lambda c: (c.invoice.due, c.invoice.number))
        ready = [c for c in candidates if not c.approval] or list(candidates)
        return min(ready, key=lambda c: (-c.rank, c.invoice.due, c.invoice.number))

    def _send(self, lead: Candidate, candidates: Sequence[Candidate], reacted: Reacted) -> Decision:
        if lead.mail is None:
            listed: tuple[str, ...] = (lead.invoice.number,)
            levels: tuple[tuple[str, str], ...] = ((lead.invoice.number, lead.what),)
        else:
            listed, levels = self._consolidated(lead, candidates, reacted)
        verdict = Verdict.SEND if lead.mail is not None else Verdict.ACT
        code = "due" if lead.mail is not None else "act"
        if lead.forced:
            code = "sent_now"
        if lead.approval:
            code = "approval"
        self.days.add(self.day + _DAY)
        self.listed, self.levels = listed, levels
        return self._answer(verdict, code, lead=lead)

    def _consolidated(
        self, lead: Candidate, candidates: Sequence[Candidate], reacted: Reacted
    ) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """The other invoices that the mail lists; each whose own step is due takes it with this mail."""
        steps = {
            c.invoice.number: c.what
            for c in candidates
            if c.trigger is None and c.mail is not None and not c.approval and lead.trigger is None
        }
        steps.pop(lead.invoice.number, None)
        others = [
            i.number
            for i in self.state.open
            if i.number != lead.invoice.number
            and i.currency == lead.invoice.currency
            and reacted.effects[i.number].silence is None
            and (i.due < self.day or i.number in steps)
        ]
        own = [] if lead.trigger is not None else [(lead.invoice.number, lead.what)]
        return (lead.invoice.number, *others), (*own, *((n, steps[n]) for n in others if n in steps))

    # ------------------------------------------------------------------------------ (c) and (g)

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
        calendar, guards, day = self.rules.calendar, self.rules.guards, self.day
        if (why := calendar.closed(day)) is not None:
            shown = say(self.rules.language, "weekday") if why == "weekday" else why
            return self._later("closed_day", lead, day + _DAY, why=shown)
        if lead.mail is None or not self.state.mails:
            return None
        sent = [m.event.day for m in self.state.mails if m.event.name != "act.done"]
        if day in sent:
            return self._later("sent_today", lead, day + _DAY)
        if sent and not lead.forced:
            free = calendar.shifted(sent[-1], guards.min_gap.count, business=guards.min_gap.business)
            if day < free:
                return self._later("min_gap", lead, free)
        if guards.max_mails is not None:
            most, length = guards.max_mails
            recent = [d for d in sent if d > day - timedelta(days=length)]
            if len(recent) >= most:
                return self._later("max_mails", lead, recent[-most] + timedelta(days=length))
        return None

    def _later(self, code: str, lead: Candidate, first: date, **values: object) -> Decision:
        """No mail before `first`; what is no mail may still come before it."""
        acts = code != "closed_day" and any(step.action for step in self.rules.steps)
        self.days = {first, *(self.days if acts else ())}
        return self._answer(Verdict.WAIT, code, lead=lead, next=self.rules.calendar.next_open(first), **values)

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
