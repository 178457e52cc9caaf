"""What an absence note says: the day of return, and to whom one may write meanwhile; and whether a mail is no more.

The last day away ("until the 27th", "bis einschließlich 3.10.") is no day of return: offices differ in what
follows it, so nothing is said then. General terms ("we pay on the 30th") are no return either.

Every second absence note has no header that says so. A text is taken for one where it says that its writer is away and
every clause of it goes with that; a word of paying, of an invoice or of a complaint makes it a person's mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import yaml

from mailbot.inbox.certainty import clauses_of
from mailbot.inbox.clauses import Sentence, sentences
from mailbot.inbox.closings import is_formula, is_greeting
from mailbot.inbox.contacts import addresses
from mailbot.inbox.dates import find_dates, masked
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import LANGUAGES, Lexicon, lexicon
from mailbot.model import Intent

_MAX_TEXT = 8_000
_MAX_NOTE = 1_500
"""Characters of an absence note; a longer text says more."""
_NEAR = 70
_STOP = re.compile(r"[!?;]|(?<!\d)\.(?=\s)|\n\s*\n")
_WORD = re.compile(r"[^\W\d_]{2,40}")
_SAYS_MORE = frozenset({
    Intent.PROMISE, Intent.PAID, Intent.DISPUTE, Intent.REFUSAL, Intent.INSOLVENCY, Intent.STOP, Intent.INSTALMENTS,
    Intent.DOCUMENT_REQUEST,
})  # fmt: skip
_FOR_GOOD = re.compile(
    r"\bdefiniti|\bendgultig|\bdauerhaft|\bpermanent|\bfor good\b|\bpara siempre|\bper sempre|\bvoorgoed"
)
_COMPLAINTS = (Intent.DISPUTE, Intent.REFUSAL)


@dataclass(frozen=True, slots=True)
class _Notes:
    away: re.Pattern[str]
    beside: re.Pattern[str]
    words: re.Pattern[str]


def return_date(text: str, language: str, base: date, *, month_first: bool = False) -> date | None:
    """The first day on which the sender says to be back; None where only a month or the last day away is said."""
    text = text[:_MAX_TEXT]
    low, words = folded(text), grammar(language)
    done = 0
    for day in find_dates(text, language, base, month_first=month_first):
        before = _STOP.split(text[max(done, day.start - _NEAR) : day.start])[-1]
        done = day.end
        before = low[day.start - len(before) : day.start] + low[day.start : day.end]
        after = re.split(r"[,:]", folded(_STOP.split(text[day.end : day.end + _NEAR])[0]))[0]
        back, away = _last(words.returns, before), _last(words.last_day, before)
        if day.date is None or away > back or words.last_day.match(after.lstrip(" (")):
            continue
        if back >= 0 or words.returns_after.search(after):
            return day.date
    return None


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where `pattern` is found last in `text`; -1 where it is not."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def substitute(text: str, sender: str) -> str | None:
    """The one address that an absence note names besides its sender's."""
    named = {address for _, address in addresses(text)} - {sender}
    return named.pop() if len(named) == 1 else None


def speaks_of_absence(text: str) -> bool:
    """Whether a word of absence stands in an automatic mail, in whatever language; else it is a receipt or the like."""
    low = folded(text[:_MAX_TEXT])
    return any(_notes(language).words.search(low) for language in LANGUAGES)


def is_absence_note(text: str, language: str | None, base: date, own_words: str | None = None) -> bool:
    """Whether the new text of a mail says that its writer is away, and nothing that does not go with it.

    `base`: the day of the mail. `own_words`: the business's, as `lexicon.own.own_words` gives them.
    """
    if language not in LANGUAGES or not 0 < len(text.strip()) <= _MAX_NOTE or "?" in text:
        return False
    notes, words = _notes(language), lexicon(language, own_words)
    if not notes.away.search(folded(text)) or not _is_placed(text, language, base):
        return False
    said = sentences(text, words)
    if any(one.intent in _SAYS_MORE for sentence in said for one in sentence.said):
        return False
    return any(notes.away.search(sentence.folded) for sentence in said) and not any(_more(text, said, notes, words))


def _is_placed(text: str, language: str, base: date) -> bool:
    """Whether it says until when or whom to ask: "I am away" alone may be an excuse."""
    return bool(find_dates(text, language, base) or addresses(text))


def _more(text: str, said: list[Sentence], notes: _Notes, words: Lexicon) -> Iterator[str]:
    """The clauses that do not go with an absence, and those in which a word of trade or of complaint stands."""
    low = masked(folded(text))
    suspect = (_FOR_GOOD, words.trade, *(words.hints[intent] for intent in _COMPLAINTS if intent in words.hints))
    for start, end in (span for sentence in said for span in clauses_of(sentence, words)):
        clause = low[start:end]
        rest = notes.beside.sub(" ", notes.away.sub(" ", clause))
        goes_along = rest != clause and not words.negations.search(rest)
        harmless = not any(pattern.search(clause) for pattern in suspect)
        if not (harmless and (goes_along or _says_nothing(text[start:end], words))):
            yield clause


def _says_nothing(clause: str, words: Lexicon) -> bool:
    """A greeting, thanks, a day, a name: small words and words with a capital, and none that denies."""
    bare = clause.strip(" \n,.;:()!")
    if is_greeting(bare) or is_formula(folded(bare)):
        return True
    low = masked(folded(clause))
    strange = [word for word in _WORD.finditer(low) if word[0] not in words.words]
    return not words.negations.search(low) and all(clause[word.start()].isupper() for word in strange)


@cache
def _notes(language: str) -> _Notes:
    data = yaml.safe_load(resources.files(__package__).joinpath("absences.yaml").read_text(encoding="utf-8"))[language]
    return _Notes(*(re.compile("|".join(f"(?:{one})" for one in data[name])) for name in ("away", "beside", "words")))
