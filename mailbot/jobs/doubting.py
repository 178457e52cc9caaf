"""What only the ledger knows, and what speaks against booking a certain match by itself."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.bank.certainty import OLDEST
from mailbot.bank.references import canonical, rf_payload
from mailbot.jobs.asking import current_question
from mailbot.jobs.office import Office
from mailbot.ledger import allocations, bank, events, invoices
from mailbot.model import JSON, Line, Match

SAME_PAYMENT_DAYS = 5
"""How far apart two formats may put one payment: value date and booking date, with a weekend between them."""
_LONGEST, _MOST_WORDS = 2000, 100
SAID_LATELY = timedelta(days=90)
"""So long the owner's word "paid" may speak of a line that comes only now."""


def is_certain(conn: Connection, office: Office, line: Line, match: Match) -> bool:
    """Whether a line is booked without a question.

    The same payment in a second format has another account and may have another label and day: equal money of the
    same client that stands under another account is the owner's to tell apart.
    """
    if match.decision != "auto":
        return False
    payers = set(invoices.among(conn, office.key, [share.invoice for share in match.allocations]).values())
    if OLDEST in match.evidence and any(_disputes(conn, office, client) for client in payers):
        return False
    for other in bank.equal_elsewhere(conn, office.key, line.id, SAME_PAYMENT_DAYS):
        given = [row.invoice for row in allocations.standing(conn, office.key, other) if row.invoice]
        clients_of = set(invoices.among(conn, office.key, given).values())
        twin = bank.line(conn, office.key, other)
        question = current_question(conn, office, twin) if twin is not None and not given else None
        if question is not None:
            clients_of |= {int(client) for client in question.about["clients"]}
        if clients_of & payers:
            return False
    return True


def said_already(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> bool:
    """The owner said not long ago that this client paid this amount: the line may be that payment.

    Only where the payer named no invoice; a payment that names an open one is another.
    """
    if any(said.startswith("reference ") for said in match.evidence):
        return False
    owner_of = invoices.among(conn, office.key, [share.invoice for share in match.allocations])
    since = office.day(now) - SAID_LATELY
    for client in sorted(set(owner_of.values())):
        for event in events.of_client(conn, office.key, client):
            if (
                event.name == "owner.paid"
                and event.day >= since
                and _is_that(conn, office, event.invoice, line, event.data.get("amount"))
            ):
                return True
    return False


def _disputes(conn: Connection, office: Office, client: int) -> bool:
    """Whether the client contests something that the owner has not settled: then it would not pay that one."""
    open_ones: set[str | None] = set()
    for event in events.of_client(conn, office.key, client):
        if event.name in ("reply.dispute", "owner.dispute"):
            open_ones.add(event.invoice)
        elif event.name == "owner.resolved":
            open_ones = open_ones - {event.invoice} if event.invoice else set()
    return bool(open_ones)


def paid_before(conn: Connection, office: Office, line: Line) -> list[str]:
    """The invoices that a credit names and that another payment has settled: it may have been paid twice.

    Not where the owner called them paid: then this line is the payment that was meant.
    """
    if line.amount <= 0:
        return []
    said = f"{line.name} {line.memo} {line.reference} {line.creditor_reference}"[:_LONGEST]
    words = {word.strip(".,;:()").upper() for word in said.split()}
    carried = {payload for word in words if (payload := rf_payload(word))}
    if carried:
        numbers = invoices.numbers(conn, office.key)
        words |= {number for number in numbers if canonical(number) in carried}
    found = []
    for number in sorted(invoices.among(conn, office.key, sorted(words)[:_MOST_WORDS])):
        known = invoices.get(conn, office.key, number)
        paid = [row.line for row in allocations.of_invoice(conn, office.key, number) if row.kind == "paid"]
        if known is not None and known.kind == "invoice" and not known.open_amount and paid and line.id not in paid:
            found.append(number)
    return found


def _is_that(conn: Connection, office: Office, number: str | None, line: Line, amount: JSON) -> bool:
    if isinstance(amount, str):
        return Decimal(amount) == line.amount
    known = invoices.get(conn, office.key, number) if number else None
    if known is None:
        return True  # "paid" for all that the client owed: no amount tells it from this line
    return known.amount == line.amount and not allocations.of_invoice(conn, office.key, known.number)
