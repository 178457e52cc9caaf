"""CII and UBL say the same, and XML of strangers does no harm."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_samples import Sample

from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument, Party, Problem

SAMPLE = Sample()


def read(data: bytes) -> InvoiceDocument:
    found = read_document(data, "invoice.xml")
    assert isinstance(found, InvoiceDocument), found
    return found


def doubts(document: InvoiceDocument) -> set[str]:
    return {doubt.field for doubt in document.doubts}


def comparable(document: InvoiceDocument) -> dict[str, object]:
    fields = {name: getattr(document, name) for name in InvoiceDocument.__dataclass_fields__}
    del fields["source"]
    return fields


def test_every_field_of_a_cii_invoice_is_read() -> None:
    assert read(SAMPLE.cii()) == InvoiceDocument(
        source="cii",
        profile="EN 16931",
        kind="invoice",
        number="FA-2026-0412",
        issue_date=date(2026, 10, 1),
        due_date=date(2026, 10, 31),
        currency="EUR",
        total_net=Decimal("1000.00"),
        total_tax=Decimal("200.00"),
        total_gross=Decimal("1200.00"),
        prepaid=Decimal("200.00"),
        amount_due=Decimal("1000.00"),
        seller=Party(
            name="Atelier Martin SARL",
            vat="FR44732829320",
            siren="732829320",
            iban="FR7630006000011234567890189",
            bic="AGRIFRPP",
        ),
        buyer=Party(
            name="Brasserie du Port",
            vat="FR83404833048",
            siren="404833048",
            email="compta@brasserie-du-port.example",
        ),
        order_reference="BC-7",
        payment_reference="RF18 FA-2026-0412",
        penalty_terms="Pénalités : trois fois le taux légal.",
        confidence=0.99,
        remarks=(Problem("missing_indemnity", "The indemnity of 40 euros for recovery is missing (C. com. L441-9)."),),
    )


@pytest.mark.parametrize(
    "sample",
    [
        SAMPLE,
        SAMPLE.but(code="381", preceding=("FA-1",), due=None),
        SAMPLE.but(preceding=("FA-1", "FA-2")),
        SAMPLE.but(due=None, terms="30 jours net"),
        SAMPLE.but(means="59"),
        SAMPLE.but(gross="-1200.00", net="-1000.00", tax="-200.00", prepaid="0", payable="-1200.00"),
        SAMPLE.but(currency="JPY", net="1000", tax="100", gross="1100", prepaid="0", payable="1100"),
        SAMPLE.but(tax="201.00"),
        SAMPLE.but(number="", iban="nonsense", currency="euros"),
    ],
)
def test_the_same_invoice_as_ubl_and_as_cii_reads_the_same(sample: Sample) -> None:
    assert comparable(read(sample.ubl())) == comparable(read(sample.cii()))


@given(st.integers(0, 10**9), st.integers(0, 10**8), st.integers(0, 10**8))
def test_amounts_are_exact_and_right_sums_are_not_doubted(net: int, tax: int, prepaid: int) -> None:
    cents = [str(Decimal(value).scaleb(-2)) for value in (net, tax, net + tax, prepaid, net + tax - prepaid)]
    sample = SAMPLE.but(net=cents[0], tax=cents[1], gross=cents[2], prepaid=cents[3], payable=cents[4])

    document = read(sample.cii())

    assert document.amount_due == Decimal(net + tax - prepaid).scaleb(-2)
    assert doubts(document) <= ({"amount_due"} if net + tax < prepaid else set())


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_wrong_sums_are_doubted(net: int, error: int) -> None:
    amount = str(Decimal(net).scaleb(-2))
    gross = str(Decimal(net + error).scaleb(-2))

    document = read(SAMPLE.but(net=amount, tax="0", gross=gross, prepaid="0", payable=gross).ubl())

    assert "total_gross" in doubts(document)
    assert document.confidence < 0.9


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        (SAMPLE.but(number=" "), "number"),
        (SAMPLE.but(issued="2026-02-30"), "issue_date"),
        (SAMPLE.but(due=None), "due_date"),
        (SAMPLE.but(currency="€"), "currency"),
        (SAMPLE.but(due="2026-09-30"), "due_date"),
        (SAMPLE.but(payable="900.00"), "amount_due"),
        (SAMPLE.but(iban="FR7630006000011234567890188"), "seller.iban"),
        (SAMPLE.but(means="59"), "payment_means"),
        (SAMPLE.but(gross="1e3"), "total_gross"),
        (SAMPLE.but(gross="NaN"), "total_gross"),
        (SAMPLE.but(gross="1200.001"), "total_gross"),
    ],
)
def test_what_is_missing_or_odd_is_a_doubt(sample: Sample, field: str) -> None:
    assert field in doubts(read(sample.cii()))


def test_a_negative_invoice_is_a_credit_note_in_doubt() -> None:
    sample = SAMPLE.but(gross="-12.00", net="-10.00", tax="-2.00", prepaid="0", payable="-12.00", due=None)

    document = read(sample.cii())

    assert (document.kind, document.total_gross, doubts(document)) == (
        "credit_note",
        Decimal("-12.00"),
        {"kind"},
    )


def test_a_credit_note_needs_no_due_date_and_names_the_invoice_that_it_corrects() -> None:
    document = read(SAMPLE.but(code="381", due=None, preceding=("FA-2026-0400",)).ubl())

    assert (document.kind, document.preceding_invoice, document.doubts) == ("credit_note", "FA-2026-0400", ())


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("Paiement à 30 jours", date(2026, 10, 31)),
        (
            "Zahlbar innerhalb 30 Tagen netto bis 31.10.2026, 3% Skonto innerhalb 10 Tagen bis 11.10.2026",
            date(2026, 10, 31),
        ),
        ("Net 14 days; 2 % discount within 7 days", date(2026, 10, 15)),
        ("Payable before October 20, 2026. Late payment costs 10% per 30 days", date(2026, 10, 20)),
        ("Payable à réception", date(2026, 10, 1)),
        ("Fin de mois", date(2026, 10, 31)),
        ("45 jours fin de mois", date(2026, 11, 30)),
        ("Escompte 2 % sous 10 jours", None),
        ("Merci de votre confiance", None),
    ],
)
def test_payment_terms_in_words_give_a_due_date_in_doubt(terms: str, due: date | None) -> None:
    document = read(SAMPLE.but(due=None, terms=terms).cii())

    assert (document.due_date, doubts(document)) == (due, {"due_date"})


def test_forty_five_days_end_of_month_has_two_readings() -> None:
    document = read(SAMPLE.but(due=None, terms="45 jours fin de mois").cii())

    assert document.doubts[0].candidates == ("2026-11-30", "2026-12-15")


def test_a_field_is_stronger_than_the_words_beside_it() -> None:
    document = read(SAMPLE.but(terms="Paiement à 60 jours").cii())

    assert (document.due_date, document.doubts) == (date(2026, 10, 31), ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_and_byte_order_marks_do_not_matter(encoding: str) -> None:
    text = SAMPLE.ubl().decode().replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')

    assert read(text.encode(encoding)).penalty_terms == "Pénalités : trois fois le taux légal."


def refused(data: bytes) -> str:
    found = read_document(data, "x.xml")
    assert isinstance(found, Problem)
    assert found.message.endswith(".")
    return found.code


def with_document_type(declaration: str, value: str) -> bytes:
    text = SAMPLE.but(number=value).ubl().decode()
    return text.replace("?>", f"?>\n<!DOCTYPE Invoice [{declaration}]>", 1).encode()


def test_a_foreign_entity_is_never_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x")

    assert refused(with_document_type(f'<!ENTITY e SYSTEM "file://{secret}">', "&e;")) == "document_type"


def test_a_billion_laughs_are_refused_at_once() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))

    assert refused(with_document_type(f'<!ENTITY l0 "ha">{levels}', "&l11;")) in ("document_type", "bad_xml")


def test_entities_in_attributes_are_refused_too() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    data = with_document_type(f'<!ENTITY l0 "ha">{levels}', "x").replace(b"<cbc:ID>x", b'<cbc:ID a="&l11;">x')

    assert refused(data) in ("document_type", "bad_xml")


def test_a_very_deep_document_is_refused() -> None:
    assert refused(b"<a>" * 100_000 + b"</a>" * 100_000) == "bad_xml"


def test_a_document_of_very_many_elements_is_refused() -> None:
    assert refused(b"<Invoice>" + b"<a/>" * 300_000 + b"</Invoice>") == "too_big"


@pytest.mark.parametrize("cut", [10, 100, 1000, 3000])
def test_a_truncated_document_is_a_problem_with_a_sentence(cut: int) -> None:
    assert refused(SAMPLE.cii()[:cut]) in ("bad_xml", "unknown_format")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html><body/></html>", "html_file"),
        (b'<Invoice xmlns="urn:else"/>', "not_an_invoice"),
        (b'<p:FatturaElettronica xmlns:p="urn:x"/>', "unsupported_format"),
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"PK\x03\x04", "bad_archive"),
    ],
)
def test_what_is_no_invoice_says_what_it_is(data: bytes, code: str) -> None:
    assert refused(data) == code


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_never_raise(noise: bytes) -> None:
    for data in (noise, b"<a>" + noise, b"%PDF-1.7\n" + noise):
        assert isinstance(read_document(data, "x"), Problem | InvoiceDocument)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_a_damaged_invoice_never_raises(place: int, noise: bytes) -> None:
    data = SAMPLE.cii()

    found = read_document(data[:place] + noise + data[place + len(noise) :], "x.xml")

    assert isinstance(found, Problem | InvoiceDocument)


def test_an_invoice_without_any_field_is_all_doubts() -> None:
    empty = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'

    document = read(empty)

    assert doubts(document) == {"number", "issue_date", "currency", "total_gross", "buyer", "due_date"}
