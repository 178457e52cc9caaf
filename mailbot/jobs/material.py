"""What the matcher gets from the ledger: what is open, under which names clients pay, and what may be taken back."""

from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.bank.match import match_lines
from mailbot.bank.reversals import MOST_CHARGES, Payment, is_return_of
from mailbot.jobs.office import Office
from mailbot.ledger import aliases, allocations, bank, invoices
from mailbot.model import Line, Match, OpenItem, Share

RETURNABLE = timedelta(days=400)
"""How long after it a payment may be taken back (13 months for a direct debit that nobody mandated)."""


def open_items(conn: Connection, office: Office) -> list[OpenItem]:
    """What money may be given to, with the names and accounts that the owner taught.

    Invoices only: credit notes are taken off already (`rules.balance`).
    """
    names: dict[int, list[str]] = {}
    ibans: dict[int, list[str]] = {}
    for alias in aliases.known(conn, office.key):
        (names if alias.kind == "name" else ibans).setdefault(alias.client, []).append(alias.value)
    items = [item for item in invoices.open_items(conn, office.key) if item.kind == "invoice"]
    if not names and not ibans:
        return items
    owner_of = invoices.numbers(conn, office.key)
    return [
        replace(
            item,
            client_aliases=(*item.client_aliases, *names.get(owner_of[item.number], ())),
            payer_ibans=(*item.payer_ibans, *ibans.get(owner_of[item.number], ())),
        )
        for item in items
    ]


def returnable(conn: Connection, office: Office, lines: Sequence[Line]) -> list[Payment]:
    """Earlier payments of the amounts that these lines take away: booked, or still asked about."""
    debits = [line for line in lines if line.amount < 0]
    if not debits:
        return []
    amounts, since = _Amounts(debits), min(line.date for line in debits) - RETURNABLE
    found = []
    for line_id in allocations.paying_lines(conn, office.key, amounts, since):
        line = bank.line(conn, office.key, line_id)
        rows = allocations.standing(conn, office.key, line_id)
        shares = tuple(Share(row.invoice, row.amount) for row in rows if row.invoice and row.kind == "paid")
        if line is not None:
            found.append(Payment(line, shares))
    waiting = bank.lines_in_state(conn, office.key, "asked")
    return [*found, *(Payment(line, ()) for line in waiting if line.amount in amounts)]


class _Amounts(Container[Decimal]):
    """The amounts of payments that some debits may take back: theirs, and a little less where the bank says that a
    debit is a return, for it may hold charges.
    """

    def __init__(self, debits: Sequence[Line]) -> None:
        self._exact = {-line.amount for line in debits}
        self._returns = sorted({-line.amount for line in debits if is_return_of(line)})

    def __contains__(self, amount: object) -> bool:
        if amount in self._exact or not isinstance(amount, Decimal):
            return amount in self._exact
        at = bisect_right(self._returns, amount)
        return at < len(self._returns) and self._returns[at] - amount <= MOST_CHARGES


def matched(conn: Connection, office: Office, lines: Sequence[Line], booked: Sequence[Payment] = ()) -> list[Match]:
    """What the matcher says of these lines and the book as it is now; `booked` is what they may take back."""
    oldest = office.business.bank.equal_invoices == "oldest"
    return match_lines(lines, open_items(conn, office), ours(office), booked, oldest_first=oldest)


def unspent(conn: Connection, office: Office, line: Line) -> Line:
    """The line with what is left of it: part of it may have been given away before the owner was asked."""
    return replace(line, amount=allocations.unused(conn, office.key, line.id))


def ours(office: Office) -> tuple[str, ...]:
    """The business's own accounts."""
    return (office.business.iban,) if office.business.iban else ()
