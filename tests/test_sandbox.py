"""A hostile document costs one reading, never the process that asked for it."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Thread
from typing import get_type_hints

import pytest
from sandbox_child import READERS as HOSTILE

from mailbot.errors import ReaderError
from mailbot.model import Attachment
from mailbot.sandbox import READERS, Sandbox

COMMAND = (sys.executable, str(Path(__file__).parent / "sandbox_child.py"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1_000_000, 1.0, 400_000_000, children=2, readers=HOSTILE, command=COMMAND) as one:
        yield one


def refused(sandbox: Sandbox, reader: str, data: bytes = b"") -> str:
    with pytest.raises(ReaderError) as caught:
        sandbox.run(reader, data)
    return caught.value.code


def test_values_come_back_as_the_reader_made_them(sandbox: Sandbox) -> None:
    data = bytes(range(256))

    value = sandbox.run("echo", data, name="é\n", day=date(2026, 10, 1))

    assert value == Attachment("é\n", "2026-10-01", data)


@pytest.mark.parametrize("reader", ["endless", "asleep"])
def test_a_reader_that_does_not_end_is_killed_at_the_limit(sandbox: Sandbox, reader: str) -> None:
    sandbox.run("process_id", b"")
    start = time.monotonic()

    assert refused(sandbox, reader) == "too_slow"
    assert time.monotonic() - start < 5


def test_a_memory_bomb_is_refused(sandbox: Sandbox) -> None:
    assert refused(sandbox, "bomb") == "too_much_memory"


@pytest.mark.parametrize("reader", ["suicide", "broken", "surrogate"])
def test_a_reader_that_breaks_down_is_an_error_of_that_document(sandbox: Sandbox, reader: str) -> None:
    assert refused(sandbox, reader) == "died"


@pytest.mark.parametrize("reader", ["endless", "bomb", "suicide", "broken"])
def test_the_next_document_is_read_after_a_hostile_one(sandbox: Sandbox, reader: str) -> None:
    refused(sandbox, reader)
    refused(sandbox, reader)

    assert sandbox.run("echo", b"next").content == b"next"


def test_the_place_of_a_break_down_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(ReaderError, match=r"KeyError in sandbox_child\.py:\d+"):
        sandbox.run("broken", b"")


def test_what_the_reader_refuses_itself_keeps_its_code_and_sentence(sandbox: Sandbox) -> None:
    with pytest.raises(ReaderError, match="8 kB") as caught:
        sandbox.run("refusing", b"")

    assert caught.value.code == "too_big"


def test_a_file_over_the_size_limit_never_reaches_a_child(sandbox: Sandbox) -> None:
    assert refused(sandbox, "suicide", b"x" * 1_000_001) == "too_big"


def test_an_answer_over_the_size_limit_is_refused(sandbox: Sandbox) -> None:
    assert refused(sandbox, "talkative") == "too_big"


def test_an_answer_of_another_type_is_refused() -> None:
    lying = {**HOSTILE, "process_id": HOSTILE["echo"]}
    with Sandbox(1000, 1.0, 400_000_000, readers=lying, command=COMMAND) as one:
        assert refused(one, "process_id") == "died"


def test_one_child_reads_many_documents(sandbox: Sandbox) -> None:
    assert len({sandbox.run("process_id", b"") for _ in range(20)}) == 1


def test_a_child_that_was_killed_while_idle_is_replaced_unnoticed(sandbox: Sandbox) -> None:
    os.kill(sandbox.run("process_id", b""), signal.SIGKILL)
    time.sleep(0.1)

    assert sandbox.run("echo", b"again").content == b"again"


def test_a_child_killed_in_the_middle_costs_only_that_document(sandbox: Sandbox) -> None:
    child = sandbox.run("process_id", b"")
    killer = Thread(target=lambda: (time.sleep(0.3), os.kill(child, signal.SIGKILL)))
    killer.start()

    assert refused(sandbox, "asleep") == "died"
    assert sandbox.run("echo", b"next").content == b"next"
    killer.join()


def test_threads_share_the_children_and_get_their_own_answers(sandbox: Sandbox) -> None:
    def read(number: int) -> bool:
        data = str(number).encode() * 1000
        if number % 40 == 7:
            return refused(sandbox, "suicide") == "died"
        return bool(sandbox.run("echo", data).content == data)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read, range(120)))


def test_a_child_sees_none_of_the_parents_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_SMTP__PASSWORD", "secret")

    assert "secret" not in sandbox.run("environment", b"").values()


def test_children_end_with_the_sandbox(sandbox: Sandbox) -> None:
    child = sandbox.run("process_id", b"")

    sandbox.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_refusal_by_the_reader_does_not_cost_the_child(sandbox: Sandbox) -> None:
    child = sandbox.run("process_id", b"")

    refused(sandbox, "refusing")

    assert sandbox.run("process_id", b"") == child


def test_a_command_that_cannot_start_says_what_to_run() -> None:
    with (
        Sandbox(1000, 1.0, 400_000_000, command=(sys.executable, "-m", "mailbot.nowhere")) as one,
        pytest.raises(ReaderError, match=r"mailbot\.nowhere"),
    ):
        one.run("letter", b"")


MAIL = (
    b"From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@client.example>\r\nTo: factures@atelier-martin.example\r\n"
    b"Date: Thu, 08 Oct 2026 09:00:00 +0200\r\nSubject: Re: FA-2026-0412\r\nMessage-ID: <1@c.example>\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Je fais le virement vendredi.\r\n--x\r\nContent-Type: application/octet-stream; name=a.bin\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n--x--\r\n"
)
INVOICE = (
    b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>FA-1</ID>'
    b"<IssueDate>2026-10-01</IssueDate><DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
    b"<LegalMonetaryTotal><TaxInclusiveAmount>1200.00</TaxInclusiveAmount></LegalMonetaryTotal></Invoice>"
)
STATEMENT = (
    b"OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:UTF-8\r\n\r\n<OFX><BANKMSGSRSV1><STMTTRNRS>"
    b"<STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>2<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
    b"<DTSTART>20261001<DTEND>20261031<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261005<TRNAMT>1200.00<FITID>1"
    b"<NAME>VIR CLIENT<MEMO>FA-1</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
)


@pytest.mark.parametrize(
    ("name", "data", "arguments"),
    [
        ("letter", MAIL, {"owners": ("claire@atelier-martin.example",), "today": date(2026, 10, 8)}),
        ("invoice", INVOICE, {"name": "a.xml", "use_xml": False}),
        ("invoice", b"no invoice", {"name": "a.pdf"}),
        ("documents", MAIL, {}),
        ("statement", STATEMENT, {"name": "a.ofx"}),
        ("statement", b"no statement", {"name": "a.ofx"}),
    ],
)
def test_our_readers_give_the_same_values_as_when_called_directly(
    name: str, data: bytes, arguments: dict[str, object]
) -> None:
    reader = READERS[name]
    direct = getattr(importlib.import_module(reader.module), reader.function)(data, **arguments)

    with Sandbox() as one:
        assert one.run(name, data, **arguments) == direct


@pytest.mark.parametrize("name", READERS)
def test_the_table_names_the_type_that_the_reader_declares(name: str) -> None:
    reader = READERS[name]
    function = getattr(importlib.import_module(reader.module), reader.function)

    assert get_type_hints(function)["return"] == reader.returns
