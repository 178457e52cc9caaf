"""A little simulator: one client's days, one decision a day, each mail recorded as sent."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.model import JSON, ClientFacts, Contact, Decision, Event, InvoiceFacts, Verdict
from mailbot.rules.decide import decide
from mailbot.rules.forecast import as_sent
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules

TEMPLATES = frozenset({
    "courtesy", "due_today", "reminder_1", "reminder_2", "formal_notice", "promise_broken", "proof_request",
    "promise_noted", "payment_check", "invoice_copy", "human_takes_over", "payment_thanks",
    "partial_thanks",
})  # fmt: skip
ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases" / "rules"
PARIS = ZoneInfo("Europe/Paris")


def policy(path: Path = CASES / "whole.yaml", text: str | None = None) -> Rules:
    """The rules of a file, or of a text; they must be good."""
    loaded = load_rules(text if text is not None else path.read_text(encoding="utf-8"), path.name, TEMPLATES)
    assert isinstance(loaded, Rules), loaded
    return loaded


def invoice(
    number: str = "F-041", amount: str = "1200", issued: str = "2026-03-02", due: str = "2026-04-01",
    currency: str = "EUR",
) -> InvoiceFacts:  # fmt: skip
    return InvoiceFacts(
        number, "invoice", date.fromisoformat(issued), date.fromisoformat(due), Decimal(amount), currency
    )


def client(
    *invoices: InvoiceFacts, category: str = "standard", do_not_contact: bool = False,
    contacts: tuple[Contact, ...] = (Contact("compta@dupont.example"),),
) -> ClientFacts:  # fmt: skip
    return ClientFacts(
        "1", "Dupont", invoices or (invoice(),), category, contacts=contacts, do_not_contact=do_not_contact
    )


def event(day: str | date, name: str, number: str | None = "F-041", /, at: str = "10:00", **data: JSON) -> Event:
    """Something that happened to the client; `number` None is about the whole client."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    instant = datetime.combine(day, time.fromisoformat(at), UTC)
    return Event(f"{name}/{day}/{number}/{at}", name, instant, day, "1", number, data)


def everywhere(day: str, name: str, /, **data: JSON) -> Event:
    """Something that happened to the whole business."""
    when = date.fromisoformat(day)
    return Event(f"{name}/{day}", name, datetime.combine(when, time(8), UTC), when, None, None, data)


def statement(day: date, lag: int = 0) -> Event:
    through = (day - timedelta(days=lag)).isoformat()
    return Event(
        f"bank.statement/{day}",
        "bank.statement",
        datetime.combine(day, time(6), UTC),
        day,
        data={"through": through},
    )


def on(rules: Rules, facts: ClientFacts, day: str, events: Iterable[Event] = (), *, shadow: bool = False) -> Decision:
    """The decision on one day with the bank read that morning."""
    when = date.fromisoformat(day)
    return decide(rules, facts, [*events, statement(when)], when, shadow=shadow)


def live(
    rules: Rules, facts: ClientFacts, start: str, until: str, events: Sequence[Event] = (), *,
    yes: bool = True, skip_until: str | None = None,
) -> tuple[list[Decision], list[Event]]:  # fmt: skip
    """All days from start to until. `yes`: approvals are given at once. Gives the sent and all events."""
    day, last = date.fromisoformat(start), date.fromisoformat(until)
    known: list[Event] = []
    sent: list[Decision] = []
    while day <= last:
        known += [e for e in events if e.day == day]
        known.append(statement(day))
        if skip_until is None or day >= date.fromisoformat(skip_until):
            decision = decide(rules, facts, known, day)
            if decision.approval and yes:
                answer = {"approves": decision.what, "lead": decision.lead, "yes": True}
                known.append(event(day, "owner.answered", decision.lead, at="11:00", **answer))
                decision = decide(rules, facts, known, day)
            if decision.verdict in (Verdict.SEND, Verdict.ACT) and not decision.approval:
                sent.append(decision)
                known.append(as_sent(decision))
        day += timedelta(days=1)
    return sent, known


def told(decisions: Iterable[Decision]) -> list[str]:
    """One line a mail: "2026-04-22 send reminder_2 firm" (the neutral tone is not written)."""
    return [
        f"{d.day} {d.verdict.value} {d.what}"
        + (f" {d.tone}" if d.tone != "neutral" and d.verdict is Verdict.SEND else "")
        for d in decisions
    ]
