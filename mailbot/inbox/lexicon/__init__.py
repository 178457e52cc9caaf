"""What clients write, as data: phrases for each intent and language, compiled to patterns that cannot run away.

Every gap and every ending is bounded, and a phrase is looked for within one sentence, so that a mail costs time
in proportion to its length. A phrase is only tried where one of its literal words occurs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon.phrases import phrase
from mailbot.model import Intent

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language; `says` in the order of the file."""

    language: str
    words: frozenset[str]
    says: tuple[tuple[Intent, re.Pattern[str]], ...]
    arrives: tuple[re.Pattern[str], ...]
    denies: tuple[tuple[Intent, re.Pattern[str]], ...]
    hints: Mapping[Intent, re.Pattern[str]]
    negations: re.Pattern[str]
    conditions: re.Pattern[str]
    waits_for: Mapping[str, re.Pattern[str]]
    irony: re.Pattern[str]
    hedges: re.Pattern[str]
    limits: re.Pattern[str]
    redirects: re.Pattern[str]
    harmless: re.Pattern[str]
    rest: re.Pattern[str]
    alone: re.Pattern[str]
    splits: re.Pattern[str]
    anyway: re.Pattern[str]
    past: re.Pattern[str]


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of `language`; English where there is none."""
    name = language if language in LANGUAGES else "en"
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return compile_lexicon(yaml.safe_load(text))


def compile_lexicon(data: Mapping[str, object]) -> Lexicon:
    """`data` as in the shipped files; raises KeyError for a missing part and ValueError for an unknown intent."""
    says, hints, waits = (_table(data, name) for name in ("says", "hints", "waits_for"))
    denies, arrives = _table(data, "denies"), data["arrives"]
    if not isinstance(arrives, list):
        raise TypeError("arrives is a list of phrases")
    return Lexicon(
        language=str(data["language"]),
        words=frozenset(folded(str(data["words"])).split()),
        says=tuple((Intent(name), phrase(line)) for name, lines in says.items() for line in lines),
        denies=tuple((Intent(name), phrase(line)) for name, lines in denies.items() for line in lines),
        arrives=tuple(phrase(line) for line in arrives),
        hints={Intent(name): _words(line) for name, line in hints.items()},
        negations=_words(str(data["negations"])),
        conditions=_words(str(data["conditions"])),
        waits_for={str(name): _words(line) for name, line in waits.items()},
        irony=_words(str(data["irony"])),
        hedges=_words(str(data["hedges"])),
        limits=_words(str(data["limits"])),
        redirects=re.compile(str(data["redirects"])),
        harmless=re.compile("|".join(folded(str(data["harmless"])).split())),
        splits=re.compile(str(data["splits"])),
        anyway=_words(str(data["anyway"])),
        alone=re.compile(str(data["alone"])),
        rest=_words(str(data["rest"])),
        past=_words(str(data["past"])),
    )


def _table(data: Mapping[str, object], name: str) -> dict[str, Any]:
    table = data[name]
    if not isinstance(table, dict):
        raise TypeError(f"{name} is a table of lists")
    return table


def _words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives})(?:(?<=')|(?!\w))")
