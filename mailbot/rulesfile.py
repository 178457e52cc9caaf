"""A rules file as it lies on the disk: its text, and the rules or all mistakes that it amounts to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import time

from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules, version_of
from mailbot.rules.tree import MAX_BYTES

TO_OWNERS = frozenset(
    {"already_known", "confirmation", "digest", "enclosed", "help", "question", "received", "rules", "statement",
     "transcript", "urgent"}
)  # fmt: skip
"""Templates of mails to owners: a rule cannot send them to a client."""

WRITING_SECONDS = 2.0
"""A file that was touched so shortly ago may be half written: editors do not all write at one go."""


@dataclass(frozen=True, slots=True)
class RulesFile:
    """What was found. `rules` is None where there are mistakes."""

    name: str
    text: str
    version: str
    """The hash of the text."""
    rules: Rules | None
    mistakes: tuple[str, ...] = ()
    """Each as "file:line:column: error[code]: what is wrong"."""


def read_rules_file(path: Path, mails: frozenset[str], language: str, *, known: RulesFile | None = None) -> RulesFile:
    """The file now; `known` where the text is still the same. `mails`: the templates that rules can name.

    Messages are in `language` (fr or en). A file that cannot be read has that for its mistake.
    """
    try:
        text = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        said = f"{path}: the rules cannot be read ({error})"
        return RulesFile(path.name, "", version_of(said), None, (said,))
    if known is not None and known.text == text and known.name == path.name:
        return known
    return checked(path, text, mails, language)


def checked(path: Path, text: str, mails: frozenset[str], language: str) -> RulesFile:
    """The same for a text that is at hand."""
    loaded = load_rules(text, path.name, mails, language=language)
    if isinstance(loaded, Rules):
        return RulesFile(path.name, text, loaded.hash, loaded)
    mistakes = tuple(f"{path}:{p.line}:{p.column}: error[{p.code}]: {p.message}" for p in loaded)
    return RulesFile(path.name, text, version_of(text), None, mistakes)


def is_being_written(path: Path, now: Callable[[], float] = time) -> bool:
    """Whether the file was touched a moment ago. `now`: seconds since 1970, as the file system counts them."""
    try:
        return abs(now() - path.stat().st_mtime) < WRITING_SECONDS
    except OSError:
        return False


def _read(path: Path) -> str:
    """The text, cut off behind the length that no rules file may have."""
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    return raw.decode("utf-8", "replace" if len(raw) > MAX_BYTES else "strict")
