"""What could be done today: for each open invoice its step or an answer; the one that leads, and what it carries."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.model import Event, InvoiceFacts
from mailbot.rules.balance import in_order
from mailbot.rules.keys import FORMAL
from mailbot.rules.ladder import Place, approval
from mailbot.rules.language import Profile, Reaction, Rules, Step
from mailbot.rules.profiles import base_tone
from mailbot.rules.reactions import Effects, Reacted, firmest
from mailbot.rules.state import State


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


@dataclass(frozen=True, slots=True)
class Choosing:
    """One client's candidates. `ceiling`: it owes so much that every mail waits for the owner's yes."""

    rules: Rules
    state: State
    profile: Profile
    reacted: Reacted
    ceiling: bool

    def candidates(self, places: Sequence[Place]) -> list[Candidate]:
        """Phases (d) and (e): answers and steps of all invoices that are not silenced."""
        base = base_tone(self.rules, self.state, self.profile)
        found = []
        for place in places:
            effects = self.reacted.effects[place.invoice.number]
            if effects.silence is not None:
                continue
            answers = [self._of_reaction(base, effects, e, r, mail) for e, r, mail in effects.mails]
            found += [candidate for candidate in answers if candidate is not None]
            if place.step is not None:
                found.append(self._of_step(base, effects, place, place.step))
        return found

    def _of_reaction(
        self, base: str, effects: Effects, event: Event, reaction: Reaction, mail: str
    ) -> Candidate | None:
        tone = firmest([base, *effects.tones], self.rules.tones)
        asks = self.ceiling
        if asks and (answer := approval(self.state, reaction.id, effects.invoice.number)) is not None:
            newer = in_order(answer) > in_order(event)
            if newer and answer.data.get("yes") is not True:
                return None
            asks = not newer
        return Candidate(effects.invoice, reaction.id, reaction.label, mail, tone, 0, (), approval=asks, trigger=event)

    def _of_step(self, base: str, effects: Effects, place: Place, step: Step) -> Candidate:
        tone = firmest([base, *effects.tones, *([step.tone] if step.tone else [])], self.rules.tones)
        if step.mail in FORMAL:
            tone = self.rules.tones[-1]  # a formal notice is formal, whoever gets it
        asks = step.approve or step.id in self.profile.approve or (self.ceiling and step.mail is not None)
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

    def consolidated(
        self, lead: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Phase (f): (the invoices that the mail lists, lead first; the step that it is for each).

        The other overdue invoices of the same currency are listed; one whose own step is due takes it with this mail.
        """
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
            and self.reacted.effects[i.number].silence is None
            and (i.due < self.state.day or i.number in steps)
        ]
        own = [] if lead.trigger is not None else [(lead.invoice.number, lead.what)]
        return (lead.invoice.number, *others), (*own, *((n, steps[n]) for n in others if n in steps))


def lead_of(candidates: Sequence[Candidate]) -> Candidate:
    """A reaction's mail, else the strongest step; what waits for a yes does not stop the others."""
    mails = [c for c in candidates if c.trigger is not None]
    if mails:
        latest = max((in_order(c.trigger)[:2], c.what) for c in mails if c.trigger is not None)
        same = [c for c in mails if c.trigger is not None and (in_order(c.trigger)[:2], c.what) == latest]
        return min(same, key=lambda c: (c.invoice.due, c.invoice.number))
    ready = [c for c in candidates if not c.approval] or list(candidates)
    return min(ready, key=lambda c: (-c.rank, c.invoice.due, c.invoice.number))
