"""The original inside a forwarded mail: inline as each mail program writes it, attached, or resent."""

import re
from dataclasses import replace

from mailbot.inbox.folding import folded
from mailbot.inbox.headers import HeaderBlock, header_block, role_of, unglued
from mailbot.inbox.html import html_lines
from mailbot.inbox.masks import EMAIL
from mailbot.inbox.separators import separator
from mailbot.model import Forwarded, Letter

_MAX_LINES = 2000
_MAX_LINE = 1000
_TAG = r"^\s*(?:\[[^\[\]]{1,40}\]\s*){0,3}"
_PREFIX = re.compile(
    _TAG + r"(?:fw|fwd|tr|wg|rv|i|vs|vb|enc|doorst|pd|ilt|iv|redir|res|fs|vl|vid|transf|encaminhado|inoltro|inoltra|"
    r"mn|πρθ|プ|転送|转发|轉寄|전달)\.?\s*[:：]"
)
_DASHED = re.compile(r"^-{5,12} ?[^-]{3,60}(?:-[^-]{1,60}){0,3} ?-{5,12}")
_END = re.compile(r"^-{2,} ?(?:end of |end |fin du |ende der |fin del |fine del |einde )")
_RULE = re.compile(r"[\s_=-]{5,}")
_WROTE = re.compile(r"^[^\n]{0,60}<(?P<address>[^<>\s]{1,64}@[^<>\s]{1,190})>[^\n]{0,60}:$")
_STAMP = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? \d{1,2}[:.]\d\d")


def find_forward(letter: Letter) -> Forwarded | None:
    """The original that `letter` carries; None where it forwards nothing. The newest one where several are nested."""
    headers = dict(letter.headers)
    if "resent-from" in headers or "resent-to" in headers:
        return _carried(letter, "resent")
    if letter.enclosed and not any(kind != "message/rfc822-headers" for kind, _ in letter.reports):
        return _carried(letter.enclosed[0], "attached")
    found = inline_forward(_text_of(letter), letter.subject)
    return replace(found[1], attachments=_names(letter)) if found else None


def inline_forward(text: str, subject: str = "") -> tuple[str, Forwarded] | None:
    """(the text above, the original) of a mail forwarded inside the text.

    `subject` of the mail: where it says that something is passed on, or is not known, bare header lines are enough.
    """
    lines = text.replace("\r\n", "\n").replace("\ufeff", "").split("\n")[:_MAX_LINES]
    bare = bool(_PREFIX.match(folded(subject))) or not subject.strip()
    for at, line in enumerate(lines):
        low = folded(line[:_MAX_LINE]).strip("> \t")
        style = _style(low, bare) if low else ""
        block = _block_below(lines, at, line) if style else None
        if block:
            return _original(lines, at, block, style, subject)
        if bare and low and (block := _bare_block(lines, at)):
            return _original(lines, block.start, block, "outlook", subject)
        if bare and low.endswith(":") and (found := _outlook_mac(lines, at, subject)):
            return found
    return None


def _carried(original: Letter, style: str) -> Forwarded:
    headers = dict(original.headers)
    to, cc = _visible(headers.get("to", "")), _visible(headers.get("cc", ""))
    return Forwarded(
        to or original.to,
        original.subject,
        headers.get("date"),
        style,
        original.from_address,
        _text_of(original),
        cc,
        _names(original),
    )


def _visible(header: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.lower() for address in EMAIL.findall(header)))


def _text_of(letter: Letter) -> str:
    return letter.text if letter.text.strip() else "\n".join(html_lines(letter.html))


def _names(letter: Letter) -> tuple[str, ...]:
    return tuple(attachment.name for attachment in letter.attachments)


def _style(low: str, bare: bool) -> str:
    """By the dashes of the separator line: which program wrote it. An original counts where it may be a forward."""
    if low[0] != "-" and low[-1] not in ":：":
        return ""
    kind = separator(low)
    if kind == "above" or (not kind and not _DASHED.match(low)) or _END.match(low):
        return ""
    if kind == "original":
        return "original" if bare or low.startswith("----------") else ""
    dashes = len(low) - len(low.lstrip("-"))
    if not dashes:
        return "apple"
    if dashes >= 9:
        return "gmail"
    return "thunderbird" if dashes == 8 else "yahoo"


def _block_below(lines: list[str], at: int, line: str) -> HeaderBlock | None:
    rest = _DASHED.sub("", line.strip("> \t"), count=1) if line.count("-----") >= 2 else ""
    if rest.strip() and role_of(rest):
        pieces = unglued(rest)
        found = header_block(pieces, 0)
        found = found or header_block([*pieces, *lines[at + 1 : at + 15]], 0)
        below = max(0, found.end - len(pieces)) if found else 0
        return HeaderBlock(at, at + 1 + below, found.fields) if found else None
    for position in range(at + 1, min(at + 4, len(lines))):
        if lines[position].strip(" >\t"):
            return header_block(lines, position)
    return None


def _bare_block(lines: list[str], at: int) -> HeaderBlock | None:
    labelled = role_of(lines[at])
    return header_block(lines, at) if labelled and labelled[0] in ("from", "date") else None


def _original(lines: list[str], at: int, block: HeaderBlock, style: str, subject: str) -> tuple[str, Forwarded]:
    above = _text_above(lines, at)
    if style == "outlook" and above and _is_unknown_start(lines[above - 1], lines[at]):
        above = _text_above(lines, above - 1)
    sender = block.addresses("from")
    forwarded = Forwarded(
        block.addresses("to"),
        block.fields.get("subject") or _unprefixed(subject) or None,
        block.fields.get("date"),
        style,
        sender[0] if sender else None,
        "\n".join(_body(lines[block.end :])).strip(),
        block.addresses("cc"),
    )
    return "\n".join(lines[:above]).strip(), forwarded


def _text_above(lines: list[str], at: int) -> int:
    while at and (not lines[at - 1].strip("> \t") or _RULE.fullmatch(lines[at - 1])):
        at -= 1
    return at


def _is_unknown_start(line: str, below: str) -> bool:
    """Whether a line says in an unknown language that a message begins: a short one, marked as the header below is."""
    return line.startswith(">") and below.startswith(">") and line.rstrip().endswith((":", "：")) and len(line) < 60


def _body(lines: list[str]) -> list[str]:
    """The original's lines, without the marks that Apple and Proton put before them and the line that ends it."""
    end = next((at for at, line in enumerate(lines) if line.startswith("-") and _END.match(folded(line[:80]))), None)
    kept = lines[:end]
    quoted = all(line.startswith(">") for line in kept if line.strip())
    return [re.sub(r"^> ?", "", line) for line in kept] if quoted else kept


def _outlook_mac(lines: list[str], at: int, subject: str) -> tuple[str, Forwarded] | None:
    """Outlook for Mac forwards under one line, "On 28/10/2021 12:46, "John" <john@…> wrote:", and indents."""
    line = lines[at].strip()
    found, stamp = _WROTE.match(line), _STAMP.search(line)
    if not found or not stamp or not subject.strip():
        return None
    body = "\n".join(below.removeprefix("    ") for below in lines[at + 1 :]).strip()
    forwarded = Forwarded((), _unprefixed(subject), stamp[0], "outlook", found["address"].lower(), body)
    return "\n".join(lines[:at]).strip(), forwarded


def _unprefixed(subject: str) -> str:
    found = _PREFIX.match(folded(subject))
    return subject[found.end() if found else 0 :].strip()
