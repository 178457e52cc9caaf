"""Orders that change what is known: an invoice's fields, an incomplete invoice, a client's addresses."""

from collections.abc import Mapping
from dataclasses import replace

from babel.numbers import is_currency
from sqlalchemy import Connection

from mailbot.jobs import drafted, invoicing, moving
from mailbot.jobs.office import Office
from mailbot.jobs.targets import UnclearError
from mailbot.jobs.turns import Act, Turn, amount_of, client_of, day_of, meant, misread, record
from mailbot.ledger import clients, invoices, layouts, questions
from mailbot.model import JSON, Order
from mailbot.owner.outcomes import outcome
from mailbot.owner.question_words import field_names

_CORRECTED = {
    "issue_date": "issued",
    "due_date": "due",
    "total_gross": "amount",
    "amount": "amount",
    "currency": "currency",
}
"""Field of the order -> of the invoice."""


def complete(
    conn: Connection, office: Office, question: questions.Question, fields: dict[str, str], order: Order, turn: Turn
) -> str:
    """Put the owner's words into an incomplete invoice; it is entered once nothing is missing."""
    said, _, rest = invoicing.complete_draft(conn, office, question, fields, turn.now).partition(": ")
    if said == "entered":
        questions.answer(conn, office.key, question.number, "fields", order.line, turn.letter, turn.now)
        return outcome("entered", turn.language)
    if said == "incomplete":
        return outcome("incomplete", turn.language, fields=field_names(rest.split(", "), turn.language))
    raise UnclearError(outcome("bad_field", turn.language, why=rest))


def _correct(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    question = drafted.draft_meant(conn, office, order.target, turn)
    if question is not None:
        return complete(conn, office, question, dict(order.fields), order, turn)
    order = _placed(conn, office, order, turn)
    target = meant(conn, office, order, turn)
    if target.invoice is None:
        raise UnclearError(outcome("which_invoice", turn.language, target=target.label))
    kept = [field for field in order.fields if field in _CORRECTED]
    if not kept and order.fields.get("client"):
        return moving.to_client(conn, office, target, order.fields["client"], turn)
    if not kept and order.fields.get("number"):
        return moving.to_number(conn, office, target, order.fields["number"], turn)
    if not kept:
        names = field_names(list(order.fields), turn.language)
        said = {"fr": f"{names} : ne se corrige pas ici", "en": f"{names}: cannot be corrected here"}[turn.language]
        raise UnclearError(outcome("bad_field", turn.language, why=said))
    before = _as_it_was(conn, office, target.invoice, kept)
    invoices.correct(conn, office.key, target.invoice, **_corrections(order, turn))
    _unlearn(conn, office, target.invoice)
    record(conn, office, "owner.corrected", target, turn, {**order.fields, "before": before})
    return outcome("corrected", turn.language, target=target.label, fields=field_names(kept, turn.language))


def _placed(conn: Connection, office: Office, order: Order, turn: Turn) -> Order:
    """An order that names an invoice by its place in the answered mail's list names it by its number."""
    number = drafted.invoice_at(conn, office, order.target, turn)
    return replace(order, target=number) if number is not None else order


def _unlearn(conn: Connection, office: Office, number: str) -> None:
    """An invoice that was entered and wrong: the next one of its layout is asked about again."""
    known = invoices.get(conn, office.key, number)
    if known is not None and known.document.layout is not None:
        layouts.forget(conn, office.key, known.document.layout)


def _as_it_was(conn: Connection, office: Office, number: str, fields: list[str]) -> JSON:
    """What these fields were, so that `undo` can put it back."""
    known = invoices.get(conn, office.key, number)
    return {} if known is None else {_CORRECTED[field]: str(getattr(known, _CORRECTED[field])) for field in fields}


def _corrections(order: Order, turn: Turn) -> dict[str, object]:
    """What the ledger is to be told; raises UnclearError for what no invoice can have."""
    changes: dict[str, object] = {}
    for field, text in order.fields.items():
        if field in ("issue_date", "due_date"):
            changes[_CORRECTED[field]] = day_of(order, field, turn)
        elif field in ("total_gross", "amount"):
            changes["amount"] = amount_of(order, turn, field)
        elif field == "currency":
            if not is_currency(text, "en"):
                raise misread(text, turn.language)
            changes["currency"] = text
    return changes


def _contact(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    question = drafted.draft_meant(conn, office, order.target, turn)
    if question is not None and "@" in order.fields.get("email", ""):
        return complete(conn, office, question, {"contact": order.fields["email"]}, order, turn)
    order = _placed(conn, office, order, turn)
    target = meant(conn, office, order, turn)
    client, email = client_of(target, order, turn), order.fields.get("email", "")
    if "@" not in email:
        raise UnclearError(
            outcome(
                "needs_field",
                turn.language,
                fields={"fr": "l'adresse e-mail", "en": "the e-mail address"}[turn.language],
            )
        )
    ours = {office.business.mailbox.mail_address, *office.business.owners}
    if email in ours and order.fields.get("action") != "remove":
        raise UnclearError(outcome("own_address", turn.language, email=email))
    known = clients.get(conn, office.key, client).contacts
    before: list[JSON] = [{"email": one.email, "name": one.name, "usable": one.usable} for one in known]
    if order.fields.get("action") == "remove":
        if email not in {one.email for one in known}:
            raise UnclearError(outcome("no_such_address", turn.language, target=target.label, email=email))
        clients.drop_contact(conn, office.key, client, email)
        code = "contact_removed"
    else:
        if order.fields.get("action") == "replace":
            for contact in known:
                clients.drop_contact(conn, office.key, client, contact.email)
        clients.set_contact(conn, office.key, client, email, usable=True)
        code = "contact"
    record(conn, office, "owner.contact", target, turn, {**order.fields, "before": before})
    return outcome(code, turn.language, target=target.label, email=email)


ORDERS: Mapping[str, Act] = {"correct": _correct, "contact": _contact}
