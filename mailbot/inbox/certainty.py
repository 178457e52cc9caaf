"""What a text says beside the phrases that were recognised: words that nobody accounts for may be a complaint.

A promise, a payment or a word of thanks is acted on only where the rest of the text is courtesy, an excuse, a
time or the trade of paying. A clause of other words may refuse, dispute or ask in words that the lexicon lacks.
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from mailbot.inbox.clauses import Sentence
from mailbot.inbox.dates import find_dates, masked
from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import Lexicon
from mailbot.model import Intent

_WORD = re.compile(r"[^\W\d_]{2,40}")
_WORDS_OF_THANKS = 25
_STRANGE_IN_AN_EXCUSE = 3
_GREETING = 4
"""A clause of so few words at the head of a text may be a greeting with a name in it."""


def unaccounted(
    text: str, said: Sequence[Sentence], intents: frozenset[Intent], words: Lexicon, base: date
) -> list[str]:
    """The clauses of `text` that may say something else than `intents`, as they stand in it."""
    rest = _covered(text, words, base)
    found: list[str] = []
    for at, sentence in enumerate(said):
        for start, end in clauses_of(sentence, words):
            strange = _strange(text, rest, (start, end), sentence, intents, words)
            heard = any(s.intent in intents and s.start < end and s.end > start for s in sentence.said)
            denies = not heard and words.negations.search(rest, start, end)
            greets = at == 0 and start == sentence.start and _greets(rest[start:end], words)
            excuse = not heard and len(strange) <= _STRANGE_IN_AN_EXCUSE and _excuses(rest[start:end], words)
            if (denies or (strange and not excuse)) and not greets:
                found.append(text[start:end].strip())
    return found


def _excuses(clause: str, words: Lexicon) -> bool:
    """Whether a clause tells of the writer's own affairs: no reader in it, no contrast, nothing that still lasts."""
    blamed = (words.yourselves, words.lasting, words.turns, words.limits, words.trade, *words.hints.values())
    return bool(words.ourselves.search(clause)) and not any(pattern.search(clause) for pattern in blamed)


def only_thanks(text: str, said: Sequence[Sentence], words: Lexicon, base: date) -> bool:
    """Whether `text` is short and each of its clauses is thanks, "noted" or a greeting, and nothing else."""
    thanks = frozenset({Intent.ACKNOWLEDGED})
    rest = _covered(text, words, base)
    if len(_WORD.findall(folded(text))) > _WORDS_OF_THANKS:
        return False
    for at, sentence in enumerate(said):
        for start, end in clauses_of(sentence, words):
            greets = at == 0 and start == sentence.start and _greets(rest[start:end], words)
            if _strange(text, rest, (start, end), sentence, thanks, words) and not greets:
                return False
    if any(words.asks.search(sentence.folded) for sentence in said):
        return False
    return all(sentence.says(Intent.ACKNOWLEDGED) or _plain(sentence, words) for sentence in said)


def _plain(sentence: Sentence, words: Lexicon) -> bool:
    """Courtesy only: no negation, no question, no condition, no turn."""
    return not (
        sentence.question
        or sentence.condition
        or words.negations.search(sentence.folded)
        or words.turns.search(sentence.folded)
    )


def clauses_of(sentence: Sentence, words: Lexicon) -> list[tuple[int, int]]:
    cuts = [m.start() for m in words.clause.finditer(sentence.folded)]
    edges = [0, *cuts, len(sentence.folded)]
    return [(sentence.start + a, sentence.start + b) for a, b in pairwise(edges) if b > a]


def _covered(text: str, words: Lexicon, base: date) -> str:
    """The folded text with days, amounts, numbers and addresses overwritten."""
    low = masked(folded(text))
    for day in find_dates(text, words.language, base):
        low = low[: day.start] + "\x01" * (day.end - day.start) + low[day.end :]
    for nothing_said in (words.idle, words.checks):
        low = nothing_said.sub(lambda m: "\x01" * len(m[0]), low)
    return low


def _strange(
    text: str, rest: str, clause: tuple[int, int], sentence: Sentence, intents: frozenset[Intent], words: Lexicon
) -> list[str]:
    """The words of a clause that are no part of what was heard, no small words, no harmless ones and no names."""
    inside = [(s.start, s.end) for s in sentence.said if s.intent in intents]
    return [
        m[0]
        for m in _WORD.finditer(rest, *clause)
        if not any(a < m.end() and b > m.start() for a, b in inside)
        and m[0] not in words.words
        and m[0] + "'" not in words.words
        and m[0] not in words.harmless
        and not _is_name(text, rest, m, sentence.start, words)
    ]


def _is_name(text: str, rest: str, word: re.Match[str], start: int, words: Lexicon) -> bool:
    """Whether a word stands behind a title, or is written with a capital where only names are."""
    written = text[word.start() : word.end()]
    if not (written[0].isupper() and written[1:].islower()):
        return False
    before = rest[max(start, word.start() - 24) : word.start()]
    return bool(words.titles.search(before)) or (not words.nouns_are_capital and before[-2:-1].isalpha())


def _greets(clause: str, words: Lexicon) -> bool:
    found = _WORD.findall(clause)
    return len(found) <= _GREETING and bool(words.greets.match(clause))
