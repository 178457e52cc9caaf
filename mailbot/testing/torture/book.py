"""Clients with overdue invoices, and the payments that come in while they are reminded."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Engine, func, select

from mailbot.ledger import clients, events, invoices
from mailbot.ledger.store import writing
from mailbot.ledger.tables import outgoing_event
from mailbot.model import Contact, Event, InvoiceDocument

AMOUNT = Decimal("1000.00")


@dataclass(frozen=True)
class Debtor:
    """A client, its address and its invoices, all overdue."""

    client: int
    email: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Payment:
    """An invoice that was paid, the last line of the outbox's log at the commit of the payment, and its real time."""

    number: str
    log: int
    at: datetime


def email_of(number: int) -> str:
    """Thirty-seven domains, so that no one of them is everybody's."""
    return f"compta@client{number:05d}.dom{number % 37:02d}.example"


def open_accounts(engine: Engine, business: str, first: int, count: int, now: datetime) -> list[Debtor]:
    """Clients number `first` to `first` + `count` - 1; every tenth has two invoices. Bank data are fresh."""
    day = now.date()
    with writing(engine) as conn:
        covered = Event(f"bank.statement/{day}", "bank.statement", now, day, None, None, {"through": day.isoformat()})
        events.record(conn, business, covered)
        return [_debtor(conn, business, number, now) for number in range(first, first + count)]


def pay(engine: Engine, business: str, debtor: Debtor, number: str, now: datetime) -> Payment:
    """The whole invoice is paid. Writers take turns, so what is armed with a later number was armed afterwards."""
    with writing(engine) as conn:
        data = {"amount": str(AMOUNT), "line": f"line-{number}", "paid_on": now.date().isoformat()}
        events.record(conn, business, _event("bank.payment", number, debtor.client, now, data))
        invoices.set_open_amount(conn, business, number, Decimal(0))
        clients.set_next_look(conn, business, debtor.client, now.date())
        log = conn.scalar(select(func.max(outgoing_event.c.id))) or 0
    return Payment(number, log, datetime.now(UTC))


def _debtor(conn: Connection, business: str, number: int, now: datetime) -> Debtor:
    email = email_of(number)
    name = f"Client {number:05d} SARL"
    client = clients.add(conn, business, name, "fr", contacts=[Contact(email, "Comptabilité")])
    numbers = tuple(f"FA-{number:05d}-{place}" for place in range(2 if number % 10 == 0 else 1))
    for one in numbers:
        invoices.add(conn, business, client, _document(one, now.date()), None, None, None, now)
        events.record(conn, business, _event("invoice.received", one, client, now, {}))
    clients.set_next_look(conn, business, client, now.date())
    return Debtor(client, email, numbers)


def _document(number: str, day: date) -> InvoiceDocument:
    return InvoiceDocument(
        source="facturx", profile="en16931", kind="invoice", number=number,
        issue_date=day - timedelta(days=35), due_date=day - timedelta(days=5), currency="EUR",
        total_net=AMOUNT, total_tax=Decimal(0), total_gross=AMOUNT, prepaid=Decimal(0), amount_due=AMOUNT,
        payment_reference=number,
    )  # fmt: skip


def _event(name: str, number: str, client: int, now: datetime, data: dict[str, str]) -> Event:
    return Event(f"{name}/{number}", name, now, now.date(), str(client), number, dict(data))
