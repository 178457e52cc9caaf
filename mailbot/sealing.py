"""What the key of the installation locks and proves: the sign-ins of mailboxes, and that the key is still the same.

Everything is derived from the one key file, each purpose with a name of its own (RFC 5869's expand step), so that
what is kept for one purpose says nothing about another.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

_FINGERPRINT_BYTES = 8


class Seal:
    """Encrypts with a key derived from the installation's (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def close(self, text: str) -> str:
        """The text, readable only with the same key; never twice the same."""
        from cryptography.fernet import Fernet  # 40 ms that most commands do without

        return Fernet(self._derived()).encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """The text again; None where another key sealed it or somebody changed it."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._derived()).decrypt(sealed.encode("ascii")).decode()
        except (InvalidToken, UnicodeError):
            return None

    def fingerprint(self) -> str:
        """Says whether two keys are the same, and nothing else about them: 16 hexadecimal digits."""
        return hmac.digest(self._key, b"fingerprint\x01", sha256)[:_FINGERPRINT_BYTES].hex()

    def _derived(self) -> bytes:
        return urlsafe_b64encode(hmac.digest(self._key, b"sealed sign-ins\x01", sha256))
