"""What an owner is told and asked about documents: amounts paid before, words above a forward, addresses, answers."""

from dataclasses import replace
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from e2e_house import DUE, LEMAIRE, House, ordered
from e2e_scene import BOX, MONDAY, OWNER, at, bill
from jobs_story import typed

from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.jobs import entering, invoicing
from mailbot.model import Doubt, InvoiceDocument, Party
from mailbot.testing.documents import zipped

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)
DOCUMENT = InvoiceDocument(
    source="ubl", profile=None, kind="invoice", number="FA-1", issue_date=DUE, due_date=DUE, currency="EUR",
    total_net=Decimal("1000.00"), total_tax=Decimal("200.00"), total_gross=Decimal("1200.00"), prepaid=None,
    amount_due=Decimal("1200.00"), buyer=Party(name=LEMAIRE.name, siren=LEMAIRE.siren),
)  # fmt: skip


def taken(house: House, document: InvoiceDocument, contact: str | None = LEMAIRE.person.email) -> dict[str, Any]:
    """A document as it comes out of the reader; what is said of it."""
    content = str(document.number).encode()
    kept = house.keep(content)
    line = house.act(
        lambda conn: invoicing.take(conn, house.office, kept, "", "f.xml", content, document, contact, NOW)
    )
    assert line is not None
    return line


def plainly(text: object) -> str:
    """Without the spaces that do not break."""
    return str(text).replace("\xa0", " ").replace("\u202f", " ")


def test_an_advance_that_is_taken_off_leaves_the_rest_to_be_followed(house: House) -> None:
    line = taken(house, replace(DOCUMENT, prepaid=Decimal("360.00"), amount_due=Decimal("840.00")))

    assert any("360,00 € sont déjà réglés" in plainly(said) for said in line["remarks"])


def test_an_advance_that_is_not_taken_off_is_not_told_as_if_it_were(house: House) -> None:
    line = taken(house, replace(DOCUMENT, prepaid=Decimal("360.00")))

    assert not any("le reste est suivi" in said for said in line["remarks"])
    assert any("1 200,00 € sont suivis en entier" in plainly(said) for said in line["remarks"])


def passed_on(text: str, *files: tuple[str, bytes], to: str = LEMAIRE.person.email) -> bytes:
    """A mail of the owner that forwards invoices, with words above it."""
    made = EmailMessage()
    made["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    made["From"], made["To"], made["Subject"] = OWNER.email, BOX, "Fwd: Facture"
    made["Date"], made["Message-ID"] = "Mon, 02 Mar 2026 07:30:00 +0100", f"<{abs(hash((text, files)))}@a.example>"
    header = f"De : Claire <{OWNER.email}>\nDate: lun. 2 mars 2026 à 07:00\nSubject: Facture\nTo: {to}\n"
    made.set_content(f"{text}\n\n---------- Forwarded message ---------\n{header}\nBonjour\n")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return made.as_bytes()


def told(house: House) -> list[str]:
    """The words of all that the bot answered the owner at once."""
    sent = [message_from_bytes(mail.raw, policy=default) for mail in house.mailer.sent]
    texts = [plainly(mail.get_body(("plain",)).get_content()) for mail in sent if "Rien à" not in str(mail["Subject"])]
    return [" ".join(text.split()) for text in texts if "BALANCE" not in text]


def above(house: House, text: str) -> list[str]:
    """A Factur-X that is passed on with words above it; what the bot answered."""
    house.turn(NOW, passed_on(text, ("f.pdf", invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE, "1000.00")))))
    return told(house)


def test_an_invoice_that_is_passed_on_as_paid_is_paid(house: House) -> None:
    [answer] = above(house, "Celle-ci est déjà payée par chèque.")

    [invoice] = house.rows("invoice")
    assert invoice["open_amount"] == 0
    assert "payé, noté" in answer


def test_field_lines_above_an_invoice_are_put_into_it(house: House) -> None:
    above(house, "échéance 15/01/2027\ncontact daf@garage-lemaire.example")

    [invoice] = house.rows("invoice")
    assert invoice["due"].isoformat() == "2027-01-15"
    assert [row["email"] for row in house.rows("contact")] == ["daf@garage-lemaire.example"]


def test_other_words_above_an_invoice_are_quoted_and_hold_its_reminders_until_an_answer(house: House) -> None:
    [answer] = above(house, "Ne relance pas avant le 15 janvier, promis.")

    assert "rien à faire" not in answer
    assert "Ne relance pas avant le 15 janvier" in answer
    [question] = house.rows("question", kind="note")
    assert [(row["invoice"], row["data"]["until"]) for row in house.rows("event", name="owner.paused")] == [
        ("FA-2026-0001", None)
    ]

    typed(house, f"ok {question['number']}", LATER)

    assert [row["state"] for row in house.rows("question", kind="note")] == ["answered"]
    assert [row["invoice"] for row in house.rows("event", name="owner.resumed")] == ["FA-2026-0001"]


def test_an_order_about_the_invoice_answers_what_was_asked_about_its_words(house: House) -> None:
    above(house, "Le client paiera après son inventaire.")

    typed(house, "pause FA-2026-0001 30j", LATER)

    assert [row["state"] for row in house.rows("question", kind="note")] == ["answered"]
    assert len(house.rows("event", name="owner.paused")) == 2


def test_words_that_only_hand_an_invoice_over_ask_nothing(house: House) -> None:
    [answer] = above(house, "Bonjour,\nVoici la facture de mars, pour suivi.\nMerci")

    assert "rien à faire" in answer
    assert house.rows("question", kind="note") == []


def two_plain(house: House) -> bytes:
    """Two PDFs that are both asked about, in one mail; the answer of the bot."""
    files = [(f"{n}.pdf", plain_pdf(bill(f"FA-2026-000{n}", LEMAIRE, DUE, "1000.00"))) for n in (1, 2)]
    house.turn(NOW, passed_on("Pour suivi", *files))
    assert len(house.rows("question", kind="draft", state="open")) == 2
    return [mail.raw for mail in house.mailer.sent if b"documents" in mail.raw[:3000]][-1]


@pytest.mark.parametrize("place", ["1", "FA-2026-0001", "question 1"])
def test_a_field_goes_to_the_invoice_that_it_names_by_its_place_or_its_number(house: House, place: str) -> None:
    mail = two_plain(house)

    house.turn(LATER, ordered(mail, LATER, f"{place} échéance 31/12/2026", f"{place} contact daf@garage.example"))

    [invoice] = house.rows("invoice")
    assert (invoice["number"], invoice["due"].isoformat()) == ("FA-2026-0001", "2026-12-31")


def test_a_field_may_stand_before_the_number_of_its_invoice(house: House) -> None:
    mail = two_plain(house)

    house.turn(LATER, ordered(mail, LATER, "échéance FA-2026-0002 31/12/2026"))

    [invoice] = house.rows("invoice")
    assert (invoice["number"], invoice["due"].isoformat()) == ("FA-2026-0002", "2026-12-31")


def test_fields_of_several_invoices_in_one_answer_go_to_each(house: House) -> None:
    mail = two_plain(house)

    house.turn(LATER, ordered(mail, LATER, "1 échéance 31/12/2026", "2 échéance 15/01/2027", "2 montant 900,00"))

    found = {row["number"]: (row["due"].isoformat(), row["amount"]) for row in house.rows("invoice")}
    assert found == {
        "FA-2026-0001": ("2026-12-31", Decimal("1200.00")),
        "FA-2026-0002": ("2027-01-15", Decimal("900.00")),
    }


def test_a_number_that_is_a_question_and_another_place_is_asked_back(house: House) -> None:
    house.turn(at(MONDAY, 7), passed_on("Pour suivi", ("f.docx.pdf", b"")))
    mail = two_plain(house)
    [first, second] = [row["number"] for row in house.rows("question", kind="draft", state="open")]
    assert (first, second) == (2, 3)

    house.turn(LATER, ordered(mail, LATER, "2 échéance 31/12/2026"))

    assert house.rows("invoice") == []
    assert "question 3" in told(house)[-1]


def copied_by_tool(number: str = "FA-2026-0001") -> bytes:
    """The copy of an invoicing tool, passed on by a rule of the owner's mailbox: it keeps the tool's sender."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Tool <no-reply@tool.example>", OWNER.email, f"Facture {number}"
    made["Date"], made["Message-ID"] = "Mon, 02 Mar 2026 07:30:00 +0100", f"<{number}@tool.example>"
    made["X-Forwarded-For"], made["X-Forwarded-To"] = f"{OWNER.email} {BOX}", BOX
    made.set_content("Copie de la facture envoyée à votre client.\n")
    content = invoice_pdf(bill(number, LEMAIRE, DUE, "1000.00"))
    made.add_attachment(content, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return made.as_bytes()


def test_the_copy_of_a_tool_that_a_rule_passes_on_is_asked_about_at_once_and_entered_with_a_yes(house: House) -> None:
    house.turn(NOW, copied_by_tool())

    [question] = house.rows("question", kind="tool_copy")
    [answer] = told(house)
    assert "FA-2026-0001.pdf" in answer
    assert house.rows("invoice") == []

    typed(house, f"{question['number']} oui", LATER)
    house.turn(LAST)

    [invoice] = house.rows("invoice")
    assert invoice["number"] == "FA-2026-0001"


def test_the_copy_of_a_tool_that_is_refused_is_not_entered(house: House) -> None:
    house.turn(NOW, copied_by_tool())
    [question] = house.rows("question", kind="tool_copy")

    typed(house, f"{question['number']} non", LATER)
    house.turn(LAST)

    assert house.rows("invoice") == []


def test_a_picture_without_an_order_is_answered_in_one_sentence_that_names_it(house: House) -> None:
    made = EmailMessage()
    made["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    made["From"], made["To"], made["Subject"] = OWNER.email, BOX, "Facture"
    made["Date"], made["Message-ID"] = "Mon, 02 Mar 2026 07:30:00 +0100", "<picture@a.example>"
    made.set_content("Facture pour Dupont\n")
    made.add_attachment(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 200, maintype="image", subtype="jpeg",
                        filename="IMG_2031.jpeg")  # fmt: skip

    house.turn(NOW, made.as_bytes())

    [answer] = told(house)
    assert "IMG_2031.jpeg est une image" in answer
    assert "litige" not in answer


def test_what_a_mac_packs_beside_an_invoice_is_passed_over_in_silence(house: House) -> None:
    pdf = invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE, "1000.00"))
    hidden = {"__MACOSX/._FA.pdf": b"\0" * 100, "lot/._FA.pdf": b"\0" * 9, ".DS_Store": b"x", "lot/Thumbs.db": b"x"}

    house.turn(NOW, passed_on("Pour suivi", ("lot.zip", zipped({"FA.pdf": pdf, **hidden}))))

    [answer] = told(house)
    assert "La facture est enregistrée" in answer
    assert house.rows("question") == []


def test_a_file_that_is_no_pdf_is_told_in_the_words_of_invoices(house: House) -> None:
    house.turn(NOW, passed_on("Pour suivi", ("lot.zip", zipped({"FA.pdf": b"\1\2\3 no pdf"}))))

    [answer] = told(house)
    assert "envoyez la facture en PDF" in answer
    assert "relevé" not in answer


def one_of(text: str, to: str) -> bytes:
    return passed_on(text, ("f.pdf", invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE, "1000.00"))), to=to)


def test_of_several_recipients_the_one_of_the_clients_domain_is_written_to(house: House) -> None:
    house.turn(NOW, one_of("Pour suivi", f"<expert@cabinet-comptable.example>, <{LEMAIRE.person.email}>"))

    assert [row["email"] for row in house.rows("contact")] == [LEMAIRE.person.email]


def test_of_several_recipients_that_nothing_speaks_for_the_owner_is_asked(house: House) -> None:
    house.turn(NOW, one_of("Pour suivi", "<a@one-firm.example>, <b@other-firm.example>"))

    assert [(row["email"], row["usable"]) for row in house.rows("contact")] == [("a@one-firm.example", False)]
    [question] = house.rows("question", kind="address")
    assert "b@other-firm.example" in question["text"]


def test_another_name_with_a_clients_number_is_asked_about_with_both_names(house: House) -> None:
    taken(house, DOCUMENT)
    other = replace(DOCUMENT, number="FA-2", buyer=Party(name="Imprimerie Le Moal SARL", siren=LEMAIRE.siren))

    line = taken(house, other, "compta@lemoal.example")

    assert line["kind"] == "asked"
    assert "Imprimerie Le Moal SARL ou " + LEMAIRE.name in plainly(line["text"])
    typed(house, f"{line['question']} oui", LATER)
    names = {row["id"]: row["name"] for row in house.rows("client")}
    assert {row["number"]: names[row["client"]] for row in house.rows("invoice")} == {
        "FA-1": LEMAIRE.name,
        "FA-2": "Imprimerie Le Moal SARL",
    }
    again = taken(house, replace(other, number="FA-3"), "compta@lemoal.example")
    assert (again["kind"], again["client"]) == ("entered", "Imprimerie Le Moal SARL")


def test_the_invoices_address_is_taken_where_it_was_sent_to_one_that_nobody_reads(house: House) -> None:
    party = replace(DOCUMENT.buyer, email="facturation@lemaire.example")

    line = taken(house, replace(DOCUMENT, buyer=party), "no-reply@portal.example")

    assert line["contacts"] == ["facturation@lemaire.example"]


def test_the_question_shows_where_reminders_would_go(house: House) -> None:
    line = taken(house, replace(DOCUMENT, source="pdf-text", layout="a"))

    assert f"rappels à {LEMAIRE.person.email}" in plainly(line["text"])


def test_doubts_are_told_in_words_with_days_and_amounts_as_people_write_them(house: House) -> None:
    doubts = (
        Doubt("issue_date", "unclear", ("2026-11-05",)),
        Doubt("seller.iban", "several", ()),
        Doubt("total_net", "several", ("1000.00", "900.50")),
    )

    line = taken(house, replace(DOCUMENT, doubts=(doubts[1], doubts[2])))
    shown = entering.confirmation_values("x", [], replace(DOCUMENT, doubts=doubts), "fr")["doubts"]

    assert [plainly(one["why"]) for one in shown] == ["5 novembre 2026", "à vérifier", "1 000,00 € ou 900,50 €"]
    assert [one["field"] for one in shown] == ["La date de facture", "L'IBAN de la facture", "Le montant HT"]
    assert line["kind"] == "entered"


def test_an_ok_settles_what_was_doubted(house: House) -> None:
    line = taken(house, replace(DOCUMENT, doubts=(Doubt("amount_due", "two", ("1200.00", "840.00")),)))

    typed(house, f"{line['question']} ok", LATER)

    [invoice] = house.rows("invoice")
    assert invoice["document"]["doubts"] == []


def test_an_invoice_between_two_others_is_not_called_a_purchase(house: House) -> None:
    seller = Party(name="Imprimerie du Léon", siren="303265045", vat="FR40303265045")
    line = taken(house, replace(DOCUMENT, seller=seller))

    assert line["kind"] == "note"
    assert "vous est adressée" not in line["text"]
    assert LEMAIRE.name in line["text"]
