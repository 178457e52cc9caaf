"""Why one step is not taken for one invoice on a day: only the chain of tests that stands in its way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model import Decision, Event, Trace, Verdict
from mailbot.rules.explain import trace_line
from mailbot.rules.ladder import approval
from mailbot.rules.language import Profile, Rules, Step
from mailbot.rules.state import State
from mailbot.rules.wording import written_day

_WORDS: Mapping[str, tuple[str, str]] = {
    "head": ("{label} ({step}), facture {number}, le {day} :", "{label} ({step}), invoice {number}, {day}:"),
    "now": ("part ce jour.", "goes on this day."),
    "asks": ("attend votre accord ; répondez oui et elle part.", "waits for your yes; say it and it goes."),
    "unknown": (
        "la facture {number} n'est plus ouverte : rien à faire.",
        "invoice {number} is not open: nothing to do.",
    ),
    "had": ("déjà passée le {on}.", "taken already on {on}."),
    "left_out": ("vous l'avez sautée le {on}.", "you skipped it on {on}."),
    "above": (
        "une étape plus ferme est déjà passée ({other}, le {on}) ; on ne redescend pas l'échelle.",
        "a firmer step was taken already ({other}, {on}); the ladder is never climbed down.",
    ),
    "skipped": ("le profil « {profile} » la saute.", 'the profile "{profile}" skips it.'),
    "disabled": ("elle est désactivée dans les règles (mode: disabled).", "the rules disable it (mode: disabled)."),
    "shadow": ("elle n'est qu'à l'essai (mode: shadow).", "it is only tried out (mode: shadow)."),
    "refused": ("vous avez refusé le {on}.", "you refused it on {on}."),
    "stronger": ("une étape plus ferme est due ({other}).", "a firmer step is due ({other})."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: this step, for this invoice."""

    step: Step
    number: str


def why_not(rules: Rules, state: State, decision: Decision, asked: Asked, language: str) -> str:
    """The verdict in one sentence, then the tests that stood in the way with their actual values."""

    def say(code: str, **values: object) -> str:
        return _WORDS[code][language == "en"].format_map(values)

    day = written_day(decision.day, language)
    head = say("head", label=asked.step.label, step=asked.step.id, number=asked.number, day=day)
    code, values = _short(rules, state, decision, asked)
    if code is not None:
        shown = {k: written_day(v, language) if isinstance(v, date) else v for k, v in values.items()}
        return f"{head} {say(code, **shown)}"
    lines = [f"    {trace_line(one, rules.file, language)}" for one in _blocking(decision, asked)]
    return "\n".join([f"{head} {decision.reason}", *lines])


def _short(rules: Rules, state: State, decision: Decision, asked: Asked) -> tuple[str | None, dict[str, object]]:
    """Where one sentence says it all: its code and values."""
    step, number = asked.step, asked.number
    if (number, step.id) in decision.levels or (decision.verdict is Verdict.ACT and decision.what == step.id):
        return ("asks" if decision.approval else "now"), {}
    if all(bill.number != number for bill in state.open):
        return "unknown", {"number": number}
    had = state.level(number)
    if step.id in had:
        return "had", {"on": had[step.id]}
    skipped = state.skipped(next(bill for bill in state.open if bill.number == number))
    if step.id in skipped:
        return "left_out", {"on": skipped[step.id]}
    above = [s for s in rules.steps if s.id in had and s.rank > step.rank]
    if above:
        return "above", {"other": above[-1].label, "on": had[above[-1].id]}
    profile = next((p for p in rules.profiles if p.id == decision.profile), None)
    return _by_the_file(rules, state, decision, asked, profile)


def _by_the_file(
    rules: Rules, state: State, decision: Decision, asked: Asked, profile: Profile | None
) -> tuple[str | None, dict[str, object]]:
    step = asked.step
    if profile is not None and step.id in profile.skip:
        return "skipped", {"profile": profile.label}
    if step.mode == "disabled" or (step.mode == "shadow" and decision.mode == "live"):
        return step.mode, {}
    answer = approval(state, step.id, asked.number)
    if answer is not None and answer.data.get("yes") is not True:
        return "refused", {"on": _on(answer)}
    stronger = next(
        (s for s in reversed(rules.steps) if s.rank > step.rank and _passed(decision.trace, s, asked)), None
    )
    return ("stronger", {"other": stronger.label}) if stronger is not None else (None, {})


def _on(event: Event) -> date:
    return event.day


def _passed(trace: Sequence[Trace], step: Step, asked: Asked) -> bool:
    return any(t.rule == f"step {step.id}" and t.invoice == asked.number and t.result is True for t in trace)


def _blocking(decision: Decision, asked: Asked) -> Iterator[Trace]:
    """Guards that hold, reactions that silence this invoice, and the step's own tests."""
    shown = False
    for one in decision.trace:
        if one.depth == 0:
            shown = _matters(one, asked)
        if shown:
            yield one


def _matters(one: Trace, asked: Asked) -> bool:
    kind = one.rule.partition(" ")[0]
    if kind == "guard":
        return one.result is not True
    if kind == "reaction":
        return one.result is not False and one.invoice in (None, asked.number)
    return kind == "step" and one.rule == f"step {asked.step.id}" and one.invoice == asked.number
