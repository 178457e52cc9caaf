"""The small language of lexicon phrases, compiled to regular expressions in which every repetition is bounded.

word*        any ending (a leading * any beginning)      " .. "   up to six words between
(a|b c)      one of them                                 " ... "  up to sixteen words, none of them a barrier
(a|b)?       may be missing, with the space before it    <name>   the group of that name
(a |b )?     may be missing, with its own space          @        an e-mail address
(a |b )*     up to four of them; + at least one          \\d+      a number
ä ö ü        also written ae oe ue                       [oa] x?  one of the letters; the letter may be missing
c'est        also typed with a space: c est

A phrase costs time only in sentences that have one of its `anchors`, and is compiled when first tried.
"""

import re
from collections.abc import Mapping

from mailbot.inbox.folding import folded

SPACE = r"[^\w\x01?]{1,4}"
MAYBE_SPACE = r"[^\w\x01?]{0,4}"
GAP = rf"(?:{SPACE}[\w\x01]{{1,40}}){{0,6}}?{SPACE}"
"""Words hold no sign that SPACE holds too: a run of dashes could be split between them in millions of ways."""
_LONGEST_ANCHOR = 12
_ENDING = r"[\w]{0,16}"
_RAW = frozenset("|?")
_UMLAUTS = {"ä": "a", "ö": "o", "ü": "u"}
_REPEATED = {"*": "{0,4}", "+": "{1,4}"}
_GROUP = re.compile(r"<(\w{1,20})>")
_DEEPEST = 4

NO_GROUPS: Mapping[str, str] = {}


def expanded(line: str, groups: Mapping[str, str] = NO_GROUPS) -> str:
    """`line` with its groups written out, in lower case without accents, umlauts kept.

    Raises ValueError for a group that is not there or that holds itself.
    """
    unknown = [name for name in _GROUP.findall(line) if name not in groups]
    if unknown:
        raise ValueError(f"no group {unknown[0]!r} for {line[:80]!r}")
    for _ in range(_DEEPEST):
        line, count = _GROUP.subn(lambda m: f"({groups[m[1]]})", line)
        if not count:
            return "".join(char if char in "äöü" else folded(char) for char in line.strip().lower())
    raise ValueError(f"groups within groups, more than {_DEEPEST} deep, in {line[:80]!r}")


def phrase(line: str, barriers: str = "") -> re.Pattern[str]:
    """An expanded `line` as a pattern for folded text; `barriers`, alternatives, end the wide gap.

    Raises ValueError where its brackets do not match.
    """
    stop = rf"(?!(?:{barriers})(?!\w))" if barriers else ""
    wide = rf"(?:[^\w\x01?,:]{{1,4}}{stop}[\w\x01]{{1,40}}){{0,16}}?{SPACE}"
    pattern, end = _sequence(line, 0, wide)
    if end != len(line):
        raise ValueError(f"bracket without partner in {line!r}")
    return re.compile(rf"(?<![\w\x01])(?:{pattern})(?!\w)")


def alternatives(text: str) -> str:
    """Plain alternatives of a lexicon ("wenn|sobald|nach erhalt*") as a regular expression for folded text."""
    text = "".join(f"(?:{_UMLAUTS[c]}e?)" if c in _UMLAUTS else folded(c) for c in text.lower())
    return re.sub(r"(?:(?<=\w)|(?<=[|(:])|^)\*", r"\\w{0,16}", text.replace(r"\w*", r"\w{0,16}"))


def spellings(word: str) -> set[str]:
    """`word` folded, with its umlauts as one letter and as two."""
    return {folded(word), folded(word.translate({ord(a): f"{b}e" for a, b in _UMLAUTS.items()}))}


# --------------------------------------------------------------------------------------------- patterns


def _sequence(text: str, at: int, wide: str) -> tuple[str, int]:
    out: list[str] = []
    pending = ""
    while at < len(text) and text[at] != ")":
        gap, length = _gap(text, at, wide)
        if length:
            out, pending, at = [*out, pending], gap, at + length
        elif text[at] == "(":
            piece, at = _sequence(text, at + 1, wide)
            at += 1
            out, pending, at = _bracket(out, pending, f"(?:{piece})", text, at)
        elif text[at] == "|":
            out, pending, at = [*out, pending, "|"], "", at + 1
        else:
            piece, at = _atom(text, at)
            out, pending = [*out, pending, piece], ""
    return "".join([*out, pending]), at


def _gap(text: str, at: int, wide: str) -> tuple[str, int]:
    for mark, pattern in ((" ... ", wide), (" .. ", GAP), (" ?", MAYBE_SPACE), (" ", SPACE)):
        if text.startswith(mark, at):
            asks = len(mark) > 2 and text.startswith(r"\?", at + len(mark))
            return (pattern.removesuffix(SPACE) + MAYBE_SPACE if asks else pattern), len(mark)
    return "", 0


def _bracket(out: list[str], pending: str, piece: str, text: str, at: int) -> tuple[list[str], str, int]:
    """What a bracket that ended before `at` adds: it may be missing (?), or come several times (* +)."""
    mark = text[at : at + 1]
    if mark in ("*", "+"):
        return [*out, pending, piece, _REPEATED[mark]], "", at + 1
    if mark != "?":
        return [*out, pending, piece], "", at
    at += 1
    own_space = piece.endswith(f"{SPACE})") or piece.startswith(f"(?:{SPACE}") or f"{SPACE}|" in piece
    if own_space:
        return [*out, pending, piece, "?"], "", at
    if pending == MAYBE_SPACE:
        return [*out, pending, f"{piece}?"], "", at
    if pending or out:
        return [*out, f"(?:{pending}{piece})?"], "", at
    skip = text[at : at + 1] == " " and not text.startswith((" .. ", " ... "), at)
    return [*out, f"(?:{piece}{SPACE if skip else ''})?"], "", at + skip


def _atom(text: str, at: int) -> tuple[str, int]:
    char = text[at]
    if char == "\\" and at + 1 < len(text):
        return _escaped(text, at)
    if char == "[":
        end = text.find("]", at)
        if end < 0 or not re.fullmatch(r"[\w -]+", text[at + 1 : end]):
            raise ValueError(f"[] holds letters and digits only, in {text!r}")
        return text[at : end + 1], end + 1
    if char == "*":
        return _ENDING, at + 1
    if char == "@":
        return "\x01{1,80}", at + 1
    if char in _UMLAUTS:
        return f"(?:{_UMLAUTS[char]}e?)", at + 1
    if char == "'":
        return "[' ]", at + 1
    return (char if char in _RAW else re.escape(char)), at + 1


def _escaped(text: str, at: int) -> tuple[str, int]:
    kind = text[at : at + 2]
    if kind not in (r"\d", r"\w"):
        return re.escape(text[at + 1]), at + 2
    bound = {"+": "{1,4}", "*": "{0,16}"}.get(text[at + 2 : at + 3], "")
    return kind + bound, at + 2 + bool(bound)


# ---------------------------------------------------------------------------------------------- anchors


def anchors(line: str) -> frozenset[str]:
    """Beginnings of words, one of which every sentence has that the expanded `line` matches; empty: not known.

    One with a leading * may stand within a word.
    """
    found: set[str] = set()
    for branch in _split(line, "|"):
        best: frozenset[str] = frozenset()
        for word in _split(branch, " "):
            candidate = _of_word(word)
            if candidate and _weight(candidate) > _weight(best):
                best = candidate
        if not best:
            return frozenset()
        found |= best
    return frozenset(found)


def _weight(stems: frozenset[str]) -> float:
    if not stems:
        return 0.0
    return min(len(s.lstrip("*")) for s in stems) / (1.0 + 0.1 * len(stems)) + 0.01


def _of_word(word: str) -> frozenset[str]:
    """The anchors of a word: of its leading bracket, or its leading letters; empty where it may be missing."""
    if word.startswith("("):
        end = _partner(word)
        if word[end + 1 : end + 2] in ("?", "*"):
            return frozenset()
        return anchors(word[1:end])
    stem = ""
    for at, char in enumerate(word):
        optional = word[at + 1 : at + 2] == "?"
        if char in _UMLAUTS:
            stem += _UMLAUTS[char]
            break
        if char == "*" and not stem:
            stem = "*"
        elif char.isalpha() and not optional:
            stem += char
        elif char == "'" and not optional:
            stem = ""
        else:
            break
    return frozenset({stem[:_LONGEST_ANCHOR]}) if stem.lstrip("*") else frozenset()


def _split(line: str, mark: str) -> list[str]:
    """`line` cut at `mark` outside brackets; gaps between words leave no part."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(line):
        depth += (char in "([") - (char in ")]")
        if char == mark and not depth:
            parts.append(line[start:at])
            start = at + 1
    parts.append(line[start:])
    return [part for part in parts if part not in ("..", "...")] if mark == " " else parts


def _partner(word: str) -> int:
    depth = 0
    for at, char in enumerate(word):
        depth += (char == "(") - (char == ")")
        if not depth:
            return at
    raise ValueError(f"bracket without partner in {word!r}")
