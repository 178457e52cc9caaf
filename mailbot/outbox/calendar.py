"""A day for somebody's calendar, as a file (RFC 5545): published, not an invitation that wants an answer."""

from datetime import UTC, date, datetime, timedelta

_LINE = 75
"""Octets of a content line (RFC 5545, 3.1); longer ones are folded."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def all_day(uid: str, day: date, summary: str, stamp: datetime) -> bytes:
    """An all-day entry that keeps nobody busy. `uid` and `stamp` are the mail's, so that it is the same each time.

    METHOD:PUBLISH, because a REQUEST without an organiser is refused by Outlook and one with it asks Gmail's users for
    an answer.
    """
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//mailbot//promise//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(summary)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _text(value: str) -> str:
    return value.translate(_ESCAPED)


def _folded(line: str) -> str:
    """At most 75 octets a line; what follows begins with a space, and no character is cut in two."""
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _LINE:
            parts.append("")
            size = 1
        parts[-1] += char
        size += octets
    return "\r\n ".join(parts)
