"""Each report of the world's servers makes the right event of the right mail, and spoils no address that lives."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from delivery_reports import CASES
from e2e_house import LEMAIRE, House, bank_file, forwarded, write_settings
from e2e_scene import BOX, MONDAY, at

from mailbot.ledger import clients
from mailbot.ledger.store import writing
from mailbot.sandbox import Sandbox

CLIENT = LEMAIRE.person.email


@pytest.fixture(scope="module")
def reminded(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[House]:
    """A reminder has left for the client. One house for all reports: each is about the same mail."""
    house = House(write_settings(Path(tmp_path_factory.mktemp("reports")) / "house"), sandbox)
    house.turn(at(MONDAY, 7), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7)))
    house.turn(at(MONDAY, 7, 30), bank_file(MONDAY - timedelta(days=1), at(MONDAY, 7, 30)))
    house.turn(at(MONDAY, 9, 30))
    house.turn(at(MONDAY, 10, 30))
    yield house
    house.close()


@pytest.fixture
def alive(reminded: House) -> House:
    """The client's address works, whatever an earlier report said."""
    with writing(reminded.office.engine) as conn:
        for row in reminded.rows("client"):
            clients.set_contact(conn, reminded.office.key, row["id"], CLIENT, usable=True)
    return reminded


def _told(house: House) -> list[tuple[str, object, object]]:
    return [
        (row["name"], row["data"].get("class"), row["data"].get("outgoing"))
        for row in house.rows("event")
        if row["name"].startswith("mail.") and row["name"] != "mail.sent"
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_report_makes_the_event_of_its_mail_and_spoils_no_living_address(alive: House, name: str) -> None:
    text, events, usable = CASES[name]
    [mail] = [row for row in alive.rows("outgoing") if (row["kind"], row["state"]) == ("client", "sent")]
    local, _, domain = CLIENT.partition("@")
    now, number = at(MONDAY, 11), list(CASES).index(name)
    head = f"Date: {format_datetime(now)}\nMessage-ID: <report.{number}@far.example>\n"
    said = head + text
    for word, meaning in {
        "{client}": CLIENT, "{local}": local, "{domain}": domain, "{mid}": mail["message_id"],
        "{env}": f"mb-{mail['id']}", "{archive}": BOX.replace("@", "+archive@"), "{box}": BOX,
    }.items():  # fmt: skip
        said = said.replace(word, meaning)
    said = re.sub(r"\{base64:([^}]*)\}", lambda found: b64encode(found[1].replace("~", "\n").encode()).decode(), said)
    before = len(_told(alive))

    alive.turn(now, said.replace("\n", "\r\n").encode("cp1252" if "utf-8" not in text else "utf-8"))

    assert _told(alive)[before:] == [(event, class_, mail["id"]) for event, class_ in events]
    [contact] = [row for row in alive.rows("contact") if row["email"] == CLIENT]
    assert bool(contact["usable"]) is usable


def test_good_news_of_a_mail_that_is_not_ours_is_no_question(alive: House) -> None:
    asked = len(alive.rows("question"))
    text, _, _ = CASES["delivered, about a mail that we do not know"]

    alive.turn(at(MONDAY, 11), text.replace("{box}", BOX).replace("\n", "\r\n").encode())

    assert len(alive.rows("question")) == asked


def test_an_archive_that_does_not_get_its_copies_is_told_though_the_client_got_the_mail(alive: House) -> None:
    [mail] = [row for row in alive.rows("outgoing") if (row["kind"], row["state"]) == ("client", "sent")]
    text, _, _ = CASES["the archive's failed, the client's delivered"]
    archive = BOX.replace("@", "+archive@")
    for word, meaning in {"{client}": CLIENT, "{mid}": mail["message_id"], "{archive}": archive, "{box}": BOX}.items():
        text = text.replace(word, meaning)

    alive.turn(at(MONDAY, 11), text.replace("Subject:", "X-Again: 1\nSubject:").replace("\n", "\r\n").encode())

    stray = [row["about"] for row in alive.rows("question") if row["kind"] == "stray_report"]
    assert stray[-1]["recipient"] == archive
