"""What a stranger may send to keep us busy: a megabyte of it costs no more than twice half a megabyte."""

import contextlib
import time

import pytest

from mailbot.errors import ReaderError
from mailbot.inbox.read import read_raw

HEAD = (
    b"From: a@b.example\r\nTo: c@d.example\r\nDate: Mon, 07 Sep 2026 10:24:12 +0200\r\nIn-Reply-To: <2@d.example>\r\n"
)
TEXT = HEAD + b"Subject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = HEAD + b"Subject: Re: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
FORWARD = HEAD + b"Subject: Fwd: x\r\nContent-Type: text/plain\r\n\r\n"
BOUNCE = b"From: MAILER-DAEMON@x.example\r\n" + TEXT
REPORT = HEAD + (
    b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
)
SIZE = 1024 * 1024
LIMIT = 0.8
"""Seconds: four times what the slowest takes on two busy cores, far below what anything quadratic needs."""

REPEATED = {
    "wrote": (TEXT, b" on xx at yy "),
    "newlines": (TEXT, b"\n"),
    "returns": (TEXT, b"\r"),
    "on monday": (TEXT, b"On Monday we shipped the goods to you\n"),
    "dashes": (TEXT, b"-"),
    "boundaries": (TEXT, b"--x\n"),
    "spaces": (TEXT, b" "),
    "from lines": (TEXT, b"From: x\n"),
    "header blocks": (TEXT, b"From: x\nTo: y\n"),
    "quoted": (TEXT, b"> \n"),
    "attributions": (TEXT, b"On 1/1/2026, a@b.c wrote:\n"),
    "at signs": (TEXT, b"a@a."),
    "digits": (TEXT, b"1 "),
    "invoice numbers": (TEXT, b"F-2026-"),
    "promises": (TEXT, b"je vais payer le virement "),
    "conditions": (TEXT, b"si je je je je je je je "),
    "days": (TEXT, b"le 5 "),
    "angles": (TEXT, b"<"),
    "brackets": (TEXT, b"("),
    "divs": (HTML, b"<div>"),
    "blockquotes": (HTML, b"<blockquote>"),
    "breaks": (HTML, b"<br>"),
    "red": (HTML, b"<font color=red>x</font>"),
    "open tags": (HTML, b"<"),
    "links": (HTML, b"<a>"),
    "style rules": (HTML + b"<style>", b".a{display:none}"),
    "comments": (HTML, b"<!--"),
    "entities": (HTML, b"&amp;&"),
    "hidden": (HTML, b"<p style='display:none'>x"),
    "attributions of Gmail": (HTML, b"<div class=gmail_attr>x:"),
    "cells": (HTML, b"<table><td>"),
    "announced red": (HTML + b"<p>in red</p>", b"<font color=red>"),
    "rules": (TEXT, b"-----\nx y\n"),
    "formulas": (TEXT, b"Merci / Thanks\n"),
    "disclaimers": (TEXT, b"This message is confidential and for its recipient.\n"),
    "telephone lines": (TEXT, b"Sent from my iPhone\n"),
    "ends of attributions": (TEXT, b"x, wrote:\n"),
    "separators": (TEXT, b"-----Original Message-----\n"),
    "styles": (HTML, b"<p style='color:red;'>x"),
    "forward marks": (FORWARD, b"---------- Forwarded message ----------\n"),
    "forward blocks": (FORWARD, b"From: a <a@b.c>\n\n"),
    "glued headers": (FORWARD + b"----- Forwarded Message ----- ", b"From: a To: b "),
    "bounce words": (BOUNCE, b"quota user over mailbox is "),
    "bounce rules": (BOUNCE, b"----- -----\n"),
    "report fields": (REPORT, b"Final-Recipient: rfc822; a@b.c\n\n"),
    "report status": (REPORT, b"Status: 5.1.1 5.1.1"),
    "base64": (
        HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        b"QUJD" * 19 + b"\n",
    ),
}
HEADERS = {
    "open quotes": b"To: " + b'"a' * 20_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?x?= " * 12_000,
    "addresses": b"To: " + b"a@b.example, " * 20_000,
    "brackets": b"To: " + b"(" * 5000,
    "quotes within bounds": b"To: " + b'"a' * 4000,
    "addresses within bounds": (b"To: " + b"a@b.c," * 1300 + b"\r\n") * 7,
    "parameters": b"Content-Disposition: attachment" + b';a="' * 1900,
    "continuations": b"Content-Disposition: attachment" + b"; a*0*=x" * 900,
    "comments": b"Authentication-Results: " + b"(" * 8000,
}


def seconds(raw: bytes) -> float:
    start = time.process_time()
    with contextlib.suppress(ReaderError):
        read_raw(raw, ["a@b.example"], "mx.example")
    return time.process_time() - start


def filled(head: bytes, unit: bytes, size: int) -> bytes:
    return head + (unit * (size // len(unit) + 1))[:size]


@pytest.mark.parametrize(("head", "unit"), list(REPEATED.values()), ids=list(REPEATED))
def test_a_megabyte_of_anything_is_read_in_time_that_grows_no_faster_than_it(head: bytes, unit: bytes) -> None:
    half = min(seconds(filled(head, unit, SIZE // 2)) for _ in range(2))
    whole = min(seconds(filled(head, unit, SIZE)) for _ in range(2))

    assert whole < LIMIT
    assert whole < 3 * half + 0.1


@pytest.mark.parametrize("header", list(HEADERS.values()), ids=list(HEADERS))
def test_a_hostile_header_is_read_or_refused_quickly(header: bytes) -> None:
    assert seconds(header.rstrip(b"\r\n") + b"\r\n" + TEXT + b"x") < LIMIT
