"""An invoice or credit note is entered: its client found or made, its address judged, money and credits set off.

What the owner should know of it comes back as sentences, for the one mail that answers theirs.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from rapidfuzz import fuzz
from sqlalchemy import Connection

from mailbot.jobs.addressing import NEVER, against
from mailbot.jobs.booking import set_off
from mailbot.jobs.checking import remarks_on
from mailbot.jobs.languages import learn
from mailbot.jobs.mailing import ask
from mailbot.jobs.matching import match_earlier
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, invoices, questions
from mailbot.model import JSON, Doubt, InvoiceDocument, Party
from mailbot.money import write_amount_plain
from mailbot.owner.question_words import candidate_words, field_names
from mailbot.owner.remarks import remark

_SAME_NAME = 80.0
"""How alike two names are (of 100, rapidfuzz's token sets) that one address may belong to."""
_MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from: the letter, the file's name and its bytes; none of a list has one."""

    letter: str | None = None
    name: str | None = None
    content: bytes | None = None
    language: str | None = None
    """The one in which the owner wrote to the client, where that is known."""
    others: tuple[str, ...] = ()
    """Other addresses that the mail went to, where nothing says which of them is the client's."""
    apart: bool = False
    """The owner said that this client is not the one who is known by the same number."""


def enter(
    conn: Connection, office: Office, source: Source, document: InvoiceDocument, contact: str | None, now: datetime
) -> dict[str, JSON]:
    """Enter a complete document whose number is new; what the confirmation says of it.

    Nothing is mailed to the client here: the rules decide about that on their next look.
    """
    contact = contact or document.buyer.email
    client, is_new = client_of(conn, office, document.buyer, contact, apart=source.apart)
    number = cast("str", document.number)
    if is_new and source.language is not None:
        learn(conn, office, client, source.language, number, now, letter=source.letter)
    invoices.add(conn, office.key, client, document, source.letter, source.content, source.name, now)
    happened(conn, office, "invoice.received", number, now, client=client, invoice=number, letter=source.letter)
    said = [remark("new_client", office.business.language)] if is_new else []
    said += remarks_on(office, document, now)
    if contact:
        said += keep_address(conn, office, client, contact, document, number, now, others=source.others)
        if document.buyer.email and against(conn, office, contact.lower(), client, document.buyer) in NEVER:
            said += keep_address(conn, office, client, document.buyer.email, document, number, now)
    if document.kind == "credit_note":
        said += _credit(conn, office, client, document, now)
    else:
        _apply_earlier_credits(conn, office, client, number, now)
    refresh(conn, office, client, now)
    set_off(conn, office, client, now)
    match_earlier(conn, office, number, now)
    said += _settled(conn, office, document, now)
    return _confirmation(conn, office, number, said, now)


def _confirmation(conn: Connection, office: Office, number: str, said: list[str], now: datetime) -> dict[str, JSON]:
    """What a confirmation says of an invoice that is entered; asks for an address where there is none."""
    entered = ask_for_address(conn, office, number, now)
    if entered is None:
        return {}
    values = values_of(conn, office, entered)
    values["remarks"] = cast("list[JSON]", said)
    return values


def values_of(conn: Connection, office: Office, entered: invoices.Invoice) -> dict[str, JSON]:
    """What a mail to the owner says of an invoice or credit note of the ledger."""
    client = clients.get(conn, office.key, entered.client)
    usable = [one.email for one in client.contacts if one.usable]
    values = confirmation_values(client.name, usable, entered.document, office.business.language)
    if entered.kind == "credit_note":
        values["lowers"] = _lowers(conn, office, entered)
    return values


def _lowers(conn: Connection, office: Office, note: invoices.Invoice) -> JSON:
    """What a credit note is taken off: an invoice, or else all that the client owes; and what is still to pay of it.

    Nothing is said of what is left while a question stands about which invoice is meant.
    """
    asked = questions.by_dedupe_key(conn, office.key, _which(note.number))
    if asked is not None and asked.state == "open":
        return {"invoice": None, "left": None, "question": asked.number}
    owed = [one for one in invoices.of_client(conn, office.key, note.client) if one.kind == "invoice"]
    named = [one for one in owed if one.number == note.document.preceding_invoice]
    left = sum((one.open_amount for one in named or owed if one.currency == note.currency), Decimal(0))
    return {"invoice": named[0].number if named else None, "left": str(left), "question": None}


def ask_for_address(conn: Connection, office: Office, number: str, now: datetime) -> invoices.Invoice | None:
    """Ask the owner whom to write to, where the client of an open invoice has no address; gives the invoice."""
    entered = invoices.get(conn, office.key, number)
    if entered is None or entered.open_amount <= 0 or entered.kind != "invoice":
        return entered
    client = clients.get(conn, office.key, entered.client)
    if not client.contacts:
        about: dict[str, JSON] = {"client": client.id, "client_name": client.name, "invoice": number}
        ask(conn, office, "no_contact", f"no_contact/{client.id}", about, now, client=client.id, invoice=number)
    return entered


def confirmation_values(client: str, contacts: list[str], document: InvoiceDocument, language: str) -> dict[str, JSON]:
    """What a mail to the owner says of a document; a credit note's amount without the sign that some print."""
    amount = document.amount_due
    if document.kind == "credit_note" and amount is not None:
        amount = amount.copy_abs()
    return {
        "number": document.number,
        "kind": document.kind,
        "client": client,
        "contacts": cast("list[JSON]", contacts),
        "amount": str(amount),
        "currency": document.currency,
        "due_date": document.due_date.isoformat() if document.due_date else None,
        "doubts": [_doubt(doubt, document.currency, language) for doubt in document.doubts],
        "remarks": [],
    }


def namesake(conn: Connection, office: Office, buyer: Party) -> str | None:
    """The client of quite another name who is known by the buyer's number; None where the buyer is known by name.

    A VAT group shares one number, and so may a company and whom it writes for.
    """
    found = _numbered(conn, office, buyer)
    if found is None or not buyer.name or _is_called(conn, office, found, buyer.name):
        return None
    return clients.get(conn, office.key, found).name if clients.by_name(conn, office.key, buyer.name) is None else None


def _numbered(conn: Connection, office: Office, buyer: Party) -> int | None:
    return (clients.by_siren(conn, office.key, buyer.siren) if buyer.siren else None) or (
        clients.by_vat(conn, office.key, buyer.vat) if buyer.vat else None
    )


def client_of(
    conn: Connection, office: Office, buyer: Party, contact: str | None, *, apart: bool = False
) -> tuple[int, bool]:
    """(the client by its numbers, its name or its address; whether it is new). An accountant's address is several's.

    `apart`: not the client of another name who has the same number.
    """
    numbered = _numbered(conn, office, buyer)
    if numbered is not None and buyer.name and not _is_called(conn, office, numbered, buyer.name):
        named = clients.by_name(conn, office.key, buyer.name)
        if named is not None or apart:
            numbered, buyer = named, replace(buyer, siren=None, vat=None)
    found = (
        numbered
        or (_named(conn, office, buyer) if buyer.name else None)
        or (_at_address(conn, office, buyer, contact) if contact else None)
    )
    if found is not None:
        return found, False
    newest = clients.newest(conn, office.key)
    name = buyer.name or contact or "?"
    made = clients.add(conn, office.key, name, office.business.language, vat=buyer.vat, siren=buyer.siren)
    return made, made > newest


def _named(conn: Connection, office: Office, buyer: Party) -> int | None:
    found = clients.by_name(conn, office.key, buyer.name or "")
    return found if found is not None and not _is_another(conn, office, found, buyer) else None


def _at_address(conn: Connection, office: Office, buyer: Party, contact: str) -> int | None:
    found = clients.by_email(conn, office.key, contact)
    if found is None or _is_another(conn, office, found, buyer):
        return None
    return found if not buyer.name or _is_called(conn, office, found, buyer.name) else None


def _is_called(conn: Connection, office: Office, client: int, name: str) -> bool:
    known, mine = clients.get(conn, office.key, client), clients.name_key(name)
    return any(fuzz.token_set_ratio(mine, clients.name_key(one)) >= _SAME_NAME for one in (known.name, *known.aliases))


def _is_another(conn: Connection, office: Office, client: int, buyer: Party) -> bool:
    """Whether the numbers say that a client of that name or address is another company."""
    known = clients.get(conn, office.key, client)
    return any(
        mine and theirs and _bare(mine) != _bare(theirs)
        for mine, theirs in ((buyer.siren, known.siren), (buyer.vat, known.vat))
    )


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def keep_address(
    conn: Connection, office: Office, client: int, email: str, document: InvoiceDocument, number: str, now: datetime,
    *, others: tuple[str, ...] = (),
) -> list[str]:  # fmt: skip
    """Note the address; one that something speaks against is noted and not written to before the owner says yes."""
    email, language = email.lower(), office.business.language
    known = clients.get(conn, office.key, client)
    if email in {one.email for one in known.contacts}:
        return []
    why = against(conn, office, email, client, document.buyer) or ("one_of_several" if others else None)
    if why in NEVER:
        return [remark(why, language, email=email)]
    clients.set_contact(conn, office.key, client, email, usable=why is None)
    if why is None:
        return []
    about: dict[str, JSON] = {
        "client": client, "client_name": known.name, "email": email, "invoice": number,
        "why": remark(why, language, others=", ".join(others)),
    }  # fmt: skip
    key = f"address/{client}/{email}"
    question = ask(conn, office, "address", key, about, now, client=client, invoice=number)
    return [remark("address_asked", language, email=email, question=question)]


def _credit(conn: Connection, office: Office, client: int, document: InvoiceDocument, now: datetime) -> list[str]:
    """A credit note that names its invoice lowers it; one that names none lowers what the client owes in all.

    One that names an unknown invoice does the latter, and the owner is asked which one is meant.
    """
    language, named = office.business.language, document.preceding_invoice
    if not named:
        return []
    credited = invoices.get(conn, office.key, named)
    if credited is not None and credited.client == client and credited.kind == "invoice":
        rest = (document.amount_due or Decimal(0)).copy_abs() - credited.open_amount
        apply_credit(conn, office, client, document, named, now)
        return _rest_of_credit(conn, office, client, document, named, rest, now) if rest > 0 else []
    owed = [
        one for one in invoices.of_client(conn, office.key, client) if one.kind == "invoice" and one.open_amount > 0
    ]
    about: dict[str, JSON] = {
        "credit_note": document.number, "named": named, "client_name": clients.get(conn, office.key, client).name,
        "amount": str((document.amount_due or Decimal(0)).copy_abs()), "currency": document.currency,
        "choices": [one.number for one in owed[:_MOST_CHOICES]],
    }  # fmt: skip
    key = _which(document.number or "")
    question = ask(conn, office, "credit_reference", key, about, now, client=client, invoice=document.number)
    return [remark("credit_unknown", language, invoice=named, question=question)]


def _rest_of_credit(
    conn: Connection, office: Office, client: int, document: InvoiceDocument, named: str, rest: Decimal, now: datetime
) -> list[str]:
    """What a credit note is more than its invoice stays the client's: on other invoices, or back, says the owner."""
    about: dict[str, JSON] = {
        "credit_note": document.number, "named": named, "client_name": clients.get(conn, office.key, client).name,
        "amount": str(rest), "currency": document.currency,
    }  # fmt: skip
    key = f"credit_rest/{document.number}"
    question = ask(conn, office, "credit_rest", key, about, now, client=client, invoice=document.number)
    left = _money(rest, document.currency or "EUR", office.business.language)
    return [remark("credit_over", office.business.language, invoice=named, rest=left, question=question)]


def _which(credit_note: str) -> str:
    """The key of the question which invoice a credit note is for."""
    return f"credit/{credit_note}"


def apply_credit(
    conn: Connection, office: Office, client: int, document: InvoiceDocument, number: str, now: datetime
) -> None:
    """A credit note counts for one invoice, for what is open of it; once, however often it is said.

    What is left of it stays open on the credit note.
    """
    credited = invoices.get(conn, office.key, number)
    amount = (document.amount_due or Decimal(0)).copy_abs()
    if credited is not None:
        amount = min(amount, credited.open_amount)
    data: dict[str, JSON] = {"amount": str(amount), "credit_note": document.number}
    cause = f"{document.number}/{number}"
    happened(conn, office, "invoice.credited", cause, now, client=client, invoice=number, data=data)
    refresh(conn, office, client, now)


def _apply_earlier_credits(conn: Connection, office: Office, client: int, number: str, now: datetime) -> None:
    """Credit notes that came before the invoice that they name; they no longer ask which one is meant."""
    for one in invoices.of_client(conn, office.key, client):
        if one.kind != "credit_note" or one.document.preceding_invoice != number:
            continue
        asked = questions.by_dedupe_key(conn, office.key, _which(one.number))
        if asked is None or asked.state != "open":
            continue
        questions.expire(conn, office.key, asked.number, f"{number} has come", now)
        apply_credit(conn, office, client, one.document, number, now)


def _settled(conn: Connection, office: Office, document: InvoiceDocument, now: datetime) -> list[str]:
    """What is paid of a new invoice already, by its own words or by money that had come."""
    language, number = office.business.language, cast("str", document.number)
    entered = invoices.get(conn, office.key, number)
    if entered is None or entered.kind != "invoice":
        return []
    if entered.amount == 0:
        return [remark("paid_already", language)]
    said = []
    if document.prepaid and document.prepaid > 0:
        said = [_prepaid(document, entered, language)]
    if entered.open_amount == 0:
        return [*said, remark("paid_by_bank", language)]
    if entered.open_amount < entered.amount:
        left = _money(entered.open_amount, entered.currency, language)
        said.append(remark("part_paid_by_bank", language, open=left))
    for question in questions.open_ones(conn, office.key):
        if question.kind == "match" and question.asked_at == now and number in (question.about.get("open") or {}):
            said.append(remark("bank_asked", language, question=question.number))
    return said


def _prepaid(document: InvoiceDocument, entered: invoices.Invoice, language: str) -> str:
    """What the invoice says of an advance, and whether the amount that is followed is the rest of it."""
    prepaid, gross = document.prepaid or Decimal(0), document.total_gross
    rest = gross is None or abs(gross - prepaid) == entered.amount
    followed = _money(entered.amount, entered.currency, language)
    code = "paid_in_part" if rest else "paid_in_part_and_all_owed"
    return remark(code, language, prepaid=_money(prepaid, entered.currency, language), amount=followed)


def _money(amount: Decimal, currency: str, language: str) -> str:
    return write_amount_plain(amount, currency, language)


def _doubt(doubt: Doubt, currency: str | None, language: str) -> JSON:
    shown = candidate_words(doubt.field, doubt.candidates, {"currency": currency}, language)
    field = field_names([doubt.field], language)
    return {"field": field[:1].upper() + field[1:], "why": shown or {"fr": "à vérifier", "en": doubt.why}[language]}
