"""What may follow what in the life of an outgoing mail, and how long to wait before trying again. Pure.

queued -> claimed -> transmitting -> sent is the straight way; the rest is what can go wrong on it.
`transmitting` begins with the commit immediately before DATA: from there on only a reply of the server, or
evidence found later, says whether the mail left (RFC 1047).
"""

from collections.abc import Mapping
from datetime import timedelta

CHANGES: Mapping[str, tuple[frozenset[str], str]] = {
    "claim": (frozenset({"queued", "claimed"}), "claimed"),
    "arm": (frozenset({"claimed"}), "transmitting"),
    "back_off": (frozenset({"claimed", "transmitting"}), "queued"),
    "rejected": (frozenset({"claimed", "transmitting"}), "rejected"),
    "cancel": (frozenset({"queued", "claimed"}), "cancelled"),
    "disarm": (frozenset({"claimed", "transmitting"}), "cancelled"),
    "doubt": (frozenset({"transmitting"}), "in_doubt"),
    "hold": (frozenset({"transmitting", "in_doubt"}), "in_doubt"),
    "resend": (frozenset({"transmitting", "in_doubt"}), "queued"),
    # A reply of 250 or a copy in the Sent folder is the truth, whatever was believed before.
    "sent": (frozenset({"queued", "claimed", "transmitting", "in_doubt", "rejected", "cancelled"}), "sent"),
}
"""Change -> (from these states, to this one).

`sent` is final; `rejected` and `cancelled` yield only to evidence.
"""

BACK_OFF: tuple[timedelta, ...] = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the attempt with this number (from 1); four hours from the fifth on.

    `jitter` in 0..1 stretches the wait by up to a quarter: mails refused together do not return together.
    """
    wait = BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
    return wait * (1 + 0.25 * min(max(jitter, 0.0), 1.0))


def back_off_seconds(attempt: int, row: int) -> float:
    """The same in seconds, with the jitter taken from the row's number."""
    return back_off(attempt, (row * 0.618034) % 1).total_seconds()
