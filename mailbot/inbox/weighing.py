"""What a whole text says, out of what its sentences say: the first meaning, and those that come with it.

What holds reminders back wins over what would let them run, and what needs a person first wins over what does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from mailbot.inbox.certainty import only_thanks
from mailbot.inbox.clauses import MAX_TEXT, Sentence
from mailbot.inbox.dates import find_dates
from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import Lexicon
from mailbot.inbox.numbers import invoice_numbers
from mailbot.model import Intent

MONEY = frozenset({Intent.PROMISE, Intent.PAID})
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
_LAST = frozenset({Intent.QUESTION, Intent.ACKNOWLEDGED, Intent.UNRELATED})
_NOT_ASKED = frozenset({Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED})
"""What a question does not say: "have you been paid?" """
_MOST_ALSO = 3
_CUES = 2
"""So many words that hint at an intent outweigh thanks or a question mark."""

_PHRASES_OF_ADVERTISING = 2
Found = dict[Intent, list[Sentence]]
"""The sentences that say each intent."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A text with what its sentences say by the lexicon of its language."""

    text: str
    words: Lexicon
    said: Sequence[Sentence]
    base: date
    """The day of the mail."""
    month_first: bool = False
    answers: bool = True
    """It replies to a mail of ours."""

    @property
    def start(self) -> str:
        """As much of the text as is read."""
        return self.text[:MAX_TEXT]

    @property
    def low(self) -> str:
        return folded(self.start)

    def of(self, sentence: Sentence) -> str:
        """A sentence as it was written."""
        return self.text[sentence.start : sentence.end]

    def about_us(self) -> bool:
        """Whether the text answers a mail of ours or names an invoice."""
        return self.answers or bool(invoice_numbers(self.start))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the text says first, and what also."""

    first: Intent
    also: tuple[Intent, ...]
    found: Found
    guessed: bool = False
    """By single words, where no phrase was found."""
    inferred: bool = False
    """From what a promise waits for, or beside another meaning that may be the first."""


def without_mere_patience(heard: Heard) -> Heard:
    """`heard` without what sounds like asking for a delay, where it only asks for patience beside a firm promise."""
    found = _found(heard)
    if Intent.PROMISE not in found or not _only_patience(heard, found):
        return heard
    said = [replace(s, said=[one for one in s.said if one.intent is not Intent.INSTALMENTS]) for s in heard.said]
    return replace(heard, said=said)


def meaning(heard: Heard) -> Meaning:
    """The meaning of `heard`; a question where nothing else is found."""
    found = _found(heard)
    there = [intent for intent in _ORDER if intent in found]
    inferred = False
    if Intent.PROMISE in found:
        there, inferred = _with_promise(heard, there, found)
    there = _in_order(heard, there, found)
    if Intent.UNRELATED in there and not heard.about_us():
        return Meaning(Intent.UNRELATED, (), found)
    if _rather_advertises(found):
        return Meaning(Intent.UNRELATED, (), found, guessed=True)
    main = [intent for intent in there if intent not in _LAST]
    if not main:
        first, guessed = _without_phrases(heard, there)
        return Meaning(first, (), found, guessed)
    paid_and_asked = {Intent.PAID, Intent.DOCUMENT_REQUEST} <= set(there) and Intent.PROMISE not in there
    return Meaning(main[0], tuple(main[1 : 1 + _MOST_ALSO]), found, inferred=inferred or paid_and_asked)


def _found(heard: Heard) -> Found:
    found: Found = {}
    for sentence in heard.said:
        for intent in {said.intent for said in sentence.said}:
            if not (sentence.question and intent in _NOT_ASKED):
                found.setdefault(intent, []).append(sentence)
    return found


def _rather_advertises(found: Found) -> bool:
    """Whether an answer to a mail of ours speaks the tongue of advertising in more phrases than all others together."""
    distinct = {id(sentence): sentence for sentences in found.values() for sentence in sentences}.values()
    phrases = [said.intent for sentence in distinct for said in sentence.said]
    adverts = phrases.count(Intent.UNRELATED)
    return adverts >= _PHRASES_OF_ADVERTISING and adverts * 2 > len(phrases)


def _in_order(heard: Heard, there: list[Intent], found: Found) -> list[Intent]:
    """Exceptions to the order of the table, for meanings that explain each other."""
    rivals = (Intent.WRONG_CONTACT, Intent.DISPUTE)
    if Intent.STOP in there and all(len(found.get(i, [])) < len(found[Intent.STOP]) for i in rivals):
        there = _first(Intent.STOP, there, without=Intent.REFUSAL)
    if Intent.WRONG_CONTACT in there and heard.words.strangers.search(heard.low):
        there = _first(Intent.WRONG_CONTACT, there, without=Intent.DISPUTE)
    if Intent.INSOLVENCY in there:
        return [Intent.INSOLVENCY]
    if Intent.REFUSAL in there and (Intent.DISPUTE in there or _gives_a_ground(heard)):
        there = _first(Intent.DISPUTE, there, without=Intent.REFUSAL)
    if {Intent.WRONG_CONTACT, Intent.DOCUMENT_REQUEST} <= set(there) and _only_redirected(heard, found):
        there = _first(Intent.DOCUMENT_REQUEST, there)
    return there


def _gives_a_ground(heard: Heard) -> bool:
    """Whether words beside a refusal name what could be checked."""
    return len(set(heard.words.cues[Intent.DISPUTE].findall(heard.low))) >= _CUES


def _first(intent: Intent, there: list[Intent], without: Intent | None = None) -> list[Intent]:
    return [intent, *(other for other in there if other not in (intent, without))]


def _without_phrases(heard: Heard, there: list[Intent]) -> tuple[Intent, bool]:
    """A question, thanks, or the likeliest by single words; and whether it is only a guess."""
    asks = any(sentence.question for sentence in heard.said) or Intent.QUESTION in there
    thanks = Intent.ACKNOWLEDGED in there and not any(sentence.denied for sentence in heard.said)
    low = heard.low
    if thanks and not asks and only_thanks(heard.start, heard.said, heard.words, heard.base):
        return Intent.ACKNOWLEDGED, False
    cued = {intent: len(set(pattern.findall(low))) for intent, pattern in heard.words.cues.items()}
    doubtful = asks or thanks or bool(heard.words.irony.search(low))
    cued |= {intent: 0 for intent in MONEY if doubtful or cued[intent] < _CUES}
    likeliest = max(cued, key=lambda intent: (cued[intent], -_ORDER.index(intent)))
    if Intent.UNRELATED in there and not thanks:
        return Intent.UNRELATED, True
    if asks and (cued[likeliest] < _CUES or Intent.QUESTION in there):
        return Intent.QUESTION, False
    if thanks and cued[likeliest] < _CUES:
        return Intent.ACKNOWLEDGED, False
    return (likeliest if cued[likeliest] else Intent.QUESTION), True


def _words_of(heard: Heard, found: Found, intent: Intent) -> list[str]:
    """The words that say `intent`, folded."""
    return [
        folded(heard.text[said.start : said.end])
        for sentence in found.get(intent, [])
        for said in sentence.said
        if said.intent is intent
    ]


def _only_patience(heard: Heard, found: Found) -> bool:
    asked = _words_of(heard, found, Intent.INSTALMENTS)
    firm = any(not sentence.condition for sentence in found[Intent.PROMISE])
    return bool(asked) and firm and all(heard.words.patience.search(words) for words in asked)


def _only_redirected(heard: Heard, found: Found) -> bool:
    """Whether the mail never says that the person is the wrong one, only where the invoice is to be sent."""
    return all(heard.words.redirects.match(words) for words in _words_of(heard, found, Intent.WRONG_CONTACT))


# ------------------------------------------------------------------------------- a promise beside something else


def _with_promise(heard: Heard, there: list[Intent], found: Found) -> tuple[list[Intent], bool]:
    """A promise on a condition, beside a payment, or as an offer of instalments; and whether that was inferred."""
    promised = found[Intent.PROMISE]
    conditional = [sentence for sentence in promised if sentence.condition]
    awaited = _awaited(heard, there, conditional) if len(conditional) == len(promised) else None
    if awaited is not None:
        there = [awaited, *there]
    asked_for = all(sentence.says(Intent.DOCUMENT_REQUEST) for sentence in promised)
    if Intent.DOCUMENT_REQUEST in there and (conditional or asked_for):
        there = sorted(
            there, key=lambda i: (i is not Intent.DISPUTE, i is not Intent.DOCUMENT_REQUEST, _ORDER.index(i))
        )
    anyway = any(heard.words.anyway.search(sentence.folded) for sentence in promised)
    offered = Intent.INSTALMENTS in there and not anyway
    if offered or (Intent.PAID in there and not _rest_promised(heard, found)):
        there = [intent for intent in there if intent is not Intent.PROMISE]
    return there, awaited is not None


def _awaited(heard: Heard, there: list[Intent], conditional: list[Sentence]) -> Intent | None:
    """What all promises wait for, where that is asked for by nothing else: a document, or something put right."""
    if not conditional or Intent.INSTALMENTS in there:
        return None
    for intent in (Intent.DOCUMENT_REQUEST, Intent.DISPUTE):
        awaited = heard.words.waits_for[intent.value]
        if intent not in there and any(awaited.search(sentence.folded) for sentence in conditional):
            return intent
    return None


def _rest_promised(heard: Heard, found: Found) -> bool:
    """Whether a promise beside a payment is about something else: another day, the rest, or another invoice."""
    only = [
        sentence
        for sentence in found[Intent.PROMISE]
        if not sentence.says(Intent.PAID)
        and not all(said.arrival for said in sentence.said if said.intent is Intent.PROMISE)
    ]
    numbers = {number for sentence in found[Intent.PAID] for number in invoice_numbers(heard.of(sentence))}
    others = {number for sentence in only for number in invoice_numbers(heard.of(sentence))}
    dated = any(_is_ahead(heard, sentence) for sentence in only if not sentence.condition)
    return dated or any(heard.words.rest.search(sentence.folded) for sentence in only) or bool(others - numbers)


def _is_ahead(heard: Heard, sentence: Sentence) -> bool:
    """Whether the sentence names a day to come."""
    days = find_dates(heard.of(sentence), heard.words.language, heard.base, month_first=heard.month_first)
    return any(day.date is not None and day.date > heard.base for day in days)
