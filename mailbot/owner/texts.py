"""Where the owner's own words to a client begin and end in a mail of orders.

Below "réponds 4" everything is the text, up to the signature or the quote. What in it looks like an order is either
meant for the client or for the bot, and nobody but the owner knows: it stays in the text and is named, so that the
owner is asked before anything leaves. Only answers by number on lines of their own, in the last paragraph, are no text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailbot.model import Order
from mailbot.owner.courtesy import THANKS
from mailbot.owner.retractions import retracts
from mailbot.owner.words import fold

_QUOTE = re.compile(r"^(?:--|__|>|\||le .{4,80} a ecrit|on .{4,80} wrote|envoye (?:de|depuis)|sent from|-{3,}|_{3,})")
_CLOSING = re.compile(
    rf"^(?:{THANKS}(?! ?(?:de|d'|for|to)\b)|cordialement|bien (?:a vous|a toi|cordialement)|"
    r"bonne (?:journee|soiree|reception|fin)|best\b|(?:kind |warm |best )?regards|cheers|fin$|end$|a bientot|"
    r"salutations|sinceres salutations|a plus$|bises?$|yours (?:sincerely|truly|faithfully))"
)
_CLOSING_WORDS = 3
"""A line of a text with no more words than these may be its closing, "Merci beaucoup !"."""
_SIGNATURE_LINES = 5
_SIGNATURE_WORDS = 8
_NAME_WORDS = 2
"""What may stand below the closing of a text: a few short lines."""
_NUMBERED = re.compile(r"^(?:ok|oui|non|yes|no)\s+\d{1,4}(?:\s*(?:,|et|and)\s*\d{1,4})*[\s.!]*$")
_UNFINISHED = re.compile(
    r"(?:[,:;]|^(?:bonjour|bonsoir|hello|hi|dear|cher|chere|madame|monsieur)[^.!?]{0,60}[,!]?)\s*$"
)


@dataclass(frozen=True, slots=True)
class Below:
    """The text below an order, the lines of it that look like orders, and how many lines of the mail it takes."""

    text: str
    doubtful: tuple[str, ...]
    lines: int


def ends_mail(low: str) -> bool:
    """A folded line with which a quote or a marked signature begins: nothing after it is the owner's word."""
    return bool(_QUOTE.match(low))


def ends_text(low: str) -> bool:
    """A folded line that closes a mail: "Merci", "Cordialement"."""
    return bool(_CLOSING.match(low))


def text_below(lines: Sequence[str], inline: str, orders_of: Callable[[str], list[Order]]) -> Below:
    """The text that `lines`, all that stands below the order, begin with; `inline` is its part in the order's own line.

    A finished sentence beside the order is the whole text where orders follow it at once.
    """
    end = _end(lines)
    if inline and not _UNFINISHED.search(fold(inline)):
        following = next((line for line in lines[:end] if line), "")
        if not following or orders_of(following):
            return Below("", (), 0)
    end = _without_answers(lines, end)
    kept = list(lines[:end])
    while kept and not kept[-1]:
        kept.pop()
    while kept and not kept[0]:
        kept.pop(0)
    doubtful = tuple(line for line in kept if _looks_like_order(line, orders_of))
    return Below("\n".join(kept), doubtful, end)


def _end(lines: Sequence[str]) -> int:
    for at, line in enumerate(lines):
        low = fold(line[:200])
        if ends_mail(low):
            return at
        if _CLOSING.match(low) and len(low.split()) <= _CLOSING_WORDS and _is_signature(lines[at + 1 :]):
            return at
    return len(lines)


def _is_signature(lines: Sequence[str]) -> bool:
    """A few short lines up to a quote, none of them a sentence or another closing."""
    count = 0
    for line in lines:
        low, words = fold(line[:200]), len(line.split())
        if ends_mail(low):
            break
        count += bool(line)
        is_sentence = words > _NAME_WORDS and line.endswith((".", "!", "?", ","))
        if count > _SIGNATURE_LINES or words > _SIGNATURE_WORDS or is_sentence or _CLOSING.match(low):
            return False
    return True


def _without_answers(lines: Sequence[str], end: int) -> int:
    """Where the last paragraph is nothing but answers by number, the text ends before it."""
    start = end
    while start and (not lines[start - 1] or _NUMBERED.match(fold(lines[start - 1]))):
        start -= 1
    answers = [at for at in range(start, end) if lines[at]]
    first = answers[0] if answers else end
    return first if first and answers and not lines[first - 1] and start else end


def _looks_like_order(line: str, orders_of: Callable[[str], list[Order]]) -> bool:
    return bool(line) and (retracts(fold(line[:200])) or any(order.verb != "reply" for order in orders_of(line[:500])))
