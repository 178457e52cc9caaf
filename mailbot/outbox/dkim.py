"""Signing our own mails (DKIM, RFC 6376 and RFC 8463), for mail servers that do not do it.

Only what `compose` makes is signed: ASCII, CRLF, one header of each name. The signature's time is the mail's own, so
the same mail and key give the same bytes; they are signed when they are frozen and never again.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from mailbot.errors import SettingsError

MIN_BITS = 1024
"""RFC 8301: shorter RSA keys are worth nothing to receivers; 2048 are recommended."""
_NEVER_TWICE = ("from", "to", "subject", "date", "message-id", "reply-to")
"""Named once more than they occur, so that a second one, added on the way, breaks the signature (RFC 6376 8.15)."""
_SIGNED = (*_NEVER_TWICE, "in-reply-to", "references", "mime-version", "content-type", "auto-submitted",
           "list-unsubscribe", "list-unsubscribe-post", "disposition-notification-to")  # fmt: skip
_FOLD = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, by the name under which DNS publishes the public one."""

    selector: str
    domain: str
    algorithm: str
    """As `a=` writes it: rsa-sha256 or ed25519-sha256."""
    sign: Callable[[bytes], bytes]
    published: str
    """What the TXT record at `place` must say."""

    @property
    def place(self) -> str:
        """The name in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"


def read_key(pem: bytes, selector: str, domain: str) -> Key:
    """A key from its PEM file (PKCS#1 or PKCS#8, without a passphrase). Raises SettingsError."""
    from cryptography.hazmat.primitives import hashes, serialization  # 0.1 s that most starts do without
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError([f"smtp.dkim_key_file is no private key as PEM without a passphrase: {error}"]) from error
    if isinstance(private, ed25519.Ed25519PrivateKey):
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return Key(selector, domain, "ed25519-sha256", private.sign, _record("ed25519", raw))
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < MIN_BITS:
        raise SettingsError(
            [f"smtp.dkim_key_file: an RSA key of {MIN_BITS} bits or more, or an Ed25519 key, is needed"]
        )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def sign(data: bytes) -> bytes:
        return private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    return Key(selector, domain, "rsa-sha256", sign, _record("rsa", public))


def _record(kind: str, public: bytes) -> str:
    return f"v=DKIM1; k={kind}; p={b64encode(public).decode()}"


def signed(raw: bytes, key: Key, at: datetime) -> bytes:
    """The mail with its signature on top; `at` is when it was signed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = _headers(head)
    names = [name for name in _SIGNED if name in headers]
    names += [name for name in _NEVER_TWICE if name in headers]
    digest = b64encode(sha256(_relaxed_body(body)).digest()).decode()
    tags = (
        f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain}; s={key.selector}; t={int(at.timestamp())}; "
        f"h={':'.join(names)}; bh={digest}; b="
    )
    text = _folded(tags)
    covered = [_relaxed(name, headers.pop(name)) for name in names if name in headers]
    unsigned = _relaxed("dkim-signature", text.encode()).removesuffix(b"\r\n")
    signature = key.sign(_digest(key, b"".join(covered) + unsigned))
    lines = re.findall(f".{{1,{_FOLD}}}", b64encode(signature).decode())
    return f"DKIM-Signature: {text}".encode() + "\r\n ".join(["", *lines]).encode() + b"\r\n" + raw


def _digest(key: Key, data: bytes) -> bytes:
    """RFC 8463 section 3: Ed25519 signs the hash, where RSA hashes by itself."""
    return sha256(data).digest() if key.algorithm == "ed25519-sha256" else data


def _headers(head: bytes) -> dict[str, bytes]:
    """Lower-case name → value as it stands, folds included."""
    lines = re.split(rb"\r\n(?![ \t])", head)
    pairs = (line.partition(b":") for line in lines)
    return {name.decode("ascii").strip().lower(): value for name, _, value in pairs}


def _relaxed(name: str, value: bytes) -> bytes:
    """RFC 6376 3.4.2: unfolded, runs of blanks as one, none around."""
    unfolded = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" \t")
    return name.encode() + b":" + unfolded + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4: blanks at line ends dropped, runs of them as one, no empty lines at the end."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _folded(tags: str) -> str:
    """The tags over several lines; header names may be parted at their colons."""
    words = re.findall(r"[^ :]+[ :]?", tags)
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > _FOLD:
            lines.append("")
        lines[-1] += word
    return "\r\n ".join(line.rstrip(" ") for line in lines)
