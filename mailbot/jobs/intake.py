"""New mail: keep the raw bytes, then file the mail away in its mailbox, then read."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from threading import Event as Stop
from typing import Protocol

from mailbot.inbox.letter import decode_words
from mailbot.inbox.watch import Fetched, Known
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import letters
from mailbot.ledger.store import writing

_HEADER_BYTES = 65536
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
"""Where a mail says whom it is for, surest first."""


class Box(Protocol):
    """A mailbox: `inbox.watch.ImapBox`, `inbox.watch.Maildir`, `testing.MemoryBox`."""

    def poll(self, known: Known | None = None) -> Iterator[Fetched]: ...

    def file(self, uid: int, where: str) -> None: ...

    def wait(self, seconds: float, stop: Stop) -> bool: ...

    def check(self) -> list[str]: ...

    def close(self) -> None: ...


def fetch(office: Office, box: Box, now: datetime) -> list[str]:
    """Keep every mail that is new in the mailbox; the ids of the letters to be read.

    A mail is filed away only after its bytes are committed; one that was kept before a crash is recognised
    by its sha256 and filed then. Mails keep their order: they are read in it. Raises MailboxError where the
    mailbox breaks; what was kept stays kept.
    """
    fresh = []
    for place, fetched in enumerate(box.poll()):
        if not _is_for(office, fetched):
            continue  # another business's, which shares the folder and fetches it itself
        if fetched.raw is None:
            _too_big(office, fetched, now)
            box.file(fetched.uid, "too-big")
            continue
        with writing(office.engine) as conn:
            letter, new = letters.keep(
                conn, office.key, fetched.raw, now + timedelta(microseconds=place),
                folder=fetched.folder, uidvalidity=fetched.uidvalidity, uid=fetched.uid,
            )  # fmt: skip
        box.file(fetched.uid, "processed")
        if new:
            fresh.append(letter)
    for letter in fresh:
        office.enqueue("read", office.key, letter)
    return fresh


def _is_for(office: Office, fetched: Fetched) -> bool:
    """Whether a mail of a shared folder is this business's; one that names none of them is the first one's."""
    if not office.sharing:
        return True
    header = BytesHeaderParser().parsebytes(fetched.header or (fetched.raw or b"")[:_HEADER_BYTES])
    written = [str(value) for name in _RECIPIENTS for value in header.get_all(name, [])]
    addresses = [address.lower() for _, address in getaddresses(written)]
    boxes = sorted(office.sharing, key=len, reverse=True)  # box+one@ before box@
    named = next((box for address in addresses for box in boxes if _delivers(box, address)), office.sharing[0])
    return named == office.business.mailbox.mail_address


def _delivers(box: str, address: str) -> bool:
    """box@ also gets box+anything@ (RFC 5233)."""
    local, _, host = box.partition("@")
    wanted, _, there = address.partition("@")
    return there == host and (wanted == local or wanted.startswith(f"{local}+"))


def _too_big(office: Office, fetched: Fetched, now: datetime) -> None:
    """A mail over `limits.keep_bytes` stays in the mailbox; its header says to the owner what it was."""
    mark = hashlib.sha256(fetched.header).hexdigest()
    header = BytesHeaderParser().parsebytes(fetched.header)
    named = {name: decode_words(str(header.get(name, ""))[:1000])[:200] for name in ("from", "subject", "date")}
    about = {"size": fetched.size, "limit": office.limits.keep_bytes, **named}
    with writing(office.engine) as conn:
        ask(conn, office, "too_big", f"too_big/{mark}", about, now)
