"""Invoices that an owner forwarded or copied: the client is found or made, the invoice entered, the owner answered."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import Connection

from mailbot.jobs.booking import set_off
from mailbot.jobs.mailing import ask, mail_question, tell_owner
from mailbot.jobs.matching import match_earlier
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, invoices, letters, questions
from mailbot.model import JSON, Doubt, InvoiceDocument, Letter, Party, Problem, Reading
from mailbot.money import parse_amount
from mailbot.owner.problems import problem_words
from mailbot.owner.questions import field_names

ESSENTIAL = ("number", "issue_date", "due_date", "currency", "amount_due")
_NO_PERSON = (
    "noreply",
    "no-reply",
    "ne-pas-repondre",
    "nepasrepondre",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
)
_DOCUMENT: TypeAdapter[InvoiceDocument] = TypeAdapter(InvoiceDocument)

UNREAD = InvoiceDocument(
    source="pdf-text", profile=None, kind="invoice", number=None, issue_date=None, due_date=None, currency=None,
    total_net=None, total_tax=None, total_gross=None, prepaid=None, amount_due=None,
)  # fmt: skip
"""A page of which nothing could be read."""

Documents = list[tuple[str, bytes, InvoiceDocument | Problem]]
"""(file name, bytes, what it says)"""


def take_documents(
    conn: Connection,
    office: Office,
    letter_id: str,
    letter: Letter,
    found: Reading,
    documents: Documents,
    now: datetime,
) -> None:
    """Enter each document of an owner's mail; one mail to the owner says what was made of it."""
    for name, content, document in documents:
        cause = f"{letter_id}/{name}"
        if isinstance(document, Problem) and document.code == "no_text":
            document = UNREAD  # a scanned page: the owner says what it is
        if isinstance(document, Problem):
            about: dict[str, JSON] = {
                "name": name,
                "why": problem_words(document.code, document.message, office.business.language),
                "subject": letter.subject[:200],
            }
            ask(conn, office, "unreadable_document", f"document/{cause}", about, now, letter=letter_id)
            continue
        take(
            conn,
            office,
            letter_id,
            letter.message_id,
            name,
            content,
            document,
            _recipient(office, letter, found),
            now,
            sender=letter.from_address,
        )
    if not documents:
        ask(
            conn,
            office,
            "no_document",
            f"document/{letter_id}",
            {"subject": letter.subject[:200]},
            now,
            letter=letter_id,
        )


def take(
    conn: Connection, office: Office, letter_id: str, message_id: str, name: str, content: bytes,
    document: InvoiceDocument, contact: str | None, now: datetime, *, sender: str,
) -> None:  # fmt: skip
    """One document: known already (which only its sender is told), not ours, incomplete, or entered."""
    kept, _ = letters.keep(conn, office.key, content, now, direction="document")
    about: dict[str, JSON] = {
        "name": name,
        "kept": kept,
        "contact": contact,
        "document": to_json(document),
        "answers": message_id,
    }
    if _is_ours_to_pay(office, document):
        ask(conn, office, "not_ours", f"not_ours/{letter_id}/{name}", about, now, letter=letter_id)
        return
    missing = _missing(document)
    # The page of a PDF without data is read by labels: likely right is not enough to chase somebody.
    if missing or document.source == "pdf-text" or any(doubt.field in ESSENTIAL for doubt in document.doubts):
        _ask_fields(conn, office, letter_id, name, about, missing, now)
        return
    known = invoices.get(conn, office.key, cast("str", document.number))
    if known is not None:
        _known_already(conn, office, letter_id, message_id, known, document, now, sender)
        return
    _enter(conn, office, letter_id, message_id, name, content, document, contact, now)


def complete_draft(
    conn: Connection, office: Office, question: questions.Question, fields: dict[str, str], now: datetime
) -> str:
    """Put the owner's words into an incomplete invoice; "entered", "incomplete: …" or "bad: …"."""
    about = dict(question.about)
    document = from_json(cast("dict[str, JSON]", about["document"]))
    try:
        document = with_fields(document, fields)
    except ValueError as error:
        return f"bad: {error}"
    contact = fields.get("contact") or cast("str | None", about.get("contact"))
    missing = _missing(document)
    about.update(document=to_json(document), contact=contact, missing=list(missing))
    questions.update_about(conn, office.key, question.number, about)
    if missing:
        return f"incomplete: {', '.join(missing)}"
    name, letter_id = str(about["name"]), question.letter or ""
    content = letters.raw(conn, office.key, str(about["kept"]))
    if invoices.get(conn, office.key, cast("str", document.number)) is not None:
        return "bad: known"
    _enter(conn, office, letter_id, str(about.get("answers") or ""), name, content, document, contact, now)
    return "entered"


def with_fields(document: InvoiceDocument, fields: dict[str, str]) -> InvoiceDocument:
    """The document with the fields of a `correct` order; raises ValueError with a sentence."""
    changes: dict[str, object] = {}
    for field, text in fields.items():
        if field in ("issue_date", "due_date"):
            changes[field] = date.fromisoformat(text)
        elif field in ("total_gross", "total_net", "amount"):
            amount = _amount(text)
            changes["total_gross" if field == "amount" else field] = amount
            if field != "total_net":
                changes["amount_due"] = amount
        elif field in ("number", "currency"):
            changes[field] = text.strip()
        elif field == "client":
            changes["buyer"] = replace(document.buyer, name=text.strip())
    corrected = {*changes, *({"amount_due"} if "total_gross" in changes else ())}
    doubts = tuple(doubt for doubt in document.doubts if doubt.field not in corrected)
    return replace(document, **changes, doubts=doubts)  # type: ignore[arg-type]  # checked field by field above


def to_json(document: InvoiceDocument) -> dict[str, JSON]:
    """As a question keeps it."""
    return cast("dict[str, JSON]", _DOCUMENT.dump_python(document, mode="json"))


def from_json(stored: dict[str, JSON]) -> InvoiceDocument:
    """The reverse of `to_json`."""
    return _DOCUMENT.validate_python(stored)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return parse_amount(text)


def _missing(document: InvoiceDocument) -> tuple[str, ...]:
    missing = [field for field in ESSENTIAL if getattr(document, field) is None]
    if document.buyer.name is None:
        missing.append("client")
    return tuple(missing)


def _recipient(office: Office, letter: Letter, found: Reading) -> str | None:
    """Whom the owner had sent the invoice to: the forwarded or copied mail says it."""
    ours = {office.business.mailbox.mail_address, *office.business.owners}
    box = office.business.mailbox.mail_address.partition("@")
    original = found.forwarded.to if found.forwarded else ()
    for address in (*original, *letter.to):
        local, _, host = address.lower().partition("@")
        to_the_bot = host == box[2] and local.partition("+")[0] == box[0]
        if address.lower() not in ours and not to_the_bot and not local.startswith(_NO_PERSON):
            return address.lower()
    return None


def _is_ours_to_pay(office: Office, document: InvoiceDocument) -> bool:
    """An invoice *to* the business is not ours to chase."""
    ours = office.business
    for mine, seller, buyer in (
        (ours.siren, document.seller.siren, document.buyer.siren),
        (ours.vat, document.seller.vat, document.buyer.vat),
    ):
        if mine and (buyer == mine or (seller and seller != mine)):
            return True
    return False


def _ask_fields(
    conn: Connection,
    office: Office,
    letter_id: str,
    name: str,
    about: dict[str, JSON],
    missing: tuple[str, ...],
    now: datetime,
) -> None:
    document = from_json(cast("dict[str, JSON]", about["document"]))
    doubtful = [doubt.field for doubt in document.doubts if doubt.field in ESSENTIAL and doubt.field not in missing]
    about = {**about, "missing": [*missing], "doubtful": cast("list[JSON]", doubtful)}
    number = ask(conn, office, "draft", f"draft/{letter_id}/{name}", about, now, letter=letter_id)
    mail_question(conn, office, number, f"draft/{letter_id}/{name}", now, answers=str(about["answers"]))


def _enter(
    conn: Connection, office: Office, letter_id: str, message_id: str, name: str, content: bytes,
    document: InvoiceDocument, contact: str | None, now: datetime,
) -> None:  # fmt: skip
    contact = contact or document.buyer.email
    client = _client(conn, office, document.buyer, contact)
    number = cast("str", document.number)
    invoices.add(conn, office.key, client, document, letter_id, content, name, now)
    happened(conn, office, "invoice.received", number, now, client=client, invoice=number, letter=letter_id)
    if document.kind == "credit_note":
        _credit(conn, office, client, document, now)
    refresh(conn, office, client, now)
    set_off(conn, office, client, now)
    match_earlier(conn, office, number, now)
    known = clients.get(conn, office.key, client)
    usable = [one.email for one in known.contacts if one.usable]
    if not usable:
        about: dict[str, JSON] = {"client": client, "client_name": known.name, "invoice": number}
        ask(conn, office, "no_contact", f"no_contact/{client}", about, now, client=client, invoice=number)
    values = confirmation_values(known.name, usable, document, office.business.language)
    tell_owner(conn, office, "confirmation", f"confirmation/{number}", values, now, answers=message_id)


def confirmation_values(client: str, contacts: list[str], document: InvoiceDocument, language: str) -> dict[str, JSON]:
    """What the confirmation to the owner says of an invoice."""
    return {
        "number": document.number,
        "kind": document.kind,
        "client": client,
        "contacts": cast("list[JSON]", contacts),
        "amount": str(document.amount_due),
        "currency": document.currency,
        "due_date": document.due_date.isoformat() if document.due_date else None,
        "doubts": [_doubt(doubt, language) for doubt in document.doubts],
    }


def _doubt(doubt: Doubt, language: str) -> JSON:
    why = ", ".join(doubt.candidates) or {"fr": "à vérifier", "en": doubt.why}[language]
    return {"field": field_names([doubt.field], language), "why": why}


def _client(conn: Connection, office: Office, buyer: Party, contact: str | None) -> int:
    """The client by its numbers, its address or its name; made where it is new."""
    found = (
        (clients.by_siren(conn, office.key, buyer.siren) if buyer.siren else None)
        or (clients.by_vat(conn, office.key, buyer.vat) if buyer.vat else None)
        or (clients.by_email(conn, office.key, contact) if contact else None)
        or (clients.by_name(conn, office.key, buyer.name) if buyer.name else None)
    )
    if found is None:
        found = clients.add(
            conn,
            office.key,
            buyer.name or contact or "?",
            office.business.language,
            vat=buyer.vat,
            siren=buyer.siren,
        )
    if contact and contact not in {one.email for one in clients.get(conn, office.key, found).contacts}:
        clients.set_contact(conn, office.key, found, contact)
    return found


def _credit(conn: Connection, office: Office, client: int, document: InvoiceDocument, now: datetime) -> None:
    """A credit note that names its invoice lowers it; one that names none lowers what the client owes in all."""
    credited = document.preceding_invoice
    if credited and invoices.get(conn, office.key, credited) is not None:
        data: dict[str, JSON] = {"amount": str(document.amount_due), "credit_note": document.number}
        happened(
            conn,
            office,
            "invoice.credited",
            f"{document.number}/{credited}",
            now,
            client=client,
            invoice=credited,
            data=data,
        )


def _known_already(
    conn: Connection,
    office: Office,
    letter_id: str,
    message_id: str,
    known: invoices.Invoice,
    document: InvoiceDocument,
    now: datetime,
    sender: str,
) -> None:
    if known.amount == document.amount_due and known.due == document.due_date:
        if known.letter == letter_id:
            return  # read twice, or attached twice: this very mail brought it
        values = confirmation_values(
            clients.get(conn, office.key, known.client).name, [], document, office.business.language
        )
        key = f"known/{letter_id}"
        tell_owner(conn, office, "already_known", key, values, now, to=(sender,), answers=message_id)
        return
    about: dict[str, JSON] = {
        "number": known.number, "old_amount": str(known.amount), "old_due": known.due.isoformat(),
        "new_amount": str(document.amount_due), "new_due": document.due_date.isoformat() if document.due_date else None,
        "currency": known.currency,
    }  # fmt: skip
    ask(
        conn,
        office,
        "revised",
        f"revised/{letter_id}/{known.number}",
        about,
        now,
        client=known.client,
        invoice=known.number,
    )
