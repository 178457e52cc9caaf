"""Random clients and what happens to them, the same for the same number on every machine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from mailbot.model import JSON, ClientFacts, Contact, Event, InvoiceFacts
from mailbot.rules.signals import CATEGORIES

DAYS = 120
"""A client's story lasts so long."""
_FIRST = date(2025, 6, 2)
_PLAIN = (
    "reply.dispute", "reply.paid", "reply.unclear", "reply.acknowledged", "reply.question", "mail.opened",
    "owner.resolved", "owner.resumed", "owner.sent_now", "owner.skipped", "owner.paid", "bank.reversal",
    "reply.refusal",
)  # fmt: skip
_OFTEN = ("bank.payment", "bank.payment", "reply.promise", "reply.out_of_office", "owner.paused", "mail.bounced")


class Dice:
    """Numbers that look random and are the same for the same seed on every machine."""

    def __init__(self, seed: int) -> None:
        self.state = (seed * 2654435761 + 97) % 2**64

    def below(self, limit: int) -> int:
        """0 to limit - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def one_of(self, items: Sequence[str]) -> str:
        return items[self.below(len(items))]


def random_book(seed: int, steps: Sequence[str] = ("reminder_1",)) -> tuple[ClientFacts, list[Event], date]:
    """A client with one to four invoices, most of them unpaid for long, and what happens meanwhile.

    `steps`: those that the owner may leave out.
    """
    dice = Dice(seed)
    start = _FIRST + timedelta(days=dice.below(730))
    bills = []
    for n in range(1 + dice.below(4)):
        issued = start + timedelta(days=dice.below(40))
        amount = Decimal(1_000 + dice.below(300_000)) / 100
        due, currency = issued + timedelta(days=dice.below(31)), "EUR" if dice.below(12) else "CHF"
        bills.append(InvoiceFacts(f"R-{n + 1}", "invoice", issued, due, amount, currency))
    contacts = tuple(Contact(f"c{n}@client.example") for n in range(1 + dice.below(2)))
    client = ClientFacts("1", "Client", tuple(bills), dice.one_of(CATEGORIES), "fr", contacts, dice.below(50) == 0)
    events = [_event(dice, n, start, client, steps) for n in range(dice.below(5))]
    return client, events, start


def _event(dice: Dice, n: int, start: date, client: ClientFacts, steps: Sequence[str]) -> Event:
    name = dice.one_of(_OFTEN if dice.below(2) else _PLAIN)
    day = start + timedelta(days=10 + dice.below(DAYS - 10))
    bill = client.invoices[dice.below(len(client.invoices))]
    number = bill.number if dice.below(3) else None
    later = (day + timedelta(days=dice.below(40))).isoformat()
    data: dict[str, JSON] = {"letter": f"letter-{n}"} if name.startswith("reply.") else {}
    match name:
        case "bank.payment":
            number = bill.number
            data["amount"] = str(bill.amount if dice.below(2) else Decimal(dice.below(100_000)) / 100)
        case "bank.reversal":
            number = bill.number
            data["amount"] = str(bill.amount)
        case "reply.promise":
            data["promise_date"] = later
        case "reply.out_of_office" | "owner.paused":
            data["until"] = later
        case "owner.skipped":
            data["step"] = dice.one_of(steps)
        case "mail.bounced":
            data |= {"to": "c0@client.example", "class": dice.one_of(("hard", "soft"))}
    at = datetime.combine(day, time(dice.below(24), dice.below(60)), UTC)
    return Event(f"{name}/{n}", name, at, day, client.id, number, data)
