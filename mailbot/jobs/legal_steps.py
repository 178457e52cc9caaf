"""Record what happened at court or in an insolvency: mailbot hears of neither by itself, and its clocks need both.

A publication in BODACC is what the time to file a claim counts from (C. com. R622-24). Whoever records it knows of the
insolvency, so that it is recorded with it where no mail told of it: reminders stop and the owner's tasks begin.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailbot.evidence.tasks import is_insolvent
from mailbot.jobs.office import Office, happened, refresh
from mailbot.law.clocks import claim
from mailbot.law.deadlines import RECORDED
from mailbot.ledger import events, invoices
from mailbot.ledger.store import writing
from mailbot.rules.calendar import public_holidays

STEPS = ("written_acknowledgement", "lawsuit", "payment_order", "payment_order_served", "bodacc", "claim_filed")
"""What can be recorded: kinds of `law.clocks.Kind`, and the publication of an insolvency in BODACC."""

OF_THE_CLIENT = frozenset({"bodacc", "claim_filed"})
"""What concerns all invoices of the client."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The invoice that was meant, and whether the step is new."""

    number: str
    new: bool


def record_step(office: Office, number: str, step: str, day: date, now: datetime) -> Recorded | None:
    """Record a step and its day, once; None: there is no such invoice. Raises ValueError for another word or day."""
    _check(office, step, day, now)
    with writing(office.engine) as conn:
        known = {each.upper(): each for each in invoices.numbers(conn, office.key)}.get(number.strip().upper())
        invoice = invoices.get(conn, office.key, known) if known is not None else None
        if invoice is None or invoice.kind != "invoice":
            return None
        new = record(conn, office, invoice.client, invoice.number, step, day, now)
        return Recorded(invoice.number, new)


def record(
    conn: Connection, office: Office, client: int, number: str | None, step: str, day: date, now: datetime,
    *, letter: str | None = None,
) -> bool:  # fmt: skip
    """The same in a transaction at hand; `number` counts where the step concerns one invoice. False: known before.

    Raises ValueError for another word or a day to come.
    """
    _check(office, step, day, now)
    about = None if step in OF_THE_CLIENT else number
    if step == "bodacc":
        hear_of_insolvency(conn, office, client, f"BODACC, {day.isoformat()}", now, letter=letter)
    cause = f"{client}/{about or 'all'}/{step}/{day.isoformat()}"
    data = {"step": step, "date": day.isoformat()}
    new = happened(conn, office, RECORDED, cause, now, client=client, invoice=about, data=data, letter=letter)
    refresh(conn, office, client, now)
    return new


def hear_of_insolvency(
    conn: Connection, office: Office, client: int, why: str, now: datetime, *, letter: str | None = None
) -> bool:
    """The owner says that a client is insolvent. False where that is known: another mail told of it, or this one."""
    if is_insolvent(events.of_client(conn, office.key, client)):
        return False
    data = {"by": "owner", "because": [why]}
    cause = f"owner-{client}-{now:%Y%m%dT%H%M%S}"
    new = happened(conn, office, "reply.insolvency", cause, now, client=client, data=data, letter=letter)
    refresh(conn, office, client, now)
    return new


def last_day_to_file(published: date) -> date:
    """Until when a creditor in France files its claim, a weekend or holiday moving the day on (C. proc. civ. 642)."""
    return claim(published, "france", lambda day: day in public_holidays("FR", day.year)).extended


def _check(office: Office, step: str, day: date, now: datetime) -> None:
    if step not in STEPS:
        raise ValueError(f'"{step}" is no legal step; known are {", ".join(STEPS)}')
    if day > office.day(now):
        raise ValueError(f"{day.isoformat()} is still to come: record a step when it has happened")
