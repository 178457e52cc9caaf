"""The chain of seals over a real ledger: what is sealed, what the owner's digest witnesses, what a check finds."""

import random
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, copied, forwarded, write_settings
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, TUESDAY
from sqlalchemy import text

from mailbot.evidence import verify_standalone
from mailbot.evidence.chain import digest, seal
from mailbot.jobs import chaining, proving
from mailbot.ledger import letters, seals
from mailbot.ledger.store import reading, writing
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
    assert kinds == {
        "letter", "mail", "document", "kept.letter", "kept.mail", "kept.document", "kept.statement",
    }  # fmt: skip


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
        ("UPDATE event SET at = substr(at, 1, 25) || '9' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE event SET day = day || 'x' WHERE name = 'mail.sent'", "event_changed"),
        ("UPDATE sealed SET sources = sources || ' ' WHERE n = 3", "link"),
        ("DELETE FROM event WHERE name = 'reply.promise'", "event_missing"),
        ("DELETE FROM sealed WHERE n = 2", "gap"),
        ("UPDATE letter SET raw = CAST(raw || x'20' AS BLOB) WHERE direction = 'in'", "source_changed"),
        ("UPDATE letter SET raw = x'' WHERE id IN (SELECT letter FROM event)", "source_missing"),
        ("UPDATE outgoing_bytes SET raw = CAST(raw || x'20' AS BLOB)", "source_changed"),
        ("UPDATE invoice SET document_bytes = x'25'", "content_changed"),
        ("UPDATE invoice SET document_bytes = NULL", "source_missing"),
        ("UPDATE invoice SET document_name = 'other.pdf'", "content_renamed"),
        ("UPDATE statement SET raw = CAST(raw || x'20' AS BLOB)", "content_changed"),
        ("UPDATE statement SET sha256 = 'f' || sha256", "content_renamed"),
        (
            "DELETE FROM outgoing_bytes WHERE outgoing IN (SELECT id FROM outgoing WHERE kind = 'owner')",
            "content_missing",
        ),
        (
            (
                "INSERT INTO statement (business, sha256, format, raw, received_at) "
                "SELECT key, 'a', 'ofx', x'41', '2026-03-02 06:00:00' FROM business"
            ),
            "content_inserted",
        ),
        (
            (
                "INSERT INTO letter (business, id, direction, received_at, message_id, size, raw, state, attempts) "
                "SELECT key, '559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd', 'document', "
                "'2026-03-02 06:00:00', '', 1, x'41', 'read', 0 FROM business"
            ),
            "content_inserted",
        ),
        ("UPDATE sealed SET link = event_sha256 WHERE n = 3", "link"),
        ("UPDATE sealed_content SET n = n + 1 WHERE kind = 'letter'", "index_changed"),
        ("UPDATE sealed_content SET source = source || 'x' WHERE kind = 'statement'", "index_changed"),
        ("UPDATE sealed_content SET kind = 'mail' WHERE kind = 'document'", "index_changed"),
        ("UPDATE sealed_content SET key = key || '0' WHERE kind = 'mail'", "index_changed"),
        ("UPDATE sealed_content SET n = -1 WHERE kind = 'letter'", "index_changed"),
        ("DELETE FROM sealed_content WHERE kind = 'document'", "index_changed"),
        (
            (
                "INSERT INTO sealed_content (business, kind, key, n, source) "
                "SELECT business, kind, key || '1', n, source FROM sealed_content WHERE kind = 'mail'"
            ),
            "index_changed",
        ),
    ],
)
def test_a_change_is_found(house: House, change: str, code: str) -> None:
    tampered(house, change)

    assert code in codes(house)


def test_an_event_slipped_in_between_sealed_ones_is_found(house: House) -> None:
    tampered(
        house,
        "UPDATE sealed SET event = event + 2000 WHERE event > 3",
        "UPDATE sealed SET event = event - 1999 WHERE event > 2003",
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
    tampered(
        house, "UPDATE event SET day = '2026-03-01' WHERE seq = 2", "DELETE FROM sealed", "DELETE FROM sealed_content"
    )
    chaining.seal_events(house.office, house.now)

    assert codes(house) == set()
    assert [f.code for f in chaining.verify_ledger(house.office, [(told.n, told.link)]).findings] == ["head"]


def test_sealing_that_ends_anywhere_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [(row["n"], row["link"]) for row in house.rows("sealed")]
    tampered(house, "DELETE FROM sealed WHERE n > 3")
    monkeypatch.setattr(chaining, "BATCH", 2)

    assert chaining.seal_events(house.office, house.now) >= len(before) - 3
    assert chaining.seal_events(house.office, house.now) == 0
    assert [(row["n"], row["link"]) for row in house.rows("sealed")][:3] == before[:3]
    assert {row["event"] for row in house.rows("sealed")} == {row["seq"] for row in house.rows("event")}


@pytest.mark.parametrize(
    ("table", "key", "column", "count"),
    [
        ("letter", "id", "raw", 4),
        ("outgoing_bytes", "outgoing", "raw", 4),
        ("statement", "id", "raw", 1),
        ("invoice", "number", "document_bytes", 1),
    ],
)
def test_a_bit_of_any_stored_content_is_found_whoever_it_is_for(
    house: House, table: str, key: str, column: str, count: int
) -> None:
    draw = random.Random(11)
    kept = house.rows(table)
    assert len(kept) >= count
    for row in kept:
        raw = bytearray(row[column])
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        asked = text(f"UPDATE {table} SET {column} = :raw WHERE {key} = :key")
        with writing(house.office.engine) as conn:
            conn.execute(asked, {"raw": bytes(raw), "key": row[key]})

        assert codes(house) & {"content_changed", "letter_changed"}, row[key]
        with writing(house.office.engine) as conn:
            conn.execute(asked, {"raw": row[column], "key": row[key]})
    assert codes(house) == set()


def test_two_mails_that_change_their_bytes_are_found(house: House) -> None:
    one, other = house.rows("outgoing_bytes")[:2]
    with writing(house.office.engine) as conn:
        for mine, theirs in ((one, other), (other, one)):
            values = {"raw": theirs["raw"], "id": mine["outgoing"]}
            conn.execute(text("UPDATE outgoing_bytes SET raw = :raw WHERE outgoing = :id"), values)

    assert "content_changed" in codes(house)


def test_a_ledger_of_before_contents_were_sealed_is_sealed_late_and_the_chain_says_so(house: House) -> None:
    chain = house.rows("sealed")
    tampered(house, "DELETE FROM sealed", "DELETE FROM sealed_content")
    old, link = [], "0" * 64
    with writing(house.office.engine) as conn:
        for row in chain:  # as a mailbot of back then wrote them
            listed = [each for each in row["sources"].split() if not each.startswith("kept.")]
            made = seal(row["n"], link, canonical_of(house, row["event"]), listed)
            link = made.link
            old.append((row["n"], row["event"], made.event_sha256, made.sources, made.link))
        seals.keep(conn, house.office.key, old, chain[-1]["at"])

    before = chaining.verify_ledger(house.office)
    assert (before.findings, before.contents) == ((), 0)
    assert before.contents_waiting > 8
    later = chain[-1]["at"] + timedelta(days=40)
    chaining.seal_events(house.office, later)

    after = chaining.verify_ledger(house.office)
    assert (after.findings, after.contents, after.contents_waiting) == ((), before.contents_waiting, 0)
    last = house.rows("event", name="evidence.sealed")[-1]
    assert last["data"]["late"] is True
    assert last["data"]["contents"] == before.contents_waiting
    assert last["data"]["stored_from"] < last["data"]["stored_until"] < later.isoformat()
    tampered(house, "UPDATE statement SET raw = CAST(raw || x'20' AS BLOB)")
    assert "content_changed" in codes(house)


def test_contents_that_nothing_happened_with_wait_an_hour_for_an_event(house: House) -> None:
    [last] = house.rows("sealed")[-1:]
    with writing(house.office.engine) as conn:
        letters.keep(conn, house.office.key, b"Subject: new\r\n\r\n", last["at"], direction="document")

    soon = chaining.verify_ledger(house.office)
    assert (soon.findings, soon.contents_waiting) == ((), 1)
    chaining.seal_events(house.office, last["at"] + timedelta(minutes=59))
    assert chaining.verify_ledger(house.office).contents_waiting == 1
    chaining.seal_events(house.office, last["at"] + timedelta(minutes=61))
    assert chaining.verify_ledger(house.office).contents_waiting == 0
    assert chaining.seal_events(house.office, last["at"] + timedelta(hours=3)) == 0


def test_an_export_holds_every_stored_content_and_flags_a_changed_one(house: House, tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    made = proving.write_export(house.office, file, house.now)
    bad, summary = verify_standalone.verify(file, ((made.n, made.link),))
    assert (bad, made.verdict.findings) == ([], ())
    assert f"head {made.n}:{made.link}" in summary
    with zipfile.ZipFile(file) as archive:
        given = {name.removeprefix("contents/") for name in archive.namelist()}
    for table, column in (
        ("letter", "raw"),
        ("outgoing_bytes", "raw"),
        ("statement", "raw"),
        ("invoice", "document_bytes"),
    ):
        assert {digest(row[column]) for row in house.rows(table)} <= given, table

    changed = next(row for row in house.rows("outgoing", kind="owner") if row["raw"])
    tampered(house, f"UPDATE outgoing_bytes SET raw = CAST(raw || x'20' AS BLOB) WHERE outgoing = {changed['id']}")
    again = proving.write_export(house.office, file, house.now)
    assert {one.code for one in again.verdict.findings} == {"content_changed"}
    assert verify_standalone.verify(file)[0] == [
        f"seal {again.verdict.findings[0].n}: the mail with sha256 {digest(changed['raw'])} is missing or was changed",
        f"contents/{digest(changed['raw'] + b' ')} is a content that no seal names",
    ]


def test_an_export_made_after_another_file_ends_with_the_head_of_the_ledger(house: House, tmp_path: Path) -> None:
    first = proving.write_export(house.office, tmp_path / "first.zip", house.now)
    assert proving.write_export(house.office, tmp_path / "again.zip", house.now).n == first.n

    lines = (0, ["another file\n"])
    assert list(proving.bound(house.office, "client", lines, house.now))
    later = proving.write_export(house.office, tmp_path / "later.zip", house.now)

    told = chaining.verify_ledger(house.office)
    assert (later.n, later.link) == (told.n, told.link)
    assert later.n > first.n
    bad, summary = verify_standalone.verify(tmp_path / "later.zip", ((first.n, first.link), (later.n, later.link)))
    assert bad == []
    assert f"head {told.n}:{told.link}" in summary


def canonical_of(house: House, seq: int) -> str:
    with reading(house.office.engine) as conn:
        return next(one.text for one in seals.unsealed(conn, house.office.key, 999) if one.seq == seq)


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
