"""The new text of a mail: what its sender typed, without quotes, signature, disclaimers and banners.

Line by line and in linear time: each line is looked at a fixed number of times, the header of a quote
("On … wrote:", "De : … Envoyé : …") spans at most a few lines, and long lines are judged by their beginning.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from mailbot.inbox.attributions import attribution
from mailbot.inbox.closings import is_greeting
from mailbot.inbox.folding import folded
from mailbot.inbox.headers import header_block, unknown_block
from mailbot.inbox.html import coloured, html_lines
from mailbot.inbox.separators import separator
from mailbot.inbox.signatures import split_device, split_signature
from mailbot.model import Letter

_IN_RED = re.compile(r"\b(?:en rouge|in red|in rot(?:er)?|in rosso|in het rood|en rojo|em vermelho)\b")
_QUOTING_HTML = re.compile(
    r"gmail_quote|<blockquote|divRplyFwdMsg|appendonsend|yahoo_quoted|moz-cite-prefix|protonmail_quote|zwchr|"
    r"OLK_SRC_BODY_SECTION|border-top:\s*solid",
    re.IGNORECASE,
)
_STUB = re.compile(
    r"\bhtml\b.{0,80}\b(?:support|viewer|view\b|unterstutz|afficher|compatible|client)|"
    r"\b(?:support|display|unterstutz|anzeigen|afficher|soporta|supporta|ondersteunt).{0,40}\bhtml\b|this is an html"
)
_MAX_STUB = 200
_MAX_TEXT = 128 * 1024
_MAX_LINES = 4000
_MAX_LINE = 400
_MAX_LABEL = 40
_RULE = re.compile(r"^[\s*]*(?:[_=*─-]{8,}|-{2,} ?)\s*$")
_INITIALS = re.compile(r"^[A-Z]{1,3}>(?: |$)")
_BANNER = re.compile(
    r"^\W{0,4}(?:external(?: e-?mail| sender| message)?\b|caution\b|externe\b|extern(?:al|e|er)? e-?mail|"
    r"(?:attention|achtung|atencion|attenzione|warning|let op) ?[:!] ?.{0,40}(?:e-?mail|message|mail|absender|"
    r"correo|messaggio|bericht|extern)|you don't often get email|vous n'obtenez pas souvent|"
    r"sie erhalten nicht (?:haufig|oft)|no suele recibir|non si ricevono spesso|"
    r"certains contacts qui recoivent|some people who received|"
    r"this (?:e-?mail|message) (?:originated|comes|came) from outside)"
)


class _Role(Enum):
    OWN = "own"
    MARKED = "marked"
    HEADER = "header"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class NewText:
    """`text` is what the sender newly wrote, `signature` what stands below it, `quoted` the rest.

    `shown` is `text` with the quoted lines that it answers in their places, marked "> ": for people to read, never
    to be understood. `doubt` says why `text` may not be what was written: "nothing" (none is left), "little" (no more
    than a greeting is left), "unmarked" (an unmarked quote stands above, so it cannot be told where it ends), "long"
    (the mail is longer than is read); empty where all is well.
    """

    text: str
    signature: str
    quoted: str
    shown: str = ""
    doubt: str = ""


def new_text(letter: Letter) -> NewText:
    """What the sender of `letter` newly wrote; from its HTML where it has no text, or one that shows no quotes."""
    found = None
    if letter.text.strip() and not _is_stub(letter):
        found = strip_quotes(letter.text, letter.from_name, letter.from_address)
    if letter.html and (found is None or (not found.quoted and _QUOTING_HTML.search(letter.html))):
        found = strip_quotes("\n".join(html_lines(letter.html)), letter.from_name, letter.from_address)
    if found is None:
        return NewText("", "", "", doubt="nothing")
    if letter.html and _IN_RED.search(folded(found.text[:1000])):
        answers = "\n\n".join([found.text, *coloured(letter.html)])
        found = replace(found, text=answers, shown=answers)
    return found


def strip_quotes(text: str, name: str = "", address: str = "") -> NewText:
    """The same for a plain text; `name` and `address` of the sender help to find a bare signature."""
    lines = [line if line == "-- " else line.rstrip() for line in text[:_MAX_TEXT].split("\n", _MAX_LINES)]
    page = _Page(_without_banner(lines[:_MAX_LINES]))
    segments, signature = page.own_segments(name, address)
    kept = "\n".join(_trimmed([line for segment in segments for line in ("", *segment)]))
    quoted = [*page.quoted(), *lines[_MAX_LINES:]]
    return NewText(
        kept,
        "\n".join(_trimmed(signature)),
        "\n".join(quoted),
        page.shown(segments),
        _doubt(kept, page, len(text)),
    )


def _doubt(kept: str, page: "_Page", length: int) -> str:
    size = sum(map(str.isalnum, kept))
    if not size:
        return "nothing"
    if page.unmarked:
        return "unmarked"
    if length > _MAX_TEXT or len(page.lines) >= _MAX_LINES:
        return "long"
    greeting = "\n" not in kept and is_greeting(kept[:_MAX_LINE])
    return "little" if size == 1 or greeting else ""


class _Page:
    """The lines of a mail, each with its role."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.low = [folded(line[:_MAX_LINE]).lstrip("> *\t|").rstrip(" *\t") for line in lines]
        self.roles = [_Role.MARKED if _is_marked(line) else _Role.OWN for line in lines]
        self.headed = self.unmarked = False
        self.written: list[int] = []
        self._find_headers()

    def quoted(self) -> list[str]:
        return [line for line, role in zip(self.lines, self.roles, strict=True) if role is not _Role.OWN]

    def own_segments(self, name: str, address: str) -> tuple[list[list[str]], list[str]]:
        """The runs of own lines as far as they are text, and the lines of all signatures."""
        runs = [run for role, run in self._runs() if role is _Role.OWN]
        written = [at for at, run in enumerate(runs) if any(line.strip() for line in run)]
        signature: list[str] = []
        for at in written:
            first, last = at == written[0], at == written[-1]
            if first or last:
                runs[at], below = split_signature(runs[at], name, address, first=first)
            else:
                runs[at], below = split_device(runs[at])
            signature += below
        return runs, signature

    def shown(self, segments: list[list[str]]) -> str:
        """The own lines with the marked ones that stand between them, or above them without a header."""
        parts: list[tuple[bool, list[str]]] = []
        own = iter(segments)
        for role, run in self._runs():
            if role is _Role.OWN:
                parts.append((True, next(own)))
            else:
                parts.append((False, run if role is _Role.MARKED else [""]))
        written = [at for at, (is_own, run) in enumerate(parts) if is_own and any(line.strip() for line in run)]
        if not written:
            return ""
        first = 0 if not self.headed and written[0] > 0 else written[0]
        return "\n".join(_trimmed([line for _, run in parts[first : written[-1] + 1] for line in run]))

    def _runs(self) -> list[tuple[_Role, list[str]]]:
        runs: list[tuple[_Role, list[str]]] = []
        for line, role in zip(self.lines, self.roles, strict=True):
            if not runs or runs[-1][0] is not role:
                runs.append((role, []))
            runs[-1][1].append(line)
        return runs

    def _find_headers(self) -> None:
        at = 0
        while at < len(self.lines):
            start, end = self._header(at)
            if start is None:
                if self.low[at] and self.roles[at] is _Role.OWN:
                    self.written.append(at)
                at += 1
                continue
            self.headed = True
            self._give(start, end, _Role.HEADER)
            self._drop_rule(start)
            if not self._is_marked_below(end):
                if self.written:
                    self._give(end, len(self.lines), _Role.REST)
                    return
                self.unmarked = self.unmarked or self.roles[start - 1 if start else 0] is not _Role.MARKED
            at = end

    def _header(self, at: int) -> tuple[int | None, int]:
        """Where the header of a quote that is met at line `at` begins and ends; None where none is met."""
        low = self.low[at]
        if not low:
            return None, at
        divider = separator(low)
        if divider == "above":
            return (at, at + 1) if self.written else (None, at)
        if divider:
            block = self._block(at + 1)
            return at, block or at + 1
        start = attribution(self.lines, self.low, at)
        if start is not None:
            return start, at + 1
        if ":" not in low[:_MAX_LABEL] and "：" not in low[:_MAX_LABEL]:
            return None, at
        found = header_block(self.lines, at)
        if found is None and "@" in low:
            found = unknown_block(self.lines, at)
        return (at, found.end) if found and "from" in found.fields else (None, at)

    def _block(self, at: int) -> int:
        for here in range(at, min(at + 3, len(self.lines))):
            if self.low[here]:
                found = header_block(self.lines, here)
                return found.end if found else 0
        return 0

    def _give(self, start: int, end: int, role: _Role) -> None:
        self.roles[start:end] = [role] * (end - start)

    def _drop_rule(self, start: int) -> None:
        while start and (not self.lines[start - 1].strip() or _RULE.match(self.lines[start - 1])):
            start -= 1
            self.roles[start] = _Role.HEADER
        while self.written and self.written[-1] >= start:
            self.written.pop()

    def _is_marked_below(self, at: int) -> bool:
        """Whether the next line with text is marked as a quote, so that an answer may follow below."""
        following = next((line for line in self.lines[at : at + 6] if line.strip()), "")
        return _is_marked(following)


def _is_marked(line: str) -> bool:
    start = line.lstrip()[:4]
    return (start.startswith((">", "|")) and not start.startswith("||")) or bool(_INITIALS.match(start))


def _is_stub(letter: Letter) -> bool:
    """Whether the plain text only says that there is an HTML one."""
    text = letter.text.strip()
    return bool(letter.html) and len(text) < _MAX_STUB and bool(_STUB.search(folded(text)))


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
