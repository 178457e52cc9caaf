"""The version of the rules in force: what a changed file does, and when the owner is asked or told."""

import os
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from e2e_house import House
from e2e_scene import MONDAY, OWNER, at
from jobs_story import SUNDAY, typed
from sqlalchemy import Connection

from mailbot.errors import SettingsError
from mailbot.jobs import rulebook
from mailbot.jobs.digesting import current_digest
from mailbot.jobs.office import happened
from mailbot.ledger import clients, invoices
from mailbot.ledger.store import reading
from mailbot.model import Contact, InvoiceDocument
from mailbot.rules.simulate import MANY_CLIENTS, MANY_FORMAL, Rush
from mailbot.rulesfile import RulesFile, checked, is_being_written, read_rules_file

MORNING = at(MONDAY, 7, 40)
BROKEN = "version: 1\n"


def file_of(house: House, text: str) -> RulesFile:
    return checked(Path("rules/fr.yaml"), text, house.office.templates.names(), "fr")


def version(house: House) -> str | None:
    with reading(house.office.engine) as conn:
        return rulebook.in_force(conn, house.office.key)


def told(house: House) -> list[str]:
    return [row["context"]["values"]["file"] for row in house.rows("outgoing", template="rules")]


def test_the_first_rules_take_effect_without_a_question(house: House) -> None:
    good = file_of(house, house.office.rules_text)
    rulebook.take_up(house.office, good, MORNING)

    assert version(house) == good.version == house.office.rules.hash
    assert told(house) == []


def test_a_broken_file_is_told_once_though_it_changes_and_once_when_it_is_mended(house: House) -> None:
    good = file_of(house, house.office.rules_text)
    broken = [BROKEN, "version: 2\n", BROKEN]
    for minute, found in enumerate([good, *(file_of(house, text) for text in broken)]):
        rulebook.take_up(house.office, found, MORNING + timedelta(minutes=minute))

    assert version(house) == good.version
    assert told(house) == ["fr.yaml"]
    assert "rules/fr.yaml:1:1: error[missing-key]" in current_digest(house.office, MORNING).problems[0]

    rulebook.take_up(house.office, good, MORNING + timedelta(minutes=9))
    rulebook.take_up(house.office, good, MORNING + timedelta(minutes=10))

    assert [row["context"]["values"]["mended"] for row in house.rows("outgoing", template="rules")] == [False, True]
    assert current_digest(house.office, MORNING).problems == ()


def bill_eleven_clients(house: House) -> None:
    """Each owes an invoice that is three days late, and the bank is fresh."""

    def bill(conn: Connection) -> None:
        for number in range(11):
            contact = Contact(f"c{number}@client.example")
            who = clients.add(conn, house.office.key, f"Client {number}", "fr", contacts=[contact])
            due = MONDAY - timedelta(days=3)
            document = InvoiceDocument(
                "facturx", None, "invoice", f"F-{number}", due - timedelta(days=30), due, "EUR",
                Decimal(1000), Decimal(200), Decimal(1200), None, Decimal(1200),
            )  # fmt: skip
            invoices.add(conn, house.office.key, who, document, None, b"", "f.xml", MORNING)
            happened(conn, house.office, "invoice.received", f"F-{number}", MORNING, client=who, invoice=f"F-{number}")
        happened(conn, house.office, "bank.statement", "1", MORNING, data={"through": SUNDAY.isoformat()})

    house.act(bill)


@pytest.fixture
def dunned(house: House) -> tuple[House, RulesFile]:
    """Eleven clients are three days late; by the rules in force nothing is sent for a long time."""
    bill_eleven_clients(house)
    others = "    label: Tous les autres\n"
    late = house.office.rules_text.replace(others, f"{others}    shift: 60 days\n    skip: [courtesy, due_today]\n")
    calm, eager = file_of(house, late), file_of(house, house.office.rules_text)
    assert calm.rules is not None
    rulebook.take_up(house.office, calm, MORNING)
    object.__setattr__(house.office, "rules", calm.rules)
    object.__setattr__(house.office, "rules_text", calm.text)
    return house, eager


def test_a_change_that_writes_to_many_waits_and_takes_effect_after_a_yes(dunned: tuple[House, RulesFile]) -> None:
    house, eager = dunned
    before = version(house)
    for minute in (1, 2):
        rulebook.take_up(house.office, eager, MORNING + timedelta(minutes=minute))

    assert version(house) == before
    [question] = house.rows("question", kind="rules_changed")
    assert "11 client(s) de plus" in question["text"]
    assert [row["recipient"] for row in house.rows("outgoing", template="question")] == [OWNER.email]

    typed(house, f"{question['number']} oui", MORNING + timedelta(minutes=3))
    rulebook.take_up(house.office, eager, MORNING + timedelta(minutes=4))

    assert version(house) == eager.version


def test_a_no_keeps_the_rules_before_and_is_told_in_the_digest_until_the_file_changes(
    dunned: tuple[House, RulesFile],
) -> None:
    house, eager = dunned
    before = version(house)
    rulebook.take_up(house.office, eager, MORNING + timedelta(minutes=1))
    [question] = house.rows("question", kind="rules_changed")
    typed(house, f"{question['number']} non", MORNING + timedelta(minutes=2))
    rulebook.take_up(house.office, eager, MORNING + timedelta(minutes=3))

    assert version(house) == before
    assert "vous les avez refusées" in current_digest(house.office, MORNING).problems[0]

    rulebook.take_up(house.office, file_of(house, "# now\n" + eager.text), MORNING + timedelta(minutes=4))

    assert [row["state"] for row in house.rows("question", kind="rules_changed")] == ["answered", "open"]
    assert current_digest(house.office, MORNING).problems == ()


def test_a_question_about_a_change_that_was_taken_back_is_none_any_more(dunned: tuple[House, RulesFile]) -> None:
    house, eager = dunned
    rulebook.take_up(house.office, eager, MORNING + timedelta(minutes=1))
    rulebook.take_up(house.office, file_of(house, house.office.rules_text), MORNING + timedelta(minutes=2))

    assert [row["state"] for row in house.rows("question", kind="rules_changed")] == ["expired"]
    assert version(house) == house.office.rules.hash


def test_more_than_ten_clients_or_three_formal_notices_are_many() -> None:
    assert [Rush(clients, formal).is_large for clients, formal in ((10, 3), (11, 0), (0, 4))] == [False, True, True]
    assert (MANY_CLIENTS, MANY_FORMAL) == (10, 3)


# ---------------------------------------------------------------------------------------------- the file itself


def test_a_file_that_was_touched_a_moment_ago_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "rules.yaml"
    place.write_text(BROKEN)
    touched = place.stat().st_mtime

    assert is_being_written(place, lambda: touched + 1)
    assert not is_being_written(place, lambda: touched + 3)
    assert not is_being_written(place, lambda: touched - 3600)  # a clock that was set back
    assert not is_being_written(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("raw", "mistake"),
    [
        (b"\xff\xfe", "the rules cannot be read"),
        ("é".encode() * 200_000, "error[too-big]"),
        (None, "the rules cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_mistake_like_any_other(
    tmp_path: Path, raw: bytes | None, mistake: str
) -> None:
    place = tmp_path / "rules.yaml"
    if raw is not None:
        place.write_bytes(raw)
    found = read_rules_file(place, frozenset(), "en")

    assert found.rules is None
    assert mistake in found.mistakes[0]


def test_without_rules_ever_in_force_a_broken_file_stops_the_start(house: House) -> None:
    place = house.app.settings.key_file.parent / "rules.yaml"
    place.write_text(BROKEN)
    os.utime(place, (time.time() - 10,) * 2)
    object.__setattr__(house.office.business, "rules", place)
    house.app.__dict__["_offices"].clear()

    with pytest.raises(SettingsError, match="missing-key"):
        house.app.office(house.office.key)
