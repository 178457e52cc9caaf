"""The day of delivery that a document states reaches the digest's legal dates and the dossier's last day."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from e2e_house import House

from mailbot.jobs.deadlines import barred_on, legal_dates
from mailbot.jobs.surveying import survey
from mailbot.ledger import clients, erasures, invoices
from mailbot.model import InvoiceDocument

NOW = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)
ISSUED, DUE = date(2024, 6, 15), date(2024, 6, 30)
DELIVERED = date(2022, 11, 10)
"""Billed a year and a half later: two years for a consumer end when the invoice is five months old."""


def bill(house: House, delivered: date | None) -> int:
    def add(conn: Any) -> int:
        client = clients.add(conn, house.office.key, "Paul Petit", "fr")
        document = InvoiceDocument(
            "cii", None, "invoice", "FA-1", ISSUED, DUE, "EUR", None, None, Decimal(100), None, Decimal(100),
            delivery_date=delivered,
        )  # fmt: skip
        invoices.add(conn, house.office.key, client, document, None, None, None, NOW)
        return client

    return house.act(add)


def told(house: House, day: date) -> list[tuple[str, date]]:
    book = house.ask(lambda conn: survey(conn, house.office))
    return [(one.code, one.day) for one, _, _ in legal_dates(house.office, book, day) if one.invoice == "FA-1"]


def last_day(house: House, client: int) -> date | None:
    return house.ask(
        lambda conn: barred_on(
            house.office,
            clients.get(conn, house.office.key, client),
            invoices.of_client(conn, house.office.key, client),
            (),
        )
    )


def test_a_late_billed_service_is_told_before_it_is_barred(house: House) -> None:
    client = bill(house, DELIVERED)

    assert last_day(house, client) == date(2024, 11, 10)
    assert told(house, date(2024, 10, 1)) == [("limitation", date(2024, 11, 10))]


def test_without_a_day_of_delivery_the_issue_counts(house: House) -> None:
    client = bill(house, None)

    assert last_day(house, client) == date(2026, 6, 15)
    assert told(house, date(2024, 10, 1)) == []


def test_an_erased_client_keeps_the_day_of_delivery_of_its_invoices(house: House) -> None:
    client = bill(house, DELIVERED)

    house.act(lambda conn: erasures.identity(conn, house.office.key, client))

    kept = house.ask(lambda conn: invoices.get(conn, house.office.key, "FA-1"))
    assert kept is not None
    assert kept.document.delivery_date == DELIVERED
