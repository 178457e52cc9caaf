"""The day of delivery, or the end of the invoiced period, is read from data and never from a page."""

from datetime import date

import pytest
from invoice_samples import Sample

from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument

SAMPLE = Sample()
_CII_DELIVERY = (
    "<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>"
    '<udt:DateTimeString format="102">{}</udt:DateTimeString></ram:OccurrenceDateTime>'
    "</ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>"
)
_CII_PERIOD = (
    '<ram:BillingSpecifiedPeriod><ram:StartDateTime><udt:DateTimeString format="102">20260801</udt:DateTimeString>'
    '</ram:StartDateTime><ram:EndDateTime><udt:DateTimeString format="102">{}</udt:DateTimeString></ram:EndDateTime>'
    "</ram:BillingSpecifiedPeriod>"
)


def as_cii(delivered: str | None = None, until: str | None = None) -> bytes:
    text = SAMPLE.cii().decode()
    if delivered is not None:
        text = text.replace("<ram:ApplicableHeaderTradeDelivery/>", _CII_DELIVERY.format(delivered.replace("-", "")))
    if until is not None:
        before = "<ram:SpecifiedTradePaymentTerms>"
        text = text.replace(before, _CII_PERIOD.format(until.replace("-", "")) + before)
    return text.encode()


def as_ubl(delivered: str | None = None, until: str | None = None) -> bytes:
    text = SAMPLE.ubl().decode()
    if until is not None:
        period = f"<cac:InvoicePeriod><cbc:StartDate>2026-08-01</cbc:StartDate><cbc:EndDate>{until}</cbc:EndDate>"
        text = text.replace("<cac:OrderReference>", f"{period}</cac:InvoicePeriod><cac:OrderReference>")
    if delivered is not None:
        delivery = f"<cac:Delivery><cbc:ActualDeliveryDate>{delivered}</cbc:ActualDeliveryDate></cac:Delivery>"
        text = text.replace("<cac:PaymentMeans>", f"{delivery}<cac:PaymentMeans>")
    return text.encode()


def read(data: bytes) -> InvoiceDocument:
    found = read_document(data, "invoice.xml")
    assert isinstance(found, InvoiceDocument), found
    return found


@pytest.mark.parametrize(
    ("delivered", "until", "expected"),
    [
        (None, None, None),
        ("2026-09-12", None, date(2026, 9, 12)),
        (None, "2026-08-31", date(2026, 8, 31)),
        ("2026-09-12", "2026-08-31", date(2026, 8, 31)),
        ("2026-08-30", "2026-08-31", date(2026, 8, 30)),
        ("2026-02-30", None, None),
        ("2026-02-30", "2026-08-31", date(2026, 8, 31)),
    ],
)
def test_the_earlier_of_delivery_and_end_of_period_is_read_from_both_syntaxes(
    delivered: str | None, until: str | None, expected: date | None
) -> None:
    cii, ubl = read(as_cii(delivered, until)), read(as_ubl(delivered, until))

    assert (cii.delivery_date, ubl.delivery_date) == (expected, expected)
    assert cii.doubts == ubl.doubts == ()


def test_of_several_deliveries_the_first_counts() -> None:
    second = (
        "<cac:Delivery><cbc:ActualDeliveryDate>2026-09-01</cbc:ActualDeliveryDate></cac:Delivery><cac:PaymentMeans>"
    )

    twice = as_ubl("2026-09-12").decode().replace("<cac:PaymentMeans>", second)

    assert read(twice.encode()).delivery_date == date(2026, 9, 1)


def test_the_delivery_of_the_older_zugferd_is_read() -> None:
    old = as_cii("2026-09-12").decode().replace("ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")

    assert read(old.encode()).delivery_date == date(2026, 9, 12)
