"""A backup is the whole ledger in a sound file that nobody else can read, and its date stands in the digest."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY

from mailbot.errors import LedgerError
from mailbot.jobs import backups
from mailbot.jobs.digesting import current_digest
from mailbot.ledger.copying import copy
from mailbot.ledger.store import writing

NOON = at(MONDAY, 12)


def filled(house: House) -> None:
    bill = forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40))
    house.turn(at(MONDAY, 7, 40), bill, bank_file(SUNDAY, at(MONDAY, 7, 40)))


def test_a_copy_made_while_the_ledger_is_written_to_holds_what_was_committed(house: House, tmp_path: Path) -> None:
    filled(house)
    made = tmp_path / "copy.db"
    with writing(house.office.engine) as conn:
        conn.exec_driver_sql("UPDATE letter SET state = 'unreadable'")
        copy(house.office.engine, made)

    with closing(sqlite3.connect(made)) as kept:
        assert kept.execute("SELECT number FROM invoice").fetchall() == [("FA-2026-0001",)]
        assert kept.execute("SELECT count(*) FROM letter WHERE state = 'unreadable'").fetchone() == (0,)
    assert made.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("copy") or one.name.startswith(".")] == [
        made.name
    ]


def test_a_second_one_on_a_day_takes_the_place_of_the_first(house: House, tmp_path: Path) -> None:
    first = backups.make(house.office.engine, tmp_path, NOON)
    filled(house)
    second = backups.make(house.office.engine, tmp_path, NOON + timedelta(hours=1))

    assert first == second
    with closing(sqlite3.connect(second)) as kept:
        assert kept.execute("SELECT count(*) FROM invoice").fetchone() == (1,)


def test_a_place_that_cannot_be_written_is_said_and_counts_for_no_backup(house: House, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be copied"):
        backups.make(house.office.engine, tmp_path / "missing", NOON)

    assert current_digest(house.office, NOON).backup_on is None


def test_the_digest_shows_the_day_of_the_last_backup(house: House) -> None:
    filled(house)
    backups.note(house.office.engine, NOON - timedelta(days=1))

    assert current_digest(house.office, NOON).backup_on == SUNDAY


@pytest.mark.parametrize(("left", "shown"), [(15, None), (14, 14), (0, 0), (-2, -2)])
def test_the_end_of_the_bank_s_consent_is_counted_down_from_two_weeks(house: House, left: int, shown: int) -> None:
    filled(house)
    business = house.office.business
    bank = business.bank.model_copy(update={"consent_ends": MONDAY + timedelta(days=left)})
    object.__setattr__(house.office, "business", business.model_copy(update={"bank": bank}))

    assert current_digest(house.office, NOON).consent_days == shown
