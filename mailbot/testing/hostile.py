"""Mails that a stranger may send to keep a reader busy: each shape that hung or killed a mail library once.

`REPEATED` are heads and a unit that is repeated to any size, `WHOLE` are complete mails. They are for tests and
benchmarks: a reader must read or refuse each of them in time that grows no faster than its size.
"""

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
MEGABYTE = 1024 * 1024

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
    "dashes in a phrase": (TEXT, b"la factura se p" + b"-" * 100 + b"ago. "),
    "hyphened words": (TEXT, b"pago-a-la-a-la-a-la-a-la-a-la-a-la " * 3 + b". "),
    "combining accents": (TEXT, "e\u0301\u0327".encode()),
    "moji": (TEXT, b"\xc3\x83\xc2\xa9"),
    "unseen spaces, the last one cut": (TEXT, "\u200b".encode()),
    "turned letters, the last one cut": (TEXT, "\u202e".encode()),
    "signature marks": (TEXT, b"-- \n"),
    "divs": (HTML, b"<div>"),
    "blockquotes": (HTML, b"<blockquote>"),
    "breaks": (HTML, b"<br>"),
    "red": (HTML, b"<font color=red>x</font>"),
    "styles": (HTML, b"<p style='color:red;'>x"),
    "open tags": (HTML, b"<a "),
    "open comments": (HTML, b"<!--"),
    "entities": (HTML, b"&amp"),
    "attributes": (HTML + b"<p ", b"a=b "),
    "forward marks": (FORWARD, b"---------- Forwarded message ----------\n"),
    "forward blocks": (FORWARD, b"From: a <a@b.c>\n\n"),
    "glued headers": (FORWARD + b"----- Forwarded Message ----- ", b"From: a To: b "),
    "bounce words": (BOUNCE, b"quota user over mailbox is "),
    "bounce rules": (BOUNCE, b"----- -----\n"),
    "bounce addresses": (BOUNCE, b"<a@b.example>: 550 5.1.1 unknown\n"),
    "report fields": (REPORT, b"Final-Recipient: rfc822; a@b.c\n\n"),
    "report status": (REPORT, b"Status: 5.1.1 5.1.1"),
    "report folding": (REPORT + b"Diagnostic-Code: smtp;", b"\n x"),
    "base64": (
        HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        b"QUJD" * 19 + b"\n",
    ),
    "quoted printable": (
        HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        b"=3D=\r\n",
    ),
    "uuencoded": (
        HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n",
        b"M" * 61 + b"\n",
    ),
    "flowed": (HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"> > > x \n"),
    "calendar": (HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\n", b"X:\n y\n"),
    "winmail": (HEAD + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x00\x00", b"\x01" + bytes(10)),
    "parts": (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\n\nx\n"),
    "nul": (TEXT, b"\0"),
}
_HEADERS = {
    "open quotes": b"To: " + b'"a' * 20_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?x?= " * 12_000,
    "addresses": b"To: " + b"a@b.example, " * 20_000,
    "header brackets": b"To: " + b"(" * 5000,
    "quotes within bounds": b"To: " + b'"a' * 4000,
    "addresses within bounds": (b"To: " + b"a@b.c," * 1300 + b"\r\n") * 7,
    "parameters": b"Content-Disposition: attachment" + b';a="' * 1900,
    "continuations": b"Content-Disposition: attachment" + b"; a*0*=x" * 900,
    "header comments": b"Authentication-Results: " + b"(" * 8000,
    "folded subject": b"Subject: x" + b"\r\n x" * 20_000,
    "message ids": b"References: " + b"<a@b>" * 12_000,
    "received": b"Received: from a by b; x\r\n" * 40_000,
}
WHOLE = {name: header.rstrip(b"\r\n") + b"\r\n" + TEXT + b"x" for name, header in _HEADERS.items()} | {
    "nested multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(2000)
    ),
    "nested messages": b"Content-Type: message/rfc822\n\n" * 20_000,
    "numbered headers": b"".join(b"X-%d: a\n" % i for i in range(100_000)) + b"\nx",
    "25 MB of base64": HEAD
    + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b"QUJD" * 19 * 300_000,
}


def filled(head: bytes, unit: bytes, size: int = MEGABYTE) -> bytes:
    """`head` and as many `unit`s as make `size` bytes."""
    return head + (unit * (size // len(unit) + 1))[:size]


def all_hostile() -> dict[str, bytes]:
    """Name -> mail: every shape at a megabyte, and the whole ones."""
    return {name: filled(*shape) for name, shape in REPEATED.items()} | WHOLE
