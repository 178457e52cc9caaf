"""Which of the six languages a text is in, by its small words."""

import re
from functools import cache

from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import LANGUAGES, small_words, trade_words

_MAX_TEXT = 4000
_FEW = 3
_CHOSEN = 3.0
"""So many small words of one language, and half as many of any other at most, are no greeting or quotation."""
_ENOUGH = 1.5
_TRADE = 0.5
_SHORTEST = 4
"""Beginnings of words shorter than this are of no language."""
_TOKEN = re.compile(r"[^\W\d_]+'?")


@cache
def _weights() -> dict[str, dict[str, float]]:
    """For each small word the languages that have it; what many have counts little for each."""
    found: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        for word in trade_words(language):
            found.setdefault(word, {})[language] = _TRADE
        for word in small_words(language):
            found.setdefault(word, {})[language] = 1.0
    return {
        word: {language: weight / len(weights) for language, weight in weights.items()}
        for word, weights in found.items()
    }


def detect(text: str, default: str | None = None) -> str | None:
    """fr, en, de, es, it or nl; `default` where too little of the text is known."""
    scores = _scores(text)
    best = max(scores, key=lambda language: (scores[language], language == default))
    return best if scores[best] >= _ENOUGH or (scores[best] and default is None) else default


def certainly(text: str, language: str) -> bool:
    """Whether nothing speaks against `language`: no other one has as much, and three words hold one of it."""
    scores = _scores(text)
    own = scores.pop(language, 0.0)
    foreign = max(scores.values())
    return (foreign < own or not foreign) and (own > 0 or len(_TOKEN.findall(folded(text[:_MAX_TEXT]))) < _FEW)


def spoken(text: str) -> str | None:
    """The language that somebody chose to write in; None where a greeting, a name or two languages are all there is.

    Stricter than `detect`: a guess about one mail does no harm, but mails to come are written in this one.
    """
    scores = _scores(text)
    best = max(scores, key=lambda language: scores[language])
    second = max(score for language, score in scores.items() if language != best)
    return best if scores[best] >= _CHOSEN and scores[best] >= 2 * second else None


def likely(text: str) -> list[str]:
    """The languages that `text` may well be in, likeliest first: at least half as many words as of the best."""
    scores = _scores(text)
    best = max(scores.values())
    return sorted((one for one in LANGUAGES if best and scores[one] * 2 >= best), key=lambda one: -scores[one])


def _of_token(token: str) -> dict[str, float]:
    """The languages of a word, else of its longest known beginning."""
    weights = _weights()
    found = weights.get(token)
    if found is not None:
        return found
    beginnings = (weights.get(token[:end] + "*") for end in range(len(token), _SHORTEST - 1, -1))
    return next((one for one in beginnings if one is not None), {})


def _scores(text: str) -> dict[str, float]:
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for token in _TOKEN.findall(folded(text[:_MAX_TEXT])):
        for language, weight in _of_token(token).items():
            scores[language] += weight
    return scores
