"""A PDF whose XML says something else than its page, or than a second XML in it: a doubt that names both."""

import pytest
from invoice_samples import Sample, pdf, with_file

from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument

SAMPLE = Sample(prepaid="0.00", payable="1200.00")
PAGE = (
    "Atelier Martin SARL", "", "Facturé à : Brasserie du Port", "", "Facture n° : FA-2026-0412", "Date : 01/10/2026",
    "Échéance : 31/10/2026", "", "Total HT : 1 000,00 €", "TVA 20 % : 200,00 €", "Total TTC : 1 200,00 €",
)  # fmt: skip


def read(sample: Sample, page: tuple[str, ...] = PAGE) -> dict[str, tuple[str, ...]]:
    found = read_document(with_file(pdf(*page), "factur-x.xml", sample.cii()), "f.pdf")
    assert isinstance(found, InvoiceDocument), found
    assert found.source == "facturx"
    return {doubt.field: doubt.candidates for doubt in found.doubts}


def test_a_page_that_says_the_same_leaves_no_doubt() -> None:
    assert read(SAMPLE) == {}


@pytest.mark.parametrize(
    ("sample", "field", "both"),
    [
        (SAMPLE.but(number="FA-2026-0499"), "number", ("FA-2026-0499", "FA-2026-0412")),
        (SAMPLE.but(net="1100.00", gross="1300.00", payable="1300.00"), "total_gross", ("1300.00", "1200.00")),
    ],
)
def test_what_the_page_says_otherwise_is_a_doubt_with_both(sample: Sample, field: str, both: tuple[str, str]) -> None:
    assert read(sample) == {field: both}


def test_another_invoice_on_the_page_is_a_doubt_in_each_field() -> None:
    sample = SAMPLE.but(number="FA-2026-0499", due="2026-11-15", net="1100.00", gross="1300.00", payable="1300.00")

    assert read(sample) == {
        "number": ("FA-2026-0499", "FA-2026-0412"),
        "due_date": ("2026-11-15", "2026-10-31"),
        "total_gross": ("1300.00", "1200.00"),
    }


def test_a_deposit_that_only_the_page_knows_is_a_doubt_with_both() -> None:
    page = (*PAGE, "Acompte versé le 02/09/2026 : -360,00 €", "Net à payer : 840,00 €")

    assert read(SAMPLE, page=page) == {"amount_due": ("1200.00", "840.00")}


def test_a_page_that_does_not_speak_clearly_contradicts_nothing() -> None:
    page = ("Atelier Martin SARL", "Votre facture du mois", "1 200,00 €")

    assert read(SAMPLE.but(number="FA-2026-0499", due="2026-11-15"), page=page) == {}


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml"])
@pytest.mark.parametrize("first", [True, False])
def test_the_name_of_the_standard_wins_and_another_xml_is_a_doubt(name: str, first: bool) -> None:
    other = SAMPLE.but(number="FA-2026-0413")
    data = pdf(*PAGE)
    for file, one in [(name, SAMPLE), ("a.xml", other)] if first else [("a.xml", other), (name, SAMPLE)]:
        data = with_file(data, file, one.cii())
    found = read_document(data, "f.pdf")

    assert isinstance(found, InvoiceDocument)
    assert found.number == "FA-2026-0412"
    assert [(one.field, one.candidates) for one in found.doubts] == [("number", ("FA-2026-0412", "FA-2026-0413"))]


def test_a_copy_of_the_same_xml_leaves_no_doubt() -> None:
    copy = SAMPLE.cii().replace(b"<rsm:ExchangedDocument>", b"<rsm:ExchangedDocument> ")
    data = with_file(with_file(pdf(*PAGE), "factur-x.xml", SAMPLE.cii()), "copy.xml", copy)
    found = read_document(data, "f.pdf")

    assert isinstance(found, InvoiceDocument)
    assert found.doubts == ()
