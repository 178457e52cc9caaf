"""Bytes as text, whatever their label says: mail programs lie about charsets, and bytes do not."""

import re

_FOLLOWING = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(rf"(?:[ÂÃ][{_FOLLOWING}]|Å[’“¸]|â[€‚][{_FOLLOWING}]){{1,1000}}")
"""Letters of UTF-8 read as windows-1252, as many as follow each other: a mail may be nothing else."""
_AS_BYTES = {ord(bytes([code]).decode("windows-1252", "ignore") or chr(code)): code for code in range(0x80, 0xA0)}
_HALVES = re.compile("[\ud800-\udfff]")
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "unicodeescape"})
"""Codecs of Python that are no charset of a mail; punycode takes quadratic time."""
_DASHES = str.maketrans("- ", "__")
_WESTERN = frozenset({"us-ascii", "ascii", "utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1"})


def best_text(data: bytes, charset: str | None) -> str:
    """Text in the charset that it says, unless the bytes show that to be wrong.

    Bytes that are valid UTF-8 with letters beyond ASCII are UTF-8 whatever the label says; bytes that the
    label cannot explain are read as windows-1252, which Western mail programs send under every name. One stray
    byte does not spoil the rest: letters of UTF-8 read as windows-1252 ("rÃ©glÃ©e") are put right wherever they stand.
    """
    return _MOJIBAKE.sub(_put_right, whole_letters(_decoded_as(data, charset)))


def whole_letters(text: str) -> str:
    """`text` without halves of letters (UTF-7 and RFC 2231 can smuggle them in): nothing else can be sent on."""
    return _HALVES.sub("\ufffd", text)


def _put_right(letters: re.Match[str]) -> str:
    return letters[0].translate(_AS_BYTES).encode("latin-1").decode("utf-8")


def _decoded_as(data: bytes, charset: str | None) -> str:
    stated = (charset or "us-ascii").lower()
    stated = "windows-1252" if stated in ("iso-8859-1", "latin1") else stated
    for name in ("utf-8", stated) if stated in _WESTERN else (stated, "utf-8"):
        if name.translate(_DASHES) in _NO_CHARSETS:
            continue
        try:
            return data.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue  # ValueError: a name with NUL in it
    return data.decode("windows-1252", "replace")
