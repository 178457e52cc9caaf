"""What a client sees on the page of a mail: what is owed today, how to pay it, and what was said so far.

Whoever has the address of a page is whoever got the mail, or somebody to whom it was passed on: the page shows the
invoices of that client and nothing of any other, and no longer than half a year after the mail.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, Engine

from mailbot.jobs.deciding import current_amounts
from mailbot.jobs.lettering import pay_url
from mailbot.jobs.office import Office
from mailbot.jobs.tracking import agreed
from mailbot.ledger import clients, events, invoices, outgoing, web_links
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading
from mailbot.model import Event
from mailbot.outbox.letter import PAGE_LANGUAGES

PAGE_LIFE = timedelta(days=180)
"""How long after the mail its page can be opened."""

MOST_HISTORY = 10
_TOLD = frozenset({"mail.sent", "bank.payment"})
"""Besides the client's own answers: what the client knows of anyway."""

Tracking = Literal["", "ask", "given", "always", "refused"]
"""What the page says about being tracked: nothing (it is off), or where the contact stands."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that somebody may open: a mail to a client that was sent, by its random name."""

    office: Office
    row: Outgoing
    client: int
    name: str


@dataclass(frozen=True, slots=True)
class Billed:
    """One invoice of the page; `open` is what is owed of it today."""

    number: str
    issued: date
    due: date
    amount: Decimal
    open: Decimal
    currency: str
    document: bool
    """Whether its file can be downloaded."""


@dataclass(frozen=True, slots=True)
class ClientPage:
    """All facts of one page, at one moment."""

    client: str
    language: str
    today: date
    billed: tuple[Billed, ...]
    """Those of the mail first, then what else the client owes; by due date."""
    history: tuple[Event, ...]
    """Newest first."""
    tracking: Tracking
    pay_url: str

    @property
    def owed(self) -> tuple[Billed, ...]:
        return tuple(one for one in self.billed if one.open > 0)

    @property
    def totals(self) -> dict[str, Decimal]:
        """Currency -> what is owed in it."""
        sums: dict[str, Decimal] = {}
        for one in self.owed:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.open
        return sums


def visit(engine: Engine, office_of: Callable[[str], Office], name: str, now: datetime) -> Visit | None:
    """The mail of a name, if it was sent to a client and its page has not expired. Raises LedgerError."""
    with reading(engine) as conn:
        link = web_links.find(conn, name)
        if link is None or now - link.made_at > PAGE_LIFE:
            return None
        row = outgoing.find(conn, link.business, link.outgoing)
    if row is None or row.client is None:
        return None
    return Visit(office_of(row.business), row, row.client, name)


def client_page(seen: Visit, now: datetime) -> ClientPage:
    """The page as it is at this moment."""
    office = seen.office
    with reading(office.engine) as conn:
        client = clients.get(conn, office.key, seen.client)
        billed = _billed(conn, seen, now)
        lead = next((one for one in billed if one.open > 0), None)
        return ClientPage(
            client=client.name,
            language=client.language if client.language in PAGE_LANGUAGES else "en",
            today=office.day(now),
            billed=billed,
            history=_history(conn, seen, {one.number for one in billed}),
            tracking=_tracking(conn, seen),
            pay_url=pay_url(office.business.pay_url, lead.number, lead.open, lead.currency) if lead else "",
        )


def page_document(seen: Visit, number: str, now: datetime) -> tuple[str, bytes] | None:
    """Name and bytes of an invoice's file; None where the page does not show that invoice or has no file of it."""
    with reading(seen.office.engine) as conn:
        if number not in {one.number for one in _billed(conn, seen, now)}:
            return None
        return invoices.document(conn, seen.office.key, number)


def answers_given(seen: Visit) -> list[Event]:
    """What was answered on this very page, in order."""
    with reading(seen.office.engine) as conn:
        known = events.of_client(conn, seen.office.key, seen.client)
    return [event for event in known if event.data.get("by") == "page" and event.data.get("outgoing") == seen.row.id]


def _billed(conn: Connection, seen: Visit, now: datetime) -> tuple[Billed, ...]:
    office = seen.office
    amounts = current_amounts(conn, office, seen.client, now)
    known = [one for one in invoices.of_client(conn, office.key, seen.client) if one.kind == "invoice"]
    shown = [one for one in known if one.number in seen.row.invoices or amounts.get(one.number, Decimal(0)) > 0]
    shown.sort(key=lambda one: (one.number not in seen.row.invoices, one.due, one.number))
    return tuple(_one(conn, office, invoice, amounts) for invoice in shown)


def _one(conn: Connection, office: Office, invoice: Invoice, amounts: dict[str, Decimal]) -> Billed:
    has_file = invoices.document(conn, office.key, invoice.number) is not None
    return Billed(
        invoice.number, invoice.issued, invoice.due, invoice.amount, max(amounts.get(invoice.number, Decimal(0)),
        Decimal(0)), invoice.currency, has_file,
    )  # fmt: skip


def _history(conn: Connection, seen: Visit, numbers: set[str]) -> tuple[Event, ...]:
    known = events.of_client(conn, seen.office.key, seen.client)
    told = [event for event in known if event.name in _TOLD or event.name.startswith("reply.")]
    about = [event for event in told if _is_about(event, numbers)]
    return tuple(_once(about[::-1]))[:MOST_HISTORY]


def _once(told: Sequence[Event]) -> list[Event]:
    """An answer about several invoices is one event for each; it was one answer."""
    found: list[Event] = []
    for event in told:
        cause = (event.name, event.day, event.data.get("letter"), event.data.get("outgoing"))
        same = [one for one in found if cause == (one.name, one.day, one.data.get("letter"), one.data.get("outgoing"))]
        if not same or not event.name.startswith("reply."):
            found.append(event)
    return found


def _is_about(event: Event, numbers: set[str]) -> bool:
    listed = event.data.get("invoices")
    if isinstance(listed, list):
        return any(number in numbers for number in listed)
    return event.invoice is None or event.invoice in numbers


def _tracking(conn: Connection, seen: Visit) -> Tracking:
    settings = seen.office.business.tracking
    wanted = {settings.opens, settings.clicks, settings.read_receipts}
    said = agreed(conn, seen.office, seen.row.recipient)
    if wanted == {"never"}:
        return ""
    if said is not None:
        return "given" if said else "refused"
    return "always" if "always" in wanted else "ask"
