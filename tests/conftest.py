"""Servers that the tests share. One that is missing skips what needs it, with the reason; in CI it fails."""

import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from house import USERS, Certificates, start_or_skip
from hypothesis import settings

from mailbot.testing.servers import (
    MailWorld,
    debian_mail_world,
    postgres_server,
    redis_server,
    small_mail_world,
)

settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")  # a busy machine is slow, and not wrong

Require = Callable[[AbstractContextManager[Any]], Any]


@pytest.fixture(scope="session")
def require() -> Iterator[Require]:
    """Start a server until the end of the session: `require(redis_server())`."""
    with ExitStack() as servers:
        yield lambda server: start_or_skip(servers, server)


@pytest.fixture(scope="session")
def redis_url(require: Require) -> str:
    """A Redis of this session; whoever writes to it flushes it first."""
    return str(require(redis_server()))


@pytest.fixture(scope="session")
def postgres_url(require: Require) -> str:
    """A PostgreSQL of this session, whose user may create databases."""
    return str(require(postgres_server()))


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """A database of this test alone."""
    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_url.rpartition('/')[0]}/{name}"
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def mail_world(tmp_path: Path) -> Iterator[MailWorld]:
    """pymap and aiosmtpd with the mailboxes of the bot and of its owner."""
    with small_mail_world(tmp_path / "world", USERS) as world:
        yield world


@pytest.fixture
def debian_world() -> Iterator[MailWorld]:
    """The same on Dovecot and Postfix."""
    with ExitStack() as servers:
        yield start_or_skip(servers, debian_mail_world(USERS))


@pytest.fixture(params=["pymap and aiosmtpd", pytest.param("dovecot and postfix", marks=pytest.mark.system)])
def any_mail_world(request: pytest.FixtureRequest) -> MailWorld:
    """Each pair of mail servers in turn."""
    name = "mail_world" if request.param == "pymap and aiosmtpd" else "debian_world"
    world = request.getfixturevalue(name)
    assert isinstance(world, MailWorld)
    return world


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    server = tmp_path_factory.mktemp("certificates") / "server.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(server)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return Certificates(server, trust)
