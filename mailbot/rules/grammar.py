"""The small grammars of values: durations, dates, money, percent, counters, days of the week, hours.

Each function takes the text and gives the value, or None where it is none; the loader words the error.
"""

import re
from datetime import date, time
from decimal import Decimal

from mailbot.money import parse_amount
from mailbot.rules.calendar import Days, When

_DAYS = re.compile(r"(\d{1,4}) (business )?days?")
_WHEN = re.compile(r"([a-z_][a-z0-9_]{0,63}(?:\.[a-z_]{1,32})?)(?: ?([+-]) ?(\d{1,4}) (business )?days?)?")
_MONEY = re.compile(r"([0-9][0-9 .,'\u00a0\u202f]{0,30}?) ?([A-Z]{3})")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?) ?%")
_COUNTER = re.compile(r"(\d{1,3}) per (\d{1,3}) days?")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?- ?([01]\d|2[0-3]):([0-5]\d)")
_EVERY_YEAR = re.compile(r"(\d{2})-(\d{2})")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days(text: str) -> Days | None:
    """ "3 days", "1 business day"."""
    found = _DAYS.fullmatch(text)
    return Days(int(found[1]), found[2] is not None) if found else None


def when(text: str) -> When | None:
    """ "due", "due - 5 days", "promise.date + 2 business days"."""
    found = _WHEN.fullmatch(text)
    if not found:
        return None
    count = int(found[3] or 0)
    return When(found[1], -count if found[2] == "-" else count, found[4] is not None)


def money(text: str) -> tuple[Decimal, str] | None:
    """ "1 500,50 EUR", "15 EUR"."""
    found = _MONEY.fullmatch(text)
    if not found:
        return None
    try:
        return parse_amount(found[1]), found[2]
    except ValueError:
        return None


def percent(text: str) -> Decimal | None:
    """ "10 %" is Decimal("0.1")."""
    found = _PERCENT.fullmatch(text)
    return Decimal(found[1].replace(",", ".")) / 100 if found else None


def counter(text: str) -> tuple[int, int] | None:
    """ "6 per 30 days" is (6, 30)."""
    found = _COUNTER.fullmatch(text)
    return (int(found[1]), int(found[2])) if found and int(found[1]) and int(found[2]) else None


def weekdays(text: str) -> frozenset[int] | None:
    """ "mon-fri", "mon, tue, thu"; Monday is 0."""
    chosen: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        first, _, last = part.partition("-")
        last = last or first
        if first not in WEEKDAYS or last not in WEEKDAYS:
            return None
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
        if end < start:
            return None
        chosen.update(range(start, end + 1))
    return frozenset(chosen)


def hours(text: str) -> tuple[time, time] | None:
    """ "09:00-17:30"; the end must be later."""
    found = _HOURS.fullmatch(text)
    if not found:
        return None
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return (start, end) if start < end else None


def calendar_day(text: str) -> date | tuple[int, int] | None:
    """ "2026-08-03", or "08-03" for each year."""
    try:
        if found := _EVERY_YEAR.fullmatch(text):
            leap = date(2024, int(found[1]), int(found[2]))
            return (leap.month, leap.day)
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
