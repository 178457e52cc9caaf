"""The demo's invoices are real ones: valid Factur-X, read back by the bot as what went in."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from demo_samples import INVOICE
from facturx import get_facturx_xml_from_pdf, xml_check_xsd
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from stdnum import iban, luhn
from stdnum.fr import tva

from mailbot.demo.cii import cii_xml
from mailbot.demo.documents import SELLER, DemoInvoice, DemoLineItem, invoice_pdf, plain_pdf
from mailbot.invoices.read import read_document
from mailbot.invoices.xml import parse_xml
from mailbot.model import InvoiceDocument, Party

CREDIT = replace(INVOICE, kind="credit_note", number="AV-2026-0002", preceding="FA-2026-0412")


def town(city: str) -> str:
    return city.lstrip("0123456789 ")


def seller(**more: str) -> Party:
    return Party(SELLER.name, SELLER.vat, SELLER.siren, SELLER.email, town=town(SELLER.city), **more)


def buyer(invoice: DemoInvoice) -> Party:
    return Party(
        invoice.buyer_name, invoice.vat, invoice.buyer_siren, invoice.buyer_email, town=town(invoice.buyer_city)
    )


PENALTIES = {
    "fr": "Tout retard de paiement entraîne de plein droit, dès le lendemain de l'échéance, des pénalités "
    "égales à trois fois le taux d'intérêt légal. Indemnité forfaitaire pour frais de recouvrement : 40 € "
    "(art. L441-10 et D441-5 du code de commerce).",
    "en": "Late payment bears interest at three times the French statutory rate from the day after the due "
    "date, without notice. Fixed indemnity for recovery costs: €40 (art. L441-10 and D441-5 of the French "
    "commercial code).",
}


TERMS = {
    "fr": "Payable par virement le 1er\u00a0avril 2026 au plus tard",
    "en": "Payable by bank transfer by 1\u00a0April 2026",
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_bot_reads_an_invoice_back_exactly(language: str) -> None:
    invoice = replace(INVOICE, language=language)

    found = read_document(invoice_pdf(invoice), "facture.pdf")

    assert found == InvoiceDocument(
        source="facturx",
        profile="EN 16931",
        kind="invoice",
        number="FA-2026-0412",
        issue_date=date(2026, 3, 2),
        due_date=date(2026, 4, 1),
        currency="EUR",
        total_net=Decimal("1348.00"),
        total_tax=Decimal("269.60"),
        total_gross=Decimal("1617.60"),
        prepaid=Decimal("0.00"),
        amount_due=Decimal("1617.60"),
        seller=seller(iban=SELLER.iban, bic=SELLER.bic),
        buyer=buyer(invoice),
        payment_reference="FA-2026-0412",
        penalty_terms=PENALTIES[language],
        payment_terms=TERMS[language],
        confidence=0.99,
        delivery_date=date(2026, 3, 2),
    )


def test_a_buyer_abroad_has_a_vat_number_and_no_siren() -> None:
    abroad = replace(INVOICE, buyer_siren="", buyer_vat="DE999100018", buyer_city="50674 Köln", buyer_country="DE")
    page = PdfReader(io.BytesIO(plain_pdf(abroad))).pages[0].extract_text()

    found = read_document(invoice_pdf(abroad), "facture.pdf")

    assert isinstance(found, InvoiceDocument)
    assert found.buyer == Party(
        abroad.buyer_name, "DE999100018", None, abroad.buyer_email, town=town(abroad.buyer_city)
    )
    assert xml_check_xsd(cii_xml(abroad), flavor="factur-x", level="en16931")
    assert page.count("SIREN") == 1, "the seller's own"


def test_the_bot_reads_a_credit_note_back_exactly() -> None:
    found = read_document(invoice_pdf(CREDIT), "avoir.pdf")

    assert found == InvoiceDocument(
        source="facturx",
        profile="EN 16931",
        kind="credit_note",
        number="AV-2026-0002",
        issue_date=date(2026, 3, 2),
        due_date=None,
        currency="EUR",
        total_net=Decimal("1348.00"),
        total_tax=Decimal("269.60"),
        total_gross=Decimal("1617.60"),
        prepaid=Decimal("0.00"),
        amount_due=Decimal("1617.60"),
        seller=seller(),
        buyer=buyer(CREDIT),
        payment_reference="AV-2026-0002",
        preceding_invoice="FA-2026-0412",
        confidence=0.99,
        delivery_date=date(2026, 3, 2),
    )


@pytest.mark.parametrize("invoice", [INVOICE, CREDIT, replace(INVOICE, language="en", buyer_city="Leeds")])
def test_the_data_follows_the_schema_of_its_profile(invoice: DemoInvoice) -> None:
    assert xml_check_xsd(cii_xml(invoice), flavor="factur-x", level="en16931")


def test_other_programs_find_the_data_and_know_the_pdf_as_factur_x() -> None:
    pdf = invoice_pdf(INVOICE)

    name, xml = get_facturx_xml_from_pdf(pdf)
    xmp = PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Metadata"].get_data().decode()

    assert (name, xml) == ("factur-x.xml", cii_xml(INVOICE))
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in xmp
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert xmp.count("<pdfaExtension:schemas>") == 1
    assert not hasattr(parse_xml(xmp.partition("?>")[2].rpartition("<?")[0].encode()), "message")


def test_the_same_invoice_gives_the_same_bytes_also_in_another_process() -> None:
    program = (
        "import hashlib; from demo_samples import INVOICE; from mailbot.demo.documents import invoice_pdf;"
        "import sys; sys.stdout.buffer.write(invoice_pdf(INVOICE))"
    )
    paths = ":".join(sys.path)

    other = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, env={"PYTHONPATH": paths})

    assert other.stdout == invoice_pdf(INVOICE)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_plain_page_has_no_data_but_says_the_same(language: str) -> None:
    found = read_document(plain_pdf(replace(INVOICE, language=language)), "facture.pdf")

    assert isinstance(found, InvoiceDocument)
    assert found.source == "pdf-text"
    assert (found.number, found.total_gross) == ("FA-2026-0412", Decimal("1617.60"))


def test_the_page_shows_what_the_law_and_the_client_need() -> None:
    page = PdfReader(io.BytesIO(invoice_pdf(INVOICE))).pages[0].extract_text()

    for needed in ("FA-2026-0412", "1er avril 2026", "Livraison <express>", "FR76 3000 6000", "40 €"):
        assert needed in page.replace("\u00a0", " ")


def test_the_sellers_numbers_are_valid() -> None:
    assert luhn.is_valid(SELLER.siren)
    assert tva.is_valid(SELLER.vat)
    assert iban.is_valid(SELLER.iban)
    assert SELLER.account in SELLER.iban


_LINES = st.builds(
    DemoLineItem,
    text=st.sampled_from(["Étagères", "Pose & réglage", "Bois <brut>", "#strong[x] \\ @y"]),
    quantity=st.decimals("0.1", 99, places=1),
    unit_price=st.decimals("0.01", 9999, places=2),
)


@given(st.lists(_LINES, min_size=1, max_size=6))
def test_whatever_is_billed_the_totals_are_read_back(lines: list[DemoLineItem]) -> None:
    invoice = replace(INVOICE, lines=tuple(lines))

    found = read_document(cii_xml(invoice), "facture.xml")

    assert isinstance(found, InvoiceDocument)
    assert (found.total_net, found.total_tax, found.total_gross) == (invoice.net, invoice.tax, invoice.gross)
    assert found.doubts == ()


def test_text_of_a_line_is_printed_and_never_run_as_typesetting() -> None:
    odd = '#panic("x") $a$ *b* _c_ @d <e> \\ "f"'
    invoice = replace(INVOICE, lines=(DemoLineItem(odd, Decimal(1), Decimal(10)),))

    page = PdfReader(io.BytesIO(plain_pdf(invoice))).pages[0].extract_text()

    assert '#panic("x")' in " ".join(page.split())
