"""What happened at court is recorded once, for the invoice or for all of the client's, and moves the clocks."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from e2e_house import House

from mailbot.jobs.legal_steps import Recorded, record_step
from mailbot.law.deadlines import happened, recorded
from mailbot.ledger import clients, events, invoices
from mailbot.model import InvoiceDocument

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)


def bill(house: House) -> int:
    def add(conn: Any) -> int:
        client = clients.add(conn, house.office.key, "Dupont SARL", "fr", siren="732829320")
        for number in ("FA-1", "FA-2"):
            document = InvoiceDocument(
                "cii", None, "invoice", number, date(2026, 3, 1), date(2026, 3, 31), "EUR", None, None, Decimal(100),
                None, Decimal(100),
            )  # fmt: skip
            invoices.add(conn, house.office.key, client, document, None, None, None, NOW)
        return client

    return house.act(add)


def test_a_step_is_recorded_once_for_its_invoice(house: House) -> None:
    client = bill(house)

    first = record_step(house.office, "fa-1", "lawsuit", DAY, NOW)
    again = record_step(house.office, "FA-1", "lawsuit", DAY, NOW)

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert (first, again) == (Recorded("FA-1", True), Recorded("FA-1", False))
    assert [(one.day, one.kind) for one in happened(known, "FA-1")] == [(DAY, "lawsuit")]
    assert happened(known, "FA-2") == ()


def test_an_insolvency_concerns_all_invoices_of_the_client(house: House) -> None:
    client = bill(house)

    record_step(house.office, "FA-1", "bodacc", DAY, NOW)

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert recorded(known, "FA-2", "bodacc") == DAY


def test_an_unknown_invoice_is_none_and_changes_nothing(house: House) -> None:
    bill(house)
    before = house.dump()

    assert record_step(house.office, "FA-9", "lawsuit", DAY, NOW) is None
    assert house.dump() == before


@pytest.mark.parametrize(("step", "day"), [("fax", DAY), ("lawsuit", date(2026, 11, 21))])
def test_another_word_or_a_day_to_come_is_refused(house: House, step: str, day: date) -> None:
    bill(house)

    with pytest.raises(ValueError, match=r"no legal step|still to come"):
        record_step(house.office, "FA-1", step, day, NOW)
