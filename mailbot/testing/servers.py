"""Mail and database servers for tests and the demo: real ones, on loopback, each a process of its own.

Each is a context manager that gives where the server is and ends it afterwards. What the mail servers keep
stays in the folder that the caller gave, also after a crash of the program under test. A server that the
machine does not have raises MissingServerError with the command that installs it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailbot.testing.databases import postgres_server, redis_server
from mailbot.testing.debian import Dovecot, dovecot_server, postfix_server
from mailbot.testing.mail import AUTHSERV_ID, ImapServer, MailServer, SunkMail, imap_server, mail_server
from mailbot.testing.processes import FailedServerError, MissingServerError
from mailbot.testing.provider import Faults

__all__ = [
    "AUTHSERV_ID",
    "Dovecot",
    "FailedServerError",
    "Faults",
    "ImapServer",
    "MailServer",
    "MailWorld",
    "MissingServerError",
    "SunkMail",
    "debian_mail_world",
    "dovecot_server",
    "imap_server",
    "mail_server",
    "postfix_server",
    "postgres_server",
    "redis_server",
    "small_mail_world",
]


@dataclass(frozen=True)
class MailWorld:
    """An IMAP server and the SMTP server that delivers to its mailboxes."""

    imap: ImapServer
    smtp: MailServer


@contextmanager
def small_mail_world(folder: Path, users: Mapping[str, str]) -> Iterator[MailWorld]:
    """pymap and aiosmtpd, from the package index; `users` maps addresses to passwords, for both."""
    with (
        imap_server(folder / "imap", users) as imap,
        mail_server(folder / "smtp", users, mailboxes=imap) as smtp,
    ):
        yield MailWorld(imap, smtp)


@contextmanager
def debian_mail_world(users: Mapping[str, str]) -> Iterator[MailWorld]:
    """Dovecot and Postfix, where they are installed and we are root."""
    with dovecot_server(users) as imap, postfix_server(imap) as smtp:
        yield MailWorld(imap, smtp)
