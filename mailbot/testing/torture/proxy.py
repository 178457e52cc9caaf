"""An SMTP server that fails on purpose, in front of one that does not: `python -m` this module with a JSON file.

It passes commands and replies through and spoils some of them: refusals before and after the dot, a connection that
breaks before the server has the mail or after it took it (RFC 1047), a slow dot. A client that is silent for too long
is cut off, as every server does. Recipients that it refused for good stand in `refused`, one a line; what it did with
each mail in `wire` (see `chronicle`).
"""

import asyncio
import json
import random
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mailbot.testing.torture.chronicle import note

LIMIT = 2**22
"""Bytes of a line at most."""


@dataclass(frozen=True)
class Odds:
    """How often something fails, from 0 to 1; seconds for the slow ones."""

    refuse_mail: float = 0.0
    """421 at MAIL, and the connection ends."""
    refuse_for_now: float = 0.0
    """451 at RCPT, and as often after the dot."""
    refuse_for_good: float = 0.0
    """550 5.1.1 at RCPT."""
    drop_lost: float = 0.0
    """The connection breaks after the dot; the server never got it."""
    drop_taken: float = 0.0
    """The server took the mail; the connection breaks before its 250."""
    slow: float = 0.0
    slow_seconds: float = 0.0
    """The longest; the client may have given up by then, and the mail is taken all the same."""
    delayed: float = 0.0
    delayed_seconds: float = 0.03
    """Mails that wait a little before the server gets the dot."""


@dataclass(frozen=True)
class Settings:
    """What the process is told. `odds` is a JSON file that is read anew for each connection."""

    port: int
    upstream: int
    odds: str
    refused: str
    seed: int
    idle_seconds: float
    latest_seconds: float
    """So long after its 354 a mail is taken, or never, as every server gives up some time."""
    wire: str


class Spoiled(Exception):
    """The connection ends here, on purpose."""


class Conversation:
    """One client, and the connection to the real server that belongs to it."""

    def __init__(self, settings: Settings, draw: random.Random, client: tuple[StreamReader, StreamWriter]) -> None:
        self._settings = settings
        self._draw = draw
        self._odds = Odds(**json.loads(Path(settings.odds).read_text()))
        self._heard, self._client = client
        self._recipient = ""

    async def serve(self) -> None:
        """Until one side ends it, or chance does."""
        answers, server = await asyncio.open_connection("127.0.0.1", self._settings.upstream, limit=LIMIT)
        self._answers, self._server = answers, server
        try:
            await self._pass_reply()
            while line := await self._line():
                await self._command(line)
        except (Spoiled, TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for writer in (server, self._client):
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _line(self) -> bytes:
        return await asyncio.wait_for(self._heard.readline(), self._settings.idle_seconds)

    async def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"MAIL" and self._happens(self._odds.refuse_mail):
            self._client.write(b"421 4.3.2 closing\r\n")
            await self._client.drain()
            raise Spoiled
        if verb == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace")
            if self._happens(self._odds.refuse_for_good):
                _refuse(Path(self._settings.refused), self._recipient)
                self._client.write(b"550 5.1.1 no such user\r\n")
                return
            if self._happens(self._odds.refuse_for_now):
                self._client.write(b"451 4.7.1 try again later\r\n")
                return
        self._server.write(line)
        reply = await self._pass_reply()
        if verb == b"DATA" and reply.startswith(b"354"):
            await self._data(_clock())

    async def _data(self, began: float) -> None:
        """`began`: when 354 was said."""
        lines = []
        while (line := await self._line()) not in (b".\r\n", b""):
            lines.append(line)
        if not line:
            raise Spoiled
        name = message_id_of(b"".join(lines))
        if self._happens(self._odds.drop_lost):
            self._note("lost on purpose", name, began)
            raise Spoiled
        if self._happens(self._odds.refuse_for_now):
            # The server never hears the dot; its half of the mail dies with the connection.
            self._note("refused for now", name, began)
            self._client.write(b"451 4.3.0 no room just now\r\n")
            await self._client.drain()
            raise Spoiled
        if self._happens(self._odds.delayed):
            await asyncio.sleep(self._odds.delayed_seconds)
        if self._happens(self._odds.slow):
            await asyncio.sleep(self._draw.uniform(0, self._odds.slow_seconds))
        if _clock() - began > self._settings.latest_seconds:
            self._note("given up: too late", name, began)
            raise Spoiled
        self._note("handed to the server", name, began)
        taken = not self._happens(self._odds.drop_taken)
        self._server.write(b"".join(lines) + b".\r\n")
        reply = await self._reply()
        said = reply.decode("ascii", "replace").strip()
        note(Path(self._settings.wire), f"the server said {said}", name, after_354=_clock() - began)
        if not taken:
            self._note("its answer dropped on purpose", name, began)
            raise Spoiled
        self._client.write(reply)
        await self._client.drain()

    async def _pass_reply(self) -> bytes:
        reply = await self._reply()
        self._client.write(reply)
        await self._client.drain()
        return reply

    async def _reply(self) -> bytes:
        lines = b""
        while line := await asyncio.wait_for(self._answers.readline(), 60):
            lines += line
            if line[3:4] != b"-":
                return lines
        raise Spoiled

    def _note(self, what: str, message_id: str, began: float) -> None:
        note(Path(self._settings.wire), what, message_id, since_354=_clock() - began)

    def _happens(self, odds: float) -> bool:
        return self._draw.random() < odds


def message_id_of(raw: bytes) -> str:
    """With its angle brackets; empty where there is none."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n ", b" ")
    lines = (line for line in head.split(b"\n") if line.lower().startswith(b"message-id:"))
    return next(lines, b":").partition(b":")[2].strip().decode("ascii", "replace")


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _refuse(path: Path, recipient: str) -> None:
    with path.open("a") as file:
        file.write(f"{recipient}\n")


async def serve(settings: Settings) -> None:
    """Take connections until the process is ended."""
    draw = random.Random(settings.seed)  # noqa: S311  a throw of dice

    async def connected(heard: StreamReader, client: StreamWriter) -> None:
        with suppress(OSError):
            await Conversation(settings, draw, (heard, client)).serve()

    server = await asyncio.start_server(connected, "127.0.0.1", settings.port, limit=LIMIT)
    await server.serve_forever()


def write(path: Path, settings: Settings) -> None:
    """The file that the process is started with."""
    path.write_text(json.dumps(asdict(settings)))


if __name__ == "__main__":
    asyncio.run(serve(Settings(**json.loads(Path(sys.argv[1]).read_text()))))
