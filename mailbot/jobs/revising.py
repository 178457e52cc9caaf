"""What the owner answers about documents: a revised version, an address in doubt, the invoice that a credit is for."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.drafting import from_json
from mailbot.jobs.entering import apply_credit
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, invoices, letters
from mailbot.ledger.questions import Question
from mailbot.model import JSON
from mailbot.money import write_amount_plain
from mailbot.owner.outcomes import outcome
from mailbot.owner.question_words import field_names


def answer_revised(
    conn: Connection, office: Office, question: Question, yes: bool, cause: str, letter: str | None, now: datetime
) -> str:
    """Yes puts the new version in the place of the old one, file and all; no leaves the old one."""
    language, number = office.business.language, str(question.about["number"])
    known = invoices.get(conn, office.key, number)
    if not yes or known is None:
        return outcome("answered", language, what=f"{number}, {'inchangée' if language == 'fr' else 'unchanged'}")
    document = from_json(cast("dict[str, JSON]", question.about["document"]))
    stated = {
        "amount": None if document.amount_due is None else abs(document.amount_due),
        "due": document.due_date, "issued": document.issue_date, "currency": document.currency,
    }  # fmt: skip
    changes: dict[str, object] = {
        field: value for field, value in stated.items() if value is not None and getattr(known, field) != value
    }
    before: Mapping[str, JSON] = {field: str(getattr(known, field)) for field in changes}
    invoices.correct(conn, office.key, number, **changes)
    content = letters.raw(conn, office.key, str(question.about["kept"]))
    first = invoices.document(conn, office.key, number)
    if first is not None:  # a seal names it: it stays under its own hash
        letters.keep(conn, office.key, first[1], now, direction="document")
    invoices.supersede(conn, office.key, number, document, str(question.about["name"]), content)
    data: dict[str, JSON] = {**{field: str(value) for field, value in changes.items()}, "before": dict(before)}
    happened(
        conn, office, "owner.corrected", cause, now, client=known.client, invoice=number, data=data, letter=letter
    )  # fmt: skip
    refresh(conn, office, known.client, now)
    asked_as = {"amount": "amount_due", "due": "due_date", "issued": "issue_date"}
    fields = field_names([asked_as.get(field, field) for field in changes], language)
    return outcome("corrected", language, target=number, fields=fields)


def answer_address(conn: Connection, office: Office, question: Question, yes: bool) -> str:
    """Yes lets reminders go to an address that was in doubt; no takes it away."""
    client, email = int(str(question.about["client"])), str(question.about["email"])
    name = clients.get(conn, office.key, client).name
    if not yes:
        clients.drop_contact(conn, office.key, client, email)
        return outcome("contact_removed", office.business.language, target=name, email=email)
    clients.set_contact(conn, office.key, client, email, usable=True)
    return outcome("contact", office.business.language, target=name, email=email)


def answer_credit(
    conn: Connection, office: Office, question: Question, number: int | None, text: str, no: bool, now: datetime
) -> str | None:
    """The invoice that a credit note is for, by its place among the choices (from 0) or its number; no: for none."""
    language = office.business.language
    note = invoices.get(conn, office.key, str(question.about["credit_note"]))
    if note is None or no:
        return outcome("answered", language, what=question.about["credit_note"])
    offered = [str(one) for one in cast("list[JSON]", question.about["choices"])]
    named = offered[number] if number is not None and 0 <= number < len(offered) else text.strip()
    credited = invoices.get(conn, office.key, named) if named else None
    if credited is None or credited.kind != "invoice" or credited.client != note.client:
        return None
    apply_credit(conn, office, note.client, note.document, credited.number, now)
    return outcome("answered", language, what=f"{note.number} → {credited.number}")


def answer_credit_rest(
    conn: Connection, office: Office, question: Question, choice: str, cause: str, now: datetime
) -> str | None:
    """What a credit note is more than its invoice: paid back it lowers nothing else, set off it lowers what is owed."""
    refunded = choice in ("1", "a", "rembourser", "refund")
    if not refunded and choice not in ("2", "b", "imputer", "set off"):
        return None
    language, number = office.business.language, str(question.about["credit_note"])
    note = invoices.get(conn, office.key, number)
    if note is None:
        return outcome("expired", language, target=question.number)
    amount = write_amount_plain(Decimal(str(question.about["amount"])), note.currency, language)
    if refunded:
        data: dict[str, JSON] = {"reason": "refund"}
        happened(conn, office, "owner.cancelled", cause, now, client=note.client, invoice=number, data=data)
        refresh(conn, office, note.client, now)
    code = "refunded" if refunded else "kept"
    return outcome(code, language, amount=amount, target=clients.get(conn, office.key, note.client).name)
