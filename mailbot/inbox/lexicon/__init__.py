"""What clients write, as data: phrases for each intent and language, compiled to patterns that cannot run away.

Every gap and every ending is bounded, and a phrase is looked for within one sentence, so that a mail costs time
in proportion to its length. A phrase is only tried where one of its literal words occurs. README.md tells how a
lexicon is written and how a business adds words of its own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, cast

import yaml

from mailbot.inbox.lexicon.own import LANGUAGES as LANGUAGES
from mailbot.inbox.lexicon.own import merged
from mailbot.inbox.lexicon.phrases import alternatives, anchors, expanded, phrase, spellings
from mailbot.model import Intent

_WORD = re.compile(r"[^\W\d_]{1,40}")
_LONGEST = 12
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Phrase:
    """One line of a lexicon: what it says and, compiled when first asked for, how it is found."""

    def __init__(self, intent: Intent, line: str, barriers: str) -> None:
        self.intent = intent
        self.line = line
        self._barriers = barriers
        if line.count("(") != line.count(")"):
            raise ValueError(f"bracket without partner in {line!r}")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return phrase(self.line, self._barriers)


class Phrases:
    """The phrases of one part of a lexicon, found by the words of a sentence."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.all = tuple(phrases)
        self._always: set[int] = set()
        self._beginnings: dict[str, list[int]] = {}
        self._within: dict[str, list[int]] = {}
        for at, one in enumerate(self.all):
            stems = anchors(one.line)
            if not stems:
                self._always.add(at)
            for stem in stems:
                table = self._within if stem.startswith("*") else self._beginnings
                table.setdefault(stem.lstrip("*"), []).append(at)

    def worth_trying(self, sentence: str) -> Iterator[Phrase]:
        """Those that may match the folded `sentence`, in the order of the file."""
        found = set(self._always)
        for word in set(_WORD.findall(sentence)):
            for end in range(1, min(len(word), _LONGEST) + 1):
                found.update(self._beginnings.get(word[:end], ()))
        for piece, places in self._within.items():
            if piece in sentence:
                found.update(places)
        return (self.all[at] for at in sorted(found))


class WordList:
    """Words and beginnings of words ("zahl*"), with both spellings of umlauts."""

    def __init__(self, text: str) -> None:
        words = {spelling for word in text.split() for spelling in spellings(word)}
        within = sorted(word.strip("*") for word in words if word.startswith("*"))
        plain = {word for word in words if not word.startswith("*")}
        self._exact = frozenset(word for word in plain if not word.endswith("*"))
        self._beginnings = frozenset(word[:-1] for word in plain if word.endswith("*"))
        self._within = re.compile("|".join(map(re.escape, within)) or r"(?!)")

    def __contains__(self, word: str) -> bool:
        return (
            word in self._exact
            or any(word[:end] in self._beginnings for end in range(2, len(word) + 1))
            or bool(self._within.search(word))
        )


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language; `says` in the order of the file."""

    language: str
    words: frozenset[str]
    says: Phrases
    arrives: Phrases
    denies: Phrases
    hints: Mapping[Intent, re.Pattern[str]]
    negations: re.Pattern[str]
    negation_follows: bool
    """Whether "nicht" stands behind the verb."""
    conditions: re.Pattern[str]
    waits_for: Mapping[str, re.Pattern[str]]
    irony: re.Pattern[str]
    hedges: re.Pattern[str]
    things: re.Pattern[str]
    """What may go out, be done or be had instead of money."""
    money: re.Pattern[str]
    unreal: re.Pattern[str]
    """What makes a payment one that was not made or is not to be ("should have been"): it has no day."""
    limits: re.Pattern[str]
    strangers: re.Pattern[str]
    """Who says so is none of our clients: that nothing was ordered is no dispute then."""
    redirects: re.Pattern[str]
    harmless: WordList
    rest: re.Pattern[str]
    alone: re.Pattern[str]
    splits: re.Pattern[str]
    anyway: re.Pattern[str]
    past: re.Pattern[str]
    soon: re.Pattern[str]
    """Words that put a clause into the time to come."""
    done: re.Pattern[str]
    """Words that put a clause into the time gone by."""
    cues: Mapping[Intent, re.Pattern[str]]
    """Words that hint at an intent where no phrase was found: enough for a guess, never for acting on it."""
    clause: re.Pattern[str]
    """Where one clause of a sentence ends and the next begins."""
    idle: re.Pattern[str]
    """Turns of speech that say nothing, whatever words are in them ("keine Sorge", "n'hésitez pas")."""
    patience: re.Pattern[str]
    """What asks for patience beside a promise, which is no request for a delay."""
    checks: re.Pattern[str]
    """A request to look whether the money came."""
    asks: re.Pattern[str]
    """What asks the reader to do something: a note to a colleague, and no thanks to us."""
    ourselves: re.Pattern[str]
    yourselves: re.Pattern[str]
    lasting: re.Pattern[str]
    turns: re.Pattern[str]
    greets: re.Pattern[str]
    ands: re.Pattern[str]
    """Words that begin a new statement without a contrast."""
    nouns_are_capital: bool
    titles: re.Pattern[str]
    """A title before a name, at the end of what stands before it."""
    abbreviations: re.Pattern[str]
    trade: re.Pattern[str]

    def no_payment(self, sentence: str) -> bool:
        """Whether a folded sentence tells of a payment that is none: one not made, or of something that is no money."""
        if self.unreal.search(sentence):
            return True
        return bool(self.things.search(sentence)) and not self.money.search(sentence)


@cache
def lexicon(language: str, own_words: str | None = None) -> Lexicon:
    """The lexicon of `language`, English where there is none, with a business's own words (see `own`)."""
    name = language if language in LANGUAGES else "en"
    own = json.loads(own_words).get(name, {}) if own_words else {}
    return compile_lexicon(merged(_shipped(name), own))


@cache
def small_words(language: str) -> frozenset[str]:
    """The function words of `language`, by which it is told from the others."""
    return _small_words(_shipped(language))


@cache
def trade_words(language: str) -> frozenset[str]:
    """The words of letters about payment in `language`, beginnings with a *; they tell it from the others too."""
    words = str(_shipped(language)["harmless"]).split()
    return frozenset(spelling.lstrip("*") for word in words for spelling in spellings(word) if len(word) > 2)


@cache
def _shipped(language: str) -> Mapping[str, object]:
    text = resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, object]", yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader, the one in C


def _small_words(data: Mapping[str, object]) -> frozenset[str]:
    return frozenset(spelling for word in str(data["words"]).split() for spelling in spellings(word))


def compile_lexicon(data: Mapping[str, object]) -> Lexicon:
    """`data` as in the shipped files; raises KeyError for a missing part and ValueError for an unknown intent."""
    groups = {str(name): str(text) for name, text in _table(data, "groups").items()}
    barriers = alternatives(str(data["barriers"]))

    def phrases(name: str) -> Phrases:
        return Phrases(
            [
                Phrase(Intent(intent), expanded(line, groups), barriers)
                for intent, lines in _table(data, name).items()
                for line in lines
            ]
        )

    return Lexicon(
        language=str(data["language"]),
        words=_small_words(data),
        says=phrases("says"),
        denies=phrases("denies"),
        arrives=Phrases([Phrase(Intent.PROMISE, expanded(line, groups), barriers) for line in _list(data, "arrives")]),
        hints={Intent(name): _words(line) for name, line in _table(data, "hints").items()},
        waits_for={str(name): _words(line) for name, line in _table(data, "waits_for").items()},
        cues={Intent(name): _words(line) for name, line in _table(data, "cues").items()},
        soon=_words(str(data["soon"])),
        done=_words(str(data["done"])),
        harmless=WordList(str(data["harmless"])),
        negations=_words(str(data["negations"])),
        conditions=_words(str(data["conditions"])),
        irony=_words(str(data["irony"])),
        hedges=_words(str(data["hedges"])),
        things=_words(str(data["things"])),
        money=_words(str(data["money"])),
        unreal=_words(str(data["unreal"])),
        limits=_words(str(data["limits"])),
        anyway=_words(str(data["anyway"])),
        rest=_words(str(data["rest"])),
        past=_words(str(data["past"])),
        ands=_words(str(data["ands"])),
        negation_follows=bool(data["negation_follows"]),
        idle=_words(str(data["idle"])),
        patience=_words(str(data["patience"])),
        checks=_words(str(data["checks"])),
        asks=_words(str(data["asks"])),
        ourselves=_words(str(data["ourselves"])),
        yourselves=_words(str(data["yourselves"])),
        lasting=_words(str(data["lasting"])),
        strangers=_words(str(data["strangers"])),
        turns=_words(str(data["turns"])),
        redirects=re.compile(alternatives(str(data["redirects"]))),
        splits=re.compile(alternatives(str(data["splits"]))),
        alone=re.compile(alternatives(str(data["alone"]))),
        clause=re.compile(rf"[,:;()\"]| - |(?<!\w)(?:{alternatives(str(data['breaks']))})(?!\w)"),
        nouns_are_capital=bool(data["nouns_are_capital"]),
        greets=re.compile(rf"\W{{0,4}}(?:{alternatives(str(data['greets']))})(?!\w)"),
        titles=re.compile(rf"(?<!\w)(?:{alternatives(str(data['titles']))})\.? ?$"),
        abbreviations=re.compile(rf"(?:^|[\s(.])(?:{alternatives(str(data['abbreviations']))})$"),
        trade=re.compile(alternatives(str(data["trade"]))),
    )


def _table(data: Mapping[str, object], name: str) -> dict[str, Any]:
    table = data[name]
    if not isinstance(table, dict):
        raise TypeError(f"{name} is a table of lists")
    return table


def _list(data: Mapping[str, object], name: str) -> list[str]:
    lines = data[name]
    if not isinstance(lines, list):
        raise TypeError(f"{name} is a list of phrases")
    return lines


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives(text)})(?:(?<=')|(?!\w))")
