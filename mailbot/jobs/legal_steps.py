"""Record what happened at court or in an insolvency: mailbot hears of neither by itself, and its clocks need both.

Interest stops at the opening judgment (C. com. L622-28), and the time to file a claim counts from its publication in
BODACC (R622-24). Whoever records one of them knows of the insolvency, so that it is recorded with it where no mail
told of it: reminders stop and the owner's tasks begin. Of each step the day that was recorded last counts; a day that
cannot be is refused, and an order to undo takes a step back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailbot.jobs.office import Office, happened, refresh
from mailbot.law.clocks import filed_by
from mailbot.law.insolvency import HEARD, OPENED, PUBLISHED, heard
from mailbot.law.steps import RECORDED, recorded
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.store import writing
from mailbot.money import write_day
from mailbot.rules.balance import seen

STEPS = (
    "written_acknowledgement", "lawsuit", "payment_order", "payment_order_served", OPENED, PUBLISHED, "claim_filed",
)  # fmt: skip
"""What can be recorded: kinds of `law.clocks.Kind`, the judgment that opens an insolvency, and its publication."""

OF_THE_CLIENT = frozenset({OPENED, PUBLISHED, "claim_filed"})
"""What concerns all invoices of the client."""

_FROM_INSOLVENCY = frozenset({OPENED, PUBLISHED})

_SENTENCES = {
    "ahead": {
        "fr": "le {day} est à venir : notez une étape quand elle a eu lieu",
        "en": "{day} is still to come: record a step when it has happened",
    },
    "before_invoice": {
        "fr": "le {day} est antérieur à la facture {number}, émise le {issued}",
        "en": "{day} is before the invoice {number}, issued on {issued}",
    },
    "before_all": {
        "fr": "le {day} est antérieur à toutes les factures de {client} ; la première, {number}, est du {issued}",
        "en": "{day} is before all invoices of {client}; the first one, {number}, is of {issued}",
    },
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The invoice that was meant, and whether the step is new."""

    number: str
    new: bool


def record_step(office: Office, number: str, step: str, day: date, now: datetime) -> Recorded | None:
    """Record a step and its day, once; None: there is no such invoice. Raises ValueError for another word or day."""
    _known(step)
    with writing(office.engine) as conn:
        known = {each.upper(): each for each in invoices.numbers(conn, office.key)}.get(number.strip().upper())
        invoice = invoices.get(conn, office.key, known) if known is not None else None
        if invoice is None or invoice.kind != "invoice":
            return None
        cause = f"do/legal-step/{now.isoformat()}/0"
        new = record(conn, office, invoice.client, invoice.number, step, day, cause, now)
        return Recorded(invoice.number, new)


def record(
    conn: Connection, office: Office, client: int, number: str | None, step: str, day: date, cause: str, now: datetime,
    *, letter: str | None = None,
) -> bool:  # fmt: skip
    """The same in a transaction at hand; `number` counts where the step concerns one invoice.

    `cause`: where the order stands, by which it can be taken back. False: that day is what counts already.
    Raises ValueError for another word or a day that cannot be.
    """
    _known(step)
    about = None if step in OF_THE_CLIENT else number
    check_day(conn, office, client, about, day, now)
    known = seen(events.of_client(conn, office.key, client), date.max)
    new = recorded(known, about or "", step) != day
    if new:
        data = {"step": step, "date": day.isoformat()}
        made = f"{cause}/{client}/{about or 'all'}/{step}/{day.isoformat()}"
        new = happened(conn, office, RECORDED, made, now, client=client, invoice=about, data=data, letter=letter)
    if step in _FROM_INSOLVENCY:
        hear_of_insolvency(conn, office, client, f"{step}, {day.isoformat()}", cause, now, letter=letter)
    refresh(conn, office, client, now)
    return new


def hear_of_insolvency(
    conn: Connection, office: Office, client: int, why: str, cause: str, now: datetime, *, letter: str | None = None
) -> bool:
    """The owner says that a client is insolvent. False where that is known: another mail told of it, or this one."""
    if heard(seen(events.of_client(conn, office.key, client), date.max)) is not None:
        return False
    data = {"by": "owner", "because": [why]}
    new = happened(conn, office, HEARD, f"{cause}/{client}/stated", now, client=client, data=data, letter=letter)
    refresh(conn, office, client, now)
    return new


def check_day(conn: Connection, office: Office, client: int, number: str | None, day: date, now: datetime) -> None:
    """Raises ValueError, with a sentence, for a day that is to come, or before the invoice (the client's first one)."""
    language = office.business.language
    billed = [one for one in invoices.of_client(conn, office.key, client) if number in (None, one.number)]
    first = min(billed, key=lambda one: (one.issued, one.number), default=None)
    why = "ahead" if day > office.day(now) else "" if first is None or day >= first.issued else "before_invoice"
    if why == "before_invoice" and number is None:
        why = "before_all"
    if why:
        raise ValueError(
            _SENTENCES[why][language].format(
                day=write_day(day, language), number=first.number if first else "",
                issued=write_day(first.issued, language) if first else "",
                client=clients.get(conn, office.key, client).name,
            )
        )  # fmt: skip


def last_day_to_file(published: date) -> date:
    """Until when a creditor in France files its claim: the day of the digest and of the owner's tasks."""
    return filed_by(published)


def _known(step: str) -> None:
    if step not in STEPS:
        raise ValueError(f'"{step}" is no legal step; known are {", ".join(STEPS)}')
