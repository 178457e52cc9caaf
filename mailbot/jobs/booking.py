"""What a payment changes, in one transaction: allocations, events, open amounts. And how it is taken back.

Money settles what the invoice states; penalties are no part of an open amount, and never reopen what was paid. Where
the business lets interest come first (`law.payments`), the payment's event says how much of it went there, and what is
owed by law counts so. Credit notes are netted before: what is open of an invoice is open after them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from mailbot.jobs.asking import ask_about
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.penalties import owed_of, split_of
from mailbot.law.amounts import Owed
from mailbot.ledger import aliases, allocations, bank, clients, events, invoices, questions
from mailbot.ledger.allocations import Allocation
from mailbot.model import JSON, Line, Match, Share

How = Literal["auto", "owner"]
ROUNDED = Decimal("0.05")
"""So little over is nobody's to decide about."""


def book(
    conn: Connection,
    office: Office,
    line: Line,
    shares: Sequence[Share],
    how: How,
    now: datetime,
    *,
    waived: Sequence[Share] = (),
    why: str = "rounding",
) -> None:
    """Give amounts of a line to invoices, and let go what their payer may keep (`waived`, for the reason `why`).

    Amounts are in the invoices' currencies. A line in another currency is used up by its first share. What is over
    is the client's, and the owner is asked what to do with it; up to five cents are rounding. Done twice, it counts
    once. Raises LedgerError where the line has not so much.
    """
    rounded = {share.invoice: share.amount for share in waived}
    paid: list[int] = []
    for share in shares:
        invoice = invoices.get(conn, office.key, share.invoice)
        if invoice is None:
            continue
        used = None
        if invoice.currency != line.currency:
            used = allocations.unused(conn, office.key, line.id)
        data = _payment(conn, office, line, invoice, share)
        row = allocations.allocate(conn, office.key, line.id, share.invoice, share.amount, how, now, used=used)
        if row is None:
            continue
        paid.append(invoice.client)
        about = {"client": invoice.client, "invoice": share.invoice, "line": line.id}
        cause = f"{line.id}/{share.invoice}/{row}"
        happened(conn, office, "bank.payment", cause, now, data=dict(data), **about)  # type: ignore[arg-type]
        let_go = rounded.get(share.invoice, Decimal(0))
        if let_go > 0:
            _waive(conn, office, line, share.invoice, invoice.client, let_go, how, why, now)
        if share.amount + let_go < invoice.open_amount:
            happened(conn, office, "bank.partial_payment", cause, now, data=dict(data), **about)  # type: ignore[arg-type]
        refresh(conn, office, invoice.client, now)
    bank.set_line_state(conn, office.key, line.id, "matched")
    payers = set(paid)
    if len(payers) == 1:
        _keep_rest(conn, office, line, paid[0], how, now)
    elif payers:
        _ask_about_rest(conn, office, line, now)


def undo(conn: Connection, office: Office, line: Line, now: datetime) -> list[str]:
    """Take back all that a line was given to, by the owner's word; the invoices that are open again.

    What the line taught is forgotten. The line itself is unexplained again: ask about it (`matching.ask_again`).
    """
    for client in {row.client for row in allocations.standing(conn, office.key, line.id)}:
        for row in allocations.for_penalties(conn, office.key, client):
            if row.line == line.id:
                allocations.give_back(conn, office.key, row.id, "owner", now)
    rows = [row for row in allocations.standing(conn, office.key, line.id) if row.takes_back is None]
    reopened = _take_back(conn, office, rows, "owner", "undo", None, now)
    if rows:
        aliases.forget(conn, office.key, line.id, now)
        bank.set_line_state(conn, office.key, line.id, "new")
    return reopened


def reverse(
    conn: Connection, office: Office, debit: Line, payment: Line, now: datetime, how: How = "auto"
) -> list[str]:
    """The bank took a payment back by a line of its own; the invoices that are open again.

    What follows is the rules' to say: all that we ship write to nobody until the owner has decided.
    """
    rows = [row for row in allocations.standing(conn, office.key, payment.id) if row.takes_back is None]
    reopened = _take_back(conn, office, rows, how, "reversal", debit, now)
    known = rows or allocations.standing(conn, office.key, debit.id)
    bank.set_line_state(conn, office.key, debit.id, "matched" if known else "ignored")
    return reopened


def restore(conn: Connection, office: Office, debit: Line, now: datetime) -> list[str]:
    """The owner says that a line of the bank took no payment back after all; the invoices that are paid again.

    What that line ended stands anew, what the reopened invoices set off (a pause, a question) is settled, and the line
    itself is nobody's payment.
    """
    given: list[Allocation] = []
    for row in allocations.standing(conn, office.key, debit.id):
        new = allocations.give_back(conn, office.key, row.id, "owner", now)
        given += [new] if new is not None else []
    paid = [row for row in given if row.kind == "paid" and row.invoice is not None]
    for row in given:
        line = bank.line(conn, office.key, row.line)
        if line is not None:
            _given_again(conn, office, debit, line, row, now)
            bank.set_line_state(conn, office.key, line.id, "matched")
    for client in sorted({row.client for row in given}):
        refresh(conn, office, client, now)
    if given:
        bank.set_line_state(conn, office.key, debit.id, "ignored")
    return list(dict.fromkeys(str(row.invoice) for row in paid))


def set_off(conn: Connection, office: Office, client: int, now: datetime) -> list[str]:
    """Use a client's money on its open invoices, oldest due first; the invoices that got some.

    Only what the owner said to set off. Currencies are kept apart. What is over waits for the next invoice.
    """
    paid: list[str] = []
    for row in allocations.kept(conn, office.key, client):
        line = bank.line(conn, office.key, row.line)
        if row.why != "set_off" or line is None:
            continue
        shares = _oldest_first(conn, office, client, row.amount, line.currency)
        if not shares:
            continue
        allocations.take_back(conn, office.key, row.id, "owner", "set_off", now)
        paid += [share.invoice for share in shares]
        for share in shares:
            _pay(conn, office, line, share, client, now)
        over = row.amount - sum((share.amount for share in shares), Decimal(0))
        if over > 0:
            allocations.keep_credit(conn, office.key, line.id, client, over, "owner", "set_off", now)
    if paid:
        refresh(conn, office, client, now)
    return paid


def keep_for(
    conn: Connection, office: Office, row: Allocation, *, refunded: bool, penalties: bool = False, now: datetime
) -> list[str]:
    """The owner decided about money that was too much: it goes back, or on other invoices; those that got some.

    `penalties`: it is what lateness cost, and neither the client's nor any invoice's.
    """
    if refunded or penalties:
        why = "refund" if refunded else "penalties"
        allocations.take_back(conn, office.key, row.id, "owner", why, now, free=False)
        return []
    if allocations.take_back(conn, office.key, row.id, "owner", "set_off", now) is None:
        return []
    allocations.keep_credit(conn, office.key, row.line, row.client, row.amount, "owner", "set_off", now)
    return set_off(conn, office, row.client, now)


def keep_whole(conn: Connection, office: Office, line: Line, client: int, now: datetime) -> Decimal:
    """What is left of a line is kept for a client that owes nothing; it is set off against its next invoice."""
    rest = allocations.unused(conn, office.key, line.id)
    allocations.keep_credit(conn, office.key, line.id, client, rest, "owner", "set_off", now)
    bank.set_line_state(conn, office.key, line.id, "matched")
    return rest


def fill(conn: Connection, office: Office, line: Line, client: int) -> tuple[Share, ...]:
    """How a payment fills a client's open invoices of its currency: one of that amount, else the oldest due first."""
    left = allocations.unused(conn, office.key, line.id)
    same = [one for one in _owing(conn, office, client, line.currency) if one.open_amount == left]
    if len(same) == 1:
        return (Share(same[0].number, left),)
    return _oldest_first(conn, office, client, left, line.currency)


def _oldest_first(conn: Connection, office: Office, client: int, amount: Decimal, currency: str) -> tuple[Share, ...]:
    shares = []
    for invoice in _owing(conn, office, client, currency):
        part = min(amount, invoice.open_amount)
        amount -= part
        if part > 0:
            shares.append(Share(invoice.number, part))
    return tuple(shares)


def _owing(conn: Connection, office: Office, client: int, currency: str) -> list[invoices.Invoice]:
    """The client's open invoices of a currency, oldest due first."""
    return [
        one
        for one in invoices.of_client(conn, office.key, client)
        if one.kind == "invoice" and one.currency == currency and one.open_amount > 0
    ]


def _pay(conn: Connection, office: Office, line: Line, share: Share, client: int, now: datetime) -> None:
    invoice = invoices.get(conn, office.key, share.invoice)
    data = _payment(conn, office, line, invoice, share)
    row = allocations.allocate(conn, office.key, line.id, share.invoice, share.amount, "owner", now, why="set_off")
    happened(
        conn, office, "bank.payment", f"{line.id}/{share.invoice}/{row}", now,
        client=client, invoice=share.invoice, data=data, line=line.id,
    )  # fmt: skip


def _payment(
    conn: Connection, office: Office, line: Line, invoice: invoices.Invoice | None, share: Share
) -> dict[str, JSON]:
    """What the event of a payment says; with what of it settles interest, by the order that the business chose."""
    data: dict[str, JSON] = {"amount": str(share.amount), "line": line.id, "paid_on": line.date.isoformat()}
    split = split_of(conn, office, invoice, share.amount, line.date) if invoice is not None else None
    if split is not None:
        data |= {"to_interest": str(split.interest), "to_principal": str(split.principal)}
    return data


def _waive(
    conn: Connection,
    office: Office,
    line: Line,
    number: str,
    client: int,
    amount: Decimal,
    how: How,
    why: str,
    now: datetime,
) -> None:
    row = allocations.allocate(conn, office.key, line.id, number, amount, how, now, kind="waived", why=why)
    data: dict[str, JSON] = {"amount": str(amount), "reason": why, "line": line.id}
    cause = f"{line.id}/{number}/{row}"
    happened(conn, office, "invoice.written_off", cause, now, client=client, invoice=number, data=data, line=line.id)


def _keep_rest(conn: Connection, office: Office, line: Line, client: int, how: How, now: datetime) -> None:
    """More than was owed: it stays the client's, and the owner says whether it goes back or on another invoice."""
    rest = allocations.unused(conn, office.key, line.id)
    if rest <= ROUNDED:
        return
    row = allocations.keep_credit(conn, office.key, line.id, client, rest, how, "overpaid", now)
    if row is None:
        return
    _ask_about_credit(conn, office, line, row, client, rest, now)


def _ask_about_credit(
    conn: Connection, office: Office, line: Line, row: int, client: int, rest: Decimal, now: datetime
) -> None:
    data: dict[str, JSON] = {"amount": str(rest), "currency": line.currency, "line": line.id}
    happened(conn, office, "bank.overpayment", f"{line.id}/{row}", now, client=client, data=data, line=line.id)
    about = {**data, "row": row, "client_name": clients.get(conn, office.key, client).name}
    about["penalties"] = str(_penalties(conn, office, line))
    ask(conn, office, "overpaid", f"overpaid/{row}", about, now, client=client)


def _penalties(conn: Connection, office: Office, line: Line) -> Decimal:
    """What lateness had cost the payer of the line on its day, in its currency: more money may be meant for that."""
    late = Decimal(0)
    for row in allocations.standing(conn, office.key, line.id):
        invoice = invoices.get(conn, office.key, row.invoice) if row.invoice is not None else None
        result = owed_of(conn, office, invoice, line.date).result if invoice is not None else None
        if isinstance(result, Owed):
            late += result.penalties.get(line.currency, Decimal(0))
    return late


def _ask_about_rest(conn: Connection, office: Office, line: Line, now: datetime) -> None:
    """What is over of a line that paid invoices of several clients is nobody's yet: what is it for?"""
    rest = allocations.unused(conn, office.key, line.id)
    if rest > ROUNDED:
        asked = Match(line.id, rest, "ask", evidence=("what is left of a payment for several clients",))
        ask_about(conn, office, replace(line, amount=rest), asked, now)


def _take_back(
    conn: Connection,
    office: Office,
    rows: Sequence[Allocation],
    how: How,
    why: str,
    debit: Line | None,
    now: datetime,
) -> list[str]:
    """Take rows back and record what is owed again; the numbers of those invoices."""
    money: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    waived: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    line = debit.id if debit is not None else None
    last = 0
    for row in rows:
        taken = allocations.take_back(conn, office.key, row.id, how, why, now, line=line)
        if taken is None:
            continue
        last = taken
        if row.kind == "credit" or row.invoice is None:
            _expire_credit(conn, office, row, now)
            continue
        (money if row.kind == "paid" else waived)[row.client, row.invoice] += row.amount
    for (client, number), amount in money.items():
        data: dict[str, JSON] = {"amount": str(amount), "line": line or rows[0].line, "reason": why}
        if let_go := waived.get((client, number)):
            data["waived"] = str(let_go)
        _reopen(conn, office, client, number, data, f"{data['line']}/{number}/{last}", debit, now)
        refresh(conn, office, client, now)
    return [number for _, number in money]


def _reopen(
    conn: Connection,
    office: Office,
    client: int,
    number: str,
    data: dict[str, JSON],
    cause: str,
    debit: Line | None,
    now: datetime,
) -> None:
    if debit is not None and debit.reason:
        data["bank_reason"] = debit.reason
    line = str(data["line"])
    happened(conn, office, "bank.reversal", cause, now, client=client, invoice=number, data=data, line=line)
    if debit is None:
        # the owner's own correction: what a payment that bounced sets off (a pause, a question) is not meant
        settled: dict[str, JSON] = {"go_on": True, "event": f"bank.reversal/{cause}"}
        happened(conn, office, "owner.answered", f"undo/{cause}", now, client=client, invoice=number, data=settled)


def _given_again(conn: Connection, office: Office, debit: Line, line: Line, row: Allocation, now: datetime) -> None:
    """Record what stands anew as where it was booked first; what the reversal set off goes on."""
    if row.invoice is None:
        _ask_about_credit(conn, office, line, row.id, row.client, row.amount, now)
        return
    cause = f"{line.id}/{row.invoice}/{row.id}"
    about = {"client": row.client, "invoice": row.invoice, "line": line.id}
    if row.kind == "waived":
        let_go: dict[str, JSON] = {"amount": str(row.amount), "reason": row.why, "line": line.id}
        happened(conn, office, "invoice.written_off", cause, now, data=let_go, **about)  # type: ignore[arg-type]
        return
    data: dict[str, JSON] = {"amount": str(row.amount), "line": line.id, "paid_on": line.date.isoformat()}
    happened(conn, office, "bank.payment", cause, now, data=data, **about)  # type: ignore[arg-type]
    for event in events.of_client(conn, office.key, row.client):
        if (event.name, event.invoice, event.data.get("line")) == ("bank.reversal", row.invoice, debit.id):
            settled: dict[str, JSON] = {"go_on": True, "event": event.id}
            happened(
                conn, office, "owner.answered", f"restore/{event.id}/{row.id}", now,
                client=row.client, invoice=row.invoice, data=settled,
            )  # fmt: skip


def _expire_credit(conn: Connection, office: Office, row: Allocation, now: datetime) -> None:
    question = questions.by_dedupe_key(conn, office.key, f"overpaid/{row.id}")
    if question is not None:
        questions.expire(conn, office.key, question.number, "taken back", now)
