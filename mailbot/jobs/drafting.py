"""Documents that are not certain: the owner is asked once, and the answer completes them.

An answer also teaches: where the owner found nothing to correct, the next document of the same layout is certain.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import cast

from babel.numbers import is_currency
from pydantic import TypeAdapter
from sqlalchemy import Connection

from mailbot.jobs import noting
from mailbot.jobs.checking import is_other_account, remarks_on
from mailbot.jobs.entering import Source, enter
from mailbot.jobs.mailing import ask, tell_owner
from mailbot.jobs.office import Office
from mailbot.jobs.turns import not_understood
from mailbot.ledger import invoices, layouts, letters, questions
from mailbot.model import JSON, InvoiceDocument
from mailbot.money import parse_amount
from mailbot.owner.remarks import remark

ESSENTIAL = ("number", "issue_date", "due_date", "currency", "amount_due")
_WATCHED = frozenset({*ESSENTIAL, "total_gross", "kind", "buyer", "buyer.name", "source"})
"""Fields of which a doubt is the owner's to settle before anybody is written to."""
_MOST_CANDIDATES = 3
"""So many values of a doubtful field are named in a question."""
_DOCUMENT: TypeAdapter[InvoiceDocument] = TypeAdapter(InvoiceDocument)


def is_certain(conn: Connection, office: Office, document: InvoiceDocument) -> bool:
    """Whether a document may be entered without a question.

    What the page of a PDF says is read by labels and likely right, which is not enough to chase somebody, unless an
    owner has confirmed an invoice of the same layout before. An account that is not the business's own is asked about
    until the owner has let one invoice with it in.
    """
    if missing(document) or any(doubt.field in _WATCHED for doubt in document.doubts):
        return False
    if document.source == "pdf-text" and not _is_known_layout(conn, office, document):
        return False
    return not _is_strange_account(conn, office, document)


def missing(document: InvoiceDocument) -> tuple[str, ...]:
    """The fields without which nothing can be entered. A credit note is due when it is issued."""
    needed = [field for field in ESSENTIAL if field != "due_date" or document.kind == "invoice"]
    found = [field for field in needed if getattr(document, field) is None]
    if document.buyer.name is None:
        found.append("client")
    return tuple(found)


def completed(document: InvoiceDocument) -> InvoiceDocument:
    """What goes without saying: a credit note has no term of its own."""
    if document.kind == "credit_note" and document.due_date is None:
        return replace(document, due_date=document.issue_date)
    return document


def ask_fields(conn: Connection, office: Office, letter: str, name: str, about: dict[str, JSON], now: datetime) -> int:
    """Put an incomplete or doubtful document to the owner; the number of the question."""
    document = from_json(cast("dict[str, JSON]", about["document"]))
    lacking = missing(document)
    doubts = [doubt for doubt in document.doubts if doubt.field in _WATCHED]
    doubtful = [_asked_as(doubt.field) for doubt in doubts]
    warnings = [*cast("list[str]", about.get("said") or []), *remarks_on(office, document, now)]
    about = {
        **about,
        "reminders_to": cast("str | None", about.get("contact")) or document.buyer.email,
        "missing": [*lacking],
        "doubtful": cast("list[JSON]", [field for field in dict.fromkeys(doubtful) if field not in lacking]),
        "candidates": {
            _asked_as(one.field): [*one.candidates[:_MOST_CANDIDATES]] for one in doubts if one.candidates[1:]
        },
        "warnings": cast("list[JSON]", warnings),
    }
    return ask(conn, office, "draft", f"draft/{letter}/{name}", about, now, letter=letter)


def complete_draft(
    conn: Connection, office: Office, question: questions.Question, fields: dict[str, str], now: datetime
) -> str:
    """Put the owner's words into an incomplete invoice; "entered", "incomplete: …" or "bad: …"."""
    about = dict(question.about)
    read = from_json(cast("dict[str, JSON]", about["document"]))
    try:
        document = completed(with_fields(read, fields))
    except ValueError as error:
        return f"bad: {not_understood(str(error), office.business.language)}"
    if not fields:  # "ok": what was doubted and shown is right
        document = replace(document, doubts=tuple(one for one in document.doubts if one.field not in _WATCHED))
    contact = fields.get("contact") or cast("str | None", about.get("contact"))
    lacking = missing(document)
    changed = bool(about.get("changed")) or _differs(read, document)
    about.update(document=to_json(document), contact=contact, missing=list(lacking), changed=changed)
    questions.update_about(conn, office.key, question.number, about)
    if lacking:
        return f"incomplete: {', '.join(lacking)}"
    if invoices.get(conn, office.key, cast("str", document.number)) is not None:
        return "bad: " + remark("known", office.business.language, number=document.number).rstrip(".")
    if document.amount_due is not None and document.amount_due < 0 and document.kind == "invoice":
        return f"bad: {not_understood(str(document.amount_due), office.business.language)}"
    content, language = letters.raw(conn, office.key, str(about["kept"])), cast("str | None", about.get("language"))
    others = () if "contact" in fields else tuple(cast("list[str]", about.get("others") or []))
    source = Source(question.letter, str(about["name"]), content, language, others, bool(about.get("apart")))
    values = enter(conn, office, source, document, contact, now)
    if document.layout and not changed:
        layouts.keep(conn, office.key, document.layout, {}, cast("str", document.number), now)
        cast("list[JSON]", values["remarks"]).append(remark("learned", office.business.language))
    written = noting.restored(about.get("note"))
    note, number = written.note, cast("str", document.number)
    said, asked = noting.follow(conn, office, question.letter, note, written.theirs, number, now)
    values = {
        **values,
        **noting.addresses(conn, office, number),
        "remarks": [*cast("list[JSON]", values["remarks"]), *said],
        "note": asked,
    }
    tell_confirmed(conn, office, values, now, answers=str(about.get("answers") or ""))
    return "entered"


def tell_confirmed(conn: Connection, office: Office, values: dict[str, JSON], now: datetime, *, answers: str) -> None:
    """The confirmation of one invoice, to every owner."""
    number = str(values["number"])
    tell_owner(
        conn, office, "confirmation", f"confirmation/{number}", values, now,
        question=cast("int | None", values.get("note")), answers=answers, invoices=(number,),
    )  # fmt: skip


def with_fields(document: InvoiceDocument, fields: dict[str, str]) -> InvoiceDocument:
    """The document with the fields of a `correct` order; raises ValueError with the words that are no such value."""
    changes: dict[str, object] = {}
    for field, text in fields.items():
        try:
            changes |= _change(document, field, text.strip())
        except ValueError:
            raise ValueError(text) from None
    corrected = {*changes, *({"buyer.name"} if "buyer" in changes else ())}
    doubts = tuple(doubt for doubt in document.doubts if doubt.field not in corrected)
    return replace(document, **changes, doubts=doubts)  # type: ignore[arg-type]  # checked field by field


def _change(document: InvoiceDocument, field: str, text: str) -> dict[str, object]:
    """What one field of the order changes of the document."""
    if field in ("issue_date", "due_date"):
        return {field: date.fromisoformat(text)}
    if field == "total_net":
        return {field: parse_amount(text)}
    if field in ("total_gross", "amount"):
        amount = parse_amount(text)
        return {"total_gross": amount, "amount_due": amount}
    if field == "currency" and not is_currency(text, "en"):
        raise ValueError(text)
    if field in ("number", "currency"):
        return {field: text}
    return {"buyer": replace(document.buyer, name=text)} if field == "client" else {}


def to_json(document: InvoiceDocument) -> dict[str, JSON]:
    """As a question keeps it."""
    return cast("dict[str, JSON]", _DOCUMENT.dump_python(document, mode="json"))


def from_json(stored: dict[str, JSON]) -> InvoiceDocument:
    """The reverse of `to_json`."""
    return _DOCUMENT.validate_python(stored)


def _differs(read: InvoiceDocument, given: InvoiceDocument) -> bool:
    """Whether the owner put something right that the page says: what it does not say teaches nothing of its layout."""
    return any(
        getattr(read, field) is not None and getattr(read, field) != getattr(given, field) for field in ESSENTIAL
    ) or (read.buyer.name is not None and read.buyer.name != given.buyer.name)


def _is_known_layout(conn: Connection, office: Office, document: InvoiceDocument) -> bool:
    return document.layout is not None and layouts.find(conn, office.key, document.layout) is not None


def _is_strange_account(conn: Connection, office: Office, document: InvoiceDocument) -> bool:
    if not is_other_account(office, document) or document.seller.iban is None:
        return False
    return not invoices.with_account(conn, office.key, document.seller.iban)


def _asked_as(field: str) -> str:
    return {"total_gross": "amount_due", "buyer": "client", "buyer.name": "client"}.get(field, field)
