"""Pages as blocks of plain text, and their PDF by typst (extra `pdf`).

typst is a compiler without a network and without the machine's fonts here: the same blocks give the same bytes. What a
stranger wrote reaches it as data and is never read as markup.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

from mailbot.errors import PrintError
from mailbot.model import JSON

MISSING = "PDFs need the extra `pdf`: pip install 'mailbot[pdf]'"
MOST_CHARACTERS = 60_000
"""Of one text on a page (about twenty pages); what is beyond is in the raw file, and the page says so."""

Block = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Page:
    """One document: blocks in order, top to bottom. `on`: the day that the file states as its own."""

    title: str
    author: str
    language: str
    footer: str
    on: date
    blocks: Sequence[Block]


def title(text: str) -> Block:
    return {"kind": "title", "text": printable(text)}


def heading(text: str) -> Block:
    return {"kind": "heading", "text": printable(text)}


def text(words: str) -> Block:
    return {"kind": "text", "text": printable(words)}


def strong(words: str) -> Block:
    return {"kind": "strong", "text": printable(words)}


def small(words: str) -> Block:
    return {"kind": "small", "text": printable(words)}


def right(words: str) -> Block:
    """A column on the right half, as an address."""
    return {"kind": "right", "text": printable(words)}


def signed(words: str, name: str) -> Block:
    """The last words of a letter, room for a signature, and the name below it, all on one page."""
    return {"kind": "signed", "text": printable(words), "name": printable(name)}


def letter(words: str) -> Block:
    """What somebody wrote, set off by a line at its side."""
    return {"kind": "letter", "text": printable(words)}


def space(mm: int) -> Block:
    return {"kind": "space", "mm": mm}


def listing(items: Sequence[str]) -> Block:
    return {"kind": "list", "items": [printable(item) for item in items]}


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[int] = ()
) -> Block:
    """`widths`: shares of the page for each column, 0 for as wide as its text; `right`: columns of figures."""
    return {
        "kind": "table",
        "head": [printable(cell) for cell in head],
        "rows": [[printable(cell) for cell in row] for row in rows],
        "widths": list(widths),
        "right": list(right),
    }


def printable(words: str) -> str:
    """The text without controls and marks that reverse reading; newlines stay, tabs become spaces."""
    kept = words.replace("\r\n", "\n").replace("\t", "    ")
    if not kept.isascii() or not kept.replace("\n", "").isprintable():
        kept = "".join(each for each in kept if each == "\n" or unicodedata.category(each) not in _HIDDEN)
    return kept if len(kept) <= MOST_CHARACTERS else kept[:MOST_CHARACTERS] + " […]"


_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def pdf(page: Page) -> bytes:
    """PDF/A-2b; a plain PDF where no font at hand has a letter that the page needs (PDF/A forbids that).

    Raises PrintError where typst is not installed, or refuses the page.
    """
    try:
        import typst  # 60 MB with its fonts: only where pages are made
    except ImportError as error:
        raise PrintError(MISSING) from error
    given = {
        "title": printable(page.title), "author": printable(page.author), "language": page.language,
        "footer": printable(page.footer), "blocks": list(page.blocks),
    }  # fmt: skip
    inputs = {"page": json.dumps(given)}
    stamp = datetime.combine(page.on, time(12), UTC)
    try:
        return _compiled(inputs, stamp, ["a-2b"])
    except typst.TypstError:
        pass
    try:
        return _compiled(inputs, stamp, [])
    except typst.TypstError as error:
        raise PrintError(f"The page {page.title!r} could not be set: {str(error).splitlines()[0][:200]}") from error


def _compiled(inputs: dict[str, str], stamp: datetime, standards: list[str]) -> bytes:
    made = _compiler().compile(_SOURCE, format="pdf", sys_inputs=inputs, pdf_standards=standards, timestamp=stamp)
    if not isinstance(made, bytes):
        raise PrintError("typst gave no PDF.")
    return made


@cache
def _compiler() -> Any:
    import typst

    return typst.Compiler(ignore_system_fonts=True)


_SOURCE = files("mailbot.evidence").joinpath("page.typ").read_bytes()
