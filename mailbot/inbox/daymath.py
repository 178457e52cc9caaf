"""What a date expression means, seen from the day of the mail: one function for each way to name a day.

Each takes the parts that its pattern caught (`Parts`) and the frame, and gives the day; None where the words
leave it open. Parts that name no real day raise ValueError. The rules of `days/*.yaml` call them by name, some
with a number ("shift 8"); `meaning` turns such a name into the function.
"""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """How the writer sees days: `base` is the day of the mail, `past` what was done, not what will be."""

    base: date
    past: bool = False
    month_first: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The numbers that a pattern caught: day, month (1 to 12), year, weekday (Monday 0), count, rank in a month."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    count: int | None = None
    rank: int | None = None
    first: int | None = None
    second: int | None = None


Meaning = Callable[[Parts, Frame], date | None]


def meaning(name: str) -> Meaning:
    """The function for "shift 8" or "day_month". Raises KeyError for a name that does not exist."""
    plain, _, number = name.partition(" ")
    return _COUNTED[plain](int(number)) if number else _PLAIN[plain]


# ---------------------------------------------------------------------------------- days of the calendar


def _of(value: int | None) -> int:
    if value is None:
        raise ValueError("the pattern lacks a part that its meaning needs")
    return value


def _placed(frame: Frame, day: int, month: int, year: int | None) -> date:
    """The day in its year; without a year the next on or after the base, in the past the last on or before it."""
    if year is not None:
        return date(year, month, day)
    years = (
        range(frame.base.year, frame.base.year - 9, -1) if frame.past else range(frame.base.year, frame.base.year + 9)
    )
    for candidate in years:
        if day > calendar.monthrange(candidate, month)[1]:
            continue
        found = date(candidate, month, day)
        if (found <= frame.base) if frame.past else (found >= frame.base):
            return found
    raise ValueError("no such day")


def _day_month(parts: Parts, frame: Frame) -> date:
    return _placed(frame, _of(parts.day), _of(parts.month), parts.year)


def _numeric(parts: Parts, frame: Frame) -> date:
    """5/12 by the sender's order; the other order where only that one names a month."""
    day, month = _of(parts.first), _of(parts.second)
    if frame.month_first:
        day, month = month, day
    if month > 12 >= day:
        day, month = month, day
    return _placed(frame, day, month, parts.year)


def _iso(parts: Parts, _frame: Frame) -> date:
    return date(_of(parts.year), _of(parts.month), _of(parts.day))


def _day_only(parts: Parts, frame: Frame) -> date:
    """ "the 5th": the next such day, in the past the last one; months without that day are passed over."""
    day, year, month = _of(parts.day), frame.base.year, frame.base.month
    for _ in range(4):
        if day <= calendar.monthrange(year, month)[1]:
            found = date(year, month, day)
            if (found <= frame.base) if frame.past else (found >= frame.base):
                return found
        year, month = _months_on(year, month, -1 if frame.past else 1)
    raise ValueError("no such day")


def _day_next_month(parts: Parts, frame: Frame) -> date:
    return date(*_months_on(frame.base.year, frame.base.month, 1), _of(parts.day))


def _months_on(year: int, month: int, step: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


# ---------------------------------------------------------------------------------------------- weekdays


def _weekday(parts: Parts, frame: Frame) -> date:
    """The next such day after the base; in the past the last one before it."""
    distance = (_of(parts.weekday) - frame.base.weekday()) % 7
    return frame.base + timedelta(days=(distance - 7) if frame.past else (distance or 7))


def _weekday_last(parts: Parts, frame: Frame) -> date:
    return _weekday(parts, Frame(frame.base, past=True))


def _weekday_hence(weeks: int) -> Meaning:
    """ "vendredi en huit": so many weeks after the coming one."""
    return lambda parts, frame: _weekday(parts, Frame(frame.base)) + timedelta(days=7 * weeks)


def _weekday_of_week(weeks: int) -> Meaning:
    """That day of the week so many weeks ahead, weeks beginning on Monday."""
    return lambda parts, frame: _monday(frame, weeks) + timedelta(days=_of(parts.weekday))


def _weekday_next(parts: Parts, frame: Frame) -> date | None:
    """ "next Friday" said before that Friday of the same week may mean either one."""
    return None if _of(parts.weekday) > frame.base.weekday() else _weekday(parts, Frame(frame.base))


def _weekday_of_month(parts: Parts, frame: Frame) -> date:
    """ "the first Monday of December", "the last Friday of the month" (of the next one where it is over)."""
    if parts.month is not None:
        year = parts.year or _end_of_month(_placed(Frame(frame.base), 1, parts.month, None)).year
        return _ranked(year, parts.month, _of(parts.weekday), _of(parts.rank))
    found = _ranked(frame.base.year, frame.base.month, _of(parts.weekday), _of(parts.rank))
    if found >= frame.base:
        return found
    return _ranked(*_months_on(frame.base.year, frame.base.month, 1), _of(parts.weekday), _of(parts.rank))


def _ranked(year: int, month: int, weekday: int, rank: int) -> date:
    days = [d for d in calendar.Calendar().itermonthdates(year, month) if d.month == month and d.weekday() == weekday]
    return days[rank - 1 if rank > 0 else rank]


def _monday(frame: Frame, weeks: int) -> date:
    return frame.base + timedelta(days=7 * weeks - frame.base.weekday())


# ------------------------------------------------------------------------------------- counts and shifts


def _shift(days: int) -> Meaning:
    return lambda _parts, frame: frame.base + timedelta(days=days)


def _ahead(unit: int) -> Meaning:
    return lambda parts, frame: frame.base + timedelta(days=unit * _of(parts.count))


def _ago(unit: int) -> Meaning:
    return lambda parts, frame: frame.base - timedelta(days=unit * _of(parts.count))


def _months_ahead(parts: Parts, frame: Frame) -> date:
    year, month = _months_on(frame.base.year, frame.base.month, _of(parts.count))
    return date(year, month, min(frame.base.day, calendar.monthrange(year, month)[1]))


def _hours(parts: Parts, frame: Frame) -> date | None:
    days, rest = divmod(_of(parts.count), 24)
    return frame.base + timedelta(days=days) if days and not rest else None


def _working_days(parts: Parts, frame: Frame) -> date:
    """So many days from Monday to Friday; public holidays, which differ by country, are not passed over."""
    weeks, rest = divmod(_of(parts.count), 5)
    found = frame.base + timedelta(days=7 * weeks)
    while rest or found.weekday() > FRIDAY:
        found += timedelta(days=1)
        rest -= found.weekday() <= FRIDAY and rest > 0
    return found


# -------------------------------------------------------------------------------------------- ends


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_end(months: int) -> Meaning:
    return lambda _parts, frame: _end_of_month(date(*_months_on(frame.base.year, frame.base.month, months), 1))


def _last_working_day(months: int) -> Meaning:
    def resolve(_parts: Parts, frame: Frame) -> date:
        last = _end_of_month(date(*_months_on(frame.base.year, frame.base.month, months), 1))
        return last - timedelta(days=max(0, last.weekday() - FRIDAY))

    return resolve


def _end_of_named(parts: Parts, frame: Frame) -> date:
    month, year = _of(parts.month), parts.year
    if year is None:
        year = frame.base.year + (month < frame.base.month and not frame.past)
        year -= frame.past and month > frame.base.month
    return _end_of_month(date(year, month, 1))


def _year_end(_parts: Parts, frame: Frame) -> date:
    return date(frame.base.year, 12, 31)


def _friday(weeks: int) -> Meaning:
    """The Friday that ends a week; on a weekend "the end of the week" is the next one."""

    def resolve(_parts: Parts, frame: Frame) -> date:
        found = _monday(frame, weeks) + timedelta(days=FRIDAY)
        return found if weeks or found >= frame.base else found + timedelta(days=7)

    return resolve


def _week_number(parts: Parts, frame: Frame) -> date:
    """The Friday of an ISO 8601 week."""
    found = date.fromisocalendar(frame.base.isocalendar().year, _of(parts.count), 5)
    return found if found >= frame.base else date.fromisocalendar(found.year + 1, _of(parts.count), 5)


def _just_now(_parts: Parts, frame: Frame) -> date | None:
    """ "à l'instant": what has been done today; nothing that will be done."""
    return frame.base if frame.past else None


def _open(_parts: Parts, _frame: Frame) -> None:
    return None


_PLAIN: Mapping[str, Meaning] = {
    "open": _open,
    "just_now": _just_now,
    "iso": _iso,
    "numeric": _numeric,
    "day_month": _day_month,
    "day_only": _day_only,
    "day_next_month": _day_next_month,
    "weekday": _weekday,
    "weekday_last": _weekday_last,
    "weekday_next": _weekday_next,
    "weekday_of_month": _weekday_of_month,
    "hours": _hours,
    "working_days": _working_days,
    "months_ahead": _months_ahead,
    "end_of_named": _end_of_named,
    "year_end": _year_end,
    "week_number": _week_number,
}
_COUNTED: Mapping[str, Callable[[int], Meaning]] = {
    "shift": _shift,
    "ahead": _ahead,
    "ago": _ago,
    "weekday_hence": _weekday_hence,
    "weekday_of_week": _weekday_of_week,
    "month_end": _month_end,
    "last_working_day": _last_working_day,
    "friday": _friday,
}
