"""Mails inside something else: winmail.dat, opaque signatures, certified envelopes, calendars, encryption."""

import base64
import struct

import pytest

from mailbot.inbox import rtf, tnef
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_raw
from mailbot.inbox.sealed import signed_content
from mailbot.model import Intent, Kind

HEAD = b"From: anne@roux.example\nTo: factures@atelier-martin.example\nSubject: Re: FA-2026-0001\n"
PROMISE = "Bonjour, nous réglons la facture vendredi."


def record(level: int, attribute: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, attribute, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def prop(type_: int, name: int, value: bytes) -> bytes:
    return struct.pack("<HHII", type_, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def winmail(*records: bytes) -> bytes:
    return tnef.SIGNATURE + b"\1\0" + b"".join(records)


def properties(*props: bytes) -> bytes:
    return struct.pack("<I", len(props)) + b"".join(props)


FILE = (
    record(2, 0x00069002, bytes(14)),
    record(2, 0x00018010, b"FACTUR~1.PDF\0"),
    record(2, 0x0006800F, b"%PDF-1.7 invoice"),
    record(2, 0x00069005, properties(
        struct.pack("<HHI", 0x0003, 0x3705, 1),
        prop(0x001F, 0x3707, "Facture détaillée.pdf".encode("utf-16-le") + b"\0\0"),
        prop(0x001E, 0x370E, b"application/pdf\0"),
    )),
)  # fmt: skip
WINMAIL = winmail(
    record(1, 0x00069007, struct.pack("<II", 1252, 0)),
    record(1, 0x00069003, properties(prop(0x001F, 0x1000, PROMISE.encode("utf-16-le") + b"\0\0"))),
    *FILE,
)


def mail_with(content: bytes, type_: str = "application/ms-tnef", name: str = "winmail.dat") -> bytes:
    return (
        HEAD + f"Content-Type: {type_}; name={name}\nContent-Transfer-Encoding: base64\n\n".encode()
        + base64.encodebytes(content)
    )  # fmt: skip


def test_the_text_and_files_of_a_winmail_dat_are_those_of_the_mail() -> None:
    letter = parse_letter(mail_with(WINMAIL))

    assert letter.text == PROMISE
    assert [(a.name, a.type, a.content) for a in letter.attachments] == [
        ("Facture détaillée.pdf", "application/pdf", b"%PDF-1.7 invoice")
    ]


def test_a_text_beside_a_winmail_dat_is_not_doubled() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nBonjour\n--b\nContent-Type: application/ms-tnef\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(WINMAIL) + b"--b--\n"
    )

    assert parse_letter(raw).text.strip() == "Bonjour"


@pytest.mark.parametrize("cut", range(0, len(WINMAIL), 7))
def test_a_winmail_dat_that_was_cut_gives_what_is_left(cut: int) -> None:
    parse_letter(mail_with(WINMAIL[:cut]))


def test_an_old_winmail_dat_has_its_body_in_an_attribute_of_its_own() -> None:
    found = tnef.read(winmail(record(1, 0x0002800C, b"r\xe9gl\xe9 hier\0")))

    assert found is not None
    assert found.text == "réglé hier"


def test_a_file_that_is_no_winmail_dat_stays_a_file() -> None:
    assert [a.name for a in parse_letter(mail_with(b"something else")).attachments] == ["winmail.dat"]


def test_compressed_rich_text_is_unpacked_as_its_specification_shows() -> None:
    """MS-OXRTFCP 4.1.1 in its own words: "hello world" between its marks."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )

    assert rtf.text_of(packed) == "hello world"


def test_rich_text_is_read_without_its_marks() -> None:
    plain = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\htmltag <p>}Bonjour\par r\'e9gl\'e9 \u8364?100 {\b demain}}"

    assert rtf.text_of(struct.pack("<III", len(plain) + 12, len(plain), 0x414C454D) + bytes(4) + plain) == (
        "Bonjour\nréglé €100 demain"
    )


def der(tag: int, value: bytes) -> bytes:
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value


def signed(content: bytes, *, pieces: bool) -> bytes:
    data, kind = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
    octets = der(0x04, content[:20]) + der(0x04, content[20:]) if pieces else content
    inner = der(0x30, data + der(0xA0, der(0x24 if pieces else 0x04, octets)))
    return der(0x30, kind + der(0xA0, der(0x30, der(2, b"\1") + der(0x31, b"") + inner + der(0x31, b""))))


@pytest.mark.parametrize("pieces", [False, True])
def test_a_mail_inside_an_opaque_signature_is_read(pieces: bool) -> None:
    inside = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{PROMISE}".encode()
    raw = mail_with(signed(inside, pieces=pieces), "application/pkcs7-mime; smime-type=signed-data", "smime.p7m")

    letter, reading = read_raw(raw)

    assert letter.text == PROMISE
    assert reading.flags == ()


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80\x06", b"\x30\x85" + b"\xff" * 9, bytes(40)])
def test_broken_signatures_are_none(data: bytes) -> None:
    assert signed_content(data) is None


PGP = (
    HEAD + b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\n'
    b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n"
)
INLINE_PGP = HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nwcFMA\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    "raw",
    [PGP, INLINE_PGP, mail_with(bytes(40), "application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m")],
    ids=["pgp", "pgp in the text", "s/mime"],
)
def test_an_encrypted_mail_says_so_and_is_the_owners_to_read(raw: bytes) -> None:
    _, reading = read_raw(raw)

    assert (reading.kind, reading.intent, reading.sure, reading.flags) == (
        Kind.REPLY, Intent.QUESTION, False, ("encrypted",),
    )  # fmt: skip


ENVELOPE = f"""From: "Per conto di: anne@roux.example" <posta-certificata@pec.example>
To: factures@atelier-martin.example
Subject: POSTA CERTIFICATA: FA-2026-0001
X-Trasporto: posta-certificata
Content-Type: multipart/mixed; boundary=b

--b

Il giorno 07/09/2026 il messaggio ...
--b
Content-Type: message/rfc822

From: Anne Roux <anne@roux.example>
To: factures@atelier-martin.example
Subject: FA-2026-0001
Authentication-Results: mx.example; dmarc=pass
Content-Type: text/plain; charset=utf-8

{PROMISE}
--b--
"""


def test_the_mail_inside_a_certified_envelope_is_what_was_written() -> None:
    letter, reading = read_raw(ENVELOPE.encode())

    assert (letter.from_address, letter.subject) == ("anne@roux.example", "FA-2026-0001")
    assert reading.new_text == PROMISE
    assert reading.intent is Intent.PROMISE


def test_nothing_inside_an_envelope_proves_an_owner() -> None:
    forged = ENVELOPE.replace("anne@roux.example", "claire@atelier-martin.example").replace(PROMISE, "stop")

    letter, reading = read_raw(forged.encode(), ["claire@atelier-martin.example"], "mx.example")

    assert letter.from_address == "claire@atelier-martin.example"
    assert reading.authentic is None
    assert reading.orders == ()
    assert "authentication-results" not in dict(letter.headers)


def invitation(method: str, text: str) -> bytes:
    return (
        HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        + text.encode() + b"\n--b\nContent-Type: text/calendar; method=" + method.encode()
        + b"\n\nBEGIN:VCALENDAR\nMETHOD:" + method.encode() + b"\nBEGIN:VEVENT\nDTSTART:20261204T100000\nEND:VEVENT\n"
        b"END:VCALENDAR\n--b--\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "text", "intent"),
    [
        ("REQUEST", "Point sur le paiement, vendredi 4 décembre à 10 h.", Intent.QUESTION),
        ("REPLY", "Accepté : vendredi, merci.", Intent.UNRELATED),
        ("REQUEST", PROMISE, Intent.QUESTION),
        ("REQUEST", "Nous contestons la facture, appelons-nous.", Intent.DISPUTE),
    ],
)
def test_an_appointment_is_no_promise_to_pay(method: str, text: str, intent: Intent) -> None:
    _, reading = read_raw(invitation(method, text))

    assert reading.intent is intent
    assert reading.promise_date is None
    assert reading.flags == ("calendar",)
