"""What the small mail provider is told: where it keeps things, and what goes wrong. Read by `testing.mta`."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mailbot.testing.maildirs import write_synced


@dataclass(frozen=True)
class Faults:
    """What goes wrong, read from a file that is looked at before each mail; counts start anew with it."""

    refuse: tuple[str, ...] = ()
    """Recipients refused for good: 550 5.1.1."""
    defer_once: tuple[str, ...] = ()
    """Recipients refused once with 451 4.7.1, then taken."""
    bounce: tuple[str, ...] = ()
    """Recipients whose mail is taken and then comes back as a delivery report."""
    refuse_content: int = 0
    """So many mails are answered 554 after the dot."""
    drop_taken: int = 0
    """So many mails are taken, but the connection breaks before the 250 (RFC 1047)."""
    drop_lost: int = 0
    """So many mails are lost with the connection after the dot."""
    dot_seconds: float = 0.0
    """How long the server thinks after the dot."""


@dataclass(frozen=True)
class Provider:
    """The settings of the server, as its JSON file has them."""

    port: int
    sink: str
    authserv_id: str
    accounts: dict[str, str]
    """Address -> password."""
    mailboxes: dict[str, str] = field(default_factory=dict)
    """Address -> Maildir."""
    faults: str = ""
    for_all: bool = False
    """Take mail for everybody from everybody, as the far end of a relay."""
    certificate: str = ""
    """PEM file of key and certificates. Set: TLS from the first byte."""

    def mailbox(self, address: str) -> Path | None:
        """The Maildir of an address or of one of its plus addresses."""
        local, _, domain = address.lower().rpartition("@")
        found = self.mailboxes.get(f"{local.partition('+')[0]}@{domain}")
        return Path(found) if found else None


def write_faults(path: Path, faults: Faults) -> None:
    """From the next mail on these faults happen."""
    write_synced(path, json.dumps(asdict(faults)).encode())
