"""Plain text out of compressed rich text, the only body of some mails of Outlook (MS-OXRTFCP, MS-OXRTFEX).

Formatting is dropped, and so is HTML that the rich text encapsulates: the words are the same.
"""

import re
import struct

_HEAD = struct.Struct("<III")
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_MAX_TEXT = 256 * 1024
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SILENT = frozenset({
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "htmltag", "mhtmltag",
    "themedata", "datastore", "generator", "listtable", "listoverridetable", "rsidtbl", "xmlnstbl", "latentstyles",
})  # fmt: skip
"""Groups that hold no words of the text."""
_BREAKS = frozenset({"par", "line", "row", "sect", "page"})
_SIGNS = {
    "tab": "\t",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
}


def text_of(compressed: bytes) -> str:
    """The words of PR_RTF_COMPRESSED; "" where it is damaged."""
    if len(compressed) < 16:
        return ""
    _, size, kind = _HEAD.unpack_from(compressed)
    if kind == _PLAIN:
        return _words(compressed[16 : 16 + size])
    return _words(_unpacked(compressed[16:], min(size, _MAX_TEXT))) if kind == _COMPRESSED else ""


def _unpacked(data: bytes, size: int) -> bytes:
    """LZFu (MS-OXRTFCP 2.2): runs of eight items, each a byte or a reference into the last 4096 bytes."""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    position, out, at = len(_DICTIONARY), bytearray(), 0
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if not control >> bit & 1:
                chunk = data[at : at + 1]
                at += 1
            else:
                token = int.from_bytes(data[at : at + 2], "big")
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == position:
                    return bytes(out)
                chunk = bytes(_copied(window, offset, length, position))
            for byte in chunk:
                window[position] = byte
                position = (position + 1) % _WINDOW
            out += chunk
    return bytes(out)


def _copied(window: bytearray, offset: int, length: int, position: int) -> bytearray:
    """`length` bytes from `offset`; a reference may reach into what it writes itself."""
    copied = bytearray()
    for step in range(length):
        at = (offset + step) % _WINDOW
        ahead = (at - position) % _WINDOW
        copied.append(copied[ahead] if ahead < len(copied) else window[at])
    return copied


def _words(rtf: bytes) -> str:
    """The text that a reader would see, a line for each paragraph."""
    out: list[str] = []
    silent: list[bool] = [False]
    skip = 0
    for word, number, hexed, sign, brace, plain in _TOKEN.findall(rtf[:_MAX_TEXT].decode("latin-1")):
        if brace:
            _nest(silent, brace)
        elif word in _SILENT or sign == "*":
            silent[-1] = True
        elif word == "htmlrtf":
            silent[-1] = number != "0"
        elif silent[-1]:
            continue
        elif word == "u" and number:
            out.append(chr(int(number) % 0x10000))
            skip = 1
        elif hexed:
            skip = skip - 1 if skip else _append(out, bytes.fromhex(hexed).decode("windows-1252", "replace"))
        elif plain:
            out.append(plain[skip:])
            skip = 0
        else:
            out.append("\n" if word in _BREAKS else _SIGNS.get(word, "") or ("\u00a0" if sign == "~" else ""))
            out.append(sign if sign and sign in "\\{}" else "")
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _append(out: list[str], text: str) -> int:
    out.append(text)
    return 0


def _nest(silent: list[bool], brace: str) -> None:
    if brace == "{":
        silent.append(silent[-1])
    elif len(silent) > 1:
        silent.pop()
