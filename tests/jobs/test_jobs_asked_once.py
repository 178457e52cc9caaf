"""A client who says the same again and again, or the same of several invoices, is one question for the owner."""

from datetime import timedelta

from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at, text_of
from jobs_story import SUNDAY, asked, to_lemaire, typed

from mailbot.jobs.deciding import current_decision

ASKS = "Bonjour,\n\nPouvez-vous m'envoyer le bon de commande de la facture FA-2026-0001 ? {}\n\nCordialement,"
HEDGED = "Bonjour,\n\nNous devrions normalement payer vers le 20 mars, sauf imprévu{}.\n\nCordialement,"


def reminded(house: House, *numbers: str) -> bytes:
    now = at(MONDAY, 7, 40)
    house.turn(now, *(forwarded(number, LEMAIRE, now) for number in numbers), bank_file(SUNDAY, now))
    house.turn(at(MONDAY, 9, 20))
    return [one.raw for one in house.mailer.sent if one.recipient == LEMAIRE.person.email][-1]


def decided(house: House) -> str:
    client = house.client(LEMAIRE.name)
    return house.ask(lambda conn: current_decision(conn, house.office, client, at(MONDAY, 12))).code


def test_a_request_that_comes_three_times_is_one_question_with_its_latest_words(house: House) -> None:
    mail = reminded(house, "FA-2026-0001")
    for n, words in enumerate(("Merci.", "Toujours rien reçu.", "C'est urgent !")):
        house.turn(at(MONDAY, 10 + n), answered(LEMAIRE, mail, ASKS.format(words), at(MONDAY, 10 + n)))

    known = asked(house, "alert_document_request")
    (question,) = [one for one in known if one["state"] == "open"]
    assert len(question["about"]["events"]) == 3
    assert "3 messages" in question["text"]
    assert question["about"]["event"] == question["about"]["events"][-1]
    assert [one["about"].get("replaced_by") for one in known] == [known[1]["number"], known[2]["number"], None]

    assert decided(house) == "document_request"
    (done,) = typed(house, f"non {question['number']}", at(MONDAY, 13))
    assert done.done, done
    assert decided(house) != "document_request"
    house.turn(at(MONDAY, 13, 10))
    assert [one["state"] for one in asked(house, "alert_document_request") if one["state"] == "open"] == []


def test_a_request_after_the_answer_is_a_question_of_its_own(house: House) -> None:
    mail = reminded(house, "FA-2026-0001")
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, ASKS.format("Merci."), at(MONDAY, 10)))
    (first,) = asked(house, "alert_document_request")
    typed(house, f"oui {first['number']}", at(MONDAY, 10, 30))
    house.turn(at(MONDAY, 11), answered(LEMAIRE, mail, ASKS.format("Merci !"), at(MONDAY, 11)))

    assert [one["state"] for one in asked(house, "alert_document_request")] == ["answered", "open"]


def test_one_letter_about_two_invoices_is_one_question_and_its_answer_is_about_both(house: House) -> None:
    mail = reminded(house, "FA-2026-0001", "FA-2026-0002")
    contests = "Bonjour,\n\nNous contestons ces factures : il manque deux panneaux.\n\nCordialement,"
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, contests, at(MONDAY, 10)))

    (question,) = asked(house, "alert_dispute")
    assert question["about"]["invoices"] == ["FA-2026-0001", "FA-2026-0002"]
    assert "FA-2026-0001, FA-2026-0002" in question["text"]

    (done,) = typed(house, f"non {question['number']}", at(MONDAY, 11))
    assert "FA-2026-0001, FA-2026-0002" in done.result
    assert decided(house) != "dispute"
    before = len(to_lemaire(house))
    house.turn(at(MONDAY + timedelta(days=1), 7, 40))
    rows = [line for line in text_of(house.mails_to(OWNER.email)[-1]).splitlines() if "conteste la facture" in line]
    assert len(rows) == 1
    for ahead in (7, 8):
        day = MONDAY + timedelta(days=ahead)
        house.turn(at(day, 7, 40), bank_file(day - timedelta(days=1), at(day, 7, 40)))
        house.turn(at(day, 9, 20))
    assert len(to_lemaire(house)) == before + 1


def test_an_unclear_reply_that_comes_again_is_one_question_and_one_answer_settles_both(house: House) -> None:
    mail = reminded(house, "FA-2026-0001")
    for n, words in enumerate(("", " de dernière minute")):
        house.turn(at(MONDAY, 10 + n), answered(LEMAIRE, mail, HEDGED.format(words), at(MONDAY, 10 + n)))

    known = asked(house, "unclear")
    (question,) = [one for one in known if one["state"] == "open"]
    assert len(known) == 2
    assert "2 messages" in question["text"]
    assert "de dernière minute" in question["text"]

    (done,) = typed(house, f"non {question['number']}", at(MONDAY, 12))
    assert done.done, done
    assert decided(house) != "unclear"
