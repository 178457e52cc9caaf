"""What the law adds to the invoices of the ledger: their facts as debts, and what each has come to on a day.

Penalties stand beside an invoice and never change it: nothing here is stored, all of it follows from the events, and
from the money that the owner said to be penalties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.law.account import is_interest_first
from mailbot.law.agreed import is_legal_minimum
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Debt, Debtor, Moved
from mailbot.law.insolvency import opening
from mailbot.law.owed import owed
from mailbot.law.settle import Split, settle
from mailbot.ledger import allocations, bank, clients, events, invoices
from mailbot.ledger.allocations import Allocation
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.store import reading
from mailbot.model import ClientFacts, Event, InvoiceFacts
from mailbot.rules.balance import Balance, balance, read_amount, seen

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """An invoice of the ledger, its client, and what is owed on a day."""

    invoice: Invoice
    client: Client
    result: Owed | Refusal


def owed_on(office: Office, number: str, on: date) -> Found | None:
    """What an invoice has come to on a day, by all that is known today; None: no invoice has that number."""
    with reading(office.engine) as conn:
        known = {each.upper(): each for each in invoices.numbers(conn, office.key)}.get(number.strip().upper())
        invoice = invoices.get(conn, office.key, known) if known is not None else None
        if invoice is None:
            return None
        return owed_of(conn, office, invoice, on)


def owed_of(conn: Connection, office: Office, invoice: Invoice, on: date) -> Found:
    """The same for an invoice at hand."""
    return _owed(conn, office, invoice, on, _book(conn, office, invoice.client))


def owed_of_all(conn: Connection, office: Office, several: Iterable[Invoice], on: date) -> list[Found]:
    """The same for several invoices: what is known of a client is read once, however many it has."""
    books: dict[int, _Book] = {}
    found = []
    for invoice in several:
        if invoice.client not in books:
            books[invoice.client] = _book(conn, office, invoice.client)
        found.append(_owed(conn, office, invoice, on, books[invoice.client]))
    return found


def split_of(conn: Connection, office: Office, invoice: Invoice, amount: Decimal, day: date) -> Split | None:
    """What a payment that is not booked yet settles, where the business lets interest come first (`law.payments`).

    None where all of it goes to the principal, and where what is owed cannot be said.
    """
    order = office.business.law.payments
    if order == "principal_first" or invoice.kind != "invoice":
        return None
    found = owed_of(conn, office, invoice, day).result
    if not isinstance(found, Owed) or not is_interest_first(order, found.debt.formal_notice, day):
        return None
    split = settle(amount, principal=found.principal, interest=found.interest_left, order="interest_first")
    return split if split.interest > 0 else None


@dataclass(frozen=True, slots=True)
class _Book:
    """All that is known of a client, read once."""

    client: Client
    facts: ClientFacts
    known: Sequence[Event]
    balance: Balance
    for_penalties: Sequence[Allocation]


def _book(conn: Connection, office: Office, client: int) -> _Book:
    facts = clients.facts(conn, office.key, client)
    known = seen(events.for_rules(conn, office.key, client), date.max)
    late = allocations.for_penalties(conn, office.key, client)
    return _Book(clients.get(conn, office.key, client), facts, known, balance(facts, known, date.max), late)


def _owed(conn: Connection, office: Office, invoice: Invoice, on: date, book: _Book) -> Found:
    return _found(office, invoice, on, book, _for_penalties(conn, office, invoice, book))


def _found(office: Office, invoice: Invoice, on: date, book: _Book, penalties: Sequence[Moved] = ()) -> Found:
    law, debtor = office.business.law, debtor_of(office, book.client)
    debt = _debt(book, invoice.number, debtor, agreed_with(office, debtor, invoice.document.penalty_terms))
    debt = replace(debt, penalties=tuple(penalties))
    return Found(invoice, book.client, owed(debt, on, office.tables, law.country, law.payments))


def agreed_with(office: Office, debtor: Debtor, terms: str | None = None) -> Decimal | None:
    """The agreed rate in percent a year, by the settings or else by the invoice's own words; None where none counts.

    "Three times the legal rate" is the floor of L441-10, which only some countries have, and only between businesses:
    elsewhere it agrees on no figure and the rate of the law runs (a consumer's after a notice, C. civ. 1231-6).
    """
    law = office.business.law
    agreed = law.agreed_rate
    if agreed is None and is_legal_minimum(terms):
        agreed = ZERO
    country = office.tables.countries.get(law.country)
    has_floor = debtor == "business" and country is not None and bool(country.floor)
    return agreed if agreed or has_floor else None


def _for_penalties(conn: Connection, office: Office, invoice: Invoice, book: _Book) -> list[Moved]:
    """What the owner said to be penalties of the payments of an invoice.

    Of a payment of several invoices the one that was due first is settled first, and the last one has the rest.
    """
    found: list[Moved] = []
    for row in book.for_penalties:
        line, left = bank.line(conn, office.key, row.line), -row.amount
        paid = _paid_by(conn, office, row.line)
        if line is None or line.currency != invoice.currency:
            continue
        for one in paid:
            whose = book if one.client == invoice.client else _book(conn, office, one.client)
            result = _found(office, one, line.date, whose).result
            late = result.penalties.get(line.currency, ZERO) if isinstance(result, Owed) else ZERO
            part = left if one == paid[-1] else min(left, late)
            left -= part
            if one.number == invoice.number and part > 0:
                found.append(Moved(line.date, part))
    return found


def _paid_by(conn: Connection, office: Office, line: str) -> list[Invoice]:
    """The invoices that a line paid, the first that was due first."""
    rows = [row for row in allocations.standing(conn, office.key, line) if row.kind == "paid"]
    known = (invoices.get(conn, office.key, row.invoice) for row in rows if row.invoice is not None)
    return sorted((one for one in known if one is not None), key=lambda one: (one.due, one.number))


def debtor_of(office: Office, client: Client) -> Debtor:
    """A business, or a consumer: who owes no indemnity, so that it is what a client counts as in doubt."""
    wanted = office.business.law.clients
    if wanted == "known":
        return "business" if client.siren or client.vat else "consumer"
    return wanted


def _debt(book: _Book, number: str, debtor: Debtor, agreed: Decimal | None) -> Debt:
    """An invoice as the law looks at it, from all that is known of the client, with the days on which money moved.

    What a reversal took back never was paid; a discount, rounding and what was written off count as credited.
    """
    facts, known, books = book.facts, book.known, book.balance
    billed = next(one for one in facts.invoices if one.number == number)
    payments, credited = _movements(books.receipts, number)
    credited += _let_go(known, number)
    account = books.accounts.get(number)
    dropped = _dropped(known, billed) if account is not None and account.open <= 0 else None
    left = billed.amount - sum((one.amount for one in (*payments, *credited)), ZERO)
    if account is not None and dropped is None and left > account.open:
        credited.append(Moved(_settled_on(facts, known, number, billed.currency), left - account.open))
    return Debt(
        amount=billed.amount,
        currency=billed.currency,
        due=billed.due,
        debtor=debtor,
        payments=tuple(payments),
        credit_notes=tuple(credited),
        contract_rate=agreed,
        formal_notice=posted(known, number),
        number=number,
        issued=billed.issued,
        opening=opening(known),
        given_up=dropped,
        delivered=billed.delivered,
    )


def _dropped(known: Sequence[Event], billed: InvoiceFacts) -> date | None:
    """The day on which the owner wrote the invoice off or cancelled it, alone or with all that the client owed."""
    said = [
        event.day
        for event in known
        if event.name in ("owner.written_off", "owner.cancelled")
        and (event.invoice == billed.number or (event.invoice is None and event.day >= billed.issued))
    ]
    return min(said, default=None)


def _movements(receipts: Iterable[tuple[Event, str, Decimal]], number: str) -> tuple[list[Moved], list[Moved]]:
    """Payments that stand and credit notes that an event gave to the invoice."""
    payments: list[Moved] = []
    credited: list[Moved] = []
    for event, whose, amount in receipts:
        if whose != number:
            continue
        if amount < 0:
            payments = _without(payments, -amount)
        elif event.name == "invoice.credited":
            credited.append(Moved(_day(event), amount))
        else:
            payments.append(Moved(_day(event), amount))
    return payments, credited


def _let_go(known: Sequence[Event], number: str) -> list[Moved]:
    """Discounts and rounding that stand, on the day of their payment; what a reversal took back is owed again."""
    found: list[Moved] = []
    paid = {event.data.get("line"): _day(event) for event in known if event.name == "bank.payment"}
    for event in known:
        if event.invoice != number:
            continue
        if event.name == "invoice.written_off" and (amount := read_amount(event.data)) is not None:
            found.append(Moved(paid.get(event.data.get("line"), _day(event)), amount))
        elif event.name == "bank.reversal" and (back := read_amount(event.data, "waived")) is not None:
            found = _without(found, back)
    return found


def _without(payments: list[Moved], amount: Decimal) -> list[Moved]:
    """Without what went back: the latest payment of just that amount, else as much of the latest ones."""
    for at in range(len(payments) - 1, -1, -1):
        if payments[at].amount == amount:
            return payments[:at] + payments[at + 1 :]
    kept = list(payments)
    while kept and amount > 0:
        last = kept.pop()
        if last.amount > amount:
            kept.append(Moved(last.day, last.amount - amount))
        amount -= min(amount, last.amount)
    return kept


def _settled_on(facts: ClientFacts, known: Sequence[Event], number: str, currency: str) -> date:
    """When what no payment explains was settled: the owner said that it was paid, or a credit note came."""
    said = [event.day for event in known if event.name == "owner.paid" and event.invoice in (number, None)]
    notes = [one.issued for one in facts.invoices if one.kind == "credit_note" and one.currency == currency]
    billed = next(one for one in facts.invoices if one.number == number)
    return min([*said, *notes], default=billed.issued)


def posted(known: Sequence[Event], number: str) -> date | None:
    """The day on which a formal notice was sent, as the owner last recorded it."""
    found = None
    for event in known:
        listed = event.data.get("invoices")
        about = event.invoice == number or (isinstance(listed, list) and number in listed)
        if event.name == "owner.notice" and about:
            found = _date(event.data.get("sent_on")) or found
    return found


def _day(event: Event) -> date:
    """When money really moved: the bank's day, or the day that the owner named."""
    return _date(event.data.get("paid_on")) or _date(event.data.get("date")) or event.day


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
