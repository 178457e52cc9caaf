"""What the accountant needs of the bot's book: receipts, credits, offsets, discounts, write-offs, penalties.

The lines can have the columns of a FEC (art. A47 A-1 LPF) so that accounting tools import them as journal entries; they
are no FEC, whose numbering and completeness are the books' own. Accounts are those of the French plan comptable
général: 512 bank, 411 customers, 471 suspense (money that only the owner says has come, until the bank shows it), 665
discounts granted, 654 lost claims, 658 differences, 7631 penalties.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.invoices.fec import COLUMNS
from mailbot.jobs.office import Office
from mailbot.ledger import allocations, bank, clients, events, invoices
from mailbot.ledger.store import reading
from mailbot.model import Event
from mailbot.rules.balance import taken_back
from mailbot.rules.state import amounts_beside_credits, open_amounts

_KINDS = {
    "bank.payment": "receipt",
    "bank.reversal": "reversal",
    "owner.paid": "receipt_said",
    "invoice.credited": "credit",
    "invoice.written_off": "write_off",
    "owner.written_off": "write_off",
}
_DISCOUNT = "discount"
_DIFFERENCE = Decimal(5)
"""A written-off amount up to this is a difference of cents or bank charges, no lost claim."""
_PENALTY = "penalty"
_OFFSET = "offset"
_BANK, _CUSTOMERS, _DISCOUNTS, _LOST, _DIFFERENCES, _PENALTIES, _SUSPENSE = (
    ("512000", "Banque"), ("411000", "Clients"), ("665000", "Escomptes accordés"),
    ("654000", "Pertes sur créances irrécouvrables"), ("658000", "Charges diverses de gestion courante"),
    ("763100", "Revenus des créances commerciales"), ("471000", "Compte d'attente"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that changed what a client owes, or what it paid for being late; a reversal is below zero."""

    day: date
    kind: str
    client: str
    client_id: int
    invoice: str
    amount: Decimal
    currency: str
    reference: str


def entries(office: Office, first: date, last: date) -> list[Entry]:
    """The entries of these days, both included, in the order of days."""
    found = []
    with reading(office.engine) as conn:
        for client in clients.everyone(conn, office.key):
            known = {one.number: one for one in invoices.of_client(conn, office.key, client.id)}
            left = {number: one.amount for number, one in known.items()}
            told = events.of_client(conn, office.key, client.id)
            undone = taken_back(told)
            for event in told:
                invoice = known.get(event.invoice or "")
                if event.name not in _KINDS or invoice is None or event.id in undone:
                    continue
                amount = _amount(event, left[invoice.number])
                left[invoice.number] -= amount
                if amount and first <= _day(event) <= last:
                    found.append(_entry(event, client, invoice, amount))
            found += [one for one in _penalties(conn, office, client) if first <= one.day <= last]
            found += _offsets(conn, office, client, first, last)
    return sorted(found, key=lambda one: (one.day, one.client_id, one.invoice, one.kind, one.reference))


def as_csv(found: Sequence[Entry]) -> str:
    """One line an entry, with headings; amounts with a point."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", "kind", "client", "invoice", "amount", "currency", "reference"))
    for one in found:
        cells = (
            one.day.isoformat(),
            one.kind,
            one.client,
            one.invoice,
            f"{one.amount:.2f}",
            one.currency,
            one.reference,
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def as_fec(found: Sequence[Entry]) -> str:
    """Two lines an entry, debit and credit, separated by tabs, with the eighteen columns of the decree.

    What only the owner said to be paid goes to suspense: no bank line stands for it yet. Credit notes are left out:
    the tool that made them has booked them; what they are taken off is between two lines of the customer's account.
    """
    lines = ["\t".join(COLUMNS)]
    booked = [one for one in found if one.kind != "credit"]
    for number, one in enumerate(booked, 1):
        against, journal = _against(one)
        other = _PENALTIES if one.kind == _PENALTY else _CUSTOMERS
        shown = replace(one, invoice=one.reference) if one.kind == _OFFSET else one  # the credit note's own line
        lines.append(_fec_line(number, shown, journal, against, debit=one.amount > 0))
        lines.append(_fec_line(number, one, journal, other, debit=one.amount < 0))
    return "\n".join(lines) + "\n"


def _penalties(conn: Connection, office: Office, client: clients.Client) -> list[Entry]:
    """Money that the owner said is what lateness cost: it pays no invoice, so that no event of one tells it."""
    found = []
    for row in allocations.for_penalties(conn, office.key, client.id):
        line = bank.line(conn, office.key, row.line)
        if line is not None:
            paid = (one.invoice for one in allocations.standing(conn, office.key, row.line) if one.kind == "paid")
            number = next((one for one in paid if one is not None), "")
            found.append(
                Entry(line.date, _PENALTY, client.name, client.id, number, -row.amount, line.currency, line.id[:40])
            )
    return found


def _offsets(conn: Connection, office: Office, client: clients.Client, first: date, last: date) -> list[Entry]:
    """Credit notes that no event gives to an invoice, as they are taken off the oldest invoices of their currency.

    That is a state and no event: what the last day has more of it than the day before the first is what these days did.
    """
    known = invoices.of_client(conn, office.key, client.id)
    if not any(one.kind == "credit_note" for one in known):
        return []
    issued = {one.number: one for one in known}
    before = _set_off(conn, office, client, known, first - timedelta(1)) if first > date.min else {}
    found = []
    for (number, note), amount in _set_off(conn, office, client, known, last).items():
        more = amount - before.get((number, note), Decimal(0))
        day = min(max(issued[number].issued, issued[note].issued, first), last)
        if more:
            found.append(Entry(day, _OFFSET, client.name, client.id, number, more, issued[number].currency, note))
    return found


def _set_off(
    conn: Connection, office: Office, client: clients.Client, known: Sequence[invoices.Invoice], day: date
) -> dict[tuple[str, str], Decimal]:
    """(invoice, credit note) -> how much of the one is taken off the other on a day, oldest due first."""
    there = [one for one in known if one.issued <= day]
    facts = clients.facts(conn, office.key, client.id)
    told = events.for_rules(conn, office.key, client.id)
    beside, netted = amounts_beside_credits(facts, told, day), open_amounts(facts, told, day)
    left = {one.number: beside.get(one.number, Decimal(0)) - netted.get(one.number, Decimal(0)) for one in there}
    pairs: dict[tuple[str, str], Decimal] = {}
    notes = sorted((one for one in there if one.kind == "credit_note"), key=lambda one: one.number)
    owed = sorted((one for one in there if one.kind == "invoice"), key=lambda one: (one.due, one.number))
    for note in notes:
        for one in owed:
            part = min(left[note.number], left[one.number]) if one.currency == note.currency else Decimal(0)
            if part > 0:
                pairs[one.number, note.number] = part
                left[note.number] -= part
                left[one.number] -= part
    return pairs


def _fec_line(number: int, one: Entry, journal: tuple[str, str], account: tuple[str, str], *, debit: bool) -> str:
    amount = f"{abs(one.amount):.2f}".replace(".", ",")
    day = f"{one.day:%Y%m%d}"
    customer = account == _CUSTOMERS
    foreign = one.currency != "EUR"
    cells = (
        *journal, str(number), day, *account, f"C{one.client_id:05d}" if customer else "",
        one.client if customer else "", one.invoice, day, f"{one.kind} {one.invoice}", amount if debit else "0,00",
        "0,00" if debit else amount, "", "", "", amount if foreign else "", one.currency if foreign else "",
    )  # fmt: skip
    return "\t".join(" ".join(cell.split()) for cell in cells)


def _against(one: Entry) -> tuple[tuple[str, str], tuple[str, str]]:
    """(account, journal)"""
    if one.kind in ("receipt", "reversal", _PENALTY):
        return _BANK, ("BQ", "Banque")
    if one.kind in ("receipt_said", _OFFSET):
        return _SUSPENSE if one.kind == "receipt_said" else _CUSTOMERS, ("OD", "Opérations diverses")
    account = {"discount": _DISCOUNTS, "difference": _DIFFERENCES}.get(one.kind, _LOST)
    return account, ("OD", "Opérations diverses")


def _kind(event: Event, amount: Decimal) -> str:
    if event.name == "invoice.written_off" and event.data.get("reason") == _DISCOUNT:
        return "discount"
    if event.name == "invoice.written_off" and abs(amount) <= _DIFFERENCE:
        return "difference"
    return _KINDS[event.name]


def _entry(event: Event, client: clients.Client, invoice: invoices.Invoice, amount: Decimal) -> Entry:
    stated = (event.data.get(name) for name in ("line", "credit_note", "method"))
    reference = str(next(filter(None, stated), invoice.number))[:40]
    return Entry(
        _day(event), _kind(event, amount), client.name, client.id, invoice.number, amount, invoice.currency, reference
    )  # fmt: skip


def _amount(event: Event, left: Decimal) -> Decimal:
    """What the event took off; all that was left where it names no amount ("paid")."""
    stated = event.data.get("amount")
    if isinstance(stated, str):
        return -Decimal(stated) if event.name == "bank.reversal" else Decimal(stated)
    return max(left, Decimal(0))


def _day(event: Event) -> date:
    paid_on = event.data.get("paid_on") or event.data.get("date")
    try:
        return date.fromisoformat(str(paid_on)) if paid_on else event.day
    except ValueError:
        return event.day


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula (CWE-1236); amounts below zero stay numbers."""
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") and not is_number else cell
