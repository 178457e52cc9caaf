"""Servers that answer what no server should: each word of theirs becomes an error that says what is sure."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import create_engine, literal, select

from mailbot.errors import DeliveryError
from mailbot.outbox.smtp import Mailer, Reply, Timeouts

BOX, CLIENT, FOREIGN = "factures@atelier.example", "compta@dupont.example", "jérôme+1@société.example"
RAW = b"Subject: Facture\r\n\r\nBonjour\r\n"
QUICK = Timeouts(connect=10, command=10, dot=10)


async def armed() -> None:
    """The ledger says yes."""


class Script:
    """A server that answers each command by a table; BANNER and the dot are commands too."""

    def __init__(self, answers: Mapping[str, bytes], ehlo: bytes = b"250-far.example\r\n250 DSN\r\n") -> None:
        self.answers = {"BANNER": b"220 far.example\r\n", "EHLO": ehlo, "DATA": b"354 go on\r\n", **answers}
        self.heard: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self.answers["BANNER"])
            while line := await reader.readline():
                self.heard.append(line)
                command = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
                writer.write(self.answers.get(command, b"250 ok\r\n"))
                if command == "DATA" and self.answers["DATA"].startswith(b"354"):
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(self.answers.get(".", b"250 ok\r\n"))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def running(script: Script) -> AsyncIterator[Mailer]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    mailer = Mailer(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeouts=QUICK)
    try:
        yield mailer
    finally:
        await mailer.close()
        server.close()


def sent(script: Script, recipient: str = CLIENT) -> Reply | DeliveryError:
    """What the mailer says of one mail."""

    async def scenario() -> Reply | DeliveryError:
        async with running(script) as mailer:
            try:
                return await mailer.transmit(BOX, recipient, RAW, "mb-1", armed)
            except DeliveryError as error:
                return error

    return asyncio.run(asyncio.wait_for(scenario(), 60))


# ------------------------------------------------------------------------------------------------ before the mail


@pytest.mark.parametrize(
    ("command", "answer"),
    [("BANNER", b"554 5.7.1 your address is on a list\r\n"), ("BANNER", b"HTTP/1.1 400 Bad Request\r\n"),
     ("EHLO", b"550 not you\r\n")],
)  # fmt: skip
def test_what_is_refused_before_a_mail_was_named_gives_no_mail_up(command: str, answer: bytes) -> None:
    script = Script({command: answer, "HELO": answer})

    error = sent(script)

    assert isinstance(error, DeliveryError)
    assert (error.temporary, error.doubt) == (True, False)
    assert not any(line.startswith(b"MAIL") for line in script.heard)


# ------------------------------------------------------------------------------------------------ after the mail


@pytest.mark.parametrize("answer", [b"354 go on\r\n", b"150 hm\r\n", b"999 x\r\n", b"hello\r\n"])
def test_an_answer_to_the_mail_that_is_neither_yes_nor_no_is_a_doubt(answer: bytes) -> None:
    error = sent(Script({".": answer}))

    assert isinstance(error, DeliveryError)
    assert error.doubt


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("words", "shown"),
    [("bo\xeete pleine".encode("latin-1"), "bo\xeete pleine"), ("boîte pleine".encode(), "boîte pleine"),
     (b"full\x00\x1b[31m", "full  [31m"), (b"x" * 3000, "x" * 900)],
    ids=["latin-1", "utf-8", "controls", "long"],
)  # fmt: skip
def test_words_of_a_server_are_such_that_the_ledger_can_keep_them(command: str, words: bytes, shown: str) -> None:
    error = sent(Script({command: b"550 5.2.2 " + words + b"\r\n"}))

    assert isinstance(error, DeliveryError)
    assert shown in str(error)
    assert len(str(error)) < 1100
    _keep(str(error))


def test_so_are_those_of_a_server_that_took_the_mail() -> None:
    reply = sent(Script({".": b"250 accept\xe9\x00\r\n"}))

    assert reply == Reply(250, "accept\xe9")
    _keep(reply.text)


def _keep(text: str) -> None:
    """As a database driver does, which takes no half characters (and PostgreSQL no zeros)."""
    assert "\x00" not in text
    with create_engine("sqlite://").connect() as conn:
        assert conn.scalar(select(literal(text))) == text


# ------------------------------------------------------------------------------------------------ SMTPUTF8


def test_an_address_beyond_ascii_is_written_to_where_the_server_can() -> None:
    script = Script({}, ehlo=b"250-far.example\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8\r\n")

    reply = sent(script, FOREIGN)

    assert isinstance(reply, Reply)
    assert f"MAIL FROM:<{BOX}> RET=HDRS ENVID=mb-1 SMTPUTF8\r\n".encode() in script.heard
    wire = "jérôme+1@xn--socit-esab.example"
    orcpt = wire.replace("+", r"\x{2B}")
    assert f"RCPT TO:<{wire}> NOTIFY=FAILURE,DELAY ORCPT=utf-8;{orcpt}\r\n".encode() in script.heard


def test_where_it_cannot_the_address_is_at_fault_and_nothing_is_said_of_it() -> None:
    script = Script({})

    error = sent(script, FOREIGN)

    assert isinstance(error, DeliveryError)
    assert (error.temporary, error.cause) == (False, "address")
    assert "SMTPUTF8" in str(error)
    assert not any(line.startswith((b"MAIL", b"RCPT")) for line in script.heard)


def test_an_international_domain_alone_needs_nothing_of_the_server() -> None:
    script = Script({})

    assert isinstance(sent(script, "compta@société.example"), Reply)
    assert any(line.startswith(b"RCPT TO:<compta@xn--socit-esab.example> ") for line in script.heard)
    assert not any(b"SMTPUTF8" in line for line in script.heard)
