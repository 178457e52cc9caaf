"""The legal dates of the ledger's open invoices: what runs out soon, for the digest."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.jobs.penalties import debtor_of
from mailbot.law.deadlines import Claim, Deadline, alerts, happened, recorded
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.model import Event
from mailbot.rules.balance import seen
from mailbot.rules.calendar import public_holidays


def legal_dates(conn: Connection, office: Office, day: date) -> list[tuple[Deadline, Decimal | None, str]]:
    """What the law lets run out soon, the nearest first, each with what is open of its invoice and the currency.

    Only for a business under French law: the clocks are those of its codes.
    """
    if office.business.law.country != "fr":
        return []
    claims: list[Claim] = []
    owing: dict[str, tuple[Decimal, str]] = {}
    for client in clients.everyone(conn, office.key):
        billed = [
            one for one in invoices.of_client(conn, office.key, client.id)
            if one.kind == "invoice" and one.open_amount > 0
        ]  # fmt: skip
        if billed:
            known = seen(events.for_rules(conn, office.key, client.id), day)
            claims += [_claim(office, client, one, known) for one in billed]
            owing |= {one.number: (one.open_amount, one.currency) for one in billed}
    found = alerts(claims, day, office.tables, _is_holiday)
    return [(one, *owing.get(one.invoice or "", (None, "EUR"))) for one in found]


def _claim(office: Office, client: Client, invoice: Invoice, known: Sequence[Event]) -> Claim:
    """An open invoice with what its client's events tell its clocks."""
    return Claim(
        number=invoice.number,
        client=client.name,
        debtor=debtor_of(office, client),
        issued=invoice.issued,
        due=invoice.due,
        happened=happened(known, invoice.number),
        promised=_promised(known, invoice.number),
        insolvency=_first(known, "reply.insolvency"),
        published=recorded(known, invoice.number, "bodacc"),
    )


def _promised(known: Sequence[Event], number: str) -> date | None:
    days = [
        date.fromisoformat(value)
        for event in known
        if event.name == "reply.promise" and event.invoice in (number, None)
        and isinstance(value := event.data.get("promise_date"), str)
    ]  # fmt: skip
    return days[-1] if days else None


def _first(known: Sequence[Event], name: str) -> date | None:
    return next((event.day for event in known if event.name == name), None)


def _is_holiday(day: date) -> bool:
    return day in public_holidays("FR", day.year)
