"""The blocks of a page: cells that stand one below the other, such as an address, whatever stands beside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mailbot.invoices.page import Cell, Row, Sheet

_ALIGNED: Final = 5.0
_TOWN: Final = re.compile(
    r"(?<![\w./-])(?:[A-Z]{1,3}[ -]{1,3})?\d{4,5}(?: [A-Z]{2}(?= ))?(?: ?[-–])?,? (?P<town>[^\W\d][^\d,]{1,40})"
)
_POSTCODE: Final = re.compile(
    r"(?<![\w./-])(?:"
    r"(?:[A-Z]{1,3}[ -]{1,3})?\d{4,5}(?: [A-Z]{2})?(?: ?[-–])?,? [^\W\d][^\d]{1,60}"  # 75001 Paris, D-80333, 1012 AB
    r"|[^\W\d][\w .,'’-]{1,50},? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"  # London EC1A 1BB
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?: [^\W\d][^\d]{1,40})?"
    r"|[^\W\d][\w .'-]{1,40},? [A-Z]{2},? \d{5}(?:-\d{4})?"  # Austin, TX 78701
    r"|[^\W\d][\w '-]{2,40} \d{5}"
    r")(?:[ ,].{0,40})?$"
)
_STREET: Final = re.compile(
    r"^\d{1,4}(?: ?(?:bis|ter|[a-d]))?,? "
    r"|(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|ring|laan|straat|kade|plein|singel|gracht|damm|ufer|hof)\.? ?\d"
    r"|^(?:rue|avenue|av\.|boulevard|bd|place|chemin|route|impasse|allée|quai|cours|via|viale|piazza|corso|largo|calle"
    r"|c/|avda|avenida|plaza|paseo|carrer|polígono|p\.? ?o\.? box|postfach|bp |cs |zi |za |zone|bâtiment"
    r"|immeuble|résidence|lieu-dit|p\.i\.|vicolo|strada)"
    r"(?!\w)|(?: street| road| lane| avenue| way| drive| court| close| square| house| st| rd| ave| blvd)\.?(?:,|$)"
    r"|, \d{1,4}[a-z]?$|^[^\d,·•|]{3,40} \d{1,4} ?[a-z]?$",
    re.IGNORECASE,
)
_CONTACT: Final = re.compile(
    r"@|www\.|https?:|(?<!\w)(?:t[ée]l|phone|fon|fax|telefon|tel|mobile?|handy|siret|siren|rcs|capital|iban|bic|hrb|kvk"
    r"|p\.? ?iva|registro mercantil|ust-?id\w*|steuernr|steuernummer|e-?mail|btw|naf|ape|rea|geschäftsführer"
    r"|company (?:no|number)|bank|banque|web|site)(?!\w)",
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(r" ?[·•|●■▪\u2022] ?| [-–—/] |, | {2,}")


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of a block."""

    text: str
    row: int
    cell: int
    top: float
    bottom: float
    left: float
    right: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(slots=True)
class Block:
    """Lines one below the other."""

    lines: list[Line] = field(default_factory=list)

    @property
    def left(self) -> float:
        return min(line.left for line in self.lines)

    @property
    def right(self) -> float:
        return max(line.right for line in self.lines)

    @property
    def top(self) -> float:
        return self.lines[0].top

    def town(self) -> int | None:
        """The line with postcode and town."""
        return next((number for number, line in enumerate(self.lines) if number and is_town(line.text)), None)

    def is_address(self) -> bool:
        """A name above a postcode and town, or above a street where at least three lines stand together."""
        return self.town() is not None or (
            len(self.lines) >= 3 and any(is_street(line.text) for line in self.lines[1:4])
        )

    def contacts(self) -> int:
        """How many lines tell how to reach the company, or its registration: letterheads do, addressees do not."""
        return sum(bool(_CONTACT.search(line.text)) for line in self.lines)


def is_town(text: str) -> bool:
    return len(text) <= 90 and _POSTCODE.search(text) is not None and not _CONTACT.search(text)


def town_of(text: str) -> str | None:
    """The town of a line with a postcode in front of it, "F-69002 LYON CEDEX 02" as "Lyon"; None of other lines."""
    found = _TOWN.search(text) if is_town(text) else None
    if not found:
        return None
    town = re.sub(r"(?i)\s+cedex\b.*$|\s*\(.*$", "", found["town"]).strip(" ,.-–")
    return town.title() if town.isupper() else town or None


def is_street(text: str) -> bool:
    return _STREET.search(text) is not None


def is_sender_line(text: str) -> bool:
    """The small line above the window of an envelope: "Name · Street 1 · 12345 Town"."""
    parts = [part for part in _SEPARATORS.split(text) if part.strip()]
    return len(parts) >= 3 and any(re.search(r"\d{4,5}", part) for part in parts[1:])


def first_part(text: str) -> str:
    """The name in a sender's line."""
    return _SEPARATORS.split(text)[0].strip()


def blocks_of(sheet: Sheet, gap: float = 1.1) -> list[Block]:
    """All blocks from top to bottom; a cell joins the block whose last line is above it, in line with it."""
    done: list[Block] = []
    open_: list[Block] = []
    for row in sheet.rows:
        closed = [
            block for block in open_ if row.top - block.lines[-1].bottom > gap * max(block.lines[-1].height, row.height)
        ]
        open_ = [block for block in open_ if block not in closed]
        for number, cell in enumerate(row.cells):
            line = _line(row, number, cell)
            home = next((block for block in open_ if _fits(block.lines[-1], line, gap)), None)
            if home is None:
                home = Block()
                open_.append(home)
                done.append(home)
            home.lines.append(line)
    return done


def _line(row: Row, number: int, cell: Cell) -> Line:
    words = row.words[cell.first : cell.last + 1]
    top, bottom = min(word.top for word in words), max(word.bottom for word in words)
    return Line(cell.text, row.number, number, top, bottom, cell.left, cell.right)


def _fits(above: Line, line: Line, gap: float) -> bool:
    if line.top - above.bottom > gap * max(above.height, line.height) or line.row == above.row:
        return False
    if not 0.55 < line.height / max(above.height, 0.1) < 1.8:
        return False
    same_left = abs(above.left - line.left) < _ALIGNED
    same_right = abs(above.right - line.right) < _ALIGNED
    centred = abs(above.left + above.right - line.left - line.right) < 2 * _ALIGNED
    return same_left or same_right or centred


def lines_below(sheet: Sheet, line: Line, most: int = 7) -> Iterator[Line]:
    """The cells below one that begin at its left or overlap it, down to the next wide gap."""
    last = line
    for row in sheet.rows[line.row + 1 :]:
        if row.top - last.bottom > 2.2 * max(row.height, last.height) or most <= 0:
            return
        for number, cell in enumerate(row.cells):
            begins_there = abs(cell.left - line.left) < 14
            if begins_there or (cell.left < line.right and cell.right > line.left and cell.left > line.left - 14):
                last = _line(row, number, cell)
                most -= 1
                yield last
                break
