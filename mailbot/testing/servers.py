"""Mail and database servers for tests and the demo: real ones, on loopback, each a process of its own.

Each is a context manager that gives where the server is and ends it afterwards. What the mail servers keep
stays in the folder that the caller gave, also after a crash of the program under test. A server that the
machine does not have raises MissingServerError with the command that installs it.
"""

from mailbot.testing.databases import postgres_server, redis_server
from mailbot.testing.debian import Dovecot, dovecot_server, postfix_server
from mailbot.testing.mail import AUTHSERV_ID, ImapServer, MailServer, SunkMail, imap_server, mail_server
from mailbot.testing.mta import Faults
from mailbot.testing.processes import FailedServerError, MissingServerError

__all__ = [
    "AUTHSERV_ID",
    "Dovecot",
    "FailedServerError",
    "Faults",
    "ImapServer",
    "MailServer",
    "MissingServerError",
    "SunkMail",
    "dovecot_server",
    "imap_server",
    "mail_server",
    "postfix_server",
    "postgres_server",
    "redis_server",
]
