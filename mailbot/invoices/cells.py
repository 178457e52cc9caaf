"""A table as rows of text: CSV in any encoding and with any separator, or the sheets of an XLSX file.

Meant for a child process: sizes are bounded, a workbook is read without keeping it, its XML without entities.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from mailbot.model import Problem

MAX_ROWS: Final = 100_000
_MAX_COLUMNS: Final = 300
_MAX_CELL: Final = 500
_MAX_SHEETS: Final = 20
_MAX_UNPACKED: Final = 200_000_000
_SEPARATORS: Final = (";", "\t", "|", ",")
_LOOKED_AT: Final = 30

Rows = list[tuple[int, list[str]]]
"""(line in the file, from 1; its cells)"""


def rows_of(data: bytes, name: str) -> Rows | Problem:
    """The rows of a table with something in them; a Problem where the file is none or is too big."""
    sheets = sheets_of(data, name)
    return sheets if isinstance(sheets, Problem) else sheets[0]


def sheets_of(data: bytes, name: str) -> list[Rows] | Problem:
    """The same for each sheet of a workbook that has rows (a cover page may stand before the list), at least one."""
    if data[:4] == b"PK\x03\x04":
        return _workbook(data, name)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Problem("old_excel", "Old Excel files (.xls) are not read: save it as .xlsx or CSV.", file=name)
    if not data.strip():
        return Problem("empty", "The file is empty.", file=name)
    text = decoded(data)
    if "\0" in text[:1000]:
        return Problem("unknown_format", "The file is no table: give CSV or XLSX.", file=name)
    return [list(_numbered(_lines(text)))]


def decoded(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 with or without a mark, else as Windows writes it in Western Europe."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def separator_of(text: str) -> str:
    """The sign that cuts the first lines into the same number of cells, most of them; "," where none does."""
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    counts = {sign: [line.count(sign) for line in lines] for sign in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda sign: (sum(count > 0 for count in counts[sign]), max(counts[sign], default=0)))
    return best if any(counts[best]) else ","


def _lines(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), skipinitialspace=True)
    try:
        yield from islice(reader, MAX_ROWS)
    except csv.Error:
        return  # a cell of more than 128 KB: what stands before it is read


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(lines, 1):
        short = [cell.strip()[:_MAX_CELL] for cell in cells[:_MAX_COLUMNS]]
        if any(short):
            yield line, short


def _workbook(data: bytes, name: str) -> list[Rows] | Problem:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MAX_UNPACKED:
                return Problem("too_big", "The workbook is too big.", file=name)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return _sheets(book.worksheets[:_MAX_SHEETS])
    except MemoryError:
        raise
    except (zipfile.BadZipFile, InvalidFileException, ValueError, KeyError, IndexError, OSError, SyntaxError):
        # What openpyxl raises for archives that are no workbook or a damaged one (SyntaxError: of XML parsers).
        return Problem("damaged", "The workbook cannot be opened: save it anew as .xlsx or CSV.", file=name)


def _sheets(sheets: Sequence[Any]) -> list[Rows]:
    """All rows of these sheets, as long as there are not too many."""
    found: list[Rows] = []
    left = MAX_ROWS
    for sheet in sheets:
        sheet.reset_dimensions()
        cells = ([_text(value) for value in row] for row in sheet.iter_rows(max_row=max(left, 1), values_only=True))
        rows = list(_numbered(cells))
        left -= len(rows)
        found += [rows] if rows else []
    return found or [[]]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return str(value)
