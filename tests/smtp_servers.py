"""SMTP servers in this process that take mails or fail in one exact way: aiosmtpd, with a step replaced."""

# ruff: noqa: N802  the names of aiosmtpd's hooks

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import Envelope, Session

UNKNOWN, BUSY, LOST = "unknown@dupont.example", "busy@dupont.example", "lost@dupont.example"
Taken = list[tuple[str, str, bytes]]


class Sink:
    """A server that takes mails into `taken`; `replies` answers MAIL, RCPT or the dot in another way."""

    def __init__(self, **replies: str) -> None:
        self.taken: Taken = []
        self.replies = replies
        self.options: list[str] = []
        self.connections = 0
        self.extensions: list[str] = []

    async def handle_EHLO(
        self, server: Server, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return [responses[0], *self.extensions, *responses[1:]]

    async def handle_MAIL(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("mail", "250 OK")

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusals = {UNKNOWN: "550 5.1.1 no such user", BUSY: "451 4.7.1 try later"}
        reply = refusals.get(address, self.replies.get("rcpt", "250 OK"))
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        reply = self.replies.get("dot", "250 queued")
        if reply.startswith("250"):
            assert isinstance(envelope.original_content, bytes)
            self.taken.append((str(envelope.mail_from), envelope.rcpt_tos[0], envelope.original_content))
        if LOST in envelope.rcpt_tos:
            server.transport.abort()
        return reply


class HangsUpAtMail(Server):
    async def smtp_MAIL(self, arg: str) -> None:
        self.transport.abort()


class HangsUpOnData(Server):
    async def smtp_DATA(self, arg: str) -> None:
        self.transport.abort()


class RefusesData(Server):
    async def smtp_DATA(self, arg: str) -> None:
        await self.push("451 4.3.0 no room")


class HangsUpAfter354(Server):
    async def smtp_DATA(self, arg: str) -> None:
        await self.push("354 go on")
        self.transport.close()


class NeverAnswersTheDot(Server):
    async def smtp_DATA(self, arg: str) -> None:
        await self.push("354 go on")
        await asyncio.sleep(30)


class NotesOptions(Server):
    """Takes the parameters of RFC 3461 off, which aiosmtpd does not know, after the sink has noted them."""

    async def smtp_MAIL(self, arg: str) -> None:
        self.event_handler.options += arg.split()[1:]
        await super().smtp_MAIL(arg.split()[0])

    async def smtp_RCPT(self, arg: str) -> None:
        self.event_handler.options += arg.split()[1:]
        await super().smtp_RCPT(arg.split()[0])


@asynccontextmanager
async def serving(
    sink: Sink, kind: type[Server] = Server, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    connections: list[Server] = []

    def connected() -> Server:
        connections.append(kind(sink, loop=loop, hostname="localhost", **options))
        return connections[-1]

    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in connections:
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0.05)
