"""How many decisions a second the shipped rules give, beside one condition written in Python.

    python benchmarks/rules.py [--json] [--seconds 2]

A decision looks at a client with three invoices and nine events under all guards, profiles, steps and reactions
of rules/fr.yaml, on every day of a hundred. The lambda looks at one number: it is the floor, not a rival.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle

from mailbot.config import shipped
from mailbot.model import JSON, ClientFacts, Contact, Event, InvoiceFacts
from mailbot.outbox.compose import Templates
from mailbot.rules.decide import decide
from mailbot.rules.load import load_rules

START = date(2026, 3, 2)
DAYS = [START + timedelta(days=n) for n in range(100)]
_CLIENT = ClientFacts(
    id="1",
    name="Dupont SARL",
    invoices=tuple(
        InvoiceFacts(f"FA-{n}", "invoice", START, START + timedelta(days=10 * n), Decimal(400 * n), "EUR")
        for n in (1, 2, 3)
    ),
    category="standard",
    language="fr",
    contacts=(Contact("compta@dupont.example", "Anne Dupont", True),),
    do_not_contact=False,
)


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="Decisions a second by the shipped rules.")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--seconds", type=float, default=2.0, help="how long each is measured")
    given = options.parse_args()
    policy = shipped("rules") / "fr.yaml"
    rules = load_rules(policy.read_text(encoding="utf-8"), policy.name, Templates(shipped("templates")).names())
    if isinstance(rules, list):
        raise SystemExit(f"{policy} has {len(rules)} mistakes: mailbot rules check {policy}")
    events = story()
    due = START + timedelta(days=10)
    late: Callable[[date], bool] = lambda day: (day - due).days >= 3  # noqa: E731 - it is what is measured
    decided = rate(lambda day: decide(rules, _CLIENT, events, day), given.seconds)
    plain = rate(late, given.seconds)
    record = {
        "benchmark": "rules",
        "mailbot": {"decisions_per_s": round(decided), "us_per_decision": round(1e6 / decided, 1)},
        "python_lambda": {"calls_per_s": round(plain), "us_per_call": round(1e6 / plain, 3)},
    }
    if given.json:
        print(json.dumps(record))
        return
    print(f"mailbot        {decided:12,.0f} decisions a second ({1e6 / decided:.0f} µs each)")
    print(f"python lambda  {plain:12,.0f} calls a second ({1e6 / plain:.2f} µs each)")


def story() -> list[Event]:
    """What happened: a bank file a week, a reminder, an absence, a promise, a payment."""
    told: list[tuple[str, int, str | None, dict[str, JSON]]] = [
        ("bank.statement", 7 * n, None, {"through": (START + timedelta(days=7 * n)).isoformat()}) for n in range(1, 5)
    ]
    mail: dict[str, JSON] = {"what": "reminder_1", "mail": "reminder_1", "lead": "FA-1"}
    mail["levels"] = {"FA-1": "reminder_1"}
    told += [
        ("invoice.received", 0, "FA-1", {}),
        ("mail.sent", 14, "FA-1", {**mail, "invoices": ["FA-1"], "to": "compta@dupont.example", "outgoing": 1}),
        ("reply.out_of_office", 15, None, {"until": (START + timedelta(days=17)).isoformat()}),
        ("reply.promise", 18, "FA-1", {"promise_date": (START + timedelta(days=22)).isoformat(), "letter": "x"}),
        ("bank.payment", 23, "FA-1", {"amount": "400.00", "line": "l1"}),
    ]
    return [event(name, offset, invoice, data) for name, offset, invoice, data in sorted(told, key=lambda t: t[1])]


def event(name: str, offset: int, invoice: str | None, data: dict[str, JSON]) -> Event:
    day = START + timedelta(days=offset)
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    client = None if name == "bank.statement" else "1"
    return Event(f"{name}/{offset}", name, at, day, client, invoice, data)


def rate(work: Callable[[date], object], seconds: float) -> float:
    """Calls a second over the days of the story, for about so many seconds."""
    done, days, started = 0, cycle(DAYS), time.perf_counter()
    while (taken := time.perf_counter() - started) < seconds:
        for _ in range(100):
            work(next(days))
        done += 100
    return done / taken


if __name__ == "__main__":
    main()
