"""Erase what is kept of a client as far as the law allows; the chain of seals stays whole by the hashes."""

from datetime import datetime

from mailbot.evidence.chain import ERASURE
from mailbot.evidence.contents import parts
from mailbot.jobs.chaining import seal_events
from mailbot.jobs.expiring import Erasure, plan, takes_anything
from mailbot.jobs.office import Office, happened
from mailbot.ledger import clients, contents, erasures, seals
from mailbot.ledger.store import reading, writing


def planned(office: Office, client: int, now: datetime) -> Erasure:
    """What `erase` would do on this day; changes nothing."""
    with reading(office.engine) as conn:
        return plan(conn, office, client, now)


def erase(office: Office, client: int, now: datetime) -> Erasure:
    """Erases it and records the hashes of what is gone. Nothing happens where the client owes something.

    May run twice: what is gone already is not erased again.
    """
    seal_events(office, now, all_contents=True)
    with writing(office.engine) as conn:
        found = plan(conn, office, client, now)
        if found.owes or not takes_anything(found):
            return found
        named = erasures.sources(conn, office.key, [*found.events, *_document_events(found)])
        versions = contents.noted(conn, office.key, [("document", number) for number in found.documents])
        older = [parts(source)[1] for kind, _, source in versions if kind == "document" and source]
        gone = erasures.letters(conn, office.key, [*found.letters, *found.files, *older])
        gone += [source.split(":")[1] for source in named if source.startswith(("mail:", "document:"))]
        gone += seals.hashes(conn, office.key, "document", found.documents).values()
        gone += seals.hashes(conn, office.key, "mail", [str(one) for one in found.mails]).values()
        gone += erasures.events(conn, office.key, found.events)
        erasures.mails(conn, office.key, found.mails)
        erasures.documents(conn, office.key, found.documents)
        erasures.contacts(conn, office.key, client)
        erasures.questions(conn, office.key, client, now)
        erasures.decisions(conn, office.key, client)
        erasures.lines(conn, office.key, found.lines)
        erasures.consents(conn, office.key, found.consents)
        if found.identity:
            erasures.identity(conn, office.key, client)
        data = {"erased": sorted(set(gone)), "contacts": found.contacts}
        happened(conn, office, ERASURE, f"{client}/{now.isoformat()}", now, client=client, data=data)
        clients.set_next_look(conn, office.key, client, None)
    seal_events(office, now)
    return found


def _document_events(found: Erasure) -> list[str]:
    return [
        *(f"invoice.received/{number}" for number in found.documents),
        *(f"mail.sent/{row}" for row in found.mails),
    ]
