"""What stands beside what in a text: which sentence a day is in, and whether it belongs to a promise or a payment.

Clauses end at punctuation and at words such as "and" and "but" of the text's language. A phrase in the same clause
is nearer to a day than any in another.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.inbox.clauses import Said, Sentence
from mailbot.inbox.dates import FoundDate, Sense, find_dates
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.model import Intent

_OTHER_CLAUSE = 200
"""What a boundary of clauses between a phrase and a day counts for, in characters."""
_FRAGMENT = 3
"""A sentence that has so few words besides a day goes on with the one before it ("Friday at the latest.")."""
_OTHER = frozenset({Intent.DISPUTE, Intent.REFUSAL, Intent.INSOLVENCY, Intent.STOP, Intent.WRONG_CONTACT})
_BREAK = re.compile(r"[;!?()]|[,:](?!\d)|(?<!\d)\.(?=\s)|\n\s*\n|\n(?=[ \t]*[-•*·])| - ")


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the text as it lies ahead and as it lies behind."""

    start: int
    end: int
    ahead: FoundDate
    behind: FoundDate


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence with its days and the phrases in it that promise to pay or say that it was paid.

    It ends where the next one begins: a day may run over an end that only looks like one ("am 5. Mai").
    """

    sentence: Sentence
    end: int
    days: tuple[Day, ...]
    promises: tuple[Said, ...]
    payments: tuple[Said, ...]


class Belonging:
    """The sentences of one text with what they name; `base` and `month_first` as for `find_dates`."""

    def __init__(self, text: str, said: Sequence[Sentence], language: str, base: date, month_first: bool) -> None:
        self._text = text
        self._low = folded(text)
        self._rules = grammar(language)
        joins = (m.start() for m in self._rules.joins.finditer(self._low))
        self._cuts = sorted(
            {m.start() for m in _BREAK.finditer(text)} | {at for at in joins if self._low[at] not in ",:"}
        )
        ahead = find_dates(text, language, base, month_first=month_first)
        behind = find_dates(text, language, base, past=True, month_first=month_first)
        days = [Day(a.start, a.end, a, b) for a, b in zip(ahead, behind, strict=True) if a.sense is Sense.DAY]
        self.parts = self._parts(said, days)

    def _parts(self, said: Sequence[Sentence], days: Sequence[Day]) -> list[Part]:
        found: list[Part] = []
        ends = [*(sentence.start for sentence in said[1:]), len(self._text)]
        for sentence, end in zip(said, ends, strict=False):
            here = tuple(day for day in days if sentence.start <= day.start < end)
            promises, payments = (self._hits(sentence, intent) for intent in (Intent.PROMISE, Intent.PAID))
            if here and found and not sentence.said and self._besides(sentence, here) <= _FRAGMENT:
                before = found[-1]
                if not (before.sentence.question or before.sentence.condition or before.days):
                    promises, payments = before.promises, before.payments
            found.append(Part(sentence, end, here, promises, payments))
        return found

    def _besides(self, sentence: Sentence, days: Sequence[Day]) -> int:
        """How many words a sentence has besides the days that it names."""
        return len(sentence.folded.split()) - sum(len(self._text[day.start : day.end].split()) for day in days)

    def _hits(self, sentence: Sentence, intent: Intent) -> tuple[Said, ...]:
        """The phrases that say `intent`; those that run over a boundary of clauses only where no other does."""
        found = [one for one in sentence.said if one.intent is intent]
        return tuple([one for one in found if not self.boundaries(one.start, one.end)] or found)

    def boundaries(self, one: int, other: int) -> int:
        """How many clauses end between two places."""
        return abs(bisect_left(self._cuts, one) - bisect_left(self._cuts, other))

    def distance(self, start: int, end: int, hit: Said) -> int:
        """How far a phrase is from what stands there; another clause counts for much."""
        if start < hit.end and hit.start < end:
            return 0
        one, other = (hit.end, start) if start >= hit.end else (end, hit.start)
        return other - one + 1 + _OTHER_CLAUSE * self.boundaries(one, other)

    def is_promised(self, start: int, end: int, part: Part) -> bool:
        """Whether what stands there belongs to a promise rather than to a payment."""
        promises: Sequence[Said] = part.promises
        if any(not self.boundaries(hit.end, start) for hit in part.payments):
            promises = [hit for hit in promises if not any(_overlap(hit, other) for other in part.payments)]
            promises = [hit for hit in promises if not hit.start < start < hit.end < end]
        promise = min((self.distance(start, end, hit) for hit in promises), default=None)
        payment = min((self.distance(start, end, hit) for hit in part.payments), default=None)
        return promise is not None and (payment is None or promise <= payment)

    def is_denied(self, day: Day, hits: Sequence[Said]) -> bool:
        """Whether the day stands in a clause without a promise that denies ("I can't give you a date today")."""
        start, end = self._clause_of(day)
        within = any(hit.start < end and start < hit.end for hit in hits)
        return not within and bool(self._rules.denials.search(self._low, start, end))

    def tells_of_else(self, day: Day, part: Part) -> bool:
        """Whether the clause of the day says something other than payment ("it is settled: I left on the 12th")."""
        start, end = self._clause_of(day)
        if any(hit.start < end and start < hit.end for hit in (*part.payments, *part.promises)):
            return False
        return any(said.intent in _OTHER and start <= said.start and said.end <= end for said in part.sentence.said)

    def _clause_of(self, day: Day) -> tuple[int, int]:
        at = bisect_left(self._cuts, day.start)
        return self._cuts[at - 1] if at else 0, self._cuts[at] if at < len(self._cuts) else len(self._text)


def _overlap(one: Said, other: Said) -> bool:
    return one.start < other.end and other.start < one.end
