"""What gaps and maxima do to the ladder: when its steps can really leave, for a due date on each day of the week.

A client who never answers, in weeks without holidays; conditions are taken as met. What is late on most days of
the week is late by design, and worth a warning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from mailbot.rules.calendar import Calendar, When
from mailbot.rules.language import Profile, Rules, Step

_WEEK = tuple(date(2026, 3, 2) + timedelta(days=n) for n in range(7))
"""Due dates, Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Late:
    """A step that most often leaves later than planned; days count from the due date."""

    step: str
    profiles: tuple[str, ...]
    plan: int
    first: int
    last: int
    why: Literal["gap", "after"]
    late: int
    """On how many of the seven days of the week."""


@dataclass(frozen=True, slots=True)
class Many:
    """A step that the maximum of mails can hold back, once an answer mail is among them."""

    step: str
    profiles: tuple[str, ...]
    days: int
    count: int
    length: int
    most: int


@dataclass(frozen=True, slots=True)
class _Left:
    step: Step
    plan: int
    planned: date
    day: date
    why: Literal["gap", "after"]


def late_steps(rules: Rules) -> list[Late]:
    """Steps that leave later than planned for at least four of seven due dates, profiles with the same together."""
    found: dict[Late, list[str]] = {}
    if _is_huge(rules):
        return []
    for profile in rules.profiles:
        runs = [(due, list(_climb(rules, profile, due))) for due in _WEEK]
        for step in rules.steps:
            left = [(due, one) for due, run in runs for one in run if one.step is step]
            late = [one for _, one in left if one.day > one.planned]
            if len(late) >= 4:
                days = [(one.day - due).days for due, one in left]
                what = Late(step.id, (), late[0].plan, min(days), max(days), late[0].why, len(late))
                found.setdefault(what, []).append(profile.id)
    return [replace(late, profiles=tuple(who)) for late, who in found.items()]


def many_mails(rules: Rules) -> list[Many]:
    """Steps that would wait for the maximum of mails if one answer mail left the day before."""
    if rules.guards.max_mails is None or _is_huge(rules):
        return []
    most, length = rules.guards.max_mails
    answers = any(r.mode == "live" and (r.send or r.then_send) for r in rules.reactions)
    found: dict[tuple[str, int, int], list[str]] = {}
    for profile in rules.profiles:
        worst: dict[str, tuple[int, int]] = {}
        for due in _WEEK:
            sent: list[date] = []
            for one in _climb(rules, profile, due):
                if one.step.mail is None:
                    continue
                recent = [day for day in sent if day > one.day - timedelta(days=length)]
                recent += [one.day - timedelta(days=1)] if answers else []
                if len(recent) >= most:
                    days = (sorted(recent)[-most] + timedelta(days=length) - one.day).days
                    worst[one.step.id] = max(worst.get(one.step.id, (0, 0)), (days, len(recent) + 1))
                sent.append(one.day)
        for step, (days, count) in worst.items():
            if days > 1:
                found.setdefault((step, days, count), []).append(profile.id)
    return [Many(step, tuple(who), days, count, length, most) for (step, days, count), who in found.items()]


def _is_huge(rules: Rules) -> bool:
    """No policy of a person: the days of its steps are not worked out."""
    return len(rules.profiles) * len(rules.steps) ** 2 > 20_000


def _climb(rules: Rules, profile: Profile, due: date) -> Iterator[_Left]:
    """The steps that leave for one due date, with the day they were planned for and the day they really leave."""
    calendar = Calendar(rules.calendar.send_days, None, (), lambda _region, _year: {})
    had: dict[str, date] = {}
    last_mail: date | None = None
    steps = [step for step in rules.steps if step.mode == "live" and step.id not in profile.skip]
    begins = {step.id: when for step in steps if (when := _begin(profile, step, due, calendar)) is not None}
    for n, step in enumerate(steps):
        begin = begins.get(step.id)
        if begin is None and (anchor := had.get(step.when.anchor)) is not None:
            begin = step.when.from_day(anchor, calendar)
        if begin is None or (step.after is not None and step.after.anchor not in had):
            continue
        day, why = begin, "gap"
        if step.after is not None and (free := step.after.from_day(had[step.after.anchor], calendar)) > day:
            day, why = free, "after"
        gap = rules.guards.min_gap
        if step.mail is not None and last_mail is not None:
            free = calendar.shifted(last_mail, gap.count, business=gap.business)
            day, why = (free, "gap") if free > day else (day, why)
        day = calendar.next_open(day)
        if _expired(step, due, day, calendar) or _overtaken(steps[n + 1 :], begins, had, day):
            continue
        had[step.id] = day
        last_mail = day if step.mail is not None else last_mail
        plan = (begin - due).days
        yield _Left(step, plan, calendar.next_open(begin), day, "after" if why == "after" else "gap")


def _begin(profile: Profile, step: Step, due: date, calendar: Calendar) -> date | None:
    own: When | None = profile.steps.get(step.id)
    when = own or step.when
    if when.anchor != "due":
        return None
    day = when.from_day(due, calendar)
    return day if own or day <= due else calendar.shifted(day, profile.shift)


def _expired(step: Step, due: date, day: date, calendar: Calendar) -> bool:
    return step.expires is not None and step.expires.anchor == "due" and day > step.expires.from_day(due, calendar)


def _overtaken(later: list[Step], begins: Mapping[str, date], had: Mapping[str, date], day: date) -> bool:
    """A stronger step is due as well by then, and leads instead."""
    return any(
        begins.get(step.id, date.max) <= day and (step.after is None or step.after.anchor in had) for step in later
    )
