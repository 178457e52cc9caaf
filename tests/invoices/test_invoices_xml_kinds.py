"""What kind of document an XML is by its code and envelope, and sums that contradict themselves."""

import pytest
from invoice_samples import Sample

from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument, Problem

SAMPLE = Sample()
HEADER = (
    b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
    b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
)
LINE = (
    "<cac:InvoiceLine><cbc:ID>{n}</cbc:ID>"
    '<cbc:LineExtensionAmount currencyID="EUR">{sum}</cbc:LineExtensionAmount></cac:InvoiceLine></Invoice>'
)


def read(data: bytes) -> InvoiceDocument:
    found = read_document(data, "invoice.xml")
    assert isinstance(found, InvoiceDocument), found
    return found


def doubts(document: InvoiceDocument) -> dict[str, str]:
    return {doubt.field: doubt.why for doubt in document.doubts}


def forms(sample: Sample) -> list[bytes]:
    return [sample.ubl(), sample.cii()]


@pytest.mark.parametrize("form", [0, 1])
def test_a_corrected_invoice_is_asked_whether_it_replaces_the_one_that_it_names(form: int) -> None:
    found = read(forms(SAMPLE.but(code="384", preceding=("F-1",)))[form])

    assert (found.kind, found.preceding_invoice) == ("invoice", "F-1")
    assert "F-1" in doubts(found)["kind"]
    assert "preceding_invoice" in doubts(found)


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(
    ("code", "problem"),
    [("325", "proforma"), ("751", "accounting_data"), ("130", "accounting_data"), ("310", "quote"),
     ("220", "order_confirmation"), ("351", "delivery_note")],
)  # fmt: skip
def test_what_is_no_invoice_by_its_code_is_said(code: str, problem: str, form: int) -> None:
    found = read_document(forms(SAMPLE.but(code=code))[form], "invoice.xml")

    assert isinstance(found, Problem)
    assert found.code == problem


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("code", ["380", "386", "389", "326", "383", "875", "877", "575"])
def test_invoices_of_all_kinds_are_no_doubt(code: str, form: int) -> None:
    found = read(forms(SAMPLE.but(code=code))[form])

    assert (found.kind, found.doubts) == ("invoice", ())


@pytest.mark.parametrize("form", [0, 1])
def test_a_code_that_no_invoice_has_is_a_doubt(form: int) -> None:
    assert "999" in doubts(read(forms(SAMPLE.but(code="999"))[form]))["kind"]


def test_data_for_the_books_inside_a_pdf_is_what_its_page_is_an_invoice_of() -> None:
    found = read_document(SAMPLE.but(code="751").facturx(), "f.pdf")

    assert isinstance(found, InvoiceDocument)
    assert (found.kind, "kind" in doubts(found)) == ("invoice", False)


@pytest.mark.parametrize("form", [0, 1])
def test_the_document_in_an_envelope_is_read(form: int) -> None:
    plain = forms(SAMPLE)[form]
    inside = plain.split(b"?>", 1)[1]

    assert read(HEADER + inside + b"</StandardBusinessDocument>") == read(plain)


@pytest.mark.parametrize("inside", [b"", b"<a/><b/>", HEADER + b"</StandardBusinessDocument>"])
def test_an_envelope_without_one_document_is_no_invoice(inside: bytes) -> None:
    found = read_document(HEADER + inside + b"</StandardBusinessDocument>", "invoice.xml")

    assert isinstance(found, Problem)
    assert found.code == "not_an_invoice"


def test_sums_in_another_currency_than_the_invoice_are_a_doubt() -> None:
    data = SAMPLE.ubl().replace(b'PayableAmount currencyID="EUR"', b'PayableAmount currencyID="USD"')

    assert "USD" in doubts(read(data))["currency"]


@pytest.mark.parametrize("written", [b"NaN", b"1E3", b"1000,00", b"INF", b"0x10"])
@pytest.mark.parametrize("form", [0, 1])
def test_what_is_no_amount_is_a_doubt_with_what_stands_there(form: int, written: bytes) -> None:
    data = forms(SAMPLE.but(prepaid="199.00", payable="1001.00"))[form].replace(b">1001.00<", b">" + written + b"<")

    assert written.decode() in doubts(read(data))["amount_due"]


@pytest.mark.parametrize(("sums", "doubted"), [(("600.00", "400.00"), False), (("600.00", "300.00"), True)])
def test_lines_that_do_not_make_their_total_are_a_doubt(sums: tuple[str, str], doubted: bool) -> None:
    text = SAMPLE.ubl().decode().replace("</Invoice>", "")
    text = text.replace(
        "<cac:LegalMonetaryTotal>",
        '<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount>',
    )
    lines = "".join(LINE.format(n=at, sum=one).replace("</Invoice>", "") for at, one in enumerate(sums))

    assert ("total_net" in doubts(read(f"{text}{lines}</Invoice>".encode()))) is doubted
