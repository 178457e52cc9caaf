"""What every command shares: walking paths, printing one JSON object a line, and the exit statuses."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any

SCHEMA = 1


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
