"""Whether the pinned receiving server really writes Authentication-Results: else anybody can write them in its name.

RFC 8601, section 5, makes a server remove headers that claim its own name, and what it adds itself stands in every mail
from outside. A server of which no recent mail has such a header neither adds nor removes any, and one that a mail
claims to have from it was written by that mail's sender.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from mailbot.inbox.sender import stamps
from mailbot.jobs.office import Office
from mailbot.ledger import letters, questions

_LATEST = 30
_HEAD = 65_536
_ENOUGH = 5
_DOMAINS = 3
"""So many mails, from so many domains, tell that a server that wrote on none of them does not write any."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """Of the mails that came last: how many, from how many domains, with one and with several headers by the server."""

    mails: int
    domains: int
    once: int
    several: int

    @property
    def never(self) -> bool:
        """Enough mails came, and the server wrote on none."""
        return self.mails >= _ENOUGH and self.domains >= _DOMAINS and not (self.once or self.several)


def stamped(conn: Connection, office: Office) -> Stamped:
    """What the latest mails show of the pinned server; a mail whose sender nobody proved shows nothing."""
    server = office.business.mailbox.authserv_id or ""
    seen = [
        (sender.rpartition("@")[2], stamps(head, server))
        for letter, sender, head in letters.latest_heads(conn, office.key, _LATEST, _HEAD)
        if questions.by_dedupe_key(conn, office.key, f"unproven/{letter}") is None
    ]
    counts = [count for _, count in seen]
    return Stamped(len(seen), len({domain for domain, _ in seen}), counts.count(1), sum(count > 1 for count in counts))


def vouches(conn: Connection, office: Office) -> bool:
    """Whether results in the pinned server's name may be believed."""
    return not stamped(conn, office).never
