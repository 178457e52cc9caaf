"""What a date expression means, seen from the day of the mail: one function for each way to name a day.

Each takes the match of its pattern and the frame, and gives the day; None where the words leave it open.
A match that names no real day raises ValueError.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

LANGUAGES = frozenset({"fr", "en"})
_MONTHS = {
    "fr": (
        "janvier|janv fevrier|fevr|fev mars avril|avr mai juin juillet|juil aout septembre|sept octobre|"
        "oct novembre|nov decembre|dec"
    ),
    "en": (
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|"
        "sep october|oct november|nov december|dec"
    ),
}
_DAYS = {
    "fr": "lundi|lun mardi mercredi|mer jeudi|jeu vendredi|ven samedi|sam dimanche|dim",
    "en": ("monday|mon tuesday|tues|tue wednesday|weds|wed thursday|thurs|thur|thu friday|fri saturday|sat sunday|sun"),
}
_NUMBERS = {
    "fr": "un|une deux trois quatre cinq six sept huit neuf dix",
    "en": "one|a|an two|a couple of|couple of three four five six seven eight nine ten",
}


@dataclass(frozen=True, slots=True)
class Frame:
    base: date
    past: bool
    month_first: bool
    words: dict[str, int]


Resolver = Callable[[re.Match[str], Frame], date | None]


@cache
def day_words(language: str) -> dict[str, int]:
    tables = (_MONTHS, _DAYS, _NUMBERS)
    result: dict[str, int] = {}
    for offset, table in zip((1, 0, 1), tables, strict=True):
        groups = _groups(table[language])
        prefix = {id(_MONTHS): "m:", id(_DAYS): "d:", id(_NUMBERS): "n:"}[id(table)]
        result |= {prefix + name: at + offset for at, group in enumerate(groups) for name in group}
    return result


def _groups(table: str) -> list[list[str]]:
    if "couple" in table:
        return [["one", "a", "an"], ["two", "a couple of", "couple of"], *([w] for w in table.split()[6:])]
    return [group.split("|") for group in table.split()]


def _year(text: str | None) -> int | None:
    return None if not text else int(text) + (2000 if len(text) == 2 else 0)


def placed(frame: Frame, day: int, month: int, year: int | None) -> date:
    if year is not None:
        return date(year, month, day)
    for candidate in (
        range(frame.base.year - 1, frame.base.year + 3)
        if not frame.past
        else range(frame.base.year, frame.base.year - 3, -1)
    ):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if (found <= frame.base) if frame.past else (found >= frame.base):
            return found
    raise ValueError("no such day")


def day_month(match: re.Match[str], frame: Frame) -> date:
    parts = match.groupdict()
    month = frame.words["m:" + parts["m"]]
    return placed(frame, int(parts["d"]), month, _year(parts.get("y")))


def numeric(match: re.Match[str], frame: Frame) -> date:
    first, second = int(match["a"]), int(match["b"])
    day, month = (second, first) if frame.month_first else (first, second)
    if month > 12 >= day:
        day, month = month, day
    return placed(frame, day, month, _year(match["y"]))


def iso(match: re.Match[str], _frame: Frame) -> date:
    return date(int(match["y"]), int(match["b"]), int(match["a"]))


def day_only(match: re.Match[str], frame: Frame) -> date:
    day, year, month = int(match["d"]), frame.base.year, frame.base.month
    for _ in range(14):
        last = calendar.monthrange(year, month)[1]
        if day <= last:
            found = date(year, month, day)
            if (found <= frame.base) if frame.past else (found >= frame.base):
                return found
        year, month = _month_after(year, month, -1 if frame.past else 1)
    raise ValueError("no such day")


def _month_after(year: int, month: int, step: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


def weekday(match: re.Match[str], frame: Frame) -> date:
    ahead = (frame.words["d:" + match["w"]] - frame.base.weekday()) % 7
    if frame.past:
        return frame.base - timedelta(days=(7 - ahead) % 7 or 7)
    return frame.base + timedelta(days=ahead or 7)


def weekday_past(match: re.Match[str], frame: Frame) -> date:
    return weekday(match, Frame(frame.base, True, frame.month_first, frame.words))


def weekday_after_next(match: re.Match[str], frame: Frame) -> date:
    return weekday(match, Frame(frame.base, False, frame.month_first, frame.words)) + timedelta(days=7)


def _weekday_next_week(match: re.Match[str], frame: Frame) -> date:
    return monday(frame, 1) + timedelta(days=frame.words["d:" + match["w"]])


def weekday_this_week(match: re.Match[str], frame: Frame) -> date:
    return monday(frame, 0) + timedelta(days=frame.words["d:" + match["w"]])


def english_next_weekday(match: re.Match[str], frame: Frame) -> date | None:
    """ "next Friday" said before that Friday of the same week may mean either one."""
    if frame.words["d:" + match["w"]] > frame.base.weekday():
        return None
    return weekday(match, Frame(frame.base, False, frame.month_first, frame.words))


def monday(frame: Frame, weeks: int) -> date:
    return frame.base + timedelta(days=7 * weeks - frame.base.weekday())


def count(text: str, frame: Frame) -> int:
    return int(text) if text.isdigit() else frame.words["n:" + text]


def ahead(unit: int) -> Resolver:
    return lambda match, frame: frame.base + timedelta(days=unit * count(match["n"], frame))


def ago(unit: int) -> Resolver:
    return lambda match, frame: frame.base - timedelta(days=unit * count(match["n"], frame))


def hours(match: re.Match[str], frame: Frame) -> date | None:
    hours = int(match["n"])
    return frame.base + timedelta(days=hours // 24) if hours % 24 == 0 else None


def shift(days: int) -> Resolver:
    return lambda _match, frame: frame.base + timedelta(days=days)


def month_end(months: int) -> Resolver:
    def resolve(_match: re.Match[str], frame: Frame) -> date:
        year, month = _month_after(frame.base.year, frame.base.month, months)
        return date(year, month, calendar.monthrange(year, month)[1])

    return resolve


def end_of_named(match: re.Match[str], frame: Frame) -> date:
    month = frame.words["m:" + match["m"]]
    year = _year(match["y"])
    if year is None:
        year = (
            frame.base.year + (month < frame.base.month and not frame.past) - (month > frame.base.month and frame.past)
        )
    return date(year, month, calendar.monthrange(year, month)[1])


def friday(weeks: int) -> Resolver:
    def resolve(_match: re.Match[str], frame: Frame) -> date:
        friday = monday(frame, weeks) + timedelta(days=4)
        return friday if weeks or friday >= frame.base else friday + timedelta(days=7)

    return resolve


def week_number(match: re.Match[str], frame: Frame) -> date:
    friday = date.fromisocalendar(frame.base.year, int(match["n"]), 5)
    return friday if friday >= frame.base else date.fromisocalendar(frame.base.year + 1, int(match["n"]), 5)


def day_next_month(match: re.Match[str], frame: Frame) -> date:
    year, month = _month_after(frame.base.year, frame.base.month, 1)
    return date(year, month, int(match["d"]))


def left_open(_match: re.Match[str], _frame: Frame) -> None:
    return None


def year_end(_match: re.Match[str], frame: Frame) -> date:
    return date(frame.base.year, 12, 31)
