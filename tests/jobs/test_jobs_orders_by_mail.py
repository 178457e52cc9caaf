"""What an owner's mail does as a whole: savepoints, contradictions, confirmations, undo, answers in the thread."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from e2e_house import DUPONT, LEMAIRE, House, answered, bank_file, forwarded, forwarded_plain, ordered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import MUMBLED, SUNDAY, TUESDAY, asked, newest, to_lemaire

PROMISE = "Bonjour,\n\nNous réglons la facture FA-2026-0001 le 9 mars.\n\nCordialement,"


def begin(house: House) -> None:
    """Two clients owe; their reminders wait for nine o'clock."""
    bills = [("FA-2026-0001", LEMAIRE), ("FA-2026-0002", DUPONT)]
    raws = [forwarded(number, client, at(MONDAY, 7, 40)) for number, client in bills]
    house.turn(at(MONDAY, 7, 40), *raws, bank_file(SUNDAY, at(MONDAY, 7, 40)))


def order(house: House, now: datetime, *lines: str) -> str:
    """The owner answers her newest mail; the text of the transcript."""
    house.turn(now, ordered(newest(house, OWNER.email), now, *lines))
    return transcript(house)


def transcript(house: House) -> str:
    mail = house.mails_to(OWNER.email)[-1]
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return " ".join(str(part.get_content()).split())


def owner_events(house: House) -> list[str]:
    return [row["name"] for row in house.rows("event") if row["name"].startswith("owner.")]


def word_of(house: House) -> tuple[int, str]:
    [question] = [one for one in asked(house, "confirm") if one["state"] == "open"]
    return question["number"], question["about"]["word"]


def test_one_order_that_fails_leaves_the_others_alone(house: House) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), "pause Lemaire 10j", "pause Personne 3j", "litige FA-2026-0002 abîmé")

    assert owner_events(house) == ["owner.paused", "owner.dispute"]
    assert "Je ne trouve pas" in said


def test_orders_that_contradict_each_other_are_both_left(house: House) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), "pause FA-2026-0001", "reprends fa-2026-0001", "litige FA-2026-0002 abîmé")

    assert owner_events(house) == ["owner.dispute"]
    assert said.count("contredit") == 2


def test_it_is_what_the_last_order_named(house: House) -> None:
    begin(house)

    order(house, at(MONDAY, 8), "pourquoi FA-2026-0002", "pause le même 10j")

    assert [row["invoice"] for row in house.rows("event") if row["name"] == "owner.paused"] == ["FA-2026-0002"]


def test_a_serious_order_waits_for_its_word_in_silence_and_then_acts_once(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "abandonne FA-2026-0001")
    number, word = word_of(house)
    assert owner_events(house) == ["owner.paused"]

    order(house, at(MONDAY, 8, 5), f"ok {number}")
    assert owner_events(house) == ["owner.paused"]
    order(house, at(MONDAY, 8, 10), f"ok {number} {word}")
    assert owner_events(house) == ["owner.paused", "owner.written_off"]

    order(house, at(MONDAY, 8, 15), f"ok {number} {word}")
    assert owner_events(house) == ["owner.paused", "owner.written_off"]


def test_a_confirmation_that_is_too_old_does_nothing(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "abandonne FA-2026-0001")
    number, word = word_of(house)

    order(house, at(MONDAY + timedelta(days=4), 8), f"ok {number} {word}")

    assert owner_events(house) == ["owner.paused"]


def test_stop_needs_no_second_word(house: House) -> None:
    begin(house)

    order(house, at(MONDAY, 8), "stop")
    house.turn(at(MONDAY, 9, 20))

    assert owner_events(house) == ["owner.stopped"]
    assert to_lemaire(house) == []


def test_undo_takes_back_the_last_order(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "pause Lemaire")
    order(house, at(MONDAY, 8, 5), "annule")
    house.turn(at(MONDAY, 9, 20))

    assert len(to_lemaire(house)) == 1


def test_undo_holds_back_a_mail_that_waits_and_its_step_is_not_taken_again(house: House) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), "annule FA-2026-0001")
    for hour in (9, 10, 11):
        house.turn(at(MONDAY, hour, 20))

    assert "Retenu" in said
    assert to_lemaire(house) == []


def test_undo_puts_back_an_address_and_a_field(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "contact Lemaire autre@lemaire-menuiserie.example")
    order(house, at(MONDAY, 8, 5), "annule")
    order(house, at(MONDAY, 8, 10), "corrige FA-2026-0002 montant 900")
    order(house, at(MONDAY, 8, 15), "annule")

    addresses = [row["email"] for row in house.rows("contact", client=house.client(LEMAIRE.name))]
    assert addresses == [LEMAIRE.person.email]
    assert [str(row["amount"]) for row in house.rows("invoice", number="FA-2026-0002")] == ["1200.00"]


def test_an_answer_that_is_taken_back_is_asked_again_and_can_be_given_anew(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    [question] = asked(house, "unclear")
    number = question["number"]
    order(house, at(MONDAY, 11), f"{number} litige")

    order(house, at(MONDAY, 11, 5), f"annule {number}")
    assert asked(house, "unclear")[0]["state"] == "open"
    order(house, at(MONDAY, 11, 10), f"{number} payé")
    house.turn(at(TUESDAY, 9, 20))

    decision = house.rows("decision", client=house.client(LEMAIRE.name))[-1]
    assert decision["body"]["code"] == "paid"


@pytest.mark.parametrize("line", ["payé FA-2026-0001", "promesse FA-2026-0001 15/03/2026", "envoie FA-2026-0001"])
def test_an_order_about_a_settled_invoice_changes_nothing(house: House, line: str) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "payé FA-2026-0001")

    said = order(house, at(MONDAY, 8, 5), line)

    assert owner_events(house) == ["owner.paid"]
    assert "Rien n'est dû" in said


def test_a_mere_thank_you_is_not_answered(house: House) -> None:
    begin(house)
    before = len(house.mails_to(OWNER.email))

    house.turn(at(MONDAY, 8), ordered(newest(house, OWNER.email), at(MONDAY, 8), "Merci !"))

    assert len(house.mails_to(OWNER.email)) == before


def test_a_preview_shows_the_mail_and_plans_none(house: House) -> None:
    begin(house)
    before = len(house.rows("outgoing", kind="client"))

    said = order(house, at(MONDAY, 8), "avant FA-2026-0001")

    assert "FA-2026-0001" in said
    assert "Objet :" in said
    assert len(house.rows("outgoing", kind="client")) == before


def test_the_owner_s_words_go_to_the_client_in_the_thread_after_their_hold(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    order(house, at(MONDAY, 10), "réponds FA-2026-0001 : nous passons mardi.")
    assert len(to_lemaire(house)) == 1

    house.turn(at(MONDAY, 10, 20))

    first, second = to_lemaire(house)
    assert "nous passons mardi." in str(second.get_body(("plain",)).get_content())
    assert first["Message-ID"] in second["References"]


def test_after_stop_no_answer_is_promised_and_after_its_undo_answers_leave_again(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    before = len(to_lemaire(house))

    order(house, at(MONDAY, 10), "stop")
    said = order(house, at(MONDAY, 10, 10), "réponds FA-2026-0001 : nous passons mardi.")
    assert "Tout est arrêté : rien n'est envoyé à Lemaire" in said
    assert [row for row in house.rows("outgoing", kind="client") if row["template"] == "owner_reply"] == []

    order(house, at(MONDAY, 10, 20), "annule")
    order(house, at(MONDAY, 10, 30), "réponds FA-2026-0001 : nous passons mercredi.")
    house.turn(at(MONDAY, 11))

    [answer] = to_lemaire(house)[before:]
    assert "nous passons mercredi." in str(answer.get_body(("plain",)).get_content())


def test_an_answer_can_be_held_back(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    order(house, at(MONDAY, 10), "réponds FA-2026-0001 : nous passons mardi.")
    order(house, at(MONDAY, 10, 5), "annule")

    house.turn(at(MONDAY, 10, 30))

    assert len(to_lemaire(house)) == 1


@pytest.mark.parametrize(
    "line", ["TTC : NaN", "TTC : Infinity", "échéance : 31/02/2026", "devise : francs", "TTC : -5"]
)
def test_a_value_that_is_none_is_said_and_the_invoice_still_waits(house: House, line: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded_plain("FA-1", LEMAIRE, at(MONDAY, 7, 40)))
    word = line.partition(" : ")[2]
    to_her = [one.raw for one in house.mailer.sent if one.recipient == OWNER.email]
    [mail] = [raw for raw in to_her if b"In-Reply-To" in raw]

    house.turn(at(MONDAY, 8), ordered(mail, at(MONDAY, 8), line))
    said = transcript(house)

    assert f"Je ne comprends pas « {word.upper() if 'devise' in line else word} »." in said
    assert [one["state"] for one in asked(house, "draft")] == ["open"]
    assert [row["number"] for row in house.rows("invoice")] == []


@pytest.mark.parametrize("field", ["montant NaN", "échéance 31/02/2026", "devise francs", "montant 0"])
def test_a_correction_that_cannot_be_is_said_in_the_owner_s_language(house: House, field: str) -> None:
    begin(house)
    before = house.rows("invoice")

    said = order(house, at(MONDAY, 8), f"corrige FA-2026-0001 {field}")

    assert "Je ne comprends pas « " in said
    assert "Rien n'a été changé." in said
    assert house.rows("invoice") == before


def test_a_promise_is_acknowledged_once_where_the_rules_say_so(house: House) -> None:
    rules = house.office.rules
    noted = [replace(one, answer="promise_noted") if one.id == "promise" else one for one in rules.reactions]
    object.__setattr__(house.office, "rules", replace(rules, reactions=tuple(noted)))
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    reminder = newest(house, LEMAIRE.person.email)
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminder, PROMISE, at(MONDAY, 10)))
    house.turn(at(MONDAY, 10, 10), answered(LEMAIRE, reminder, PROMISE, at(MONDAY, 10, 10)))

    house.turn(at(MONDAY, 11))

    [_, note] = to_lemaire(house)
    [calendar] = list(note.iter_attachments())
    assert "METHOD:PUBLISH" in calendar.get_content()
    assert "20260309" in calendar.get_content()


def test_going_live_is_asked_once_with_what_would_have_left(house: House) -> None:
    object.__setattr__(house.office, "business", house.office.business.model_copy(update={"mode": "shadow"}))
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    said = order(house, at(MONDAY, 10), "en direct")
    number, word = word_of(house)
    assert "2 mails seraient partis à 2 clients" in said

    order(house, at(MONDAY, 10, 5), f"ok {number} {word}")
    house.turn(at(MONDAY, 11))

    assert owner_events(house) == ["owner.live"]
    assert len(to_lemaire(house)) == 1


def test_one_client_can_be_live_alone(house: House) -> None:
    object.__setattr__(house.office, "business", house.office.business.model_copy(update={"mode": "shadow"}))
    begin(house)
    order(house, at(MONDAY, 8), "en direct Lemaire")
    number, word = word_of(house)
    order(house, at(MONDAY, 8, 5), f"ok {number} {word}")

    house.turn(at(MONDAY, 9, 20))

    assert len(to_lemaire(house)) == 1
    assert house.mails_to(DUPONT.person.email) == []
