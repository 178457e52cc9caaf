"""Invoices and credit notes as they were issued, with their documents, and what is still open of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, Connection, Row, and_, func, select, update

from mailbot.errors import LedgerError
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import client as client_table
from mailbot.ledger.tables import invoice as table
from mailbot.model import InvoiceDocument, InvoiceFacts, OpenItem

CORRECTABLE = frozenset({"client", "issued", "due", "currency", "amount", "reference"})
"""What an owner's answer may put right where the document was read wrongly."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note; amounts of both are positive."""

    id: int
    client: int
    number: str
    kind: str
    issued: date
    due: date
    currency: str
    amount: Decimal
    """What was to be paid when it was issued."""
    open_amount: Decimal
    """What is still to be paid; follows from the events, kept for speed."""
    reference: str
    """The payment reference printed on it, "" where there is none."""
    document: InvoiceDocument
    document_name: str | None
    letter: str | None
    """The letter that brought it."""
    created_at: datetime


_COLUMNS = [table.c[name] for name in Invoice.__slots__]
FACTS: tuple[ColumnElement[Any], ...] = (
    *(table.c[name] for name in ("number", "kind", "issued", "due", "amount", "currency")),
    table.c.document["delivery_date"].as_string().label("delivered"),
)
"""What `facts_of` makes an invoice's facts of, in this order."""


def add(
    conn: Connection,
    business: str,
    client: int,
    document: InvoiceDocument,
    letter: str | None,
    document_bytes: bytes | None,
    document_name: str | None,
    now: datetime,
) -> int:
    """Adds what the document states and returns its id; a number that is known stays as it is, with its id.

    Raises LedgerError where number, due date, currency or amount are missing: those are the owner's to say.
    """
    number, due, currency, amount = _stated(document)
    values = {
        "business": business,
        "client": client,
        "number": number,
        "kind": document.kind,
        "issued": document.issue_date or due,
        "due": due,
        "currency": currency,
        "amount": amount,
        "open_amount": amount,
        "reference": document.payment_reference or "",
        "document": _adapter().dump_python(document, mode="json"),
        "document_name": document_name,
        "document_bytes": document_bytes,
        "letter": letter,
        "created_at": now,
    }
    new = insert_new(conn, table, values, table.c.business, table.c.number)
    if new is not None:
        return int(new)
    return int(conn.execute(select(table.c.id).where(_is(business, number))).scalar_one())


def get(conn: Connection, business: str, number: str) -> Invoice | None:
    """The invoice with this number."""
    row = conn.execute(select(*_COLUMNS).where(_is(business, number))).one_or_none()
    return _invoice(row) if row else None


def of_client(conn: Connection, business: str, client: int) -> list[Invoice]:
    """All invoices and credit notes of the client, by due date."""
    asked = select(*_COLUMNS).where(table.c.business == business, table.c.client == client)
    return [_invoice(row) for row in conn.execute(asked.order_by(table.c.due, table.c.number))]


@dataclass(frozen=True, slots=True)
class Billed:
    """What the rules know of an invoice or credit note, whose it is, and what is still open of it."""

    client: int
    facts: InvoiceFacts
    open: Decimal


def billed(conn: Connection, business: str) -> list[Billed]:
    """Everything that was ever billed, by client, due date and number; without the documents."""
    asked = select(table.c.client, table.c.open_amount, *FACTS).where(table.c.business == business)
    rows = conn.execute(asked.order_by(table.c.client, table.c.due, table.c.number))
    return [Billed(client, facts_of(stated), still_open) for client, still_open, *stated in rows]


def facts_of(stated: Sequence[Any]) -> InvoiceFacts:
    """What the rules know of an invoice, from the values of `FACTS`."""
    number, kind, issued, due, amount, currency, delivered = stated
    day = date.fromisoformat(delivered) if delivered else None
    return InvoiceFacts(number, kind, issued, due, amount, currency, day)


def numbers(conn: Connection, business: str) -> dict[str, int]:
    """Whose invoice a number is: number -> client."""
    asked = select(table.c.number, table.c.client).where(table.c.business == business).order_by(table.c.number)
    return {row.number: row.client for row in conn.execute(asked)}


def among(conn: Connection, business: str, wanted: Sequence[str]) -> dict[str, int]:
    """Those of some numbers that are known: number -> client. At most a few hundred may be asked for."""
    asked = select(table.c.number, table.c.client).where(table.c.business == business, table.c.number.in_(wanted))
    return {row.number: row.client for row in conn.execute(asked)}


def open_items(conn: Connection, business: str) -> list[OpenItem]:
    """What the bank matcher may allocate to: whatever is not wholly settled, by due date."""
    columns: list[Column[Any]] = [table.c[name] for name in ("number", "kind", "open_amount", "currency")]
    columns += [table.c[name] for name in ("issued", "due", "reference")]
    columns += [client_table.c[name] for name in ("name", "nickname", "aliases")]
    terms = [table.c.document[name].as_string().label(name) for name in ("discount_percent", "discount_until")]
    same_client = and_(client_table.c.business == table.c.business, client_table.c.id == table.c.client)
    asked = select(*columns, *terms).join_from(table, client_table, same_client).where(table.c.business == business)
    rows = conn.execute(asked.order_by(table.c.due, table.c.number))
    return [_open_item(row) for row in rows if row.open_amount > 0]


def set_open_amount(conn: Connection, business: str, number: str, amount: Decimal) -> None:
    """What is still open, as the events say. Whatever changes money calls this in the same transaction."""
    changed = conn.execute(update(table).where(_is(business, number)).values(open_amount=amount))
    if changed.rowcount != 1:
        raise LedgerError(f"There is no invoice {number}.")


def correct(conn: Connection, business: str, number: str, **fields: object) -> None:
    """Puts right what was read wrongly from the document (see CORRECTABLE); the document itself stays.

    The open amount is not touched. Raises LedgerError for an unknown invoice or field.
    """
    unknown = sorted(set(fields) - CORRECTABLE)
    if unknown:
        raise LedgerError(f"{unknown[0]!r} of an invoice cannot be corrected.")
    if not fields:
        return
    if conn.execute(update(table).where(_is(business, number)).values(fields)).rowcount != 1:
        raise LedgerError(f"There is no invoice {number}.")


def move(conn: Connection, business: str, number: str, client: int) -> None:
    """The invoice is owed by another client than it was entered for. Raises LedgerError for an unknown invoice."""
    if conn.execute(update(table).where(_is(business, number)).values(client=client)).rowcount != 1:
        raise LedgerError(f"There is no invoice {number}.")


def supersede(
    conn: Connection, business: str, number: str, document: InvoiceDocument, name: str, content: bytes
) -> None:
    """The owner accepted a revised document in the place of the one that an invoice came with."""
    values = {
        "document": _adapter().dump_python(document, mode="json"),
        "document_name": name,
        "document_bytes": content,
    }
    if conn.execute(update(table).where(_is(business, number)).values(values)).rowcount != 1:
        raise LedgerError(f"There is no invoice {number}.")


def with_document(conn: Connection, business: str, content: bytes) -> str | None:
    """The number of the invoice that came as this very file."""
    size = func.length(table.c.document_bytes) == len(content)
    asked = select(table.c.number, table.c.document_bytes).where(table.c.business == business, size)
    return next((row.number for row in conn.execute(asked) if bytes(row.document_bytes) == content), None)


def with_account(conn: Connection, business: str, iban: str) -> bool:
    """Whether an invoice was entered that wants its money on this account."""
    shown = table.c.document["seller"]["iban"].as_string()
    asked = select(table.c.id).where(table.c.business == business, shown == iban).limit(1)
    return conn.execute(asked).first() is not None


def document(conn: Connection, business: str, number: str) -> tuple[str, bytes] | None:
    """The name and bytes of the file that the client was sent, for attaching it again."""
    row = conn.execute(select(table.c.document_name, table.c.document_bytes).where(_is(business, number))).one_or_none()
    if row is None or row.document_bytes is None:
        return None
    return row.document_name or f"{number}.pdf", bytes(row.document_bytes)


def _stated(document: InvoiceDocument) -> tuple[str, date, str, Decimal]:
    amount = document.amount_due if document.amount_due is not None else document.total_gross
    if document.number is None or document.due_date is None or document.currency is None or amount is None:
        raise LedgerError("An invoice needs its number, due date, currency and amount before it can be kept.")
    return document.number, document.due_date, document.currency, abs(amount)


def _is(business: str, number: str) -> ColumnElement[bool]:
    return and_(table.c.business == business, table.c.number == number)


def _invoice(row: Row[Any]) -> Invoice:
    values = dict(row._mapping)
    values["document"] = _adapter().validate_python(values["document"])
    return Invoice(**values)


def _open_item(row: Row[Any]) -> OpenItem:
    nickname = (row.nickname,) if row.nickname else ()
    return OpenItem(
        number=row.number,
        kind=row.kind,
        client=row.name,
        amount_due=row.open_amount,
        currency=row.currency,
        issue_date=row.issued,
        due_date=row.due,
        reference=row.reference,
        client_aliases=(*nickname, *row.aliases),
        discount_percent=Decimal(row.discount_percent) if row.discount_percent else None,
        discount_until=date.fromisoformat(row.discount_until) if row.discount_until else None,
    )


@cache
def _adapter() -> TypeAdapter[InvoiceDocument]:
    return TypeAdapter(InvoiceDocument)
