"""What happened since the last digest, as rows: money, replies, invoices, mails sent, failed or not understood."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.asking import was_answered
from mailbot.jobs.office import Office
from mailbot.jobs.surveying import Book
from mailbot.ledger import bank, letters, outgoing, outgoing_lists
from mailbot.model import Event
from mailbot.money import write_amount_plain
from mailbot.owner.digest import Row
from mailbot.owner.phrases import event_words, mail_words, quoted
from mailbot.owner.proof import proofs

_REPLIES = "reply."
_MONEY = frozenset({"bank.payment", "bank.overpayment", "bank.reversal", "owner.paid"})
"""What was paid, what was over, and what went back."""
_SHOWN_ID = 8
"""So many letters of a bank line's id are shown; the order takes six or more."""
_FAILED = frozenset({"mail.bounced", "mail.rejected", "mail.complained"})


def heard(office: Office, book: Book, happened: Sequence[Event]) -> list[Row]:
    """What clients let us know: an answer, a read receipt, a visit of the page (never an open).

    One letter about several invoices is one row. What the owner told of a client is no reply.
    """
    rows: dict[tuple[str, str], Row] = {}
    for event in happened:
        if _is_heard(event):
            row, key = (
                _row(event, book, office.business.language),
                (event.name, str(event.data.get("letter") or event.id)),
            )
            known = rows.get(key)
            rows[key] = row if known is None else replace(known, invoices=(*known.invoices, *row.invoices))
    return list(rows.values())


def failed(office: Office, book: Book, happened: Sequence[Event]) -> list[Row]:
    """Mails that came back, were refused or reported."""
    return [_row(event, book, office.business.language) for event in happened if event.name in _FAILED]


def money(office: Office, book: Book, happened: Sequence[Event]) -> list[Row]:
    """Each with what its payer was let off; what the bank took back, or a match that was undone, counts below zero."""
    language = office.business.language
    let_go = {
        (event.data.get("line"), event.invoice): event for event in happened if event.name == "invoice.written_off"
    }
    rows = []
    for event in happened:
        if event.name not in _MONEY:
            continue
        row = _row(event, book, language)
        said = event.data.get("currency")
        currency = said if isinstance(said, str) else book.currency_of(row.invoices)
        amount = -row.amount if event.name == "bank.reversal" and row.amount is not None else row.amount
        off = let_go.get((event.data.get("line"), event.invoice)) if event.name == "bank.payment" else None
        if off is not None:
            short = write_amount_plain(Decimal(str(off.data["amount"])), currency, language)
            row = replace(row, reason=f"{event_words(off, language)} {short}")
        elif "to_interest" in event.data:
            row = replace(row, reason=_interest_words(event, currency, language))
        rows.append(replace(row, amount=amount, currency=currency))
    return rows


def _interest_words(event: Event, currency: str, language: str) -> str:
    """How much of a payment settled interest before the principal, and by which law."""
    part = write_amount_plain(Decimal(str(event.data["to_interest"])), currency, language)
    words = {
        "fr": "dont {} d'abord sur les intérêts de retard (C. civ. 1343-1)",
        "en": "of which {} against late-payment interest first (C. civ. 1343-1)",
    }
    return words[language].format(part)


def unexplained(conn: Connection, office: Office, start: datetime, end: datetime) -> list[Row]:
    """Money that came in and that nothing open explains: told once; only the owner can know whose it is."""
    return [
        Row(
            client=line.payer or line.name, amount=line.amount, currency=line.currency,
            reason=f"{quoted(line.memo or line.name, office.business.language)}, {_match_order(office, line.id)}",
        )
        for line in bank.lines_received(conn, office.key, "ignored", start, end)
        if line.amount > 0 and not line.reversal and not was_answered(conn, office, line)
    ]  # fmt: skip


def _match_order(office: Office, line: str) -> str:
    verb = {"fr": "rapproche", "en": "match"}[office.business.language]
    return f"{verb} {line[:_SHOWN_ID]} FA-…"


def entered(book: Book, happened: Sequence[Event]) -> list[Row]:
    """Invoices that the owner sent in."""
    received = [event for event in happened if event.name == "invoice.received"]
    known = [(event, book.by_number.get(event.invoice or "")) for event in received]
    return [
        Row(book.name(event.client), "", one.facts.amount, (one.facts.number,), currency=one.facts.currency)
        for event, one in known
        if one is not None
    ]


def sent(conn: Connection, office: Office, book: Book, start: datetime, end: datetime) -> list[Row]:
    """What left, each with the strongest proof of it so far."""
    language = office.business.language
    return [
        Row(
            book.name(row.client), mail_words(row.template, language), None, row.invoices,
            _proof_words(book, row, language),
        )
        for row in outgoing_lists.between(conn, office.key, start, end)
        if row.kind == "client" and row.state == "sent"
    ]  # fmt: skip


def unreadable(conn: Connection, office: Office, start: datetime, end: datetime) -> list[Row]:
    """Letters that were kept and not understood."""
    return [
        Row(client=letter.sender or "?", what=letter.subject or "", reason=letter.why or "")
        for letter in letters.received_between(conn, office.key, start, end)
        if letter.state == "unreadable"
    ]


def _row(event: Event, book: Book, language: str) -> Row:
    amount, because = event.data.get("amount"), event.data.get("because")
    return Row(
        client=book.name(event.client),
        what=event_words(event, language),
        amount=Decimal(amount) if isinstance(amount, str) else None,
        invoices=(event.invoice,) if event.invoice else (),
        reason=quoted(because[0], language) if isinstance(because, list) and because else "",
        currency=book.currency_of((event.invoice,)) if event.invoice else "EUR",
    )


def _is_heard(event: Event) -> bool:
    visited = event.name == "mail.clicked" and event.data.get("trust") == "likely"
    told = event.data.get("by") == "owner" and not event.data.get("letter")
    return visited or event.name == "mail.read" or (event.name.startswith(_REPLIES) and not told)


def _proof_words(book: Book, row: outgoing.Outgoing, language: str) -> str:
    known = proofs(book.events.get(row.client or 0, ()))
    return next((proof.words(language) for proof in known if proof.sent.data.get("outgoing") == row.id), "")
