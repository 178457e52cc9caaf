"""Which days are worked, on which days and hours a mail may leave, and counting in business days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Protocol

_DAY = timedelta(days=1)
_SEARCH = 800
"""Days; the loader refuses a file that closes a whole year, so that the next open day is always nearer."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A period without mails. Without a year ((month, day) instead of a date) it comes back each year."""

    start: date | tuple[int, int]
    end: date | tuple[int, int]
    why: str

    def is_sane(self) -> bool:
        """It ends after it begins, and within a year."""
        if isinstance(self.start, date) and isinstance(self.end, date):
            return 0 <= (self.end - self.start).days <= 366
        return True

    def covers(self, day: date) -> bool:
        """Whether the day lies in the period, its ends included; 24/12 to 02/01 runs over New Year."""
        if isinstance(self.start, date) and isinstance(self.end, date):
            return self.start <= day <= self.end
        if isinstance(self.start, tuple) and isinstance(self.end, tuple):
            here = (day.month, day.day)
            if self.start <= self.end:
                return self.start <= here <= self.end
            return here >= self.start or here <= self.end
        return False


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working and sending days of one policy."""

    send_days: frozenset[int]
    """Monday is 0."""
    region: str | None
    quiet: tuple[Quiet, ...]
    holidays: Callable[[str, int], Mapping[date, str]]

    def holiday(self, day: date) -> str | None:
        """The name of the public holiday, if it is one."""
        return self.holidays(self.region, day.year).get(day) if self.region else None

    def is_worked(self, day: date) -> bool:
        """Monday to Friday without public holidays: what "business days" counts."""
        return day.weekday() < 5 and self.holiday(day) is None

    def closed(self, day: date) -> str | None:
        """Why no mail may leave: "weekday", a holiday's name, a quiet period's reason; None: it may."""
        if day.weekday() not in self.send_days:
            return "weekday"
        for period in self.quiet:
            if period.covers(day):
                return period.why
        return self.holiday(day)

    def next_open(self, day: date) -> date:
        """The first day on or after `day` on which a mail may leave."""
        last = min(_SEARCH, (date.max - day).days)
        for _ in range(last):
            if self.closed(day) is None:
                return day
            day += _DAY
        return day

    def shifted(self, day: date, count: int, *, business: bool = False) -> date:
        """The day moved by so many days (negative: back), stopping at the ends of the calendar."""
        if not count:
            return day
        if not business:
            try:
                return day + timedelta(count)
            except OverflowError:
                return date.max if count > 0 else date.min
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left and date.min < day < date.max:
            day += step
            left -= self.is_worked(day)
        return day

    def worked_between(self, start: date, end: date) -> int:
        """Business days after `start` up to and including `end`; 0 when `end` is not later."""
        days = min(max((end - start).days, 0), _SEARCH)
        return sum(self.is_worked(start + timedelta(days=n)) for n in range(1, days + 1))


@dataclass(frozen=True, slots=True)
class Days:
    """A length of time: "3 days", "2 business days"."""

    count: int
    business: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """A date that follows from another: "due + 3 days", "promise.date + 2 business days"."""

    anchor: str
    count: int = 0
    business: bool = False

    def from_day(self, day: date, calendar: Calendar) -> date:
        """The date, given the day of its anchor."""
        return calendar.shifted(day, self.count, business=self.business)


class _HasCalendar(Protocol):
    """What `window` and `next_open_day` need of the rules."""

    @property
    def calendar(self) -> Calendar: ...
    @property
    def guards(self) -> "_HasHours": ...


class _HasHours(Protocol):
    @property
    def send_hours(self) -> tuple[time, time]: ...


def window(rules: _HasCalendar, day: date) -> tuple[time, time] | None:
    """The local hours between which a mail may leave on that day; None: on that day none may."""
    return rules.guards.send_hours if rules.calendar.closed(day) is None else None


def sending_window(
    rules: _HasCalendar, now: datetime, zone: tzinfo, hold: timedelta
) -> tuple[datetime, datetime] | None:
    """When a mail decided at `now` may leave on that day of the zone: its first and last instant, in UTC.

    None: not any more that day. `hold` is the time for which it can be stopped.
    """
    day = now.astimezone(zone).date()
    hours = window(rules, day)
    if hours is None:
        return None
    opens, closes = (datetime.combine(day, hour, tzinfo=zone).astimezone(UTC) for hour in hours)
    first = max(opens, now + hold)
    return (first, closes) if first < closes else None


def next_open_day(rules: _HasCalendar, day: date) -> date:
    """The first day on or after `day` on which a mail may leave."""
    return rules.calendar.next_open(day)


@lru_cache(maxsize=256)
def public_holidays(region: str, year: int) -> Mapping[date, str]:
    """The public holidays of "FR", "FR-57", "BE" … in one year; empty for a region that is not known."""
    import holidays  # its import takes 0.15 s

    country, _, part = region.partition("-")
    try:
        # Without a language the names follow the process's locale, and the same facts would give other bytes.
        language = getattr(holidays, country).default_language
        return dict(holidays.country_holidays(country, subdiv=part or None, years=year, language=language).items())
    except (AttributeError, NotImplementedError):
        return {}


def known_regions() -> Mapping[str, tuple[str, ...]]:
    """Countries whose holidays are known, each with its parts ("FR": ("57", "971", …))."""
    import holidays

    known = holidays.list_supported_countries()
    return {country: tuple(part for part in parts if " " not in part) for country, parts in known.items()}
