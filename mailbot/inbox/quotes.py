"""The new text of a mail: what its sender typed, without quotes, signature, disclaimers and banners.

Line by line and in linear time: each line is looked at a fixed number of times, a header of a quote
("On … wrote:", "De : … Envoyé : …") spans at most five lines, and long lines are judged by their beginning.
"""

import re
from dataclasses import dataclass, replace

from mailbot.inbox.folding import folded
from mailbot.inbox.headers import header_block
from mailbot.inbox.html import coloured, html_lines
from mailbot.inbox.signatures import split_signature
from mailbot.model import Letter

_IN_RED = re.compile(r"\ben rouge\b|\bin (?:red|rot|rosso)\b|\bin het rood\b|\ben rojo\b|\bem vermelho\b")
_MAX_TEXT = 128 * 1024
_MAX_LINES = 4000
_MAX_LINE = 400
_SPAN = 5
_DATE_NUMBER = re.compile(r"\d")
_WROTE = re.compile(
    r"(?:wrote|a ecrit|schrieb|escribio|ha scritto|schreef|escreveu|napisal(?:\(a\))?|skrev|geschreven|"
    r"написал\(?а?\)?|пише|"
    r"written|пишет|写道|kirjoitti|irta)\s*(?:-{2,}\s*)?[:：]?\s*(?:uhr:?)?\s*$"
)
_WROTE_DATE = re.compile(
    r"\b(?:schrieb|skrev) (?:am|den|<|\S+ <|.{0,60}? am)\b.{0,60}\d{1,2}[:.]\d\d.{0,8}:$|"
    r"\bschrieb .{3,80}<\S+@\S+>:$|\bskrev .{3,80}:$"
)
_OPENS = re.compile(
    r"^(?:-{2,4}\s*)?(?:on|le|am|el|il|op|em|den|dnia|at|em|em|pe|den)\b[\s ,]|^\d{1,4}[-/. ]|"
    r"^[\w.\" -]{2,60}(?:<\S{3,80}>|\S{3,80}@\S{3,80}) (?:wrote|a ecrit|schrieb)|^在|^\w+, \d|"
    r"^[\w. ]{2,40} <\S+@\S+>"
)
_DATED_SENDER = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}.{0,40}(?:<\S+@\S+>:?|gmt[+-]\d\d:\d\d .{2,60})\s*$")
_ORIGINAL = re.compile(
    r"^[>\s*]*[-_=]{2,}\s*(?:original (?:message|appointment)|message d'origine|message original|"
    r"courriel original|"
    r"ursprungliche nachricht|original-nachricht|mensaje original|messaggio originale|"
    r"oorspronkelijk(?:e)? bericht|"
    r"reply message|forwarded message|mail original|messaggio inoltrato|message transfere|reponse|"
    r"исходное сообщение|mensagem original)\b.{0,40}$"
)
_FORWARD_START = re.compile(
    r"^(?:begin forwarded message|debut du message (?:reexpedie|transfere)|anfang der weitergeleiteten|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)\s*:?\s*$"
)
_MESSAGE_OF = re.compile(r"^[>\s]*message du \d")
_SEPARATOR = re.compile(r"^[\s*]*(?:[_=-]{8,}|-{2,} ?)\s*$")
_OWN_SEPARATOR = re.compile(
    r"^[>\s]*[-=#]{2,} ?(?:please reply above|repondez au-dessus|repondre au-dessus|reply above|"
    r"ecrivez au-dessus)"
)
_BANNER = re.compile(
    r"^\[?(?:external(?: e-?mail| sender)?|caution|externe|attention ?: ?(?:ce|e-?mail|"
    r"message))\b.{0,200}$|^\[(?:external|externe|ext)\b.{0,200}\]$"
)


@dataclass(frozen=True, slots=True)
class NewText:
    """`text` is what the sender newly wrote, `signature` what stands below it, `quoted` the rest."""

    text: str
    signature: str
    quoted: str


def new_text(letter: Letter) -> NewText:
    """What the sender of `letter` newly wrote; from its HTML where it has no text of its own."""
    text = letter.text if letter.text.strip() else "\n".join(html_lines(letter.html))
    found = strip_quotes(text, letter.from_name, letter.from_address)
    if letter.html and _IN_RED.search(folded(found.text[:1000])):
        found = replace(found, text="\n\n".join([found.text, *coloured(letter.html)]))
    return found


def strip_quotes(text: str, name: str = "", address: str = "") -> NewText:
    """The same for a plain text; `name` and `address` of the sender help to find a bare signature."""
    lines = [line.rstrip() if line != "-- " else line for line in text[:_MAX_TEXT].split("\n", _MAX_LINES)]
    beyond = lines[_MAX_LINES:]
    own, quoted = _separate(_without_banner(lines[:_MAX_LINES]))
    quoted += beyond
    kept, signature = split_signature(own, name, address)
    return NewText("\n".join(_trimmed(kept)), "\n".join(_trimmed(signature)), "\n".join(quoted))


def is_quote_header(lines: list[str], at: int) -> int:
    """How many lines from `at` are the header above a quote ("On … wrote:"); 0 where there is none."""
    first = folded(lines[at][:_MAX_LINE]).lstrip("> *\t|").strip()
    if not first:
        return 0
    if _ORIGINAL.match(first) or _MESSAGE_OF.match(first) or _OWN_SEPARATOR.match(first) or _FORWARD_START.match(first):
        return 1
    if _DATED_SENDER.match(first):
        return 1
    return _wrote(lines, at, first) or _block(lines, at)


def _wrote(lines: list[str], at: int, first: str) -> int:
    if not (_OPENS.match(first) or _WROTE.search(first)):
        return 0
    joined, marked = "", lines[at].lstrip().startswith(">")
    for span, line in enumerate(lines[at : at + _SPAN + 2], 1):
        bare = folded(line[:_MAX_LINE]).lstrip("> *\t|").strip()
        if line.lstrip().startswith(">") and not marked and bare:
            return 0
        if span > 1 and not bare and not (joined.endswith((",", "<", "|")) or "<" in joined or "@" in joined):
            return 0
        joined = f"{joined} {bare}".strip()
        if len(joined) > _MAX_LINE:
            return 0
        if ("@" in joined or _DATE_NUMBER.search(joined) or span == 1) and (
            _WROTE.search(joined[-60:]) or _WROTE_DATE.search(joined)
        ):
            return span if _looks_like_header(joined) else 0
    return 0


def _looks_like_header(joined: str) -> bool:
    if "@" in joined or "you wrote" in joined:
        return True
    return (bool(_OPENS.match(joined)) and bool(_DATE_NUMBER.search(joined))) or (
        joined.endswith(("wrote:", "a ecrit :")) and len(joined.split()) < 8
    )


def _block(lines: list[str], at: int) -> int:
    """Outlook's block: "From: … Sent: … To: … Subject: …" in the sender's language."""
    found = header_block(lines, at)
    return found.end - at if found else 0


def _separate(lines: list[str]) -> tuple[list[str], list[str]]:
    own: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        if lines[at].lstrip().startswith((">", "|")) and not lines[at].lstrip().startswith("||"):
            quoted.append(lines[at])
            at += 1
            continue
        header = is_quote_header(lines, at)
        if not header:
            own.append(lines[at])
            at += 1
            continue
        _drop_rule(own, quoted)
        quoted += lines[at : at + header]
        at += header
        if not _is_marked(lines, at) and any(line.strip() for line in own):
            quoted += lines[at:]
            break
    return own, quoted


def _is_marked(lines: list[str], at: int) -> bool:
    """Whether the next line with text is marked as a quote, so that an answer may follow below."""
    following = next((line for line in lines[at : at + 6] if line.strip()), "")
    return following.lstrip().startswith((">", "|"))


def _drop_rule(own: list[str], quoted: list[str]) -> None:
    while own and (not own[-1].strip() or _SEPARATOR.match(own[-1])):
        quoted.append(own.pop())


def _without_banner(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines[:4]):
        if line.strip():
            return lines[:at] + lines[at + 1 :] if _BANNER.match(folded(line[:_MAX_LINE]).strip()) else lines
    return lines


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return [line.rstrip() for line in lines[start:end]]
