"""What an absence note says: the day of return, and to whom one may write meanwhile.

The last day away ("until the 27th", "bis einschließlich 3.10.") is no day of return: offices differ in what
follows it, so nothing is said then. General terms ("we pay on the 30th") are no return either.
"""

import re
from datetime import date

from mailbot.inbox.contacts import addresses
from mailbot.inbox.dates import find_dates
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded

_MAX_TEXT = 8_000
_NEAR = 70
_STOP = re.compile(r"[!?;]|(?<!\d)\.(?=\s)|\n\s*\n")


def return_date(text: str, language: str, base: date, *, month_first: bool = False) -> date | None:
    """The first day on which the sender says to be back; None where only a month or the last day away is said."""
    text = text[:_MAX_TEXT]
    low, words = folded(text), grammar(language)
    done = 0
    for day in find_dates(text, language, base, month_first=month_first):
        before = _STOP.split(text[max(done, day.start - _NEAR) : day.start])[-1]
        done = day.end
        before = low[day.start - len(before) : day.start] + low[day.start : day.end]
        after = re.split(r"[,:]", folded(_STOP.split(text[day.end : day.end + _NEAR])[0]))[0]
        back, away = _last(words.returns, before), _last(words.last_day, before)
        if day.date is None or away > back or words.last_day.match(after.lstrip(" (")):
            continue
        if back >= 0 or words.returns_after.search(after):
            return day.date
    return None


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where `pattern` is found last in `text`; -1 where it is not."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def substitute(text: str, sender: str) -> str | None:
    """The one address that an absence note names besides its sender's."""
    named = {address for _, address in addresses(text)} - {sender}
    return named.pop() if len(named) == 1 else None
