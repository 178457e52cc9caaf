"""What is open on each invoice, and when it was settled: billed, less credited and paid, plus paid back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from mailbot.model import JSON, ClientFacts, Event, InvoiceFacts

ZERO = Decimal(0)
HIGHEST_POWER = 15
"""Of ten in an amount; what is larger is no money, and computing with it would overflow."""


@dataclass(slots=True)
class Account:
    """One invoice or credit note while the events are read."""

    facts: InvoiceFacts
    owed: Decimal
    settled: bool = False
    """The owner said that it is paid; a reversal by the bank takes that back."""
    closed: bool = False
    """Cancelled or written off: never reminded of again."""
    settled_on: date | None = None

    @property
    def open(self) -> Decimal:
        """What is left to pay, never negative."""
        return self.owed if self.owed > ZERO and not (self.settled or self.closed) else ZERO


@dataclass(slots=True)
class Balance:
    accounts: dict[str, Account]
    receipts: list[tuple[Event, str, Decimal]] = field(default_factory=list)
    """(event, invoice, amount) of all money and credits."""
    at_promise: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Event id of a promise -> what was open then."""


def in_order(event: Event) -> tuple[object, ...]:
    """The order in which events are read: day, instant, id."""
    return (event.day, event.at, event.id)


def seen(events: Sequence[Event], day: date) -> list[Event]:
    """The events up to and including the day, in order, each id once; without those that the owner took back."""
    by_id = {event.id: event for event in events if event.day <= day}
    for undone in taken_back(by_id.values()):
        by_id.pop(undone, None)
    return sorted(by_id.values(), key=in_order)


def taken_back(events: Iterable[Event]) -> frozenset[str]:
    """The ids of the events that an order to undo names: what they said does not count any more."""
    named = [event.data.get("events") for event in events if event.name == "owner.undone"]
    return frozenset(str(one) for listed in named if isinstance(listed, list) for one in listed)


def balance(client: ClientFacts, events: Sequence[Event], day: date, *, netted: bool = True) -> Balance:
    """Read the events (already `seen`) into what each invoice still owes.

    A credit note that no event gives to an invoice is taken off the oldest open invoices of its currency; not where
    `netted` is false.
    """
    result = Balance(_known(client, events, day))
    for event in events:
        book = _BOOKINGS.get(event.name)
        if event.name == "owner.paid" and event.invoice is None and read_amount(event.data) is not None:
            _spread(result, event)
        elif book is not None:
            for account in _concerned(result.accounts, event):
                book(result, account, event)
                _note_settled(account, event)
        elif event.name in ("reply.promise", "owner.promise"):
            known = [a for a in result.accounts.values() if a.facts.issued <= event.day]
            result.at_promise[event.id] = {a.facts.number: a.open for a in known if a.facts.kind == "invoice"}
    if netted:
        _net_credit_notes(result.accounts)
    return result


def read_amount(data: Mapping[str, JSON], key: str = "amount") -> Decimal | None:
    """An amount of an event, without its sign; None where it is missing or unreadable."""
    try:
        amount = Decimal(str(data[key]))
    except (KeyError, InvalidOperation):
        return None
    return abs(amount) if amount.is_finite() and amount.adjusted() <= HIGHEST_POWER else None


def _known(client: ClientFacts, events: Sequence[Event], day: date) -> dict[str, Account]:
    unknown_yet = {i.number for i in client.invoices if i.issued > day}
    unknown_yet -= {e.invoice for e in events if e.name == "invoice.received" and e.invoice}
    return {i.number: Account(i, i.amount) for i in client.invoices if i.number not in unknown_yet}


def _concerned(accounts: dict[str, Account], event: Event) -> list[Account]:
    """The account the event names; an owner's word without a name is for every invoice issued until then."""
    if event.invoice is not None:
        account = accounts.get(event.invoice)
        return [account] if account is not None else []
    if not event.name.startswith("owner.") or event.client is None:
        return []
    return [a for a in accounts.values() if a.facts.kind == "invoice" and a.facts.issued <= event.day]


def _spread(balance: Balance, event: Event) -> None:
    """An amount that the owner received from a client, without an invoice: the oldest are paid first.

    An amount is of one currency: the one that the event names, else the oldest open invoice's.
    """
    left = read_amount(event.data) or ZERO
    owing = [account for account in _concerned(balance.accounts, event) if account.open > ZERO]
    owing.sort(key=lambda account: (account.facts.due, account.facts.number))
    currency = event.data.get("currency") or (owing[0].facts.currency if owing else None)
    for account in owing:
        part = min(left, account.open) if account.facts.currency == currency else ZERO
        if part > ZERO:
            account.owed -= part
            left -= part
            balance.receipts.append((event, account.facts.number, part))
            _note_settled(account, event)


def _note_settled(account: Account, event: Event) -> None:
    if account.open > ZERO:
        account.settled_on = None
    elif account.settled_on is None:
        account.settled_on = event.day


def _receive(balance: Balance, account: Account, event: Event) -> None:
    """Money in. An amount that cannot be read counts as all of it: in doubt, no reminder."""
    amount = read_amount(event.data)
    if amount is None:
        amount = account.open
        account.settled = True
    else:
        account.owed -= amount
    balance.receipts.append((event, account.facts.number, amount))


def _pay_back(balance: Balance, account: Account, event: Event) -> None:
    amount = read_amount(event.data)
    account.settled = False
    if amount is not None:
        waived = read_amount(event.data, "waived") or ZERO
        account.owed = min(account.owed + amount + waived, account.facts.amount)
        balance.receipts.append((event, account.facts.number, -amount))


def _credit(balance: Balance, account: Account, event: Event) -> None:
    """A credit note whose amount was put right later counts for what it is now, and for no more."""
    note = balance.accounts.get(str(event.data.get("credit_note")))
    amount = read_amount(event.data)
    if note is not None and amount is not None:
        amount = min(amount, abs(note.facts.amount))
        note.owed -= amount
        event = replace(event, data={**event.data, "amount": str(amount)})
    _receive(balance, account, event)


def _write_off(balance: Balance, account: Account, event: Event) -> None:
    """A part where an amount is named (rounding, discount, bank charges); without one, all that is left."""
    amount = read_amount(event.data)
    if amount is None:
        _close(balance, account, event)
    else:
        account.owed -= amount


def _close(_balance: Balance, account: Account, _event: Event) -> None:
    account.closed = True


_BOOKINGS: dict[str, Callable[[Balance, Account, Event], None]] = {
    "bank.payment": _receive,
    "bank.reversal": _pay_back,
    "owner.paid": _receive,
    "owner.cancelled": _close,
    "owner.written_off": _close,
    "invoice.credited": _credit,
    "invoice.written_off": _write_off,
}


def _net_credit_notes(accounts: dict[str, Account]) -> None:
    invoices = sorted(
        (a for a in accounts.values() if a.facts.kind == "invoice"),
        key=lambda a: (a.facts.due, a.facts.number),
    )
    for note in sorted((a for a in accounts.values() if a.facts.kind == "credit_note"), key=lambda a: a.facts.number):
        for account in invoices:
            if account.facts.currency == note.facts.currency:
                part = min(note.open, account.open)
                account.owed -= part
                note.owed -= part
