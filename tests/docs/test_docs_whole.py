"""The project speaks for itself: no file points at anything that is not part of it."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_OURS = ("mailbot", "rules", "templates", "deploy", "tests", "benchmarks", "docs", ".ci")
_TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".j2", ".txt", ".service", ".sh", ".json", ""}
# Written in pieces, so that this file may pass itself.
_FOREIGN = re.compile(
    "|".join(
        (
            "(?<![\\w.])/" + "work/",
            "\\.\\./" + "shared",
            "corp" + "ora\\b",
            "(?<!segno\\.)\\bhelp" + "ers?\\b",  # segno's own module of that name
            "sub-?" + "agents?\\b",
            "sess" + "ion of the\\b",
            "\\bTO" + "DO\\b",
            "\\bFIX" + "ME\\b",
            "raise Not" + "ImplementedError",
        )
    )
)


def texts() -> Iterator[Path]:
    """Every text file of the project."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in _TEXT and path.name != "LICENSE")
    for folder in _OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            if (
                path.is_file()
                and path.suffix in _TEXT
                and "__pycache__" not in path.parts
                and "cases" not in path.parts
            ):
                yield path


def test_no_file_points_outside_the_project_or_puts_work_off():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _FOREIGN.search(line)
    ]

    assert found == []
