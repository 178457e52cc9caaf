"""Files that a command for invoices passed over: named on stderr with the reason, so that nobody takes them for read.

Nothing of this is on stdout, and the exit status stays: a folder may hold whatever it likes beside its invoices.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mailbot.cli.output import say, shown
from mailbot.invoices.kinds import SENTENCES, is_of_a_signature, kind_of

_MOST_LINES = 20
"""So many files are named; the rest is counted."""
_SILENT = (".txt", ".htm", ".html")
"""What lies beside invoices as it lies beside anything."""
OF_LISTS: Mapping[str, str] = dict.fromkeys(
    (".csv", ".tsv"), "This is a list. Lists are taken in by `mailbot invoice import`."
)
"""For commands that read documents: by suffix, what to do with a file that another command takes."""
OF_MAILS: Mapping[str, str] = {
    ".eml": "This is a mail. Forward it to the bot, or save its invoice here and import that.",
    ".zip": "This is an archive. Unpack it here, and import again.",
}
"""The same for commands that take lists and documents in."""


def tell_left_out(paths: Iterable[Path], suffixes: tuple[str, ...], elsewhere: Mapping[str, str]) -> None:
    """One line for each file below the folders among `paths` that may hold an invoice and has none of these suffixes.

    Pictures as small as logos are not named, nor are hidden files and kinds that no invoice comes as.
    """
    found = [line for path in paths if path.is_dir() for line in _below(path, suffixes, elsewhere)]
    for line in found[:_MOST_LINES]:
        say(line)
    if len(found) > _MOST_LINES:
        say(f"{len(found) - _MOST_LINES} more files were left out for such reasons.")


def left_out(name: str, why: str) -> str:
    """The line that says that a file was passed over."""
    return f"{shown(name)}: left out. {shown(why)}"


def _below(folder: Path, suffixes: tuple[str, ...], elsewhere: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.lower()
        if suffix in suffixes or path.name.startswith(".") or not path.is_file():
            continue
        why = elsewhere.get(suffix) or (None if suffix in _SILENT else SENTENCES.get(kind_of(path.name) or ""))
        if why is not None and not _is_logo(path):
            yield left_out(str(path), why)


def _is_logo(path: Path) -> bool:
    return kind_of(path.name) == "picture_file" and is_of_a_signature(path.name, path.stat().st_size)
