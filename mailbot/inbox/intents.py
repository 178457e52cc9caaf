"""What a client's new text says: promise, paid, dispute …, with its facts, the words it rests on, and how sure.

The sentences speak by the lexicon (`clauses`), are weighed against each other (`weighing`), and every sign of doubt
takes from the confidence (`doubts`), so that the owner is asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mailbot.inbox.clauses import MAX_TEXT, Sentence, sentences
from mailbot.inbox.doubts import TROUBLE, confidence
from mailbot.inbox.facts import find_facts
from mailbot.inbox.languages import detect, likely
from mailbot.inbox.lexicon import LANGUAGES, Lexicon, lexicon
from mailbot.inbox.numbers import invoice_numbers
from mailbot.inbox.weighing import MONEY, Heard, meaning, without_mere_patience
from mailbot.model import Intent, InvoiceAnswer

_NAMES_CONTACT = frozenset({Intent.WRONG_CONTACT, Intent.INSOLVENCY, Intent.DOCUMENT_REQUEST})
_PROMISES = frozenset({Intent.PROMISE, Intent.DISPUTE, Intent.DOCUMENT_REQUEST, Intent.INSTALMENTS})
"""Beside these a promise may have a day and an amount."""
_SHORT = 300
_MOST_SHOWN, _MOST_SPANS = 300, 3


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
    heard: bool = False
    """A phrase of the lexicon was found, be it denied."""
    guessed: bool = False
    """The intent was told by single words, where no phrase says it."""


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
    heard = without_mere_patience(Heard(text, words, said, base, month_first, answers))
    return replace(_weighed(heard, known), invoices=invoices)


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


def _weighed(heard: Heard, known: Collection[str]) -> Understanding:
    meant = meaning(heard)
    all_meant = {meant.first, *meant.also}
    named = find_facts(heard.text, heard.said, heard.words, heard.base, month_first=heard.month_first, known=known)
    told = set() if _doubtful_money(heard, meant.first) else all_meant
    promised = named.promises if Intent.PROMISE in told and meant.first in _PROMISES else ()
    paid = named.paid if Intent.PAID in told else ()
    how_much, sure = confidence(heard, meant, named.doubt, several_days=len(promised) > 1)
    return Understanding(
        heard.words.language,
        meant.first,
        meant.also,
        how_much,
        sure,
        _because(heard, meant.first),
        promise_date=promised[0] if len(promised) == 1 else None,
        promise_amount=named.promise_amount if Intent.PROMISE in all_meant and meant.first in _PROMISES else None,
        paid_date=paid[0] if len(paid) == 1 else None,
        new_contact=named.contact if _NAMES_CONTACT & all_meant else None,
        answers=named.answers,
        heard=any(sentence.said or sentence.denied for sentence in heard.said),
        guessed=meant.guessed,
    )


def _doubtful_money(heard: Heard, first: Intent) -> bool:
    """Whether payment beside trouble is hedged or a joke: it has no day then ("I would have paid on Monday")."""
    if first not in TROUBLE:
        return False
    told = [sentence for sentence in heard.said if any(sentence.says(intent) for intent in MONEY)]
    hedged = any(heard.words.hedges.search(sentence.folded) for sentence in told)
    return hedged or bool(heard.words.irony.search(heard.low))


def _because(heard: Heard, intent: Intent) -> tuple[str, ...]:
    """The sentences that it rests on, as written; where none says it, the question, else the last one."""
    spans = [heard.of(sentence).strip() for sentence in heard.said if sentence.says(intent)]
    if not spans and heard.said:
        spans = [heard.of(next((s for s in heard.said if s.question), heard.said[-1])).strip()]
    return tuple(dict.fromkeys(span[:_MOST_SHOWN] for span in spans if span))[:_MOST_SPANS]
