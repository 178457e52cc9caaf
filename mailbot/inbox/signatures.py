"""Where the text ends and the signature begins: "-- ", "Sent from my …", a formula, a bare name, a disclaimer."""

import re
from dataclasses import dataclass

from mailbot.inbox.closings import is_device_line, is_disclaimer, is_formula, is_notice, is_thanks
from mailbot.inbox.folding import folded
from mailbot.inbox.numbers import INVOICE

_MAX_LINE = 400
_DELIMITER = re.compile(r"^(?:--|—|__|ᐧ)\s*$|^-- ")
_RULE = re.compile(r"^\s*[-_=~#+*•·─]{3,}\s*$")
_ANSWERS_WORDS = (
    "paye payee regle reglee fait ok oui non merci demain recu note entendu parfait bonjour bonsoir voir facture "
    "virement bien vu compris jamais refus litige contestee conteste accord "
    "vendredi lundi mardi mercredi jeudi samedi dimanche paid done sent yes no tomorrow today noted thanks received "
    "hello hi monday tuesday wednesday thursday friday stop never settled understood confirmed agreed approved "
    "bezahlt erledigt ja nein morgen danke erhalten montag dienstag mittwoch donnerstag freitag verstanden "
    "einverstanden pagado pagada hecho si manana gracias recibido lunes martes miercoles jueves viernes conforme "
    "pagato pagata fatto domani grazie ricevuto lunedi martedi mercoledi giovedi venerdi confermo "
    "betaald gedaan nee bedankt ontvangen maandag dinsdag woensdag donderdag vrijdag akkoord geregeld"
)
_ANSWERS = frozenset(_ANSWERS_WORDS.split())
_FUNCTION = re.compile(
    r"\b(?:gerante?|directeur|directrice|comptab|responsable|president|presidente|fondat|associe|assistante?|service|"
    r"manager|director|accounts?|accountant|head of|officer|owner|founder|partner|assistant|controller|finance|ceo|cfo|"
    r"geschaftsfuhr|inhaber|buchhaltung|leiter|einkauf|meister|prokurist|kaufm|abteilung|"
    r"gerente|administraci|contab|propietari|jefe|departamento|"
    r"amministra|titolare|responsabile|ragionier|ufficio|direttore|"
    r"eigenaar|administratie|boekhoud|hoofd|zaakvoerder|afdeling|bedrijfsleider)|"
    r"\b(?:sarl|sas|sasu|eurl|gmbh|ltd|llc|llp|inc|plc|s\.?r\.?l|s\.?p\.?a|s\.?l|b\.?v|n\.?v|ag|kg|ug|oy|ab|aps|limited|"
    r"tel|tél|mob|fax|phone|siret|siren|tva|vat|ust|kvk|p\.? ?iva|cif|nif)\b"
)
_PHONE = re.compile(r"(?<![\w-])(?:\+?\d[\d .()/-]{7,}\d)")
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d\d|20\d\d-\d\d-\d\d")
_NAMEISH = re.compile(r"^[\w.'&*/(),:|+@ -]{1,60}$")
_NAME_WORD = re.compile(
    r"[^\W\d_][\w'’-]{0,24}\.?|(?:[^\W\d_]\.){1,3}|de|van|von|da|del|della|di|der|den|la|le|el|du|ter|ten"
)
_WORDS = re.compile(r"[\W_\d]+")
_CLOSING_LINES = 14
_TAIL_LINES = 12
_TAIL_LENGTH = 90
_PARAGRAPHS = 3
_MAX_BLOCK = 6


@dataclass(frozen=True, slots=True)
class Signer:
    """What the mail's From says of who signs it: words of name and address, and the name's initials."""

    named: bool
    tokens: frozenset[str]
    initials: frozenset[str]

    @classmethod
    def of(cls, name: str, address: str) -> "Signer":
        local, _, domain = address.partition("@")
        words = _WORDS.split(folded(f"{name} {local} {domain.rpartition('.')[0]}"))
        own = [word for word in _WORDS.split(folded(name)) if word]
        return cls(bool(own), frozenset(word for word in words if len(word) > 2), frozenset(word[0] for word in own))


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
    for at, bare in enumerate(low):
        in_code ^= lines[at].startswith("```")
        above, written = written, written or bool(bare)
        if in_code or not above or not lines[at].strip():
            continue
        if _DELIMITER.match(lines[at]):
            return at
        if (_RULE.match(lines[at]) or is_device_line(bare)) and not _is_written(lines[at + 1 :], low[at + 1 :]):
            return at
    return len(lines)


def _is_written(lines: list[str], low: list[str]) -> bool:
    """Whether sentences stand below a rule, so that it divides a text and does not end it."""
    for at, line in enumerate(lines):
        text = line.strip()
        if _DELIMITER.match(line):
            return False
        if text.endswith((".", "?", "!", ":")) and len(text.split()) > 4 and not _is_appended(low[at]):
            start = next((i for i in range(at, -1, -1) if not low[i]), -1) + 1
            return not is_disclaimer(" ".join(low[start : at + 12]))
    return False


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
        if not _is_closing_line(low[at], signer) or not _is_tail(below):
            continue
        if at + 1 == end and is_thanks(low[at]) and not more:
            continue
        if signer.named or more or _is_signed(below, signer):
            return _up_formulas(low, at)
    return _bare_name(lines, low, end, signer) if signer.named or signer.tokens else end


def _is_closing_line(low: str, signer: Signer) -> bool:
    """A formula, also with the name on the same line: "Groetjes, Sanne"."""
    if is_formula(low):
        return True
    words = low.replace(",", " ").split()
    if not 1 < len(words) <= 8 or not _is_of_signer(words[-1], signer):
        return False
    while words and _is_of_signer(words[-1], signer):
        words.pop()
    return is_formula(" ".join(words))


def _is_of_signer(word: str, signer: Signer) -> bool:
    bare = word.strip(".,*()")
    return bare in signer.tokens or (len(bare) == 1 and bare in signer.initials)


def _is_tail(below: list[str]) -> bool:
    """Below a formula stand only short lines: names, functions, addresses, telephone numbers."""
    return len(below) <= _TAIL_LINES and all(
        len(text) <= _TAIL_LENGTH
        and not text.endswith("?")
        and not (text.endswith((".", "!")) and len(text.split()) > 4 and not _FUNCTION.search(folded(text)))
        for text in below
    )


def _is_signed(below: list[str], signer: Signer) -> bool:
    return any(_is_signer(line, signer) or _is_contact(line) for line in below) and bool(signer.tokens)


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
    if _is_name_block(block, signer):
        return _above(low, start)
    if all(_is_contact(line) for line in block) and len(block) <= _MAX_BLOCK and paragraphs:
        above = _text_end(low, start)
        found = _bare_name(lines, low, above, signer, paragraphs - 1)
        return found if found < above else end
    return _last_name(lines, low, end, signer)


def _is_name_block(block: list[str], signer: Signer) -> bool:
    if len(block) > _MAX_BLOCK or any(
        len(line) > 80 or (line.endswith(("?", ".", "!")) and len(line.split()) > 3) for line in block
    ):
        return False
    first, rest = block[0], block[1:]
    if not rest:
        return _is_lone_name(first) or (len(first) <= 60 and _is_signer(first, signer))
    if _is_signer(first, signer) or (_FUNCTION.search(folded(first)) and _is_lone_name(block[-1])):
        return True
    return _looks_named(first) and all(
        _is_contact(line) or _FUNCTION.search(folded(line)) or _is_signer(line, signer) for line in rest
    )


def _last_name(lines: list[str], low: list[str], end: int, signer: Signer) -> int:
    """The name right below the text, without a blank line between: every word of it stands in From."""
    if end < 2 or not signer.named:
        return end
    words = low[end - 1].split()
    whole = 0 < len(words) <= 4 and all(_is_of_signer(word, signer) for word in words)
    if not whole or not lines[end - 1].strip()[:1].isupper() or not any(len(word) > 2 for word in words):
        return end
    if low[end - 2].endswith((",", ":")) and not is_formula(low[end - 2]):
        return end
    return _above(low, end - 1)


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


def _is_signer(line: str, signer: Signer) -> bool:
    words = [word for word in _WORDS.split(folded(line)) if word]
    if not words or len(words) > 7 or not _NAMEISH.match(line) or not line[:1].isupper():
        return False
    if len(words) == 1 and len(words[0]) <= 3:
        return words[0][0] in signer.initials and (len(words[0]) == 1 or line.isupper())
    return any(
        len(word) > 2 and (word in signer.tokens or any(word in token for token in signer.tokens)) for word in words
    )


def _is_lone_name(line: str) -> bool:
    """One to four capitalised words below everything else, which are no short answer."""
    words = line.split()
    return (
        1 <= len(words) <= 4
        and all(_NAME_WORD.fullmatch(word) for word in words)
        and words[0][0].isupper()
        and words[-1][0].isupper()
        and not (line.endswith(".") and len(words) == 1 and len(line) > 3)
        and not {folded(word).strip(".") for word in words} & _ANSWERS
    )


def _looks_named(line: str) -> bool:
    words = line.split()
    return (
        1 <= len(words) <= 6
        and sum(word[:1].isupper() for word in words) * 2 >= len(words)
        and not line.endswith((".", "!", "?", ",", ":"))
        and not any(char.isdigit() for char in line)
        and not {folded(word) for word in words} & _ANSWERS
    )


def _is_contact(line: str) -> bool:
    words = len(line.split())
    if words <= 12 and _PHONE.search(line) and not INVOICE.search(line) and not _DAY.search(line):
        return True
    return words <= 5 and ("@" in line or "www." in line.lower() or "http" in line.lower())
