"""What the events add up to on one day: open amounts, promises, mails sent, levels, contacts, counters.

Nothing of it is stored. Derived events have ids made from their causes, so that they are the same each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from mailbot.model import ClientFacts, Contact, Event, InvoiceFacts
from mailbot.rules.balance import ZERO, Balance, balance, in_order, read_amount, seen
from mailbot.rules.calendar import Calendar, When
from mailbot.rules.once import once

Outcome = Literal["pending", "kept", "part_kept", "broken", "replaced"]

AUTOMATIC = frozenset({"reply.out_of_office", "reply.auto_reply", "reply.bounce", "reply.read_receipt"})
"""Replies that no person wrote."""


def open_amounts(client: ClientFacts, events: Sequence[Event], day: date) -> dict[str, Decimal]:
    """What is still open of each known invoice and credit note on the day; 0 where it is settled.

    Credit notes are netted: those that no event gives to an invoice are taken off the oldest open ones, and
    what stands under a credit note's own number is what is left of it. The owner's word that an invoice is
    paid counts until the bank takes that money back.
    """
    return {n: a.open for n, a in balance(client, seen(events, day), day).accounts.items()}


def amounts_beside_credits(client: ClientFacts, events: Sequence[Event], day: date) -> dict[str, Decimal]:
    """The same while credit notes that no event gives to an invoice stand beside the invoices, as other tools list
    them."""
    return {n: a.open for n, a in balance(client, seen(events, day), day, netted=False).accounts.items()}


@dataclass(slots=True)
class Mail:
    """One mail to the client that counts as sent."""

    event: Event
    what: str
    levels: Mapping[str, str]
    lead: str | None
    trigger: str | None
    lost: Event | None = None
    """The hard bounce that came back for it: its levels do not count."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay, and what became of it."""

    event: Event
    invoices: frozenset[str]
    day: date | None
    deadline: date | None
    """The last day on which the client is left in peace for it; None: the promise has no date."""
    outcome: Outcome


class State:
    """One client on one day, read from the events once; what few need is derived when it is asked for."""

    def __init__(
        self,
        client: ClientFacts,
        events: Sequence[Event],
        day: date,
        calendar: Calendar,
        *,
        grace: When,
        shadow: bool = False,
    ) -> None:
        """`grace`: how long a promise may be late. `shadow`: mails that would have been sent count."""
        self.client = client
        self.day = day
        self.calendar = calendar
        self.grace = grace
        self.shadow = shadow
        self.events = seen(events, day)
        self.named: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            self.named[event.name].append(event)
        self.balance: Balance = balance(client, self.events, day)
        self.mails = self._mails()
        for name, event in self._promise_events():
            self.named[name].append(event)

    @once
    def open(self) -> list[InvoiceFacts]:
        """Invoices on which something is open, oldest due date first."""
        found = [a.facts for a in self.balance.accounts.values() if a.facts.kind == "invoice" and a.open > ZERO]
        return sorted(found, key=lambda i: (i.due, i.number))

    def amount(self, number: str) -> Decimal:
        """What is open of an invoice; 0 for one that is not known."""
        account = self.balance.accounts.get(number)
        return account.open if account is not None else ZERO

    def latest(self, name: str) -> Event | None:
        """The latest event of a name."""
        events = self.named.get(name)
        return events[-1] if events else None

    def _mails(self) -> list[Mail]:
        names = ("mail.sent", "mail.shadowed", "act.done") if self.shadow else ("mail.sent", "act.done")
        mails = [_mail(e) for name in names for e in self.named.get(name, ())]
        mails.sort(key=lambda m: in_order(m.event))
        for bounce in self.named.get("mail.bounced", ()):
            if bounce.data.get("class") == "hard":
                _mark_lost(mails, bounce)
        return mails

    def level(self, invoice: str) -> dict[str, date]:
        """The steps that left for an invoice, with the day of each (the latest where there are several)."""
        return self._levels.get(invoice, {})

    @once
    def _levels(self) -> dict[str, dict[str, date]]:
        levels: dict[str, dict[str, date]] = defaultdict(dict)
        for mail in self.mails:
            if mail.lost is None:
                for invoice, step in mail.levels.items():
                    levels[invoice][step] = mail.event.day
        for event in self.named.get("owner.notice", ()):
            self._posted(event, levels)
        return levels

    def _posted(self, event: Event, levels: dict[str, dict[str, date]]) -> None:
        """A formal notice that the owner posted counts from the day of the post, whatever became of its mail."""
        sent = read_day(event.data.get("sent_on"))
        if sent is not None:
            step = str(event.data.get("step") or "formal_notice")
            for invoice in self.client.invoices:
                if _is_meant(event, invoice):
                    levels[invoice.number][step] = sent

    def skipped(self, invoice: InvoiceFacts) -> dict[str, date]:
        """The steps that the owner left out for an invoice, with the day of the order.

        An order for the whole client counts for the invoices of that day, not for those to come; a later order to
        send the step takes it back.
        """
        orders = [e for e in self.named.get("owner.skipped", ()) if _is_meant(e, invoice)]
        asked = [e for e in self.named.get("owner.sent_now", ()) if _is_meant(e, invoice)] if orders else []
        return {
            str(order.data.get("step")): order.day
            for order in orders
            if not any(e.data.get("step") == order.data.get("step") and in_order(e) > in_order(order) for e in asked)
        }

    # ------------------------------------------------------------------------------------- contacts

    @once
    def contact(self) -> Contact | None:
        """The first contact to whom a mail can be delivered."""
        return self.usable_contacts[0] if self.usable_contacts else None

    @once
    def usable_contacts(self) -> list[Contact]:
        """All contacts to whom a mail can be delivered, in the owner's order."""
        dead = self._dead_addresses
        return [c for c in self.client.contacts if c.usable and c.email.lower() not in dead]

    @once
    def _dead_addresses(self) -> set[str]:
        """Addresses that came back or were refused, unless the owner gave them again or said to send."""
        dead: dict[str, Event] = {}
        for event in (*self.named.get("mail.bounced", ()), *self.named.get("mail.rejected", ())):
            to = event.data.get("to")
            if isinstance(to, str) and (event.name == "mail.rejected" or event.data.get("class") == "hard"):
                dead[to.lower()] = max(event, dead.get(to.lower(), event), key=in_order)
        return {address for address, event in dead.items() if not self._revived(address, event)}

    def _revived(self, address: str, lost: Event) -> bool:
        given = [e for e in self.named.get("owner.contact", ()) if str(e.data.get("email")).lower() == address]
        if lost.name == "mail.rejected":
            given += self.named.get("owner.sent_now", ())
        return any(in_order(event) > in_order(lost) for event in given)

    # ------------------------------------------------------------------------------------- promises

    @once
    def promises(self) -> list[Promise]:
        """All promises, oldest first; one made anew before its day replaces the older one."""
        events = sorted((*self.named.get("reply.promise", ()), *self.named.get("owner.promise", ())), key=in_order)
        return [self._judged(event, events[n + 1 :]) for n, event in enumerate(events)]

    def _judged(self, event: Event, later: Iterable[Event]) -> Promise:
        promised = read_day(event.data.get("promise_date", event.data.get("date")))
        before = self.balance.at_promise.get(event.id, {})
        if event.invoice is not None:
            covered = frozenset((event.invoice,))
        else:
            covered = frozenset(n for n, amount in before.items() if amount > ZERO)
        deadline = self._deadline(promised, covered) if promised is not None else None
        left = covered - self._taken_back(event, covered, deadline, later)
        if covered and not left:
            return Promise(event, covered, promised, deadline, "replaced")
        if deadline is None:
            return Promise(event, left, None, None, "pending")
        return Promise(event, left, promised, deadline, self._outcome(event, left, before, deadline))

    def _taken_back(
        self, event: Event, covered: frozenset[str], deadline: date | None, later: Iterable[Event]
    ) -> set[str]:
        """The invoices for which, before the day was over, another promise was made or the owner decided."""
        ended = [e for name in ("owner.resumed", "owner.resolved") for e in self.named.get(name, ())]
        over: set[str] = set()
        for other in (*later, *(e for e in ended if in_order(e) > in_order(event))):
            if deadline is None or other.day <= deadline:
                over.update(covered if other.invoice is None else {other.invoice})
        return over

    def _deadline(self, promised: date, covered: frozenset[str]) -> date:
        """A promise to pay before the due date binds from the due date only."""
        dues = [self.balance.accounts[n].facts.due for n in covered if n in self.balance.accounts]
        return self.grace.from_day(max([promised, *([min(dues)] if dues else [])]), self.calendar)

    def _outcome(self, event: Event, covered: frozenset[str], before: Mapping[str, Decimal], deadline: date) -> Outcome:
        target = read_amount(event.data, "promise_amount") or read_amount(event.data)
        owed: dict[str, Decimal] = defaultdict(Decimal)
        received: dict[str, Decimal] = defaultdict(Decimal)
        for number in covered:
            owed[self._currency(number)] += before.get(number, ZERO)
        for e, number, amount in self.balance.receipts:
            if number in covered and e.day <= deadline and in_order(e) > in_order(event):
                received[self._currency(number)] += amount
        # An amount is of one currency, though the promise may cover invoices of several.
        enough = (received[one] >= min(target or due, due) for one, due in owed.items())
        if self._settled_by(covered, deadline) or (any(enough) if target else all(enough)):
            return "kept"
        if self.day <= deadline:
            return "pending"
        return "part_kept" if any(amount > ZERO for amount in received.values()) else "broken"

    def _currency(self, number: str) -> str:
        account = self.balance.accounts.get(number)
        return account.facts.currency if account is not None else ""

    def _settled_by(self, covered: frozenset[str], deadline: date) -> bool:
        """Nothing is open any more, and that not only since the deadline: who pays late has broken the promise."""
        accounts = [self.balance.accounts[n] for n in covered if n in self.balance.accounts]
        return all(a.open <= ZERO and (a.settled_on is None or a.settled_on <= deadline) for a in accounts)

    def _promise_events(self) -> list[tuple[str, Event]]:
        """promise.kept, .part_kept and .broken, as if they had been recorded the day after the deadline."""
        if not (self.named.get("reply.promise") or self.named.get("owner.promise")):
            return []
        found = []
        for promise in self.promises:
            if promise.deadline is None or promise.outcome in ("pending", "replaced"):
                continue
            name = f"promise.{promise.outcome}"
            day = self._decided_on(promise, promise.deadline)
            made = replace(
                promise.event,
                id=f"{name}/{promise.event.id}",
                name=name,
                day=day,
                at=datetime.combine(day, time(0), UTC),
                data={
                    "promise_date": promise.day.isoformat() if promise.day else None,
                    "covers": [*sorted(promise.invoices)],
                },
            )
            found.append((name, made))
        return found

    def _decided_on(self, promise: Promise, deadline: date) -> date:
        """The day of the payment that kept it, else the day after the deadline."""
        if promise.outcome != "kept":
            return deadline + timedelta(days=1)
        days = [e.day for e, number, _ in self.balance.receipts if number in promise.invoices]
        return max((d for d in days if promise.event.day <= d <= self.day), default=promise.event.day)

    # ------------------------------------------------------------------------------------- counters

    @once
    def broken_promises(self) -> int:
        """Promises broken, one letter that promises for several invoices counted once."""
        broken = [p for p in self.promises if p.outcome == "broken"]
        return len({str(p.event.data.get("letter") or p.event.id) for p in broken})

    @once
    def paid(self) -> list[tuple[InvoiceFacts, date]]:
        """Invoices that were paid, with the day on which they were."""
        return [
            (a.facts, a.settled_on)
            for a in self.balance.accounts.values()
            if a.facts.kind == "invoice" and a.settled_on is not None and not a.closed
        ]

    @once
    def overdue(self) -> int:
        """Open invoices whose due date has passed."""
        return sum(invoice.due < self.day for invoice in self.open)

    @once
    def bank_through(self) -> date | None:
        """The last day that the bank statements cover, as the newest says (an account that lags takes it back);
        None while none was read."""
        days = [d for e in self.named.get("bank.statement", ()) if (d := read_day(e.data.get("through")))]
        return days[-1] if days else None

    @once
    def unexplained(self) -> int:
        """Bank lines that could be this client's money and that nobody has explained yet."""
        explained = {e.data.get("line") for e in self.named.get("bank.explained", ())}
        return len(
            {
                str(e.data.get("line"))
                for e in self.named.get("bank.unmatched", ())
                if e.data.get("line") not in explained and self._could_be_ours(e)
            }
        )

    def _could_be_ours(self, event: Event) -> bool:
        clients = event.data.get("clients")
        if event.client is not None or not isinstance(clients, list):
            return True
        return self.client.id in [str(c) for c in clients]


@dataclass(slots=True)
class Scene:
    """What a condition looks at: a client, and where one is meant an invoice and the event behind it."""

    state: State
    invoice: InvoiceFacts | None = None
    event: Event | None = None


def _is_meant(order: Event, invoice: InvoiceFacts) -> bool:
    return order.invoice == invoice.number if order.invoice is not None else invoice.issued <= order.day


def read_day(value: object) -> date | None:
    """An ISO date of an event; None where it is missing or unreadable."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _mail(event: Event) -> Mail:
    levels = event.data.get("levels")
    lead = event.data.get("lead")
    if not isinstance(lead, str):
        listed = event.data.get("invoices")
        lead = str(listed[0]) if isinstance(listed, list) and listed else event.invoice
    trigger = event.data.get("trigger")
    return Mail(
        event,
        str(event.data.get("what")),
        {str(k): str(v) for k, v in levels.items()} if isinstance(levels, Mapping) else {},
        lead,
        trigger if isinstance(trigger, str) else None,
    )


def _mark_lost(mails: list[Mail], bounce: Event) -> None:
    """The bounce belongs to the mail it names, else to the last one to that address before it."""
    outgoing, to = bounce.data.get("outgoing"), str(bounce.data.get("to")).lower()
    for n in range(len(mails) - 1, -1, -1):
        sent = mails[n].event
        if in_order(sent) > in_order(bounce):
            continue
        if outgoing is not None and sent.data.get("outgoing") is not None:
            same = sent.data["outgoing"] == outgoing
        else:
            same = str(sent.data.get("to")).lower() == to
        if same:
            mails[n].lost = bounce
            return
