"""Which documents of a mail are invoices, and what the command prints of them."""

import json
from pathlib import Path

import pytest
from invoice_samples import Sample, pdf
from test_invoices_pdf import FRENCH
from typer.testing import CliRunner, Result

from mailbot.cli.invoice import app
from mailbot.invoices.read import letter_documents, read_letter_documents
from mailbot.model import Attachment, InvoiceDocument, Letter, Problem

SAMPLE = Sample()


def mail(*attachments: tuple[str, bytes], enclosed: tuple[Letter, ...] = ()) -> Letter:
    return Letter(
        message_id="<1@a.example>",
        subject="Facture",
        from_name="Claire",
        from_address="claire@atelier-martin.example",
        attachments=tuple(Attachment(name, "application/octet-stream", content) for name, content in attachments),
        enclosed=enclosed,
    )


def numbers(letter: Letter) -> list[str | None]:
    return [found.number for _, found in read_letter_documents(letter) if isinstance(found, InvoiceDocument)]


def test_every_invoice_of_a_mail_is_read() -> None:
    letter = mail(("a.pdf", SAMPLE.facturx()), ("b.xml", SAMPLE.but(number="FA-2").ubl()))

    assert numbers(letter) == ["FA-2026-0412", "FA-2"]


def test_an_enclosed_mail_is_looked_into() -> None:
    inner = mail(("a.pdf", SAMPLE.facturx()))

    assert numbers(mail(enclosed=(mail(enclosed=(inner,)),))) == ["FA-2026-0412"]


def test_the_xml_of_an_invoice_is_preferred_to_its_plain_picture() -> None:
    letter = mail(("facture.pdf", pdf(*FRENCH)), ("facture.xml", SAMPLE.ubl()))

    assert [(name, found.source) for name, found in read_letter_documents(letter)] == [("facture.xml", "ubl")]


def test_the_same_invoice_twice_counts_once() -> None:
    letter = mail(("a.pdf", SAMPLE.facturx()), ("b.pdf", SAMPLE.facturx()), ("c.xml", SAMPLE.cii()))

    assert [name for name, _ in read_letter_documents(letter)] == ["a.pdf"]


def test_terms_beside_an_invoice_are_left_out() -> None:
    letter = mail(("cgv.pdf", pdf("Conditions de vente")), ("a.pdf", SAMPLE.facturx()))

    assert [name for name, _ in read_letter_documents(letter)] == ["a.pdf"]


def test_a_pdf_alone_that_is_no_invoice_is_reported() -> None:
    ((name, found),) = read_letter_documents(mail(("cgv.pdf", pdf("Conditions de vente"))))

    assert isinstance(found, Problem)
    assert (name, found.code) == ("cgv.pdf", "not_an_invoice")


def test_bank_files_pictures_and_texts_are_other_readers_affair() -> None:
    letter = mail(
        ("releve.ofx", b'<?xml version="1.0"?><?OFX OFXHEADER="200"?><OFX/>'),
        ("logo.png", b"\x89PNG"),
        ("a.txt", b"Facture"),
    )

    assert read_letter_documents(letter) == []


def test_a_broken_pdf_is_reported_beside_a_good_one() -> None:
    letter = mail(("a.pdf", SAMPLE.facturx()), ("b.pdf", b""))

    assert [isinstance(found, Problem) for _, found in read_letter_documents(letter)] == [False, True]


def test_the_attachment_itself_can_be_kept() -> None:
    data = SAMPLE.facturx()

    assert [attachment.content for attachment, _ in letter_documents(mail(("a.pdf", data)))] == [data]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["invoice", "read", *map(str, arguments)])


def test_the_command_prints_one_object_a_line_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_bytes(SAMPLE.ubl())
    (tmp_path / "a.pdf").write_bytes(SAMPLE.facturx())
    (tmp_path / "c.txt").write_text("not looked at")

    result = run("--json", tmp_path)

    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(record["schema"], Path(record["file"]).name) for record in records] == [
        (1, "a.pdf"),
        (1, "b.xml"),
    ]
    assert result.exit_code == 0


def test_the_command_prints_every_key_that_scripts_rely_on(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(SAMPLE.but(due="2026-09-01").cii())

    record = json.loads(run("--json", tmp_path / "a.xml").stdout)

    assert {name: record[name] for name in ("issue_date", "total_gross", "prepaid", "amount_due")} == {
        "issue_date": "2026-10-01",
        "total_gross": "1200.00",
        "prepaid": "200.00",
        "amount_due": "1000.00",
    }
    assert set(record["seller"]) >= {"name", "vat", "siren", "iban", "bic"}
    assert set(record["buyer"]) >= {"name", "vat", "siren", "email"}
    assert record["doubts"] == [
        {
            "field": "due_date",
            "why": "due on 2026-09-01, before it was issued on 2026-10-01",
            "candidates": ["2026-09-01"],
        }
    ]


def test_a_file_that_cannot_be_read_is_an_object_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "b.xml").write_bytes(SAMPLE.ubl())

    result = run("--json", tmp_path / "nowhere.pdf", tmp_path)

    codes = [json.loads(line).get("error", {}).get("code") for line in result.stdout.splitlines()]
    assert codes == ["not_found", "damaged", None]
    assert result.exit_code == 6


@pytest.mark.parametrize("enclosed", [False, True])
def test_a_mail_is_read_through_its_attachments(tmp_path: Path, enclosed: bool) -> None:
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Facture", "claire@a.example", "box@a.example"
    message.set_content("Voici")
    message.add_attachment(SAMPLE.facturx(), maintype="application", subtype="pdf", filename="facture.pdf")
    if enclosed:
        outer = EmailMessage()
        outer["Subject"] = "Fwd"
        outer.set_content("Pour toi")
        outer.add_attachment(message)
        message = outer
    (tmp_path / "a.eml").write_bytes(message.as_bytes())

    record = json.loads(run("--json", tmp_path / "a.eml").stdout)

    assert (record["number"], record["attachment"]) == ("FA-2026-0412", "facture.pdf")


def test_a_mail_without_invoice_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: a@b.example\nSubject: x\n\nBonjour\n")

    result = run("--json", tmp_path)

    assert (json.loads(result.stdout)["error"]["code"], result.exit_code) == ("no_invoice", 6)


def test_the_table_shows_what_stands_in_brackets_and_no_control_characters(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(SAMPLE.but(number="[red]\u009b2J").cii())

    result = run(tmp_path)

    assert "[red]" in result.stdout
    assert "\u009b" not in result.stdout
