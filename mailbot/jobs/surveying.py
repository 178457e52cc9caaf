"""The whole book of a business read at once, for what looks at every client: few questions, however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.clients import Client
from mailbot.ledger.events import STATEMENT
from mailbot.ledger.invoices import Billed
from mailbot.model import ClientFacts, Event
from mailbot.owner.standing import Claim

_SETTLING: Mapping[str, int] = {
    "bank.payment": 1, "owner.paid": 1, "invoice.credited": 1, "invoice.written_off": 1, "bank.reversal": -1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """Everybody, what each was billed, and what happened to each; `whole` is what happened to the business itself."""

    clients: Mapping[int, Client]
    billed: Mapping[int, Sequence[Billed]]
    events: Mapping[int, Sequence[Event]]
    whole: Sequence[Event]
    by_number: Mapping[str, Billed]
    balances: Mapping[str, Decimal]
    """By currency: what the newest statement of each account says that it holds."""

    def name(self, client: str | int | None) -> str:
        """How the client is called; "" for nobody."""
        known = self.clients.get(int(client)) if client not in (None, "") else None
        return known.name if known is not None else ""

    def facts(self, client: int) -> ClientFacts:
        """What the rules need to know of the client besides the events."""
        whom = self.clients[client]
        return ClientFacts(
            id=str(client), name=whom.name, invoices=tuple(one.facts for one in self.billed.get(client, ())),
            category=whom.category, language=whom.language, contacts=whom.contacts,
            do_not_contact=whom.do_not_contact, professional=True if whom.siren or whom.vat else None,
        )  # fmt: skip

    def of(self, client: int) -> list[Event]:
        """What happened to the client or to the whole business, in order; of the bank statements the newest."""
        return sorted([*self.events.get(client, ()), *self.whole], key=_order)

    def claims(self) -> list[Claim]:
        """Every invoice with what was taken off it."""
        taken: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for known in self.events.values():
            for event in known:
                sign = _SETTLING.get(event.name)
                if sign is not None and event.invoice:
                    amount = self._amount(event, taken[event.invoice])
                    taken[event.invoice] += [(event.day, amount * sign)] if amount else []
        return [
            Claim(
                one.facts.number, client, one.facts.issued, one.facts.due, one.facts.currency, one.facts.amount,
                one.open, tuple(taken.get(one.facts.number, ())),
            )
            for client, billed in self.billed.items() for one in billed if one.facts.kind == "invoice"
        ]  # fmt: skip

    def _amount(self, event: Event, before: Sequence[tuple[date, Decimal]]) -> Decimal | None:
        """What an event took off its invoice; "paid" without an amount means all that was left."""
        amount = event.data.get("amount")
        if isinstance(amount, str):
            return Decimal(amount)
        billed = self.by_number.get(event.invoice or "")
        if event.name != "owner.paid" or billed is None or billed.open > 0:
            return None
        return billed.facts.amount - sum((one for _, one in before), Decimal(0))

    def open_of(self, numbers: Sequence[str]) -> Decimal | None:
        """What is open of these invoices together; None where none of them is known."""
        found = [self.by_number[number].open for number in numbers if number in self.by_number]
        return sum(found, Decimal(0)) if found else None

    def currency_of(self, numbers: Sequence[str]) -> str:
        """Of the first of these invoices: one mail lists those of one currency only."""
        found = next((self.by_number[number] for number in numbers if number in self.by_number), None)
        return found.facts.currency if found is not None else "EUR"


def survey(conn: Connection, office: Office) -> Book:
    """The book of the business as this transaction sees it."""
    everybody = {one.id: one for one in clients.everyone(conn, office.key)}
    billed: dict[int, list[Billed]] = defaultdict(list)
    by_number: dict[str, Billed] = {}
    for one in invoices.billed(conn, office.key):
        billed[one.client].append(one)
        by_number[one.facts.number] = one
    happened: dict[int, list[Event]] = defaultdict(list)
    whole: list[Event] = []
    newest: Event | None = None
    statements: list[Event] = []
    for event in events.everything(conn, office.key):
        if event.client is not None:
            happened[int(event.client)].append(event)
        elif event.name == STATEMENT:
            newest = event
            statements.append(event)
        elif event.name not in events.OF_EVIDENCE:
            whole.append(event)
    whole += [newest] if newest is not None else []
    held = balances(statements)
    return Book(everybody, billed, happened, sorted(whole, key=_order), by_number, held)


def balances(statements: Iterable[Event]) -> dict[str, Decimal]:
    """By currency: what the newest statement of each account says that it holds; an older one may be read later."""
    accounts: dict[str, tuple[str, str, Decimal]] = {}
    for statement in statements:
        said = [statement.data.get(key) for key in ("account", "balance_on", "currency", "balance")]
        account, day, currency, balance = (one if isinstance(one, str) else "" for one in said)
        if balance and day >= accounts.get(account, ("",))[0]:
            accounts[account] = (day, currency, Decimal(balance))
    held: dict[str, Decimal] = {}
    for _, currency, amount in accounts.values():
        held[currency] = held.get(currency, Decimal(0)) + amount
    return held


def _order(event: Event) -> tuple[date, object, str]:
    return (event.day, event.at, event.id)
