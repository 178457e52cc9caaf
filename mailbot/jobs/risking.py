"""Clients' risk: of one for `mailbot client show`, and whose rose since the last digest, with the reasons."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.jobs.surveying import Book
from mailbot.ledger import clients, events
from mailbot.model import Event
from mailbot.owner.digest import Row
from mailbot.owner.risk import Risk, rose
from mailbot.rules.risk import risk_on

_LATELY = timedelta(days=45)
_NEWS = frozenset({"reply.promise", "owner.promise", "reply.dispute", "owner.dispute", "bank.reversal"})


def risk_of(conn: Connection, office: Office, client: int, day: date) -> Risk:
    """How likely the client is to pay late, on what was known on that day."""
    facts = clients.facts(conn, office.key, client)
    return risk_on(office.rules, facts, events.of_client(conn, office.key, client, until=day), day)


def risen(office: Office, book: Book, since: date, day: date) -> list[Row]:
    """The clients whose risk rose from one day to the other, the riskiest first; each with why.

    Only those who owe and of whom something was heard lately are looked at: silence raises a risk slowly.
    """
    language = office.business.language
    found = []
    for client, known in book.events.items():
        if not _has_news(known, day) or not any(one.open > 0 for one in book.billed.get(client, ())):
            continue
        facts, happened = book.facts(client), book.of(client)
        before, now = (risk_on(office.rules, facts, [e for e in happened if e.day <= one], one) for one in (since, day))
        if reasons := rose(before, now):
            said = "; ".join(reason.words(language) for reason in reasons)
            found.append((now.score, Row(facts.name, f"{before.score} → {now.score}", reason=said)))
    return [row for _, row in sorted(found, key=lambda one: (-one[0], one[1].client))]


def _has_news(known: Sequence[Event], day: date) -> bool:
    return any(event.day >= day - _LATELY and event.name in _NEWS for event in known)
