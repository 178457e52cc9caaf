"""A ledger of its own for each test, on SQLite and, where a server is, on PostgreSQL."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_samples import BUSINESSES, NOW
from sqlalchemy import Engine, create_engine, make_url, text

from mailbot.ledger import businesses
from mailbot.ledger.store import migrate, open_ledger, writing

_counter = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """Where the ledger of this test is kept."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place where a ledger can be made and none is."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    yield (url := _create_database(server))
    _drop_database(server, url)


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A ledger with two businesses."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "ledger.db")
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    yield (url := _create_database(server, request.getfixturevalue("postgres_template")))
    _drop_database(server, url)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_ledger(url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    url = _create_database(postgres_url)
    _fill(url)
    yield str(make_url(url).database)
    _drop_database(postgres_url, url)


def _fill(url: str) -> None:
    engine = open_ledger(url)
    migrate(engine)
    with writing(engine) as conn:
        for key in BUSINESSES:
            businesses.ensure(conn, key, key.title(), NOW)
    engine.dispose()


def _create_database(server: str, template: str = "template1") -> str:
    name = f"ledger_{os.getpid()}_{next(_counter)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop_database(server: str, url: str) -> None:
    _administer(server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(statement))
    admin.dispose()
