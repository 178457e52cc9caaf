"""The ladder as it really happens: for a client who never answers, over all due dates of a period.

Gaps, weekends, holidays and quiet periods move the steps; the dates in the file say only when one may go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from mailbot.model import ClientFacts, Contact, Event, InvoiceFacts
from mailbot.rules.language import Rules
from mailbot.rules.timeline import live

_TERM = timedelta(days=30)
_AFTER = timedelta(days=150)


@dataclass(frozen=True, slots=True)
class Span:
    """When one step goes, in days from the due date, and for which share of the due dates it goes at all."""

    first: int
    last: int
    share: float

    def __str__(self) -> str:
        days = f"J{self.first:+}" if self.first == self.last else f"J{self.first:+}..{self.last:+}"
        return days if self.share >= 1 else f"{days} ({self.share * 100:.0f}%)"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Profile -> step -> span; a step that never goes is missing."""

    spans: Mapping[str, Mapping[str, Span]]
    decisions: int


def ladder(rules: Rules, first: date, days: int, amount: Decimal = Decimal(1200)) -> Ladder:
    """Live one silent invoice through for each profile and each due date; every approval is given at once."""
    total = 0
    spans: dict[str, dict[str, Span]] = {}
    for profile in rules.profiles:
        found: dict[str, list[int]] = {}
        for n in range(days):
            offsets, decisions = _one(rules, profile.id, first + timedelta(days=n), amount)
            total += decisions
            for step, offset in offsets:
                found.setdefault(step, []).append(offset)
        spans[profile.id] = {step: Span(min(o), max(o), len(o) / days) for step, o in found.items()}
    return Ladder(spans, total)


def _one(rules: Rules, profile: str, due: date, amount: Decimal) -> tuple[Sequence[tuple[str, int]], int]:
    bill = InvoiceFacts("F-1", "invoice", due - _TERM, due, amount)
    client = ClientFacts("1", "Client", (bill,), contacts=(Contact("compta@client.example"),))
    chosen = Event(
        "owner.policy", "owner.policy", datetime.combine(bill.issued, time(0), UTC), bill.issued, "1", None,
        {"profile": profile},
    )  # fmt: skip
    lived = live(rules, client, [chosen], bill.issued, due + _AFTER, every_day=False)
    return [(s.decision.what or "", (s.decision.day - due).days) for s in lived.sent], len(lived.decisions)
