"""The chain of seals over a real ledger: what is sealed, what the owner's digest witnesses, what a check finds."""

import random
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, copied, forwarded, write_settings
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, TUESDAY
from sqlalchemy import text

from mailbot.jobs import chaining
from mailbot.ledger.store import writing
from mailbot.sandbox import Sandbox

PROMISE = "Bonjour,\n\nNous ferons le virement le lundi 9 mars.\n\nCordialement,"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    """A business with a reminder, an answer, a bank file and everything sealed."""
    settings = write_settings(tmp_path_factory.mktemp("lived") / "house")
    house = House(settings, sandbox)
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning))
    house.turn(at(MONDAY, 9, 20))
    [mail] = [one.raw for one in house.mailer.sent if one.recipient == LEMAIRE.person.email]
    house.turn(at(MONDAY, 15), answered(LEMAIRE, mail, PROMISE, at(MONDAY, 15)))
    house.turn(at(TUESDAY, 7, 40))
    house.close()
    return settings


@pytest.fixture
def house(lived: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(copied(lived, tmp_path / "house"), sandbox)
    yield found
    found.close()


def tampered(house: House, *statements: str) -> None:
    """Change the ledger as somebody does who has its file: without its triggers."""
    with writing(house.office.engine) as conn:
        for table in ("event", "sealed"):
            for change in ("update", "delete"):
                conn.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{change}"))
        for statement in statements:
            assert conn.execute(text(statement)).rowcount != 0, statement


def codes(house: House) -> set[str]:
    return {finding.code for finding in chaining.verify_ledger(house.office).findings}


def test_what_happened_is_sealed_with_its_mails_and_nothing_is_wrong(house: House) -> None:
    found = chaining.verify_ledger(house.office)

    assert found.findings == ()
    assert found.waiting == 0
    assert found.n == len(house.rows("event"))
    kinds = {source.partition(":")[0] for row in house.rows("sealed") for source in row["sources"].split()}
    assert kinds == {"letter", "mail", "document"}


def test_the_digest_tells_the_head_so_that_the_owner_s_mailbox_is_its_witness(house: House) -> None:
    digest = house.rows("outgoing", what="digest")[-1]

    told = digest["context"]["values"]["head"]
    words = message_from_bytes(digest["raw"], policy=default).get_body(("plain",)).get_content()
    assert f"Scellé des preuves n° {told}" in " ".join(words.split())
    n, _, link = told.partition(" ")
    assert chaining.verify_ledger(house.office, [(int(n), link)]).findings == ()
    assert chaining.verify_ledger(house.office, [(int(n), "0" * 64)]).findings[0].code == "head"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE event SET day = '2026-03-01' WHERE name = 'mail.sent'", "event_changed"),
        (
            "UPDATE event SET data = replace(data, 'FA-2026-0001', 'FA-2026-0009') WHERE data LIKE '%FA-2026-0001%'",
            "event_changed",
        ),
        ("UPDATE event SET data = '{\"erased\": true}' WHERE name = 'reply.promise'", "event_missing"),
        ("UPDATE event SET data = substr(data, 2) WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE event SET data = data || ' ' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE event SET at = 'yesterday' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE event SET at = substr(at, 1, 25) || '1' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE event SET day = day || 'x' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE sealed SET sources = sources || ' ' WHERE n = 3", "link"),
        ("DELETE FROM event WHERE name = 'reply.promise'", "event_missing"),
        ("DELETE FROM sealed WHERE n = 2", "gap"),
        ("UPDATE letter SET raw = CAST(raw || x'20' AS BLOB) WHERE direction = 'in'", "source_changed"),
        ("UPDATE letter SET raw = x'' WHERE id IN (SELECT letter FROM event)", "source_missing"),
        ("UPDATE outgoing_bytes SET raw = CAST(raw || x'20' AS BLOB)", "source_changed"),
        ("UPDATE invoice SET document_bytes = x'25'", "source_changed"),
        ("UPDATE sealed SET link = event_sha256 WHERE n = 3", "link"),
    ],
)
def test_a_change_is_found(house: House, change: str, code: str) -> None:
    tampered(house, change)

    assert code in codes(house)


def test_an_event_slipped_in_between_sealed_ones_is_found(house: House) -> None:
    tampered(
        house,
        "UPDATE sealed SET event = event + 1 WHERE event > 3",
        "UPDATE event SET seq = seq + 1000",
        "UPDATE event SET seq = seq - 999 WHERE seq > 1003",
        "UPDATE event SET seq = seq - 1000 WHERE seq > 1000",
        "INSERT INTO event (seq, business, id, name, at, day, data) "
        "SELECT 4, business, 'x', 'owner.resumed', at, day, '{}' FROM event WHERE seq = 3",
    )

    assert codes(house) == {"event_inserted"}


def test_two_events_that_changed_places_are_found(house: House) -> None:
    tampered(
        house,
        "UPDATE event SET seq = 1000 WHERE seq = 2",
        "UPDATE event SET seq = 2 WHERE seq = 3",
        "UPDATE event SET seq = 3 WHERE seq = 1000",
    )

    assert "event_changed" in codes(house)


def test_a_chain_made_anew_is_told_by_the_digest_that_was_sent(house: House) -> None:
    told = chaining.verify_ledger(house.office)
    tampered(house, "UPDATE event SET day = '2026-03-01' WHERE seq = 2", "DELETE FROM sealed")
    chaining.seal_events(house.office, house.now)

    assert codes(house) == set()
    assert [f.code for f in chaining.verify_ledger(house.office, [(told.n, told.link)]).findings] == ["head"]


def test_sealing_that_ends_anywhere_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [(row["n"], row["link"]) for row in house.rows("sealed")]
    tampered(house, "DELETE FROM sealed WHERE n > 3")
    monkeypatch.setattr(chaining, "BATCH", 2)

    assert chaining.seal_events(house.office, house.now) == len(before) - 3
    assert chaining.seal_events(house.office, house.now) == 0
    assert [(row["n"], row["link"]) for row in house.rows("sealed")] == before


def test_a_byte_of_any_kept_mail_is_found(house: House) -> None:
    draw = random.Random(7)
    letters = house.rows("letter")
    for letter in letters:
        raw = bytearray(letter["raw"])
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        with writing(house.office.engine) as conn:
            conn.execute(text("UPDATE letter SET raw = :raw WHERE id = :id"), {"raw": bytes(raw), "id": letter["id"]})

        assert "letter_changed" in codes(house), letter["subject"]
        with writing(house.office.engine) as conn:
            values = {"raw": letter["raw"], "id": letter["id"]}
            conn.execute(text("UPDATE letter SET raw = :raw WHERE id = :id"), values)
