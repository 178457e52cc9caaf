"""Raw bytes to a `Letter`: every part found, every text decoded, nothing dropped.

mail-parser reads the sender; where it raises or loses a letter of a raw 8-bit header, the standard library does, which
reads all other headers. MIME structure is cut by `mime`, which bounds it first.
"""

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

import mailparser

from mailbot.errors import ReaderError
from mailbot.inbox import tnef
from mailbot.inbox.charsets import best_text, whole_letters
from mailbot.inbox.mime import MAX_DEPTH, Part, decoded, split
from mailbot.inbox.sealed import OPAQUE, signed_content
from mailbot.model import Attachment, Letter

MAX_ADDRESSES = 200
MAX_REPEATS = 2
_MAX_TEXT = 1024 * 1024
_REPORTS = {
    "message/delivery-status": "message/delivery-status",
    "message/global-delivery-status": "message/delivery-status",
    "message/disposition-notification": "message/disposition-notification",
    "message/global-disposition-notification": "message/disposition-notification",
    "message/feedback-report": "message/feedback-report",
    "text/rfc822-headers": "message/rfc822-headers",
    "text/rfc822-header": "message/rfc822-headers",
    "message/rfc822-headers": "message/rfc822-headers",
    "message/global-headers": "message/rfc822-headers",
}
_TYPES = {"pdf": "application/pdf", "xml": "application/xml", "csv": "text/csv", "txt": "text/plain"}
_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_ID = re.compile(r"<[^<>\s]{1,500}>")
_FOLD = re.compile(r"[\r\n]+[ \t]+|[\r\n\x00]+")


def parse_letter(raw: bytes) -> Letter:
    """The mail as a `Letter`. Raises ReaderError("too_big", sentence) for mail beyond the bounds of `mime`."""
    try:
        return _letter(split(raw), 0)
    except RecursionError as error:
        raise ReaderError("too_big", "a header of the mail is nested too deeply") from error


def decode_words(value: str) -> str:
    """A header with its encoded words decoded (RFC 2047), unfolded, without control characters."""
    plain = whole_letters(_FOLD.sub(" ", value))
    if "=?" not in plain:
        return plain.strip()
    try:
        pieces = decode_header(plain)
    except (HeaderParseError, ValueError, LookupError):
        return plain.strip()
    return "".join(p if isinstance(p, str) else best_text(p, c) for p, c in pieces).strip()


def _letter(root: Part, depth: int) -> Letter:
    headers = tuple((name.lower(), decode_words(str(value))) for name, value in root.headers.items())
    name, address = _sender(root.headers)
    body = _Body(depth)
    body.take(root)
    return Letter(
        message_id=next(iter(_ids(root.headers, "message-id")), ""),
        subject=_subject(root.headers),
        from_name=name,
        from_address=address,
        to=_recipients(root.headers),
        reply_to=tuple(a for _, a in _addresses(root.headers, "reply-to")),
        in_reply_to=_ids(root.headers, "in-reply-to"),
        references=_ids(root.headers, "references"),
        date=_date(root.headers),
        headers=headers,
        text="\n".join(body.text)[:_MAX_TEXT],
        html="\n".join(body.html)[:_MAX_TEXT],
        attachments=tuple(body.attachments),
        reports=tuple(body.reports),
        enclosed=tuple(body.enclosed),
    )


class _Body:
    """Collects what the parts of one mail hold."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.text: list[str] = []
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.reports: list[tuple[str, str]] = []
        self.enclosed: list[Letter] = []

    def take(self, part: Part) -> None:
        name = decode_words(part.filename() or "")
        if part.type.startswith("multipart/") and part.children:
            for child in part.children:
                self.take(child)
        elif part.type in ("message/rfc822", "message/global"):
            self._enclose(part, name)
        elif part.type in _REPORTS:
            self.reports.append((_REPORTS[part.type], _text(part)))
        elif part.type in OPAQUE and self._unwrap(part):
            return
        elif part.type in _TNEF_TYPES or name.lower() == "winmail.dat":
            self._take_winmail(part, name)
        elif not part.is_attached() and _is_text(part, name):
            (self.html if part.type == "text/html" else self.text).append(_text(part))
        else:
            self.attachments.append(Attachment(name or _name_for(part.type), part.type, part.content()))

    def _unwrap(self, part: Part) -> bool:
        """Take the mail inside an opaque signature; False where it is encrypted or broken."""
        inner = signed_content(part.content())
        if inner is None or self.depth >= MAX_DEPTH:
            return False
        self.depth += 1
        self.take(split(inner))
        return True

    def _take_winmail(self, part: Part, name: str) -> None:
        """The files and the text that Outlook hid; the text only where the mail says nothing beside it."""
        content = part.content()
        found = tnef.read(content)
        if found is None:
            self.attachments.append(Attachment(name or "winmail.dat", part.type, content))
            return
        for file in found.files:
            title = decode_words(file.name)
            type_ = file.type or _TYPES.get(title.rpartition(".")[2].lower(), "application/octet-stream")
            self.attachments.append(Attachment(title or _name_for(type_), type_, file.content))
        if not any(text.strip() for text in (*self.text, *self.html)):
            self.text.append(_lines(found.text))
            self.html.append(found.html)

    def _enclose(self, part: Part, name: str) -> None:
        if not part.children:
            if self.depth >= MAX_DEPTH:
                raise ReaderError("too_big", f"the mail nests its parts more than {MAX_DEPTH} deep")
            part.children.append(split(part.content()))
        for child in part.children:
            self.enclosed.append(_letter(child, self.depth + 1))
            self.reports.append(("message/rfc822-headers", _header_lines(child.headers)))
        if name:
            self.attachments.append(Attachment(name, part.type, part.body))


def _is_text(part: Part, name: str) -> bool:
    if part.type == "text/html":
        return not name.lower().endswith((".html", ".htm"))
    return (part.type == "text/plain" and not name) or part.type.startswith("multipart/")


def _text(part: Part) -> str:
    encoding = str(part.headers.get("content-transfer-encoding", ""))
    text = best_text(decoded(part.body, encoding), part.headers.get_content_charset())
    text = _lines(text)
    return _unstuffed(text) if part.parameter("format") == "flowed" else text


def _lines(text: str) -> str:
    """Lines that end with LF only, without byte order marks and NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\x00", "")


def _unstuffed(text: str) -> str:
    """format=flowed (RFC 3676) without its stuffing; lines stay as they are, since people quote them so."""
    lines = (line.removeprefix(" ") for line in text.split("\n"))
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in lines)


def _subject(headers: Message) -> str:
    """In one line. White space between an encoded word and plain text is kept, between two encoded words it is not
    (RFC 2047, section 6.2); mail-parser drops both."""
    return " ".join(decode_words(str(headers.get("subject", ""))).split())


def _only(headers: Message, name: str) -> Message:
    """A message with that one header: mail-parser reads every address it is given, and is not quick."""
    message = Message()
    for value in headers.get_all(name, [])[:1]:
        message[name] = str(value)
    return message


def _sender(headers: Message) -> tuple[str, str]:
    try:
        found = [(str(n), str(a)) for n, a in mailparser.MailParser(_only(headers, "from")).from_]
    except Exception:  # noqa: BLE001 - mail-parser raises whatever its input makes it raise
        found = []
    if not found or "@" not in found[0][1]:
        found = _addresses(headers, "from") or found
    if not found:
        return decode_words(str(headers.get("from", ""))), ""
    return decode_words(found[0][0]), found[0][1].lower()


def _recipients(headers: Message) -> tuple[str, ...]:
    names = ("to", "cc", "delivered-to", "x-original-to")
    return tuple(dict.fromkeys(a for name in names for _, a in _addresses(headers, name)))


def _addresses(headers: Message, name: str) -> list[tuple[str, str]]:
    values = [str(v) for v in headers.get_all(name, [])[:MAX_REPEATS]]
    pairs = getaddresses([_FOLD.sub(" ", v) for v in values])
    return [(n, a.strip().lower()) for n, a in pairs if "@" in a][:MAX_ADDRESSES]


def _ids(headers: Message, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ID.findall(" ".join(str(v) for v in headers.get_all(name, [])))))


def _date(headers: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(headers.get("date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _header_lines(headers: Message) -> str:
    return "\n".join(f"{name}: {decode_words(str(value))}" for name, value in headers.items())


def _name_for(type_: str) -> str:
    return "part." + {"application/pdf": "pdf", "application/xml": "xml", "text/xml": "xml"}.get(type_, "bin")
