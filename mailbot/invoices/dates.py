"""Dates as six languages write them, with every day that one may mean."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal

from mailbot.invoices.values import calendar_date

_MONTHS = (
    "janvier january januar enero gennaio januari jan janv ene gen jän jänner",
    "février fevrier february februar febrero febbraio februari feb févr fév fev febr",
    "mars march märz marzo maart mar maerz mrz mär mrt",
    "avril april abril aprile apr avr abr",
    "mai may mayo maggio mei mag",
    "juin june juni junio giugno jun giu",
    "juillet july juli julio luglio jul juil lug",
    "août aout august agosto augustus aug ago aoû",
    "septembre september septiembre setiembre settembre sep sept set",
    "octobre october oktober octubre ottobre oct okt ott",
    "novembre november noviembre novembre nov",
    "décembre decembre december dezember diciembre dicembre dec déc dez dic",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
MONTH_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
"""A part of a pattern: the names of all months in six languages, and what is short for them."""

_DATE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?P<iy>\d{4})(?P<imark>[-./])(?P<im>\d{1,2})(?P=imark)(?P<id>\d{1,2})"
    r"|(?P<d>\d{1,2})\s?(?P<mark>[./-])\s?(?P<m>\d{1,2})\s?(?P=mark)\s?(?P<y>\d{4}|\d{2})"
    rf"|(?P<wd>\d{{1,2}})(?:er|ère|st|nd|rd|th|°|º|\.)?[\s-](?:de\s|of\s)?(?P<wm>{MONTH_NAMES})\.?,?[\s-](?:de\s|del\s)?(?P<wy>\d{{4}}|\d{{2}})"
    rf"|(?P<em>{MONTH_NAMES})\.?\s(?P<ed>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<ey>\d{{4}})"
    r")(?![\d/]|[.,]\d|-\d)",
    re.IGNORECASE,
)

Order = Literal["day", "month", "either", "either_month"]
"""What stands first in 03/04/2026; where the page does not tell, both, the likelier one first."""


def dates_in(text: str, *, order: Order = "day") -> Iterator[tuple[int, tuple[date, ...]]]:
    """(position, readings) of every date in a text; slashed as 03/04/2026 it has two in "either" order."""
    for start, _, readings in date_spans(text, order=order):
        yield start, readings


def date_spans(text: str, *, order: Order = "day") -> Iterator[tuple[int, int, tuple[date, ...]]]:
    """(start, end, readings) of every date in a text."""
    for match in _DATE.finditer(text):
        readings = _readings(match, order)
        if readings:
            yield match.start(), match.end(), readings


def slash_order(text: str) -> Order:
    """What the slashed dates of an English text prove: 25/12 the day first, 12/25 the month first."""
    pairs = [(int(one["d"]), int(one["m"])) for one in _DATE.finditer(text) if one["mark"] in ("/", "-")]
    day_first, month_first = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if day_first == month_first:
        return "either"
    return "day" if day_first else "month"


def _readings(match: re.Match[str], order: Order) -> tuple[date, ...]:
    part = match.groupdict()
    if part["iy"]:
        found = [calendar_date(int(part["iy"]), int(part["im"]), int(part["id"]))]
    elif part["wd"]:
        found = [calendar_date(_year(part["wy"]), _MONTH[part["wm"].lower()], int(part["wd"]))]
    elif part["ed"]:
        found = [calendar_date(int(part["ey"]), _MONTH[part["em"].lower()], int(part["ed"]))]
    else:
        year, day, month = _year(part["y"]), int(part["d"]), int(part["m"])
        european, american = calendar_date(year, month, day), calendar_date(year, day, month)
        slashed: dict[Order, list[date | None]] = {
            "day": [european],
            "month": [american],
            "either": [european, american],
            "either_month": [american, european],
        }
        found = slashed[order] if part["mark"] != "." else [european]
    return tuple(dict.fromkeys(day for day in found if day))


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)
