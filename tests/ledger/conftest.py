"""A ledger of its own for each test, on SQLite and, where a server is, on PostgreSQL."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_samples import BUSINESSES, NOW
from sqlalchemy import Engine, create_engine, make_url, text

from mailbot.ledger import businesses
from mailbot.ledger.store import migrate, open_ledger, writing

_counter = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a ledger can be made and none is."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    name = f"ledger_{os.getpid()}_{next(_counter)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def url(empty_url: str) -> str:
    """A ledger with two businesses."""
    made = open_ledger(empty_url)
    migrate(made)
    with writing(made) as conn:
        for key in BUSINESSES:
            businesses.ensure(conn, key, key.title(), NOW)
    made.dispose()
    return empty_url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_ledger(url)
    yield opened
    opened.dispose()
