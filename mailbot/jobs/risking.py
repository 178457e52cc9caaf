"""Clients' risk: of one for `mailbot client show`, and whose rose since the last digest, with the reasons."""

from datetime import date

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events
from mailbot.owner.digest import Row
from mailbot.owner.risk import Risk, rose
from mailbot.rules.risk import risk_on


def risk_of(conn: Connection, office: Office, client: int, day: date) -> Risk:
    """How likely the client is to pay late, on what was known on that day."""
    facts = clients.facts(conn, office.key, client)
    return risk_on(office.rules, facts, events.of_client(conn, office.key, client, until=day), day)


def risen(conn: Connection, office: Office, since: date, day: date) -> list[Row]:
    """The clients whose risk rose from one day to the other, the riskiest first; each with why."""
    language = office.business.language
    found = []
    for client in clients.everyone(conn, office.key):
        before, now = (risk_of(conn, office, client.id, one) for one in (since, day))
        if reasons := rose(before, now):
            said = "; ".join(reason.words(language) for reason in reasons)
            found.append((now.score, Row(client.name, f"{before.score} → {now.score}", reason=said)))
    return [row for _, row in sorted(found, key=lambda one: (-one[0], one[1].client))]
