"""New mail: keep the raw bytes, then read them, and file the mails away in their mailbox."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from threading import Event as Stop
from typing import Protocol

from sqlalchemy import Connection

from mailbot.errors import FilingError
from mailbot.inbox.letter import decode_words
from mailbot.inbox.watch import Fetched, Known
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import letters, questions
from mailbot.ledger.store import reading, writing

_HEADER_BYTES = 65536
_BATCH = 50
_BATCH_BYTES = 8_000_000
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
"""Where a mail says whom it is for, surest first."""


class Box(Protocol):
    """A mailbox: `inbox.watch.ImapBox`, `inbox.maildir.Maildir`, `testing.MemoryBox`."""

    def poll(self, known: Known | None = None) -> Iterator[Fetched]: ...

    def file(self, uid: int, where: str) -> None: ...

    def wait(self, seconds: float, stop: Stop) -> bool: ...

    def check(self) -> list[str]: ...

    def close(self) -> None: ...


def fetch(office: Office, box: Box, now: datetime) -> list[str]:
    """Keep every mail that is new in the mailbox; the ids of the letters to be read.

    Mails are filed away when all are kept, so that a mailbox that cannot file stops nothing; the owner is told. One
    that was kept before a crash is recognised by its sha256 and filed then.
    Mails keep their order: they are read in it. Raises MailboxError where the mailbox breaks; what was kept stays kept.
    """
    take = _Take(office, now)
    try:
        for fetched in box.poll(take.was_kept):
            take.one(fetched)
    finally:
        take.keep()
        for letter in take.fresh:
            office.enqueue("read", office.key, letter)
    _file(office, box, take.places, now)
    return take.fresh


class _Take:
    """One look into a mailbox: what was found is kept in batches, since each commit waits for the disk."""

    def __init__(self, office: Office, now: datetime) -> None:
        self.office = office
        self.now = now
        self.fresh: list[str] = []
        self.places: list[tuple[int, str, str]] = []
        """(uid, where it goes, folder) of every mail that is safe in the ledger."""
        self._stuck: dict[str, bool] = {}
        self._batch: list[Fetched] = []
        self._bytes = 0
        self._count = 0

    def was_kept(self, folder: str, uidvalidity: int, uid: int) -> bool:
        """Whether that mail need not be fetched again: it was kept, and its folder lets nothing be filed away.

        Elsewhere every mail that is still there is fetched and known by its bytes: a number alone is not trusted, for
        servers were restored with the numbers of other mails.
        """
        with reading(self.office.engine) as conn:
            if folder not in self._stuck:
                told = questions.by_dedupe_key(conn, self.office.key, _cannot_file(self.office, folder, self.now))
                self._stuck[folder] = told is not None
            if not self._stuck[folder] or not letters.seen(conn, self.office.key, folder, uidvalidity, uid):
                return False
        self.places.append((uid, "processed", folder))
        return True

    def one(self, fetched: Fetched) -> None:
        """Take one mail; another business's, which shares the folder, is left to it."""
        if not _is_for(self.office, fetched):
            return
        if fetched.raw is None:
            _too_big(self.office, fetched, self.now)
            self.places.append((fetched.uid, "too-big", fetched.folder))
            return
        self._batch.append(fetched)
        self._bytes += fetched.size
        if len(self._batch) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self.keep()

    def keep(self) -> None:
        """Commit what was taken; only then may it be filed."""
        if not self._batch:
            return
        with writing(self.office.engine) as conn:
            kept = [self._keep(conn, place, one) for place, one in enumerate(self._batch, self._count)]
        self._count += len(kept)
        self.fresh += [letter for letter, new in kept if new]
        self.places += [(one.uid, "processed", one.folder) for one in self._batch]
        self._batch, self._bytes = [], 0

    def _keep(self, conn: Connection, place: int, fetched: Fetched) -> tuple[str, bool]:
        return letters.keep(
            conn, self.office.key, fetched.raw or b"", self.now + timedelta(microseconds=place),
            folder=fetched.folder, uidvalidity=fetched.uidvalidity, uid=fetched.uid,
        )  # fmt: skip


def _file(office: Office, box: Box, places: list[tuple[int, str, str]], now: datetime) -> None:
    """File mails away; one that the mailbox refuses to move stays where it is, and the owner is told once a month."""
    refused: dict[str, str] = {}
    for uid, where, folder in places:
        if folder in refused:
            continue
        try:
            box.file(uid, where)
        except FilingError as error:
            refused[folder] = str(error)
    for folder, why in refused.items():
        with writing(office.engine) as conn:
            about = {"folder": folder, "why": why}
            ask(conn, office, "cannot_file", _cannot_file(office, folder, now), about, now)


def _cannot_file(office: Office, folder: str, now: datetime) -> str:
    return f"cannot_file/{folder}/{office.day(now):%Y-%m}"


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
