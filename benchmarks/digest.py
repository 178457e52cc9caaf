"""How quickly the owner's digest is made: a ledger of 10,000 open invoices, and 1,000 events since yesterday.

    python benchmarks/digest.py [--json] [--invoices N] [--events N]

`seconds` is everything between the question and the finished mail: reading the ledger, deciding about every client,
figures, text and HTML (`cpu_seconds`: without what other programs took of the machine). `compose_seconds` is the part
without the ledger and the rules. `memory_mb` is the most that the process ever held, interpreter and imports included
(another process fills the ledger). Beside it in the same run: half the book (the time must grow with the book), and
reading the same book client by client, as the clock does.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from mailbot.config import shipped
from mailbot.jobs.digesting import current_digest
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, tables
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.model import JSON, ClientFacts, Contact, Event, InvoiceFacts
from mailbot.outbox.compose import Templates
from mailbot.owner.digest import digest
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from rules import an_office, bill_row, client_row, event_row

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
BUSINESS = "atelier"
PER_CLIENT = 4
"""Open invoices of one client."""
_LATE = (-20, -3, 2, 9, 17, 33, 48, 75, 120)
"""Days late, in turn."""
_HAPPENED = ("bank.payment", "mail.sent", "reply.promise", "reply.dispute", "mail.bounced", "mail.delivered")


def main() -> None:
    """Print a table, or one JSON object with --json."""
    options = argparse.ArgumentParser(description="How quickly a digest is made.")
    options.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options.add_argument("--invoices", type=int, default=10_000)
    options.add_argument("--events", type=int, default=1_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = measured(Path(folder) / "whole.db", given.invoices, given.events)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        half = measured(Path(folder) / "half.db", given.invoices // 2, given.events // 2)
        single = one_by_one(Path(folder) / "whole.db")
    figures = {
        "mailbot": {**whole, "memory_mb": round(memory, 1)},
        "half_the_book": half,
        "growth": round(float(str(whole["cpu_seconds"])) / float(str(half["cpu_seconds"])), 2),
        "client_by_client": {"read_seconds": round(single, 3)},
    }
    print(json.dumps(figures) if given.json else "\n".join(f"{name:18} {value}" for name, value in figures.items()))


def measured(ledger: Path, invoices: int, happened: int) -> dict[str, JSON]:
    """One digest of such a book, made three times: the quickest."""
    filling = multiprocessing.get_context("spawn").Process(target=fill, args=(ledger, invoices, happened))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise SystemExit("The ledger could not be filled.")
    office = at(ledger)
    best = composing = busy = float("inf")
    for _ in range(3):
        started, worked = time.perf_counter(), time.process_time()
        facts = current_digest(office, NOW)
        gathered = time.perf_counter()
        mail = digest(facts, office.templates.render)
        ended = time.perf_counter()
        best, composing = min(best, ended - started), min(composing, ended - gathered)
        busy = min(busy, time.process_time() - worked)
    office.engine.dispose()
    return {
        "invoices": invoices, "events": happened, "seconds": round(best, 3), "cpu_seconds": round(busy, 3),
        "compose_seconds": round(composing, 4),
        "html_bytes": len(mail.html.encode()), "text_lines": mail.text.count("\n"),
    }  # fmt: skip


def one_by_one(ledger: Path) -> float:
    """Seconds for reading what happened to each client with questions of its own."""
    office = at(ledger)
    started = time.perf_counter()
    with reading(office.engine) as conn:
        for one in clients.everyone(conn, BUSINESS):
            clients.facts(conn, BUSINESS, one.id)
            events.for_rules(conn, BUSINESS, one.id)
    office.engine.dispose()
    return time.perf_counter() - started


def at(ledger: Path) -> Office:
    """A business with that ledger and the shipped French rules."""
    engine: Engine = open_ledger(f"sqlite:///{ledger}")
    text = (shipped("rules") / "fr.yaml").read_text(encoding="utf-8")
    loaded = load_rules(text, "fr.yaml", Templates(shipped("templates")).names())
    if not isinstance(loaded, Rules):
        raise SystemExit("The shipped rules have a mistake.")
    return an_office(engine, loaded, text)


def fill(ledger: Path, invoices: int, happened: int) -> None:
    """Write the book: clients with open invoices, as many that are paid, and what happened since yesterday."""
    office = at(ledger)
    migrate(office.engine)
    created = datetime(2026, 9, 1, tzinfo=UTC)
    through = Event("bank.statement/1", "bank.statement", NOW - timedelta(hours=2), DAY, None, None,
                    {"through": DAY.isoformat()})  # fmt: skip
    with writing(office.engine) as conn:
        conn.execute(tables.business.insert(), [{"key": BUSINESS, "name": "Atelier Martin", "created_at": created}])
        conn.execute(tables.event.insert(), [event_row(BUSINESS, through)])
        count = invoices // PER_CLIENT
        for number in range(1, count + 1):
            client = a_client(number)
            conn.execute(tables.client.insert(), [client_row(BUSINESS, client)])
            contact = {"business": BUSINESS, "client": number, "email": client.contacts[0].email, "name": "Compta"}
            conn.execute(tables.contact.insert(), [contact | {"usable": True, "position": 0}])
            rows = [bill_row(BUSINESS, client.id, bill, created) for bill in client.invoices]
            conn.execute(tables.invoice.insert(), rows)
        conn.execute(tables.event.insert(), [event_row(BUSINESS, an_event(at_, count)) for at_ in range(happened)])


def a_client(number: int) -> ClientFacts:
    """A client with four open invoices of different ages."""
    bills = []
    for at_ in range(PER_CLIENT):
        due = DAY - timedelta(days=_LATE[(number + at_) % len(_LATE)])
        amount = Decimal(100 + (number * 37 + at_ * 11) % 5000)
        bills.append(InvoiceFacts(f"FA-{number:05}-{at_}", "invoice", due - timedelta(days=30), due, amount, "EUR"))
    address = Contact(f"compta@client-{number}.example", "Compta")
    return ClientFacts(str(number), f"Client {number} SARL", tuple(bills), contacts=(address,))


def an_event(number: int, count: int) -> Event:
    """Something that happened since yesterday, to one of `count` clients after the other."""
    client, name = number % count + 1, _HAPPENED[number % len(_HAPPENED)]
    invoice = f"FA-{client:05}-0"
    told: dict[str, dict[str, JSON]] = {
        "bank.payment": {"amount": "10.00", "line": f"L{number}"},
        "mail.sent": {"what": "reminder_1", "mail": "reminder_1", "lead": invoice, "invoices": [invoice],
                      "levels": {invoice: "reminder_1"}, "to": f"compta@client-{client}.example"},
        "reply.promise": {"promise_date": (DAY + timedelta(days=4)).isoformat(), "because": ["vendredi"]},
        "reply.dispute": {"because": ["livraison incomplète"]},
        "mail.bounced": {"class": "hard", "to": f"compta@client-{client}.example"},
        "mail.delivered": {"action": "delivered"},
    }  # fmt: skip
    at_ = NOW - timedelta(hours=20) + timedelta(seconds=number)
    return Event(f"{name}/{number}", name, at_, at_.date(), str(client), invoice, told[name])


if __name__ == "__main__":
    main()
