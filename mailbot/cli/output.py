"""What every command shares: walking paths, printing one JSON object a line, and the exit statuses."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

SCHEMA = 1


class Language(StrEnum):
    """Of what is said to people."""

    EN = "en"
    FR = "fr"


class Status(IntEnum):
    """Exit statuses, the same in every command."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    INVALID = 3
    CHECK_FAILED = 4
    REFUSED = 5
    PARTLY = 6
    NOT_INITIALISED = 10
    LOCKED = 11
    INTERRUPTED = 130


def walk(paths: Iterable[Path], suffixes: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """The files named, and those below the folders named whose suffix fits, sorted by name.

    Yields (name to print, path); a file named by itself is taken whatever its suffix.
    """
    for path in paths:
        if not path.is_dir():
            yield str(path), path
            continue
        for found in sorted(path.rglob("*")):
            if found.is_file() and found.suffix.lower() in suffixes:
                yield str(found), found


def print_json(record: Mapping[str, Any]) -> None:
    """One object a line on stdout, `schema` first."""
    sys.stdout.write(json.dumps({"schema": SCHEMA, **record}, ensure_ascii=False) + "\n")


def failed(file: str, code: str, message: str) -> dict[str, Any]:
    """The object that stands for a file that could not be read."""
    return {"file": file, "error": {"code": code, "message": message}}


def say(message: str) -> None:
    """A message for people: on stderr, so that stdout stays the result."""
    sys.stderr.write(message + "\n")


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Columns as wide as their longest cell, on stdout; nothing is cut. `right`: columns of figures."""
    cells = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    figures = frozenset(right)
    for row in cells:
        line = "  ".join(
            cell.rjust(width) if column in figures else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        sys.stdout.write(line.rstrip() + "\n")


def shown(text: str) -> str:
    """Without the control characters by which a stranger's words could move the reader's terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
