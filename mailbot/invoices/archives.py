"""ZIP archives of invoices, opened within bounds, and the office files that are archives too."""

import io
import zipfile
from collections.abc import Iterator

from mailbot.invoices.kinds import ARCHIVES, SENTENCES, kind_of
from mailbot.model import Problem

_MOST_FILES = 50
_MOST_BYTES = 20 * 1024 * 1024
_MOST_IN_ALL = 60 * 1024 * 1024
_ENDINGS = (".pdf", ".xml")
_NESTED = "An archive inside an archive is not opened. Send it by itself."
_HIDDEN_FOLDER = "__macosx"
_HIDDEN_FILES = ("thumbs.db", "desktop.ini")
_NOT_WORTH_A_WORD = (".txt", ".htm", ".html")


def is_zip(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04"


def office_file(data: bytes) -> str | None:
    """The code of a Word or spreadsheet file, which is a ZIP with known names; None for any other."""
    names = _names(data)
    if any(name.startswith("word/") for name in names) or "content.xml" in names:
        return "word_file"
    return "sheet_file" if any(name.startswith("xl/") for name in names) else None


def files_in(data: bytes) -> Iterator[tuple[str, bytes] | Problem]:
    """(name, content) of the PDF and XML files of an archive; a Problem for what is too big, locked or damaged.

    Text documents, spreadsheets and pictures are Problems with their names too, by the kinds of `kinds.SENTENCES`.

    At most 50 files, 20 MB each and 60 MB in all are unpacked, whatever sizes the archive claims. An archive inside the
    archive is not unpacked: it is a Problem too, with its name.
    """
    left = _MOST_IN_ALL
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [
                one for one in archive.infolist()
                if one.filename.lower().endswith(_ENDINGS) and not one.is_dir() and not _is_hidden(one.filename)
            ]  # fmt: skip
            for entry in entries[:_MOST_FILES]:
                with archive.open(entry) as file:
                    content = file.read(min(_MOST_BYTES, left) + 1)
                left -= len(content)
                if len(content) > _MOST_BYTES or left < 0:
                    yield Problem("too_big", f"{entry.filename[:80]} is too big to be read from the archive.")
                    return
                yield entry.filename.rpartition("/")[2][:120], content
            yield from _others(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        # RuntimeError: locked with a password; NotImplementedError: packed in a way that zipfile does not know.
        yield Problem("bad_archive", "The archive is damaged or locked. Send the invoice itself.")
    except zipfile.LargeZipFile:
        yield Problem("too_big", "The archive is too big.")


def _names(data: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()[:1000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _is_hidden(path: str) -> bool:
    """What systems put beside the files that people packed: `__MACOSX/._facture.pdf`, `.DS_Store`, `Thumbs.db`."""
    *folders, name = path.lower().replace("\\", "/").split("/")
    return _HIDDEN_FOLDER in folders or name.startswith(".") or name in _HIDDEN_FILES


def _others(archive: zipfile.ZipFile) -> Iterator[Problem]:
    """The files of an archive that are something else than an invoice can be, without what systems put into them."""
    named = [one.filename for one in archive.infolist() if not one.is_dir()]
    others = [one for one in named if kind_of(one) and not _is_hidden(one)]
    for path in [one for one in others if not one.lower().endswith(_NOT_WORTH_A_WORD)][:_MOST_FILES]:
        name = path.rpartition("/")[2][:120]
        kind = kind_of(path) or ""
        yield Problem(kind, _NESTED if path.lower().endswith(ARCHIVES) else SENTENCES[kind], file=name)
