"""A fetched pixel becomes an event with a class of trust; nothing of who fetched it is kept."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.jobs.office import Office, happened
from mailbot.ledger import outgoing
from mailbot.ledger.store import writing
from mailbot.outbox.tracking import trust


def opened(office: Office, outgoing_id: int, headers: Mapping[str, str], now: datetime) -> None:
    """Record that the picture of a mail was fetched, once per class of trust and day."""
    if office.business.tracking.opens == "never":
        return
    with writing(office.engine) as conn:
        row = outgoing.find(conn, office.key, outgoing_id)
        if row is None or row.client is None or row.sent_at is None:
            return
        kind = trust(headers, (now - row.sent_at).total_seconds())
        cause = f"{outgoing_id}/{kind}/{office.day(now).isoformat()}"
        data = {"trust": kind, "outgoing": outgoing_id}
        happened(conn, office, "mail.opened", cause, now, client=row.client, data=data)
