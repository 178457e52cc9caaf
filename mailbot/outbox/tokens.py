"""Tokens in addresses: which outgoing mail an answer belongs to, and that an order answers a digest of ours.

A token is lower-case base32 of purpose, business, number and a truncated HMAC-SHA256, so that it survives
servers that fold the case of addresses. It proves that whoever uses it was sent it; it holds no personal data.
"""

import hmac
from base64 import b32decode, b32encode
from collections.abc import Iterable
from datetime import date
from hashlib import sha256

_PURPOSES = ("reply", "owner", "question", "pixel")
_MARK = "+r."
_MAC_BYTES = 10  # 80 bits: 2**40 guesses by mail for one hit in 2**40
_TAG_BYTES = 3
_OWNER_DAYS = 14


class Tokens:
    """Makes and reads tokens with one secret key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the key for tokens needs at least 16 bytes")
        self._key = key

    def reply_address(self, mailbox: str, purpose: str, business: str, id: int) -> str:  # noqa: A002
        """`box@host` as `box+r.<token>@host`; purposes are reply, owner, question and pixel."""
        local, _, host = mailbox.rpartition("@")
        return f"{local}{_MARK}{self._seal(purpose, business, id)}@{host}"

    def read(self, address: str, business: str | None = None) -> tuple[str, int] | None:
        """Purpose and number of a genuine token, else None; with a business, only of its own tokens."""
        local, _, _ = address.rpartition("@")
        _, mark, token = local.lower().rpartition(_MARK)
        return self._open(token, business) if mark else None

    def owner_address(self, mailbox: str, business: str, day: date) -> str:
        """Where an owner's answer to the mail of this day goes."""
        return self.reply_address(mailbox, "owner", business, day.toordinal())

    def is_owner_address(self, address: str, business: str, today: date) -> bool:
        """Whether an address carries the owner token of this business, at most 14 days old."""
        found = self.read(address, business)
        if found is None or found[0] != "owner":
            return False
        return 0 <= today.toordinal() - found[1] <= _OWNER_DAYS

    def pixel(self, business: str, outgoing: int) -> str:
        """The part of an image's address that names an outgoing mail."""
        return self._seal("pixel", business, outgoing)

    def read_pixel(self, token: str, businesses: Iterable[str]) -> tuple[str, int] | None:
        """Business and outgoing mail of a genuine pixel token."""
        for business in businesses:
            found = self._open(token.lower(), business)
            if found is not None and found[0] == "pixel":
                return business, found[1]
        return None

    def _seal(self, purpose: str, business: str, number: int) -> str:
        size = (number.bit_length() + 7) // 8 or 1
        body = bytes([_PURPOSES.index(purpose)]) + self._tag(business) + number.to_bytes(size, "big")
        return b32encode(body + self._mac(body)).decode("ascii").rstrip("=").lower()

    def _open(self, token: str, business: str | None) -> tuple[str, int] | None:
        if not 20 <= len(token) <= 64 or not token.isascii():
            return None
        try:
            sealed = b32decode(token.upper() + "=" * (-len(token) % 8))
        except ValueError:
            return None
        body, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        if len(body) <= 1 + _TAG_BYTES or not hmac.compare_digest(mac, self._mac(body)):
            return None
        if business is not None and not hmac.compare_digest(body[1 : 1 + _TAG_BYTES], self._tag(business)):
            return None
        return _PURPOSES[body[0]], int.from_bytes(body[1 + _TAG_BYTES :], "big")

    def _tag(self, business: str) -> bytes:
        return hmac.digest(self._key, b"business:" + business.encode(), sha256)[:_TAG_BYTES]

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"token:" + body, sha256)[:_MAC_BYTES]
