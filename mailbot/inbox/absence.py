"""What an absence note says: the day of return, and to whom one may write meanwhile.

The last day away ("until the 27th", "bis einschließlich 3.10.") is no day of return: offices differ in what
follows it, so nothing is said then. General terms ("we pay on the 30th") are no return either.
"""

import re
from datetime import date

from mailbot.inbox.dates import find_dates
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.masks import EMAIL

_MAX_TEXT = 8_000
_NEAR = 70
_NEAR_BEFORE_LAST = 24
_STOP = re.compile(r"[!?;]|(?<!\d)\.(?=\s)|\n\s*\n")


def return_date(text: str, language: str, base: date, *, month_first: bool = False) -> date | None:
    """The first day on which the sender says to be back; None where only a month or the last day away is said."""
    text = text[:_MAX_TEXT]
    low, words = folded(text), grammar(language)
    for day in find_dates(text, language, base, month_first=month_first):
        before = _STOP.split(text[max(0, day.start - _NEAR) : day.start])[-1]
        before = low[day.start - len(before) : day.start]
        after = _STOP.split(text[day.end : day.end + _NEAR])[0]
        after = low[day.end : day.end + len(after)]
        near = before[-_NEAR_BEFORE_LAST:] + low[day.start : day.end]
        if day.date is None or words.last_day.search(near) or words.last_day.match(after.lstrip(" ,(")):
            continue
        if words.returns.search(before) or words.returns_after.search(re.split(r"[,:]", after)[0]):
            return day.date
    return None


def substitute(text: str, sender: str) -> str | None:
    """The one address that an absence note names besides its sender's."""
    named = {address.lower() for address in EMAIL.findall(text[:_MAX_TEXT])} - {sender}
    return named.pop() if len(named) == 1 else None
