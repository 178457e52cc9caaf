"""A text cut into sentences, with what each says by the lexicon and how: denied, on a condition, as a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import Lexicon, Phrase
from mailbot.inbox.masks import EMAIL
from mailbot.model import Intent

MAX_TEXT = 8_000
_MAX_SENTENCE = 700
_END = re.compile(
    r"(?<=[\w)\"'»])[.!?…]+(?=[\s\"»)]|$)|(?<=\s)[?!]+|\n[ \t]*\n[\s]*|\n[ \t]*(?=[-•*·] )|;|"
    r"(?<=[^\W\d_A-Z)])\n(?=[A-ZÀ-ÝŸŒ])"
)
_WRAPPED = 55
"""A text with a line as long as this was wrapped by its mail program."""
_COMMITTED = (Intent.PROMISE, Intent.PAID)
_FIGURE = re.compile(r"(?<!\d)\d{1,2}$")
_AFTER_STOP = re.compile(r"\s{1,3}(\w)")
_ORDINAL = re.compile(r"(?:(?<!\w)|\.)\d{1,2}$")
_AFTER_ORDINAL = re.compile(
    r"\s{1,3}(?:[a-z\d]|(?:jan|feb|mar|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)\w{0,7})", re.IGNORECASE
)
_IN_A_NUMBER = re.compile(r"(?<=\d),(?=\d)")
_CAPITAL = re.compile(r"\s{1,3}([A-ZÀ-Ý]\w{1,20})")
_NEAR = 40
"""A denial reaches as many characters beyond itself, within its clause."""
_WORDS_BEFORE = 4
_WORDS_AFTER = 3


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
    masked = _IN_A_NUMBER.sub(".", EMAIL.sub(lambda m: "\x01" * len(m[0]), low))
    spans = [part for span in _spans(text[:MAX_TEXT], masked, words) for part in _parts(*span, masked, words)]
    found = [_sentence(start, min(end, start + _MAX_SENTENCE), masked, text) for start, end in spans]
    for sentence in found:
        sentence.condition = bool(words.conditions.search(sentence.folded))
        _listen(sentence, words)
        put_in_time(sentence, words)
    return found


def _spans(text: str, low: str, words: Lexicon) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    width = max(map(len, text.split("\n")))
    for mark in _END.finditer(text):
        if mark[0] == "." and _is_no_stop(text, low, mark.start(), start, words):
            continue
        if mark[0] == "." and _is_ordinal(text, low, mark.start(), words):
            continue
        if mark[0] == "\n" and width >= _WRAPPED and _goes_on(text, mark.start(), width):
            continue
        spans.append((start, mark.end()))
        start = mark.end()
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if text[a:b].strip()]


def _is_ordinal(text: str, low: str, at: int, words: Lexicon) -> bool:
    """Whether the full stop at `at` belongs to a day: "am 5. Mai", "am 10.09. von meinem Konto", "der 2. Teil"."""
    after = _AFTER_STOP.match(text, at + 1)
    if not after or not _FIGURE.search(low[max(0, at - 3) : at]):
        return False
    return after[1].islower() or grammar(words.language).month.match(low, after.start(1)) is not None


def _is_no_stop(text: str, low: str, at: int, start: int, words: Lexicon) -> bool:
    """Whether the point at `at` ends an abbreviation or a number ("am 3. November", "le 12.11. par virement")."""
    if words.abbreviations.search(low[max(start, at - 8) : at]):
        return not _begins_anew(text, low, at, words)
    if not _ORDINAL.search(text, max(start, at - 4), at):
        return False
    following = _AFTER_ORDINAL.match(text, at + 1)
    if following is None:
        return False
    word = following[0].strip()
    return word[:1].islower() or len(word) > 1


def _begins_anew(text: str, low: str, at: int, words: Lexicon) -> bool:
    """Whether a small word with a capital follows letters with points ("30 c.m. Non appena …")."""
    following = _CAPITAL.match(text, at + 1)
    if following is None or low[max(0, at - 2) : at - 1] != ".":
        return False
    return low[slice(*following.span(1))] in words.words


def _goes_on(text: str, at: int, width: int) -> bool:
    """Whether the line that ends at `at` was broken because the next word had no room in it."""
    line = at - text.rfind("\n", 0, at) - 1
    word = re.compile(r"\S{0,60}").match(text, at + 1)
    return line + 1 + len(word[0] if word else "") > width


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
    low = sentence.folded
    denied = [
        (one.intent, m.start(), m.end()) for one in words.denies.worth_trying(low) for m in _some(one.pattern, low)
    ]
    for one in words.says.worth_trying(low):
        _hear(sentence, one, words, denied, arrival=False)
    if words.alone.fullmatch(low.strip(" .!,")):
        sentence.said.append(Said(Intent.PAID, sentence.start, sentence.end))
    if not sentence.says(Intent.PROMISE):
        for one in words.arrives.worth_trying(low):
            _hear(sentence, one, words, denied, arrival=True)


def _hear(
    sentence: Sentence, one: Phrase, words: Lexicon, denied: Sequence[tuple[Intent, int, int]], *, arrival: bool
) -> None:
    for found in _some(one.pattern, sentence.folded):
        start, end = _around(sentence.folded, found.start(), found.end(), (words.clause,))
        start, end = max(start, found.start() - _NEAR), min(end, found.end() + _NEAR)
        if any(intent is one.intent and a < end and b > start for intent, a, b in denied):
            continue
        if one.intent in _COMMITTED and _denied(sentence.folded, found, words):
            sentence.denied.add(one.intent)
        else:
            start, end = sentence.start + found.start(), sentence.start + found.end()
            sentence.said.append(Said(one.intent, start, end, arrival))


def put_in_time(sentence: Sentence, words: Lexicon) -> None:
    """Tell what was paid from what will be, by the time that its clause names ("bis Freitag bezahlt")."""
    kept: list[Said] = []
    for said in sentence.said:
        here = said.start - sentence.start, said.end - sentence.start
        start, end = _around(sentence.folded, *here, (words.clause, words.ands))
        soon = bool(words.soon.search(sentence.folded, start, end))
        done = bool(words.done.search(sentence.folded, start, end))
        if said.intent is Intent.PAID and soon and not done:
            said = Said(Intent.PROMISE, said.start, said.end, said.arrival)
        if said.intent is Intent.PROMISE and done and not soon and _paid_there(sentence, said):
            continue
        kept.append(said)
    sentence.said = kept


def _paid_there(sentence: Sentence, said: Said) -> bool:
    return any(s.intent is Intent.PAID and s.start < said.end and s.end > said.start for s in sentence.said)


def _around(text: str, start: int, end: int, marks: Sequence[re.Pattern[str]]) -> tuple[int, int]:
    """The clause between `marks` in which `start` to `end` stands, or those over which it reaches."""
    cuts = [m.start() for pattern in marks for m in pattern.finditer(text)]
    return max((c for c in cuts if c <= start), default=0), min((c for c in cuts if c >= end), default=len(text))


def _some(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    found = pattern.search(text)
    if not found:
        return []
    again = pattern.search(text, found.end())
    return [found, again] if again else [found]


def _denied(text: str, found: re.Match[str], words: Lexicon) -> bool:
    """Whether a negation stands in the phrase or beside it in the same clause."""
    return any(words.negations.search(piece) for piece in (found[0], _before(text, found, words))) or (
        words.negation_follows and bool(words.negations.search(_after(text, found, words)))
    )


def _before(text: str, found: re.Match[str], words: Lexicon) -> str:
    before = text[max(0, found.start() - 40) : found.start()]
    cut = max((m.end() for pattern in (words.clause, words.ands) for m in pattern.finditer(before)), default=0)
    return " ".join(before[cut:].split()[-_WORDS_BEFORE:]) + " "


def _after(text: str, found: re.Match[str], words: Lexicon) -> str:
    after = text[found.end() : found.end() + 40]
    cuts = [m.start() for pattern in (words.clause, words.ands) for m in pattern.finditer(after)]
    return " " + " ".join(after[: min(cuts, default=len(after))].split()[:_WORDS_AFTER])
