"""Documents that an owner forwarded or copied: each is sorted, and one mail says what was made of them all.

A document is known already, a purchase, no invoice, unreadable, doubtful (the owner is asked), or entered.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from mailbot.invoices.kinds import SENTENCES, is_of_a_signature, kind_of
from mailbot.invoices.papers import PAPERS
from mailbot.jobs import drafting, noting
from mailbot.jobs.addressing import of_document, recipient
from mailbot.jobs.entering import Source, enter, namesake, values_of
from mailbot.jobs.languages import written_in
from mailbot.jobs.mailing import ask, mail_question, tell_owner
from mailbot.jobs.noting import Written
from mailbot.jobs.office import Office
from mailbot.ledger import clients, invoices, letters, questions
from mailbot.model import JSON, Attachment, Doubt, InvoiceDocument, Letter, Problem, Reading
from mailbot.owner.notes import OBEYED, Note
from mailbot.owner.outcomes import outcome
from mailbot.owner.problems import document_words
from mailbot.owner.remarks import remark

UNREAD = InvoiceDocument(
    source="pdf-text", profile=None, kind="invoice", number=None, issue_date=None, due_date=None, currency=None,
    total_net=None, total_tax=None, total_gross=None, prepaid=None, amount_due=None,
)  # fmt: skip
"""A page of which nothing could be read."""

NOTHING_WRITTEN = Written()
Documents = list[tuple[str, bytes, InvoiceDocument | Problem]]
"""(file name, bytes, what it says)"""

_MOST_LINES = 40
"""So many documents are told of one by one in a mail; the rest is counted."""

Line = dict[str, JSON]
"""What became of one document: `kind` (entered, known, asked, note), what is said of it, its question if any.

It has a `note` where the words above the document were heeded: the number of the question about them, or None.
"""


def take_documents(
    conn: Connection,
    office: Office,
    letter_id: str,
    letter: Letter,
    found: Reading,
    documents: Documents,
    now: datetime,
) -> None:
    """Take in each document of an owner's mail; one mail to the owner says what was made of it."""
    contact = recipient(conn, office, letter, found)
    language = written_in(letter, found, contact)
    written = noting.written_with(office, letter, found, now)
    lines = []
    heeded: list[tuple[str | None, int]] = []
    apart = _named_apart(documents)
    for place, (name, content, document) in enumerate(apart):
        if isinstance(document, Problem) and document.code == "no_text":
            document = UNREAD  # a scanned page: the owner says what it is
        if isinstance(document, Problem):
            lines.append(_unread(conn, office, letter_id, letter, name, document, now))
        else:
            sent_to, others = of_document(conn, office, found, contact, document.buyer)
            line = take(
                conn, office, letter_id, letter.message_id, name, content, document, sent_to, now, others=others,
                place=place, language=language, written=written, alone=len(apart) == 1,
            )  # fmt: skip
            lines += [line] if line is not None else []
            if line is None or "note" in line:
                heeded.append((document.number, place + 1))
    if not documents:
        lines = _without_document(conn, office, letter_id, letter, now)
    why = outcome("above_forward", office.business.language)
    left = written.orders_left(heeded, len(apart))
    _answer(conn, office, letter_id, letter, lines, [{"order": line, "result": why} for line in left], now)


def take(
    conn: Connection, office: Office, letter_id: str, message_id: str, name: str, content: bytes,
    document: InvoiceDocument, contact: str | None, now: datetime, *, place: int = 0, language: str | None = None,
    written: Written = NOTHING_WRITTEN, alone: bool = True, others: tuple[str, ...] = (),
) -> Line | None:  # fmt: skip
    """One document that was read: what became of it. None where this very mail brought it before.

    `language`: the one in which the owner wrote to the client, where that is known. `written`: the owner's words above
    it, which are about this document where it is `alone` in its mail, or where they name it. `others`: addresses that
    the mail went to beside the contact, where nothing says which is the client's.
    """
    note = written.note.about(document.number, place + 1, alone=alone)
    document, contact, note = _as_noted(drafting.completed(document), contact, note)
    ours = office.business.language
    if _is_ours_to_pay(office, document):
        seller = document.seller.name or remark("somebody", ours)
        code = "purchase" if _is_to_us(office, document) else "of_another"
        buyer = document.buyer.name or remark("another", ours)
        return {"kind": "note", "text": remark(code, ours, name=name, seller=seller, buyer=buyer)}
    kept, _ = letters.keep(conn, office.key, content, now, direction="document")
    same = invoices.with_document(conn, office.key, content)
    known = _known(conn, office, document, same)
    if known is not None and (same == known.number or _says_the_same(known, document)):
        line = _known_already(conn, office, letter_id, known)
        return _with_note(conn, office, letter_id, line, note, written.theirs, known.number, now) if line else None
    if known is not None:
        return _revised(conn, office, known, document, name, kept, now)
    waiting = _asked_before(conn, office, letter_id, name, kept)
    if waiting is not None:
        text = remark("already_asked", ours, name=name, question=waiting.number)
        return {"kind": "known", "text": text, "question": waiting.number}
    same_number = namesake(conn, office, document.buyer)
    if same_number is not None:
        names = (document.buyer.name or "", same_number)
        document = replace(document, doubts=(*document.doubts, Doubt("buyer", "another client has its number", names)))
    if drafting.is_certain(conn, office, document):
        source = Source(letter_id, name, content, language, others)
        values = enter(conn, office, source, document, contact, now)
        line = {**values, "kind": "entered", "kind_of": document.kind}
        return _with_note(conn, office, letter_id, line, note, written.theirs, str(document.number), now)
    about: dict[str, JSON] = {
        "name": name, "kept": kept, "contact": contact, "document": drafting.to_json(document), "answers": message_id,
        "language": language, "others": [*others], "apart": same_number is not None,
        "note": replace(written, text="\n".join(_lines_of(note))).stored(),
        "said": cast("list[JSON]", noting.quoted(office, Note(words=_lines_of(note)), written.theirs)),
    }  # fmt: skip
    number = drafting.ask_fields(conn, office, letter_id, f"{place}/{name}" if place else name, about, now)
    return {**_asked(conn, office, number), "note": None}


def _as_noted(document: InvoiceDocument, contact: str | None, note: Note) -> tuple[InvoiceDocument, str | None, Note]:
    """The document with the fields that stand above it; what of them is no such value stays as words."""
    given = note.fields
    if not given:
        return document, contact, note
    try:
        return drafting.completed(drafting.with_fields(document, given)), given.get("contact", contact), note
    except ValueError:
        wrong = tuple(one.line.strip() for one in note.orders if one.verb == "correct")
        orders = tuple(one for one in note.orders if one.verb != "correct")
        return document, given.get("contact", contact), Note(orders, (*note.words, *wrong))


def _lines_of(note: Note) -> tuple[str, ...]:
    """What is still to be done with a document that is only asked about: its fields were put in."""
    return (*note.words, *(one.line.strip() for one in note.orders if one.verb in OBEYED))


def _with_note(
    conn: Connection, office: Office, letter_id: str, line: Line, note: Note, theirs: Sequence[str], number: str,
    now: datetime,
) -> Line:  # fmt: skip
    """What became of a document, and of the words above it."""
    said, question = noting.follow(conn, office, letter_id, note, theirs, number, now)
    remarks = [*cast("list[JSON]", line.get("remarks") or []), *said]
    return {**line, **noting.addresses(conn, office, number), "remarks": cast("JSON", remarks), "note": question}


def complete_draft(
    conn: Connection, office: Office, question: questions.Question, fields: dict[str, str], now: datetime
) -> str:
    """See `drafting.complete_draft`: the orders' door to it."""
    return drafting.complete_draft(conn, office, question, fields, now)


# ------------------------------------------------------------------------ what each document is


def _unread(
    conn: Connection, office: Office, letter_id: str, letter: Letter, name: str, problem: Problem, now: datetime
) -> Line:
    language = office.business.language
    if problem.code in PAPERS or problem.code in SENTENCES:
        return {"kind": "note", "text": remark(problem.code, language, name=name)}
    about: dict[str, JSON] = {
        "name": name,
        "why": document_words(problem.code, problem.message, language),
        "subject": letter.subject[:200],
    }
    key = f"document/{letter_id}/{name}"
    return _asked(conn, office, ask(conn, office, "unreadable_document", key, about, now, letter=letter_id))


def _without_document(conn: Connection, office: Office, letter_id: str, letter: Letter, now: datetime) -> list[Line]:
    """What a mail carries instead of an invoice; one that carries nothing is asked about."""
    language = office.business.language
    others = [(one.name, code) for one in _attachments(letter) if (code := _other_file(one)) is not None]
    if others:
        return [{"kind": "note", "text": remark(code, language, name=name)} for name, code in others]
    about: dict[str, JSON] = {"subject": letter.subject[:200]}
    asked = ask(conn, office, "no_document", f"document/{letter_id}", about, now, letter=letter_id)
    return [_asked(conn, office, asked)]


def _other_file(attachment: Attachment) -> str | None:
    kind = kind_of(attachment.name)
    if kind == "picture_file" and is_of_a_signature(attachment.name, len(attachment.content)):
        return None
    return kind or ("html_file" if attachment.type == "text/html" else None)


def _attachments(letter: Letter) -> list[Attachment]:
    found = list(letter.attachments)
    for enclosed in letter.enclosed:
        found += _attachments(enclosed)
    return found


def _named_apart(documents: Documents) -> Documents:
    """The same file twice in a mail is one document."""
    seen: set[bytes] = set()
    apart: Documents = []
    for name, content, document in documents:
        if content and content in seen:
            continue
        seen.add(content)
        apart.append((name, content, document))
    return apart


def _is_ours_to_pay(office: Office, document: InvoiceDocument) -> bool:
    """An invoice *to* the business is not ours to chase."""
    ours = office.business
    for mine, seller, buyer in (
        (ours.siren, document.seller.siren, document.buyer.siren),
        (ours.vat, document.seller.vat, document.buyer.vat),
    ):
        if mine and (_is(buyer, mine) or (seller and not _is(seller, mine))):
            return True
    mine, seller, buyer = (
        clients.name_key(name or "") for name in (ours.name, document.seller.name, document.buyer.name)
    )
    return bool(mine) and buyer == mine and seller not in ("", mine)


def _is_to_us(office: Office, document: InvoiceDocument) -> bool:
    """Whether the business itself is the buyer of what another sold; a document that names no buyer was sent to it."""
    ours, buyer = office.business, document.buyer
    mine, named = clients.name_key(ours.name), clients.name_key(buyer.name or "")
    by_number = (ours.siren and _is(buyer.siren, ours.siren)) or (ours.vat and _is(buyer.vat, ours.vat))
    return bool(by_number) or not named or named in mine or mine in named


def _is(number: str | None, mine: str) -> bool:
    return bool(number) and _bare(number or "") == _bare(mine)


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


# ------------------------------------------------------------------------ what is known already


def _known(
    conn: Connection, office: Office, document: InvoiceDocument, same_file: str | None
) -> invoices.Invoice | None:
    """The invoice that this document is: the very file, or its number."""
    if same_file is not None:
        return invoices.get(conn, office.key, same_file)
    if document.number is None or any(doubt.field == "number" for doubt in document.doubts):
        return None
    return invoices.get(conn, office.key, document.number)


def _known_already(conn: Connection, office: Office, letter_id: str, known: invoices.Invoice) -> Line | None:
    if known.letter == letter_id:
        return None  # read twice, or attached twice: this very mail brought it
    language = office.business.language
    values = values_of(conn, office, known)
    values |= {"number": known.number, "amount": str(known.amount), "due_date": known.due.isoformat()}
    return {**values, "kind": "known", "kind_of": known.kind, "text": remark("known", language, number=known.number)}


def _revised(
    conn: Connection, office: Office, known: invoices.Invoice, document: InvoiceDocument, name: str, kept: str,
    now: datetime,
) -> Line:  # fmt: skip
    """Other amounts or days under a known number: asked once, with both; nothing is changed before a yes."""
    about: dict[str, JSON] = {
        "number": known.number, "old_amount": str(known.amount), "old_due": known.due.isoformat(),
        "new_amount": str(abs(document.amount_due)) if document.amount_due is not None else None,
        "new_due": document.due_date.isoformat() if document.due_date else None,
        "currency": known.currency, "name": name, "kept": kept, "document": drafting.to_json(document),
    }  # fmt: skip
    key = f"revised/{known.number}/{about['new_amount']}/{about['new_due']}"
    return _asked(
        conn, office, ask(conn, office, "revised", key, about, now, client=known.client, invoice=known.number)
    )


def _says_the_same(known: invoices.Invoice, document: InvoiceDocument) -> bool:
    """Whether a document says what is known by now, or what this invoice's own document said before a correction.

    What a page does not say, or says in doubt, says nothing else.
    """
    doubted = {doubt.field for doubt in document.doubts}
    amount = None if doubted & {"amount_due", "total_gross"} else document.amount_due
    due = None if "due_date" in doubted else document.due_date
    first = known.document
    return (amount is None or abs(amount) in (known.amount, abs(first.amount_due or known.amount))) and (
        due is None or due in (known.due, first.due_date or known.due)
    )


def _asked_before(conn: Connection, office: Office, letter_id: str, name: str, kept: str) -> questions.Question | None:
    """The open question about the very same file, from another mail."""
    for question in questions.open_ones(conn, office.key):
        same = question.kind == "draft" and question.about.get("kept") == kept
        if same and (question.letter, question.about.get("name")) != (letter_id, name):
            return question
    return None


# ------------------------------------------------------------------------ one mail says it all


def _asked(conn: Connection, office: Office, number: int) -> Line:
    question = questions.get(conn, office.key, number)
    if question is None or question.state == "open":
        return {"kind": "asked", "question": number, "text": question.text if question is not None else ""}
    return {"kind": "known", "text": remark("answered_before", office.business.language, question=number)}


def _answer(
    conn: Connection, office: Office, letter_id: str, letter: Letter, lines: Sequence[Line], refused: Sequence[Line],
    now: datetime,
) -> None:  # fmt: skip
    """One document: the confirmation, the question or the sentence. Several: a line each in one mail.

    `refused`: the orders above them that are not carried out, which that mail says as well. What is known already
    concerns only the one who sent it again.
    """
    if not lines:
        return
    to = (letter.from_address,) if all(line["kind"] == "known" for line in lines) else ()
    if len(lines) == 1:
        _answer_one(conn, office, letter_id, letter, lines[0], refused, to, now)
        return
    asked = [cast("int", line["question"]) for line in lines if line["kind"] == "asked"]
    entered = [str(line["number"]) for line in lines if line["kind"] == "entered"]
    values: dict[str, JSON] = {
        "lines": [dict(line) for line in lines[:_MOST_LINES]],
        "more": max(len(lines) - _MOST_LINES, 0),
        "entered": len(entered),
        "asked": len(asked),
        "refused": [dict(one) for one in refused],
    }
    tell_owner(
        conn, office, "received", f"received/{letter_id}", values, now, to=to,
        question=asked[0] if len(asked) == 1 and not entered else None, answers=letter.message_id, invoices=entered,
    )  # fmt: skip


def _answer_one(
    conn: Connection, office: Office, letter_id: str, letter: Letter, line: Line, refused: Sequence[Line],
    to: Sequence[str], now: datetime,
) -> None:  # fmt: skip
    if line["kind"] == "entered":
        values = {**line, "kind": line["kind_of"]}
        drafting.tell_confirmed(conn, office, values, now, answers=letter.message_id)
    elif line["kind"] == "asked":
        number = cast("int", line["question"])
        key = f"question/{number}/{letter_id}"
        mail_question(conn, office, number, key, now, answers=letter.message_id, refused=refused)
    elif line["kind"] == "known" and "number" in line:
        key = f"known/{letter_id}"
        values = {**line, "kind": line["kind_of"]}
        tell_owner(conn, office, "already_known", key, values, now, to=to, answers=letter.message_id)
    else:
        one: dict[str, JSON] = {
            "lines": [dict(line)], "more": 0, "entered": 0, "asked": 0, "refused": [dict(each) for each in refused],
        }  # fmt: skip
        tell_owner(conn, office, "received", f"received/{letter_id}", one, now, to=to, answers=letter.message_id)
