"""Mails about invoices that are odd, broken or hostile: one clear answer, nothing lost, nobody written to in error."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from e2e_house import DUE, DUPONT, LEMAIRE, House, answered, bank_file, forwarded, ordered
from e2e_scene import BOX, MONDAY, OWNER, SECOND_OWNER, at, bill, text_of
from jobs_story import SUNDAY, asked, newest, typed
from pypdf import PdfReader, PdfWriter

from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.testing.documents import page_pdf

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)
PDF = "application/pdf"
_PASSED_ON = (
    "---------- Forwarded message ---------\nDe : {sender}\nDate: lun. 2 mars 2026 à 07:00\nSubject: Facture\n"
    "To: <{to}>\n\nBonjour\n"
)


def mail(
    *files: tuple[str, str, bytes], to: str = BOX, sender: str = OWNER.email, subject: str = "Facture",
    text: str = "Bonjour", html: str = "",
) -> bytes:  # fmt: skip
    made = EmailMessage()
    made["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = "Mon, 02 Mar 2026 07:30:00 +0100"
    made["Message-ID"] = f"<{len(subject + text + html)}.{len(files)}.{sender}>"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def told(house: House) -> list[str]:
    digests = {row["message_id"] for row in house.rows("outgoing", what="digest")}
    return [text_of(one) for one in house.mails_to(OWNER.email) if str(one["Message-ID"]).strip() not in digests]


def numbers(house: House) -> list[str]:
    return [row["number"] for row in house.rows("invoice")]


def facturx(number: str, amount: str = "1000.00") -> bytes:
    return invoice_pdf(bill(number, LEMAIRE, DUE, amount))


def locked(pdf: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.pdf", content)
    return out.getvalue()


def test_two_files_of_one_number_are_the_first_and_a_question_about_the_other(house: House) -> None:
    first, second = ("a.pdf", PDF, facturx("FA-1")), ("b.pdf", PDF, facturx("FA-1", "500.00"))

    house.turn(NOW, mail(first, subject="Un"))
    house.turn(LATER, mail(second, subject="Deux"))

    assert [row["amount"] for row in house.rows("invoice")] == [Decimal("1200.00")]
    assert len(asked(house, "revised")) == 1


def test_an_encrypted_pdf_is_answered_with_what_to_do(house: House) -> None:
    house.turn(NOW, mail(("f.pdf", PDF, locked(facturx("FA-1")))))

    [answer] = told(house)
    assert "mot de passe" in answer
    assert numbers(house) == []


@pytest.mark.parametrize("copies", [2, 3])
def test_an_archive_of_invoices_is_a_line_each(house: House, copies: int) -> None:
    files = {f"f{at}": facturx(f"FA-{at}") for at in range(copies)}

    house.turn(NOW, mail(("factures.zip", "application/zip", packed(**files))))

    assert numbers(house) == [f"FA-{at}" for at in range(copies)]
    [answer] = told(house)
    assert all(f"FA-{at}" in answer for at in range(copies))


def test_an_invoice_in_the_words_of_a_mail_alone_is_asked_for_as_a_file(house: House) -> None:
    text = _PASSED_ON.format(sender=f"Claire <{OWNER.email}>", to=LEMAIRE.person.email)

    house.turn(NOW, mail(subject="Tr: Facture 12", text=text, html="<h1>Facture 12</h1><p>120 EUR</p>"))

    [answer] = told(house)
    assert "aucune facture" in answer
    assert numbers(house) == []


def test_a_clients_reply_passed_on_with_the_invoice_goes_to_the_client_that_is_known(house: House) -> None:
    house.turn(NOW, mail(("a.pdf", PDF, facturx("FA-1")), to=f"{LEMAIRE.person.email}, {BOX}"))
    text = _PASSED_ON.format(sender=f"Paul <{LEMAIRE.person.email}>", to=OWNER.email)

    house.turn(LATER, mail(("b.pdf", PDF, facturx("FA-2")), subject="Tr: Re: Facture", text=text))

    assert numbers(house) == ["FA-1", "FA-2"]
    assert {row["email"] for row in house.rows("contact")} == {LEMAIRE.person.email}
    assert house.rows("event", name="reply.promise") == []


def test_the_tool_that_made_an_invoice_is_not_taken_for_the_client(house: House) -> None:
    text = _PASSED_ON.format(sender="Outil <factures@outil.example>", to=OWNER.email)

    house.turn(NOW, mail(("a.pdf", PDF, facturx("FA-1")), subject="Tr: Votre facture", text=text))

    assert "factures@outil.example" not in {row["email"] for row in house.rows("contact")}


def test_an_invoice_from_a_stranger_is_not_entered(house: House) -> None:
    raw = mail(("a.pdf", PDF, facturx("FA-1")), sender="voleur@ailleurs.example")

    house.turn(NOW, raw)

    assert numbers(house) == []
    assert house.mails_to("voleur@ailleurs.example") == []


def test_two_owners_who_forward_one_invoice_in_one_minute_enter_it_once(house: House) -> None:
    house.office.business.__dict__["owners"] = (OWNER.email, SECOND_OWNER.email)
    content = facturx("FA-1")

    house.turn(
        NOW,
        mail(("a.pdf", PDF, content)),
        mail(("a.pdf", PDF, content), sender=SECOND_OWNER.email, subject="Moi aussi"),
    )

    assert numbers(house) == ["FA-1"]
    assert len(house.rows("event", name="invoice.received")) == 1


def test_a_correction_after_the_payment_reopens_what_is_missing(house: House) -> None:
    house.turn(NOW, forwarded("FA-1", LEMAIRE, NOW))
    typed(house, "payé FA-1", LATER)

    typed(house, "corrige FA-1 montant 1500,00", LAST)

    [invoice] = house.rows("invoice")
    assert invoice["amount"] == Decimal("1500.00")
    assert invoice["open_amount"] in (Decimal("0.00"), Decimal("300.00"))


def test_a_reply_of_a_client_to_a_reminder_that_carries_the_invoice_again_enters_nothing(house: House) -> None:
    house.turn(NOW, forwarded("FA-1", LEMAIRE, NOW), bank_file(SUNDAY, NOW))
    house.turn(at(MONDAY, 9, 20))
    reminder = newest(house, LEMAIRE.person.email)

    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminder, "Voici votre facture, que je conteste.", at(MONDAY, 10)))

    assert numbers(house) == ["FA-1"]
    assert asked(house, "draft") == []


def test_an_owners_order_with_an_invoice_in_it_takes_the_invoice(house: House) -> None:
    house.turn(NOW, forwarded("FA-1", LEMAIRE, NOW))
    confirmation = newest(house, OWNER.email)

    house.turn(LATER, ordered(confirmation, LATER, "annule la facture FA-1"))

    assert numbers(house) == ["FA-1"]
    [question] = asked(house, "confirm")
    assert "FA-1" in question["text"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bombe.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'),
        ("dehors.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        ("rien.pdf", b"%PDF-1.4\n%%EOF"),
        ("../../etc/passwd.pdf", b"%PDF-1.4 nothing"),
        ("x" * 300 + ".pdf", b"%PDF-1.4 nothing"),
        ("formule=cmd|' /C calc'!A0.pdf", b"\0\0\0"),
    ],
)
def test_hostile_files_enter_nothing_and_are_kept(house: House, name: str, content: bytes) -> None:
    raw = mail((name, "application/xml" if name.endswith("xml") else PDF, content))

    house.turn(NOW, raw)

    assert numbers(house) == []
    assert len(told(house)) == 1
    assert [row["state"] for row in house.rows("letter", direction="in")] == ["read"]


def test_a_client_who_names_itself_as_a_template_is_shown_as_text(house: House) -> None:
    document = bill("FA-1", LEMAIRE, DUE)
    object.__setattr__(document, "buyer_name", "{{ 7*7 }} <script>alert(1)</script> {x}")

    house.turn(NOW, mail(("a.pdf", PDF, invoice_pdf(document))))

    [confirmation] = [one for one in house.mails_to(OWNER.email) if "FA-1" in str(one["Subject"])]
    html = confirmation.get_body(("html",))
    assert html is not None
    assert "<script>alert" not in html.get_content()


def test_what_the_owner_forwards_a_week_late_is_entered_once_and_says_how_late(house: House) -> None:
    document = bill("FA-1", LEMAIRE, MONDAY - timedelta(days=60))

    house.turn(NOW, mail(("a.pdf", PDF, invoice_pdf(document))))

    [answer] = told(house)
    assert "échue depuis 60 jours" in answer


def test_an_invoice_of_nothing_is_entered_as_paid_and_never_chased(house: House) -> None:
    house.turn(NOW, mail(("a.pdf", PDF, facturx("FA-1", "0.00"))), bank_file(SUNDAY, NOW))
    house.turn(at(MONDAY, 9, 20))

    assert house.mails_to(LEMAIRE.person.email) == []


def test_three_documents_of_three_kinds_are_one_mail(house: House) -> None:
    other = invoice_pdf(bill("FA-2", DUPONT, DUE))
    raw = mail(("a.pdf", PDF, facturx("FA-1")), ("b.pdf", PDF, other), ("c.pdf", PDF, locked(facturx("FA-3"))))

    house.turn(NOW, raw)

    assert numbers(house) == ["FA-1", "FA-2"]
    [answer] = told(house)
    assert "FA-1" in answer
    assert "mot de passe" in answer


def test_the_document_is_attached_to_the_reminder_unless_it_is_too_big(house: House) -> None:
    small, big = facturx("FA-1"), facturx("FA-2") + b"\n% " + b"x" * 8_000_000
    house.turn(NOW, mail(("a.pdf", PDF, small), ("b.pdf", PDF, big)), bank_file(SUNDAY, NOW))

    house.turn(at(MONDAY, 9, 20))

    [reminder] = house.mails_to(LEMAIRE.person.email)
    assert [one.get_content() for one in reminder.iter_attachments() if one.get_content_type() == PDF] == [small]


def test_two_totals_are_both_named_in_the_question(house: House) -> None:
    page = PdfWriter(clone_from=PdfReader(io.BytesIO(facturx("FA-1", "900.00"))))
    xml = next(one for one in PdfReader(io.BytesIO(facturx("FA-1"))).attachment_list).content
    page.root_object.pop("/AF", None)
    page.root_object["/Names"].pop("/EmbeddedFiles")  # type: ignore[attr-defined]
    page.add_attachment("factur-x.xml", xml)
    out = io.BytesIO()
    page.write(out)

    house.turn(NOW, mail(("f.pdf", PDF, out.getvalue())))

    [answer] = told(house)
    assert "le montant (1 200,00 € ou 1 080,00 €)" in " ".join(answer.split()).replace("\xa0", " ").replace(
        "\u202f", " "
    )
    assert numbers(house) == []


def test_an_archive_inside_an_archive_is_told_of_and_the_rest_is_entered(house: House) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("../a.pdf", facturx("FA-1"))
        made.writestr("more.zip", packed(b=facturx("FA-2")))

    house.turn(NOW, mail(("factures.zip", "application/zip", archive.getvalue())))

    [answer] = told(house)
    assert "more.zip est une archive" in " ".join(answer.split())
    assert numbers(house) == ["FA-1"]


def test_a_quote_is_answered_as_one_and_not_entered(house: House) -> None:
    lines = [
        "Atelier Martin",
        "DEVIS N° D-2026-12",
        "Date : 02/03/2026",
        "Client : Lemaire et Fils",
        "Total TTC 360,00 EUR",
    ]

    house.turn(NOW, mail(("devis.pdf", PDF, page_pdf([lines]))))

    [answer] = told(house)
    assert "devis.pdf est un devis" in " ".join(answer.split())
    assert (numbers(house), asked(house, "draft")) == ([], [])


def test_a_text_document_beside_an_invoice_is_named_in_the_answer(house: House) -> None:
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as made:
        made.writestr("b.pdf", facturx("FA-2"))
        made.writestr("annexe.odt", b"x")
    files = (
        ("a.pdf", PDF, facturx("FA-1")),
        ("facture 3.docx", "application/octet-stream", b"x"),
        ("z.zip", "application/zip", inside.getvalue()),
    )

    house.turn(NOW, mail(*files))

    [answer] = told(house)
    assert "facture 3.docx" in answer
    assert "annexe.odt" in answer
    assert numbers(house) == ["FA-1", "FA-2"]


def test_xml_that_is_refused_is_named_in_the_answer(house: House) -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY x 'y'>]><Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>"

    house.turn(NOW, mail(("facture.xml", "application/xml", bomb), subject="Facture 12"))

    [answer] = told(house)
    assert "facture.xml" in answer


def test_an_invoice_that_was_passed_on_twice_goes_to_the_client_it_was_first_sent_to(house: House) -> None:
    first = EmailMessage()
    first["From"], first["To"], first["Subject"] = OWNER.email, "achats@kerdudou.example", "Facture"
    first["Message-ID"] = "<first@atelier-martin.example>"
    first.set_content("Bonjour")
    first.add_attachment(facturx("FA-1"), maintype="application", subtype="pdf", filename="FA-1.pdf")
    second = EmailMessage()
    second["From"], second["To"], second["Subject"] = SECOND_OWNER.email, OWNER.email, "TR: Facture"
    second["Message-ID"] = "<second@atelier-martin.example>"
    second.set_content("pour info")
    second.add_attachment(first)
    third = message_from_bytes(mail(subject="TR: TR: Facture"), policy=default)
    third.add_attachment(second)

    house.turn(NOW, third.as_bytes())

    assert [row["email"] for row in house.rows("contact")] == ["achats@kerdudou.example"]


def test_a_doubtful_credit_note_is_not_called_an_invoice(house: House) -> None:
    note = replace(bill("AV-1", LEMAIRE, DUE, "100.00"), kind="credit_note")

    house.turn(NOW, mail(("AV-1.pdf", PDF, plain_pdf(note))))

    [answer] = told(house)
    assert "Avoir AV-1.pdf" in answer
    assert "Facture AV-1" not in answer
    assert "échéance le" not in answer
