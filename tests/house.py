"""What several test modules share: the addresses of the house, and how a missing server is dealt with."""

import os
import ssl
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailbot.testing.servers import MissingServerError

MAILBOX = "factures@atelier-martin.example"
OWNER = "claire@atelier-martin.example"
USERS = {MAILBOX: "bot's pässword: 1", OWNER: "owner's password"}


def start_or_skip(servers: ExitStack, server: AbstractContextManager[Any]) -> Any:
    """Enter a server's context; where the machine has no such server, skip, or fail in CI."""
    try:
        return servers.enter_context(server)
    except MissingServerError as missing:
        return absent(str(missing))


def absent(what: str) -> None:
    """A server or a tool that the machine does not have: skip, or fail in CI."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


@dataclass(frozen=True)
class Certificates:
    """A certificate for loopback, and how a client comes to trust it."""

    server: Path
    trust: ssl.SSLContext
