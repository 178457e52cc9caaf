"""What a command for invoices passes over is named with the reason, and changes neither its result nor its status."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailbot.cli.invoice import app
from mailbot.cli.leftovers import OF_LISTS, OF_MAILS, tell_left_out

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-10-01</cbc:IssueDate><cbc:DueDate>2026-10-31</cbc:DueDate>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">120.00</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">120.00</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>"""
STATEMENT = "<Document><BkToCstmrStmt/></Document>"
PICTURE = b"\xff\xd8\xff" + bytes(60_000)


def read(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["invoice", "read", "--json", *map(str, arguments)])


def mail(path: Path, *files: tuple[str, str]) -> Path:
    message = EmailMessage()
    message["From"], message["Subject"] = "claire@atelier-martin.example", "Facture"
    message.set_content("Ci-joint.")
    for name, content in files:
        message.add_attachment(content.encode(), maintype="application", subtype="xml", filename=name)
    path.write_bytes(bytes(message))
    return path


def test_files_of_a_folder_that_are_not_read_are_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(UBL.format(number="FA-1"), encoding="utf-8")
    (tmp_path / "devis.docx").write_bytes(b"PK")
    (tmp_path / "photo.jpg").write_bytes(PICTURE)
    (tmp_path / "liste.csv").write_text("a;b\n", encoding="utf-8")

    done = read(tmp_path)

    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert done.stderr.splitlines() == [
        f"{tmp_path}/devis.docx: left out. This is a text document. Save it as PDF and send that.",
        f"{tmp_path}/liste.csv: left out. This is a list. Lists are taken in by `mailbot invoice import`.",
        f"{tmp_path}/photo.jpg: left out. This is a picture. Send the PDF that your software made, or send its fields.",
    ]


def test_what_lies_in_any_folder_and_small_pictures_are_not_named(tmp_path: Path) -> None:
    for name in (".DS_Store", ".brouillon.docx", "notes.txt", "data.bin"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "logo.png").write_bytes(PICTURE)
    (tmp_path / "icon.png").write_bytes(b"\x89PNG")
    (tmp_path / "folder.docx").mkdir()

    assert read(tmp_path).stderr == ""


def test_what_a_mail_carries_beside_its_invoice_is_named(tmp_path: Path) -> None:
    invoice = UBL.format(number="FA-1")
    path = mail(tmp_path / "m.eml", ("fa.xml", invoice), ("banque.xml", STATEMENT), ("copie.xml", invoice + " "))

    done = read(path)

    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert '"number": "FA-1"' in done.stdout
    assert done.stderr.splitlines() == [
        f"{path} (banque.xml): left out. The XML is no invoice: its root is Document.",
        f"{path} (copie.xml): left out. FA-1 was read from another file of this mail.",
    ]


def test_a_mail_of_which_all_is_left_out_carries_no_invoice(tmp_path: Path) -> None:
    done = read(mail(tmp_path / "m.eml", ("banque.xml", STATEMENT)))

    assert done.exit_code == 6
    assert '"code": "no_invoice"' in done.stdout
    assert "(banque.xml): left out." in done.stderr


def test_an_import_says_what_to_do_with_mails_and_archives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.eml", "b.zip", "c.csv", "d.heic"):
        (tmp_path / name).write_bytes(PICTURE)

    tell_left_out([tmp_path], (".csv",), OF_MAILS)

    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/a.eml: left out. This is a mail. Forward it to the bot, or save its invoice here and import that.",
        f"{tmp_path}/b.zip: left out. This is an archive. Unpack it here, and import again.",
        f"{tmp_path}/d.heic: left out. This is a picture. Send the PDF that your software made, or send its fields.",
    ]


def test_many_files_are_counted_and_names_cannot_command_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for at in range(25):
        (tmp_path / f"{at:02}\x1b[2J.docx").write_bytes(b"PK")

    tell_left_out([tmp_path], (".pdf",), OF_LISTS)

    said = capsys.readouterr().err
    assert len(said.splitlines()) == 21
    assert said.splitlines()[-1] == "5 more files were left out for such reasons."
    assert "\x1b" not in said
