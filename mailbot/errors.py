"""What can go wrong with a system; bad *data* is a value instead (`model.Problem`, `model.Doubt`).

MailbotError
├── SettingsError        mailbot.yaml, rules or secrets: the installer must act            (exit status 3)
├── NotInitialised       no settings or no database here: run `mailbot init`              (exit status 10)
├── Locked               a second clock or watcher, or a migration under way               (exit status 11)
├── MailboxError         IMAP or Maildir: refused, unreachable, or gone in the middle
├── DeliveryError        SMTP: refused or broken; says whether the mail may have left
├── SignInError          OAuth: the provider refused, or cannot be reached now
├── Disarmed             the last look at the ledger said no: the mail must not leave
├── LedgerError          the database refused or is unreachable
├── BrokerError          Redis refused or is unreachable
├── FeedError            the bank folder or the bank program: unreadable, failed, too slow
├── PrintError           a PDF could not be made: the extra `pdf` is missing, or the page was refused
├── ModelError           the language model refuses, is silent or sends something else: read without it
└── ReaderError          a reader's child process died, ran out of time or memory: the document is hostile or broken
"""


class MailbotError(Exception):
    """One sentence that says what is wrong and what to do."""

    exit_status = 1


class SettingsError(MailbotError):
    """All mistakes of the settings at once, one a line."""

    exit_status = 3

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NotInitialised(MailbotError):
    """There is nothing to work on yet."""

    exit_status = 10


class Locked(MailbotError):
    """Somebody else holds the lease that this needs."""

    exit_status = 11


class MailboxError(MailbotError):
    """The mailbox could not be read; `login` says that the server refused the name or password."""

    def __init__(self, message: str, *, login: bool = False) -> None:
        super().__init__(message)
        self.login = login


class FilingError(MailboxError):
    """The mailbox works, but this mail may not be moved or flagged in it."""


class SignInError(MailbotError):
    """No access token for a mailbox: `refused` where only a person can help (`mailbot login`), else try later."""

    def __init__(self, message: str, *, refused: bool) -> None:
        super().__init__(message)
        self.refused = refused


class DeliveryError(MailbotError):
    """A server did not take a mail.

    `temporary`: trying again later makes sense. `code` is the SMTP reply code, None where there was no reply.
    `doubt`: the connection broke after DATA was sent, so that the mail may have left (RFC 1047).
    `cause`: whose turn it is. "sign_in", "encryption", "unreachable", "dns": the owner's, at the own server or
    domain; "address", "content": no mail can be made for this address, or of this text; "refused": whoever refuses it.
    """

    def __init__(
        self, message: str, *, temporary: bool, code: int | None = None, doubt: bool = False, cause: str = "refused"
    ) -> None:
        super().__init__(message)
        self.temporary = temporary
        self.code = code
        self.doubt = doubt
        self.cause = cause


class Disarmed(MailbotError):
    """The facts changed between planning and DATA; the message is the reason, for the ledger and the digest."""


class LedgerError(MailbotError):
    """The database refused or cannot be reached."""


class BrokerError(MailbotError):
    """Redis refused or cannot be reached."""


class FeedError(MailbotError):
    """The watched bank folder or the owner's bank program failed; the message says which and how."""


class ReaderError(MailbotError):
    """A document could not be read within its bounds; `code` is stable: too_big, too_slow, too_much_memory, died."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ModelError(MailbotError):
    """The language model gave no answer that can be used."""


class PrintError(MailbotError):
    """A page could not be made: the extra `pdf` is not installed, or the typesetter refused."""
