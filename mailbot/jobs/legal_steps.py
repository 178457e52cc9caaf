"""Record what happened at court or in an insolvency: mailbot hears of neither by itself, and its clocks need both."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.jobs.office import Office, happened, refresh
from mailbot.law.deadlines import RECORDED
from mailbot.ledger import invoices
from mailbot.ledger.store import writing

STEPS = ("written_acknowledgement", "lawsuit", "payment_order", "payment_order_served", "bodacc", "claim_filed")
"""What can be recorded: kinds of `law.clocks.Kind`, and the publication of an insolvency in BODACC."""

_OF_THE_CLIENT = frozenset({"bodacc", "claim_filed"})
"""What concerns all invoices of the client."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The invoice that was meant, and whether the step is new."""

    number: str
    new: bool


def record_step(office: Office, number: str, step: str, day: date, now: datetime) -> Recorded | None:
    """Record a step and its day, once; None: there is no such invoice. Raises ValueError for another word or day."""
    if step not in STEPS:
        raise ValueError(f'"{step}" is no legal step; known are {", ".join(STEPS)}')
    if day > office.day(now):
        raise ValueError(f"{day.isoformat()} is still to come: record a step when it has happened")
    with writing(office.engine) as conn:
        known = {each.upper(): each for each in invoices.numbers(conn, office.key)}.get(number.strip().upper())
        invoice = invoices.get(conn, office.key, known) if known is not None else None
        if invoice is None or invoice.kind != "invoice":
            return None
        about = None if step in _OF_THE_CLIENT else invoice.number
        cause = f"{invoice.client}/{about or 'all'}/{step}/{day.isoformat()}"
        data = {"step": step, "date": day.isoformat()}
        new = happened(conn, office, RECORDED, cause, now, client=invoice.client, invoice=about, data=data)
        refresh(conn, office, invoice.client, now)
        return Recorded(invoice.number, new)
