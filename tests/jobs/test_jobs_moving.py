"""An invoice that was entered for the wrong client, or under a wrong number, is put right by one line."""

from decimal import Decimal

import pytest
from e2e_house import DUPONT, LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, asked, to_lemaire, typed

MORNING, NINE, TEN = at(MONDAY, 7, 40), at(MONDAY, 9), at(MONDAY, 10)


@pytest.fixture
def entered(house: House) -> House:
    house.turn(
        MORNING, forwarded("FA-2026-0001", LEMAIRE, MORNING), forwarded("FA-2026-0002", DUPONT, MORNING),
        bank_file(SUNDAY, MORNING),
    )  # fmt: skip
    return house


def owed(house: House) -> dict[str, tuple[int, Decimal]]:
    return {row["number"]: (row["client"], row["open_amount"]) for row in house.rows("invoice")}


def test_another_client_owes_it_and_the_first_one_is_not_written_to(entered: House) -> None:
    [done] = typed(entered, f"corrige FA-2026-0001 client {DUPONT.name}", at(MONDAY, 8))
    entered.turn(at(MONDAY, 8, 20))
    entered.turn(at(MONDAY, 9, 20))

    assert done.done, done.result
    assert owed(entered)["FA-2026-0001"] == (entered.client(DUPONT.name), Decimal("1200.00"))
    assert to_lemaire(entered) == []
    [mail] = entered.mails_to(DUPONT.person.email)
    assert "FA-2026-0001" in str(mail)
    assert "FA-2026-0002" in str(mail)


def test_a_client_that_is_new_is_asked_for_its_address(entered: House) -> None:
    typed(entered, "corrige FA-2026-0001 client Ferme des Lilas", at(MONDAY, 8))

    [question] = asked(entered, "no_contact")
    assert "Ferme des Lilas" in question["text"]


def test_it_is_taken_back(entered: House) -> None:
    typed(entered, f"corrige FA-2026-0001 client {DUPONT.name}", at(MONDAY, 8))
    [undone] = typed(entered, "annule", at(MONDAY, 8, 10))
    entered.turn(at(MONDAY, 8, 20))
    entered.turn(at(MONDAY, 9, 20))

    assert undone.done, undone.result
    assert owed(entered)["FA-2026-0001"][0] == entered.client(LEMAIRE.name)
    assert len(to_lemaire(entered)) == 1


def test_a_wrong_number_is_entered_anew_and_owed_once(entered: House) -> None:
    [done] = typed(entered, "corrige FA-2026-0001 numéro FA-2026-0099", at(MONDAY, 8))
    entered.turn(at(MONDAY, 8, 20))
    entered.turn(at(MONDAY, 9, 20))

    assert done.done, done.result
    found = owed(entered)
    assert (found["FA-2026-0001"][1], found["FA-2026-0099"][1]) == (0, Decimal("1200.00"))
    [mail] = to_lemaire(entered)
    assert "FA-2026-0099" in str(mail["Subject"])
    [undone] = typed(entered, "annule FA-2026-0001", TEN)
    assert not undone.done
    assert owed(entered)["FA-2026-0001"][1] == 0


@pytest.mark.parametrize("line", ["client Dupont SARL", "numéro FA-2026-0099", "numéro FA-2026-0002"])
def test_what_was_paid_or_is_taken_stays(entered: House, line: str) -> None:
    if "0002" not in line:
        typed(entered, "payé FA-2026-0001 100", at(MONDAY, 8))
    before = owed(entered)

    [done] = typed(entered, f"corrige FA-2026-0001 {line}", NINE)

    assert not done.done
    assert owed(entered) == before
