"""Files that are not simply one PDF or XML: archives, other formats, two different totals, layouts learned before."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from invoice_samples import Sample, pdf, with_big_font, with_file

from mailbot.errors import ReaderError
from mailbot.invoices.layouts import learn_layout
from mailbot.invoices.read import archive_documents, read_document, read_letter_documents
from mailbot.model import Attachment, InvoiceDocument, Lesson, Letter, Party, Problem
from mailbot.sandbox import Sandbox
from mailbot.testing.documents import page_pdf, zipped

SAMPLE = Sample()
OWN = Party(name="Atelier Martin SARL", vat="FR44732829320", siren="732829320", iban="FR7630006000011234567890189")
ODD = (
    "Atelier Martin SARL",
    "FACTURE",
    "Dossier FA-2026-0412",
    "Brasserie du Port",
    "Etabli au 01/10/2026",
    "A solder pour 31/10/2026",
    "Total HT 1 000,00 EUR",
    "TVA 20 % 200,00 EUR",
    "Total TTC 1 200,00 EUR",
)


def read(data: bytes, own: Party | None = None, lessons: tuple[Lesson, ...] = ()) -> InvoiceDocument:
    found = read_document(data, "facture.pdf", own=own, lessons=lessons)
    assert isinstance(found, InvoiceDocument), found
    return found


def doubts(document: InvoiceDocument) -> dict[str, tuple[str, ...]]:
    return {doubt.field: doubt.candidates for doubt in document.doubts}


def codes(document: InvoiceDocument) -> set[str]:
    return {remark.code for remark in document.remarks}


def letter(*files: tuple[str, bytes]) -> Letter:
    attachments = tuple(Attachment(name, "application/octet-stream", content) for name, content in files)
    return Letter(
        message_id="<1@a.example>", subject="", from_name="", from_address="a@b.example", attachments=attachments
    )


def test_the_invoices_of_an_archive_are_read() -> None:
    archive = zipped({"a/1.pdf": SAMPLE.facturx(), "2.xml": SAMPLE.but(number="FA-2").ubl(), "readme.txt": b"x"})

    found = read_letter_documents(letter(("factures.zip", archive)))

    assert [(name, one.number) for name, one in found if isinstance(one, InvoiceDocument)] == [
        ("1.pdf", "FA-2026-0412"),
        ("2.xml", "FA-2"),
    ]


def test_an_archive_of_one_invoice_is_that_invoice() -> None:
    assert read(zipped({"1.pdf": SAMPLE.facturx()})).number == "FA-2026-0412"


def test_an_archive_that_grows_without_bounds_is_refused() -> None:
    found = read_document(zipped({"1.pdf": b"%PDF-1.7" + bytes(25_000_000)}), "a.zip")

    assert isinstance(found, Problem)
    assert found.code == "too_big"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<!DOCTYPE html><html><body>Facture</body></html>", "html_file"),
        (zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}), "word_file"),
        (zipped({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}), "sheet_file"),
        (b"{\\rtf1 Facture}", "word_file"),
        (b"\xff\xd8\xff\xe0", "picture_file"),
        (zipped({"a.pdf": b"%PDF-1.7", "b.pdf": b"%PDF-1.7"}), "archive_file"),
        (b"PK\x03\x04broken", "bad_archive"),
    ],
)
def test_another_kind_of_file_says_what_it_is_and_what_to_do(data: bytes, code: str) -> None:
    found = read_document(data, "facture")

    assert isinstance(found, Problem)
    assert (found.code, found.message[-1]) == (code, ".")


def test_two_different_totals_in_the_xml_and_on_the_page_are_a_doubt_that_names_both() -> None:
    page = pdf("Facture FA-2026-0412", "Total HT 1 045,50 EUR", "TVA 20 % 209,10 EUR", "Total TTC 1 254,60 EUR")

    document = read(with_file(page, "factur-x.xml", SAMPLE.cii()))

    assert document.total_gross == Decimal("1200.00")
    assert doubts(document)["total_gross"] == ("1200.00", "1254.60")


@pytest.mark.parametrize(("shown", "candidates"), [("1 200,00", None), ("1 254,60", ("1200.00", "1254.60"))])
def test_the_totals_are_compared_on_a_page_with_a_big_font_too(shown: str, candidates: tuple[str, ...] | None) -> None:
    page = with_big_font(pdf("Facture FA-2026-0412", f"Total TTC {shown} EUR"))
    assert len(page) > 300_000

    document = read(with_file(page, "factur-x.xml", SAMPLE.cii()))

    assert doubts(document).get("total_gross") == candidates


def test_the_total_of_the_xml_inside_a_longer_number_is_not_its_total() -> None:
    page = pdf("Facture FA-2026-0412", "Total TTC 31 200,00 EUR")

    document = read(with_file(page, "factur-x.xml", SAMPLE.cii()))

    assert doubts(document)["total_gross"] == ("1200.00", "31200.00")


def test_a_page_that_shows_the_total_of_the_xml_is_no_doubt() -> None:
    page = pdf("Facture FA-2026-0412", "Total HT 1 000,00 EUR", "TVA 20 % 200,00 EUR", "Total TTC 1 200,00 EUR")

    assert "total_gross" not in doubts(read(with_file(page, "factur-x.xml", SAMPLE.cii())))


def test_an_account_that_is_not_the_business_s_is_remarked() -> None:
    assert "iban_differs" not in codes(read(SAMPLE.cii(), OWN))
    assert "iban_differs" in codes(read(SAMPLE.cii(), replace(OWN, iban="FR1420041010050500013M02606")))


def test_missing_mentions_of_french_law_are_remarked() -> None:
    assert codes(read(SAMPLE.cii(), OWN)) == {"missing_indemnity"}
    assert "late_terms" in codes(read(SAMPLE.but(due="2027-02-28").cii(), OWN))


@pytest.mark.parametrize(
    "terms",
    ["2 % Skonto bei Zahlung innerhalb von 10 Tagen", "#SKONTO#TAGE=10#PROZENT=2.00#", "Escompte 2 % sous 10 jours"],
)
def test_a_discount_in_the_terms_of_an_xml_is_read(terms: str) -> None:
    for data in (SAMPLE.but(terms=terms).cii(), SAMPLE.but(terms=terms).ubl()):
        document = read(data)

        assert (document.discount_percent, document.discount_until) == (Decimal(2), date(2026, 10, 11))


def test_the_business_s_own_name_tells_seller_from_buyer() -> None:
    document = read(pdf(*ODD), OWN)

    assert document.seller.name == "Atelier Martin SARL"
    assert document.buyer.name != "Atelier Martin SARL"


def test_an_invoice_to_the_business_itself_is_doubted() -> None:
    document = read(pdf("Facture F-1", "Facturé à : Atelier Martin SARL", "Total TTC 10,00 EUR"), OWN)

    assert document.buyer.name != "Atelier Martin SARL" or "buyer" in doubts(document)


def confirmed() -> InvoiceDocument:
    found = read(pdf(*ODD))
    return replace(
        found,
        number="FA-2026-0412",
        issue_date=date(2026, 10, 1),
        due_date=date(2026, 10, 31),
        buyer=Party(name="Brasserie du Port"),
    )


def another() -> bytes:
    changes = {"1 200": "2 400", "0412": "0413", "01/10": "05/10", "31/10": "15/11", "1 000": "2 000", " 200,": " 400,",
               "Brasserie du Port": "Cave Morel"}  # fmt: skip
    lines = []
    for line in ODD:
        for old, new in changes.items():
            line = line.replace(old, new)
        lines.append(line)
    return pdf(*lines)


def test_once_one_invoice_of_a_layout_was_confirmed_the_next_is_read_with_certainty() -> None:
    lesson = learn_layout(pdf(*ODD), confirmed())
    assert lesson is not None

    document = read(another(), lessons=(lesson,))

    assert (document.number, document.issue_date, document.due_date, document.buyer.name, document.total_gross) == (
        "FA-2026-0413",
        date(2026, 10, 5),
        date(2026, 11, 15),
        "Cave Morel",
        Decimal("2400.00"),
    )
    assert not {"number", "issue_date", "due_date", "buyer.name", "total_gross"} & set(doubts(document))


def test_a_lesson_of_another_layout_changes_nothing() -> None:
    lesson = Lesson("0" * 16, {"number": "right:dossier"})

    assert read(another(), lessons=(lesson,)) == read(another())


def test_a_total_that_tax_contradicts_stays_in_doubt_whatever_was_learned() -> None:
    lesson = learn_layout(pdf(*ODD), confirmed())
    assert lesson is not None
    wrong = pdf(*(line.replace("1 200,00", "1 300,00") for line in ODD))

    assert "total_gross" in doubts(read(wrong, lessons=(lesson,)))


def learned_and_then(*lines: str) -> InvoiceDocument:
    """A page with more lines, of a layout of which one invoice was confirmed."""
    lesson = learn_layout(pdf(*ODD), confirmed())
    assert lesson is not None
    read_plainly = read(pdf(*ODD, *lines))
    assert read_plainly.layout is not None
    return read(pdf(*ODD, *lines), lessons=(replace(lesson, layout=read_plainly.layout),))


@pytest.mark.parametrize(
    "line", ["PAYÉE le 06/10/2026 par chèque", "Acompte versé : 360,00 EUR", "Reste à payer : 840,00 EUR"]
)
def test_what_was_paid_stays_in_doubt_whatever_was_learned(line: str) -> None:
    plainly = read(pdf(*ODD, line))

    document = learned_and_then(line)

    assert "amount_due" in doubts(plainly)
    assert doubts(document)["amount_due"] == doubts(plainly)["amount_due"]
    assert document.amount_due == plainly.amount_due


def test_a_learned_place_makes_no_due_date_before_the_invoice_certain() -> None:
    lesson = learn_layout(pdf(*ODD), confirmed())
    assert lesson is not None

    document = read(pdf(*(line.replace("31/10/2026", "15/09/2026") for line in ODD)), lessons=(lesson,))

    assert "due_date" in doubts(document)


def test_a_learned_place_makes_nobody_the_client_of_its_own_invoice() -> None:
    lesson = learn_layout(pdf(*ODD), confirmed())
    assert lesson is not None

    document = read(another(), own=Party(name="Cave Morel"), lessons=(lesson,))

    assert document.buyer.name != "Cave Morel" or {"buyer", "buyer.name"} & set(doubts(document))


def test_a_lesson_goes_through_the_sandbox_and_back() -> None:
    with Sandbox() as sandbox:
        lesson = sandbox.run("lesson", pdf(*ODD), confirmed=confirmed())
        document = sandbox.run("invoice", another(), name="a.pdf", lessons=[lesson])

    assert (lesson.layout, document.number) == (document.layout, "FA-2026-0413")


def test_the_first_and_the_last_pages_of_a_very_long_document_are_read() -> None:
    first = ["Facture n° FA-1", "Date de facture : 01/10/2026", "Facturé à : Cave Morel"]
    last = ["Total HT 1 000,00 EUR", "TVA 20 % 200,00 EUR", "Total TTC 1 200,00 EUR"]

    document = read(page_pdf([first, *([["Article"] * 30] * 500), last]))

    assert (document.number, document.total_gross) == ("FA-1", Decimal("1200.00"))


def test_a_page_that_takes_all_memory_ends_in_a_sentence() -> None:
    from mailbot.testing.documents import stream_pdf

    with Sandbox() as sandbox:
        try:
            found = sandbox.run("invoice", stream_pdf(b" " * 700_000_000), name="a.pdf")
        except ReaderError as error:
            found = Problem(error.code, str(error))

    assert isinstance(found, Problem)
    assert (found.code, found.message.endswith(".")) == ("too_much_memory", True)


def test_an_archive_inside_an_archive_is_named_and_the_invoices_beside_it_are_read() -> None:
    inside = zipped({"inner.pdf": SAMPLE.but(number="FA-9").facturx()})
    archive = zipped({"../../etc/1.pdf": SAMPLE.facturx(), "deep/more.zip": inside})

    found = read_letter_documents(letter(("factures.zip", archive)))

    assert [(name, one.code if isinstance(one, Problem) else one.number) for name, one in found] == [
        ("1.pdf", "FA-2026-0412"),
        ("more.zip", "archive_file"),
    ]


def test_a_damaged_archive_beside_an_invoice_is_named_too() -> None:
    files = (("1.pdf", SAMPLE.facturx()), ("2.zip", zipped({"2.pdf": SAMPLE.facturx()})[:200]))

    found = read_letter_documents(letter(*files))

    assert [(name, one.code) for name, one in found if isinstance(one, Problem)] == [("2.zip", "archive_file")]


@pytest.mark.parametrize(
    "content", [b"<!DOCTYPE a [<!ENTITY x 'y'>]><Invoice>&x;</Invoice>", b"<?xml version='1.0'?><Invoice><ID>12"]
)
def test_xml_that_is_refused_is_named_where_a_mail_has_nothing_else(content: bytes) -> None:
    [(name, alone)] = read_letter_documents(letter(("facture.xml", content)))
    beside = read_letter_documents(letter(("facture.xml", content), ("1.pdf", SAMPLE.facturx())))

    assert name == "facture.xml"
    assert isinstance(alone, Problem)
    assert [name for name, _ in beside] == ["1.pdf"]


def test_another_companys_invoice_to_the_business_is_no_sale_of_it() -> None:
    """The business's name on a page is not enough to call it the seller: it may be the client."""
    lines = (
        "Quincaillerie Prolux SAS", "ZI Nord, 44800 Saint-Herblain", "SIREN 552 100 554 - TVA FR21552100554", "",
        "FACTURE F-889", "Facturé à", "Atelier Martin SARL", "3 rue des Artisans", "44000 Nantes", "",
        "Date : 12/02/2026", "Échéance : 14/03/2026", "Total HT 850,00 EUR", "TVA 20 % 170,00 EUR",
        "Total TTC 1 020,00 EUR",
    )  # fmt: skip

    bought = read(pdf(*lines), OWN)
    sold = read(pdf(*lines, "IBAN FR76 3000 6000 0112 3456 7890 189"), OWN)

    assert (bought.seller.name, bought.buyer.name) == ("Quincaillerie Prolux SAS", "Atelier Martin SARL")
    assert sold.seller.name == "Atelier Martin SARL"


DOCX = zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"})


def test_what_cannot_be_read_beside_an_invoice_is_named() -> None:
    files = (("1.pdf", SAMPLE.facturx()), ("h.docx", DOCX), ("t.xls", b"x"), ("image001.png", b"x" * 90_000))

    found = read_letter_documents(letter(*files))

    assert [(name, one.code if isinstance(one, Problem) else one.number) for name, one in found] == [
        ("1.pdf", "FA-2026-0412"),
        ("h.docx", "word_file"),
        ("t.xls", "sheet_file"),
    ]


def test_what_cannot_be_read_in_an_archive_is_named() -> None:
    archive = zipped(
        {"a/1.pdf": SAMPLE.facturx(), "a/2.docx": DOCX, "3.JPG": b"x", "__MACOSX/._4.docx": b"x", "lisezmoi.txt": b"x"}
    )

    found = read_letter_documents(letter(("factures.zip", archive)))
    alone = archive_documents(archive)

    for documents in (found, alone):
        assert [(name, one.code if isinstance(one, Problem) else one.number) for name, one in documents] == [
            ("1.pdf", "FA-2026-0412"),
            ("2.docx", "word_file"),
            ("3.JPG", "picture_file"),
        ]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("DEVIS N° D-2026-12", "quote"),
        ("Angebot Nr. 2026-12", "quote"),
        ("PREVENTIVO N. 12", "quote"),
        ("Presupuesto n.º 12", "quote"),
        ("Offerte 2026-12", "quote"),
        ("Quotation No. 12", "quote"),
        ("Facture proforma n° 12", "proforma"),
        ("PROFORMA INVOICE", "proforma"),
        ("Pro-forma invoice No. 9", "proforma"),
        ("Proforma-Rechnung Nr. 9", "proforma"),
        ("Facture n° F-12", None),
        ("Facture n° F-12 selon devis D-7", None),
    ],
)
def test_a_paper_that_is_no_invoice_is_called_what_it_is(title: str, code: str | None) -> None:
    lines = ["Studio Kaolin SAS", title, "Date : 02/10/2026", "Client : Dupont SARL", "Total TTC 360,00 €"]

    found = read_document(page_pdf([lines]), "a.pdf")

    assert (found.code if isinstance(found, Problem) else None) == code
