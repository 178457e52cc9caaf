"""Cuts raw bytes into MIME parts in one linear pass, and refuses what is built to hurt.

The standard parser spends seconds on nested or numberless parts and on a megabyte of line ends; here
the bytes are only scanned for the boundaries that are open, and slices are taken. The bounds are those
that real mail never reaches: 25 MB, depth 20, 200 parts, 8 kB a header, 64 kB of headers.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import HeaderParser

from mailbot.errors import ReaderError
from mailbot.inbox.charsets import best_text

MAX_BYTES = 25 * 1024 * 1024
MAX_HEADER = 8 * 1024
MAX_HEADERS = 64 * 1024
MAX_DEPTH = 20
MAX_PARTS = 200

_BLANK = re.compile(rb"\r?\n\r?\n")
_DELIMITER = re.compile(rb"^--([^\r\n]{1,200})[ \t]*\r?\n?", re.MULTILINE)
_CRLF_TAIL = re.compile(rb"\r?\n\Z")
_HEADERS = HeaderParser(policy=policy.compat32)


@dataclass(slots=True)
class Part:
    """One MIME part: its headers, and either children or the bytes of its body as they were sent."""

    headers: Message
    type: str
    body: bytes = b""
    children: list["Part"] = field(default_factory=list)

    def content(self) -> bytes:
        """The body with its transfer encoding undone; what cannot be undone stays as it is."""
        return decoded(self.body, str(self.headers.get("content-transfer-encoding", "")))

    def filename(self) -> str | None:
        """The file name of the part, decoded by RFC 2231; RFC 2047 is left to the caller."""
        name = self.headers.get_filename()
        return str(name) if name else None

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type in lower case, or an empty string."""
        value = self.headers.get_param(name, "")
        return (value[2] if isinstance(value, tuple) else str(value)).lower()

    def is_attached(self) -> bool:
        """Whether the sender meant this part as a file beside the text."""
        return self.headers.get_content_disposition() == "attachment"


def split(raw: bytes) -> Part:
    """The mail as a tree of parts. Raises ReaderError("too_big", sentence) beyond the bounds."""
    if len(raw) > MAX_BYTES:
        raise ReaderError("too_big", f"the mail is larger than the {MAX_BYTES // 1024 // 1024} MB that are read")
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return _Splitter(raw).run()


def decoded(body: bytes, encoding: str) -> bytes:
    """`body` without base64 or quoted-printable; broken base64 gives what can be read of it."""
    match encoding.strip().lower():
        case "base64":
            return _base64(body)
        case "quoted-printable":
            return quopri.decodestring(body)
        case _:
            return body


def walk(part: Part) -> Iterator[Part]:
    """The part and all parts below it, in the order of the mail."""
    waiting = [part]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children))


def _base64(body: bytes) -> bytes:
    bare = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return base64.b64decode(bare[: len(bare) // 4 * 4])


class _Splitter:
    """The state of one pass: which multiparts are open, and which part is being read."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.open: list[tuple[bytes, Part, int]] = []
        self.positions: dict[bytes, int] = {}
        self.leaf: Part | None = None
        self.start = 0
        self.depth = 0
        self.parts = 0

    def run(self) -> Part:
        root, body = self._head(0)
        self._enter(root, body)
        for delimiter in _DELIMITER.finditer(self.raw, body) if self.open else ():
            self._meet(delimiter)
        self._close(len(self.raw))
        return root

    def _meet(self, delimiter: re.Match[bytes]) -> None:
        label = delimiter[1].rstrip()
        at = self.positions.get(label)
        closing = at is None and label.endswith(b"--")
        if closing:
            at = self.positions.get(label[:-2])
        if at is None or delimiter.start() < self.start:
            return
        self._close(delimiter.start())
        for boundary, _, _ in self.open[at + 1 :]:
            self.positions.pop(boundary, None)
        del self.open[at + 1 :]
        _, container, self.depth = self.open[at]
        if closing:
            self.positions.pop(self.open.pop()[0], None)
            self.start = delimiter.end()
            return
        child, body = self._head(delimiter.end())
        container.children.append(child)
        self._enter(child, body)

    def _enter(self, part: Part, body: int) -> None:
        while part.type == "message/rfc822" and "base64" not in str(part.headers.get("content-transfer-encoding", "")):
            self._deeper()
            child, body = self._head(body)
            part.children.append(child)
            part = child
        boundary = part.headers.get_boundary() if part.type.startswith("multipart/") else None
        self.leaf, self.start = part, body
        if boundary:
            self._deeper()
            key = boundary.encode("utf-8", "surrogateescape").rstrip()
            self.positions[key] = len(self.open)
            self.open.append((key, part, self.depth))

    def _close(self, end: int) -> None:
        if self.leaf is not None and not self.leaf.children:
            self.leaf.body = (
                _CRLF_TAIL.sub(b"", self.raw[self.start : end]) if self.open else self.raw[self.start : end]
            )
        self.leaf = None

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ReaderError("too_big", f"the mail nests its parts more than {MAX_DEPTH} deep")

    def _head(self, start: int) -> tuple[Part, int]:
        """The headers that begin at `start`, and where their body begins."""
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise ReaderError("too_big", f"the mail has more than {MAX_PARTS} parts")
        if self.raw[start : start + 1] in (b"\r", b"\n"):
            return Part(Message(), "text/plain"), start + (2 if self.raw[start : start + 2] == b"\r\n" else 1)
        blank = _BLANK.search(self.raw, start, start + MAX_HEADERS + 4)
        if blank is None and len(self.raw) - start > MAX_HEADERS:
            raise ReaderError("too_big", "the headers of the mail are larger than 64 kB")
        end, body = (blank.start(), blank.end()) if blank else (len(self.raw), len(self.raw))
        block = _shortened(self.raw[start:end])
        headers = _HEADERS.parsestr(best_text(block, None) + "\n\n")
        return Part(headers, headers.get_content_type()), body


def _shortened(block: bytes) -> bytes:
    """The headers, each cut at 8 kB: spam filters write longer ones, and no reader of ours needs them."""
    if len(block) <= MAX_HEADER:
        return block
    kept: list[bytes] = []
    length = 0
    for line in block.splitlines(keepends=True):
        length = length + len(line) if line[:1] in (b" ", b"\t") else len(line)
        if length <= MAX_HEADER:
            kept.append(line)
        elif length == len(line):
            kept.append(line[:MAX_HEADER] + b"\n")
    return b"".join(kept)
