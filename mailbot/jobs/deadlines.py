"""The legal dates of a book's open invoices: what runs out soon, for the digest."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from mailbot.jobs.office import Office
from mailbot.jobs.penalties import debtor_of
from mailbot.jobs.surveying import Book
from mailbot.law.clocks import limitation
from mailbot.law.deadlines import LATE_DAYS, Claim, Deadline, alerts
from mailbot.law.insolvency import HEARD, OPENED, PUBLISHED, heard
from mailbot.law.steps import RECORDED, doubtful_promises, happened, recorded
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Billed, Invoice
from mailbot.model import Event, InvoiceFacts
from mailbot.rules.balance import seen
from mailbot.rules.calendar import public_holidays

_YOUNG = timedelta(days=600)
"""No claim is barred before two years (C. conso. L218-2), and none is told more than 120 days before."""


def legal_dates(office: Office, book: Book, day: date) -> list[tuple[Deadline, Decimal | None, str]]:
    """What the law lets run out soon, the nearest first, each with what is open of its invoice and the currency.

    Only for a business under French law: the clocks are those of its codes.
    """
    if office.business.law.country != "fr":
        return []
    claims: list[Claim] = []
    business_is_late = False
    for client, billed in book.billed.items():
        owing = [one for one in billed if one.facts.kind == "invoice" and one.open > 0]
        # One late invoice of a business is enough to look at the rates.
        first = not business_is_late and _is_late_business(office, book.clients[client], owing, day)
        business_is_late = business_is_late or first
        if first or _may_be_near(owing, book.events.get(client, ()), day):
            known = seen(book.of(client), day)
            claims += [_claim(office, book.clients[client], one.facts, known) for one in owing]
    found = alerts(claims, day, office.tables, _is_holiday)
    return [(one, *_owing(book, one.invoice)) for one in found]


def barred_on(office: Office, client: Client, billed: Sequence[Invoice], known: Sequence[Event]) -> date | None:
    """The first day on which an open invoice of these can last be claimed; None under another law, or for none."""
    owing = [one for one in billed if one.kind == "invoice" and one.open_amount > 0]
    if office.business.law.country != "fr" or not owing:
        return None
    debtor = debtor_of(office, client)
    return min(
        limitation(debtor, one.due, happened(known, one.number), one.issued, one.document.delivery_date).last_day
        for one in owing
    )


def _may_be_near(owing: Sequence[Billed], known: Sequence[Event], day: date) -> bool:
    """Whether a clock of the client can be near its end: an old invoice, insolvency, or a legal step."""
    if not owing:
        return False
    is_old = any(_began(one.facts) < day - _YOUNG for one in owing)
    return is_old or any(event.name in (RECORDED, HEARD) for event in known)


def _began(invoice: InvoiceFacts) -> date:
    """The first day from which a limitation of it may run."""
    return min(invoice.issued, invoice.due, invoice.delivered or invoice.due)


def _is_late_business(office: Office, client: Client, owing: Sequence[Billed], day: date) -> bool:
    late = any((day - one.facts.due).days >= LATE_DAYS for one in owing)
    return late and debtor_of(office, client) == "business"


def _owing(book: Book, number: str | None) -> tuple[Decimal | None, str]:
    one = book.by_number.get(number or "")
    return (one.open, one.facts.currency) if one is not None else (None, "EUR")


def _claim(office: Office, client: Client, invoice: InvoiceFacts, known: Sequence[Event]) -> Claim:
    """An open invoice with what its client's events tell its clocks."""
    return Claim(
        number=invoice.number,
        client=client.name,
        debtor=debtor_of(office, client),
        issued=invoice.issued,
        due=invoice.due,
        happened=happened(known, invoice.number),
        promised=_promised(known, invoice.number),
        doubtful=tuple(one.day for one in doubtful_promises(known, invoice.number)),
        insolvency=heard(known),
        opened=recorded(known, invoice.number, OPENED),
        published=recorded(known, invoice.number, PUBLISHED),
        delivered=invoice.delivered,
    )


def _promised(known: Sequence[Event], number: str) -> date | None:
    days = [
        date.fromisoformat(value)
        for event in known
        if event.name == "reply.promise" and event.invoice in (number, None)
        and isinstance(value := event.data.get("promise_date"), str)
    ]  # fmt: skip
    return days[-1] if days else None


def _is_holiday(day: date) -> bool:
    return day in public_holidays("FR", day.year)
