"""A text cut into sentences, with what each says by the lexicon and how: denied, on a condition, as a question."""

import re
from dataclasses import dataclass, field

from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import Lexicon
from mailbot.inbox.masks import EMAIL
from mailbot.model import Intent

MAX_TEXT = 8_000
_MAX_SENTENCE = 700
_END = re.compile(
    r"(?<=[\w)\"'»])[.!?…]+(?=[\s\"»)]|$)|(?<=\s)[?!]+|\n[ \t]*\n[\s]*|\n[ \t]*(?=[-•*·] )|;|"
    r"(?<=[a-z)])\n(?=[A-ZÉÀ])"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:vir|m|mr|mme|mrs|ms|dr|no|nos|n|ref|ste|st|fact|inv|env|cf|ex|tel|av|bd|art|approx|"
    r"etc)$"
)
_COMMITTED = (Intent.PROMISE, Intent.PAID)
_COMMA_BUT = re.compile(
    r"[,:(]| (?:mais|but|cependant|par contre|en revanche|however|although|and|et|donc|so|car|because) "
)


@dataclass(frozen=True, slots=True)
class Said:
    """One phrase of the lexicon found in a sentence; `start` and `end` in the whole text."""

    intent: Intent
    start: int
    end: int
    arrival: bool = False


@dataclass(slots=True)
class Sentence:
    start: int
    end: int
    folded: str
    question: bool
    condition: bool = False
    said: list[Said] = field(default_factory=list)
    denied: set[Intent] = field(default_factory=set)

    def says(self, intent: Intent) -> bool:
        return any(said.intent is intent for said in self.said)


def sentences(text: str, words: Lexicon) -> list[Sentence]:
    """The sentences of the first 8,000 characters of `text`, each with what it says."""
    low = folded(text[:MAX_TEXT])
    masked = EMAIL.sub(lambda m: "\x01" * len(m[0]), low)
    spans = [part for span in _spans(text[:MAX_TEXT], masked) for part in _parts(*span, masked, words)]
    found = [_sentence(start, min(end, start + _MAX_SENTENCE), masked, text) for start, end in spans]
    for sentence in found:
        sentence.condition = bool(words.conditions.search(sentence.folded))
        _listen(sentence, words)
    return found


def _spans(text: str, low: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for mark in _END.finditer(text):
        if mark[0].startswith(".") and _ABBREVIATION.search(low[max(start, mark.start() - 8) : mark.start()]):
            continue
        spans.append((start, mark.end()))
        start = mark.end()
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if text[a:b].strip()]


def _parts(start: int, end: int, low: str, words: Lexicon) -> list[tuple[int, int]]:
    """A sentence that goes on to speak of the rest ("…, the balance follows on the 31st"), as two."""
    cut = words.splits.search(low, start + 12, end)
    return [(start, cut.end()), (cut.end(), end)] if cut and end - cut.end() > 8 else [(start, end)]


def _sentence(start: int, end: int, masked: str, text: str) -> Sentence:
    body = text[start:end]
    lead = len(body) - len(body.lstrip(" \n\t-•*·>"))
    start, end = start + lead, start + len(body.rstrip())
    return Sentence(start, max(start, end), masked[start:end], "?" in text[start:end])


def _listen(sentence: Sentence, words: Lexicon) -> None:
    cancelled = {intent for intent, pattern in words.denies if pattern.search(sentence.folded)}
    for intent, pattern in words.says:
        if intent in cancelled:
            continue
        for found in _some(pattern, sentence.folded):
            if intent in _COMMITTED and _denied(sentence.folded, found, words):
                sentence.denied.add(intent)
            else:
                sentence.said.append(Said(intent, sentence.start + found.start(), sentence.start + found.end()))
    alone = words.alone.fullmatch(sentence.folded.strip(" .!,"))
    if alone:
        sentence.said.append(Said(Intent.PAID, sentence.start, sentence.end))
    if not sentence.says(Intent.PROMISE):
        for pattern in words.arrives:
            for found in _some(pattern, sentence.folded):
                if _denied(sentence.folded, found, words):
                    sentence.denied.add(Intent.PROMISE)
                else:
                    sentence.said.append(
                        Said(Intent.PROMISE, sentence.start + found.start(), sentence.start + found.end(), True)
                    )


def _some(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    found = pattern.search(text)
    if not found:
        return []
    again = pattern.search(text, found.end())
    return [found, again] if again else [found]


def _denied(text: str, found: re.Match[str], words: Lexicon) -> bool:
    """Whether a negation stands in the phrase, or just before it in the same clause."""
    before = _COMMA_BUT.split(text[max(0, found.start() - 40) : found.start()])[-1]
    return bool(words.negations.search(" ".join(before.split()[-4:]) + " ")) or bool(words.negations.search(found[0]))
