"""Invoices that exist already come in by lists and folders: what differs from the ledger, and only that, is changed.

What a list says is what is still open. A known invoice of which less is open by now was paid in part or whole; one of
which more is open, or whose days are others, was corrected, unless something was paid or credited here that the list
may not know of: then nothing is billed again. Nothing that a list leaves out is touched.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs import drafting, invoicing, relisting
from mailbot.jobs.entering import Source, enter
from mailbot.jobs.mailing import short
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, events, invoices, letters
from mailbot.model import JSON, InvoiceDocument, Listed, Problem
from mailbot.owner.question_words import field_names
from mailbot.rules.state import amounts_beside_credits

_Payer = tuple[str, str | None]
"""Whose a listed document is, by the key of the name, and its currency."""


@dataclass(frozen=True, slots=True)
class Change:
    """What importing one invoice does: `what` is new, changed, paid, same, asked or skipped."""

    what: str
    number: str
    client: str
    detail: str = ""
    file: str = ""
    line: int | None = None


def take_list(
    conn: Connection, office: Office, entries: Sequence[Listed], file: str, now: datetime
) -> tuple[list[Change], list[Problem]]:
    """Take in the invoices of a list; what each did, and those that contradict the ledger."""
    changes, problems = [], []
    ours = clients.name_key(office.business.name)
    addresses = relisting.addresses_in(entries)
    free = {_payer(one.document) for one in entries if one.document.kind == "credit_note" and one.document.amount_due}
    for entry in entries:
        document = entry.document
        if clients.name_key(document.buyer.name or "") == ours:
            said = f"{document.number} is addressed to your own business."
            problems.append(Problem("own_invoice", said, entry.line, file=file))
            continue
        known = invoices.get(conn, office.key, document.number or "")
        if known is not None and known.kind != document.kind:
            said = f"{document.number} is known as {known.kind.replace('_', ' ')}."
            problems.append(Problem("other_kind", said, entry.line, file=file))
            continue
        if known is not None and known.currency != document.currency:
            said = f"{document.number} is known in {known.currency}."
            problems.append(Problem("other_currency", said, entry.line, file=file))
            continue
        if known is None and (other := relisting.whose_number(conn, office, document.buyer)) is not None:
            number = document.buyer.siren or document.buyer.vat
            said = f"The number {number} is that of {other}, not of {document.buyer.name}: correct one of them."
            problems.append(Problem("other_number", said, entry.line, file=file))
            continue
        if known is None:
            done = _new(conn, office, document, now)
        else:
            moved = relisting.put_client(conn, office, known, document, now)
            known = invoices.get(conn, office.key, known.number) or known
            done = _again(conn, office, known, document, free, now)
            done = _and(done, moved, relisting.put_address(conn, office, known, document, addresses, now))
        changes.append(replace(done, file=file, line=entry.line))
    return changes, problems


def take_file(
    conn: Connection, office: Office, name: str, content: bytes, document: InvoiceDocument, now: datetime
) -> Change:
    """Take in one invoice document of a folder; what is not certain becomes a question of the next digest."""
    kept, _ = letters.keep(conn, office.key, content, now, direction="document")
    line = invoicing.take(conn, office, kept, "", name, content, document, document.buyer.email, now)
    number, client = document.number or "?", document.buyer.name or "?"
    if line is None or line["kind"] == "known":
        return Change("same", number, client, file=name)
    what = {"entered": "new", "asked": "asked"}.get(str(line["kind"]), "skipped")
    entered = invoices.get(conn, office.key, number) if what == "new" else None
    if entered is not None:
        client = clients.get(conn, office.key, entered.client).name
    return Change(what, number, client, str(line.get("text") or ""), name)


def _new(conn: Connection, office: Office, document: InvoiceDocument, now: datetime) -> Change:
    number, name = document.number or "", document.buyer.name or ""
    if not document.amount_due:
        return Change("skipped", number, name, "settled")
    if drafting.missing(document):
        return Change("skipped", number, name, f"without {field_names(drafting.missing(document), 'en')}")
    enter(conn, office, Source(), document, None, now)
    entered = invoices.get(conn, office.key, number)
    if entered is not None:
        name = clients.get(conn, office.key, entered.client).name
    if document.kind == "credit_note":
        return Change("new", number, name, f"credit note of {document.amount_due} {document.currency}")
    due = document.due_date.isoformat() if document.due_date else ""
    to = f", reminders to {document.buyer.email}" if document.buyer.email else ""
    return Change("new", number, name, f"{document.amount_due} {document.currency}, due {due}{to}")


def _again(
    conn: Connection, office: Office, known: invoices.Invoice, document: InvoiceDocument, free: Collection[_Payer],
    now: datetime,
) -> Change:  # fmt: skip
    """The differences to what is known; the open amount of this moment is compared, whatever was billed.

    `free`: of whom the list shows credit notes that are not set off, so that its invoices are open without them.
    """
    number, still = known.number, abs(document.amount_due or Decimal(0))
    name = clients.get(conn, office.key, known.client).name
    here = known.open_amount
    if still != here and _payer(document) in free:
        here = _beside_credits(conn, office, known, now)
    said = []
    corrected: dict[str, object] = {}
    if document.due_date is not None and document.due_date != known.due and document.due_date != document.issue_date:
        corrected["due"] = document.due_date
        said.append(f"due {known.due} -> {document.due_date}")
    lowered = known.kind == "invoice" and 0 < still < here and document.prepaid == 0  # its total is less, unpaid
    if (still > here or lowered) and here == known.amount:
        corrected["amount"] = still
        said.append(f"open {here} -> {still}")
    elif still > here:
        said.append(f"open {still} in the list, {here} here: what was paid or credited here counts")
    elif 0 < still < here and known.kind == "credit_note":
        said.append(f"{still} left in the list, {here} here: what it was used for is not in the list")
        still = here
    if corrected:
        _correct(conn, office, known, corrected, now)
    if still < here and "amount" not in corrected:
        _paid(conn, office, known, here - still, now)
        return Change("paid", number, name, "; ".join([*said, f"open {here} -> {still}"]))
    what = "changed" if corrected else "skipped" if said else "same"
    return Change(what, number, name, "; ".join(said))


def _and(done: Change, *more: relisting.Said) -> Change:
    """The change with what else the list changes of the invoice, or says without changing it."""
    for one in more:
        if one is not None:
            what = "changed" if one.changed else "skipped"
            done = replace(done, what=what if done.what in ("same", "skipped") else done.what,
                           detail="; ".join(filter(None, (done.detail, one.text))))  # fmt: skip
    return done


def _payer(document: InvoiceDocument) -> _Payer:
    return clients.name_key(document.buyer.name or ""), document.currency


def _beside_credits(conn: Connection, office: Office, known: invoices.Invoice, now: datetime) -> Decimal:
    """What is open of an invoice or credit note before free credit notes are taken off the oldest invoices."""
    facts = clients.facts(conn, office.key, known.client)
    happened_so_far = events.for_rules(conn, office.key, known.client)
    return amounts_beside_credits(facts, happened_so_far, office.day(now)).get(known.number, known.open_amount)


def _correct(
    conn: Connection, office: Office, known: invoices.Invoice, corrected: dict[str, object], now: datetime
) -> None:
    before: dict[str, JSON] = {field: str(getattr(known, field)) for field in corrected}
    invoices.correct(conn, office.key, known.number, **corrected)
    data: dict[str, JSON] = {**{field: str(value) for field, value in corrected.items()}, "before": before}
    cause = f"import/{known.number}/{short(str(sorted(data.items())))}/{now.isoformat()}"
    happened(conn, office, "owner.corrected", cause, now, client=known.client, invoice=known.number, data=data)
    refresh(conn, office, known.client, now)


def _paid(conn: Connection, office: Office, known: invoices.Invoice, amount: Decimal, now: datetime) -> None:
    data: dict[str, JSON] = {"amount": str(amount), "method": "import"}
    name = "owner.paid" if known.kind == "invoice" else "owner.cancelled"
    cause = f"import/{known.number}/{known.open_amount}/{amount}/{now.isoformat()}"
    happened(conn, office, name, cause, now, client=known.client, invoice=known.number, data=data)
    refresh(conn, office, known.client, now)
