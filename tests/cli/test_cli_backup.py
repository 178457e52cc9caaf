"""A copy of the ledger is made, proved by trying it, and put back without a mail leaving by itself."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cli_house import house, mailbot

from mailbot.testing.servers import MailWorld

LIST = "number,client,date,due date,total,email\nFA-1,Dupont SARL,2026-10-01,2026-10-31,1200.00,compta@dupont.example\n"


@pytest.fixture
def home(tmp_path: Path, mail_world: MailWorld) -> Path:
    """An installation that knows one invoice, and whose events are sealed."""
    settings = house(tmp_path / "home", mail_world, mode="live")
    return filled(settings.parent)


def filled(folder: Path) -> Path:
    (folder / "open.csv").write_text(LIST)
    assert mailbot("invoice", "import", "open.csv", "--apply", folder=folder).status == 0
    assert mailbot("evidence", "export", "seals.zip", folder=folder).status == 0
    return folder


def made(folder: Path) -> Path:
    created = mailbot("backup", "create", ".", folder=folder)
    assert created.status == 0, created.err
    [name] = re.findall(r"Wrote (\S+):", created.err)
    return folder / name


def invoices(folder: Path) -> list[str]:
    told = mailbot("invoice", "list", "--json", folder=folder)
    return [json.loads(line)["number"] for line in told.out.splitlines()]


def test_a_copy_is_tried_in_a_place_of_its_own(home: Path) -> None:
    tried = mailbot("backup", "verify", str(made(home)), "--json", folder=home)

    [business] = json.loads(tried.out)["businesses"]
    assert tried.status == 0
    assert business["seals"] > 0


def test_a_copy_whose_events_were_changed_is_found(home: Path) -> None:
    copy = made(home)
    with closing(sqlite3.connect(copy)) as ledger:
        [(trigger,)] = ledger.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event' AND sql LIKE '%UPDATE%'"
        )
        ledger.execute(f"DROP TRIGGER {trigger}")
        ledger.execute("UPDATE event SET day = '2020-01-01'")
        ledger.commit()

    tried = mailbot("backup", "verify", str(copy), folder=home)

    assert tried.status == 4
    assert "do not hold" in tried.err


def test_a_file_that_is_no_copy_is_refused_and_nothing_changes(home: Path) -> None:
    damaged = b"SQLite format 3\0" + b"\xff" * 5000
    dump = b"PGDMP" + b"\0" * 50
    for content, why in ((b"no ledger", "no backup"), (damaged, "cannot be read"), (dump, "PostgreSQL")):
        (home / "other.db").write_bytes(content)
        refused = mailbot("backup", "restore", "other.db", folder=home)

        assert refused.status == 1
        assert why in refused.sentence
    assert invoices(home) == ["FA-1"]


def test_a_restored_ledger_knows_what_it_knew_and_sends_nothing_by_itself(home: Path) -> None:
    copy = made(home)
    (home / "open.csv").write_text(LIST.replace("FA-1", "FA-2"))
    mailbot("invoice", "import", "open.csv", "--apply", folder=home)
    assert invoices(home) == ["FA-1", "FA-2"]

    restored = mailbot("backup", "restore", str(copy), folder=home)

    assert restored.status == 0, restored.err
    assert invoices(home) == ["FA-1"]
    why = mailbot("explain", "FA-1", folder=home)
    assert "stop" in why.out.lower() or "halt" in why.out.lower()
    [old] = [path for path in home.glob("*.before-*") if not path.name.endswith(("-wal", "-shm"))]
    with closing(sqlite3.connect(old)) as ledger:
        assert ledger.execute("SELECT count(*) FROM invoice").fetchone() == (2,)


def test_a_ledger_that_is_lost_altogether_is_restored(home: Path) -> None:
    copy = made(home)
    for path in home.glob("mailbot.db*"):
        path.unlink()

    assert mailbot("backup", "restore", str(copy), folder=home).status == 0
    assert invoices(home) == ["FA-1"]


def test_another_key_is_noticed(home: Path) -> None:
    copy = made(home)
    (home / "secrets" / "key").write_text("another key, of thirty-two letters or so")

    assert mailbot("backup", "verify", str(copy), folder=home).status == 3
    assert mailbot("backup", "restore", str(copy), folder=home).status == 3
    assert list(home.glob("*.before-*")) == []
    assert list(home.glob(".*.part*")) == []


def test_a_copy_of_postgresql_makes_the_same_ledger(
    tmp_path: Path, mail_world: MailWorld, postgres_database: str
) -> None:
    settings = house(tmp_path / "home", mail_world, database=postgres_database, mode="live")
    home = filled(settings.parent)
    copy = made(home)

    assert copy.suffix == ".dump"
    assert mailbot("backup", "verify", str(copy), folder=home).status == 0
    assert mailbot("backup", "restore", str(copy), folder=home).status == 11
    with psycopg.connect(postgres_database.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
    assert mailbot("backup", "restore", str(copy), folder=home).status == 0
    assert invoices(home) == ["FA-1"]
