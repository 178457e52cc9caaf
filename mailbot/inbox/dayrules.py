"""The words for days in six languages: `days/<language>.yaml`, compiled to patterns that cannot run away.

A rule is a meaning of `daymath` with its patterns, written for folded text (lower case, no accents). In a pattern
{d} is a day of the month, {m} a month, {y} a year, {w} a weekday, {n} a count, {o} a rank ("first", "last"); in
capitals the same is matched but not kept. Rules are tried in order, and what one has matched no later one sees.

    months, weekdays   names and abbreviations, in calendar order
    days, counts       numbers in words, from 1 on
    ranks              "first" … "fourth", then "last"
    suffix             what may follow a day in figures
    weekday_suffix     what a weekday may be compounded with ("Freitagabend")
    anchors            words at which a look is worthwhile, besides names and figures
    rules              {meaning: [patterns]}
    from_on            before a day that begins something: "from … on", "after"
    limits, denials    "before", "until" and "not": together they begin something too ("not before the 20th")
    joins              "and", "but": a denial on their far side does not count
    aside              before (or after) a day of something else: a letter, a hearing, the creditor's deadline
    arrival            where money is said to be there on that day, not to be sent
    returns, returns_after, last_day   in an absence note: before and after the day of return, at the last day away
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from mailbot.inbox.daymath import Meaning, Parts, meaning

LANGUAGES = ("fr", "en", "de", "es", "it", "nl")
_COMMON = {
    "iso": [r"(?P<y>20\d\d)[-/.](?P<mm>\d{1,2})[-/.](?P<dd>\d{1,2})"],
    "numeric": [
        r"(?:{W},? (?:(?:dem|den|le|el|il|de) )?)?(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>20\d\d|'?\d\d)",
        r"(?:{W},? (?:(?:dem|den) )?)?(?P<a>\d{1,2})\. (?P<b>\d{1,2})\. ?(?P<y>20\d\d)",
        r"(?!24/7)(?:{W},? (?:(?:le|el|il|de) )?)?(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![/\d])",
        r"(?:{W},? (?:(?:dem|den) )?)?(?P<a>\d{1,2})\. ?(?P<b>\d{1,2})\.(?! ?\d)",
    ],
}
_FIGURES = re.compile(r"\d{1,4}")
_EDGE_BEFORE = r"(?<![\w\x01/-])(?<!\d[.,])"
_EDGE_AFTER = r"(?![\w\x01])(?![.,/]\d)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled words for days of one language."""

    language: str
    rules: tuple[tuple[re.Pattern[str], Meaning], ...]
    anchor: re.Pattern[str]
    month: re.Pattern[str]
    from_on: re.Pattern[str]
    limits: re.Pattern[str]
    denials: re.Pattern[str]
    joins: re.Pattern[str]
    aside: re.Pattern[str]
    aside_after: re.Pattern[str]
    arrival: re.Pattern[str]
    returns: re.Pattern[str]
    returns_after: re.Pattern[str]
    last_day: re.Pattern[str]
    names: Mapping[str, Mapping[str, int]]

    def parts(self, match: re.Match[str]) -> Parts:
        """What a rule caught, in numbers. Raises ValueError where a year or day makes no sense."""
        caught = {key: text for key, text in match.groupdict().items() if text}
        return Parts(
            day=self._number("days", caught.get("d") or caught.get("dd")),
            month=self._number("months", caught.get("m") or caught.get("mm")),
            year=_year(caught.get("y")),
            weekday=self._number("weekdays", caught.get("w")),
            count=self._number("counts", caught.get("n")),
            rank=self._number("ranks", caught.get("o")),
            first=self._number("days", caught.get("a")),
            second=self._number("days", caught.get("b")),
        )

    def _number(self, table: str, text: str | None) -> int | None:
        if text is None:
            return None
        figures = _FIGURES.match(text)
        if figures:
            return int(figures[0])
        if text not in self.names[table]:
            raise ValueError(f"{text} is none of the {table} in {self.language}")
        return self.names[table][text]


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text.lstrip("'"))


@cache
def grammar(language: str) -> Grammar:
    """The grammar of `language`; the English one for a language that is not among the six."""
    name = language if language in LANGUAGES else "en"
    text = resources.files("mailbot.inbox").joinpath("days", f"{name}.yaml").read_text(encoding="utf-8")
    return _compiled(name, yaml.safe_load(text))


def _compiled(language: str, data: Mapping[str, Any]) -> Grammar:
    names = {
        "months": _numbered(data["months"], 1),
        "weekdays": _numbered(data["weekdays"], 0),
        "days": _numbered(data["days"], 1),
        "counts": _numbered(data["counts"], 1) | data.get("more_counts", {}),
        "ranks": _numbered(data["ranks"][:-1], 1) | dict.fromkeys(data["ranks"][-1].split("|"), -1),
    }
    fill = _fillings(names, data["suffix"], data.get("weekday_suffix", "(?!)"))
    listed = [entry for rules in (data.get("first", []), [_COMMON], data["rules"]) for entry in rules]
    rules = [
        (re.compile(_EDGE_BEFORE + f"(?:{_filled(pattern, fill)})" + _EDGE_AFTER), meaning(name))
        for entry in listed
        for name, patterns in entry.items()
        for pattern in patterns
    ]
    words = "|".join([_whole(names["months"]), _whole(names["weekdays"]), *data["anchors"]])
    return Grammar(
        language,
        tuple(rules),
        re.compile(rf"\d|(?<!\w)(?:{words})"),
        re.compile(rf"(?:{_either(names['months'])})(?!\w)"),
        _before(data["from_on"], fill),
        _before(data["limits"], fill),
        re.compile(rf"(?<!\w)(?:{_joined(data['denials'], fill)})(?:(?<=')|(?!\w))"),
        re.compile(rf"[,:]|(?<!\w)(?:{_joined(data['joins'], fill)})(?!\w)"),
        _before(data["aside"], fill),
        re.compile(rf"[\s,]{{0,3}}(?:{_joined(data['aside_after'], fill)})"),
        _words(data["arrival"], fill),
        _words(data["returns"], fill),
        _words(data["returns_after"], fill),
        _words(data["last_day"], fill),
        names,
    )


def _numbered(names: Sequence[str], start: int) -> dict[str, int]:
    return {name: at for at, group in enumerate(names, start) for name in group.split("|")}


def _either(names: Mapping[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _whole(names: Mapping[str, int]) -> str:
    """Names at the beginning of a word; those of a few letters only as whole words."""
    return "|".join(name if len(name) > 3 else rf"{name}\b" for name in names)


def _fillings(names: Mapping[str, Mapping[str, int]], suffix: str, weekday_suffix: str) -> dict[str, str]:
    day = rf"(?:[12]\d|3[01]|0?[1-9])(?!\d)|{_either(names['days'])}"
    plain = {
        "d": (day, rf"(?:(?<=\d)(?:{suffix}))?"),
        "m": (_either(names["months"]), r"(?!\w)\.?"),
        "y": (r"20\d\d", ""),
        "w": (_either(names["weekdays"]), rf"(?:{weekday_suffix})?(?!\w)\.?"),
        "n": (rf"\d{{1,3}}|{_either(names['counts'])}", ""),
        "o": (_either(names["ranks"]), ""),
    }
    kept = {key: f"(?P<{key}>{body}){end}" for key, (body, end) in plain.items()}
    return kept | {key.upper(): f"(?:{body}){end}" for key, (body, end) in plain.items()}


def _filled(pattern: str, fill: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-zA-Z])\}", lambda m: fill[m[1]], pattern)


def _joined(patterns: Sequence[str], fill: Mapping[str, str]) -> str:
    return "|".join(_filled(pattern, fill) for pattern in patterns)


def _before(patterns: Sequence[str], fill: Mapping[str, str]) -> re.Pattern[str]:
    """Something that stands directly before a day, with at most an article or preposition between."""
    return re.compile(rf"(?<!\w)(?:{_joined(patterns, fill)})\W{{0,3}}$")


def _words(patterns: Sequence[str], fill: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_joined(patterns, fill)})")
