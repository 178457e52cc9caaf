"""What may follow what in the life of an outgoing mail, and how long to wait before trying again. Pure.

queued -> claimed -> transmitting -> sent is the straight way; the rest is what can go wrong on it.
`transmitting` begins with the commit immediately before DATA: from there on only a reply of the server, or
evidence found later, says whether the mail left (RFC 1047).
"""

from datetime import timedelta

CHANGES: dict[str, frozenset[str]] = {
    "queued": frozenset({"claimed", "cancelled"}),
    "claimed": frozenset({"queued", "claimed", "transmitting", "cancelled", "rejected"}),
    "transmitting": frozenset({"sent", "queued", "rejected", "cancelled", "in_doubt"}),
    "in_doubt": frozenset({"sent", "queued", "cancelled"}),
    "sent": frozenset(),
    "rejected": frozenset(),
    "cancelled": frozenset(),
}
"""State to the states that may follow it. A claim may be taken again once its lease is over."""

FINAL = frozenset(state for state, following in CHANGES.items() if not following)

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)


def may_follow(before: str, after: str) -> bool:
    """Whether an outgoing mail may go from one state to the other."""
    return after in CHANGES.get(before, frozenset())


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the attempt with this number (from 1); four hours from the fifth on.

    `jitter` in 0..1 stretches the wait by up to a quarter: mails refused together do not return together.
    """
    wait = BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
    return wait * (1 + 0.25 * min(max(jitter, 0.0), 1.0))


def back_off_seconds(attempt: int, row: int) -> float:
    """The same in seconds, with the jitter taken from the row's number."""
    return back_off(attempt, (row * 0.618034) % 1).total_seconds()
