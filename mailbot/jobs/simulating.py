"""The ledger's book for a simulation: read only."""

from datetime import datetime

from mailbot.jobs.deciding import is_live
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.store import reading
from mailbot.rules.simulate import Member


def book(office: Office, now: datetime, wanted: str | None = None) -> tuple[list[Member], bool]:
    """The clients that a name, number or address means (all who were billed without one), and shadow or not."""
    day = office.day(now)
    with reading(office.engine) as conn:
        if wanted is None:
            chosen = sorted(set(invoices.numbers(conn, office.key).values()))
        else:
            known = {one.id for one in clients.everyone(conn, office.key)}
            number = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
            chosen = [number] if number in known else clients.find(conn, office.key, wanted)
        members = [
            Member(clients.facts(conn, office.key, one), events.of_client(conn, office.key, one), day) for one in chosen
        ]
        return members, not is_live(conn, office)
