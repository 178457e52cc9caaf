"""What an absence note says: the day of return, and to whom one may write meanwhile."""

import re
from datetime import date

from mailbot.inbox.dates import find_dates
from mailbot.inbox.folding import folded
from mailbot.inbox.masks import EMAIL

_RETURN = {
    "fr": re.compile(
        r"de retour|retour (?:le|prevu|au)|retour$|retour $|reouvert|reviens|reviendrai|"
        r"serai (?:de nouveau |a nouveau )?(?:joignable|disponible|present|au bureau)|reprendrai|reprise|"
        r"rouvr|reouvr|a partir du|rentre"
    ),
    "en": re.compile(r"\bback\b|return|reopen|re-open|available again|resum|in the office (?:on|from)"),
}
_LAST_DAY = re.compile(r"jusqu'(?:au|a)\b|inclus|until|till|through|absent(?:e)? (?:du|jusqu)")


def return_date(text: str, language: str, base: date) -> date | None:
    """The first day on which the sender says to be back; None where only a month or the last day of absence is said."""
    pattern = _RETURN.get(language, _RETURN["en"])
    days: list[tuple[date, bool]] = []
    low = folded(text[:8000])
    for hit in find_dates(text[:8000], language, base):
        before = low[max(0, hit.start - 60) : hit.start]
        clause = re.split(r"[.!?;]|  ", before)[-1]
        last = hit.text[:40].lower().startswith(("jusqu", "until", "through")) or bool(_LAST_DAY.search(clause[-24:]))
        if hit.date and pattern.search(clause) and not last:
            days.append((hit.date, True))
    return days[0][0] if days else None


def substitute(text: str, sender: str) -> str | None:
    """The one address that an absence note names besides its sender's."""
    named = {address.lower() for address in EMAIL.findall(text[:8000])} - {sender}
    return named.pop() if len(named) == 1 else None
