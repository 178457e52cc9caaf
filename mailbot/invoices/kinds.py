"""Files that hold no invoice that can be read, by their names: what they are, and what to send instead."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "html_file": "This is a web page. Send the invoice as PDF, or as the XML that your software makes.",
    "word_file": "This is a text document. Save it as PDF and send that.",
    "sheet_file": "This is a spreadsheet. Save the invoice as PDF and send that.",
    "picture_file": "This is a picture. Send the PDF that your software made, or send its fields.",
    "archive_file": "The archive holds several files or none. Send the invoices themselves.",
}
"""One for each kind of file."""
ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz")
_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "word_file": (".doc", ".docx", ".odt", ".rtf", ".pages", ".txt", ".docm"),
    "sheet_file": (".xls", ".xlsx", ".ods", ".numbers", ".xlsm"),
    "picture_file": (".jpg", ".jpeg", ".png", ".heic", ".tif", ".tiff", ".webp"),
    "html_file": (".html", ".htm", ".mht", ".mhtml"),
    "archive_file": ARCHIVES,
}
_LOGO_BYTES: Final = 30_000
_OF_A_SIGNATURE: Final = re.compile(
    r"(?:image\d{1,4}|logo|signature|banner|bandeau|banni[eè]re|outlook-)", re.IGNORECASE
)


def kind_of(name: str) -> str | None:
    """The kind of file that a name tells, a key of `SENTENCES`; None for what may be read, and for any other name."""
    ending = PurePath(name.lower()).suffix
    return next((kind for kind, endings in _ENDINGS.items() if ending in endings), None)


def is_of_a_signature(name: str, size: int) -> bool:
    """Whether a picture of so many bytes is one that mails carry anyway: the logo below a signature."""
    return size < _LOGO_BYTES or _OF_A_SIGNATURE.match(name) is not None
