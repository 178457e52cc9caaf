"""Opening, transactions, and what is said when a database is not as it should be."""

import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_samples import NOW, event
from sqlalchemy import Engine, text

from mailbot.errors import LedgerError, NotInitialised
from mailbot.ledger import events, letters, outgoing
from mailbot.ledger.store import migrate, open_ledger, reading, sharing, writing


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="no outgoing letter"), writing(engine) as conn:  # noqa: PT012
        letters.keep(conn, "atelier", b"mail", NOW)
        outgoing.get(conn, "atelier", 1)

    with reading(engine) as conn:
        assert letters.unread(conn, "atelier") == []


def test_a_reading_transaction_is_refused_any_write(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="takes no writes"), reading(engine) as conn:
        letters.keep(conn, "atelier", b"mail", NOW)

    with writing(engine) as conn:
        assert letters.keep(conn, "atelier", b"mail", NOW)[1]


def test_a_reading_transaction_sees_one_state_of_the_ledger(engine: Engine) -> None:
    with reading(engine) as reader:
        assert letters.unread(reader, "atelier") == []
        with writing(engine) as writer:
            letters.keep(writer, "atelier", b"mail", NOW)
        assert letters.unread(reader, "atelier") == []

    with reading(engine) as reader:
        assert len(letters.unread(reader, "atelier")) == 1


def test_an_entry_that_contradicts_another_is_a_ledger_error_without_its_values(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="contradicts") as caught, writing(engine) as conn:
        events.record(conn, "atelier", event(client=4711))

    assert "1200.00" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_crash_that_is_logged_whole_shows_no_mail_of_anybody(engine: Engine) -> None:
    words = "Claire"
    with pytest.raises(LedgerError) as caught, writing(engine) as conn:
        letters.keep(conn, "nobody", words.encode(), NOW, message_id=words)

    logged = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO letter" in logged
    assert words not in logged


def test_a_value_that_no_column_takes_is_a_ledger_error(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="time zone"), writing(engine) as conn:
        letters.keep(conn, "atelier", b"mail", NOW.replace(tzinfo=None))


def test_a_writer_that_waits_too_long_for_its_turn_says_so(url: str) -> None:
    first, second = open_ledger(url), open_ledger(url, wait_seconds=0.2)

    with (
        writing(first),
        pytest.raises(LedgerError, match="Another process has been writing"),
        writing(second) as conn,
    ):
        letters.keep(conn, "atelier", b"mail", NOW)
    first.dispose()
    second.dispose()


def test_a_connection_whose_turn_did_not_come_serves_the_next_transaction(engine: Engine, url: str) -> None:
    """PostgreSQL had begun it already, and refuses all else until it is rolled back."""
    beside = open_ledger(url, wait_seconds=0.2)
    with beside.connect() as kept:
        for began in (writing, sharing):
            with writing(engine), pytest.raises(LedgerError, match="too long"), began(kept):
                pass
        with writing(kept) as conn:
            assert conn.execute(text("SELECT count(*) FROM outgoing")).scalar() == 0
    beside.dispose()


def test_a_ledger_that_was_never_made_is_not_initialised(empty_url: str) -> None:
    engine = open_ledger(empty_url)

    with pytest.raises(NotInitialised, match="mailbot init"), reading(engine) as conn:
        letters.unread(conn, "atelier")
    engine.dispose()


def test_a_mistyped_path_makes_no_file(tmp_path: Path) -> None:
    engine = open_ledger(f"sqlite:///{tmp_path / 'typo.db'}")

    with pytest.raises(NotInitialised), writing(engine):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_ledger_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, and they are long enough for a header of SQLite " * 20)
    engine = open_ledger(f"sqlite:///{tmp_path / 'notes.db'}")

    with pytest.raises(LedgerError, match="is not a ledger"):
        migrate(engine)
    engine.dispose()


def test_a_folder_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    engine = open_ledger(f"sqlite:///{tmp_path / 'missing' / 'ledger.db'}")

    with pytest.raises(LedgerError, match="cannot be created: No such file or directory"):
        migrate(engine)


def test_a_path_with_signs_of_a_url_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "100% ours"
    folder.mkdir()
    engine = open_ledger(f"sqlite:///{folder / 'a#b.db'}")

    migrate(engine)

    assert (folder / "a#b.db").exists()
    engine.dispose()


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")

    migrate(engine)
    with reading(engine) as conn:
        letters.unread(conn, "atelier")
        assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    engine.dispose()


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)
    with writing(engine) as conn:
        conn.execute(text("INSERT INTO business VALUES ('atelier', 'Atelier', '2026-01-01 00:00:00.000000')"))
        letters.keep(conn, "atelier", b"first", NOW)

    with pytest.raises(LedgerError, match="is full; free some space"), writing(engine) as conn:  # noqa: PT012
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        conn.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
        letters.keep(conn, "atelier", b"x" * 1_000_000, NOW + timedelta(seconds=1))

    with reading(engine) as conn:
        assert len(letters.unread(conn, "atelier")) == 1
    engine.dispose()


@pytest.mark.parametrize("address", ["bot:geheim@127.0.0.1:1/ledger", "bot@127.0.0.1:1/ledger?password=geheim"])
def test_a_server_that_does_not_answer_is_one_sentence_without_the_password(address: str) -> None:
    engine = open_ledger(f"postgresql://{address}")

    with pytest.raises(LedgerError, match="cannot be reached") as caught, writing(engine):
        pass

    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://localhost/ledger", "sqlite://", "sqlite:///:memory:", "ledger"])
def test_an_address_that_cannot_hold_a_ledger_is_refused(address: str) -> None:
    with pytest.raises(LedgerError):
        open_ledger(address)
