"""Tokens in addresses: which outgoing mail an answer belongs to, and that an order answers a mail of ours.

A token is lower-case base32 of purpose, day, business, number and a truncated HMAC-SHA256: it survives
servers that fold the case of addresses. It proves that its user was sent it, and holds no personal data.
"""

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Literal

_PURPOSES = ("reply", "owner", "question", "pixel")  # a purpose's place is in the token: add at the end only
LinkPurpose = Literal["picture", "page", "stop"]
"""What a web address may open."""
_MARK = "+r."
_MAC_BYTES = 10  # 80 bits; a guess costs a mail
_TAG_BYTES = 3
_MARK_BYTES = 16
_LINK_MAC_BYTES = 9  # with the name 25 bytes, 40 letters without padding; the name alone is beyond guessing
_LINK_LENGTH = 40
_FORM_DAYS = 3
_FIRST_DAY = date(2020, 1, 1)
LIFE = timedelta(days=14)
"""How long an owner's token is worth something."""


@dataclass(frozen=True, slots=True)
class Token:
    """A genuine token: what it was made for, its number, and the day of its making where it has one."""

    purpose: str
    id: int
    day: date | None = None

    def alive(self, today: date) -> bool:
        """Whether it was made at most 14 days ago; one without a day proves no owner."""
        return self.day is not None and timedelta(0) <= today - self.day <= LIFE


class Tokens:
    """Makes and reads tokens with one secret key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the key for tokens needs at least 16 bytes")
        self._key = key

    def reply_address(
        self,
        mailbox: str,
        purpose: str,
        business: str,
        id: int,  # noqa: A002
        day: date | None = None,
    ) -> str:
        """`box@host` as `box+r.<token>@host`; the purpose is reply, owner or question."""
        local, _, host = mailbox.rpartition("@")
        return f"{local}{_MARK}{self._seal(purpose, business, id, day)}@{host}"

    def owner_address(self, mailbox: str, business: str, day: date, id: int = 0) -> str:  # noqa: A002
        """Where an owner's answer to a mail of this day goes."""
        return self.reply_address(mailbox, "owner", business, id, day)

    def read(self, address: str, business: str | None = None) -> Token | None:
        """The genuine token of an address, else None; with a business, only one of its own."""
        local, _, _ = address.rpartition("@")
        _, mark, token = local.lower().rpartition(_MARK)
        return self._open(token, business) if mark else None

    def in_subject(self, subject: str, business: str) -> Token | None:
        """The genuine token that a button left in a subject, as "ok 1 [token]"."""
        token = subject.rpartition("[")[2].partition("]")[0]
        return self._open(token.lower(), business)

    def link(self, purpose: LinkPurpose, name: str) -> str:
        """The part of a web address that opens one thing of one mail, and nothing else of it.

        `name` is the mail's random name (`mark`). A picture's address, which proxies keep, opens no page.
        """
        raw = b32decode(name.upper() + "=" * (-len(name) % 8))
        return b32encode(raw + self._link_mac(purpose, raw)).decode().rstrip("=").lower()

    def read_link(self, purpose: LinkPurpose, token: str) -> str | None:
        """The name in a genuine link of that purpose, else None."""
        if len(token) != _LINK_LENGTH:
            return None
        try:
            sealed = b32decode(token.upper())
        except ValueError:
            return None
        raw, mac = sealed[:-_LINK_MAC_BYTES], sealed[-_LINK_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._link_mac(purpose, raw)):
            return None
        return b32encode(raw).decode().rstrip("=").lower()

    def form(self, name: str, day: date) -> str:
        """What a form of a mail's page carries: only a page that we served has it (against forged posts)."""
        return hmac.digest(self._key, f"form:{name}:{day.isoformat()}".encode(), sha256)[:_MARK_BYTES].hex()

    def is_form(self, name: str, given: str, today: date) -> bool:
        """Whether the form was served today or on one of the two days before."""
        days = (today - timedelta(days=ago) for ago in range(_FORM_DAYS))
        return any(hmac.compare_digest(self.form(name, day).encode(), given.encode()) for day in days)

    def mark(self, text: str) -> str:
        """A name for a text, always the same, that nobody without the key can foretell (for Message-IDs)."""
        digest = hmac.digest(self._key, b"mark:" + text.encode(), sha256)
        return b32encode(digest[:_MARK_BYTES]).decode().rstrip("=").lower()

    def _seal(self, purpose: str, business: str, number: int, day: date | None) -> str:
        since = (day - _FIRST_DAY).days + 1 if day else 0
        size = (number.bit_length() + 7) // 8 or 1
        body = bytes([_PURPOSES.index(purpose)]) + since.to_bytes(2, "big") + self._tag(business)
        body += number.to_bytes(size, "big")
        return b32encode(body + self._mac(body)).decode().rstrip("=").lower()

    def _open(self, token: str, business: str | None) -> Token | None:
        if not 20 <= len(token) <= 64 or not token.isascii():
            return None
        try:
            sealed = b32decode(token.upper() + "=" * (-len(token) % 8))
        except ValueError:
            return None
        body, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        if len(body) < 4 + _TAG_BYTES or not hmac.compare_digest(mac, self._mac(body)):
            return None
        if business is not None and not hmac.compare_digest(body[3 : 3 + _TAG_BYTES], self._tag(business)):
            return None
        since = int.from_bytes(body[1:3], "big")
        day = _FIRST_DAY + timedelta(days=since - 1) if since else None
        return Token(_PURPOSES[body[0]], int.from_bytes(body[3 + _TAG_BYTES :], "big"), day)

    def _link_mac(self, purpose: LinkPurpose, raw: bytes) -> bytes:
        return hmac.digest(self._key, f"link:{purpose}:".encode() + raw, sha256)[:_LINK_MAC_BYTES]

    def _tag(self, business: str) -> bytes:
        return hmac.digest(self._key, b"business:" + business.encode(), sha256)[:_TAG_BYTES]

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"token:" + body, sha256)[:_MAC_BYTES]
