"""The facts in a client's words: the days of promises and payments, the sum promised, the answer to each invoice.

A day belongs to the phrase beside it, not to the text: "paid 500 yesterday, the rest follows on the 30th" names
one day for each. Days of letters, hearings and deadlines set to the creditor belong to nothing, nor do days from
which on something may happen, nor those in a clause of their own that denies or tells of something else, nor those
beside a payment that was not made ("should have been paid on Monday"). Where one promise names two days,
both are kept: none of them is certain.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.inbox.belonging import Belonging, Day, Part
from mailbot.inbox.clauses import MAX_TEXT, Said, Sentence
from mailbot.inbox.contacts import new_contact
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.lexicon import Lexicon
from mailbot.inbox.masks import amounts
from mailbot.inbox.numbers import number_spans
from mailbot.model import Intent, InvoiceAnswer

_FAR = 150
_ROLLED = 270
_ONE_BREATH = 30
_HESITATION = 0.1
_FIGURES = re.compile(r"(?<![\w.,/-])\d{2,7}(?![\w/-]|[.,]\d)")
_ANSWERS = (
    Intent.DISPUTE,
    Intent.REFUSAL,
    Intent.INSTALMENTS,
    Intent.PROMISE,
    Intent.DOCUMENT_REQUEST,
    Intent.PAID,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences name. Several `promises` or `paid` days: which one holds is for the owner to say."""

    promises: tuple[date, ...] = ()
    promise_amount: Decimal | None = None
    paid: tuple[date, ...] = ()
    contact: str | None = None
    answers: tuple[InvoiceAnswer, ...] = ()
    """One for each invoice, where several are named and the answers to them differ."""
    doubt: float = 0.0
    """What the hesitations over days take from the confidence in a promise."""


def find_facts(
    text: str,
    said: Sequence[Sentence],
    words: Lexicon,
    base: date,
    *,
    month_first: bool = False,
    known: Collection[str] = (),
) -> Facts:
    """The facts that the sentences `said` of `text` name, seen from `base`, the day of the mail.

    `month_first`: the sender writes 3/9 for 9 March. `known`: addresses that are no new contact. The caller keeps
    the facts that fit the intent.
    """
    finder = _Finder(text[:MAX_TEXT], said, words, base, month_first)
    promises = finder.promises()
    contact = new_contact(text, words.language, known)
    return Facts(promises, finder.promise_amount(), finder.paid(), contact, finder.answers(), finder.doubt)


class _Finder:
    """The sentences of one text, asked for one fact after the other."""

    def __init__(self, text: str, said: Sequence[Sentence], words: Lexicon, base: date, month_first: bool) -> None:
        self.text = text
        self.words = words
        self.base = base
        self.doubt = 0.0
        self.rules = grammar(words.language)
        self.beside = Belonging(text, said, words.language, base, month_first)
        self.parts = self.beside.parts
        self.offered = any(sentence.says(Intent.INSTALMENTS) for sentence in said)

    # ------------------------------------------------------------------------------------------- days

    def promises(self) -> tuple[date, ...]:
        firm: list[date] = []
        soft: list[date] = []
        for part in self.parts:
            if self._binds(part):
                (soft if self._arrives(part) else firm).extend(self._promised(part))
            elif part.promises and part.sentence.condition:
                self.doubt += _HESITATION
        return tuple(dict.fromkeys(firm or soft))

    def _arrives(self, part: Part) -> bool:
        """Whether it is said when the money will be there, not when it is sent: less than a promise beside it."""
        return all(hit.arrival for hit in part.promises) or bool(self.rules.arrival.search(part.sentence.folded))

    def _binds(self, part: Part) -> bool:
        """Whether the sentence promises for certain: no question, no condition, no instalment only offered."""
        sentence = part.sentence
        waits = sentence.condition and any(p.search(sentence.folded) for p in self.words.waits_for.values())
        offers = self.offered and not self.words.anyway.search(sentence.folded)
        return bool(part.promises) and not (sentence.question or waits or offers or self._is_unreal(part))

    def _is_unreal(self, part: Part) -> bool:
        """Whether the sentence tells of a payment that was not made, is not to be, or is none."""
        return self.words.no_payment(part.sentence.folded)

    def _promised(self, part: Part) -> list[date]:
        """The day nearest to the promise, with those that stand in one clause with it."""
        open_days = [
            day
            for day in part.days
            if self.beside.is_promised(day.start, day.end, part)
            and not self._is_over(day)
            and not self.beside.is_denied(day, part.promises)
        ]
        dated = [day for day in open_days if day.ahead.date]
        near = [day for day in dated if day.ahead.date and (day.ahead.date - self.base).days < _FAR] or dated
        if len({day.ahead.date for day in near}) != 1 and open_days:
            self.doubt += _HESITATION
        first = min(near, key=lambda day: self._rank(day, part.promises), default=None)
        if first is None:
            return []
        return [day.ahead.date for day in near if day.ahead.date and self._goes_with(first, day)]

    def _goes_with(self, first: Day, other: Day) -> bool:
        """Whether both days are named in one breath ("on the 5th and 20th"), so that neither is the one promised."""
        gap = max(first.start - other.end, other.start - first.end)
        return gap <= _ONE_BREATH and not self.beside.boundaries(first.start, other.start)

    def _is_over(self, day: Day) -> bool:
        """A day in the past, or one without a year that would be many months ahead and so was one in the past."""
        ahead = day.ahead.date
        if ahead is None:
            return False
        return ahead < self.base or (str(ahead.year) not in day.ahead.text and (ahead - self.base).days > _ROLLED)

    def _rank(self, day: Day, hits: Sequence[Said]) -> tuple[bool, int]:
        """Days in or behind the phrase come before those of a clause in front of it."""
        distance, hit = min((self.beside.distance(day.start, day.end, hit), at) for at, hit in enumerate(hits))
        return day.end <= hits[hit].start and self.beside.boundaries(day.end, hits[hit].start) > 0, distance

    def paid(self) -> tuple[date, ...]:
        return tuple(dict.fromkeys(day for part in self.parts for day in self._paid(part)))

    def _paid(self, part: Part) -> list[date]:
        """The days in the clause nearest to the words that say it was paid."""
        if not part.payments or self._asks(part) or self._is_unreal(part):
            return []
        days = [
            (min(self.beside.boundaries(*sorted((day.start, hit.start))) for hit in part.payments), day.behind.date)
            for day in part.days
            if day.behind.date
            and day.behind.date <= self.base
            and not self.beside.is_promised(day.start, day.end, part)
            and not self.beside.tells_of_else(day, part)
        ]
        nearest = min((far for far, _ in days), default=0)
        return [day for far, day in days if far == nearest]

    def _asks(self, part: Part) -> bool:
        """Whether it is asked if it was paid; "it was paid on Friday, could you look again?" asks something else."""
        end = part.sentence.start + part.sentence.folded.rfind("?")
        return part.sentence.question and any(self.beside.boundaries(hit.end, end) == 0 for hit in part.payments)

    # ------------------------------------------------------------------------------------------- sums

    def promise_amount(self) -> Decimal | None:
        """The one sum that the promises name; sums that belong to a payment are left out.

        Figures without a currency are a sum where the text has named the same one with it.
        """
        named = amounts(self.text)
        whole = {str(int(amount)): amount for _, amount in named if amount == int(amount)}
        bare = [(m.start(), whole[m[0]]) for m in _FIGURES.finditer(self.text) if m[0] in whole]
        found = {
            amount
            for part in self.parts
            if self._binds(part)
            for at, amount in (*named, *bare)
            if part.sentence.start <= at < part.end and self.beside.is_promised(at, at + 1, part)
        }
        return found.pop() if len(found) == 1 else None

    # --------------------------------------------------------------------------------- several invoices

    def answers(self) -> tuple[InvoiceAnswer, ...]:
        """What is said of each invoice, where two or more are named and not all are answered alike."""
        named = [(self.text[start:end], start) for start, end in number_spans(self.text)]
        found: dict[str, InvoiceAnswer] = {}
        spoken_of: list[str] = []
        for part in self.parts if len({number for number, _ in named}) > 1 else ():
            here = [number for number, start in named if part.sentence.start <= start < part.end]
            spoken_of = here or spoken_of
            intent = next((i for i in _ANSWERS if part.sentence.says(i) and not part.sentence.question), None)
            for number in spoken_of if intent else ():
                found.setdefault(number, self._answer(number, intent or Intent.QUESTION, part))
        differ = len({(one.intent, one.promise_date, one.paid_date) for one in found.values()}) > 1
        return tuple(found.values()) if differ else ()

    def _answer(self, number: str, intent: Intent, part: Part) -> InvoiceAnswer:
        promised = set(self._promised(part)) if intent is Intent.PROMISE and self._binds(part) else set()
        paid = set(self._paid(part)) if intent is Intent.PAID else set()
        return InvoiceAnswer(number, intent, _only(promised), _only(paid))


def _only(days: set[date]) -> date | None:
    return next(iter(days)) if len(days) == 1 else None
