"""Shadow mode: what would have been sent, and why, as rows of the digest and for the order to go live."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices
from mailbot.model import JSON
from mailbot.owner.digest import Row
from mailbot.owner.phrases import due_words, mail_words

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
        lead = next((one for one in found if one.number == event.data.get("lead")), None)
        language, day = office.business.language, office.day(event.at)
        reason = due_words(lead.due, day, language) if lead is not None else str(event.data.get("reason") or "")
        currency = found[0].currency if found else "EUR"
        rows.append(Row(names.get(event.client or "", "?"), words, amount, numbers, reason, currency))
    return rows


def owed(conn: Connection, office: Office, rows: Iterable[Row]) -> tuple[int, dict[str, Decimal]]:
    """(how many invoices rows are about, what is open on them by currency): one that stands in two rows counts once."""
    numbers = dict.fromkeys(number for row in rows for number in row.invoices)
    found = [one for one in (invoices.get(conn, office.key, number) for number in numbers) if one is not None]
    sums: dict[str, Decimal] = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.open_amount
    return len(found), sums


def _numbers(listed: JSON) -> tuple[str, ...]:
    return tuple(str(one) for one in listed) if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
