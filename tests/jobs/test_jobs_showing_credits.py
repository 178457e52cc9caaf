"""`mailbot invoice show` says what a credit note waits for whose invoice is not known, until that is settled."""

import pytest
from e2e_house import House
from e2e_scene import MONDAY, at
from jobs_story import typed
from test_jobs_credit_notes import credit, invoice, owed
from test_jobs_nasty_invoices import mail

from mailbot.cli import views
from mailbot.jobs import showing

NOW, LATER, LAST = at(MONDAY, 7, 40), at(MONDAY, 8), at(MONDAY, 8, 30)


def show(house: House, number: str, capsys: pytest.CaptureFixture[str]) -> str:
    found = showing.one_invoice(house.office, number)
    assert found is not None
    known, client, happened, _ = found
    views.print_invoice(known, client, happened, "Europe/Paris", showing.unknown_reference(house.office, known.number))
    return capsys.readouterr().out


@pytest.fixture
def waiting(house: House) -> House:
    house.turn(NOW, mail(invoice("FA-1"), invoice("FA-2"), subject="Factures"))
    house.turn(LATER, mail(credit("AV-1", "FA-9999"), subject="Avoir"))
    return house


def test_a_credit_note_of_an_unknown_invoice_says_what_is_missing_and_what_to_do(
    waiting: House, capsys: pytest.CaptureFixture[str]
) -> None:
    [question] = waiting.rows("question", kind="credit_reference")
    number = question["number"]

    said = show(waiting, "av-1", capsys)

    assert (
        "  It refers to invoice FA-9999, which is not known of this client: until then it counts for the oldest open "
        f'one. Forward FA-9999 to the bot, or answer with mailbot do: "{number} 1" for FA-1, "{number} 2" for FA-2, '
        f'"{number} aucune" for none of them.\n'
    ) in said
    assert "It refers" not in show(waiting, "FA-1", capsys)


def test_what_the_sentence_says_to_do_settles_it(waiting: House, capsys: pytest.CaptureFixture[str]) -> None:
    [question] = waiting.rows("question", kind="credit_reference")

    typed(waiting, f"{question['number']} 2", LAST)

    assert "It refers" not in show(waiting, "AV-1", capsys)
    assert owed(waiting) == {"FA-1": 1200, "FA-2": 960, "AV-1": 0}


def test_the_missing_invoice_settles_it_when_it_comes(waiting: House, capsys: pytest.CaptureFixture[str]) -> None:
    waiting.turn(LAST, mail(invoice("FA-9999"), subject="Facture"))

    assert "It refers" not in show(waiting, "AV-1", capsys)
    assert owed(waiting)["FA-9999"] == 960
