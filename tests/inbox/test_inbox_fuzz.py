"""Damaged mails: whatever happens to a mail on its way, it is read or refused, quickly, and the answer can be sent on.

A short run belongs to the tests; `make fuzz` tries 100,000 (or as many as FUZZ says).
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter

from mailbot.cli.read import as_record
from mailbot.errors import ReaderError
from mailbot.inbox.read import read_raw
from mailbot.model import Letter, Reading

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "cases" / "mails").glob("*/*.eml"))]
AS_SENT = TypeAdapter(tuple[Letter, Reading], config=ConfigDict(ser_json_bytes="base64"))
"""How the child process that reads sends its answer: text that is not Unicode would cost the whole mail."""
SLOWEST = 1.0
"""Seconds of processor time for one mail."""
OWNER, SERVER = "claire@atelier-martin.example", "mx.atelier-martin.example"
POISONS = [
    b"\r\n", b"\n", b"\r", b"\0", b"\n\n", b"--", b"=?utf-8?q?", b"?=", b"=?utf-8?b?4pyT?=", b"\xff\xfe", b"\xed\xa0",
    b"<", b">", b'"', b"(", b"\\", b";", b": ", b"=", b"@", b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n", b"charset=punycode", b"charset=utf-7",
    b"charset=\0", b"charset=iso-2022-jp", b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22", b"--x--",
    b"Content-Type: message/delivery-status\n\n", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n", b"format=flowed", b"<a ",
    b"<div class=gmail_quote>", b"BEGIN:VCALENDAR\nMETHOD:REPLY\n", b"-----BEGIN PGP MESSAGE-----", b"&#x110000;",
    b"On 1/1/2026, a@b.c wrote:\n", b"\nFrom: a@b.c\nTo: c@d.e\nSubject: x\n", b"\xe2\x80\xae", b"=\r\n",
]  # fmt: skip


@st.composite
def damaged_mails(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(MAILS))
    for _ in range(draw(st.integers(1, 4))):
        raw = damaged(draw, raw)
    return raw


def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """`raw` with a piece lost, doubled, replaced, put elsewhere, or grown into another mail."""
    start = draw(st.integers(0, len(raw)))
    end = min(len(raw), start + draw(st.integers(0, 400)))
    match draw(st.integers(0, 6)):
        case 0:
            return raw[:start] + raw[end:]
        case 1:
            return raw[:end] + raw[start:end] * draw(st.integers(1, 30)) + raw[end:]
        case 2:
            return raw[:start] + draw(st.binary(max_size=40)) + raw[end:]
        case 3:
            return raw[:start] + draw(st.sampled_from(POISONS)) * draw(st.sampled_from((1, 2, 50))) + raw[start:]
        case 4:
            other = draw(st.sampled_from(MAILS))
            return raw[:start] + other[draw(st.integers(0, len(other))) :]
        case 5:
            return raw[:start].replace(b"\r\n", b"\n") + raw[start:].replace(b"\n", b"\r")
        case _:
            return raw[end:] + raw[start:end] + raw[:start]


def seconds_of_reading(raw: bytes) -> float:
    """Processor time of one reading."""
    started = time.process_time()
    with suppress(ReaderError):
        read_raw(raw, [OWNER], SERVER)
    return time.process_time() - started


@settings(
    max_examples=int(os.environ.get("FUZZ", "250")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(damaged_mails())
def test_a_damaged_mail_is_read_or_refused_quickly(raw: bytes) -> None:
    started = time.process_time()
    try:
        letter, reading = read_raw(raw, [OWNER], SERVER)
    except ReaderError:
        return
    finally:
        took = time.process_time() - started
        # Once more where it was slow: one reading may be charged for the rubbish that thousands before it left behind.
        assert took < SLOWEST or seconds_of_reading(raw) < SLOWEST

    AS_SENT.dump_json((letter, reading))
    record = as_record(letter, reading)
    assert all(words in record["new_text"] or words in reading.new_text for words in record["because"])
