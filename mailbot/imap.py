"""A logged-in IMAP connection from a URL, by password or by sign-in, and every way it can fail as one sentence.

Of imap-tools only the reading half is used: its `move` looks at the capabilities from before the login, and
its `move`, `delete` and `flag` send a plain EXPUNGE, which destroys whatever else is marked deleted there.
"""

import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from mailbot.errors import MailboxError, SignInError
from mailbot.oauth import Bearer, Secret, xoauth2

_PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_NOW = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again", re.IGNORECASE)
_HINTS = (
    (
        ("gmail.com", "googlemail.com", "google.com"),
        "Google wants an app password: myaccount.google.com/apppasswords.",
    ),
    (
        ("outlook.com", "office365.com", "hotmail.com"),
        "Microsoft has switched off passwords for programs: mailbot login.",
    ),
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where to log in, and as whom."""

    scheme: str
    host: str
    port: int
    user: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_url(url: str) -> Server:
    """`imaps://me%40here.example@imap.here.example:993` in its parts.

    `imaps://` and `imap+starttls://` are encrypted; `imap://` is not and is refused beyond this machine.
    Raises MailboxError.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MailboxError(f"The mailbox's address cannot be read: {error}.") from error
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise MailboxError("The mailbox's address must look like imaps://me%40here.example@imap.here.example:993.")
    if parts.scheme == "imap" and not is_loopback(parts.hostname):
        raise MailboxError(
            f"imap:// would send the password to {parts.hostname} unencrypted: write imaps:// or imap+starttls://."
        )
    return Server(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], unquote(parts.username))


def is_loopback(host: str) -> bool:
    """Whether a connection to that host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Connection:
    """One connection, made when first needed and again after it broke. For one thread."""

    def __init__(self, url: str, secret: Secret, *, timeout: float = 60, tls: ssl.SSLContext | None = None) -> None:
        self.server = parse_url(url)
        self._secret = secret
        self._timeout = timeout
        self._tls = tls
        self._box: BaseMailBox | None = None
        self.capabilities: frozenset[str] = frozenset()

    @contextmanager
    def box(self) -> Iterator[BaseMailBox]:
        """The logged-in mailbox. What fails inside becomes a MailboxError, and the connection is given up."""
        with self._translated():
            if self._box is None:
                self._box = self._logged_in()
            yield self._box

    @property
    def is_open(self) -> bool:
        return self._box is not None

    def is_alive(self) -> bool:
        """Whether an open connection still answers; one that does not is given up without a word."""
        try:
            with self.box() as box:
                return bool(box.client.noop()[0] == "OK")
        except MailboxError:
            return False

    def close(self) -> None:
        """Log out; a connection that is broken already is only dropped."""
        box, self._box = self._box, None
        if box is not None:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
            _drop(box)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, imaplib.IMAP4.error, ImapToolsError, UnicodeError) as error:
            box, self._box = self._box, None
            if box is not None:
                _drop(box)
            raise MailboxError(_sentence(error, self.server)) from error

    def _logged_in(self) -> BaseMailBox:
        box = self._connected()
        try:
            self._log_in(box)
            self.capabilities = _capabilities(box.client)
        except BaseException:
            _drop(box)
            raise
        return box

    def _connected(self) -> BaseMailBox:
        server, seconds = self.server, self._timeout
        if server.scheme == "imap":
            return MailBoxUnencrypted(server.host, server.port, timeout=seconds)
        # imaplib's own default context checks no certificate.
        tls = self._tls or ssl.create_default_context()
        if server.scheme == "imaps":
            return MailBox(server.host, server.port, timeout=seconds, ssl_context=tls)
        return MailBoxStartTls(server.host, server.port, timeout=seconds, ssl_context=tls)

    def _log_in(self, box: BaseMailBox) -> None:
        try:
            if isinstance(self._secret, Bearer):
                _sign_in(box.client, self.server.user, self._secret)
            else:
                self._log_in_with(box, self._secret)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            raise _refused(error, self.server, signed_in=isinstance(self._secret, Bearer)) from error

    def _log_in_with(self, box: BaseMailBox, password: str) -> None:
        user = self.server.user
        if _CONTROL.search(user + password):
            raise MailboxError("The mailbox's name or password contains a control character.", login=True)
        if (user + password).isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)


def _sign_in(client: imaplib.IMAP4, user: str, bearer: Bearer) -> None:
    """AUTHENTICATE XOAUTH2; a refusal comes as a challenge that wants an empty answer."""
    try:
        token = bearer.token()
    except SignInError as error:
        raise MailboxError(str(error), login=error.refused) from error
    answers = iter((xoauth2(user, token),))
    try:
        client.authenticate("XOAUTH2", lambda _challenge: next(answers, b""))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        bearer.refused(token)
        raise


def _capabilities(client: imaplib.IMAP4) -> frozenset[str]:
    """What the server can do for a logged-in user, which is more than it says before."""
    _, lines = client.capability()
    return frozenset(word.decode("ascii", "replace").upper() for word in (lines[-1] or b"").split())


def _refused(error: Exception, server: Server, *, signed_in: bool) -> MailboxError:
    said = _said(error)
    if _NOT_NOW.search(said):
        return MailboxError(f"{server} does not let {server.user} in at the moment: {said}.")
    if signed_in:
        refused = f"{server} refused the sign-in of {server.user}: {said}."
        return MailboxError(f"{refused} Was it another account? Run: mailbot login", login=True)
    hint = next((f" {text}" for hosts, text in _HINTS if server.host.endswith(hosts)), "")
    refused = f"{server} refused the name or password of {server.user}: {said}."
    return MailboxError(f"{refused} Check both, and that IMAP is switched on.{hint}", login=True)


def _sentence(error: Exception, server: Server) -> str:
    """What happened, for a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {server} cannot be trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"No encrypted connection to {server}: {error.reason or error}. Is it the port for {server.scheme}://?"
    if isinstance(error, socket.gaierror):
        return f"There is no server named {server.host}, or no network."
    if isinstance(error, TimeoutError):
        return f"{server} did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return f"{server} refused the connection: is it the right port, and is the server running?"
    if isinstance(error, OSError | imaplib.IMAP4.abort):
        return f"The connection to {server} broke: {_said(error)}."
    return f"{server} refused: {_said(error)}."


def _said(error: Exception) -> str:
    """The server's own words, on one line and not too many of them."""
    result = getattr(error, "command_result", None)
    words = result[1] if result else error.args or (error,)
    parts = words if isinstance(words, list | tuple) else (words,)
    text = " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts)
    return " ".join(text.split())[:200].rstrip(".")


def lines_of(result: tuple[str, list[Any]]) -> list[Any]:
    """The lines of a server's reply; NO and BAD are errors, which `Connection.box` makes a MailboxError."""
    status, lines = result
    if status != "OK":
        raise imaplib.IMAP4.error(*lines)
    return lines


def _drop(box: BaseMailBox) -> None:
    with suppress(OSError):
        box.client.shutdown()
