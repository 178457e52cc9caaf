"""When and under which number a registered letter was posted, as an owner writes it.

"mise en demeure FA-2026-0004 envoyée le 12/11 1A 123 456 789 0 1" is an invoice, a day and a tracking number. La
Poste's numbers are a digit, a letter and eleven digits, those of the Universal Postal Union (S10) two letters, nine
digits and the country; what stands after "suivi" or "tracking" is any carrier's.
"""

import re
from datetime import date

from mailbot.owner.days import resolve_day
from mailbot.owner.values import target_of
from mailbot.owner.words import fold

_TRACKING = re.compile(
    r"\b(?:"
    r"\d[a-z](?: ?\d){11}(?: ?\d)?"  # La Poste: 1A 123 456 789 01
    r"|[a-z]{2}(?: ?\d){9} ?[a-z]{2}"  # UPU S10: RK 123 456 789 FR
    r")\b"
)
_NAMED = re.compile(r"\b(?:suivi|tracking)(?: n°| no| number| numero)?:? ([a-z0-9-]{6,34})\b")
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?|\d{1,2}(?:er)? [a-z]{3,9}(?: \d{4})?)\b")
_NO_YEAR = re.compile(r"\d{1,2}[/.]\d{1,2}")
_NEAR = re.compile(r"\b(hier|yesterday|aujourd'hui|today|ce jour)\b")
_WORDS = re.compile(
    r"\b(?:envoye|envoyee|postee?|partie?|expediee?|recommandee?|lrar|ar|suivi|numero|n°|no|sent|posted|mailed|"
    r"registered|tracking|number|on|le|du|par|by|avec|with|under|sous|la poste)\b"
)


def posted(words: str, today: date | None) -> tuple[str, dict[str, str]]:
    """(target, fields): `sent_on` (ISO) and `tracking` (without spaces), each where it is found.

    A number that is the target itself ("FA-2026-0004-001") stands first and is never taken for a tracking number.
    """
    low = fold(words)
    first = low.split(" ", 1)[0] if low else ""
    found = _TRACKING.search(low, len(first)) or _NAMED.search(low)
    fields: dict[str, str] = {}
    rest = low
    if found:
        number = found[found.lastindex or 0]
        fields["tracking"] = number.replace(" ", "").upper()
        rest = rest.replace(number, " ", 1)
    for pattern in (_DAY, _NEAR):
        at = pattern.search(rest, len(first))
        day = resolve_day(at[1], today) if at else None
        if at and day is not None:
            if today is not None and day > today and _NO_YEAR.fullmatch(at[1]):
                day = resolve_day(f"{day:%d/%m}/{day.year - 1}", today) or day  # nothing was posted in the future
            fields["sent_on"] = day.isoformat()
            rest = rest[: at.start()] + " " + rest[at.end() :]
            break
    if not fields:
        return target_of(words), {}
    kept = _WORDS.sub(" ", rest).split()
    return _as_written(words, kept), fields


def _as_written(words: str, kept: list[str]) -> str:
    """The words of the target in the case in which they were written."""
    wanted = list(kept)
    found = []
    for word in words.split():
        bare = word.strip(",;:.()")
        if fold(bare) in wanted:
            wanted.remove(fold(bare))
            found.append(bare)
    return target_of(" ".join(found))
