"""The dialogue about documents: what an owner sends, and the one mail that answers it."""

from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from e2e_house import DUE, DUPONT, LEMAIRE, House, bank_file, forwarded, forwarded_plain, ordered
from e2e_scene import BOX, MONDAY, OWNER, SECOND_OWNER, at, bill, text_of
from jobs_story import SUNDAY, asked, typed

from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.demo.feed import DemoLine
from mailbot.jobs import invoicing
from mailbot.model import InvoiceDocument, Party

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)
PDF = "application/pdf"


def answers(house: House, owner: str = OWNER.email) -> list[bytes]:
    """All that the bot answered an owner, oldest first, without the digests."""
    digests = {row["message_id"] for row in house.rows("outgoing", what="digest")}
    found = [mail.raw for mail in house.mailer.sent if mail.recipient == owner]
    return [raw for raw in found if str(message_from_bytes(raw, policy=default)["Message-ID"]).strip() not in digests]


def sent(house: House, owner: str = OWNER.email) -> list[str]:
    """Subject and text of the same."""
    found = [message_from_bytes(raw, policy=default) for raw in answers(house, owner)]
    return [text_of(mail) for mail in found if isinstance(mail, EmailMessage)]


def mail(
    *files: tuple[str, str, bytes], sender: str = OWNER.email, to: str = BOX, subject: str = "Factures", text: str = "",
    vouched: bool = True,
) -> bytes:  # fmt: skip
    """A mail of the owner with some files."""
    made = EmailMessage()
    if vouched:
        made["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = "Mon, 02 Mar 2026 07:30:00 +0100"
    made["Message-ID"] = f"<{abs(hash((subject, text, files)))}@atelier-martin.example>"
    made.set_content(text or "Bonjour")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def facturx(number: str, client: object = LEMAIRE, amount: str = "1000.00") -> tuple[str, str, bytes]:
    return f"{number}.pdf", PDF, invoice_pdf(bill(number, client, DUE, amount))  # type: ignore[arg-type]


def numbers(house: House) -> list[str]:
    return [row["number"] for row in house.rows("invoice")]


def test_several_invoices_in_one_mail_are_one_answer_with_a_line_each(house: House) -> None:
    house.turn(NOW, mail(facturx("FA-2026-0001"), facturx("FA-2026-0002", DUPONT)))

    assert numbers(house) == ["FA-2026-0001", "FA-2026-0002"]
    [answer] = sent(house)
    assert "FA-2026-0001, " in answer
    assert "FA-2026-0002, " in answer
    assert "rien à faire" in answer


def test_two_files_of_one_name_are_two_invoices_each_with_its_own_bytes(house: House) -> None:
    first, second = facturx("FA-2026-0001"), facturx("FA-2026-0002", DUPONT)

    house.turn(NOW, mail(("facture.pdf", PDF, first[2]), ("facture.pdf", PDF, second[2])))

    kept = {row["number"]: bytes(row["document_bytes"]) for row in house.rows("invoice")}
    assert kept == {"FA-2026-0001": first[2], "FA-2026-0002": second[2]}


def test_a_plain_pdf_that_is_known_is_not_asked_about_again(house: House) -> None:
    house.turn(NOW, forwarded_plain("FA-2026-0001", LEMAIRE, NOW))
    [question] = asked(house, "draft")
    typed(house, f"{question['number']} oui", LATER)
    assert numbers(house) == ["FA-2026-0001"]

    house.turn(LAST, forwarded_plain("FA-2026-0001", LEMAIRE, LAST))

    assert len(asked(house, "draft")) == 1
    assert "déjà" in sent(house)[-1]


def test_a_plain_pdf_that_still_waits_for_its_answer_is_not_asked_about_twice(house: House) -> None:
    house.turn(NOW, forwarded_plain("FA-2026-0001", LEMAIRE, NOW))
    [question] = asked(house, "draft")

    house.turn(LATER, forwarded_plain("FA-2026-0001", LEMAIRE, LATER))

    assert len(asked(house, "draft")) == 1
    assert f"question {question['number']}" in sent(house)[-1]


def test_a_revised_version_is_asked_about_once_and_taken_with_a_yes(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    for when in (LATER, LAST):
        house.turn(when, forwarded("FA-2026-0001", LEMAIRE, when, "1500.00"))
    [question] = asked(house, "revised")
    assert "1 200,00 €" in question["text"]
    assert "1 800,00 €" in question["text"]
    typed(house, f"{question['number']} oui", at(MONDAY, 9))

    [invoice] = house.rows("invoice")
    assert (invoice["amount"], invoice["open_amount"]) == (Decimal("1800.00"), Decimal("1800.00"))
    assert bytes(invoice["document_bytes"]) == invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE, "1500.00"))


def test_a_revised_version_that_is_refused_changes_nothing(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    before = house.rows("invoice")
    house.turn(LATER, forwarded("FA-2026-0001", LEMAIRE, LATER, "1500.00"))
    [question] = asked(house, "revised")

    typed(house, f"{question['number']} non", LAST)

    assert house.rows("invoice") == before


def test_what_is_known_is_told_to_its_sender_alone(house: House) -> None:
    house.office.business.__dict__["owners"] = (OWNER.email, SECOND_OWNER.email)
    house.turn(NOW, mail(facturx("FA-2026-0001")))
    before = len(sent(house))

    house.turn(LATER, mail(facturx("FA-2026-0001"), sender=SECOND_OWNER.email, subject="Encore"))

    assert numbers(house) == ["FA-2026-0001"]
    assert len(sent(house)) == before
    assert "déjà" in sent(house, SECOND_OWNER.email)[-1]


def test_money_that_waited_for_its_invoice_is_told_in_the_confirmation(house: House) -> None:
    line = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.name, f"VIR {LEMAIRE.name} FA-2026-0001")
    house.turn(NOW, bank_file(SUNDAY, NOW, line))

    house.turn(LATER, forwarded("FA-2026-0001", LEMAIRE, LATER))

    [invoice] = house.rows("invoice")
    assert invoice["open_amount"] == 0
    assert "la règle entièrement" in sent(house)[-1]


def test_money_without_a_reference_that_waited_is_asked_about_and_holds_the_client(house: House) -> None:
    line = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.name.upper(), f"VIR {LEMAIRE.name.upper()}")
    house.turn(NOW, bank_file(SUNDAY, NOW, line))

    house.turn(LATER, forwarded("FA-2026-0001", LEMAIRE, LATER))

    [invoice] = house.rows("invoice")
    assert invoice["open_amount"] == 0 or [one["state"] for one in asked(house, "match")] == ["open"]
    house.turn(at(MONDAY, 9, 20))
    assert house.mails_to(LEMAIRE.person.email) == []


@pytest.mark.parametrize(
    ("name", "kind", "content", "said"),
    [
        ("facture.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\3\4x", "Word"),
        ("facture.html", "text/html", b"<h1>Facture 12</h1>", "page web"),
        ("scan.jpg", "image/jpeg", b"\xff\xd8" + b"x" * 40_000, "image"),
        ("factures.xlsx", "application/vnd.ms-excel", b"PK\3\4", "tableur"),
    ],
)
def test_a_file_of_another_kind_is_answered_in_one_sentence_and_kept(
    house: House, name: str, kind: str, content: bytes, said: str
) -> None:
    raw = mail((name, kind, content), subject="Tr: Facture", text=FORWARD)

    house.turn(NOW, raw)

    [answer] = sent(house)
    assert said in answer
    assert name in answer
    assert numbers(house) == []
    assert [row for row in house.rows("letter", direction="in") if content[:20] in bytes(row["raw"]) or row["raw"]]


FORWARD = (
    "Pour suivi\n\n---------- Forwarded message ---------\nDe : Claire Martin <claire@atelier-martin.example>\n"
    f"Date: lun. 2 mars 2026 à 07:00\nSubject: Facture\nTo: <{LEMAIRE.person.email}>\n\nBonjour\n"
)


def test_an_empty_pdf_and_an_encrypted_one_are_answered_at_once(house: House) -> None:
    house.turn(NOW, mail(("vide.pdf", PDF, b"")))
    house.turn(LATER, mail(("cassee.pdf", PDF, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>"), subject="Autre"))

    answers = sent(house)
    assert len(answers) == 2
    assert "vide" in answers[0]
    assert "endommagé" in answers[1]


def test_an_invoice_to_the_business_is_answered_in_one_sentence_and_not_chased(house: House) -> None:
    document = bill("F-77", LEMAIRE, DUE)
    business = house.office.business
    purchase = document.__class__(
        **{
            **{name: getattr(document, name) for name in document.__dataclass_fields__},
            "buyer_name": business.name,
            "buyer_siren": business.siren,
        }
    )

    house.turn(NOW, mail(("achat.pdf", PDF, invoice_pdf(purchase))))

    assert numbers(house) == []
    [answer] = sent(house)
    assert "c'est un achat" in answer
    assert [row for row in house.rows("question") if row["state"] == "open"] == []


def test_a_copy_of_the_mail_to_the_client_is_as_good_as_a_forward_and_nothing_goes_to_the_client(house: House) -> None:
    house.turn(NOW, mail(facturx("FA-2026-0001"), to=f"{LEMAIRE.person.email}, {BOX}", subject="Votre facture"))

    assert numbers(house) == ["FA-2026-0001"]
    assert house.mails_to(LEMAIRE.person.email) == []
    assert LEMAIRE.person.email in sent(house)[-1]


def test_no_reminder_goes_to_an_address_that_nobody_reads(house: House) -> None:
    document = invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE))
    raw = mail(("f.pdf", PDF, document), to=f"noreply@lemaire.example, {BOX}")

    house.turn(NOW, raw)

    contacts = [row["email"] for row in house.rows("contact")]
    assert "noreply@lemaire.example" not in contacts
    assert "noreply@lemaire.example" in sent(house)[-1]


def test_an_address_of_another_client_is_asked_about_and_used_after_a_yes(house: House) -> None:
    house.turn(NOW, mail(facturx("FA-2026-0001"), to=f"compta@cabinet.example, {BOX}"))
    house.turn(LATER, mail(facturx("FA-2026-0002", DUPONT), to=f"compta@cabinet.example, {BOX}", subject="Deux"))

    assert len(house.rows("client")) == 2
    [question] = asked(house, "address")
    of_dupont = house.client(DUPONT.name)
    assert [row["usable"] for row in house.rows("contact", client=of_dupont, email="compta@cabinet.example")] == [False]
    typed(house, f"{question['number']} oui", LAST)
    assert [row["usable"] for row in house.rows("contact", client=of_dupont, email="compta@cabinet.example")] == [True]


def test_oui_twice_enters_once(house: House) -> None:
    house.turn(NOW, forwarded_plain("FA-2026-0001", LEMAIRE, NOW))
    question = answers(house)[-1]

    for when in (LATER, LAST):
        house.turn(when, ordered(question, when, "oui"))

    assert numbers(house) == ["FA-2026-0001"]
    assert len(house.rows("event", name="invoice.received")) == 1


def test_a_draft_is_corrected_by_reply_and_confirmed(house: House) -> None:
    house.turn(NOW, forwarded_plain("FA-2026-0001", LEMAIRE, NOW))

    house.turn(LATER, ordered(answers(house)[-1], LATER, "échéance 15/12/2026", "montant 1254,60"))

    [invoice] = house.rows("invoice")
    assert (str(invoice["due"]), invoice["amount"]) == ("2026-12-15", Decimal("1254.60"))
    assert any("1 254,60 €" in text and "rien à faire" in text for text in sent(house))


def test_the_bank_account_of_somebody_else_is_a_warning_and_a_question(house: House) -> None:
    house.office.business.__dict__["iban"] = "FR7630001007941234567890185"

    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    assert numbers(house) == []
    [question] = asked(house, "draft")
    assert "risque de fraude" in question["text"]
    typed(house, f"{question['number']} oui", LATER)
    house.turn(LAST, forwarded("FA-2026-0002", LEMAIRE, LAST))
    assert numbers(house) == ["FA-2026-0001", "FA-2026-0002"]


def test_invoices_a_day_apart_keep_their_own_confirmations(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    tomorrow = NOW + timedelta(days=1)

    house.turn(tomorrow, forwarded("FA-2026-0002", LEMAIRE, tomorrow))

    assert len(sent(house)) == 2
    assert plain_pdf(bill("FA-1", LEMAIRE, DUE))[:4] == b"%PDF"


def test_a_reply_to_the_confirmation_corrects_it_without_its_number(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    house.turn(LATER, ordered(answers(house)[-1], LATER, "échéance 15/12/2026", "montant 1254,60", "bidule 12"))

    [invoice] = house.rows("invoice")
    assert (str(invoice["due"]), invoice["open_amount"]) == ("2026-12-15", Decimal("1254.60"))
    assert "pas compris" in sent(house)[-1]


def test_one_of_several_is_corrected_by_its_place_or_its_number(house: House) -> None:
    house.turn(NOW, mail(facturx("FA-2026-0001"), facturx("FA-2026-0002", DUPONT)))

    house.turn(LATER, ordered(answers(house)[-1], LATER, "2 échéance 15/12/2026", "FA-2026-0001 montant 7,00"))

    one, two = house.rows("invoice")
    assert (one["amount"], str(one["due"])) == (Decimal("7.00"), DUE.isoformat())
    assert str(two["due"]) == "2026-12-15"


def test_a_field_that_could_be_of_several_changes_nothing(house: House) -> None:
    house.turn(NOW, mail(facturx("FA-2026-0001"), facturx("FA-2026-0002", DUPONT)))
    before = house.rows("invoice")

    house.turn(LATER, ordered(answers(house)[-1], LATER, "échéance 15/12/2026"))

    assert house.rows("invoice") == before


def test_oui_to_a_confirmation_is_noted_and_asks_nothing(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    house.turn(LATER, ordered(answers(house)[-1], LATER, "oui"))

    assert "FA-2026-0001" in sent(house)[-1]
    assert "Question" not in sent(house)[-1]


def test_an_amount_below_what_is_paid_leaves_nothing_open(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    typed(house, "payé FA-2026-0001 1000,00", LATER)

    typed(house, "corrige FA-2026-0001 montant 900,00", LAST)

    [invoice] = house.rows("invoice")
    assert invoice["open_amount"] <= 0


def test_the_next_invoice_of_a_confirmed_layout_is_certain_and_one_of_another_is_asked_about(house: House) -> None:
    def taken(number: str, layout: str) -> None:
        content = number.encode()
        document = InvoiceDocument(
            source="pdf-text", profile=None, kind="invoice", number=number, issue_date=DUE, due_date=DUE,
            currency="EUR", total_net=None, total_tax=None, total_gross=Decimal(12), prepaid=None,
            amount_due=Decimal(12), buyer=Party(name="Dupont"), layout=layout,
        )  # fmt: skip
        kept = house.keep(content)
        house.act(
            lambda c: invoicing.take(c, house.office, kept, "", "f.pdf", content, document, "a@dupont.example", NOW)
        )

    taken("FA-1", "layout-a")
    assert numbers(house) == []
    typed(house, f"{asked(house, 'draft')[0]['number']} oui", LATER)
    taken("FA-2", "layout-a")
    taken("FA-3", "layout-b")

    assert numbers(house) == ["FA-1", "FA-2"]
    assert len(asked(house, "draft")) == 2

    typed(house, "corrige FA-2 montant 13,00", LAST)
    taken("FA-4", "layout-a")

    assert numbers(house) == ["FA-1", "FA-2"]


def test_a_credit_note_with_an_unknown_reference_is_asked_about_and_applied(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    document = InvoiceDocument(
        source="cii", profile=None, kind="credit_note", number="AV-1", issue_date=DUE, due_date=None, currency="EUR",
        total_net=None, total_tax=None, total_gross=Decimal(200), prepaid=None, amount_due=Decimal(200),
        buyer=Party(name=LEMAIRE.name, siren=LEMAIRE.siren), preceding_invoice="FA-9999",
    )  # fmt: skip
    kept = house.keep(b"credit")
    house.act(lambda c: invoicing.take(c, house.office, kept, "", "av.xml", b"credit", document, None, LATER))

    [question] = asked(house, "credit_reference")
    assert "FA-9999" in question["text"]
    typed(house, f"{question['number']} 1", LAST)

    credited = house.rows("event", name="invoice.credited")
    assert [(row["invoice"], row["data"]["amount"]) for row in credited] == [("FA-2026-0001", "200")]
    left = {row["number"]: row["open_amount"] for row in house.rows("invoice")}
    assert left == {"FA-2026-0001": Decimal("1000.00"), "AV-1": Decimal(0)}


def test_a_confirmed_page_teaches_the_reader_where_its_fields_stand(house: House) -> None:
    house.turn(NOW, forwarded_plain("FA-2026-0001", LEMAIRE, NOW))
    [question] = asked(house, "draft")
    typed(house, f"{question['number']} oui", LATER)

    house.turn(LAST, forwarded_plain("FA-2026-0002", DUPONT, LAST))

    assert numbers(house) == ["FA-2026-0001", "FA-2026-0002"]
    [layout] = house.rows("layout")
    assert layout["learned"]["places"]
