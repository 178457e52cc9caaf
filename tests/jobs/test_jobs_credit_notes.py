"""What the owner is told of a credit note: what it is taken off, and what is left to pay."""

from dataclasses import replace
from decimal import Decimal

from e2e_house import DUE, LEMAIRE, House
from e2e_scene import MONDAY, at, bill
from jobs_story import typed
from test_jobs_nasty_invoices import PDF, mail, told

from mailbot.demo.documents import invoice_pdf

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)


def credit(number: str, preceding: str | None, amount: str = "200.00") -> tuple[str, str, bytes]:
    note = replace(bill(number, LEMAIRE, DUE, amount), kind="credit_note", preceding=preceding)
    return f"{number}.pdf", PDF, invoice_pdf(note)


def invoice(number: str, amount: str = "1000.00") -> tuple[str, str, bytes]:
    return f"{number}.pdf", PDF, invoice_pdf(bill(number, LEMAIRE, DUE, amount))


def newest(house: House) -> str:
    return " ".join(told(house)[-1].split())


def owed(house: House) -> dict[str, Decimal]:
    return {row["number"]: row["open_amount"] for row in house.rows("invoice")}


def test_a_credit_note_is_confirmed_with_what_it_is_taken_off_and_what_is_left(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), subject="Facture"))
    house.turn(LATER, mail(credit("AV-1", "FA-1"), subject="Avoir"))

    said = newest(house)
    assert "Montant 240,00 € Déduit de FA-1 Reste dû 960,00 €" in said.replace("\xa0", " ").replace("\u202f", " ")
    assert "Échéance" not in said
    assert "Rappels à" not in said
    assert "corrige AV-1 montant" in said


def test_a_credit_note_without_a_reference_says_what_the_client_still_owes_in_all(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), invoice("FA-2", "500.00"), subject="Factures"))
    house.turn(LATER, mail(credit("AV-1", None), subject="Avoir"))

    said = newest(house).replace("\xa0", " ").replace("\u202f", " ")
    assert "Déduit de ce que doit le client Reste dû 1 560,00 €" in said


def test_a_credit_note_of_an_unknown_invoice_points_to_its_question(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), subject="Facture"))
    house.turn(LATER, mail(credit("AV-1", "FA-9999"), subject="Avoir"))

    [question] = house.rows("question", kind="credit_reference")
    said = newest(house)
    assert f"Déduit de (voir la question {question['number']})" in said
    assert "Reste dû" not in said


def test_several_documents_say_on_the_line_of_a_credit_note_what_it_is_taken_off(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), credit("AV-1", "FA-1"), subject="Deux"))

    said = newest(house).replace("\xa0", " ").replace("\u202f", " ")
    assert "Avoir AV-1, Lemaire et Fils, 240,00 €, déduit de FA-1 (reste 960,00 €)" in said


def test_a_credit_note_that_is_sent_again_is_no_invoice(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), credit("AV-1", "FA-1"), subject="Deux"))
    house.turn(LATER, mail(credit("AV-1", "FA-1"), subject="Encore"))

    assert "Cet avoir était déjà enregistré" in newest(house)
    assert owed(house) == {"FA-1": Decimal("960.00"), "AV-1": Decimal("0.00")}


def test_a_credit_note_whose_amount_is_put_right_counts_for_what_it_is_now(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), credit("AV-1", "FA-1"), subject="Deux"))

    typed(house, "corrige AV-1 montant 100,00", LATER)
    assert owed(house) == {"FA-1": Decimal("1100.00"), "AV-1": Decimal("0.00")}

    typed(house, "corrige AV-1 montant 300,00", LAST)
    assert owed(house) == {"FA-1": Decimal("900.00"), "AV-1": Decimal("0.00")}


def over(house: House) -> dict[str, Decimal]:
    """A credit note of 240 over an invoice of which 120 are open, beside one of 600."""
    house.turn(NOW, mail(invoice("FA-1", "100.00"), invoice("FA-2", "500.00"), subject="Factures"))
    house.turn(LATER, mail(credit("AV-1", "FA-1"), subject="Avoir"))
    return owed(house)


def test_what_a_credit_note_is_more_than_its_invoice_stays_the_clients(house: House) -> None:
    assert over(house) == {"FA-1": Decimal(0), "FA-2": Decimal("480.00"), "AV-1": Decimal(0)}

    assert "120,00 € restent au crédit du client" in newest(house).replace("\xa0", " ").replace("\u202f", " ")
    [question] = house.rows("question", kind="credit_rest")
    typed(house, f"{question['number']} imputer", LAST)
    assert owed(house)["FA-2"] == Decimal("480.00")


def test_what_is_paid_back_of_a_credit_note_lowers_no_other_invoice(house: House) -> None:
    over(house)
    [question] = house.rows("question", kind="credit_rest")

    typed(house, f"{question['number']} rembourser", LAST)

    assert owed(house) == {"FA-1": Decimal(0), "FA-2": Decimal("600.00"), "AV-1": Decimal(0)}


def test_a_credit_note_over_a_paid_invoice_does_not_vanish(house: House) -> None:
    house.turn(NOW, mail(invoice("FA-1"), subject="Facture"))
    typed(house, "payé FA-1", at(MONDAY, 7, 50))
    house.turn(LATER, mail(credit("AV-1", "FA-1"), subject="Avoir"))

    assert owed(house) == {"FA-1": Decimal(0), "AV-1": Decimal("240.00")}
    assert len(house.rows("question", kind="credit_rest")) == 1
