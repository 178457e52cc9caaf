"""What speaks against acting on a reading: a joke, a condition, a hint of trouble, a clause that nobody accounts for.

Each reason has a weight in hundredths; what is left of 95 is the confidence. Any one reason that could hide a
complaint is heavy enough that the owner is asked.
"""

import re
from collections.abc import Iterator

from mailbot.inbox.certainty import only_thanks, unaccounted
from mailbot.inbox.clauses import MAX_TEXT, Sentence
from mailbot.inbox.languages import certainly
from mailbot.inbox.weighing import MONEY, Heard, Meaning
from mailbot.model import Intent

MOST = 95
SURE = 70
"""From here on the bot acts by itself."""
LEAST, HIGHEST = 5, 97
_LETS_RUN = frozenset({Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.UNRELATED, Intent.QUESTION})
_OF_AN_INVOICE = frozenset({Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.DOCUMENT_REQUEST})
TROUBLE = frozenset({Intent.DISPUTE, Intent.REFUSAL, Intent.INSOLVENCY, Intent.STOP, Intent.WRONG_CONTACT})
_RATHER_THAN_ASKING = (Intent.DISPUTE, Intent.DOCUMENT_REQUEST, Intent.INSTALMENTS)
_COURTEOUS = frozenset({Intent.ACKNOWLEDGED})
_CUES = 2
"""So many words of a complaint or a request make a question doubtful."""
_LONG = 1500
_NO_SUCH_DAY = re.compile(
    r"\b(?:3[01](?:st|th|\.)?[ ./-](?:of |de |di )?(?:feb|fev|0?2\b)|"
    r"31(?:st|\.)?[ ./-](?:of |de |di |d')?(?:apr|avr|abr|jun|juin|giu|sep|set|nov|0?[469]\b|11\b))"
)
"""The 30th of February, in six languages: a slip, or a joke."""

Doubt = tuple[str, int]
"""A reason and its weight in hundredths."""


def confidence(heard: Heard, meant: Meaning, days: float, several_days: bool) -> tuple[float, bool]:
    """(confidence from 0.05 to 0.97, whether the bot may act on it).

    `days`: what the hesitations over days take from it; `several_days`: more than one day is promised.
    """
    reasons = [*doubts(heard, meant), ("days", round(100 * days)), ("several days", 35 if several_days else 0)]
    left = MOST - sum(weight for _, weight in reasons)
    return max(LEAST, min(HIGHEST, left)) / 100, left >= SURE


def doubts(heard: Heard, meant: Meaning) -> Iterator[Doubt]:
    """The reasons that speak against `meant`."""
    if meant.guessed:
        yield "guessed by single words", 50
    if meant.inferred:
        yield "one meaning of several", 10
    if meant.first is Intent.QUESTION and meant.first not in meant.found:
        yield "no phrase says so", 35
    if meant.first in _LETS_RUN:
        yield from _against_going_on(heard, meant)
    else:
        yield "says more", 12 * len(meant.also)
    if meant.first in _OF_AN_INVOICE and (Intent.UNRELATED in meant.found or not heard.about_us()):
        yield "may be advertising", 30
    if not certainly(heard.text, heard.words.language):
        yield "another language", 30
    if len(heard.text) > _LONG:
        yield "long", 20
    if len(heard.text) > MAX_TEXT:
        yield "not read whole", 50


def _against_going_on(heard: Heard, meant: Meaning) -> Iterator[Doubt]:
    """The reasons against what would let reminders run, or hold them for the wrong reason."""
    low, words, first = heard.low, heard.words, meant.first
    said = words.idle.sub("", low)
    for intent, pattern in words.hints.items():
        if intent is not first and pattern.search(said):
            yield f"hints at {intent.value}", 30 if intent in TROUBLE else 25
    if words.irony.search(low) or _NO_SUCH_DAY.search(low):
        yield "a joke", 30
    if first is not Intent.QUESTION and _asks(heard, first):
        yield "asks something", 25
    if meant.also:
        yield "says more", 10 if meant.also == (Intent.PAID,) else 25
    if any(sentence.denied for sentence in heard.said):
        yield "denies a promise or payment", 30
    if first is Intent.ACKNOWLEDGED and words.negations.search(low):
        yield "denies something", 30
    told = _of_money(heard, first)
    if any(words.hedges.search(sentence.folded) or words.no_payment(sentence.folded) for sentence in told):
        yield "a hedge", 30
    if any(words.limits.search(sentence.folded) for sentence in told):
        yield "only a part", 30
    if not _accounted(heard, meant, low):
        yield "words that nobody accounts for", 30
    if first in MONEY and all(sentence.condition for sentence in meant.found.get(first, [])):
        yield "on a condition", 30


def _asks(heard: Heard, first: Intent) -> bool:
    """Whether a question stands in the text; to look whether the money came is none beside a payment."""
    asked = [sentence for sentence in heard.said if sentence.question]
    return any(first is not Intent.PAID or not heard.words.checks.search(sentence.folded) for sentence in asked)


def _of_money(heard: Heard, first: Intent) -> list[Sentence]:
    """The sentences that promise or tell of payment, where that is what the text is taken to say."""
    return [one for one in heard.said if first in MONEY and any(one.says(intent) for intent in MONEY)]


def _accounted(heard: Heard, meant: Meaning, low: str) -> bool:
    """Whether no clause of the text may say something that the lexicon lacks."""
    text, words, base = heard.start, heard.words, heard.base
    if meant.first is Intent.ACKNOWLEDGED:
        return only_thanks(text, heard.said, words, base)
    if meant.first is Intent.QUESTION:
        told = [sentence for sentence in heard.said if not sentence.question]
        cued = sum(len(set(words.cues[intent].findall(low))) for intent in _RATHER_THAN_ASKING)
        return cued < _CUES and not unaccounted(text, told, _COURTEOUS, words, base)
    if meant.first is Intent.UNRELATED:
        return sum(sentence.says(meant.first) for sentence in heard.said) > 1 and not words.trade.search(low)
    known = frozenset({meant.first, *meant.also, Intent.ACKNOWLEDGED})
    return not unaccounted(text, heard.said, known, words, base)
