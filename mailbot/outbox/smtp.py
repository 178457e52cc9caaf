"""The wire: one mail to one client by SMTP, with the point of no return made visible.

MAIL, RCPT and DATA are sent one by one. `arm` is called after the recipient was accepted and immediately
before DATA: it may still say no. What follows is `outbox.session`'s to do and to doubt.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from mailbot.errors import DeliveryError
from mailbot.oauth import Secret
from mailbot.outbox.session import USUAL, Mail, Reply, Session, Timeouts, clock, server_of

__all__ = ["Arm", "Mailer", "Reply", "Timeouts"]

_ADDRESS = re.compile(r"[!-;=?-~\u00a1-\U0010ffff]+@[!-;=?-~]+")

Arm = Callable[[], Awaitable[None]]
"""The last look at the ledger: returns once it is durable that this mail may leave now, else raises Disarmed."""


class Mailer:
    """Sends by one server over connections that are kept open, `connections` at most; more callers wait.

    URLs: smtps://user%40host@server:465, smtp+starttls://..., smtp://... (a login there on loopback only).
    Raises SettingsError for any other. `report_success` asks for a report also of what was delivered (RFC 3461).
    """

    def __init__(
        self,
        url: str,
        secret: Secret | None = None,
        *,
        connections: int = 1,
        timeouts: Timeouts = USUAL,
        tls_context: ssl.SSLContext | None = None,
        hello: str = "[127.0.0.1]",
        report_success: bool = False,
    ) -> None:
        self._server = server_of(url, secret)
        self._connections = connections
        self._timeouts = timeouts
        self._tls_context = tls_context
        self._hello = hello
        self._reports = "SUCCESS,FAILURE,DELAY" if report_success else "FAILURE,DELAY"
        self._free = asyncio.Semaphore(connections)
        self._idle: list[Session] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Arm, copy_to: str | None = None
    ) -> Reply:
        """Hand one mail to the server; `raw` has CRLF line ends, `envid` comes back in delivery reports.

        `copy_to` is an address of our own that gets the mail in the same transaction.
        Raises what `arm` raises (usually Disarmed) with nothing sent, and DeliveryError where the server
        refused or the connection broke. Once armed, a cancellation waits for the server's reply.
        """
        archive = None if copy_to is None else _on_the_wire(copy_to)
        mail = Mail(_on_the_wire(envelope_from), _on_the_wire(recipient), raw, envid, archive)
        _check_line_ends(raw)
        async with self._session() as session:
            await session.address(mail)
            return await _uninterrupted(_armed(session, raw, arm))

    async def check(self) -> None:
        """Connect and log in, nothing more. Raises DeliveryError."""
        async with self._session():
            pass

    async def close(self) -> None:
        """Say QUIT on every connection that is not in use."""
        self._own_loop()
        while self._idle:
            await self._idle.pop().quit()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        """A connection of our own for a while: the one used last, if it still works."""
        self._own_loop()
        async with self._free:
            session = await self._opened()
            try:
                yield session
            finally:
                if session.is_open:
                    self._idle.append(session)

    async def _opened(self) -> Session:
        while self._idle:
            session = self._idle.pop()
            if await session.is_usable():
                return session
        session = Session(self._server, self._timeouts, self._tls_context, self._hello, self._reports)
        await session.open()
        return session

    def _own_loop(self) -> None:
        """A connection made in another event loop cannot be used in this one."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._idle, self._free = loop, [], asyncio.Semaphore(self._connections)


def _on_the_wire(address: str) -> str:
    """An address as SMTP commands name it: its domain in ASCII (IDNA). Raises DeliveryError where it cannot be one."""
    local, _, domain = address.rpartition("@")
    try:
        named = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        named = ""
    if not _ADDRESS.fullmatch(named) or not named.isprintable():
        why = f"{address!r} is not an address that mail can be sent to"
        raise DeliveryError(why, temporary=False, cause="address")
    return named


def _check_line_ends(raw: bytes) -> None:
    line_ends = raw.count(b"\r\n")
    alone = raw.count(b"\r") != line_ends or raw.count(b"\n") != line_ends
    if alone or not raw.endswith(b"\r\n"):
        why = "a line end is not CRLF: a server could read two mails in it"
        raise DeliveryError(why, temporary=False, cause="content")


async def _armed(session: Session, raw: bytes, arm: Arm) -> Reply:
    began = clock()
    try:
        await arm()
    except BaseException:
        await session.reset()
        raise
    return await session.data(raw, began, clock())


async def _uninterrupted(work: Awaitable[Reply]) -> Reply:
    """Wait for the end whatever happens: half a DATA is a doubt, and a lost reply is one too."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except Exception:  # noqa: BLE001  what it is comes out of task.result() below
            break
    if cancelled and (caller := asyncio.current_task()) is not None:
        caller.cancel()
    return task.result()
