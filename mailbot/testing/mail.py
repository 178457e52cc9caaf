"""An IMAP server (pymap) and a small mail provider (aiosmtpd) over Maildirs on disk."""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote

from mailbot.testing.maildirs import deliver, mails, make, subfolder, write_synced
from mailbot.testing.processes import HOST, MissingServerError, free_port, python, running
from mailbot.testing.provider import Faults, Provider, write_faults

AUTHSERV_ID = "mx.mailbot.test"


@dataclass(frozen=True)
class ImapServer:
    """A running IMAP server whose mailboxes are Maildirs on disk."""

    port: int
    folder: Path
    users: Mapping[str, str]
    host: str = HOST
    scheme: str = "imap"
    pid: int = 0
    """The process, for tests that stop or kill it."""

    def url(self, user: str) -> str:
        """What stands as `mailbox.imap` in mailbot.yaml."""
        return f"{self.scheme}://{quote(user, safe='')}@{self.host}:{self.port}"

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Where that user's folder lies."""
        home = self.folder / user
        return home if folder == "INBOX" else subfolder(home, folder)

    def deliver(self, user: str, raw: bytes) -> None:
        """Put a mail into the inbox behind the server's back, as a local delivery agent does."""
        deliver(self.maildir(user), raw)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The raw mails of a folder, oldest first."""
        return mails(self.maildir(user, folder))


@dataclass(frozen=True)
class SunkMail:
    """A mail that the server accepted, with its envelope."""

    number: int
    sender: str
    recipient: str
    user: str | None
    at: str
    raw: bytes


@dataclass(frozen=True)
class MailServer:
    """A running SMTP server and the folder where it keeps what it accepted."""

    port: int
    sink: Path
    accounts: Mapping[str, str]
    authserv_id: str = AUTHSERV_ID
    host: str = HOST
    scheme: str = "smtp"
    mx_port: int = 0
    """Where others hand in mail for the users, without a login."""
    pid: int = 0

    def url(self, user: str) -> str:
        """What stands as `smtp.url` in mailbot.yaml."""
        return f"{self.scheme}://{quote(user, safe='')}@{self.host}:{self.port}"

    def accepted(self, recipient: str | None = None) -> list[SunkMail]:
        """All mails that were accepted so far (for one recipient), in the order of acceptance."""
        return [mail for mail in accepted(self.sink) if recipient in (None, mail.recipient)]

    def set_faults(self, faults: Faults) -> None:
        """From the next mail on these faults happen; `Faults()` ends them."""
        write_faults(self.sink.parent / "faults.json", faults)


def accepted(sink: Path) -> list[SunkMail]:
    """All mails in a server's sink, in the order of acceptance."""
    return [_sunk(path) for path in sorted(sink.glob("*.eml"))]


def _sunk(path: Path) -> SunkMail:
    return SunkMail(**json.loads(path.with_suffix(".json").read_text()), raw=path.read_bytes())


@contextmanager
def imap_server(
    folder: Path, users: Mapping[str, str], *, certificate: Path | None = None, port: int | None = None
) -> Iterator[ImapServer]:
    """pymap over Maildirs below `folder`; `users` maps login names (full addresses) to passwords.

    Mailboxes that are there already are kept, so a second start shows the same mails and UIDs. With a
    `certificate` (PEM with the key) it offers STARTTLS.
    """
    _needs("pymap", "an IMAP server")
    port = port or free_port()
    server = ImapServer(port, folder, dict(users), scheme="imap+starttls" if certificate else "imap")
    scratch = folder / ".scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    _write_pymap_users(server)
    tls = ["--cert", str(certificate), "--key", str(certificate)] if certificate else ["--no-tls"]
    listen = ["--host", HOST, "--port", str(port), *tls]
    command = python("-m", "mailbot.testing.imapd", *listen, "maildir", str(folder))
    # pymap renames its drafts from the temporary folder into the mailbox: both must be on one file system.
    with running("pymap", command, port, folder / "pymap.log", env={"TMPDIR": str(scratch)}) as pid:
        yield replace(server, pid=pid)


def _write_pymap_users(server: ImapServer) -> None:
    from pysasl.hashing import BuiltinHash

    people, secrets = [], []
    for user, password in server.users.items():
        home = make(server.maildir(user))
        make(server.maildir(user, "Sent"))
        write_synced(home / "dovecot-keywords", b"0 $MailbotDone\n")
        people.append(f"{user}:x::::{user}:\n")
        secrets.append(f"{user}:{BuiltinHash(rounds=1000).hash(password)}:::::::\n")
    write_synced(server.folder / "pymap-etc-passwd", "".join(people).encode())
    write_synced(server.folder / "pymap-etc-shadow", "".join(secrets).encode())


@contextmanager
def mail_server(
    folder: Path,
    accounts: Mapping[str, str],
    *,
    mailboxes: ImapServer | None = None,
    authserv_id: str = AUTHSERV_ID,
    certificate: Path | None = None,
    for_all: bool = False,
    port: int | None = None,
) -> Iterator[MailServer]:
    """aiosmtpd as a small provider: see `mailbot.testing.mta`.

    `accounts` maps login names (full addresses) to passwords; mail for users of `mailboxes` is delivered to
    them, all other mail of a logged-in user only goes to the sink. `certificate` (PEM with the key): smtps.
    `for_all` takes mail for everybody without a login.
    """
    _needs("aiosmtpd", "an SMTP server")
    port = port or free_port()
    sink = folder / "sink"
    sink.mkdir(parents=True, exist_ok=True)
    local = {user: str(mailboxes.maildir(user)) for user in mailboxes.users} if mailboxes else {}
    provider = Provider(
        port=port,
        sink=str(sink),
        authserv_id=authserv_id,
        accounts={user.lower(): password for user, password in accounts.items()},
        mailboxes={user.lower(): maildir for user, maildir in local.items()},
        faults=str(folder / "faults.json"),
        for_all=for_all,
        certificate=str(certificate or ""),
    )
    settings = folder / "mta.json"
    write_synced(settings, json.dumps(asdict(provider)).encode())
    scheme = "smtps" if certificate else "smtp"
    command = python("-m", "mailbot.testing.mta", str(settings))
    with running("aiosmtpd", command, port, folder / "mta.log") as pid:
        yield MailServer(port, sink, dict(accounts), authserv_id, scheme=scheme, mx_port=port, pid=pid)


def _needs(package: str, what: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise MissingServerError(f'{what} is missing; install it with: pip install "mailbot[demo]"')
