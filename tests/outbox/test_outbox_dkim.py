"""Our DKIM signatures as another hand verifies them (dkimpy), and the record that the doctor asks DNS for."""

import re
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from outbox_letters import TEMPLATES, letter

from mailbot.errors import SettingsError
from mailbot.model import Attachment, Rendered
from mailbot.outbox.compose import Envelope, compose
from mailbot.outbox.dkim import Key, read_key, signed

NOW = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
PKCS8, PKCS1 = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
ENVELOPE = Envelope(
    sender="factures@atelier.example",
    sender_name="Atelier Martin",
    recipient="compta@dupont.example",
    message_id="<ob.0123@atelier.example>",
    date=NOW,
    references=tuple(f"<{number:030}@atelier.example>" for number in range(9)),
    extra=(("List-Unsubscribe", "<https://bot.example/u/abc>"),),
)


def pem(private: object, form: serialization.PrivateFormat = PKCS8) -> bytes:
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())  # type: ignore[attr-defined]


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = [
    pytest.param(pem(RSA), id="rsa"),
    pytest.param(pem(RSA, PKCS1), id="rsa in its old form"),
    pytest.param(pem(ed25519.Ed25519PrivateKey.generate()), id="ed25519"),
]
KEY = read_key(pem(RSA), "mailbot", "atelier.example")


def verified(raw: bytes, key: Key) -> bool:
    def txt(name: bytes, timeout: int = 5) -> bytes:
        return key.published.encode() if name == f"{key.place}.".encode() else b""

    return bool(dkim.verify(raw, dnsfunc=txt))


@pytest.mark.parametrize("private", KEYS)
def test_another_program_verifies_a_whole_letter(private: bytes) -> None:
    key = read_key(private, "mailbot", "atelier.example")
    mail = TEMPLATES.render("reminder_1", "fr", letter().values())
    raw = signed(compose(mail, ENVELOPE, [Attachment("FA-1.pdf", "application/pdf", b"%PDF" * 999)]), key, NOW)

    assert verified(raw, key)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=2000))
def test_any_text_is_signed_so_that_it_is_verified(subject: str, text: str) -> None:
    plain = "".join(character for character in subject if character.isprintable())
    mail = Rendered(plain, text.encode("utf-8", "ignore").decode() + "  \n\n\n", "<p>x</p>")

    assert verified(signed(compose(mail, ENVELOPE), KEY, NOW), KEY)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"From: ", b"From: boss@evil.example\r\nFrom: "),
        (b"Reply-To", b"X-Old"),
        (b"/u/abc", b"/u/abd"),
        (b"Bonjour", b"Bonsoir"),
        (b"To: ", b"Subject: another\r\nTo: "),
    ],
)
def test_whatever_is_changed_on_the_way_is_noticed(found: bytes, put: bytes) -> None:
    envelope = Envelope(**{**{f: getattr(ENVELOPE, f) for f in ENVELOPE.__slots__}, "reply_to": "x@atelier.example"})
    raw = signed(compose(Rendered("Facture", "Bonjour\n", "<p>Bonjour</p>"), envelope), KEY, NOW)
    assert verified(raw, KEY)
    head, separator, rest = raw.partition(b"\r\nFrom: ")
    changed = head + (separator + rest).replace(found, put)

    assert changed != raw
    assert not verified(changed, KEY)


def test_what_servers_may_do_on_the_way_does_no_harm() -> None:
    raw = signed(compose(Rendered("Facture  deux", "Bonjour\n", "<p>Bonjour</p>"), ENVELOPE), KEY, NOW)
    refolded = b"Received: by mx.example\r\n" + raw.replace(b"\r\nSubject: ", b"\r\nSubject:  \t") + b"\r\n\r\n"

    assert verified(refolded, KEY)


def test_the_same_mail_and_key_give_the_same_bytes_and_short_lines() -> None:
    raw = compose(Rendered("Facture", "Bonjour\n", "<p>Bonjour</p>"), ENVELOPE)

    assert signed(raw, KEY, NOW) == signed(raw, KEY, NOW)
    assert signed(raw, KEY, NOW) != signed(raw, KEY, NOW + timedelta(seconds=1))
    assert signed(raw, KEY, NOW).endswith(raw)
    assert max(map(len, signed(raw, KEY, NOW).split(b"\r\n"))) <= 78
    assert signed(raw, KEY, NOW).isascii()


def test_the_record_for_dns_is_complete() -> None:
    assert KEY.place == "mailbot._domainkey.atelier.example"
    assert re.fullmatch(r"v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]{380,400}", KEY.published)


@pytest.mark.parametrize(
    "private",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
        RSA.private_bytes(serialization.Encoding.PEM, PKCS8, serialization.BestAvailableEncryption(b"secret")),
    ],
)
def test_what_is_no_key_for_this_is_refused(private: bytes) -> None:
    with pytest.raises(SettingsError, match="dkim_key_file"):
        read_key(private, "mailbot", "atelier.example")
