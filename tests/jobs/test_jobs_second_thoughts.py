"""What an owner writes beside a verb: words that deny a payment, a condition on a yes, a pause to begin later."""

import pytest
from e2e_house import LEMAIRE, House, answered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import MUMBLED, TUESDAY, asked, newest
from test_jobs_orders_by_mail import begin, order, owner_events, word_of


@pytest.mark.parametrize(
    "words",
    ["nothing", "to be", "half", "part", "late", "hopefully", "a third", "deposit", "should we mark", "zero"],
)
def test_words_that_are_not_the_client_before_paid_book_nothing(house: House, words: str) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), f"{words} paid FA-2026-0002")

    assert owner_events(house) == []
    assert "rien n'est noté comme payé" in said


@pytest.mark.parametrize(
    "line", ["Dupont paid FA-2026-0002", "Bonjour, Dupont a payé FA-2026-0002", "paid FA-2026-0002"]
)
def test_a_payment_told_of_the_client_itself_is_booked(house: House, line: str) -> None:
    begin(house)

    order(house, at(MONDAY, 8), line)

    assert "owner.paid" in owner_events(house)


@pytest.mark.parametrize(
    ("line", "help_"),
    [("pause Dupont dès lundi pour 10 jours", "commence tout de suite"), ("pause Dupont 10", "combien de temps")],
)
def test_a_pause_that_cannot_be_read_is_none_without_end(house: House, line: str, help_: str) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), line)

    assert owner_events(house) == []
    assert help_ in said


def test_a_yes_to_something_else_says_why_it_is_none(house: House) -> None:
    begin(house)

    assert "Sous condition" in order(house, at(MONDAY, 8), "ok 1 à partir de lundi")


@pytest.mark.parametrize(
    ("lines", "subject"),
    [
        (("litige FA-2026-0002 cassé", "pause Lemaire"), "Fait : 2 ordres"),
        (("pause Personne",), "Non fait : 1"),
        (("abandonne FA-2026-0002",), "À confirmer : 1"),
        (
            ("pause Lemaire", "abandonne FA-2026-0002", "pause Personne"),
            "Fait : 1 ordre, à confirmer : 1, non fait : 1",
        ),
    ],
)
def test_the_subject_counts_what_was_done_asked_and_left(house: House, lines: tuple[str, ...], subject: str) -> None:
    begin(house)

    order(house, at(MONDAY, 8), *lines)

    assert house.mails_to(OWNER.email)[-1]["Subject"].removeprefix("Re: ") == subject


def test_the_pause_of_an_order_that_waits_for_its_word_is_said_and_ends_with_a_no(house: House) -> None:
    begin(house)
    said = order(house, at(MONDAY, 8), "abandonne FA-2026-0002")
    number, _ = word_of(house)

    refused = order(house, at(MONDAY, 8, 5), f"non {number}")

    assert "les rappels pour FA-2026-0002 sont suspendus jusqu'au 05/03/2026" in said
    assert "ne sont plus suspendus" in refused
    assert "owner.undone" in owner_events(house)


def test_undo_after_a_mail_of_three_orders_offers_all_three_and_a_second_one_offers_them_again(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "pause Lemaire 10j", "litige FA-2026-0001 cassé", "payé FA-2026-0002")

    first = order(house, at(MONDAY, 8, 5), "annule")
    second = order(house, at(MONDAY, 8, 10), "annule")

    for said in (first, second):
        assert all(f"{place})" in said for place in (1, 2, 3)), said
    assert [one["state"] for one in asked(house, "which")] == ["open", "open"]
    assert "owner.undone" not in owner_events(house)


def lone_question(house: House) -> None:
    """A digest with one question: what an unclear reply of Lemaire meant."""
    begin(house)
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    house.turn(at(TUESDAY, 7, 40))
    assert "1 décision" in house.mails_to(OWNER.email)[-1]["Subject"]


@pytest.mark.parametrize(("word", "state"), [("non", "answered"), ("No.", "answered"), ("ok", "open")])
def test_a_lone_no_answers_the_only_question_of_the_digest_and_a_mere_ok_does_not(
    house: House, word: str, state: str
) -> None:
    lone_question(house)

    order(house, at(TUESDAY, 8), word)

    assert [one["state"] for one in asked(house, "unclear")] == [state]


def test_after_stop_the_subject_of_the_digest_says_that_nothing_leaves(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "stop")

    house.turn(at(TUESDAY, 7, 40))

    mail = house.mails_to(OWNER.email)[-1]
    assert mail["Subject"].startswith("Tout est arrêté, rien ne part – ")
    said = mail.get_body(("plain",)).get_content()
    assert said.count("en direct") == 1
    assert "NON ENVOYÉ (" in said


def test_after_stop_the_state_of_everything_says_so_once(house: House) -> None:
    begin(house)
    order(house, at(MONDAY, 8), "stop")

    said = order(house, at(MONDAY, 8, 10), "état")

    assert said.count("Tout est arrêté") == 1
