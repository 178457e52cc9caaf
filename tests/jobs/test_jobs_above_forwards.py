"""Orders above a mail that the owner passes on: what no invoice of it takes is not carried out, and said to be so."""

import pytest
from e2e_house import DUE, LEMAIRE, House
from e2e_scene import OWNER, bill
from lxml import html as markup
from test_jobs_intake_dialogue import NOW, passed_on, plainly, told

from mailbot.demo.documents import invoice_pdf

REFUSED = "Pas exécuté : cette ligne est au-dessus d'un message transféré."


def factur_x(number: str) -> tuple[str, bytes]:
    return f"{number}.pdf", invoice_pdf(bill(number, LEMAIRE, DUE, "1000.00"))


def owner_events(house: House) -> list[str]:
    return [row["name"] for row in house.rows("event") if row["name"].startswith("owner.")]


def html(house: House) -> str:
    body = house.mails_to(OWNER.email)[0].get_body(("html",))
    assert body is not None
    return " ".join(" ".join(plainly(text) for text in markup.fromstring(body.get_content()).itertext()).split())


def test_an_order_above_a_mail_without_an_invoice_is_named_with_the_question_about_that_mail(house: House) -> None:
    house.turn(NOW, passed_on("pause Lemaire 10j"))

    [answer] = told(house)
    assert "je n'y trouve aucune facture" in answer
    assert f"> pause Lemaire 10j {REFUSED}" in answer
    assert f"Vous avez écrit Résultat pause Lemaire 10j {REFUSED}" in html(house)
    assert owner_events(house) == []


def test_an_english_owner_is_told_in_english(house: House) -> None:
    object.__setattr__(house.office, "business", house.office.business.model_copy(update={"language": "en"}))

    house.turn(NOW, passed_on("pause Lemaire 10d"))

    answer = told(house)[0]
    assert "> pause Lemaire 10d Not carried out: this line stands above a forwarded mail." in answer


@pytest.mark.parametrize("words", ["Pour info.", "Bonjour,\nVoici sa réponse.\nMerci", "ok"])
def test_words_above_a_mail_without_an_invoice_that_are_no_order_are_not_named(house: House, words: str) -> None:
    house.turn(NOW, passed_on(words))

    [answer] = told(house)
    assert "Pas exécuté" not in answer


def test_an_order_above_a_file_that_cannot_be_read_is_named_with_the_question_about_that_file(house: House) -> None:
    house.turn(NOW, passed_on("payé FA-2026-0001", ("facture.pdf", b"%PDF-1.4 torn")))

    [answer] = told(house)
    assert f"> payé FA-2026-0001 {REFUSED}" in answer
    assert owner_events(house) == []


def test_of_several_invoices_an_order_about_none_of_them_is_named_and_theirs_are_carried_out(house: House) -> None:
    house.turn(
        NOW, passed_on("payé FA-2026-0001\npayé FA-2026-0099", factur_x("FA-2026-0001"), factur_x("FA-2026-0002"))
    )

    [answer] = told(house)
    assert f"> payé FA-2026-0099 {REFUSED}" in answer
    assert "> payé FA-2026-0001" not in answer
    assert {row["number"]: row["open_amount"] > 0 for row in house.rows("invoice")} == {
        "FA-2026-0001": False, "FA-2026-0002": True,
    }  # fmt: skip


def test_an_order_that_the_only_invoice_takes_is_not_named_as_refused(house: House) -> None:
    house.turn(NOW, passed_on("payé", factur_x("FA-2026-0001")))

    [answer] = told(house)
    assert "Pas exécuté" not in answer
    assert owner_events(house) == ["owner.paid"]
