"""Shadow mode: what would have been sent, and why, as rows of the digest and for the order to go live."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices
from mailbot.model import JSON
from mailbot.owner.digest import Row
from mailbot.owner.phrases import mail_words

SHADOWED = "mail.shadowed"
WEEK = timedelta(days=7)
"""How long a new installation is watched before the owner is told that it can go live."""


def would_have_sent(
    conn: Connection, office: Office, start: datetime, end: datetime, client: int | None = None
) -> list[Row]:
    """The mails of shadow mode from `start` on and before `end`, each with its reason; of one client where named.

    The amounts are those that are open now.
    """
    names = {str(one.id): one.name for one in clients.everyone(conn, office.key)}
    rows = []
    for event in events.between(conn, office.key, start, end):
        if event.name != SHADOWED or (client is not None and event.client != str(client)):
            continue
        numbers = _numbers(event.data.get("invoices"))
        found = [one for one in (invoices.get(conn, office.key, number) for number in numbers) if one is not None]
        amount = sum((one.open_amount for one in found), Decimal(0)) if found else None
        words = mail_words(str(event.data.get("mail") or ""), office.business.language)
        reason = str(event.data.get("reason") or "")
        currency = found[0].currency if found else "EUR"
        rows.append(Row(names.get(event.client or "", "?"), words, amount, numbers, reason, currency))
    return rows


def _numbers(listed: JSON) -> tuple[str, ...]:
    return tuple(str(one) for one in listed) if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
