"""Which mails a letter answers: everything of its thread, ours and the client's, in the order of time.

Mail programs put what belongs together in one place by In-Reply-To and References (RFC 5322 3.6.4): the whole ladder
of reminders about an invoice, and what the client wrote in between.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_FIELDS = re.compile(rb"^(?:in-reply-to|references):((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Written:
    """A mail of the correspondence: its Message-ID, and when it left or came."""

    message_id: str
    at: datetime


def references(sent: Sequence[Written], received: Sequence[tuple[Written, bytes]]) -> tuple[str, ...]:
    """The Message-IDs of a thread, oldest first: `sent` is ours, of `received` (with the start of its bytes) only
    what answers one of them. What a stranger wrote as an id and is none is left out."""
    ours = {one.message_id for one in sent}
    answers = [one for one, head in received if _ID.fullmatch(one.message_id) and ours & _answered(head)]
    return tuple(dict.fromkeys(one.message_id for one in sorted([*sent, *answers], key=lambda one: one.at)))


def _answered(head: bytes) -> set[str]:
    """The ids in In-Reply-To and References of a mail."""
    header = _END.split(head, maxsplit=1)[0]
    return {found for field in _FIELDS.findall(header) for found in _ID.findall(field.decode("ascii", "replace"))}
