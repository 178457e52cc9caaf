"""Lines of our own mail inside the owner's answer: some programs quote without any mark, above or around the order.

What the owner wrote is what is left. Comparing is by line: white space, quote marks, bullets and addresses of buttons
do not count, and a line that a program broke or joined is found in our text as a whole. A line that reads like an order
is ours only where our mail has just that line and other lines of ours stand on both sides of it.
"""

import re
from collections import Counter
from collections.abc import Sequence

from mailbot.owner.lines import parse_line
from mailbot.owner.words import fold

_MOST = 2000
_LONGEST = 500
_LEAST = 4
"""Fewer lines of ours in an answer prove nothing: the words may be the owner's own."""
_SENTENCE = 7
_NEIGHBOURS = 3
_PIECE = 12
"""Letters that a part of a line of ours must have to be known for one."""
_ADDRESS = re.compile(r"<?(?:mailto|https?):[^\s>]{1,2000}>?|\[cid:[^\]]{1,200}\]")
_EDGE = " \t>|*•-–·[]_=\u200c\u200b\ufeff"


def without_ours(text: str, ours: Sequence[str]) -> str:
    """`text` without the lines of `ours`, the texts of the mail that is answered (plain, and of its HTML).

    As it is where it holds too little of ours to be a quote of it.
    """
    lines = text.split("\n")[:_MOST]
    known = Counter(one for part in ours for one in map(_bare, part.split("\n")) if one)
    whole = " ".join(" ".join(map(_bare, part.split("\n"))) for part in ours)
    bare = [_bare(line) for line in lines]
    mine = [_is_ours(line, one, known, whole) for line, one in zip(lines, bare, strict=True)]
    if sum(bool(one) and is_mine for one, is_mine in zip(bare, mine, strict=True)) < _LEAST:
        return text
    kept = []
    for at, line in enumerate(lines):
        button = bool(_ADDRESS.search(line)) and bare[at] in whole
        order = bool(bare[at]) and not button and bool(parse_line(line.strip()[:_LONGEST]))
        if order and _is_torn(at, bare, known):
            continue
        if order and known[bare[at]] > 0 and (_is_sentence(bare[at]) or _between(at, bare, mine)):
            known[bare[at]] -= 1
        elif order or not (mine[at] or button):
            kept.append(line)
    return "\n".join(kept)


def _bare(line: str) -> str:
    return " ".join(fold(_ADDRESS.sub(" ", line[:_LONGEST])).split()).strip(_EDGE)


def _is_ours(line: str, bare: str, known: Counter[str], whole: str) -> bool:
    if not bare:
        return not line.strip(_EDGE) and bool(line.strip())
    return known[bare] > 0 or (len(bare) >= _PIECE and bare in whole)


def _is_torn(at: int, bare: Sequence[str], known: Counter[str]) -> bool:
    """Whether it is a piece of one of our lines that a program broke: with the piece beside it, it stands there."""
    above = bare[at - 1].split()[-_NEIGHBOURS:] if at else []
    below = bare[at + 1].split()[:_NEIGHBOURS] if at + 1 < len(bare) else []
    joined = [" ".join([*above, bare[at]])] if len(above) == _NEIGHBOURS else []
    joined += [" ".join([bare[at], *below])] if len(below) == _NEIGHBOURS else []
    return any(piece in one for piece in joined for one in known)


def _is_sentence(bare: str) -> bool:
    """So long that nobody writes the same by chance: how to answer, at the end of a digest."""
    return len(bare.split()) >= _SENTENCE


def _between(at: int, bare: Sequence[str], mine: Sequence[bool]) -> bool:
    """Whether the nearest lines with words above and below are ours."""
    above = next((mine[one] for one in range(at - 1, -1, -1) if bare[one]), False)
    below = next((mine[one] for one in range(at + 1, len(bare)) if bare[one]), False)
    return above and below
