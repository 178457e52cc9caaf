"""Payment terms written in words: the day on which the whole amount is due, and what lateness costs."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from mailbot.invoices.values import calendar_date

_MONTHS = (
    ("janvier", "january", "januar", "jan", "janv"),
    ("février", "fevrier", "february", "februar", "feb", "févr"),
    ("mars", "march", "märz", "mar", "maerz"),
    ("avril", "april", "apr", "avr"),
    ("mai", "may"),
    ("juin", "june", "juni", "jun"),
    ("juillet", "july", "juli", "jul", "juil"),
    ("août", "aout", "august", "aug"),
    ("septembre", "september", "sep", "sept"),
    ("octobre", "october", "oktober", "oct", "okt"),
    ("novembre", "november", "nov"),
    ("décembre", "decembre", "december", "dezember", "dec", "déc", "dez"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))

_DATE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?P<iy>\d{4})-(?P<im>\d{1,2})-(?P<id>\d{1,2})"
    r"|(?P<d>\d{1,2})(?P<mark>[./-])(?P<m>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})"
    rf"|(?P<wd>\d{{1,2}})(?:er|st|nd|rd|th|\.)?\s(?P<wm>{_NAMES})\.?,?\s(?P<wy>\d{{4}})"
    rf"|(?P<em>{_NAMES})\.?\s(?P<ed>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<ey>\d{{4}})"
    r")(?![\d/-])",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;\n]|,(?! ?\d{4}(?!\d))|\.\s")
_OTHER_TERMS = re.compile(
    r"skonto|escompte|discount|rabais|%|pénalit|penalit|penalt|retard|verzug|late |mahn|interest|indemnit",
    re.IGNORECASE,
)
_DAYS = re.compile(r"(?<![\d.,])(\d{1,3})\s{0,3}(?:jours?|days?|tage?n?)(?!\w)", re.IGNORECASE)
_MONTH_END = re.compile(r"fin de mois|fin du mois|end of (?:the )?month|eom\b|monatsende", re.IGNORECASE)
_AT_ONCE = re.compile(r"(?:à|a) (?:la )?réception|comptant|(?:up)?on receipt|immediate|immédiat|sofort", re.IGNORECASE)
_PENALTY = re.compile(
    r"pénalit|penalit|penalt|indemnit|late payment|late fee|retard|verzug|statutory interest", re.IGNORECASE
)


Order = Literal["day", "month", "either"]


def dates_in(text: str, *, order: Order = "day") -> Iterator[tuple[int, tuple[date, ...]]]:
    """(position, readings) of every date in a text; slashed as 03/04/2026 it has two in "either" order."""
    for match in _DATE.finditer(text):
        readings = _readings(match, order)
        if readings:
            yield match.start(), readings


def slash_order(text: str) -> Order:
    """What the slashed dates of an English text prove: 25/12 the day first, 12/25 the month first."""
    pairs = [(int(one["d"]), int(one["m"])) for one in _DATE.finditer(text) if one["mark"] == "/"]
    day_first, month_first = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if day_first == month_first:
        return "either"
    return "day" if day_first else "month"


def _readings(match: re.Match[str], order: Order) -> tuple[date, ...]:
    part = match.groupdict()
    if part["iy"]:
        found = [calendar_date(int(part["iy"]), int(part["im"]), int(part["id"]))]
    elif part["wd"]:
        found = [calendar_date(int(part["wy"]), _MONTH[part["wm"].lower()], int(part["wd"]))]
    elif part["ed"]:
        found = [calendar_date(int(part["ey"]), _MONTH[part["em"].lower()], int(part["ed"]))]
    else:
        year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
        day, month = int(part["d"]), int(part["m"])
        european, american = calendar_date(year, month, day), calendar_date(year, day, month)
        slashed: dict[Order, list[date | None]] = {
            "day": [european],
            "month": [american],
            "either": [european, american],
        }
        found = slashed[order] if part["mark"] == "/" else [european]
    return tuple(dict.fromkeys(day for day in found if day))


def due_dates(terms: str, issued: date | None) -> tuple[date, ...]:
    """The days on which these terms may make the whole amount due; discounts and lateness are passed over.

    A written date counts before a number of days. "45 days end of month" has two readings in trade and law
    (French commercial code L441-10), so both are given.
    """
    clauses = [clause for clause in _CLAUSE.split(terms[:4000]) if not _OTHER_TERMS.search(clause)]
    written = {readings[0] for clause in clauses for _, readings in dates_in(clause)}
    if written or issued is None:
        return tuple(sorted(written))
    counted = {day for clause in clauses for day in _counted(clause, issued)}
    return tuple(sorted(counted))


def _counted(clause: str, issued: date) -> Iterator[date]:
    numbers = [int(number) for number in _DAYS.findall(clause)]
    if _MONTH_END.search(clause):
        for number in numbers or [0]:
            yield _month_end(issued + timedelta(number))
            if number:
                yield _month_end(issued) + timedelta(number)
    elif numbers:
        yield from (issued + timedelta(number) for number in numbers)
    elif _AT_ONCE.search(clause):
        yield issued


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def penalties_in(terms: str | None) -> str | None:
    """The terms, where they speak of lateness."""
    return terms if terms and _PENALTY.search(terms) else None
