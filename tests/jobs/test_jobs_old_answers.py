"""Answers to an old digest: explained where the question changed, expired or is newer than the mail; never guessed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, forwarded, ordered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import MUMBLED, SUNDAY, TUESDAY, newest, typed

from mailbot.ledger import questions


def begin(house: House) -> bytes:
    """A reply that nobody understands, asked about in Tuesday's digest; that digest."""
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    house.turn(at(TUESDAY, 7, 35))
    return newest(house, OWNER.email)


def ask(
    house: House, key: str, text: str, now: datetime, choices: Sequence[str] = ("promesse", "payé", "litige", "non")
) -> int:
    """Ask something else of the same client, under a key of its own."""
    about: Mapping[str, object] = {"letter": "x", "invoices": [], "client_name": LEMAIRE.name}
    given = {"kind": "unclear", "text": text, "choices": choices, "about": about}
    client = house.client(LEMAIRE.name)
    return house.act(
        lambda conn: questions.ask(conn, house.office.key, dedupe_key=key, client=client, now=now, **given)[0]
    )


def expire_and_ask(house: House, text: str, now: datetime) -> int:
    [known] = house.rows("question", number=1)
    house.act(lambda conn: questions.expire(conn, house.office.key, 1, "changed", now))
    return ask(house, known["dedupe_key"], text or known["text"], now, known["choices"])


def said(house: House) -> str:
    parts = [mail.get_body(("plain",)) for mail in house.mails_to(OWNER.email)[-6:]]
    return " ".join(word for part in parts if isinstance(part, EmailMessage) for word in part.get_content().split())


def states(house: House) -> list[str]:
    return [row["state"] for row in sorted(house.rows("question"), key=lambda row: int(row["number"]))]


def owner_events(house: House) -> list[str]:
    return [row["name"] for row in house.rows("event") if row["name"].startswith("owner.")]


@pytest.mark.parametrize("line", ["non 1", "1 litige", "ok 1", "1"])
def test_an_answer_to_a_question_that_changed_names_the_new_one_and_does_nothing(house: House, line: str) -> None:
    digest = begin(house)
    number = expire_and_ask(house, "Lemaire répond autre chose ?", at(TUESDAY, 8))

    house.turn(at(TUESDAY, 9), ordered(digest, at(TUESDAY, 9), line))

    assert number == 2
    assert owner_events(house) == []
    assert states(house) == ["expired", "open"]
    if line != "1":
        assert "C'est maintenant la question 2 : Lemaire répond autre chose ?" in said(house)


def test_a_question_that_says_the_same_again_keeps_its_number(house: House) -> None:
    begin(house)

    assert expire_and_ask(house, "", at(TUESDAY, 8)) == 1


def test_the_number_of_a_question_asked_since_is_not_answered_from_an_old_digest(house: House) -> None:
    digest = begin(house)
    number = ask(house, "later", "Autre question ?", at(TUESDAY, 12))
    late = at(TUESDAY + timedelta(days=20), 9)

    house.turn(late, ordered(digest, late, f"non {number}"))

    assert owner_events(house) == []
    assert states(house)[number - 1] == "open"
    assert "a changé depuis le mail" in said(house)


def test_a_button_of_an_old_digest_answers_nothing_that_was_asked_since(house: House) -> None:
    digest = begin(house)
    number = ask(house, "later", "Autre question ?", at(TUESDAY + timedelta(days=2), 12))
    pressed = at(TUESDAY + timedelta(days=3), 9)
    raw = ordered(digest, pressed, f"non {number}")
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith((b"in-reply-to", b"references"))]

    house.turn(pressed, b"\r\n".join(lines) + b"\r\n\r\n" + body)

    assert owner_events(house) == []
    assert states(house)[number - 1] == "open"


def test_a_yes_to_all_counts_for_what_stood_in_that_digest(house: House) -> None:
    digest = begin(house)
    number = ask(house, "later", "Autre question ?", at(TUESDAY, 8))

    house.turn(at(TUESDAY, 9), ordered(digest, at(TUESDAY, 9), "non tout"))

    assert states(house)[number - 1] == "open"


def test_a_no_that_lets_reminders_go_on_is_confirmed_where_the_digest_is_too_old(house: House) -> None:
    digest = begin(house)
    late = at(TUESDAY + timedelta(days=20), 9)

    house.turn(late, ordered(digest, late, "non 1"))

    assert states(house)[0] == "open"
    assert "owner.answered" not in owner_events(house)
    assert len(house.rows("question", kind="confirm")) == 1


def test_the_same_answer_in_time_is_taken(house: House) -> None:
    digest = begin(house)

    house.turn(at(TUESDAY, 9), ordered(digest, at(TUESDAY, 9), "1 litige"))

    assert states(house)[0] == "answered"


@pytest.mark.parametrize("line", ["payé FA-2026-0001 le 5/1", "Lemaire a payé le 5 janvier"])
def test_a_day_before_the_invoice_is_asked_about_unless_its_year_is_said(house: House, line: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [refused] = typed(house, line, at(MONDAY, 8))
    [taken] = typed(house, f"{line}{'/' if '/' in line else ' '}2026", at(MONDAY, 9))

    assert not refused.done
    assert "La facture est du" in refused.result
    assert taken.done


@pytest.mark.parametrize("day", ["le 9/3", "le 24 mars"])
def test_a_day_to_come_is_no_payment(house: House, day: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [refused] = typed(house, f"payé FA-2026-0001 {day}", at(MONDAY, 8))

    assert not refused.done
    assert owner_events(house) == []


@pytest.mark.parametrize(
    ("line", "name"), [("relance pas Lemaire", "owner.paused"), ("Lemaire a tout payé", "owner.paid")]
)
def test_what_is_said_as_people_speak_is_carried_out(house: House, line: str, name: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    typed(house, line, at(MONDAY, 8))

    assert owner_events(house) == [name]
