"""What a client's new text says: promise, paid, dispute …, with its facts, the words it rests on, and how sure.

The sentences speak by the lexicon; here they are weighed against each other. What holds reminders back wins
over what would let them run, what needs a person first wins over what does not, and every sign of doubt
(a joke, a condition, a hint of trouble beside a promise, two dates) makes the reading unsure, so that the
owner is asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mailbot.inbox.certainty import only_thanks, unaccounted
from mailbot.inbox.clauses import MAX_TEXT, Sentence, sentences
from mailbot.inbox.dates import FoundDate, find_dates
from mailbot.inbox.facts import find_facts
from mailbot.inbox.folding import folded
from mailbot.inbox.languages import certainly, detect, likely
from mailbot.inbox.lexicon import LANGUAGES, Lexicon, lexicon
from mailbot.inbox.numbers import invoice_numbers
from mailbot.model import Intent, InvoiceAnswer

SURE = 0.7
_ORDER = (
    Intent.INSOLVENCY,
    Intent.DISPUTE,
    Intent.REFUSAL,
    Intent.WRONG_CONTACT,
    Intent.STOP,
    Intent.INSTALMENTS,
    Intent.PROMISE,
    Intent.DOCUMENT_REQUEST,
    Intent.PAID,
    Intent.QUESTION,
    Intent.ACKNOWLEDGED,
    Intent.UNRELATED,
)
_COURTEOUS = frozenset({Intent.ACKNOWLEDGED})
_RATHER_THAN_ASKING = (Intent.DISPUTE, Intent.DOCUMENT_REQUEST, Intent.INSTALMENTS)
_MONEY = frozenset({Intent.PROMISE, Intent.PAID})
_LAST = frozenset({Intent.QUESTION, Intent.ACKNOWLEDGED, Intent.UNRELATED})
_LETS_RUN = frozenset({Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.UNRELATED, Intent.QUESTION})
_OF_AN_INVOICE = frozenset({Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.DOCUMENT_REQUEST})
_NAMES_CONTACT = frozenset({Intent.WRONG_CONTACT, Intent.INSOLVENCY, Intent.DOCUMENT_REQUEST})
_CUES = 2
"""So many words that hint at an intent outweigh thanks or a question mark."""
_LONG = 1500
_SHORT = 300
_TROUBLE = frozenset({Intent.DISPUTE, Intent.REFUSAL, Intent.INSOLVENCY, Intent.STOP, Intent.WRONG_CONTACT})


@dataclass(frozen=True, slots=True)
class Understanding:
    """The intent fields of a `Reading`. `because` are substrings of the text."""

    language: str | None
    intent: Intent
    also: tuple[Intent, ...] = ()
    confidence: float = 0.0
    sure: bool = False
    because: tuple[str, ...] = ()
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    paid_date: date | None = None
    new_contact: str | None = None
    invoices: tuple[str, ...] = ()
    answers: tuple[InvoiceAnswer, ...] = ()


def understand(
    text: str,
    language: str | None,
    base: date,
    *,
    month_first: bool = False,
    answers: bool = True,
    known: Collection[str] = (),
    own_words: str | None = None,
) -> Understanding:
    """What `text` says, seen from the day `base`.

    `month_first`: the sender writes 3/9 for 9 March. `answers`: it replies to a mail of ours, so it is no advertising.
    `known`: addresses that are no new contact. `own_words`: the business's, as `lexicon.own.own_words` gives them.
    """
    spoken = detect(text, language)
    invoices = invoice_numbers(text[:MAX_TEXT])
    if not text.strip():
        return Understanding(spoken, Intent.QUESTION, invoices=invoices)
    if spoken not in LANGUAGES:
        return Understanding(spoken, Intent.QUESTION, confidence=0.2, invoices=invoices, because=_first_line(text))
    words, said = _heard(text, spoken, own_words)
    spoken = words.language
    case = _Case(text, words, said, base, month_first, answers)
    return replace(case.weigh(known), language=spoken, invoices=invoices)


def _heard(text: str, spoken: str, own_words: str | None) -> tuple[Lexicon, list[Sentence]]:
    """The sentences by the lexicon of their language; by another one where that one hears nothing at all."""
    found = (lexicon(spoken, own_words), sentences(text, lexicon(spoken, own_words)))
    for other in _others(text) if not any(s.said or s.denied for s in found[1]) else ():
        heard = sentences(text, lexicon(other, own_words))
        if any(s.said for s in heard):
            return lexicon(other, own_words), heard
    return found


def _others(text: str) -> Sequence[str]:
    """The other languages that a short text may be in after all; any, where no word of it tells."""
    return (likely(text) or LANGUAGES) if len(text) < _SHORT else ()


def _first_line(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())[:1]


class _Case:
    """One text under judgement."""

    def __init__(
        self, text: str, words: Lexicon, said: Sequence[Sentence], base: date, month_first: bool, answers: bool
    ) -> None:
        self.text = text
        self.words = words
        self.said = said
        self.base = base
        self.month_first = month_first
        self.answers = answers
        self.doubts = 0.0

    def weigh(self, known: Collection[str]) -> Understanding:
        found = self._intents()
        primary, also = self._primary(found)
        named = find_facts(self.text, self.said, self.words, self.base, month_first=self.month_first, known=known)
        self.doubts += named.doubt
        promised, paid = named.promises, named.paid
        facts = primary in (Intent.PROMISE, Intent.DISPUTE, Intent.DOCUMENT_REQUEST, Intent.INSTALMENTS)
        has_promise = Intent.PROMISE in (primary, *also) and facts
        if has_promise and len(promised) > 1:
            self.doubts += 0.35
        confidence = max(0.05, min(0.97, self._confidence(primary, also, found)))
        return Understanding(
            None,
            primary,
            also,
            round(confidence, 2),
            confidence >= SURE,
            self._because(primary),
            promise_date=promised[0] if has_promise and len(promised) == 1 else None,
            promise_amount=named.promise_amount if has_promise else None,
            paid_date=paid[0] if Intent.PAID in (primary, *also) and len(paid) == 1 else None,
            new_contact=named.contact if _NAMES_CONTACT & {primary, *also} else None,
            answers=named.answers,
        )

    # ---------------------------------------------------------------------------------------- intents

    def _intents(self) -> dict[Intent, list[Sentence]]:
        found: dict[Intent, list[Sentence]] = {}
        for sentence in self.said:
            for intent in {said.intent for said in sentence.said}:
                if sentence.question and intent in (Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED):
                    continue
                found.setdefault(intent, []).append(sentence)
        return found

    def _primary(self, found: dict[Intent, list[Sentence]]) -> tuple[Intent, tuple[Intent, ...]]:
        if Intent.PROMISE in found and self._only_patience(found):
            del found[Intent.INSTALMENTS]
        there = [intent for intent in _ORDER if intent in found]
        if Intent.PROMISE in found:
            there = self._with_promise(there, found)
        rivals = (Intent.WRONG_CONTACT, Intent.DISPUTE)
        if Intent.STOP in there and all(len(found.get(i, [])) < len(found[Intent.STOP]) for i in rivals):
            there = [Intent.STOP, *(i for i in there if i not in (Intent.STOP, Intent.REFUSAL))]
        if Intent.WRONG_CONTACT in there and self.words.strangers.search(folded(self.text[:MAX_TEXT])):
            there = [Intent.WRONG_CONTACT, *(i for i in there if i not in (Intent.WRONG_CONTACT, Intent.DISPUTE))]
        if Intent.INSOLVENCY in there:
            there = [Intent.INSOLVENCY]
        if Intent.REFUSAL in there and Intent.DISPUTE in there:
            there.remove(Intent.REFUSAL)
        if Intent.WRONG_CONTACT in there and Intent.DOCUMENT_REQUEST in there and self._only_redirected(found):
            there = [Intent.DOCUMENT_REQUEST, *(i for i in there if i is not Intent.DOCUMENT_REQUEST)]
        if Intent.PAID in there and Intent.DOCUMENT_REQUEST in there and Intent.PROMISE not in there:
            self.doubts += 0.1
        if Intent.UNRELATED in there and not self._about_us():
            return Intent.UNRELATED, ()
        main = [intent for intent in there if intent not in _LAST]
        if main:
            return main[0], tuple(main[1:4])
        return self._without_phrases(there), ()

    def _without_phrases(self, there: list[Intent]) -> Intent:
        """A question, thanks, or the likeliest by single words, which is never sure."""
        asks = any(sentence.question for sentence in self.said) or Intent.QUESTION in there
        thanks = Intent.ACKNOWLEDGED in there and not any(sentence.denied for sentence in self.said)
        low = folded(self.text[:MAX_TEXT])
        if thanks and not asks and only_thanks(self.text[:MAX_TEXT], self.said, self.words, self.base):
            return Intent.ACKNOWLEDGED
        cued = {intent: len(set(pattern.findall(low))) for intent, pattern in self.words.cues.items()}
        doubtful = asks or thanks or bool(self.words.irony.search(low))
        cued |= {intent: 0 for intent in _MONEY if doubtful or cued[intent] < _CUES}
        likeliest = max(cued, key=lambda intent: (cued[intent], -_ORDER.index(intent)))
        if asks and (cued[likeliest] < _CUES or Intent.QUESTION in there):
            return Intent.QUESTION
        if thanks and cued[likeliest] < _CUES:
            return Intent.ACKNOWLEDGED
        self.doubts += 0.5
        return likeliest if cued[likeliest] else Intent.QUESTION

    def _only_patience(self, found: dict[Intent, list[Sentence]]) -> bool:
        """Whether what sounds like asking for a delay only asks for patience, beside a promise without condition."""
        asked = [
            self.text[said.start : said.end]
            for sentence in found.get(Intent.INSTALMENTS, [])
            for said in sentence.said
            if said.intent is Intent.INSTALMENTS
        ]
        firm = any(not s.condition for s in found[Intent.PROMISE])
        return bool(asked) and firm and all(self.words.patience.search(folded(words)) for words in asked)

    def _only_redirected(self, found: dict[Intent, list[Sentence]]) -> bool:
        """Whether the mail never says that the person is the wrong one, only where the invoice is to be sent."""
        return all(
            self.words.redirects.match(folded(self.text[said.start : said.end]))
            for sentence in found[Intent.WRONG_CONTACT]
            for said in sentence.said
            if said.intent is Intent.WRONG_CONTACT
        )

    def _with_promise(self, there: list[Intent], found: dict[Intent, list[Sentence]]) -> list[Intent]:
        """A promise beside something else: on a condition, beside a payment, or as an offer of instalments."""
        conditional = [s for s in found[Intent.PROMISE] if s.condition]
        if conditional and len(conditional) == len(found[Intent.PROMISE]):
            for name in ("document_request", "dispute"):
                if (
                    any(self.words.waits_for[name].search(s.folded) for s in conditional)
                    and Intent(name) not in there
                    and Intent.INSTALMENTS not in there
                ):
                    self.doubts += 0.1
                    there = [Intent(name), *there]
                    break
        asked_for = all(s.says(Intent.DOCUMENT_REQUEST) for s in found[Intent.PROMISE])
        if Intent.DOCUMENT_REQUEST in there and (conditional or asked_for):
            there = sorted(
                there, key=lambda i: (i is not Intent.DISPUTE, i is not Intent.DOCUMENT_REQUEST, _ORDER.index(i))
            )
        offered = Intent.INSTALMENTS in there and not any(
            self.words.anyway.search(s.folded) for s in found[Intent.PROMISE]
        )
        if offered or (Intent.PAID in there and not self._rest_promised(found)):
            there = [i for i in there if i is not Intent.PROMISE]
        return there

    def _rest_promised(self, found: dict[Intent, list[Sentence]]) -> bool:
        only = [
            s
            for s in found[Intent.PROMISE]
            if not s.says(Intent.PAID) and not all(x.arrival for x in s.said if x.intent is Intent.PROMISE)
        ]
        numbers = {n for s in found[Intent.PAID] for n in invoice_numbers(self._text(s))}
        others = {n for s in only for n in invoice_numbers(self._text(s))}
        dated = any(d.date and d.date > self.base for s in only for d in self._days(s) if not s.condition)
        return dated or any(self.words.rest.search(s.folded) for s in only) or bool(others - numbers)

    def _text(self, sentence: Sentence) -> str:
        return self.text[sentence.start : sentence.end]

    def _days(self, sentence: Sentence) -> list[FoundDate]:
        return find_dates(self._text(sentence), self.words.language, self.base, month_first=self.month_first)

    # ------------------------------------------------------------------------------------------- doubt

    def _confidence(self, primary: Intent, also: tuple[Intent, ...], found: dict[Intent, list[Sentence]]) -> float:
        doubt = self.doubts + (0.35 if primary is Intent.QUESTION and primary not in found else 0.0)
        low = folded(self.text[:MAX_TEXT])
        if primary in _LETS_RUN:
            hinted = [
                intent
                for intent, pattern in self.words.hints.items()
                if intent is not primary and pattern.search(self.words.idle.sub("", low))
            ]
            doubt += sum(0.3 if intent in _TROUBLE else 0.25 for intent in hinted)
            doubt += 0.3 if self.words.irony.search(low) else 0.0
            doubt += 0.25 if primary is not Intent.QUESTION and self._asks(primary) else 0.0
            doubt += 0.1 if also == (Intent.PAID,) else 0.25 if also else 0.0
            doubt += 0.3 if any(s.denied - {primary} or s.denied for s in self.said) else 0.0
            doubt += 0.3 if primary is Intent.ACKNOWLEDGED and self.words.negations.search(low) else 0.0
            doubt += 0.3 if any(self.words.hedges.search(s.folded) for s in self._of_money(primary)) else 0.0
            doubt += 0.3 if any(self.words.limits.search(s.folded) for s in self._of_money(primary)) else 0.0
            doubt += 0.3 if not self._accounted(primary, also, low) else 0.0
            doubt += 0.3 if primary in _MONEY and all(s.condition for s in found.get(primary, [])) else 0.0
        else:
            doubt += 0.12 * len(also)
        doubt += 0.3 if primary in _OF_AN_INVOICE and (Intent.UNRELATED in found or not self._about_us()) else 0.0
        doubt += 0.0 if certainly(self.text, self.words.language) else 0.3
        doubt += 0.2 if len(self.text) > _LONG else 0.0
        doubt += 0.5 if len(self.text) > MAX_TEXT else 0.0
        return 0.95 - doubt

    def _asks(self, primary: Intent) -> bool:
        """Whether a question stands in the text; to look whether the money came is none beside a payment."""
        asked = [s for s in self.said if s.question]
        return any(primary is not Intent.PAID or not self.words.checks.search(s.folded) for s in asked)

    def _of_money(self, primary: Intent) -> list[Sentence]:
        """The sentences that promise or tell of payment, where that is what the text is taken to say."""
        return [s for s in self.said if primary in _MONEY and any(s.says(intent) for intent in _MONEY)]

    def _about_us(self) -> bool:
        """Whether the text answers a mail of ours or names an invoice."""
        return self.answers or bool(invoice_numbers(self.text[:MAX_TEXT]))

    def _accounted(self, primary: Intent, also: tuple[Intent, ...], low: str) -> bool:
        """Whether no clause of the text may say something that the lexicon lacks."""
        if primary is Intent.ACKNOWLEDGED:
            return only_thanks(self.text[:MAX_TEXT], self.said, self.words, self.base)
        if primary is Intent.QUESTION:
            told = [s for s in self.said if not s.question]
            cued = any(self.words.cues[intent].search(low) for intent in _RATHER_THAN_ASKING)
            return not cued and not unaccounted(self.text[:MAX_TEXT], told, _COURTEOUS, self.words, self.base)
        if primary is Intent.UNRELATED:
            return sum(s.says(primary) for s in self.said) > 1 and not self.words.trade.search(low)
        known = frozenset({primary, *also, Intent.ACKNOWLEDGED})
        return not unaccounted(self.text[:MAX_TEXT], self.said, known, self.words, self.base)

    def _because(self, primary: Intent) -> tuple[str, ...]:
        spans = [self._text(s).strip() for s in self.said if s.says(primary)]
        if not spans and self.said:
            spans = [self._text(next((s for s in self.said if s.question), self.said[-1])).strip()]
        return tuple(dict.fromkeys(span[:300] for span in spans if span))[:3]
