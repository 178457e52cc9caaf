"""The original inside a forwarded mail: inline as each mail program writes it, attached, or resent."""

import re

from mailbot.inbox.folding import folded
from mailbot.inbox.headers import HeaderBlock, header_block, role_of, unglued
from mailbot.inbox.html import html_lines
from mailbot.model import Forwarded, Letter

_MAX_LINES = 2000
_PREFIX = re.compile(
    r"^\s*(?:fw|fwd|tr|wg|rv|i|vs|vb|enc|doorst|pd|ilt|iv|redir|res|fs|vl|vid|transf|encaminhado|inoltro|"
    r"mn|転送|转发)\.?\s*:"
)
_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (style, re.compile(pattern))
    for style, pattern in (
        (
            "gmail",
            (
                r"^[>\s]*-{8,12} ?(?:forwarded message|weitergeleitete nachricht|message (?:transfere|"
                r"reexpedie)|messaggio inoltrato|mensaje reenviado|doorgestuurd bericht|mensagem encaminhada|"
                r"wiadomosc przekazana|edelleenlahetetty viesti|メッセージを転送|original message|.{3,40}) ?-{8,12}$"
            ),
        ),
        ("thunderbird", (r"^[>\s]*-{8} ?(?:.{3,50}) ?-{8}$|^[>\s]*--- ?(?:tresc przekazanej wiadomosci) ?---$")),
        (
            "apple",
            (
                r"^[>\s]*(?:begin forwarded message|debut du message (?:reexpedie|transfere)|"
                r"anfang der weitergeleiteten nachricht|inicio del mensaje reenviado|"
                r"inizio(?: del)? messaggio inoltrato|begin doorgestuurd bericht|zacatek preposilane zpravy|"
                r"start pa videresendt besked|zapocni proslijedenu poruku|tovabbitott level kezdete|"
                r"videresendt melding|poczatek przekazywanej wiadomosci|"
                r"inicio da mensagem (?:re)?encaminhada|"
                r"incepe mesajul redirectionat|ileti baslangıcı|ileti baslangici|"
                r"початок листа, що пересилається|valitetty viesti alkaa|vidarebefordrat mejl|"
                r"zaciatok preposlanej spravy|начало переадресованного сообщения|vidarebefordrat brev|"
                r"valitetyn viestin alku|.{3,40})\s*:$"
            ),
        ),
        ("yahoo", r"^[>\s]*-{5} ?[^-]{3,50} ?-{5}"),
        (
            "original",
            (
                r"^[>\s]*-{3,12} ?(?:original message|message d'origine|message original|original-nachricht|"
                r"ursprungliche nachricht|mensaje original|messaggio originale|"
                r"oorspronkelijk bericht) ?-{3,12}$"
            ),
        ),
    )
)
_APPLE_KNOWN = re.compile(
    r"forward|reexp|transf|weitergel|reenv|inoltr|doorgest|prepos|videres|proslij|tovabb|przekaz|encaminh|"
    r"redirec|ileti|пересил|valite|vidarebef|переадр"
)
_WROTE = re.compile(r"^[^\n]{0,60}<(?P<address>[^<>\s]{1,64}@[^<>\s]{1,190})>[^\n]{0,60}:$")
_STAMP = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? \d{1,2}[:.]\d\d")


def find_forward(letter: Letter) -> Forwarded | None:
    """The original that `letter` carries; None where it forwards nothing. The newest one where several are nested."""
    headers = dict(letter.headers)
    if "resent-from" in headers or "resent-to" in headers:
        return Forwarded(letter.to, letter.subject, headers.get("date"), "resent", letter.from_address, letter.text)
    if letter.enclosed and not any(kind != "message/rfc822-headers" for kind, _ in letter.reports):
        inner = letter.enclosed[0]
        date = dict(inner.headers).get("date")
        return Forwarded(
            inner.to,
            inner.subject,
            date,
            "attached",
            inner.from_address,
            inner.text or "\n".join(html_lines(inner.html)),
        )
    text = letter.text if letter.text.strip() else "\n".join(html_lines(letter.html))
    found = inline_forward(text, letter.subject)
    return found[1] if found else None


def inline_forward(text: str, subject: str = "") -> tuple[str, Forwarded] | None:
    """(the text above, the original) of a mail forwarded inside the text."""
    lines = text.replace("\r\n", "\n").replace("\ufeff", "").split("\n")[:_MAX_LINES]
    prefixed = bool(_PREFIX.match(folded(subject)))
    for at, line in enumerate(lines):
        style = _style(line)
        block = _block_below(lines, at) if style else None
        if style and block:
            return _original(
                lines,
                at,
                block,
                "thunderbird"
                if style == "gmail"
                and line.strip(" >").startswith("--------")
                and not line.strip(" >").startswith("---------")
                else style,
            )
        if prefixed and (block := _bare_block(lines, at)):
            return _original(lines, block.start, block, "outlook", original_subject=subject)
        if prefixed and (found := _outlook_mac(lines, at, subject)):
            return found
    return None


def _style(line: str) -> str | None:
    bare = line.strip()
    if not bare or len(bare) > 1000 or not (bare.lstrip("> ").startswith("-") or bare.endswith((":", "："))):
        return None
    low = folded(bare)
    for style, pattern in _MARKERS:
        if pattern.match(low):
            return style if style != "apple" or _APPLE_KNOWN.search(low) else None
    return None


def _block_below(lines: list[str], at: int) -> HeaderBlock | None:
    rest = re.sub(r"^[>\s]*-{5}[^-]{3,60}-{5} ?", "", lines[at]) if lines[at].count("-----") >= 2 else ""
    if rest and rest != lines[at] and role_of(rest):
        pieces = unglued(rest)
        found = header_block(pieces, 0)
        return HeaderBlock(at, at + 1, found.fields) if found else None
    for position in range(at + 1, min(at + 4, len(lines))):
        if lines[position].strip(" >\t"):
            return header_block(lines, position)
    return None


def _bare_block(lines: list[str], at: int) -> HeaderBlock | None:
    labelled = role_of(lines[at])
    return header_block(lines, at) if labelled and labelled[0] == "from" else None


def _original(
    lines: list[str], at: int, block: HeaderBlock, style: str, original_subject: str = ""
) -> tuple[str, Forwarded]:
    above = at
    while above and (not lines[above - 1].strip() or re.fullmatch(r"[\s_-]{5,}", lines[above - 1])):
        above -= 1
    body = (
        [re.sub(r"^> ?", "", line) for line in lines[block.end :]]
        if _all_quoted(lines[block.end :])
        else lines[block.end :]
    )
    sender = block.addresses("from")
    subject = block.fields.get("subject") or original_subject[_prefix_length(original_subject) :].strip() or None
    forwarded = Forwarded(
        block.addresses("to"),
        subject,
        block.fields.get("date"),
        style,
        sender[0] if sender else None,
        "\n".join(body).strip(),
    )
    return "\n".join(lines[:above]).strip(), forwarded


def _all_quoted(lines: list[str]) -> bool:
    return all(line.startswith(">") for line in lines if line.strip())


def _outlook_mac(lines: list[str], at: int, subject: str) -> tuple[str, Forwarded] | None:
    """Outlook for Mac forwards under one line, "On 28/10/2021 12:46, "John" <john@…> wrote:", and indents."""
    line = lines[at].strip()
    found, stamp = _WROTE.match(line), _STAMP.search(line)
    if not found or not stamp:
        return None
    body = "\n".join(below.removeprefix("    ") for below in lines[at + 1 :]).strip()
    title = subject[_prefix_length(subject) :].strip()
    return "\n".join(lines[:at]).strip(), Forwarded((), title, stamp[0], "outlook", found["address"].lower(), body)


def _prefix_length(subject: str) -> int:
    found = _PREFIX.match(folded(subject))
    return found.end() if found else 0
