"""A client's past made to measure: so many paid invoices, so many of them late, so many promises broken.

A test says "five invoices paid, 40 % late"; the rules only know bills and events, so these are made here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mailbot.model import JSON, Event, InvoiceFacts

_LONG_AGO = 400
_AMOUNT = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Past:
    paid: int = 0
    late_rate: Decimal = Decimal(0)
    broken_promises: int = 0
    disputes: int = 0


def history(client: str, past: Past, start: date) -> tuple[list[InvoiceFacts], list[Event]]:
    """Bills of more than a year before `start`, all settled or cancelled, and what happened to them."""
    bills: list[InvoiceFacts] = []
    events: list[Event] = []
    late = int((past.late_rate * past.paid).quantize(Decimal(1), ROUND_HALF_UP))
    for n in range(past.paid):
        bill = _bill(f"PAST-{n + 1}", start)
        bills.append(bill)
        paid_on = bill.due + timedelta(days=20 if n < late else -1)
        events.append(_event("bank.payment", paid_on, client, bill.number, amount=str(_AMOUNT)))
    for n in range(past.broken_promises):
        bill = _bill(f"PROMISED-{n + 1}", start)
        bills.append(bill)
        said, until = bill.due + timedelta(days=1), bill.due + timedelta(days=5)
        events.append(_event("reply.promise", said, client, bill.number, promise_date=until.isoformat()))
        events.append(_event("owner.cancelled", until + timedelta(days=30), client, bill.number))
    for n in range(past.disputes):
        bill = _bill(f"DISPUTED-{n + 1}", start)
        bills.append(bill)
        events.append(_event("reply.dispute", bill.due, client, bill.number))
        events.append(_event("owner.cancelled", bill.due + timedelta(days=9), client, bill.number))
    return bills, events


def _bill(number: str, start: date) -> InvoiceFacts:
    issued = start - timedelta(days=_LONG_AGO)
    return InvoiceFacts(number, "invoice", issued, issued + timedelta(days=30), _AMOUNT)


def _event(name: str, day: date, client: str, number: str, **data: JSON) -> Event:
    return Event(f"{name}/past/{number}", name, datetime.combine(day, time(8), UTC), day, client, number, data)
