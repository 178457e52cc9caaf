"""Invitations and answers to them (iCalendar, RFC 5545 and 5546) that come with a mail."""

import re

from mailbot.inbox.charsets import best_text
from mailbot.model import Letter

_TYPES = ("text/calendar", "application/ics")
_METHOD = re.compile(r"^METHOD[;:](?:[^\r\n:]{0,100}:)?\s{0,4}([A-Z]{3,20})", re.MULTILINE | re.IGNORECASE)
_MAX_HEAD = 4000


def calendar_method(letter: Letter) -> str | None:
    """REQUEST, REPLY, CANCEL, … of the appointment that `letter` is about; None where it carries none.

    Only the calendar of an invitation counts: a file that is merely attached has no METHOD.
    """
    for attachment in letter.attachments:
        if attachment.type in _TYPES or attachment.name.lower().endswith(".ics"):
            found = _METHOD.search(best_text(attachment.content[:_MAX_HEAD], "utf-8"))
            if found:
                return found[1].upper()
    return None
