"""winmail.dat: what Outlook hides in one attachment (TNEF, MS-OXTNEF), body and files taken out again.

Only tnefparse reads it in Python; that is unbounded, LGPL and no longer kept, and what is wanted here is little: a flat
list of records, and in two of them a list of MAPI properties. A record that lies about its length ends the reading;
what was found until then is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.inbox import rtf
from mailbot.inbox.charsets import best_text

SIGNATURE = b"\x78\x9f\x3e\x22"
_MAX_RECORDS = 2000
_MAX_PROPERTIES = 2000
_MAX_FILES = 100
_RECORD = struct.Struct("<BII")
_WORDS = struct.Struct("<II")
# attribute ids of MS-OXTNEF 2.1.3.2
_BODY, _CODEPAGE, _MESSAGE = 0x0002800C, 0x00069007, 0x00069003
_FILE_START, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
# MAPI properties of MS-OXPROPS
_PR_BODY, _PR_HTML, _PR_RTF = 0x1000, 0x1013, 0x1009
_PR_FILE_DATA, _PR_FILE_NAME, _PR_FILE_LONG_NAME, _PR_FILE_TYPE = 0x3701, 0x3704, 0x3707, 0x370E
# MAPI property types of MS-OXCDATA 2.11.1, with the bytes of those that have a fixed size
_FIXED = {
    0x0002: 4,
    0x0003: 4,
    0x0004: 4,
    0x0005: 8,
    0x0006: 8,
    0x0007: 8,
    0x000A: 4,
    0x000B: 4,
    0x0014: 8,
    0x0040: 8,
    0x0048: 16,
}
_STRING8, _UNICODE, _BINARY, _OBJECT, _MULTIPLE, _NAMED = 0x001E, 0x001F, 0x0102, 0x000D, 0x1000, 0x8000


@dataclass(slots=True)
class TnefFile:
    """A file of a winmail.dat; `type` is its MIME type where Outlook gave one."""

    name: str = ""
    type: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """The text and files of a winmail.dat; `text` or `html` are "" where it has none."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def read(data: bytes) -> Tnef | None:
    """What a winmail.dat holds; None where `data` is none."""
    if data[:4] != SIGNATURE:
        return None
    found, charset, rich = Tnef(), "windows-1252", ""
    for attribute, value in _records(data):
        last = found.files[-1] if found.files else None
        match attribute:
            case _ if attribute == _CODEPAGE and len(value) >= 4:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            case _ if attribute == _BODY:
                found.text = found.text or _string(value, charset)
            case _ if attribute == _MESSAGE:
                rich = _take_body(found, value, charset)
            case _ if attribute == _FILE_START and len(found.files) < _MAX_FILES:
                found.files.append(TnefFile())
            case _ if attribute == _FILE_TITLE and last:
                last.name = last.name or _string(value, charset)
            case _ if attribute == _FILE_DATA and last:
                last.content = value
            case _ if attribute == _FILE_PROPERTIES and last:
                _take_file(last, value, charset)
    if not (found.text.strip() or found.html.strip()):
        found.text = rich
    return found


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(attribute, value) of each record: level, attribute, length, value, checksum (MS-OXTNEF 2.1.3)."""
    at = 6
    for _ in range(_MAX_RECORDS):
        if at + _RECORD.size > len(data):
            return
        level, attribute, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if level not in (1, 2) or at + length > len(data):
            return
        yield attribute, data[at : at + length]
        at += length + 2


def _take_body(found: Tnef, value: bytes, charset: str) -> str:
    """The body of the message's properties; returns the text of its rich text, which is only the last resort."""
    rich = ""
    for name, content in _properties(value, charset):
        if name == _PR_BODY and isinstance(content, str):
            found.text = content or found.text
        elif name == _PR_HTML:
            found.html = content if isinstance(content, str) else best_text(content, charset)
        elif name == _PR_RTF and isinstance(content, bytes):
            rich = rtf.text_of(content)
    return rich


def _take_file(last: TnefFile, value: bytes, charset: str) -> None:
    for name, content in _properties(value, charset):
        if name == _PR_FILE_LONG_NAME and isinstance(content, str):
            last.name = content or last.name
        elif name == _PR_FILE_NAME and isinstance(content, str):
            last.name = last.name or content
        elif name == _PR_FILE_TYPE and isinstance(content, str):
            last.type = content.lower()
        elif name == _PR_FILE_DATA and isinstance(content, bytes):
            last.content = content


def _properties(value: bytes, charset: str) -> Iterator[tuple[int, str | bytes]]:
    """(property, value) of each text or binary property; the others are stepped over (MS-OXTNEF 2.1.3.4)."""
    try:
        yield from _walk(value, charset)
    except struct.error:
        return  # cut short: what came before counts


def _walk(value: bytes, charset: str) -> Iterator[tuple[int, str | bytes]]:
    (count,) = struct.unpack_from("<I", value)
    at = 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        type_, name = struct.unpack_from("<HH", value, at)
        at += 4
        if name >= _NAMED:
            at = _after_name(value, at)
        single = type_ & ~_MULTIPLE
        values = 1
        if type_ & _MULTIPLE or single in (_STRING8, _UNICODE, _BINARY, _OBJECT):
            (values,) = struct.unpack_from("<I", value, at)
            at += 4
        for _ in range(min(values, _MAX_PROPERTIES)):
            if single in _FIXED:
                at += _FIXED[single]
                continue
            if single not in (_STRING8, _UNICODE, _BINARY, _OBJECT):
                return
            (length,) = struct.unpack_from("<I", value, at)
            content = value[at + 4 : at + 4 + length]
            if len(content) < length:
                return
            at += 4 + (length + 3) // 4 * 4
            yield name, _content(single, content, charset)


def _after_name(value: bytes, at: int) -> int:
    """Where a named property's own value begins: after its GUID, and its number or its name."""
    kind, length = map(int, _WORDS.unpack_from(value, at + 16))
    if kind == 0:
        return at + 24
    return at + 24 + (length + 3) // 4 * 4


def _content(type_: int, content: bytes, charset: str) -> str | bytes:
    if type_ == _UNICODE:
        return content.decode("utf-16-le", "replace").rstrip("\0")
    if type_ == _STRING8:
        return _string(content, charset)
    return content[16:] if type_ == _OBJECT else content


def _string(content: bytes, charset: str) -> str:
    return best_text(content.rstrip(b"\0"), charset)
