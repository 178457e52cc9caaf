"""Questions that can be answered, and answers that do what was answered."""

from datetime import timedelta

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import MUMBLED, SUNDAY, TUESDAY, asked, newest, typed

from mailbot.ledger import questions


@pytest.mark.parametrize(("choice", "held"), [("litige", "dispute"), ("payé", "paid")])
def test_what_the_owner_says_a_reply_meant_counts(house: House, choice: str, held: str) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    [question] = asked(house, "unclear")

    typed(house, f"{question['number']} {choice}", at(MONDAY, 11))
    house.turn(at(TUESDAY, 9, 20))

    client = house.client(LEMAIRE.name)
    decision = house.rows("decision", client=client)[-1]
    assert decision["body"]["code"] == held


def test_go_on_after_an_unclear_reply_does_not_end_an_older_dispute(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    typed(house, "litige FA-2026-0001", at(MONDAY, 9, 30))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    [question] = asked(house, "unclear")

    typed(house, f"{question['number']} non", at(MONDAY, 11))
    house.turn(at(MONDAY, 11, 5))

    assert house.rows("decision", client=house.client(LEMAIRE.name))[-1]["body"]["code"] == "dispute"


def test_an_approval_can_still_be_given_after_a_weekend(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    for days in (0, 7, 28, 32, 33, 36):
        day = MONDAY + timedelta(days=days)
        house.turn(at(day, 8, 30), bank_file(day - timedelta(days=1), at(day, 8, 30)))
        house.turn(at(day, 9, 20))
        assert [question["state"] for question in asked(house, "approve")] == (["open"] if days >= 28 else []), days

    [question] = asked(house, "approve")
    typed(house, f"{question['number']} oui", at(day, 10))
    house.turn(at(day, 10, 5))
    house.turn(at(day, 10, 30))
    assert [row["what"] for row in house.rows("outgoing", kind="client", state="sent")][-1] == "formal_notice"


def test_a_question_that_expired_is_asked_again(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    typed(house, f"contact FA-2026-0001 retire {LEMAIRE.person.email}", at(MONDAY, 8))
    house.turn(at(MONDAY, 9, 20))
    typed(house, "pause FA-2026-0001 1j", at(MONDAY, 10))
    house.turn(at(MONDAY, 10, 5))
    for days in range(1, 5):
        day = MONDAY + timedelta(days=days)
        house.turn(at(day, 9, 20), bank_file(day - timedelta(days=1), at(day, 9, 20)))

    assert house.rows("decision", client=house.client(LEMAIRE.name))[-1]["body"]["code"] == "no_contact"
    assert [question for question in asked(house, "no_contact") if question["state"] == "open"]


def test_no_question_for_an_address_stays_after_one_was_given(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.act(
        lambda conn: questions.ask(
            conn,
            house.office.key,
            kind="no_contact",
            dedupe_key=f"no_contact/{house.client(LEMAIRE.name)}",
            text="?",
            choices=(),
            about={},
            client=house.client(LEMAIRE.name),
            now=house.now,
        )
    )
    typed(house, f"contact FA-2026-0001 {LEMAIRE.person.email}", at(MONDAY, 8))
    house.turn(at(MONDAY, 8, 5))

    assert [question["state"] for question in asked(house, "no_contact")] == ["expired"]


def test_an_automatic_answer_that_tells_of_insolvency_is_asked_about(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    said = "La société est en liquidation judiciaire depuis le 3 novembre."
    plain = answered(LEMAIRE, newest(house, LEMAIRE.person.email), said, at(MONDAY, 10))

    house.turn(at(MONDAY, 10), b"Auto-Submitted: auto-replied\n" + plain)

    [question] = asked(house, "unclear")
    assert (question["about"]["guess"], said in question["about"]["text"]) == ("insolvency", True)


def test_a_question_about_words_below_a_signature_quotes_them(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    said = "Nous avons réglé vendredi.\n\n-- \nJean Lemaire\n\nEdit : erreur, nous contestons cette facture."

    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), said, at(MONDAY, 10)))

    [question] = asked(house, "unclear")
    assert "réglé vendredi. […] Edit : erreur, nous contestons cette facture." in question["about"]["text"]
