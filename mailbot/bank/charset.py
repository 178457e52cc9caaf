"""Bytes of a bank file to text: what banks declare is often not what they write, so the bytes decide."""

import codecs
import re
import unicodedata

_DECLARED = re.compile(
    r"""(?:CHARSET\s{0,4}:|encoding\s{0,4}=)\s{0,4}["']?(?:cp|windows-|iso-|iso)?(\d{3,4}(?:-\d{1,2})?)""",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([0-9a-f]{1,6}));", re.IGNORECASE)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_HEADER_BYTES = 4096


def decode(data: bytes, last: str = "cp1252") -> str:
    """The text of a bank file: a byte order mark, strict UTF-8, what the header declares, cp1252, then `last`.

    Bytes that none of them knows become U+FFFD, so that a label may lose a letter but never a line.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in (_declared(data[:_HEADER_BYTES].decode("latin-1")), "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(last, "replace")


def unescape(text: str) -> str:
    """Character references to characters; twice, because some banks escape `&` twice.

    Only the references of XML: `html.unescape` would turn "R&notes" into "R¬es".
    """
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(_character, text)
    return text


def plain(text: str) -> str:
    """A label on one line: references resolved, control characters and runs of spaces made one space."""
    shown = unescape(text)
    if not shown.isprintable():
        shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else char for char in shown)
    return " ".join(shown.split())


def repaired(label: str) -> str:
    """The label that the bank meant where it had encoded UTF-8 twice ("SociÃ©tÃ©"), else the same label.

    Text that is valid UTF-8 once written as cp1252 is practically never meant as it stands.
    """
    if label.isascii():
        return label
    try:
        return label.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return label


def _declared(header: str) -> str:
    found = _DECLARED.search(header)
    if not found:
        return "cp1252"
    number = found.group(1)
    if number == "8859-1":  # what banks call Latin-1 is cp1252: it has the euro sign
        return "cp1252"
    name = f"iso{number}" if number.startswith("8859") else f"cp{number}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name:
        return _NAMED[name.lower()]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0xD800 or 0xE000 <= code <= 0x10FFFF else "�"
