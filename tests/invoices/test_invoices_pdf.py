"""PDFs: the XML inside is found whatever it is called, text is read by its labels, and broken ones say so."""

import io
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invoice_samples import Sample, locked, pdf, with_file
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from mailbot.invoices.pdftext import read_text
from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument, Problem

SAMPLE = Sample()
FRENCH = (
    "Atelier Martin SARL",
    "SIRET 732 829 320 00074 - TVA FR44732829320",
    "Facturé à :",
    "Brasserie du Port",
    "N° TVA client FR83404833048",
    "Facture n° : FA-2026-0412",
    "Date de facture : 01/10/2026",
    "Date d'échéance : 31/10/2026",
    "Total HT 1 000,00 €",
    "TVA 20 % 200,00 €",
    "Total TTC 1 200,00 €",
    "IBAN : FR76 3000 6000 0112 3456 7890 189",
)


def read(data: bytes) -> InvoiceDocument:
    found = read_document(data, "facture.pdf")
    assert isinstance(found, InvoiceDocument), found
    return found


def labelled(*lines: str) -> InvoiceDocument:
    found = read_text("\n".join(lines))
    assert isinstance(found, InvoiceDocument), found
    return found


def without(lines: tuple[str, ...], start: str, *instead: str) -> tuple[str, ...]:
    return (*(line for line in lines if not line.startswith(start)), *instead)


def doubts(document: InvoiceDocument) -> dict[str, tuple[str, ...]]:
    return {doubt.field: doubt.candidates for doubt in document.doubts}


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "Facture 12.XML", "data"])
def test_the_xml_is_found_under_any_name(name: str) -> None:
    document = read(SAMPLE.facturx(name))

    assert (document.source, document.number) == ("facturx", "FA-2026-0412")


def test_other_attached_files_do_not_hide_the_invoice() -> None:
    data = with_file(pdf("Facture"), "notes.txt", b"hello")
    data = with_file(data, "order.xml", b"<order/>")

    assert read(with_file(data, "z.xml", SAMPLE.cii())).source == "facturx"


def test_a_file_that_only_the_catalogue_names_is_found() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(SAMPLE.facturx())))
    root = writer.root_object
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    root[NameObject("/AF")] = type(names)([names[1]])
    del root["/Names"]
    out = io.BytesIO()
    writer.write(out)

    assert read(out.getvalue()).source == "facturx"


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    assert read(locked(SAMPLE.facturx(), user="", owner="secret")).source == "facturx"


def test_text_is_read_where_xml_is_not_wanted() -> None:
    data = with_file(pdf(*FRENCH), "factur-x.xml", SAMPLE.but(number="OTHER").cii())

    found = read_document(data, "f.pdf", use_xml=False)

    assert isinstance(found, InvoiceDocument)
    assert (found.source, found.number) == ("pdf-text", "FA-2026-0412")


def test_text_is_read_with_a_doubt_where_the_xml_is_damaged() -> None:
    document = read(with_file(pdf(*FRENCH), "factur-x.xml", SAMPLE.cii()[:800]))

    assert (document.source, document.number) == ("pdf-text", "FA-2026-0412")
    assert "source" in doubts(document)


def test_a_plain_french_invoice_is_read_by_its_labels() -> None:
    document = read(pdf(*FRENCH))

    assert (document.number, document.issue_date, document.due_date) == (
        "FA-2026-0412",
        date(2026, 10, 1),
        date(2026, 10, 31),
    )
    assert (document.total_net, document.total_tax, document.total_gross, document.amount_due) == tuple(
        map(Decimal, ("1000.00", "200.00", "1200.00", "1200.00"))
    )
    assert (document.seller.siren, document.seller.iban) == ("732829320", "FR7630006000011234567890189")
    assert (document.buyer.name, document.buyer.vat) == ("Brasserie du Port", "FR83404833048")
    assert document.doubts == ()
    assert document.confidence < 0.9


def test_a_plain_english_invoice_is_read_by_its_labels() -> None:
    document = labelled(
        "INVOICE",
        "Bill to: Northgate Hotels Ltd",
        "Invoice number INV-77",
        "Invoice date: October 1, 2026",
        "Due date: 31st October 2026",
        "Subtotal £1,000.00",
        "VAT (20%) £200.00",
        "Total £1,200.00",
        "Amount due: £1,200.00",
    )

    assert (document.number, document.currency, document.total_gross) == ("INV-77", "GBP", Decimal("1200.00"))
    assert (document.due_date, document.buyer.name) == (date(2026, 10, 31), "Northgate Hotels Ltd")
    assert document.doubts == ()


@pytest.mark.parametrize(
    ("start", "field"),
    [
        ("Facture n°", "number"),
        ("Date de facture", "issue_date"),
        ("Date d'échéance", "due_date"),
        ("Total TTC", "total_gross"),
        ("Brasserie", "buyer"),
    ],
)
def test_a_field_without_label_is_none_and_doubtful(start: str, field: str) -> None:
    document = labelled(*without(FRENCH, start))

    assert field in doubts(document)


def test_two_different_numbers_are_a_doubt_with_both() -> None:
    document = labelled(*FRENCH, "Facture n° FA-2026-0999")

    assert doubts(document)["number"] == ("FA-2026-0412", "FA-2026-0999")


def test_a_total_that_net_and_tax_do_not_confirm_is_only_a_candidate() -> None:
    document = labelled(*without(FRENCH, "Total TTC", "Total TTC 1 300,00 €"))

    assert "1300.00" in doubts(document)["total_gross"]


def test_several_tax_rates_are_added_up() -> None:
    lines = without(FRENCH, "TVA 20", "TVA 20 % 150,00 €", "TVA 5,5 % 50,00 €")

    assert labelled(*lines).total_tax == Decimal("200.00")


def test_a_small_business_without_tax_needs_no_net_total() -> None:
    lines = without(without(FRENCH, "Total HT"), "TVA 20", "TVA non applicable, art. 293 B du CGI")

    assert labelled(*lines).total_gross == Decimal("1200.00")


def test_an_advance_lowers_what_is_due() -> None:
    document = labelled(*FRENCH, "Acompte versé -300,00 €", "Net à payer 900,00 €")

    assert (document.prepaid, document.amount_due, document.doubts) == (
        Decimal("300.00"),
        Decimal("900.00"),
        (),
    )


def test_an_advance_without_a_rest_leaves_the_amount_due_open() -> None:
    document = labelled(*FRENCH, "Acompte versé : voir devis")

    assert (document.prepaid, doubts(document)["amount_due"]) == (None, ("1200.00",))


def test_american_and_european_dates_are_told_apart_by_the_other_dates() -> None:
    lines = ("Invoice number 7", "Invoice date: 10/11/2026", "Total $10.00")

    assert sorted(doubts(labelled(*lines))["issue_date"]) == ["2026-10-11", "2026-11-10"]
    assert labelled(*lines, "Shipped 10/25/2026").issue_date == date(2026, 10, 11)
    assert labelled(*lines, "Shipped 25/10/2026").issue_date == date(2026, 11, 10)


@pytest.mark.parametrize("terms", ["Conditions de règlement : 30 jours net", "Paiement à 30 jours"])
def test_payment_terms_stand_in_for_a_due_date_in_doubt(terms: str) -> None:
    document = labelled(*without(FRENCH, "Date d'échéance", terms))

    assert (document.due_date, doubts(document)) == (date(2026, 10, 31), {"due_date": ("2026-10-31",)})


def test_an_iban_with_a_wrong_checksum_is_in_doubt() -> None:
    lines = without(FRENCH, "IBAN", "IBAN : FR76 3000 6000 0112 3456 7890 188")

    assert doubts(labelled(*lines))["seller.iban"] == ("FR7630006000011234567890188",)


def test_a_credit_note_is_known_by_its_title() -> None:
    document = labelled("AVOIR N° AV-12", *without(FRENCH, "Facture n°"))

    assert (document.kind, document.number) == ("credit_note", "AV-12")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (locked(pdf(*FRENCH), user="secret", owner="secret"), "encrypted"),
        (pdf(), "no_text"),
        (pdf("Conditions générales de vente"), "not_an_invoice"),
        (b"%PDF-1.7\n", "damaged"),
        (SAMPLE.facturx()[:400], "damaged"),
    ],
)
def test_an_unreadable_pdf_says_what_to_do(data: bytes, code: str) -> None:
    found = read_document(data, "facture.pdf")

    assert isinstance(found, Problem)
    assert (found.code, found.file, found.message[-1]) == (code, "facture.pdf", ".")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=30))
def test_a_damaged_pdf_never_raises(place: int, noise: bytes) -> None:
    data = SAMPLE.facturx()

    found = read_document(data[:place] + noise + data[place + len(noise) :], "facture.pdf")

    assert isinstance(found, Problem | InvoiceDocument)


@given(st.text(max_size=400))
def test_text_of_any_kind_never_raises(noise: str) -> None:
    assert isinstance(read_text("Facture\n" + noise), Problem | InvoiceDocument)


@pytest.mark.parametrize(
    "line",
    [
        "1 " * 200,
        "a" * 400,
        "FR76 " + "1234 " * 79,
        "Total " * 66,
        "facture n° " * 36,
        "Saint, le " * 40,
        "9" * 400,
    ],
)
def test_hostile_lines_take_linear_time(line: str) -> None:
    start = time.process_time()

    read_text("Facture\n" + f"{line}\n" * 2000)

    assert time.process_time() - start < 5


def test_an_invoice_to_whom_it_may_concern_in_old_french_names_its_client() -> None:
    document = labelled(*without(FRENCH, "Facturé à", "Doit : Madame Odette Larrieu"))

    assert document.buyer.name == "Madame Odette Larrieu"


def test_a_sentence_without_a_number_may_say_when_to_pay() -> None:
    document = labelled(
        "Hofladen Birkenau",
        "Rechnung Nr. 2026/38 vom 12.10.2026",
        "Rechnungsempfänger: Café Lindenblatt",
        "Rechnungsbetrag 486,60 €",
        "Der Betrag ist sofort nach Erhalt der Rechnung fällig.",
    )

    assert document.due_date == date(2026, 10, 12)
    assert "due_date" in doubts(document)


def test_a_net_total_that_is_to_be_paid_is_a_doubt() -> None:
    document = labelled(
        "Segnaletica Adda S.r.l.",
        "Fattura n. PA-27 del 08/10/2026",
        "Spett.le Comune di Pieve Adorna",
        "Imponibile 4.118,00 €",
        "IVA 22% 905,96 €",
        "Totale fattura 5.023,96 €",
        "Netto a pagare 4.118,00 €",
    )

    assert doubts(document)["amount_due"] == ("5023.96", "4118.00")


def test_a_stated_currency_wins_over_a_stray_sign() -> None:
    document = labelled(
        *without(FRENCH, "Total", "Devise de facturation : EUR", "voir $4 du contrat", "Total TTC 1 200,00")
    )

    assert document.currency == "EUR"
    assert "currency" not in doubts(document)
