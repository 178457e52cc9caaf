"""The small language of lexicon phrases, compiled to regular expressions in which every repetition is bounded.

word*        any ending                        " .. "     up to five words between
(a|b c)      one of them                       (a|b)?     may be missing, with the space before it
@            an e-mail address
(a |b )?     may be missing, with its own space           \\d+  a number
"""

import re

from mailbot.inbox.folding import folded

SPACE = r"[^\w\x01?]{1,4}"
MAYBE_SPACE = r"[^\w\x01?]{0,4}"
GAP = rf"(?:{SPACE}[\w\x01'-]{{1,40}}){{0,5}}?{SPACE}"
_ENDING = r"[\w]{0,16}"
_RAW = frozenset("|?")


def phrase(line: str) -> re.Pattern[str]:
    """`line` as a pattern for folded text. Raises ValueError where its brackets do not match."""
    text = folded(line.strip())
    pattern, end = _sequence(text, 0)
    if end != len(text):
        raise ValueError(f"bracket without partner in {line!r}")
    return re.compile(rf"(?<![\w\x01])(?:{pattern})(?!\w)")


def literals(line: str) -> tuple[str, ...]:
    """The word beginnings of which at least one must occur where `line` matches; empty where that is not known."""
    words = re.split(
        r" \.\. | ",
        re.sub(
            r"\([^()]*(?:\([^()]*\)[^()]*)*\)\??", lambda m: " " if m[0].endswith("?") else m[0], folded(line.strip())
        ),
    )
    single = [w for w in words if re.fullmatch(r"[\w'-]{4,}\*?", w)]
    return (max(single, key=len).rstrip("*"),) if single else ()


def _sequence(text: str, at: int) -> tuple[str, int]:
    out: list[str] = []
    pending = ""
    while at < len(text) and text[at] != ")":
        if text.startswith(" .. ", at):
            out, pending, at = [*out, pending], GAP, at + 4
        elif text.startswith(" ?", at):
            out, pending, at = [*out, pending], MAYBE_SPACE, at + 2
        elif text[at] == " ":
            out, pending, at = [*out, pending], SPACE, at + 1
        elif text[at] == "(":
            inner, at = _sequence(text, at + 1)
            at += 1
            piece, optional = f"(?:{inner})", at < len(text) and text[at] == "?"
            at += optional
            if optional and (inner.endswith(SPACE) or inner.startswith(SPACE) or f"{SPACE}|" in inner):
                out, pending = [*out, pending, piece, "?"], ""
            elif optional and pending == MAYBE_SPACE:
                out, pending = [*out, pending, f"{piece}?"], ""
            elif optional and (pending or out):
                out, pending = [*out, f"(?:{pending}{piece})?"], ""
            elif optional:
                skip = 1 if text[at : at + 1] == " " and text[at : at + 4] != " .. " else 0
                out, at = [*out, f"(?:{piece}{SPACE if skip else ''})?"], at + skip
            else:
                out, pending = [*out, pending, piece], ""
        else:
            piece, at = _atom(text, at)
            if piece == "|":
                out, pending = [*out, pending, "|"], ""
            else:
                out, pending = [*out, pending, piece], ""
    return "".join([*out, pending]), at


def _atom(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and at + 1 < len(text):
        kind = text[at : at + 2]
        repeated = text[at + 2 : at + 3] in ("+", "*")
        bound = {"+": "{1,4}", "*": "{0,16}"}.get(text[at + 2 : at + 3], "")
        return (kind + bound if kind in (r"\d", r"\w") else re.escape(text[at + 1])), at + 2 + (
            repeated and kind in (r"\d", r"\w")
        )
    if text[at] == "*":
        return _ENDING, at + 1
    if text[at] == "@":
        return "\x01{1,80}", at + 1
    return (text[at] if text[at] in _RAW else re.escape(text[at])), at + 1
