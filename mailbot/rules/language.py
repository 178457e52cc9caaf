"""A rules file as values: guards, profiles, steps and reactions, checked and ready to evaluate.

Written once by `rules.load`; everything else only reads it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

from mailbot.rules.calendar import Calendar, Days, When
from mailbot.rules.conditions import Check

Mode = Literal["live", "shadow", "disabled"]

HolidaySource = Callable[[str, int], Mapping[date, str]]


@dataclass(frozen=True, slots=True)
class Guards:
    """The limits that nothing else in the file can cross."""

    send_hours: tuple[time, time]
    min_gap: Days
    max_mails: tuple[int, int] | None
    """(mails, days)"""
    min_amount: tuple[Decimal, str] | None
    hold_if: tuple[Check, ...]
    max_amount: tuple[Decimal, str] | None = None
    """Where a client owes more in all, every mail waits for the owner's yes."""


@dataclass(frozen=True, slots=True)
class Profile:
    id: str
    label: str
    tests: tuple[Check, ...]
    tone: str
    shift: int
    """Days by which everything after the due date starts later."""
    skip: frozenset[str]
    approve: frozenset[str]
    steps: Mapping[str, When]
    """This profile's own dates, which `shift` does not move."""
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    label: str
    rank: int
    """1 for the mildest."""
    when: When
    after: When | None
    expires: When | None
    """The last day on which it may still go."""
    tests: tuple[Check, ...]
    mail: str | None
    action: str | None
    attach: tuple[str, ...]
    approve: bool
    tone: str | None
    mode: Mode
    line: int
    claims_penalties: bool = False
    """Its mail lists what the law adds for lateness."""


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a reaction keeps silent: until a date, for a time, or until the owner decides (both None)."""

    until: When | None = None
    length: Days | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    id: str
    label: str
    signal: str
    tests: tuple[Check, ...]
    scope: Literal["client", "invoice"]
    pause: Pause | None
    max_pause: Days | None
    send: str | None
    then_send: str | None
    tone: str | None
    escalate: int
    alert: bool
    check: bool
    """Only go on once the bank has been read later than the signal."""
    contact: bool
    """Write to the next contact."""
    ignore: str | None
    """Why nothing is done."""
    mode: Mode
    line: int
    answer: str | None = None
    """The mail that answers the client at once, in the thread; it is no reminder and leaves while they are paused."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One policy. `hash` names the exact text it was read from."""

    file: str
    hash: str
    language: str
    guards: Guards
    calendar: Calendar
    profiles: tuple[Profile, ...]
    steps: tuple[Step, ...]
    reactions: tuple[Reaction, ...]
    """Sorted by id: their order in the file means nothing."""
    tones: tuple[str, ...]
    """Mildest first."""
