"""What the owner said that a reply meant is kept as a case, and the present reader is tried on it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import MUMBLED, SUNDAY, asked, newest, typed
from typer.testing import CliRunner

import mailbot.cli.read
from mailbot.cli import app
from mailbot.inbox.lexicon.own import own_words
from mailbot.jobs.corrections import kept, replay
from mailbot.languagemodel import LanguageModel
from mailbot.model import Intent
from mailbot.testing.modelserver import completion, model_server

assert mailbot.cli.read
PLAIN = "Bonjour,\n\nNous contestons cette facture : il manque deux panneaux.\n\nCordialement,"


@pytest.fixture
def mumbled(house: House) -> House:
    """A client answered a reminder with words that nobody understands."""
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, newest(house, LEMAIRE.person.email), MUMBLED, at(MONDAY, 10)))
    return house


def correct(house: House, choice: str) -> None:
    [question] = asked(house, "unclear")
    typed(house, f"{question['number']} {choice}", at(MONDAY, 11))


def test_an_answer_of_the_owner_is_a_case(mumbled: House) -> None:
    assert kept(mumbled.office) == []

    correct(mumbled, "litige")

    [case] = kept(mumbled.office)
    [question] = asked(mumbled, "unclear")
    assert (case.letter, case.meant) == (question["letter"], Intent.DISPUTE)


def test_a_reader_that_still_reads_it_wrongly_is_told(mumbled: House) -> None:
    correct(mumbled, "litige")

    [tried] = replay(mumbled.office, mumbled.now)

    assert (tried.case.meant, tried.right, tried.harmless) == (Intent.DISPUTE, False, True)
    assert tried.sender == LEMAIRE.person.email


def test_words_of_the_business_make_it_right(mumbled: House) -> None:
    correct(mumbled, "litige")
    office = replace(mumbled.office, lexicon=own_words('fr: {says: {dispute: ["bleu chaise"]}}'))

    [tried] = replay(office, mumbled.now)

    assert (tried.right, tried.sure) == (True, True)


def test_a_reply_that_was_acted_on_can_be_corrected_too(mumbled: House) -> None:
    raw = answered(LEMAIRE, newest(mumbled, LEMAIRE.person.email), PLAIN, at(MONDAY, 12))
    mumbled.turn(at(MONDAY, 12), raw)
    [question] = asked(mumbled, "alert_dispute")

    typed(mumbled, f"{question['number']} c'était une promesse", at(MONDAY, 13))

    [case] = kept(mumbled.office)
    assert (case.letter, case.meant) == (hashlib.sha256(raw).hexdigest(), Intent.PROMISE)
    assert [tried.right for tried in replay(mumbled.office, mumbled.now)] == [False]


@pytest.mark.parametrize("words", ["this was a dispute", "C'était un litige.", "non, c'était un litige"])
def test_the_owner_may_say_it_in_words(mumbled: House, words: str) -> None:
    [question] = asked(mumbled, "unclear")

    typed(mumbled, f"{question['number']}: {words}", at(MONDAY, 11))

    assert [case.meant for case in kept(mumbled.office)] == [Intent.DISPUTE]


def test_go_on_is_no_case(mumbled: House) -> None:
    correct(mumbled, "non")

    assert kept(mumbled.office) == []


@pytest.mark.parametrize(("choice", "status"), [("litige", 4), ("non", 0)])
def test_the_command_fails_where_a_corrected_reply_is_read_wrongly(
    mumbled: House, choice: str, status: int, tmp_path: Path
) -> None:
    correct(mumbled, choice)

    result = CliRunner().invoke(
        app, ["read", "--replay", "--json", "--settings", str(tmp_path / "house" / "mailbot.yaml")]
    )

    assert result.exit_code == status, result.output
    records = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert [(record["meant"], record["right"]) for record in records] == ([("dispute", False)] if status else [])


def test_a_language_model_is_asked_and_its_evidence_must_stand_in_the_reply(mumbled: House) -> None:
    raw = answered(LEMAIRE, newest(mumbled, LEMAIRE.person.email), MUMBLED + "\nTable.", at(MONDAY, 12))
    told = json.dumps({"intent": "dispute", "evidence": "Bleu chaise tableau"})
    with model_server(completion(told)) as (endpoint, requests):
        mumbled.office = replace(mumbled.office, language_model=LanguageModel(endpoint, "small"))
        mumbled.turn(at(MONDAY, 12), raw)

    assert len(requests) == 1
    assert b"Bleu chaise tableau" in requests[0][2]
    assert [row["name"] for row in mumbled.rows("event") if row["name"] == "reply.dispute"] == ["reply.dispute"]


def test_a_language_model_is_not_asked_about_what_is_plain_and_may_fail(mumbled: House) -> None:
    plain = answered(LEMAIRE, newest(mumbled, LEMAIRE.person.email), PLAIN, at(MONDAY, 12))
    odd = answered(LEMAIRE, newest(mumbled, LEMAIRE.person.email), MUMBLED + "\nTable.", at(MONDAY, 13))
    with model_server(b"", 500) as (endpoint, requests):
        mumbled.office = replace(mumbled.office, language_model=LanguageModel(endpoint, "small"))
        mumbled.turn(at(MONDAY, 12), plain)
        assert requests == []
        mumbled.turn(at(MONDAY, 13), odd)

    assert len(requests) == 1
    assert len(asked(mumbled, "unclear")) == 2
