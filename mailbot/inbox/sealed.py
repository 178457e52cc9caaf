"""Signed and encrypted mail: the mail inside an opaque signature is taken out, what is encrypted is called so.

Signatures are not verified: who wrote a mail is decided by the receiving server alone. Only the layers of CMS that
lead to the content (RFC 5652, 5.1) are walked.
"""

from mailbot.model import Letter

OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
"""Types of a mail that is wrapped whole, signed or encrypted (RFC 8551, 3.5)."""
_PGP_MARK = "-----BEGIN PGP MESSAGE-----"
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OBJECT_ID, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_MAX_PIECES = 100_000
_PGP_HEAD = 4000


def signed_content(data: bytes) -> bytes | None:
    """The mail inside an opaque S/MIME signature; None where `data` is encrypted or no such thing."""
    try:
        return _content(data)
    except (IndexError, ValueError):
        return None  # cut or not DER


def is_encrypted(letter: Letter) -> bool:
    """Whether what `letter` says can be read by its recipient only: S/MIME or PGP."""
    types = {attachment.type for attachment in letter.attachments}
    return bool(types & (OPAQUE | {"application/pgp-encrypted"})) or _PGP_MARK in letter.text[:_PGP_HEAD]


def _content(data: bytes) -> bytes | None:
    """ContentInfo → [0] → SignedData → encapContentInfo → [0] → OCTET STRING."""
    at = _into(data, 0, _SEQUENCE)
    tag, start, end = _head(data, at)
    if tag != _OBJECT_ID or data[start:end] != _SIGNED_DATA:
        return None
    at = _into(data, _into(data, end, _EXPLICIT), _SEQUENCE)
    at = _past(data, _past(data, at))  # version, digest algorithms
    at = _into(data, at, _SEQUENCE)
    at = _into(data, _past(data, at), _EXPLICIT)
    tag, start, end = _head(data, at)
    if tag == _OCTETS:
        return data[start:end]
    return _joined(data, start, end) if tag == _OCTETS_IN_PIECES else None


def _joined(data: bytes, start: int, end: int) -> bytes:
    """An octet string sent in pieces, as Outlook sends it."""
    pieces: list[bytes] = []
    while start < end and len(pieces) < _MAX_PIECES:
        tag, at, start = _head(data, start)
        if tag != _OCTETS:
            break  # the end mark of an open length
        pieces.append(data[at:start])
    return b"".join(pieces)


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """(tag, start of the value, end of the value); a value of open length ends with `data`."""
    tag, length = data[at], data[at + 1]
    at += 2
    if length == 0x80:
        return tag, at, len(data)
    if length > 0x80:
        digits = length & 0x7F
        if digits > 4:
            raise ValueError("a length of more than four bytes")
        length = int.from_bytes(data[at : at + digits], "big")
        at += digits
    return tag, at, at + length


def _into(data: bytes, at: int, wanted: int) -> int:
    tag, start, _ = _head(data, at)
    if tag != wanted:
        raise ValueError("not the structure of a signature")
    return start


def _past(data: bytes, at: int) -> int:
    return _head(data, at)[2]
