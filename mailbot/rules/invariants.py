"""What must hold for every client and history, whatever the rules file says; tried on random books.

Nothing here knows a policy's dates. What is open and what was approved is worked out again in the plainest way,
so that a mistake of the engine is not repeated by its judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from mailbot.model import JSON, ClientFacts, Contact, Decision, Event, InvoiceFacts, Verdict
from mailbot.rules.balance import in_order
from mailbot.rules.calendar import window
from mailbot.rules.canonical import to_json
from mailbot.rules.decide import decide
from mailbot.rules.language import Rules
from mailbot.rules.signals import CATEGORIES
from mailbot.rules.timeline import Lived, Sent, live, statement

_FIRST = date(2025, 6, 2)
_DAYS = 120
_NOON = time(12)
_PLAIN = (
    "reply.dispute", "reply.paid", "reply.unclear", "reply.acknowledged", "reply.question", "mail.opened",
    "owner.resolved", "owner.resumed", "owner.sent_now", "owner.paid", "bank.reversal", "reply.refusal",
)  # fmt: skip
_OFTEN = ("bank.payment", "bank.payment", "reply.promise", "reply.out_of_office", "owner.paused", "mail.bounced")


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that did not hold, in the book of that number."""

    book: int
    day: date
    what: str


@dataclass(slots=True)
class Report:
    mails: int = 0
    decisions: int = 0
    broken: list[Broken] = field(default_factory=list)


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


def check_books(rules: Rules, books: int, first: int = 0) -> Report:
    """Live so many random clients through four months each, and judge every mail."""
    report = Report()
    backwards = replace(rules, reactions=tuple(reversed(rules.reactions)))
    for book in range(first, first + books):
        client, events, start = random_book(book)
        until = start + timedelta(days=_DAYS)
        lived = live(rules, client, events, start, until, every_day=False)
        report.mails += sum(sent.decision.verdict is Verdict.SEND for sent in lived.sent)
        report.decisions += len(lived.decisions)
        report.broken += [Broken(book, day, what) for day, what in _judged(rules, backwards, client, lived)]
    return report


def random_book(seed: int) -> tuple[ClientFacts, list[Event], date]:
    """A client with one to four invoices, most of them unpaid for long, and what happens meanwhile."""
    dice = Dice(seed)
    start = _FIRST + timedelta(days=dice.below(730))
    bills = []
    for n in range(1 + dice.below(4)):
        issued = start + timedelta(days=dice.below(40))
        amount = Decimal(1_000 + dice.below(300_000)) / 100
        bills.append(InvoiceFacts(f"R-{n + 1}", "invoice", issued, issued + timedelta(days=dice.below(31)), amount))
    contacts = tuple(Contact(f"c{n}@client.example") for n in range(1 + dice.below(2)))
    client = ClientFacts("1", "Client", tuple(bills), dice.one_of(CATEGORIES), "fr", contacts, dice.below(50) == 0)
    events = [_event(dice, n, start, client) for n in range(dice.below(5))]
    return client, events, start


def _event(dice: Dice, n: int, start: date, client: ClientFacts) -> Event:
    name = dice.one_of(_OFTEN if dice.below(2) else _PLAIN)
    day = start + timedelta(days=10 + dice.below(_DAYS - 10))
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
        case "mail.bounced":
            data |= {"to": "c0@client.example", "class": dice.one_of(("hard", "soft"))}
    at = datetime.combine(day, time(dice.below(24), dice.below(60)), UTC)
    return Event(f"{name}/{n}", name, at, day, client.id, number, data)


# --------------------------------------------------------------------------------------------------- judging


def _judged(rules: Rules, backwards: Rules, client: ClientFacts, lived: Lived) -> Iterator[tuple[date, str]]:
    previous: date | None = None
    levels: dict[str, int] = {}
    ranks = {step.id: step.rank for step in rules.steps}
    lost = any(e.name in ("mail.bounced", "mail.rejected") for e in lived.known)
    for place, sent in enumerate(lived.sent):
        decision = sent.decision
        if decision.verdict is not Verdict.SEND:
            continue
        yield from ((decision.day, what) for what in _wrong(rules, client, lived.known, sent))
        gap = rules.guards.min_gap
        if previous is not None and decision.code != "sent_now":
            free = rules.calendar.shifted(previous, gap.count, business=gap.business)
            if decision.day < free:
                yield decision.day, f"{decision.what} below the gap after {previous}"
        previous = decision.day
        for number, step in decision.levels:
            if ranks[step] <= levels.get(number, 0) and not lost:
                yield decision.day, f"{number} climbs down to {step}"
            levels[number] = ranks[step]
        yield from _repeated(rules, backwards, client, lived, decision, reorder=place % 3 == 0)


def _wrong(rules: Rules, client: ClientFacts, known: Sequence[Event], sent: Sent) -> Iterator[str]:
    decision = sent.decision
    before = [e for e in known if e.day < decision.day or (e.day == decision.day and e.at.time() < _NOON)]
    if window(rules, decision.day) is None or decision.day.weekday() not in rules.calendar.send_days:
        yield f"{decision.what} on a closed day"
    if client.do_not_contact:
        yield f"{decision.what} to a client who must not be written to"
    if decision.use_contact is None:
        yield f"{decision.what} to nobody"
    bills = {bill.number: bill for bill in client.invoices}
    for number in decision.invoices:
        if is_settled(bills[number], before):
            yield f"{decision.what} after payment of {number}"
    profile = next(p for p in rules.profiles if p.id == decision.profile)
    formal = {step.id for step in rules.steps if step.approve or step.id in profile.approve}
    for number, step in decision.levels:
        if step in formal and not is_approved(step, number, before):
            yield f"{step} of {number} without approval"


def is_settled(bill: InvoiceFacts, events: Sequence[Event]) -> bool:
    """Whether the money came, by the plainest reading of what was recorded about this invoice."""
    owed, settled = bill.amount, False
    for event in sorted(events, key=in_order):
        mine = event.invoice == bill.number
        everything = event.invoice is None and event.name == "owner.paid" and bill.issued <= event.day
        if event.name == "bank.payment" and mine:
            owed -= Decimal(str(event.data["amount"]))
        elif event.name == "bank.reversal" and mine:
            owed, settled = min(owed + Decimal(str(event.data["amount"])), bill.amount), False
        elif event.name == "owner.paid" and (mine or everything):
            settled = True
    return settled or owed <= 0


def is_approved(step: str, number: str, events: Sequence[Event]) -> bool:
    """Whether the owner said yes to this step for this invoice."""
    return any(
        e.name == "owner.answered" and (e.data["approves"], e.data["lead"], e.data["yes"]) == (step, number, True)
        for e in events
    )


def _repeated(
    rules: Rules, backwards: Rules, client: ClientFacts, lived: Lived, decision: Decision, *, reorder: bool
) -> Iterator[tuple[date, str]]:
    """Deciding again once the mail is recorded sends nothing; the order of reactions and events means nothing."""
    day = decision.day
    known = [e for e in lived.known if e.day < day or (e.day == day and e.at.time() <= _NOON)]
    read = statement(day, day)
    again = decide(rules, client, [*known, read], day)
    if again.verdict is Verdict.SEND and not again.approval:
        yield day, f"{again.what} although {decision.what} was just sent"
    if reorder:
        other = decide(backwards, client, [read, *reversed(known)], day)
        if to_json(replace(other, trace=())) != to_json(replace(again, trace=())):
            yield day, "another order of the reactions and events changes the decision"
