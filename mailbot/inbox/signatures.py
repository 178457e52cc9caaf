"""Where the text ends and the signature begins: "-- ", "Sent from my …", a formula, a bare name, a disclaimer."""

import re

from mailbot.inbox.closings import is_device_line, is_disclaimer, is_formula, is_greeting, is_notice, is_thanks
from mailbot.inbox.folding import folded
from mailbot.inbox.signers import (
    FUNCTION,
    Signer,
    is_contact,
    is_lone_name,
    is_name_block,
    is_of_signer,
    is_sentence,
    is_signer,
    says_something,
)

_MAX_LINE = 400
_DELIMITER = re.compile(r"^(?:--|—|__|ᐧ)\s*$|^-- ")
_RULE = re.compile(r"^\s*[-_=~#+*•·─]{3,}\s*$")
_CLOSING_LINES = 14
_TAIL_LINES = 12
_DISCLAIMER_LINES = 20
_SAID_WORDS = 4
_TAIL_LENGTH = 90
_PARAGRAPHS = 3
_FROM_PLACE = (" aus ", " from ", " depuis ", " desde ", " uit ", " da ", " de ")
_MAX_BLOCK = 6


def split_signature(lines: list[str], name: str, address: str, *, first: bool = True) -> tuple[list[str], list[str]]:
    """`lines` in two: what was written, and the signature with closing formula and disclaimers below it.

    Without a display name in From, a formula is only split off where what stands below it shows that it signs.
    `first`: these are the first lines of the mail, so that a text comes before any signature.
    """
    low = [folded(line[:_MAX_LINE]).strip(" *_") for line in lines]
    end = _before_disclaimers(low, _delimiter(lines, low, written=not first))
    signer = Signer.of(name, address)
    cut = _closing(lines[:end], low[:end], signer, first=first, more=end < len(lines))
    return (lines[:cut], lines[cut:]) if any(low[cut:]) else (lines, [])


def split_device(lines: list[str]) -> tuple[list[str], list[str]]:
    """The same for an answer between quotes: only what is marked as a signature is one."""
    low = [folded(line[:_MAX_LINE]).strip(" *_") for line in lines]
    end = _delimiter(lines, low, written=True)
    return lines[:end], lines[end:]


def _delimiter(lines: list[str], low: list[str], *, written: bool) -> int:
    in_code = False
    last: int | None = None
    for at, bare in enumerate(low):
        in_code ^= lines[at].startswith("```")
        above, written = written, written or bool(bare)
        if in_code or not above or not lines[at].strip():
            continue
        if _DELIMITER.match(lines[at]):
            return at
        if _RULE.match(lines[at]) or is_device_line(bare):
            last = _last_sentence(lines, low) if last is None else last
            if at > last:
                return at
    return len(lines)


def _last_sentence(lines: list[str], low: list[str]) -> int:
    """The last line before "-- " that says something: a rule above it divides the text and does not end it."""
    end = next((at for at, line in enumerate(lines) if at and _DELIMITER.match(line)), len(lines))
    below = end
    for at in range(end - 1, -1, -1):
        if not low[at]:
            below = at
            continue
        text = lines[at].strip()
        if not text.endswith((".", "?", "!", ":")) or len(text.split()) <= _SAID_WORDS or _is_appended(low[at]):
            continue
        start = max(_paragraph_start(low, at), at - _DISCLAIMER_LINES)
        if not is_disclaimer(" ".join(low[start : min(below, at + _DISCLAIMER_LINES)])):
            return at
    return -1


def _is_appended(low: str) -> bool:
    return is_formula(low) or is_device_line(low)


def _before_disclaimers(low: list[str], end: int) -> int:
    """`end` without the disclaimers that stand before it; a text is never all disclaimer."""
    while True:
        below = _text_end(low, end)
        start = _paragraph_start(low, below)
        if below > 1 and is_notice(low[below - 1]):
            end = below - 1
            continue
        if start == 0 or not is_disclaimer(" ".join(low[start:below])):
            return end
        end = start


def _closing(lines: list[str], low: list[str], signer: Signer, *, first: bool, more: bool) -> int:
    """The line at which a closing formula or a bare name begins; the number of lines where there is none."""
    end = _text_end(low, len(low))
    begin = next((at for at, bare in enumerate(low) if bare), end) + 1 if first else 0
    for at in range(max(begin, end - _CLOSING_LINES), end):
        below = [line.strip() for line in lines[at + 1 : end] if line.strip()]
        if not _is_closing_line(lines[at], low[at], signer) or not _is_tail(below):
            continue
        if at + 1 == end and is_thanks(low[at]) and not more:
            continue
        if signer.named or more or _is_signed(below, signer):
            return _up_formulas(low, at)
    return _bare_name(lines, low, end, signer) if signer.named or signer.tokens else end


def _is_closing_line(line: str, low: str, signer: Signer) -> bool:
    """A formula, also with a name on the same line: "Groetjes, Sanne", "LG Katja"."""
    if is_formula(low):
        return True
    head, _, name = line.strip(" *_").partition(",")
    if not name:
        head, _, name = line.strip(" *_,.").rpartition(_place(low))
    if head and name and len(line) < _TAIL_LENGTH and is_lone_name(name.strip()) and is_formula(folded(head)):
        return True
    words = low.replace(",", " ").split()
    if not 1 < len(words) <= 8 or not is_of_signer(words[-1], signer):
        return False
    while words and is_of_signer(words[-1], signer):
        words.pop()
    return is_formula(" ".join(words))


def _place(low: str) -> str:
    """The word before the place that greetings come from: "Viele Grüße aus Köln"."""
    return next((word for word in _FROM_PLACE if word in low), _FROM_PLACE[0])


def _is_tail(below: list[str]) -> bool:
    """Below a formula stand only short lines: names, functions, addresses, telephone numbers."""
    return len(below) <= _TAIL_LINES and all(
        len(text) <= _TAIL_LENGTH
        and not says_something(text)
        and not (is_sentence(text) and not FUNCTION.search(folded(text)))
        for text in below
    )


def _is_signed(below: list[str], signer: Signer) -> bool:
    return any(is_signer(line, signer) or is_contact(line) for line in below) and bool(signer.tokens)


def _up_formulas(low: list[str], at: int) -> int:
    while at > 1:
        above = _text_end(low, at) - 1
        if above <= 0 or not is_formula(low[above]):
            break
        at = above
    return at


def _bare_name(lines: list[str], low: list[str], end: int, signer: Signer, paragraphs: int = _PARAGRAPHS) -> int:
    """The last paragraphs, where they are no more than the sender's name, firm and number."""
    start = _paragraph_start(low, end)
    block = [line.strip() for line in lines[start:end]]
    if not block or _text_end(low, start) == 0:
        return _last_name(lines, low, end, signer)
    if is_name_block(block, signer) and (is_signer(block[0], signer) or not _is_greeting_alone(lines[:start])):
        return _above(low, start)
    if all(is_contact(line) for line in block) and len(block) <= _MAX_BLOCK and paragraphs:
        above = _text_end(low, start)
        found = _bare_name(lines, low, above, signer, paragraphs - 1)
        return found if found < above else end
    return _last_name(lines, low, end, signer)


def _is_greeting_alone(lines: list[str]) -> bool:
    """Below a mere greeting, a capitalised word is what somebody has to say: "Guten Tag, Insolvenz"."""
    written = [line for line in lines if line.strip()]
    return len(written) == 1 and is_greeting(written[0])


def _last_name(lines: list[str], low: list[str], end: int, signer: Signer) -> int:
    """The name right below the text, without a blank line between: every word of it stands in From."""
    if end < 2 or not signer.named or low[end - 2].endswith(":"):
        return end
    name, words = lines[end - 1].strip(" *_"), low[end - 1].split()
    written_as_name = name[:1].isupper() or not low[end - 2]
    if written_as_name and 0 < len(words) <= 4 and all(is_of_signer(word, signer) for word in words):
        return _above(low, end - 1)
    return end


def _above(low: list[str], start: int) -> int:
    at = _text_end(low, start)
    return _up_formulas(low, at - 1) if at > 1 and is_formula(low[at - 1]) else start


def _text_end(low: list[str], end: int) -> int:
    while end and not low[end - 1]:
        end -= 1
    return end


def _paragraph_start(low: list[str], end: int) -> int:
    while end and low[end - 1]:
        end -= 1
    return end
