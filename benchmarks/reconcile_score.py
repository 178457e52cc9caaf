"""What a matcher's answers are worth against the truth: counts and rates. Pure.

An automatic match is wrong where its allocations are not the truth's to the cent, and where the truth says that
only the owner can know (`must_ask`). A question is right at once where its first choice is the truth, or where it
offers nothing and nothing is paid.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailbot.model import Line, OpenItem

Shares = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Expected:
    """The truth of one line: (item, cents) that it pays, and whether booking it unasked would harm."""

    kind: str
    shares: Shares
    must_ask: bool
    right: bool = True
    """False where only `must_ask` is known: then no answer is compared with `shares`."""
    reverses: str = ""
    """The id of the line that it takes back."""
    why: str = ""
    """What makes it a question, where the truth says so."""

    @property
    def is_payment(self) -> bool:
        """Whether a client pays something with it."""
        return any(cents > 0 for _, cents in self.shares) and not self.reverses


@dataclass(frozen=True, slots=True)
class Case:
    """One import: the lines of all its files, the book that was open before, the truth line by line."""

    name: str
    mix: str
    lines: tuple[Line, ...]
    items: tuple[OpenItem, ...]
    truths: tuple[Expected, ...]
    unread: int = 0
    """Lines with a truth that the reader did not give."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a matcher says of one line. `reverses` is the id of the line that it takes back."""

    decision: str
    shares: Shares = frozenset()
    choices: tuple[Shares, ...] = ()
    reverses: str = ""


@dataclass
class Score:
    """Counts that add up over cases; rates are made at the end."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Of payments that must be asked about, by the truth's reason: how many there are, and how many were asked."""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, case: Case, answers: Sequence[Answer], seconds: float) -> None:
        """Count one case. Raises ValueError where a line has no answer."""
        self.seconds += seconds
        self.counts["unread"] += case.unread
        for line, truth, answer in zip(case.lines, case.truths, answers, strict=True):
            told = [*_told(truth, answer)]
            self.counts.update(told)
            self.kinds[truth.kind].update(told)
            if "must_ask" in told:
                self.reasons[truth.why].update({"must_ask": 1, "ask": answer.decision == "ask"})
            if "wrong" in told:
                self.wrong.append(
                    f"{case.name} {truth.kind} {line.date} {line.amount} {line.name!r} {line.memo!r}: "
                    f"booked {sorted(answer.shares)}, right is {sorted(truth.shares)}"
                    + (", but only the owner can know" if truth.must_ask else "")
                )

    def record(self) -> dict[str, object]:
        """The figures under the names that the last line of the benchmark has."""
        seen = self.counts
        payments, asked = seen["payments"], seen["ask"]
        return {
            "lines": seen["lines"],
            "auto": seen["auto"],
            "wrong": seen["wrong"],
            "auto_recall": _rate(seen["booked_right"], payments),
            "ask": asked,
            "top1": _rate(seen["first"], seen["known"]),
            "ms_per_line": round(1000 * self.seconds / max(1, seen["lines"]), 4),
            "auto_share": _rate(seen["auto"], seen["lines"]),
            "precision": _rate(seen["auto"] - seen["wrong"], seen["auto"]),
            "top3": _rate(seen["among"], seen["known"]),
            "questions_per_100_payments": round(100 * asked / max(1, payments), 2),
            "must_ask_per_100_payments": round(100 * seen["must_ask"] / max(1, payments), 2),
            "asked_without_need_per_100_payments": round(100 * seen["needless"] / max(1, payments), 2),
            "unseen": _rate(seen["unseen"], payments),
            "unread": seen["unread"],
            "reversals": seen["reversals"],
            "reversals_found": seen["reversals_found"],
        }

    def by_reason(self) -> dict[str, Mapping[str, float]]:
        """Per 100 payments, by the truth's reason to ask, the most frequent first: those there are, those asked."""
        hundred = 100 / max(1, self.counts["payments"])
        ordered = sorted(self.reasons.items(), key=lambda reason: (-reason[1]["must_ask"], reason[0]))
        names = ("must_ask", "ask")
        return {why: {name: round(counts[name] * hundred, 2) for name in names} for why, counts in ordered}

    def by_kind(self) -> dict[str, Mapping[str, int]]:
        """The counts of each kind of payment."""
        names = ("lines", "auto", "wrong", "ask", "first", "unseen", "must_ask")
        return {kind: {name: counts[name] for name in names} for kind, counts in sorted(self.kinds.items())}


def add_up(scores: Iterable[Score]) -> Score:
    """All of them as one."""
    total = Score()
    for score in scores:
        total.counts.update(score.counts)
        for kind, counts in score.kinds.items():
            total.kinds[kind].update(counts)
        for why, counts in score.reasons.items():
            total.reasons[why].update(counts)
        total.wrong += score.wrong
        total.seconds += score.seconds
    return total


def _told(truth: Expected, answer: Answer) -> Iterable[str]:
    yield from ("lines", answer.decision)
    right = truth.right and answer.shares == truth.shares
    if truth.is_payment:
        yield "payments"
        if truth.must_ask:
            yield "must_ask"
        if answer.decision == "none":
            yield "unseen"
    if truth.reverses:
        yield "reversals"
        if answer.reverses == truth.reverses:
            yield "reversals_found"
    if answer.decision == "auto":
        if truth.must_ask or (truth.right and not right):
            yield "wrong"
        elif truth.is_payment:
            yield "booked_right"
    if answer.decision == "ask":
        yield from _asked(truth, answer.choices or (frozenset(),))


def _asked(truth: Expected, choices: Sequence[Shares]) -> Iterable[str]:
    if not truth.must_ask and not truth.reverses:
        yield "needless"
    if truth.right:
        yield "known"
        if choices[0] == truth.shares:
            yield "first"
        if truth.shares in choices:
            yield "among"


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
