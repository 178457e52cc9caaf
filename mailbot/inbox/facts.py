"""The facts in a client's words: the days of promises and payments, the sum promised, the address named.

Each is read from the sentences that say so, never from the whole text: a day belongs to the promise beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.inbox.clauses import MAX_TEXT, Sentence
from mailbot.inbox.dates import FoundDate, find_dates
from mailbot.inbox.lexicon import Lexicon
from mailbot.inbox.masks import EMAIL, amounts
from mailbot.model import Intent

_NOT_BEFORE = re.compile(r"(?:pas|jamais|impossible .{0,30}|n't|not|never) (?:be )?(?:avant|before|until) (?=\w)")
_FAR = 150
_ROLLED = 270


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences name. Several `promises` or `paid` days: which one holds is for the owner to say."""

    promises: tuple[date, ...] = ()
    promise_amount: Decimal | None = None
    paid: tuple[date, ...] = ()
    contact: str | None = None
    doubt: float = 0.0
    """What the hesitations over days take from the confidence in a promise."""


def find_facts(text: str, said: Sequence[Sentence], words: Lexicon, base: date, *, month_first: bool = False) -> Facts:
    """The facts that the sentences `said` of `text` name, seen from `base`, the day of the mail.

    `month_first`: the sender writes 3/9 for 9 March. The caller keeps those that fit the intent.
    """
    finder = _Finder(text, said, words, base, month_first)
    promises = finder.promises()
    return Facts(promises, finder.promise_amount(), finder.paid(), finder.contact(), finder.doubt)


class _Finder:
    """The sentences of one text, asked for one fact after the other."""

    def __init__(self, text: str, said: Sequence[Sentence], words: Lexicon, base: date, month_first: bool) -> None:
        self.text = text
        self.said = said
        self.words = words
        self.base = base
        self.month_first = month_first
        self.doubt = 0.0
        self.offered = any(sentence.says(Intent.INSTALMENTS) for sentence in said)

    def _text(self, sentence: Sentence) -> str:
        return self.text[sentence.start : sentence.end]

    def _dates(self, sentence: Sentence, *, past: bool) -> list[FoundDate]:
        return find_dates(self._text(sentence), self.words.language, self.base, past=past, month_first=self.month_first)

    def promises(self) -> tuple[date, ...]:
        firm: list[date] = []
        soft: list[date] = []
        for sentence in self.said:
            hits = [said for said in sentence.said if said.intent is Intent.PROMISE]
            if self.offered and not self.words.anyway.search(sentence.folded):
                continue
            if not hits or sentence.question or _NOT_BEFORE.search(sentence.folded):
                continue
            if sentence.condition and not self._unconditional(sentence):
                self.doubt += 0.1
                continue
            days = [
                d for d in self._dates(sentence, past=False) if not self._is_past(sentence, d) and not self._rolled(d)
            ]
            chosen = self._nearest(
                days, min(h.start for h in hits) - sentence.start, max(h.end for h in hits) - sentence.start
            )
            if chosen is not None:
                if chosen.date is None:
                    self.doubt += 0.1
                else:
                    (soft if all(h.arrival for h in hits) else firm).append(chosen.date)
        return tuple(dict.fromkeys(firm or soft))

    def _rolled(self, day: FoundDate) -> bool:
        """A day without a year that would be many months ahead was one in the past."""
        return day.date is not None and str(day.date.year) not in day.text and (day.date - self.base).days > _ROLLED

    def _unconditional(self, sentence: Sentence) -> bool:
        return not any(pattern.search(sentence.folded) for pattern in self.words.waits_for.values())

    def _is_past(self, sentence: Sentence, day: FoundDate) -> bool:
        return (day.date is not None and day.date < self.base) or (
            bool(self.words.past.search(sentence.folded[max(0, day.start - 22) : day.start]))
            and sentence.says(Intent.PAID)
        )

    def _nearest(self, days: list[FoundDate], start: int, end: int) -> FoundDate | None:
        dated = [d for d in days if d.date is not None]
        near = [d for d in dated if d.date is not None and (d.date - self.base).days < _FAR]
        dated = near or dated
        inside = [d for d in dated if d.start >= start]
        candidates = inside or dated or days
        if len({d.date for d in dated}) > 1:
            self.doubt += 0.1
        return min(
            candidates,
            key=lambda d: 0 if start <= d.start <= end else min(abs(d.start - end), abs(start - d.end)),
            default=None,
        )

    def paid(self) -> tuple[date, ...]:
        found: list[date] = []
        for sentence in self.said:
            if sentence.says(Intent.PAID) and not sentence.question:
                days = [d.date for d in self._dates(sentence, past=True) if d.date is not None and d.date <= self.base]
                found += days
        return tuple(dict.fromkeys(found))

    def promise_amount(self) -> Decimal | None:
        firm = [
            s
            for s in self.said
            if s.says(Intent.PROMISE)
            and not s.question
            and (not s.condition or self._unconditional(s))
            and (not self.offered or self.words.anyway.search(s.folded))
        ]
        found = {amount for s in firm for _, amount in amounts(self._text(s))}
        return found.pop() if len(found) == 1 else None

    def contact(self) -> str | None:
        named = list(dict.fromkeys(a.lower() for a in EMAIL.findall(self.text[:MAX_TEXT])))
        return named[0] if len(named) == 1 else None
