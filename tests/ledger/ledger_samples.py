"""What the ledger's tests put into it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.ledger import (
    aliases,
    allocations,
    bank,
    businesses,
    clients,
    consents,
    contents,
    decisions,
    events,
    invoices,
    leases,
    letters,
    orders,
    outgoing,
    outgoing_lists,
    questions,
    seals,
)
from mailbot.model import Contact, Decision, Event, InvoiceDocument, Line, Order, Party, Verdict

BUSINESSES = ("atelier", "boulangerie")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = NOW.date()
LINE = Line("line-1", date(2026, 3, 1), Decimal("1200.00"), "EUR", "DUPONT SARL", "FA-1", "", "CREDIT")
DOCUMENT = InvoiceDocument(
    source="facturx",
    profile="en16931",
    kind="invoice",
    number="FA-1",
    issue_date=date(2026, 1, 15),
    due_date=date(2026, 2, 14),
    currency="EUR",
    total_net=Decimal("1000.00"),
    total_tax=Decimal("200.00"),
    total_gross=Decimal("1200.00"),
    prepaid=Decimal("0.00"),
    amount_due=Decimal("1200.00"),
    payment_reference="RF18FA1",
    seller=Party(iban="FR7630006000011234567890189"),
)


@dataclass(frozen=True)
class World:
    """Ids of one of everything."""

    client: int
    letter: str
    statement: int
    decision: int
    outgoing: int
    question: int


def event(name: str = "invoice.received", cause: str = "1", client: int | None = 1) -> Event:
    whom = None if client is None else str(client)
    return Event(f"{name}/{cause}", name, NOW, DAY, whom, "FA-1", {"amount": "1200.00"})


def decision(client: int) -> Decision:
    return Decision(
        client=str(client),
        day=DAY,
        verdict=Verdict.SEND,
        what="reminder_1",
        mail="reminder_1",
        tone="friendly",
        lead="FA-1",
        invoices=("FA-1",),
        levels=(("FA-1", "reminder_1"),),
        trigger=None,
        generation=None,
        approval=False,
        attach=(),
        use_contact="compta@dupont.example",
        alerts=(),
        reason="Send: 16 days late.",
        code="due",
        trace=(),
        next=None,
        profile=None,
        mode="live",
        rules_hash="0" * 12,
    )


def add_client(conn: Connection, business: str, name: str = "Dupont SARL") -> int:
    contacts = [Contact("compta@dupont.example", "Compta")]
    return clients.add(conn, business, name, "fr", vat="FR 40 303 265 045", siren="303 265 045", contacts=contacts)


def plan(conn: Connection, business: str, key: str = "k1", **changed: object) -> int | None:
    values: dict[str, object] = {
        "dedupe_key": key,
        "kind": "client",
        "what": "reminder_1",
        "template": "reminder_1",
        "recipient": "compta@dupont.example",
        "context": {"total": "1200.00"},
        "message_id": f"<{business}.{key}@bot.example>",
        "due_at": NOW,
        "expires_at": NOW + timedelta(days=5),
        "thread": "FA-1",
        "now": NOW,
    }
    return outgoing.plan(conn, business, **{**values, **changed})  # type: ignore[arg-type]


def fill(conn: Connection, business: str) -> World:
    """One of everything, all by functions that may run twice."""
    businesses.ensure(conn, business, business.title(), NOW)
    businesses.owners(conn, business, [f"owner@{business}.example"])
    raw = b"From: compta@dupont.example\r\n\r\nbonjour"
    letter, _ = letters.keep(conn, business, raw, NOW, folder="INBOX", uidvalidity=7, uid=1, message_id="<m1>")
    client = add_client(conn, business)
    clients.set_nickname(conn, business, client, "dudu")
    consents.keep(conn, business, "compta@dupont.example", True, "owner", "by telephone", NOW)
    letters.mark_read(
        conn,
        business,
        letter,
        kind="reply",
        reading={"intent": "promise"},
        sender="compta@dupont.example",
        subject="Re: FA-1",
        message_id="<m1>",
        client=client,
        at=NOW,
    )
    letters.keep(conn, business, b"unread", NOW)
    invoices.add(conn, business, client, DOCUMENT, letter, b"%PDF", "fa1.pdf", NOW)
    statement, _ = bank.keep_statement(conn, business, "ab" * 32, b"OFX", "ofx", letter, NOW)
    bank.add_lines(conn, business, statement, "FR76", [LINE])
    bank.cover(conn, business, "FR76", date(2026, 2, 1), DAY)
    allocations.allocate(conn, business, LINE.id, "FA-1", Decimal("200.00"), "auto", NOW)
    allocations.keep_credit(conn, business, LINE.id, client, Decimal("30.00"), "auto", "overpaid", NOW)
    aliases.teach(conn, business, client, "name", "DUPONT SA", LINE.id, "letter", NOW)
    invoices.set_open_amount(conn, business, "FA-1", Decimal("1000.00"))
    events.record(conn, business, event(client=client), letter=letter)
    events.record(conn, business, event("bank.statement", client=None))
    meant = replace(event("reply.dispute", f"{letter}/FA-1/owner", client), data={"letter": letter, "by": "owner"})
    events.record(conn, business, meant, letter=letter)
    events.record(conn, business, event("owner.paused", client=client), letter=letter)
    decisions.keep_rules(conn, business, "0" * 12, "steps: []", NOW)
    decided, _ = decisions.save(conn, business, decision(client), NOW)
    plan(conn, business, client=client, decision=decided, invoices=["FA-1"], levels={"FA-1": "reminder_1"})
    outgoing_row = outgoing_lists.by_dedupe_key(conn, business, "k1")
    assert outgoing_row is not None
    about = {"line": LINE.id}
    question, _ = questions.ask(
        conn,
        business,
        kind="match",
        dedupe_key="q1",
        text="?",
        choices=["1"],
        about=about,
        client=client,
        now=NOW,
    )
    orders.keep(conn, business, letter, 0, Order("pause", "Dupont", {"days": "7"}, "pause Dupont"), "done", NOW)
    leases.take(conn, "clock", "process-1", NOW, 60)
    if seals.head(conn, business) is None:
        first = seals.unsealed(conn, business, 1)[0].seq
        seals.keep(conn, business, [(1, first, "ab" * 32, "", "cd" * 32)], NOW)
        contents.note(conn, business, [("letter", letter, 1, f"kept.letter:{letter}")])
    return World(client, letter, statement, decided, outgoing_row.id, question)
