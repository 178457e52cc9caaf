"""One SMTP session: connect and log in, MAIL and RCPT, DATA; every failure is a DeliveryError that says what is sure.

From the first byte after 354 to the server's reply nobody can know whether the mail left (RFC 1047), so that a
connection lost there is an error with `doubt`. What goes wrong before it is certain: nothing was sent.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from mailbot.errors import DeliveryError, SettingsError, SignInError
from mailbot.oauth import Bearer, Secret

_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
# Refusals of us, not of the mail: it stays in the queue until the owner has mended the account.
_ACCOUNT_CODES = {421, 432, 454, 530, 534, 535, 538}
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
"""Of these, the ones that say: sign in, or not like this (RFC 4954 section 6)."""
# A policy that the owner's DNS has to meet (SPF, DKIM, DMARC): mended there, the same mail is taken.
_OWN_DNS = re.compile(r"\b5\.7\.(?:26|515)\b")
_KIND_OF_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_MOST_SAID = 1000
"""Characters of a server's words that are kept."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said when it took the mail."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `dot` is RFC 5321 4.5.3.2.6: giving up sooner makes a doubt where there was none."""

    connect: float = 30
    command: float = 300
    dot: float = 600
    idle: float = 30
    """A connection unused for longer is tried with NOOP before it is used."""
    stale: float = 5
    """From the last look at the ledger to DATA: a process that was stopped in between looks again."""
    arm: float = 60
    """For the last look itself: one that was stopped in the middle of it may have been given up by all others."""


USUAL = Timeouts()


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send, and as whom."""

    host: str
    port: int
    scheme: str
    username: str | None
    secret: Secret | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail with its envelope. `copy_to` gets the same mail in the same transaction: one reply covers both."""

    sender: str
    recipient: str
    raw: bytes
    envid: str
    copy_to: str | None = None


class Session:
    """One connection, used for one mail after the other."""

    def __init__(
        self, server: Server, timeouts: Timeouts, tls_context: ssl.SSLContext | None, hello: str, reports: str
    ) -> None:
        """`reports`: what NOTIFY asks for where the server sends reports (RFC 3461 section 4.1)."""
        self._server = server
        self._reports = reports
        self._timeouts = timeouts
        self._used_at = 0.0
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            timeout=timeouts.connect,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            tls_context=tls_context,
            local_hostname=hello,
        )

    async def open(self) -> None:
        """Connect and log in. Raises DeliveryError, always a temporary one: no mail was spoken of yet."""
        try:
            await _refusable(self._open())
        except DeliveryError as error:
            if error.temporary:
                raise
            raise DeliveryError(str(error), temporary=True, code=error.code, cause="unreachable") from error
        self._used_at = clock()

    async def is_usable(self) -> bool:
        """Whether a mail may be risked on it; asked with NOOP when it was idle for long."""
        if not self._smtp.is_connected:
            return False
        if clock() - self._used_at < self._timeouts.idle:
            return True
        try:
            await self._smtp.noop(timeout=10)
        except (SMTPException, OSError):
            self._smtp.close()
            return False
        return True

    @property
    def is_open(self) -> bool:
        return self._smtp.is_connected

    async def address(self, mail: Mail) -> None:
        """MAIL and RCPT. Raises DeliveryError with nothing sent, and the session ready for the next mail."""
        await _refusable(self._address(mail))

    async def data(self, raw: bytes, began: float, looked_at: float) -> Reply:
        """DATA to the final reply. `began`, `looked_at`: when the last look began and ended, by `clock`."""
        if clock() - looked_at > self._timeouts.stale or looked_at - began > self._timeouts.arm:
            self._smtp.close()
            raise DeliveryError("this process slept between the last look and DATA", temporary=True)
        await self._begin_data()
        return await self._end_data(raw)

    async def reset(self) -> None:
        """RSET; a connection that cannot even do that is given up."""
        if not self._smtp.is_connected:
            return
        try:
            await self._smtp.rset(timeout=self._timeouts.connect)
        except (SMTPException, OSError):
            self._smtp.close()

    async def quit(self) -> None:
        """Whatever goes wrong with QUIT is no longer of interest."""
        try:
            await self._smtp.quit(timeout=5)
        except (SMTPException, OSError):
            self._smtp.close()

    async def _open(self) -> None:
        await self._smtp.connect()
        try:
            if self._server.username is not None:
                await self._log_in(self._server.username, self._server.secret or "")
            if self._smtp.is_ehlo_or_helo_needed:
                await self._smtp.ehlo()
        except BaseException:
            self._smtp.close()
            raise
        self._smtp.timeout = self._timeouts.command

    async def _log_in(self, username: str, secret: Secret) -> None:
        if not isinstance(secret, Bearer):
            await self._smtp.login(username, secret)
            return
        # A token may have to be fetched first, from the ledger or from the provider.
        token = await asyncio.to_thread(secret.token)
        try:
            await self._smtp.auth_xoauth2(username, token)
        except SMTPAuthenticationError:
            await asyncio.to_thread(secret.refused, token)
            raise

    async def _address(self, mail: Mail) -> None:
        smtp = self._smtp
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
        about_mail = [f"SIZE={len(mail.raw)}"] if smtp.supports_extension("size") else []
        reports = smtp.supports_extension("dsn")
        if reports:
            about_mail += ["RET=HDRS", f"ENVID={_xtext(mail.envid)}"]
        wanted = [f"NOTIFY={self._reports}", f"ORCPT={_original(mail.recipient)}"] if reports else []
        if not (mail.sender + mail.recipient).isascii():
            if not smtp.supports_extension("smtputf8"):
                why = f"the mail server takes no address with letters beyond ASCII (SMTPUTF8): {mail.recipient}"
                raise DeliveryError(why, temporary=False, cause="address")
            about_mail.append("SMTPUTF8")
        try:
            await self._accepted(f"MAIL FROM:<{mail.sender}>", about_mail)
            await self._accepted(f"RCPT TO:<{mail.recipient}>", wanted)
            if mail.copy_to is not None:
                await self._copy(mail.copy_to, ["NOTIFY=NEVER"] if reports else [])
        except DeliveryError:
            await self.reset()
            raise

    async def _accepted(self, command: str, options: list[str]) -> None:
        """The addresses were checked to have nothing in them that could end them (`outbox.smtp`)."""
        reply = await self._smtp.execute_command(" ".join([command, *options]).encode())
        if reply.code not in (250, 251):
            if reply.code == 421:
                self._smtp.close()
            raise _refused(reply.code, reply.message)

    async def _copy(self, archive: str, options: list[str]) -> None:
        """The second recipient. Its refusal says nothing about the client's address, so the mail waits."""
        try:
            await self._accepted(f"RCPT TO:<{archive}>", options)
        except DeliveryError as error:
            why = f"the copy for the archive {archive} was not taken: {error}"
            raise DeliveryError(why, temporary=True, code=error.code) from error

    async def _begin_data(self) -> None:
        """What breaks before 354 is certain: nothing was sent."""
        try:
            ready = await self._smtp.execute_command(b"DATA", timeout=self._timeouts.command)
        except (SMTPException, OSError) as error:
            self._smtp.close()
            why = f"the connection broke before the mail was sent: {_plain(str(error))}"
            raise DeliveryError(why, temporary=True) from error
        if ready.code != 354:
            await self.reset()
            raise _refused(ready.code, ready.message)

    async def _end_data(self, raw: bytes) -> Reply:
        """What breaks after 354 is not."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise DeliveryError("the connection broke before the mail was sent", temporary=True)
        try:
            protocol.write(_with_dots_doubled(raw) + b".\r\n")
            final = await protocol.read_response(timeout=self._timeouts.dot)
        except (SMTPException, OSError) as error:
            self._smtp.close()
            why = f"the connection broke before the server said whether it took the mail: {_plain(str(error))}"
            raise DeliveryError(why, temporary=True, doubt=True) from error
        self._used_at = clock()
        if final.code // 100 not in (2, 4, 5):
            self._smtp.close()
            why = f"the server's answer to the mail is neither a yes nor a no: {final.code} {_plain(final.message)}"
            raise DeliveryError(why, temporary=True, doubt=True)
        if final.code // 100 != 2:
            if final.code == 421:
                self._smtp.close()
            raise _refused(final.code, final.message)
        return Reply(final.code, _plain(final.message))


def server_of(url: str, secret: Secret | None) -> Server:
    """A server from smtps://user%40host@server:465, smtp+starttls://... or smtp://...

    Raises SettingsError for any other, for a password in the URL, and for a login that would not be encrypted
    (on loopback it may be).
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise SettingsError(
            ["smtp.url must look like smtps://user%40host@server:465 or smtp+starttls://user%40host@server:587"]
        )
    if parts.password is not None:
        raise SettingsError(["smtp.url holds a password: put it into smtp.password_file"])
    username = unquote(parts.username) if parts.username else None
    if parts.scheme == "smtp" and username is not None and not _is_loopback(parts.hostname):
        raise SettingsError(
            [f"smtp.url would send the password of {username} unencrypted: write smtps:// or smtp+starttls://"]
        )
    return Server(parts.hostname, port or _PORTS[parts.scheme], parts.scheme, username, secret)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_dots_doubled(raw: bytes) -> bytes:
    """RFC 5321 4.5.2, for a mail whose line ends are all CRLF (`outbox.smtp` sees to it)."""
    doubled = raw.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def clock() -> float:
    """Seconds that also count while the machine sleeps (Linux); uvloop's own time stands still within a turn."""
    return time.clock_gettime(_KIND_OF_CLOCK)


def _xtext(text: str) -> str:
    """RFC 3461 4: printable ASCII but + and =, the rest as +XX."""
    return "".join(chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}" for byte in text.encode())


def _original(recipient: str) -> str:
    """As ORCPT says whom a mail is for (RFC 3461 4.2; RFC 6533 3 for addresses beyond ASCII)."""
    if recipient.isascii():
        return f"rfc822;{_xtext(recipient)}"
    kept = (c if c not in "+=\\" else f"\\x{{{ord(c):X}}}" for c in recipient)
    return f"utf-8;{''.join(kept)}"


def _plain(text: str) -> str:
    """A server's words on one line, as a ledger can keep them: some answer in Latin-1, or with what is no text."""
    said = text.encode("utf-8", "surrogateescape")
    try:
        shown = said.decode("utf-8")
    except UnicodeDecodeError:
        shown = said.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in shown)[:_MOST_SAID].strip()


def _refused(code: int, said: str) -> DeliveryError:
    text = _plain(said)
    if _OWN_DNS.search(text):
        why = f"the receiver asks for SPF, DKIM and DMARC of your domain; add them to its DNS: {code} {text}"
        return DeliveryError(why, temporary=True, code=code, cause="dns")
    permanent = 500 <= code < 600 and code not in _ACCOUNT_CODES
    cause = "sign_in" if code in SIGN_IN_CODES else "refused"
    return DeliveryError(f"the server refused: {code} {text}", temporary=not permanent, code=code, cause=cause)


async def _refusable(work: Awaitable[T]) -> T:
    """Everything before DATA: whatever goes wrong, nothing was sent."""
    try:
        return await work
    except SignInError as error:
        raise DeliveryError(str(error), temporary=True, cause="sign_in" if error.refused else "unreachable") from error
    except SMTPAuthenticationError as error:
        said = f"{error.code} {_plain(error.message)}"
        why = f"the mail server refused the login (smtp.url, its password or sign-in): {said}"
        raise DeliveryError(why, temporary=True, code=error.code, cause="sign_in") from error
    except SMTPResponseException as error:
        raise _refused(error.code, error.message) from error
    except (SMTPTimeoutError, SMTPServerDisconnected, OSError) as error:
        raise _broken(error) from error
    except SMTPException as error:  # no STARTTLS, no login that both sides know
        why = f"the mail server cannot be used: {_plain(error.message)}"
        raise DeliveryError(why, temporary=True, cause="encryption" if "TLS" in error.message else "sign_in") from error


def _broken(error: Exception) -> DeliveryError:
    """No connection, or not an encrypted one; aiosmtplib wraps what the TLS library said."""
    said = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(said, ssl.SSLCertVerificationError):
        why = f"the certificate of the mail server is not to be trusted: {said.verify_message}"
        return DeliveryError(why, temporary=True, cause="encryption")
    if isinstance(said, ssl.SSLError):
        why = f"the mail server does not speak TLS as smtp.url says: {said.reason}"
        return DeliveryError(why, temporary=True, cause="encryption")
    why = f"the mail server cannot be reached or hung up: {_plain(str(error))}"
    return DeliveryError(why, temporary=True, cause="unreachable")
