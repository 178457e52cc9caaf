"""The tables that the migrations make, and what happens when two processes start at once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text

from mailbot.errors import LedgerError, Locked
from mailbot.ledger.migrations import NEWEST
from mailbot.ledger.store import migrate, open_ledger, reading
from mailbot.ledger.tables import metadata
from mailbot.ledger.upgrade import MIGRATION_LOCK


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    with reading(engine) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        assert set(inspect(conn).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_migrations_make_exactly_the_checks(engine: Engine) -> None:
    plain = create_engine("sqlite://")

    with plain.begin() as wanted, reading(engine) as conn:
        metadata.create_all(wanted)
        assert _checks(conn) == _checks(wanted)
    plain.dispose()


def test_the_newest_step_is_the_one_that_is_named(engine: Engine) -> None:
    with reading(engine) as conn:
        assert MigrationContext.configure(conn).get_current_revision() == NEWEST


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    with reading(engine) as conn:
        before = conn.execute(text("SELECT version_num FROM alembic_version")).all()

    migrate(engine)

    with reading(engine) as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).all() == before


def test_a_second_migrator_is_locked_out_until_the_first_has_ended(empty_url: str) -> None:
    engine = open_ledger(empty_url)

    with _migration_under_way(empty_url), pytest.raises(Locked, match="under way"):
        migrate(engine)

    migrate(engine)
    engine.dispose()


def test_a_migrator_that_was_killed_locks_nobody_out(empty_url: str) -> None:
    other = _migration_under_way(empty_url)
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    engine = open_ledger(empty_url)

    for _ in range(50):  # PostgreSQL's server notices the closed connection by itself
        try:
            migrate(engine)
            break
        except Locked:
            continue

    with reading(engine) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()
    if other.stdin is not None:
        other.stdin.close()
    if other.stdout is not None:
        other.stdout.close()


def test_a_ledger_that_is_up_to_date_needs_no_lock(url: str) -> None:
    engine = open_ledger(url)

    with _migration_under_way(url):
        migrate(engine)
    engine.dispose()


def test_a_ledger_of_a_newer_mailbot_is_left_alone(engine: Engine) -> None:
    plain = create_engine(make_url(str(engine.url.render_as_string(hide_password=False))))
    with plain.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    plain.dispose()

    with pytest.raises(LedgerError, match="newer mailbot"):
        migrate(engine)


def test_the_ledger_uses_a_write_ahead_log_and_waits_for_the_disk(tmp_path: Path) -> None:
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)

    with reading(engine) as conn:
        settings = [
            conn.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert settings == ["wal", 2, 1]
    engine.dispose()


def _checks(conn: Connection) -> set[tuple[str, str | None]]:
    """Alembic's comparison does not look at these."""
    return {(table, check["name"]) for table in metadata.tables for check in inspect(conn).get_check_constraints(table)}


_HOLD = """
import sys
from sqlalchemy import create_engine, text
conn = create_engine(sys.argv[1]).connect()
conn.execute(text(f"SELECT pg_advisory_xact_lock({sys.argv[2]})"))
print("held", flush=True)
sys.stdin.read()
"""

_HOLD_FILE = """
import fcntl, sys
handle = open(sys.argv[1] + "-migration", "w")
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def _migration_under_way(url: str) -> subprocess.Popen[str]:
    """Another process that holds the lock; leaving its `with` block closes its stdin, which ends it."""
    path = make_url(url).database
    what = [_HOLD_FILE, str(path)] if url.startswith("sqlite") else [_HOLD, url, str(MIGRATION_LOCK)]
    other = subprocess.Popen([sys.executable, "-c", *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other
