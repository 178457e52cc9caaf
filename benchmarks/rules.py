"""How quickly the shipped rules decide: a whole book, a daily run through the ledger, one condition, one check.

    python benchmarks/rules.py [--json] [--short | --long] [--rules rules/fr.yaml]

The book is made up: 100,000 clients with 330,000 open invoices, and what happened to them. It is streamed, and every
decision is made with its full trace. `--short` takes a book of 5,000 clients. The daily run goes through a ledger of
4,000 clients; with `--long` through one of 100,000, which takes a quarter of an hour.

What stands beside our figures, in the same run: half the book (the time must grow with the book), the same four
comparisons as a Python lambda, deciding everybody through the ledger, and reading the rules file with PyYAML alone.
"""

import argparse
import cProfile
import gc
import json
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import yaml
from pydantic import TypeAdapter
from sqlalchemy import Engine, update

from mailbot.config import shipped
from mailbot.jobs.deciding import decide_due
from mailbot.jobs.office import Office
from mailbot.ledger import tables
from mailbot.ledger.store import migrate, open_ledger, writing
from mailbot.model import JSON, ClientFacts, Contact, Event, InvoiceDocument, InvoiceFacts
from mailbot.outbox.compose import Templates
from mailbot.outbox.tokens import Tokens
from mailbot.rules.calendar import public_holidays
from mailbot.rules.check import Outside, check_rules
from mailbot.rules.conditions import Sink, run_all
from mailbot.rules.decide import PROMISE_GRACE, decide
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.rules.state import Scene, State
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Limits

DAY = date(2026, 9, 15)
INVOICES = (1, 2, 3, 4, 5, 2, 4, 6, 3, 3)
"""Open invoices of ten clients in a row: 3.3 each."""
STEPS = ("reminder_1", "reminder_2")
_STATEMENT = Event("bank.statement/today", "bank.statement", datetime(2026, 9, 15, 6, tzinfo=UTC), DAY,
                   data={"through": DAY.isoformat()})  # fmt: skip
_DOCUMENT = TypeAdapter(InvoiceDocument)
Case = tuple[ClientFacts, list[Event]]


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="How quickly rules decide.")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    sizes = options.add_mutually_exclusive_group()
    sizes.add_argument("--short", action="store_true", help="a small book")
    sizes.add_argument("--long", action="store_true", help="the whole book through the ledger as well")
    options.add_argument("--rules", type=Path, default=shipped("rules") / "fr.yaml")
    given = options.parse_args()
    text = given.rules.read_text(encoding="utf-8")
    templates = Templates(shipped("templates")).names()
    rules = load_rules(text, given.rules.name, templates)
    if isinstance(rules, list):
        raise SystemExit(f"{given.rules} has {len(rules)} mistakes: mailbot rules check {given.rules}")
    size = 5_000 if given.short else 100_000
    record: dict[str, object] = {"benchmark": "rules", "clients": size, "open_invoices": size * 33 // 10}
    mailbot: dict[str, object] = {}
    mailbot |= deciding(rules, size)
    record["half_the_book"] = {"seconds": mailbot.pop("half_seconds")}
    mailbot |= {"where_the_time_goes": phases(rules)}
    mailbot |= daily(rules, text, size if given.long else max(size // 25, 1_000))
    record["deciding_all"] = {"seconds": mailbot.pop("all_seconds")}
    mailbot |= one_condition(rules)
    record["python_lambda"] = {"calls_per_s": mailbot.pop("lambda_per_s")}
    mailbot |= checking(text, given.rules.name, templates)
    record["pyyaml_c"] = {"ms": mailbot.pop("yaml_ms")}
    record["mailbot"] = mailbot
    if given.json:
        print(json.dumps(record))
    else:
        table(record, mailbot)


def table(record: dict[str, object], mailbot: dict[str, object]) -> None:
    """The same for people."""
    print(f"{record['clients']:,} clients, {record['open_invoices']:,} open invoices")
    for name, value in mailbot.items():
        print(f"  {name:28} {value:>14,}" if isinstance(value, int | float) else f"  {name:28} {value}")
    for name in ("half_the_book", "deciding_all", "python_lambda", "pyyaml_c"):
        print(f"  {name:28} {record[name]}")


# ------------------------------------------------------------------------------------------------- the book


def book(size: int) -> Iterator[Case]:
    """So many clients, one after the other; the same each time."""
    return (case(number) for number in range(size))


def case(number: int) -> Case:
    """One client: open invoices due from two months ago to one month ahead, a paid past, a little history."""
    name = str(number + 1)
    roll = (number * 2654435761) % 2**32
    bills, events = [], [_STATEMENT]
    for n in range(INVOICES[number % 10]):
        due = DAY + timedelta(days=(roll >> n) % 90 - 60)
        bill = InvoiceFacts(f"F-{name}-{n}", "invoice", due - timedelta(days=30), due,
                            Decimal(2_000 + (roll >> (n + 3)) % 300_000) / 100)  # fmt: skip
        bills.append(bill)
        events += reminded(name, bill)
    for n in range(3 if number % 3 == 0 else 0):
        issued = DAY - timedelta(days=200 + 30 * n)
        bill = InvoiceFacts(f"P-{name}-{n}", "invoice", issued, issued + timedelta(days=30), Decimal(900))
        bills.append(bill)
        events.append(event("bank.payment", bill.due + timedelta(days=roll % 9 - 5), name, bill.number, amount="900"))
    if number % 5 == 0:
        events += said(name, bills[0].number, roll)
    contacts = (Contact(f"compta@client{name}.example", "Compta"),)
    return ClientFacts(name, f"Client {name}", tuple(bills), contacts=contacts), events


def reminded(name: str, bill: InvoiceFacts) -> Iterator[Event]:
    """The reminders that an overdue invoice has had so far."""
    for step, after in zip(STEPS, (4, 12), strict=True):
        day = bill.due + timedelta(days=after)
        if day < DAY - timedelta(days=2):
            yield event("mail.sent", day, name, bill.number, what=step, mail=step, lead=bill.number,
                        levels={bill.number: step}, invoices=[bill.number], to=f"compta@client{name}.example",
                        tone="neutral", trigger=None)  # fmt: skip


def said(name: str, number: str, roll: int) -> list[Event]:
    """A promise, an absence, a claim to have paid, or a part of the money."""
    day = DAY - timedelta(days=roll % 12)
    match roll % 4:
        case 0:
            return [event("reply.promise", day, name, number, promise_date=(day + timedelta(days=6)).isoformat())]
        case 1:
            return [event("reply.out_of_office", day, name, None, until=(day + timedelta(days=9)).isoformat())]
        case 2:
            return [event("reply.paid", day, name, number)]
        case _:
            return [
                event("bank.payment", day, name, number, amount="10.00"),
                event("bank.partial_payment", day, name, number, amount="10.00"),
            ]


def event(name: str, day: date, client: str, invoice: str | None, **data: JSON) -> Event:
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    return Event(f"{name}/{client}/{invoice}/{data.get('what', '')}", name, at, day, client, invoice, data)


# ------------------------------------------------------------------------------------------- through the ledger


def daily(rules: Rules, text: str, size: int) -> dict[str, object]:
    """A morning on which one client in fifty is due, and one on which everybody is, in a SQLite ledger."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_ledger(f"sqlite:///{folder}/mailbot.db")
        migrate(engine)
        office = an_office(engine, rules, text)
        fill(engine, office.key, size)
        now = datetime(2026, 9, 15, 6, 30, tzinfo=UTC)
        with writing(engine) as conn:
            conn.execute(update(tables.client).values(next_look=DAY + timedelta(days=5)))
            conn.execute(update(tables.client).where(tables.client.c.id <= 20).values(next_look=DAY))
        decided(office, now)  # what is made once: statements compiled, templates read
        with writing(engine) as conn:
            conn.execute(update(tables.client).values(next_look=DAY + timedelta(days=5)))
            conn.execute(update(tables.client).where(tables.client.c.id % 50 == 7).values(next_look=DAY))
        due = decided(office, now)
        with writing(engine) as conn:
            conn.execute(update(tables.client).values(next_look=None))
        everybody = decided(office, now)
        engine.dispose()
    return {
        "ledger_clients": size,
        "daily_seconds": round(due, 3),
        "all_seconds": round(everybody, 2),
        "daily_of_all": round(due / everybody, 4),
        "ledger_clients_per_s": round(size / everybody),
    }


def decided(office: Office, now: datetime) -> float:
    """Seconds of one run over all who are due."""
    started = time.perf_counter()
    decide_due(office, now)
    return time.perf_counter() - started


def an_office(engine: Engine, rules: Rules, text: str) -> Office:
    """A business without mail servers: it only decides."""
    business = Business.model_validate({
        "id": "atelier", "name": "Atelier Martin", "owners": ["claire@atelier.example"], "mode": "live",
        "mailbox": {"imap": "imaps://factures%40atelier.example@imap.example:993"},
        "smtp": {"url": "smtps://factures%40atelier.example@smtp.example:465"},
    })  # fmt: skip
    templates = Templates(shipped("templates"))
    sandbox = Sandbox(max_bytes=1, seconds=1, memory_bytes=2**28)
    return Office(business, Limits(), engine, rules, text, templates, Tokens(bytes(32)), sandbox, lambda *_: None)


def fill(engine: Engine, business: str, size: int) -> None:
    """The book as rows."""
    now = datetime(2026, 9, 1, tzinfo=UTC)
    with writing(engine) as conn:
        conn.execute(tables.business.insert(), [{"key": business, "name": "Atelier Martin", "created_at": now}])
        first = event("bank.statement", DAY, "1", None, through=DAY.isoformat())
        conn.execute(tables.event.insert(), [event_row(business, replace(first, client=None))])
    cases = book(size)
    while some := list(islice(cases, 1000)):
        with writing(engine) as conn:
            conn.execute(tables.client.insert(), [client_row(business, client) for client, _ in some])
            conn.execute(tables.contact.insert(), [
                {"business": business, "client": int(client.id), "email": client.contacts[0].email, "name": "Compta",
                 "usable": True, "position": 0}
                for client, _ in some
            ])  # fmt: skip
            bills = [(client.id, bill) for client, _ in some for bill in client.invoices]
            conn.execute(tables.invoice.insert(), [bill_row(business, client, bill, now) for client, bill in bills])
            happened = [one for _, events in some for one in events if one.client is not None]
            conn.execute(tables.event.insert(), [event_row(business, one) for one in happened])


def client_row(business: str, client: ClientFacts) -> dict[str, object]:
    return {
        "id": int(client.id), "business": business, "identity": client.name, "name": client.name,
        "name_key": client.name.lower(), "aliases": [], "language": "fr", "category": client.category,
        "do_not_contact": False,
    }  # fmt: skip


def bill_row(business: str, client: str, bill: InvoiceFacts, now: datetime) -> dict[str, object]:
    return {
        "business": business, "client": int(client), "number": bill.number, "kind": bill.kind, "issued": bill.issued,
        "due": bill.due, "currency": "EUR", "amount": bill.amount, "open_amount": bill.amount, "reference": "",
        "document": document(bill), "created_at": now,
    }  # fmt: skip


def document(bill: InvoiceFacts) -> dict[str, JSON]:
    """The invoice as it was read, as the ledger keeps it."""
    made = InvoiceDocument(
        "facturx",
        None,
        bill.kind,
        bill.number,
        bill.issued,
        bill.due,
        "EUR",
        None,
        None,
        bill.amount,
        None,
        bill.amount,
    )
    return dict(_DOCUMENT.dump_python(made, mode="json"))


def event_row(business: str, one: Event) -> dict[str, object]:
    client = int(one.client) if one.client is not None else None
    return {
        "business": business, "id": one.id, "name": one.name, "at": one.at, "day": one.day, "client": client,
        "invoice": one.invoice, "data": dict(one.data),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- measuring


def deciding(rules: Rules, size: int) -> dict[str, object]:
    """Everybody once, and half of them: clients a second, growth of time and of memory."""
    timed(rules, book(min(size, 1000)))
    half = timed(rules, book(size // 2))
    memory = peak_mb()
    whole = timed(rules, book(size))
    return {
        "clients_per_s": round(size / whole),
        "invoices_per_s": round(size * 3.3 / whole),
        "seconds": round(whole, 2),
        "half_seconds": round(half, 2),
        "twice_the_book": round(whole / half, 2),
        "peak_mb": round(peak_mb()),
        "more_mb_for_twice_the_book": round(peak_mb() - memory, 1),
    }


def timed(rules: Rules, cases: Iterator[Case]) -> float:
    """Seconds of CPU time spent in `decide`; a thousand clients are in memory at a time."""
    spent = 0.0
    while some := list(islice(cases, 1000)):
        started = time.process_time()
        for client, events in some:
            decide(rules, client, events, DAY)
        spent += time.process_time() - started
    return spent


PHASES = {
    "events to balance and mails": ("state.py", "__init__"),
    "profile": ("profiles.py", "choose_profile"),
    "guards": ("guards.py", "holding_guard"),
    "reactions": ("reactions.py", "react"),
    "ladder": ("ladder.py", "place"),
    "words of the trace": ("conditions.py", "trail"),
}


def phases(rules: Rules) -> dict[str, float]:
    """The share of each phase in the time of a decision, as a profiler sees it; the rest is choosing and wording."""
    cases = list(book(1000))
    profile = cProfile.Profile()
    profile.enable()
    for client, events in cases:
        decide(rules, client, events, DAY)
    profile.disable()
    spent: dict[tuple[str, str], float] = {}
    for (file, _, name), (_, _, _, together, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[Path(file).name, name] = spent.get((Path(file).name, name), 0.0) + together
    whole = spent["decide.py", "decide"]
    return {phase: round(spent[place] / whole, 2) for phase, place in PHASES.items()}


def peak_mb() -> float:
    """The most memory that this process has held."""
    gc.collect()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def one_condition(rules: Rules) -> dict[str, object]:
    """Four comparisons with their trace, and the same four on the same facts as a lambda; and one of them alone."""
    text = "\n".join([
        "      - invoice.days_overdue >= 7 days",
        "      - client.category is standard",
        "      - not client.do_not_contact",
        "      - client.disputes is 0",
    ])  # fmt: skip
    checks = condition(text)
    client, events = case(9)
    state = State(client, events, DAY, rules.calendar, grace=PROMISE_GRACE)
    bill = min(client.invoices, key=lambda one: one.due)
    scene = Scene(state, bill)
    plain: Callable[[Scene], bool] = lambda s: (  # noqa: E731 - it is what is measured
        s.invoice is not None
        and (s.state.day - s.invoice.due).days >= 7
        and s.state.client.category == "standard"
        and not s.state.client.do_not_contact
        and len(s.state.named.get("reply.dispute", ())) + len(s.state.named.get("owner.dispute", ())) == 0
    )
    check, bill_due = checks[0], bill.due
    single: Callable[[Scene], bool] = lambda s: (s.state.day - bill_due).days >= 7  # noqa: E731 - the same

    def traced_one() -> None:
        sink: Sink = []
        check.run(scene, sink, 0)

    def traced() -> None:
        sink: Sink = []
        if run_all(checks, scene, sink) is not True or len(sink) != 4:
            raise SystemExit("the condition is not what it should be")

    ours, theirs = rate(traced), rate(lambda: plain(scene))
    one, alone = rate(traced_one), rate(lambda: single(scene))
    return {
        "four_conditions_per_s": round(ours),
        "lambda_per_s": round(theirs),
        "of_a_lambda": round(ours / theirs, 3),
        "one_condition_per_s": round(one),
        "one_of_a_lambda": round(one / alone, 3),
    }


def condition(text: str) -> Sequence:  # type: ignore[type-arg]
    """Conditions as a rules file's step has them."""
    whole = (
        "version: 1\n"
        "guards: {send_days: mon-fri, send_hours: 09:00-17:30, min_gap: 2 days, hold_if: [client.do_not_contact]}\n"
        "profiles:\n  - id: p\n    label: p\n    tone: neutral\n"
        f"steps:\n  - id: s\n    label: s\n    when: due\n    mail: m\n    if:\n{text}\n"
    )
    loaded = load_rules(whole, "benchmark", frozenset({"m"}))
    if isinstance(loaded, list):
        raise SystemExit(loaded[0].message)
    return loaded.steps[0].tests


def checking(text: str, file: str, templates: frozenset[str]) -> dict[str, object]:
    """A whole check of the rules file beside only reading it with PyYAML's C loader."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    public_holidays("FR", DAY.year)
    outside = Outside(templates, {})
    ours = 1000 / rate(lambda: check_rules(text, file, outside))
    theirs = 1000 / rate(lambda: yaml.load(text, loader))
    return {"check_ms": round(ours, 2), "yaml_ms": round(theirs, 2), "check_of_yaml": round(ours / theirs, 1)}


def rate(work: Callable[[], object], seconds: float = 1.0) -> float:
    """Calls a second, the best of three."""
    work()
    best = 0.0
    for _ in range(3):
        done, started = 0, time.perf_counter()
        while (taken := time.perf_counter() - started) < seconds / 3:
            for _ in range(10):
                work()
            done += 10
        best = max(best, done / taken)
    return best


if __name__ == "__main__":
    main()
