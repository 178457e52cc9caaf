"""Pictures of invoices: recognised by tesseract where it is installed; every field of them is to be confirmed."""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from house import absent
from invoice_samples import Sample, pdf, with_file

from mailbot import recognition
from mailbot.invoices.read import read_document
from mailbot.invoices.scan import words_of
from mailbot.model import InvoiceDocument, Problem
from mailbot.readers import read_invoice
from mailbot.sandbox import Sandbox
from mailbot.testing.documents import page_pdf, picture_pdf, scanned

PAGE = (
    "Atelier Martin SARL",
    "SIRET 732 829 320 00074 - TVA FR44732829320",
    "",
    "Facture n° : FA-2026-0412",
    "Date de facture : 01/10/2026",
    "Date d'échéance : 31/10/2026",
    "",
    "Facturé à : Brasserie du Port",
    "",
    "Total HT 1 000,00 €",
    "TVA 20 % 200,00 €",
    "Total TTC 1 200,00 €",
    "",
    "IBAN : FR76 3000 6000 0112 3456 7890 189",
)
SCAN = scanned(pdf(*PAGE))
HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as children:
        yield children


@pytest.fixture
def tesseract() -> None:
    if shutil.which("tesseract") is None:
        absent("no tesseract; on Debian: apt-get install tesseract-ocr tesseract-ocr-fra")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without tesseract."""
    monkeypatch.setattr(recognition, "_PLACES", "/nonexistent")
    recognition._installed.cache_clear()
    yield
    recognition._installed.cache_clear()


def never(picture: bytes, dots_per_inch: int) -> str:
    raise AssertionError("this was not to be recognised")


@pytest.mark.usefixtures("tesseract")
def test_a_scanned_invoice_is_read_and_every_field_of_it_is_to_be_confirmed(sandbox: Sandbox) -> None:
    found = sandbox.run("invoice", SCAN, name="scan.pdf")

    assert isinstance(found, InvoiceDocument), found
    assert (found.source, found.number) == ("pdf-text", "FA-2026-0412")
    assert (found.issue_date, found.due_date) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (found.total_net, found.total_gross) == (Decimal("1000.00"), Decimal("1200.00"))
    assert (found.buyer.name, found.seller.iban) == ("Brasserie du Port", "FR7630006000011234567890189")
    doubted = {doubt.field: doubt.candidates for doubt in found.doubts}
    assert {"number", "issue_date", "due_date", "total_gross", "amount_due", "currency", "buyer.name"} <= set(doubted)
    assert doubted["number"] == ("FA-2026-0412",)
    assert found.confidence <= 0.6
    assert max(found.confidences.values()) <= 0.6
    assert found.layout is None, "nothing is learned of a picture"


def test_without_recognition_a_scanned_invoice_is_a_picture(sandbox: Sandbox) -> None:
    found = sandbox.run("invoice", SCAN, name="scan.pdf", use_ocr=False)

    assert isinstance(found, Problem)
    assert found.code == "no_text"
    assert "tesseract" not in found.message


@pytest.mark.usefixtures("nowhere")
def test_a_machine_without_tesseract_is_told_what_to_install() -> None:
    found = read_invoice(SCAN, "scan.pdf")

    assert isinstance(found, Problem)
    assert found.code == "no_text"
    assert "apt-get install tesseract-ocr tesseract-ocr-fra" in found.message


@pytest.mark.usefixtures("nowhere")
def test_a_machine_without_tesseract_reads_all_other_documents() -> None:
    found = read_invoice(pdf(*PAGE), "facture.pdf")

    assert isinstance(found, InvoiceDocument)
    assert found.doubts == ()


def test_text_and_data_are_never_recognised() -> None:
    for data in (pdf(*PAGE), with_file(SCAN, "factur-x.xml", Sample().cii()), page_pdf([["Bonjour"]])):
        read_document(data, "a.pdf", recognise=never)


def test_a_picture_bigger_than_scanners_make_is_not_unpacked() -> None:
    found = read_document(picture_pdf(), "bomb.pdf", recognise=never)

    assert isinstance(found, Problem)
    assert found.code == "no_text"


@pytest.mark.parametrize("told", [None, "", HEAD, f"{HEAD}\n5\t1\t1\t1\t1\t1\t10\t10\t90\t20\t96.1\tBonjour"])
def test_a_picture_in_which_no_invoice_is_recognised_says_so(told: str | None) -> None:
    found = read_document(SCAN, "scan.pdf", recognise=lambda picture, dots: told)

    assert isinstance(found, Problem)
    assert (found.code, "no invoice was recognised" in found.message) == ("no_text", True)


def test_a_picture_is_given_as_grey_dots_and_small_enough() -> None:
    given: list[tuple[bytes, int]] = []

    def keep(picture: bytes, dots_per_inch: int) -> None:
        given.append((picture, dots_per_inch))

    read_document(SCAN, "scan.pdf", recognise=keep)

    [(picture, dots_per_inch)] = given
    head, _, dots = picture.partition(b"\n")
    kind, wide, high, most = head.split()
    assert (kind, most, dots_per_inch) == (b"P5", b"255", 250)
    assert len(dots) == int(wide) * int(high) <= 7_000_000


def test_words_of_one_line_are_equally_high_and_specks_are_left_out() -> None:
    rows = [
        HEAD,
        "4\t1\t1\t1\t1\t0\t0\t0\t500\t30\t-1\t",
        "5\t1\t1\t1\t1\t1\t100\t100\t80\t20\t95.5\tTotal",
        "5\t1\t1\t1\t1\t2\t200\t106\t50\t14\t91\tnet",
        "5\t1\t1\t1\t1\t3\t300\t100\t3\t3\t4\t.",
        "5\t1\t1\t1\t1\t4\t310\t100\t3\t3\t95\t ",
        "a line of something else",
    ]

    words = list(words_of("\n".join(rows), 0.5))

    assert [(word.text, word.left, word.right) for word in words] == [("Total", 50.0, 90.0), ("net", 100.0, 125.0)]
    assert words[0].height == pytest.approx(words[1].height)
    assert words[0].height == pytest.approx(1.45 * 17 * 0.5)
