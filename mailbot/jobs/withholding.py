"""Why a formal notice is not made, and what to say of one that was posted all the same.

A debtor in insolvency proceedings may neither be sued nor pay for earlier invoices (C. com. L622-21, L622-7): what
remains is filing the claim, within two months of the publication in BODACC (L622-24, R622-24). Nor is one summoned who
was credited or has paid as much as it owes: debts owed each way are set off (C. civ. 1347).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.evidence.tasks import tasks
from mailbot.jobs.gathering import day_of
from mailbot.jobs.office import Office
from mailbot.law.demand import NOTICE_DAYS
from mailbot.law.insolvency import opening
from mailbot.ledger import allocations, clients, events, invoices
from mailbot.model import JSON, Event
from mailbot.money import write_amount_plain, write_day
from mailbot.owner.outcomes import outcome
from mailbot.rules.balance import seen

PREPARED = "notice.prepared"
ZERO = Decimal(0)


def hindrance(conn: Connection, office: Office, client: int, numbers: Sequence[str], *, brief: bool = False) -> str:
    """The sentence that says why no notice is to be made of these invoices (none: all of the client's), or "".

    With what remains to be done in an insolvency, unless `brief`.
    """
    language, name = office.business.language, clients.get(conn, office.key, client).name
    known = seen(events.of_client(conn, office.key, client), date.max)
    billed = [
        one
        for one in invoices.of_client(conn, office.key, client)
        if one.kind == "invoice" and (not numbers or one.number in numbers)
    ]
    target = ", ".join(numbers) or name
    began = opening(known)
    if began is not None and any(one.issued <= began.day for one in billed if one.open_amount > 0):
        day = write_day(began.day, language)
        said = outcome("notice_insolvent", language, target=target, client=name, date=day)
        todo = [] if brief else [f"{what.rstrip('.')} – {when} ({law})." for what, when, law in tasks(known, language)]
        return " ".join([said, outcome("notice_todo", language, tasks=" ".join(todo))]) if todo else said
    kept = allocations.kept_by_client(conn, office.key).get(client, {})
    net = {one.currency: -kept.get(one.currency, ZERO) for one in billed}
    for one in billed:
        net[one.currency] += one.open_amount
    if any(amount > 0 for amount in net.values()):
        return ""
    written = " + ".join(write_amount_plain(amount, currency, language) for currency, amount in net.items())
    return outcome("notice_net", language, target=target, client=name, amount=written or "0")


def posted_late(conn: Connection, office: Office, client: int, number: str | None, sent_on: date) -> str:
    """What to tell an owner who posted a letter: that it leaves too little time, or came after an insolvency; or ""."""
    language, known = office.business.language, seen(events.of_client(conn, office.key, client), date.max)
    began = opening(known)
    if began is not None and sent_on >= began.day:
        return outcome("notice_after_opening", language, client=clients.get(conn, office.key, client).name)
    made = [one for one in known if one.name == PREPARED and (number is None or number in named_in(one))]
    until = day_of(made[-1], "deadline") if made else None
    if until is None or (until - sent_on).days >= NOTICE_DAYS:
        return ""
    left, name = max((until - sent_on).days, 0), number or clients.get(conn, office.key, client).name
    said = write_day(until, language)
    return outcome("notice_late", language, deadline=said, left=left, days=NOTICE_DAYS, target=name)


def named_in(event: Event) -> list[JSON]:
    """The invoices that an event lists."""
    listed = event.data.get("invoices")
    return listed if isinstance(listed, list) else []
