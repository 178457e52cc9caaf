"""An invoice that was entered under a wrong number, or for a wrong client, is put where it belongs.

Its money must not be touched yet: payments hang on number and client, and taking them back is an order of its own.
"""

from dataclasses import replace

from sqlalchemy import Connection

from mailbot.jobs.entering import Source, ask_for_address, client_of, enter
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Target, UnclearError
from mailbot.jobs.turns import Turn, record
from mailbot.ledger import events, invoices
from mailbot.model import Event, Party
from mailbot.owner.outcomes import outcome
from mailbot.owner.remarks import remark
from mailbot.rules.balance import taken_back

_MONEY = frozenset({"owner.paid", "owner.cancelled", "owner.written_off", "invoice.credited", "invoice.written_off"})


def to_client(conn: Connection, office: Office, target: Target, name: str, turn: Turn) -> str:
    """The invoice is owed by `name`, a client that is known or new. What was written to the other one stays there."""
    known = _untouched(conn, office, target, turn)
    client, _ = client_of(conn, office, Party(name=name.strip()), None)
    if client == known.client:
        raise UnclearError(outcome("bad_field", turn.language, why=f"{target.label} : {name}"))
    invoices.move(conn, office.key, known.number, client)
    happened(
        conn, office, "owner.moved", turn.cause, turn.now, client=client, invoice=known.number, letter=turn.letter,
        data={"client": client, "before": known.client},
    )  # fmt: skip
    for one in (known.client, client):
        refresh(conn, office, one, turn.now)
    ask_for_address(conn, office, known.number, turn.now)
    return outcome("moved", turn.language, target=target.label, to=name.strip())


def to_number(conn: Connection, office: Office, target: Target, number: str, turn: Turn) -> str:
    """The invoice is entered anew under its right number, and the wrong one is cancelled."""
    known = _untouched(conn, office, target, turn)
    number = number.strip()
    if not number or invoices.get(conn, office.key, number) is not None:
        raise UnclearError(outcome("bad_field", turn.language, why=remark("known", turn.language, number=number)))
    document = replace(
        known.document, number=number, issue_date=known.issued, due_date=known.due, currency=known.currency,
        amount_due=known.amount,
    )  # fmt: skip
    name, content = invoices.document(conn, office.key, known.number) or (None, None)
    record(conn, office, "owner.cancelled", target, turn, {"replaced_by": number})
    enter(conn, office, Source(known.letter, name, content), document, None, turn.now)
    return outcome("moved", turn.language, target=target.label, to=number)


def moved_back(conn: Connection, office: Office, event: Event, turn: Turn) -> bool:
    """`to_client` taken back, by `undo`."""
    before, client = event.data.get("before"), events.client_number(event.client)
    if not isinstance(before, int) or event.invoice is None or client is None:
        return False
    invoices.move(conn, office.key, event.invoice, before)
    for one in (client, before):
        refresh(conn, office, one, turn.now)
    return True


def has_money(conn: Connection, office: Office, known: invoices.Invoice) -> bool:
    """Whether something was paid, credited or given up of an invoice, and was not taken back."""
    told = events.of_invoice(conn, office.key, known.number)
    undone = taken_back([*told, *events.of_client(conn, office.key, known.client)])
    return any((one.name in _MONEY or one.name.startswith("bank.")) and one.id not in undone for one in told)


def _untouched(conn: Connection, office: Office, target: Target, turn: Turn) -> invoices.Invoice:
    known = invoices.get(conn, office.key, target.invoice or "")
    if known is None:
        raise UnclearError(outcome("which_invoice", turn.language, target=target.label))
    if has_money(conn, office, known):
        raise UnclearError(outcome("has_money", turn.language, target=target.label))
    return known
