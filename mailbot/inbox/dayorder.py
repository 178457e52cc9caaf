"""Whether a sender writes 3/9 for 9 March, as in the United States, or for 3 September, as nearly everywhere else.

The order of day and month is the sender's, not ours. An English mail is from the United States where its address
or signature says so (a domain in .us, a state with its ZIP code, a telephone number of ten figures), or where
its clock is theirs and no country of its domain speaks against it. Office 365 dates mail in UTC, so the clock
alone would miss many.
"""

import re

from mailbot.model import Letter

_MAX_TEXT = 4_000
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|"
    "PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)
_ADDRESS = re.compile(
    rf"(?<!\w)(?:{_STATES}) \d{{5}}(?:-\d{{4}})?(?!\d)|(?<![\d+])(?:\+?1[ .-]?)?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}[.-])"
    r"\d{3}[ .-]\d{4}(?!\d)"
)
_COUNTRY = re.compile(r"\.([a-z]{2})$")
_NO_COUNTRY = frozenset({"io", "co", "ai", "me", "tv", "cc", "us"})
_EASTERN_SUMMER, _HAWAII = -4, -10
"""Hours from UTC between which the clocks of the United States lie."""


def month_first(letter: Letter, signature: str, language: str | None) -> bool:
    """Whether days in figures are to be read month first in `letter`, which is in `language`."""
    if language != "en":
        return False
    country = _COUNTRY.search(letter.from_address)
    if country and country[1] not in _NO_COUNTRY:
        return False
    if country and country[1] == "us":
        return True
    offset = letter.date.utcoffset() if letter.date else None
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return _HAWAII <= hours <= _EASTERN_SUMMER or bool(_ADDRESS.search(signature[:_MAX_TEXT]))
