"""The wire: one mail to one recipient by SMTP, with the point of no return made visible.

MAIL, RCPT and DATA are sent one by one. `arm` is called after the recipient was accepted and immediately
before DATA: it may still say no. From the first byte after 354 to the server's reply nobody can know whether
the mail left (RFC 1047), so that a connection lost there is an error with `doubt`.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
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

from mailbot.errors import DeliveryError, SettingsError

# Seconds from the last look to DATA after which it is too old: a stopped process, a sleeping machine.
_STALE = 60
_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
# Refusals of us, not of the mail: it stays in the queue until the owner has mended the account.
_ACCOUNT_CODES = {421, 432, 454, 530, 534, 535, 538}
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")

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


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    scheme: str
    username: str | None
    password: str | None = field(repr=False)


class Mailer:
    """Sends by one server over one connection that is kept open; several callers wait for each other.

    URLs: smtps://user%40host@server:465, smtp+starttls://..., smtp://... (a login there on loopback only).
    Raises SettingsError for any other.
    """

    def __init__(
        self,
        url: str,
        password: str | None = None,
        *,
        timeouts: Timeouts = Timeouts(),
        tls_context: ssl.SSLContext | None = None,
        hello: str = "[127.0.0.1]",
    ) -> None:
        self._server = _server(url, password)
        self._timeouts = timeouts
        self._tls_context = tls_context
        self._hello = hello
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._smtp: SMTP | None = None
        self._used_at = 0.0

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Callable[[], None]
    ) -> Reply:
        """Hand one mail to the server; `raw` has CRLF line ends, `envid` comes back in delivery reports.

        Raises what `arm` raises (usually Disarmed) with nothing sent, and DeliveryError where the server
        refused or the connection broke. Once armed, a cancellation waits for the server's reply.
        """
        _check(envelope_from, recipient, raw)
        async with self._own_lock():
            smtp = await self._connected()
            await _refusable(self._envelope(smtp, envelope_from, recipient, len(raw), envid))
            asked_at = asyncio.get_running_loop().time()
            try:
                arm()
            except BaseException:
                await self._reset(smtp)
                raise
            return await _uninterrupted(self._data(smtp, raw, asked_at))

    async def check(self) -> None:
        """Connect and log in, nothing more. Raises DeliveryError."""
        async with self._own_lock():
            await self._connected()

    async def close(self) -> None:
        """Say QUIT; whatever goes wrong with that is no longer of interest."""
        async with self._own_lock():
            smtp, self._smtp = self._smtp, None
            if smtp is None:
                return
            try:
                await smtp.quit(timeout=5)
            except (SMTPException, OSError):
                smtp.close()

    def _own_lock(self) -> asyncio.Lock:
        """The lock of the running loop: a connection made in another loop cannot be used in this one."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._lock, self._smtp = loop, asyncio.Lock(), None
        return self._lock

    async def _connected(self) -> SMTP:
        now = asyncio.get_running_loop().time()
        smtp = self._smtp
        usable = smtp is not None and smtp.is_connected
        if smtp is None or not usable or (now - self._used_at >= self._timeouts.idle and not await _alive(smtp)):
            self._smtp = smtp = await _refusable(self._connect())
        self._used_at = now
        return smtp

    async def _connect(self) -> SMTP:
        smtp = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=self._timeouts.connect,
            use_tls=self._server.scheme == "smtps",
            start_tls=self._server.scheme == "smtp+starttls",
            tls_context=self._tls_context,
            local_hostname=self._hello,
        )
        await smtp.connect()
        try:
            if self._server.username is not None:
                await smtp.login(self._server.username, self._server.password or "")
        except BaseException:
            smtp.close()
            raise
        smtp.timeout = self._timeouts.command
        return smtp

    async def _envelope(self, smtp: SMTP, envelope_from: str, recipient: str, size: int, envid: str) -> None:
        """MAIL and RCPT, one recipient for each mail: it is taken or refused, never in part."""
        try:
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
            about_mail = [f"SIZE={size}"] if smtp.supports_extension("size") else []
            about_recipient = []
            if smtp.supports_extension("dsn"):
                about_mail += ["RET=HDRS", f"ENVID={_xtext(envid)}"]
                about_recipient += ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(recipient)}"]
            await smtp.mail(envelope_from, options=about_mail)
            await smtp.rcpt(recipient, options=about_recipient)
        except SMTPResponseException:
            await self._reset(smtp)
            raise

    async def _data(self, smtp: SMTP, raw: bytes, asked_at: float) -> Reply:
        """DATA to the final reply. What breaks before 354 is certain; what breaks after it is not."""
        if asyncio.get_running_loop().time() - asked_at > _STALE:
            smtp.close()
            raise DeliveryError("this process slept between the last look and DATA", temporary=True)
        try:
            ready = await smtp.execute_command(b"DATA", timeout=self._timeouts.command)
        except (SMTPException, OSError) as error:
            smtp.close()
            why = f"the connection broke before the mail was sent: {error}"
            raise DeliveryError(why, temporary=True) from error
        if ready.code != 354:
            await self._reset(smtp)
            raise _refused(ready.code, ready.message)
        protocol = smtp.protocol
        if protocol is None:
            raise DeliveryError("the connection broke before the mail was sent", temporary=True)
        try:
            protocol.write(_LEADING_DOT.sub(b"..", raw) + b".\r\n")
            final = await protocol.read_response(timeout=self._timeouts.dot)
        except (SMTPException, OSError) as error:
            smtp.close()
            why = f"the connection broke before the server said whether it took the mail: {error}"
            raise DeliveryError(why, temporary=True, doubt=True) from error
        self._used_at = asyncio.get_running_loop().time()
        if final.code // 100 != 2:
            if final.code == 421:
                smtp.close()
            raise _refused(final.code, final.message)
        return Reply(final.code, final.message)

    async def _reset(self, smtp: SMTP) -> None:
        """RSET; a connection that cannot even do that is given up."""
        try:
            await smtp.rset(timeout=self._timeouts.connect)
        except (SMTPException, OSError):
            smtp.close()


def _server(url: str, password: str | None) -> _Server:
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
    return _Server(parts.hostname, port or _PORTS[parts.scheme], parts.scheme, username, password)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(envelope_from: str, recipient: str, raw: bytes) -> None:
    for address in (envelope_from, recipient):
        if not _ADDRESS.fullmatch(address):
            raise DeliveryError(f"{address!r} is not an address that mail can be sent to", temporary=False)
    if _BARE_LINE_END.search(raw) or not raw.endswith(b"\r\n"):
        raise DeliveryError("a line end is not CRLF: a server could read two mails in it", temporary=False)


def _xtext(text: str) -> str:
    """RFC 3461 4: printable ASCII but + and =, the rest as +XX."""
    return "".join(chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}" for byte in text.encode())


def _refused(code: int, text: str) -> DeliveryError:
    permanent = 500 <= code < 600 and code not in _ACCOUNT_CODES
    return DeliveryError(f"the server refused: {code} {text}", temporary=not permanent, code=code)


async def _refusable(work: Awaitable[T]) -> T:
    """Everything before DATA: whatever goes wrong, nothing was sent."""
    try:
        return await work
    except SMTPAuthenticationError as error:
        why = f"the mail server refused the login (smtp.url, smtp.password_file): {error.code} {error.message}"
        raise DeliveryError(why, temporary=True, code=error.code) from error
    except SMTPResponseException as error:
        raise _refused(error.code, error.message) from error
    except (SMTPTimeoutError, SMTPServerDisconnected, OSError) as error:
        why = f"the mail server cannot be reached or hung up: {error}"
        raise DeliveryError(why, temporary=True) from error
    except SMTPException as error:
        raise DeliveryError(f"the mail server cannot be used: {error.message}", temporary=True) from error


async def _alive(smtp: SMTP) -> bool:
    try:
        await smtp.noop(timeout=10)
    except (SMTPException, OSError):
        smtp.close()
        return False
    return True


async def _uninterrupted(work: Awaitable[Reply]) -> Reply:
    """Wait for the end whatever happens: half a DATA is a doubt, and a lost reply is one too."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except DeliveryError:
            break
    if cancelled and (caller := asyncio.current_task()) is not None:
        caller.cancel()
    return task.result()
