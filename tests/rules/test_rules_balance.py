"""What is still open of each invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from rules_story import client, event, invoice

from mailbot.rules.state import open_amounts

DAY = date(2026, 5, 1)


def still_open(*events, invoices=None):
    return open_amounts(client(*(invoices or [invoice()])), events, DAY)


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ([], "1200"),
        ([event("2026-04-02", "bank.payment", amount="700")], "500"),
        (
            [
                event("2026-04-02", "bank.payment", amount="700"),
                event("2026-04-02", "bank.partial_payment", amount="700"),
            ],
            "500",
        ),
        ([event("2026-04-02", "bank.payment", amount="1300")], "0"),
        (
            [
                event("2026-04-02", "bank.payment", amount="1200"),
                event("2026-04-03", "bank.reversal", amount="1200"),
            ],
            "1200",
        ),
        ([event("2026-04-02", "owner.paid")], "0"),
        ([event("2026-04-02", "owner.paid", amount="200")], "1000"),
        ([event("2026-04-02", "owner.cancelled")], "0"),
        ([event("2026-04-02", "owner.written_off")], "0"),
        ([event("2026-04-02", "invoice.written_off")], "0"),
        ([event("2026-04-02", "owner.paid", None)], "0"),
        ([event("2026-05-02", "owner.paid")], "1200"),
    ],
)
def test_what_is_left_of_an_invoice(events, left):
    assert still_open(*events) == {"F-041": Decimal(left)}


def test_a_credit_note_given_to_an_invoice_counts_once():
    note = replace(invoice("AV-1", amount="300"), kind="credit_note")
    given = event("2026-04-02", "invoice.credited", amount="300", credit_note="AV-1")

    assert still_open(given, invoices=[invoice(), note]) == {"F-041": Decimal(900), "AV-1": Decimal(0)}


def test_a_free_credit_note_is_taken_off_the_oldest_invoice_of_its_currency():
    note = replace(invoice("AV-1", amount="1500"), kind="credit_note")
    other = invoice("F-042", due="2026-04-15")
    dollars = invoice("F-001", due="2026-03-10", currency="USD")

    assert still_open(invoices=[invoice(), other, dollars, note]) == {
        "F-041": Decimal(0), "F-042": Decimal(900), "F-001": Decimal(1200), "AV-1": Decimal(0),
    }  # fmt: skip


def test_an_invoice_of_tomorrow_is_not_known_yet():
    assert still_open(invoices=[invoice(issued="2026-05-02", due="2026-06-01")]) == {}
