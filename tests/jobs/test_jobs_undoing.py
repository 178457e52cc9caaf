"""A bare "annule": the last thing that the owner did, or that a digest told; never the bot's own bookkeeping."""

from datetime import timedelta
from decimal import Decimal

from e2e_house import DUPONT, LEMAIRE, House, bank_file, forwarded, ordered
from e2e_scene import MONDAY, OWNER, DemoLine, at
from jobs_story import SUNDAY, TUESDAY, asked, newest, to_lemaire, typed
from test_jobs_orders_by_mail import begin, order, owner_events, transcript, word_of

PAID = DemoLine(SUNDAY, Decimal("1200.00"), DUPONT.payer, "FA-2026-0002")
ALSO = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.payer, "FA-2026-0001")
GUESSED = DemoLine(SUNDAY, Decimal("1200.00"), "DUPONT", "ACOMPTE")


def owed(house: House) -> dict[str, Decimal]:
    return {row["number"]: row["open_amount"] for row in house.rows("invoice")}


def digest(house: House) -> bytes:
    """The digest of Tuesday, which tells what was booked on Monday."""
    house.turn(at(TUESDAY, 7, 40))
    [row] = [one for one in house.rows("outgoing", template="digest") if one["created_at"] >= at(TUESDAY, 0)]
    return next(mail.raw for mail in house.mailer.sent if row["message_id"].encode() in mail.raw)


def reply(house: House, mail: bytes, minute: int, line: str) -> str:
    now = at(TUESDAY, 8, minute)
    house.turn(now, ordered(mail, now, line))
    return transcript(house)


def booked(house: House, *lines: DemoLine) -> None:
    """Both clients' reminders are paused, so that nothing waits; the bank brings what they paid."""
    begin(house)
    typed(house, "pause tout", at(MONDAY, 8))
    house.turn(at(MONDAY, 14), bank_file(SUNDAY, at(MONDAY, 14), *lines))


def test_a_payment_that_the_digest_told_is_taken_back_in_answer_to_it(house: House) -> None:
    booked(house, PAID)
    assert owed(house)["FA-2026-0002"] == 0

    reply(house, digest(house), 0, "annule")

    assert owed(house)["FA-2026-0002"] == 1200
    assert [row["state"] for row in asked(house, "match")] == ["open"]


def test_of_two_payments_that_the_digest_told_the_owner_is_asked_which(house: House) -> None:
    booked(house, PAID, ALSO)
    mail = digest(house)

    said = reply(house, mail, 0, "annule")
    assert set(owed(house).values()) == {0}
    assert "FA-2026-0001" in said
    assert "FA-2026-0002" in said

    [question] = asked(house, "which")
    place = next(at for at, one in enumerate(question["about"]["choices"], 1) if "0002" in one["label"])
    reply(house, mail, 5, f"{question['number']} {place}")
    assert owed(house) == {"FA-2026-0001": 0, "FA-2026-0002": 1200}


def test_a_payment_booked_by_an_answer_is_taken_back_and_then_what_was_said_before_it(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 7, 50), bank_file(SUNDAY, at(MONDAY, 7, 50), GUESSED))
    [question] = asked(house, "match")
    order(house, at(MONDAY, 8), "pause Lemaire 10j")
    order(house, at(MONDAY, 8, 5), f"ok {question['number']}")
    assert owed(house)["FA-2026-0002"] == 0

    order(house, at(MONDAY, 8, 10), "annule")
    assert owed(house)["FA-2026-0002"] == 1200
    assert "owner.undone" not in owner_events(house)

    order(house, at(MONDAY, 8, 15), "annule")
    assert "owner.undone" in owner_events(house)

    said = order(house, at(MONDAY, 8, 20), "annule")
    assert owner_events(house).count("owner.undone") == 1
    assert "plus rien à annuler" in said


def test_an_undo_said_again_takes_back_the_order_before_and_then_says_that_there_is_none(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "pause Lemaire 10j")
    order(house, at(MONDAY, 8, 5), "litige FA-2026-0002 abîmé")

    order(house, at(MONDAY, 8, 10), "annule")
    order(house, at(MONDAY, 8, 15), "annule")
    said = order(house, at(MONDAY, 8, 20), "annule")

    assert owner_events(house).count("owner.undone") == 2
    assert "plus rien à annuler" in said


def test_the_one_mail_that_waits_is_held_back_in_answer_to_the_digest_that_announced_it(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    [mail] = house.rows("outgoing", template="digest")
    sent = next(one.raw for one in house.mailer.sent if mail["message_id"].encode() in one.raw)

    house.turn(at(MONDAY, 8), ordered(sent, at(MONDAY, 8), "annule"))
    for hour in (9, 10, 11):
        house.turn(at(MONDAY, hour, 20))

    assert "Retenu" in " ".join(transcript(house).split())
    assert to_lemaire(house) == []


def test_of_two_mails_that_wait_the_owner_is_asked_which_and_both_still_wait(house: House) -> None:
    begin(house)
    [mail] = house.rows("outgoing", template="digest")
    sent = next(one.raw for one in house.mailer.sent if mail["message_id"].encode() in one.raw)

    house.turn(at(MONDAY, 8), ordered(sent, at(MONDAY, 8), "annule"))

    assert {row["state"] for row in house.rows("outgoing", kind="client")} == {"queued"}
    assert [len(one["about"]["choices"]) for one in asked(house, "which")] == [2]


def test_an_order_that_waits_for_its_word_is_withdrawn_and_its_silence_ends(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "abandonne FA-2026-0001")
    number, word = word_of(house)

    order(house, at(MONDAY, 8, 5), "annule")
    order(house, at(MONDAY, 8, 10), f"ok {number} {word}")
    house.turn(at(MONDAY, 9, 20))

    assert "owner.written_off" not in owner_events(house)
    assert len(to_lemaire(house)) == 1


def test_the_silence_before_a_confirmation_is_no_order_that_is_taken_back(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "abandonne FA-2026-0001")
    number, word = word_of(house)
    order(house, at(MONDAY, 8, 5), f"ok {number} {word}")

    order(house, at(MONDAY, 8, 10), "annule")
    said = order(house, at(MONDAY, 8, 15), "annule")

    assert owed(house)["FA-2026-0001"] == 1200
    assert "plus rien à annuler" in said


def test_what_the_owner_said_long_ago_is_asked_about_before_it_is_taken_back(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "pause Lemaire")
    later = MONDAY + timedelta(days=7)

    order(house, at(later, 8), "annule")

    assert "owner.undone" not in owner_events(house)
    assert len(asked(house, "which")) == 1


def test_a_mail_that_has_left_is_told_as_such_with_what_can_still_be_done(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    assert len(to_lemaire(house)) == 1

    said = order(house, at(MONDAY, 10), "annule FA-2026-0001")

    assert "Trop tard" in said
    assert "« pause FA-2026-0001 »" in said
    assert "« réponds FA-2026-0001 »" in said
    assert owner_events(house) == []


def test_an_old_transcript_answered_after_newer_orders_makes_it_unclear_what_is_meant(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "pause Lemaire")
    first = newest(house, OWNER.email)
    order(house, at(MONDAY, 8, 10), "pause Dupont")

    house.turn(at(MONDAY, 8, 20), ordered(first, at(MONDAY, 8, 20), "annule"))

    assert "owner.undone" not in owner_events(house)
    assert [len(one["about"]["choices"]) for one in asked(house, "which")] == [2]
