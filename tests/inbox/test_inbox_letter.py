"""Raw bytes to letters: structure, charsets, line ends and bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import ReaderError
from mailbot.inbox.letter import parse_letter

MAIL = (
    "From: =?utf-8?q?Ren=C3=A9_Dup=C3=A9?= <Rene@Roux.example>\n"
    "To: factures@atelier.example, b@atelier.example\n"
    "Subject: =?iso-8859-1?q?R=E8glement?=\n"
    "Date: Mon, 07 Sep 2026 10:24:12 +0200\n"
    "Message-ID: <1@roux.example>\n"
    "References: <a@x.example>\n <b@x.example>\n"
    "Content-Type: multipart/mixed; boundary=b1\n\n"
    "--b1\nContent-Type: multipart/alternative; boundary=b2\n\n"
    "--b2\nContent-Type: text/plain; charset=utf-8\n\nDéjà payé.\n"
    "--b2\nContent-Type: text/html; charset=utf-8\n\n<p>Déjà payé.</p>\n--b2--\n"
    "--b1\nContent-Type: application/pdf; name=f.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--b1--\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mail_reads_the_same_with_any_line_end(end: str) -> None:
    letter = parse_letter(MAIL.replace("\n", end).encode())

    assert (letter.from_name, letter.from_address, letter.subject) == ("René Dupé", "rene@roux.example", "Règlement")
    assert letter.to == ("factures@atelier.example", "b@atelier.example")
    assert letter.references == ("<a@x.example>", "<b@x.example>")
    assert letter.text.strip() == "Déjà payé."
    assert letter.html.strip() == "<p>Déjà payé.</p>"
    assert [(a.name, a.type, a.content) for a in letter.attachments] == [("f.pdf", "application/pdf", b"%PDF-")]


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("iso-8859-1", "l’été".encode("cp1252")),
        ("iso-8859-1", "l’été".encode()),
        ("us-ascii", "l’été".encode()),
        ("x-unknown", "l’été".encode()),
    ],
)
def test_a_wrong_charset_label_does_not_spoil_the_text(label: str, data: bytes) -> None:
    letter = parse_letter(b"From: a@b.example\nContent-Type: text/plain; charset=" + label.encode() + b"\n\n" + data)

    assert letter.text == "l’été"


def test_raw_eight_bit_headers_are_read() -> None:
    letter = parse_letter("From: René <a@b.example>\nSubject: Échéance\n\nx".encode("cp1252"))

    assert (letter.from_name, letter.subject) == ("René", "Échéance")


def test_an_attached_mail_is_enclosed_with_its_own_attachments() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: "
        b"message/rfc822\n\n" + MAIL.encode() + b"\n--o--\n"
    )

    (inner,) = parse_letter(raw).enclosed

    assert inner.subject == "Règlement"
    assert inner.attachments[0].name == "f.pdf"


def test_a_closing_boundary_may_be_missing() -> None:
    letter = parse_letter(MAIL.replace("--b2--\n", "").replace("--b1--\n", "").encode())

    assert letter.text.strip() == "Déjà payé."
    assert len(letter.attachments) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(2000)),
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"".join(b"X-%d: a\n" % i for i in range(100_000)) + b"\nx",
        b"From: a@b.example\n\n" + b"x" * (25 * 1024 * 1024),
    ],
    ids=["parts", "nested", "enclosed", "headers", "size"],
)
def test_a_mail_beyond_the_bounds_is_refused(raw: bytes) -> None:
    with pytest.raises(ReaderError) as refused:
        parse_letter(raw)

    assert refused.value.code == "too_big"


@given(st.binary(max_size=600))
def test_any_bytes_are_a_letter(raw: bytes) -> None:
    parse_letter(raw)


@given(st.binary(max_size=60), st.integers(0, len(MAIL)))
def test_a_mail_with_a_damaged_place_is_a_letter(damage: bytes, at: int) -> None:
    raw = MAIL.encode()

    parse_letter(raw[:at] + damage + raw[at + len(damage) :])


@pytest.mark.parametrize("charset", ["punycode", "idna", "undefined", "unicode_escape", "base64", "no\0such", "utf-7"])
def test_a_charset_that_is_none_costs_neither_the_text_nor_time(charset: str) -> None:
    body = b"Deja paye +2AA- " + b"x-" * 100_000

    letter = parse_letter(b"From: a@b.example\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n" + body)

    assert letter.text.startswith("Deja paye")
    letter.text.encode()


def test_half_letters_in_a_file_name_do_not_cost_the_mail() -> None:
    letter = parse_letter(
        b"From: a@b.example\nContent-Type: application/pdf\n"
        b"Content-Disposition: attachment; filename*=utf-7''a%2B2AA-.pdf\n\nx"
    )

    assert letter.attachments[0].name.encode()


def test_a_header_with_broken_base64_is_read_as_it_stands() -> None:
    letter = parse_letter(b"From: a@b.example\nSubject: =?utf-8?b?a?= Rappel\n\nx")

    assert "Rappel" in letter.subject


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        # Outlook: an encoded word, then plain text in the next line
        (b"=?iso-8859-1?Q?Relance_:_facture_impay=E9e?=\r\n FA-2026-0412", "Relance : facture impayée FA-2026-0412"),
        (b"RE: =?Windows-1252?Q?Facture_FA-2026-0412_=96_1_200_?=\r\n =?Windows-1252?Q?=80?=",
         "RE: Facture FA-2026-0412 – 1 200 €"),
        # Gmail: words of 75 characters, between any two of their bytes
        (b"=?UTF-8?B?UmU6IFJlbGFuY2UgOiB2b3RyZSBmYWN0dXJlIGltcGF5w6k=?=\r\n =?UTF-8?B?ZSBGQS0yMDI2LTA0MTI=?=",
         "Re: Relance : votre facture impayée FA-2026-0412"),
        (b"=?UTF-8?B?UGF5ww==?=\r\n =?UTF-8?B?qWU=?=", "Payée"),
        # Orange, SFR: each word by itself, the plain ones as they are
        (b"Re: =?UTF-8?Q?Fwd:_facture?= FA-2026-0412\r\n\t=?UTF-8?Q?=C3=A9mise_le?= 1er\r\n =?UTF-8?Q?ao=C3=BBt?=",
         "Re: Fwd: facture FA-2026-0412 émise le 1er août"),
        # plain text that was folded, and a word that stands close to it against the rule
        (b"Facture FA-2026-0412\r\n et rappel", "Facture FA-2026-0412 et rappel"),
        (b"Re:=?utf-8?Q?_R=C3=A8glement?=", "Re: Règlement"),
    ],
)  # fmt: skip
def test_a_folded_subject_keeps_its_spaces(header: bytes, subject: str) -> None:
    assert parse_letter(b"Subject: " + header + b"\r\nFrom: a@b.example\r\n\r\nBonjour\r\n").subject == subject
