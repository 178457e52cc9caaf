"""A copy of every sent mail in the Sent folder, where the mail server does not put one there by itself.

It comes after the mail and never touches it: what goes wrong here is tried again later, and is no reason to send
anything twice. Each mail is looked for by its Message-ID first, so that no copy is filed twice.
"""

from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import copies, leases, outgoing
from mailbot.ledger.store import reading, writing

SETTLED = timedelta(minutes=2)
"""How long a server may take to file a mail by itself before its copy counts as missing."""
GIVEN_UP = timedelta(days=3)
"""Older mails are left without a copy."""
AGAIN_SECONDS = 300.0
"""After a failure the folder is left alone for so long."""
_FILE_BY_THEMSELVES = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")
"""Servers that keep what they are given to send (Gmail; Exchange Online since 2018)."""


class SentCopies(Protocol):
    """Where copies go: `outbox.reconcile.SentFolder`."""

    def find(self, message_id: str) -> bool: ...

    def file(self, raw: bytes, at: datetime) -> None: ...

    def close(self) -> None: ...


def hand_on_copies(office: Office, now: datetime) -> None:
    """A hint to a worker where copies are missing; mails of a server known to file them are only noted."""
    if not _is_wanted(office):
        return
    with reading(office.engine) as conn:
        waiting = _missing(conn, office, now)
        by_server = office.business.mailbox.sent == "auto" and copies.last(conn, office.key) == "server"
    if waiting and by_server:
        with writing(office.engine) as conn:
            for number in waiting:
                copies.keep(conn, office.key, number, "server", now)
    elif waiting:
        office.enqueue("file", office.key, 0)


def file_copies(office: Office, sent: SentCopies, owner: str, now: datetime) -> int:
    """Look for each mail that has no copy yet and file what is missing; how many were filed.

    One process at a time. Raises MailboxError where the folder refuses; then nobody tries again for some minutes.
    """
    role = f"copies of {office.key}"
    with writing(office.engine) as conn:
        waiting = _missing(conn, office, now) if _is_wanted(office) else []
        if not waiting or not leases.take(conn, role, owner, now, AGAIN_SECONDS):
            return 0
    filed = sum(_file(office, number, sent, now) for number in waiting)
    with writing(office.engine) as conn:
        leases.drop(conn, role, owner)
    return filed


def files_by_itself(conn: Connection, office: Office) -> bool:
    """Whether the mail server keeps what it sends, as far as is known: then an empty Sent folder says something."""
    if office.business.mailbox.sent == "append":
        return False
    return _is_known_to_file(office) or copies.last(conn, office.key) in ("server", None)


def _file(office: Office, number: int, sent: SentCopies, now: datetime) -> bool:
    with reading(office.engine) as conn:
        row = outgoing.get(conn, office.key, number)
    if row.raw is None:
        return False
    there = sent.find(row.message_id)
    with writing(office.engine) as conn:
        # Said before the copy is made: a copy of ours must never look like proof that the server files by itself.
        first = copies.keep(conn, office.key, number, "server" if there else "nobody", now)
    if there and first:
        return False
    if not there:
        sent.file(row.raw, row.date_header or now)
    with writing(office.engine) as conn:
        copies.filed(conn, office.key, number, now)
    return not there


def _is_wanted(office: Office) -> bool:
    mailbox = office.business.mailbox
    if mailbox.imap is None or mailbox.sent == "never":
        return False
    return mailbox.sent == "append" or not _is_known_to_file(office)


def _is_known_to_file(office: Office) -> bool:
    return f".{urlsplit(office.business.smtp.url).hostname or ''}".endswith(_FILE_BY_THEMSELVES)


def _missing(conn: Connection, office: Office, now: datetime) -> list[int]:
    return copies.missing(conn, office.key, now - GIVEN_UP, now - SETTLED)
