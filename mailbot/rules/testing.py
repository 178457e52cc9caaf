"""Runs suites of timelines against their rules: a closed world, told side by side, with what was never reached."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from mailbot.model import Decision
from mailbot.rules.conditions import Check
from mailbot.rules.language import Rules
from mailbot.rules.messages import message
from mailbot.rules.suites import Case, Expected
from mailbot.rules.timeline import Lived, Sent, live

_NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case. `pairs` are (as expected, as it was), one of them None where nothing fits."""

    case: Case
    pairs: tuple[tuple[str | None, str | None], ...]
    failures: tuple[str, ...]
    """Whatever else is wrong, in sentences."""
    got: tuple[str, ...]
    """All mails and acts, as `expect` would say them."""
    waits: tuple[str, ...]
    """The days on which nothing was sent, with the reasons, from the first difference to the last."""
    decisions: int

    @property
    def passed(self) -> bool:
        return not self.failures and all(left == right for left, right in self.pairs)


@dataclass(slots=True)
class Coverage:
    """What the cases reached, of everything that the rules can do."""

    all: frozenset[str]
    seen: set[str] = field(default_factory=set)

    @property
    def never(self) -> list[str]:
        return sorted(self.all - self.seen)

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return len(self.all & self.seen) / len(self.all) if self.all else 1.0


def coverage_of(rules: Rules) -> Coverage:
    """Nothing reached yet: each step, reaction, reaction's mail and profile, and each condition both ways."""
    found = {f"step {s.id}" for s in rules.steps if s.mode != "disabled"}
    found |= {f"profile {p.id}" for p in rules.profiles}
    for reaction in rules.reactions:
        if reaction.mode != "disabled":
            found.add(f"reaction {reaction.id}")
            found |= {f"mail {reaction.id}" for mail in (reaction.send, reaction.then_send) if mail}
    tested = [*rules.guards.hold_if]
    tested += [check for p in rules.profiles for check in p.tests]
    tested += [check for s in rules.steps for check in s.tests]
    tested += [check for r in rules.reactions for check in r.tests]
    for check in _leaves(tested):
        found |= {_condition(check.line, check.text, result) for result in (True, False)}
    return Coverage(frozenset(found))


def run_case(rules: Rules, case: Case, coverage: Coverage, language: str = "en") -> Outcome:
    """Live the case through, and compare. Notes in `coverage` what it reached; failures are said in `language`."""
    lived = live(rules, case.client, case.events, case.start, case.until, approvals=case.approvals, bank=case.bank)
    _note(lived, coverage)
    got = tuple(written(sent) for sent in lived.sent)
    pairs = _paired(case.expect, lived.sent, rules) if case.expect is not None else ()
    failures = tuple(_failures(case, lived, language))
    wrong = [date.fromisoformat((left or right or "")[:10]) for left, right in pairs if left != right]
    days = (min(wrong), max(wrong)) if wrong else (case.start, case.until) if failures else None
    waits = tuple(_waits(lived.decisions, *days, language)) if days else ()
    return Outcome(case, pairs, failures, got, waits, len(lived.decisions))


def written(sent: Sent) -> str:
    """A mail or act as a line of `expect`: the neutral tone is left out."""
    decision = sent.decision
    words = [decision.day.isoformat(), decision.verdict.value, decision.what or ""]
    if decision.mail is not None and decision.tone not in (None, _NEUTRAL):
        words.append(decision.tone or "")
    return " ".join([*words, *(["approve"] if sent.asked else [])])


def accepted(text: str, outcomes: Iterable[Outcome]) -> str:
    """The file with each failed case's `expect` rewritten to what was got; all else stays as it is."""
    lines = text.splitlines()
    for outcome in sorted(outcomes, key=lambda o: o.case.line, reverse=True):
        span = outcome.case.expect_lines
        if span is None or all(left == right for left, right in outcome.pairs):
            continue
        first, last = span
        indent = " " * (len(lines[first - 1]) - len(lines[first - 1].lstrip()))
        kept = {_bare(line): line for line in lines[first:last]}
        wanted = [_as_expected(pair) for pair in outcome.pairs if pair[1] is not None]
        new = [kept.get(one, f"{indent}  - {one}") for one in wanted]
        lines[first - 1 : last] = [f"{indent}expect:", *new] if new else [f"{indent}expect: []"]
    return "\n".join(lines) + "\n"


def _bare(line: str) -> str:
    return line.partition("#")[0].strip().removeprefix("- ").strip()


def _as_expected(pair: tuple[str | None, str | None]) -> str:
    """As the owner wrote it where that was right, else as it was."""
    left, right = pair
    return left if left is not None and left == right else right or ""


# ------------------------------------------------------------------------------------------------ comparing


def _paired(
    expect: Sequence[Expected], sent: Sequence[Sent], rules: Rules
) -> tuple[tuple[str | None, str | None], ...]:
    """Side by side, in order; a pair that fits has the same text on both sides."""
    left = [_key(e.day, e.verdict, _id(rules, e.what, s)) for e, s in _with_same_day(expect, sent)]
    right = [_key(s.decision.day, s.decision.verdict.value, s.decision.what or "") for s in sent]
    found: list[tuple[str | None, str | None]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [_compared(expect[a + n], sent[c + n]) for n in range(b - a)]
        else:
            found += [(e.text, None) for e in expect[a:b]] + [(None, written(s)) for s in sent[c:d]]
    return tuple(sorted(found, key=lambda pair: (pair[0] or pair[1] or "")[:10]))


def _with_same_day(expect: Sequence[Expected], sent: Sequence[Sent]) -> Iterator[tuple[Expected, Sent | None]]:
    by_day = {one.decision.day: one for one in sent}
    for one in expect:
        yield one, by_day.get(one.day)


def _id(rules: Rules, what: str, sent: Sent | None) -> str:
    """A reaction may be named by its mail."""
    if sent is not None and what == sent.decision.mail and all(step.id != what for step in rules.steps):
        return sent.decision.what or ""
    return what


def _key(day: date, verdict: str, what: str) -> str:
    return f"{day.isoformat()} {verdict} {what}"


def _compared(expected: Expected, sent: Sent) -> tuple[str, str]:
    decision = sent.decision
    fits = (
        expected.tone in (None, decision.tone)
        and (sent.asked or not expected.approve)
        and expected.invoices in (frozenset(), frozenset(decision.invoices))
    )
    if fits:
        return expected.text, expected.text
    listed = " ".join(sorted(decision.invoices)) if expected.invoices else ""
    return expected.text, f"{written(sent)} {listed}".strip()


def _failures(case: Case, lived: Lived, language: str) -> Iterator[str]:
    for what in case.never:
        for sent in lived.sent:
            if what in (sent.decision.what, sent.decision.mail):
                yield message(language, "failed.never", what=what, got=written(sent))
    at = case.instant
    if at is not None:
        found = next((d for d in lived.decisions if d.day == at.day), None)
        if found is None:
            yield message(language, "failed.no_day", day=at.day)
        elif at.verdict not in (None, found.verdict.value) or at.because not in (None, found.code):
            wanted = " ".join(word for word in (at.verdict, at.because) if word)
            got = f"{found.verdict.value} {found.code}"
            yield message(language, "failed.decision", day=at.day, wanted=wanted, got=got, reason=found.reason)
    if case.using is not None:
        last = at.day if at is not None else case.until
        profiles = [d.profile for d in lived.decisions if d.profile is not None and d.day <= last]
        if not profiles or profiles[-1] != case.using:
            yield message(language, "failed.profile", wanted=case.using, got=profiles[-1] if profiles else "-")


def _waits(decisions: Sequence[Decision], first: date, last: date, language: str) -> Iterator[str]:
    """Days with the same reason as one line."""
    quiet = [d for d in decisions if first <= d.day <= last and d.verdict.value not in ("send", "act")]
    for (verdict, code, _), days in groupby(quiet, key=lambda d: (d.verdict.value, d.code, d.what)):
        same = list(days)
        key = "failed.waits" if len(same) > 1 else "failed.wait"
        what, reason = f"{verdict} {code}", same[0].reason
        yield message(language, key, first=same[0].day, last=same[-1].day, what=what, reason=reason)


# ------------------------------------------------------------------------------------------------- coverage


def _note(lived: Lived, coverage: Coverage) -> None:
    for sent in lived.sent:
        what = sent.decision.what
        coverage.seen.update((f"step {what}", f"mail {what}") if sent.decision.trigger is None else (f"mail {what}",))
        coverage.seen.update(f"step {step}" for _, step in sent.decision.levels)
    for decision in lived.decisions:
        if decision.profile is not None:
            coverage.seen.add(f"profile {decision.profile}")
        for trace in decision.trace:
            if trace.depth == 0:
                if trace.result and trace.rule.startswith("reaction "):
                    coverage.seen.add(trace.rule)
            elif trace.line is not None and trace.result is not None:
                coverage.seen.add(_condition(trace.line, trace.rule, trace.result))


def _condition(line: int, text: str, result: bool) -> str:
    return f"condition {text} (line {line}) {'true' if result else 'false'}"


def _leaves(checks: Iterable[Check]) -> Iterator[Check]:
    for check in checks:
        if check.parts:
            yield from _leaves(check.parts)
        else:
            yield check
