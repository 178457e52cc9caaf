"""A planned row becomes the bytes of its mail: facts from the ledger, words from the templates.

Where the web part can be reached (`web.public_url`), a mail to a client leads to its page; pictures and requests for
read receipts are in it only where the business wants them and the contact may be tracked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote

from segno import QRCode
from sqlalchemy import Connection

from mailbot.bank.references import rf
from mailbot.errors import DeliveryError
from mailbot.jobs.deciding import current_amounts
from mailbot.jobs.demanding import demand
from mailbot.jobs.office import Office
from mailbot.jobs.penalties import debtor_of
from mailbot.jobs.tracking import agreed
from mailbot.ledger import clients, events, invoices, letters, outgoing_lists, web_links
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import JSON, Attachment, Event
from mailbot.outbox.calendar import all_day
from mailbot.outbox.compose import Envelope, LetterContext, ListedInvoice, compose
from mailbot.outbox.dkim import signed
from mailbot.outbox.letter import penalty_of
from mailbot.outbox.threading import Written, references
from mailbot.outbox.tokens import LinkPurpose
from mailbot.outbox.tracking import may_track
from mailbot.outbox.transfer import as_png, points, transfer_code
from mailbot.rules.balance import taken_back

NOTICE = "formal_notice"
BEFORE_DUE = frozenset({"courtesy"})
"""Mails that a client may do without: nothing is owed yet."""

Headers = tuple[tuple[str, str], ...]


def compose_client(conn: Connection, office: Office, row: Outgoing, now: datetime) -> bytes:
    """The reminder as it will leave; raises DeliveryError where it cannot be written safely."""
    if office.public_url:
        web_links.keep(conn, office.key, row.id, _web_name(office, row), now)
    context = letter_context(conn, office, row, now)
    pictures: dict[str, Attachment] = {}
    if (code := _transfer_code(context)) is not None:
        context = replace(context, qr=f"transfer.{row.message_id.strip('<>')}", qr_points=points(code))
        pictures[context.qr] = Attachment("transfer.png", "image/png", as_png(code))
    rendered = office.templates.render(row.template, context.language, context.values())
    envelope = Envelope(
        sender=office.business.mailbox.mail_address,
        sender_name=office.business.name,
        recipient=row.recipient,
        recipient_name=context.contact,
        message_id=row.message_id,
        date=now,
        reply_to=context.reply_to,
        references=_references(conn, office, row),
        extra=(*_receipt_request(conn, office, row), *_one_click_stop(office, row)),
    )
    return _signed(office, compose(rendered, envelope, _attachments(conn, office, row), pictures), now)


def compose_owner(conn: Connection, office: Office, row: Outgoing, now: datetime) -> bytes:
    """A mail to an owner. Its address carries a token: an answer to it proves who got it."""
    business = office.business
    question = row.context.get("question")
    if not business.mailbox.plus_addresses:
        reply_to = business.mailbox.mail_address
    elif isinstance(question, int):
        reply_to = office.tokens.reply_address(
            business.mailbox.mail_address, "question", office.key, question, office.day(now)
        )
    else:
        reply_to = office.tokens.owner_address(business.mailbox.mail_address, office.key, office.day(now))
    values = row.context["values"]
    if not isinstance(values, dict):
        raise DeliveryError(f"the row {row.id} has no values for its mail", temporary=False)
    answers = row.context.get("answers")
    rendered = office.templates.render(row.template, business.language, {**values, "reply_to": reply_to})
    envelope = Envelope(
        sender=business.mailbox.mail_address,
        sender_name=f"{business.name} (mailbot)",
        recipient=row.recipient,
        message_id=row.message_id,
        date=now,
        reply_to=reply_to,
        references=(answers,) if isinstance(answers, str) and answers else (),
        auto_submitted="auto-replied" if answers else "auto-generated",
    )
    return _signed(office, compose(rendered, envelope, _enclosed(conn, office, row)), now)


def letter_context(conn: Connection, office: Office, row: Outgoing, now: datetime) -> LetterContext:
    """All facts of a reminder at this moment."""
    if row.client is None:
        raise DeliveryError(f"the row {row.id} is no letter to a client", temporary=False)
    business, client = office.business, clients.get(conn, office.key, row.client)
    known = events.of_client(conn, office.key, row.client)
    amounts = current_amounts(conn, office, row.client, now)
    lead = row.invoices[0]
    trigger = next((event for event in known if event.id == row.trigger), None)
    contact = next((contact for contact in client.contacts if contact.email == row.recipient), None)
    day = office.day(now)
    demanded, _ = demand(
        conn, office, row.client, row.invoices, day, now, claims=bool(row.context.get("claim"))
    )  # what cannot be worked out is left out, and the digest says which rate is missing
    amounts |= {one.number: one.open for one in demanded.items}
    listed = _listed(conn, office, row, amounts)
    language = "fr" if client.language == "fr" else "en"
    return LetterContext(
        business=business.name,
        client=client.name,
        language=client.language,
        tone=row.tone or "neutral",
        today=day,
        invoices=listed,
        reply_to=_reply_to(office, row),
        contact=contact.name if contact else "",
        signature=business.signature or "",
        iban=business.iban or "",
        bic=business.bic or "",
        reference=" ".join(row.invoices[:3]),
        rf=_creditor_reference(listed),
        pay_url=pay_url(business.pay_url, lead, amounts[lead], listed[0].currency),
        previous_on=_last_mail(known, lead),
        promise_date=_day(row.context.get("promise")) or _promise_date(known, lead),
        paid_amount=_decimal(trigger, "amount"),
        paid_on=_date(trigger, "paid_on"),
        deadline=demanded.deadline if row.template == NOTICE else None,
        b2b=debtor_of(office, client) == "business",
        basis=demanded.basis,
        siren=business.siren or "",
        attached=tuple(attachment.name for attachment in _attachments(conn, office, row)),
        penalties=tuple(penalty_of(one, with_parts=row.template == NOTICE) for one in demanded.late),
        interest_law=demanded.interest_law[language],
        indemnity_law=demanded.indemnity_law[language],
        page_url=_web_url(office, row, "page"),
        words=_strings(row.context.get("words")),
        pixel_url=_picture_url(conn, office, row),
    )


def _signed(office: Office, raw: bytes, now: datetime) -> bytes:
    return signed(raw, office.dkim, now) if office.dkim is not None else raw


def _references(conn: Connection, office: Office, row: Outgoing) -> tuple[str, ...]:
    """All mails of the letter's thread, with what the client answered to them."""
    answered = row.context.get("answers")
    wrote = (answered,) if isinstance(answered, str) and answered else ()
    if row.thread is None or row.client is None:
        return wrote
    sent = [Written(*one) for one in outgoing_lists.thread(conn, office.key, row.thread)]
    if not sent:
        return wrote
    came = letters.from_client(conn, office.key, row.client, sent[0].at)
    known = references(sent, [(Written(name, at), head) for name, at, head in came])
    return (*(one for one in known if one not in wrote), *wrote)


def _reply_to(office: Office, row: Outgoing) -> str:
    address = office.business.mailbox.mail_address
    if not office.business.mailbox.plus_addresses:
        return address
    return office.tokens.reply_address(address, "reply", office.key, row.id)


def _web_name(office: Office, row: Outgoing) -> str:
    """The random name that web addresses have for this mail."""
    return office.tokens.mark(f"web|{office.key}|{row.id}|{row.message_id}")


def _web_url(office: Office, row: Outgoing, purpose: LinkPurpose) -> str:
    """The address of a mail's page, picture or stop; "" where the web part cannot be reached from outside."""
    if not office.public_url:
        return ""
    place, ending = _PLACES[purpose]
    return f"{office.public_url.rstrip('/')}/{place}/{office.tokens.link(purpose, _web_name(office, row))}{ending}"


_PLACES: Mapping[LinkPurpose, tuple[str, str]] = {"picture": ("o", ".gif"), "page": ("i", ""), "stop": ("u", "")}


def _picture_url(conn: Connection, office: Office, row: Outgoing) -> str:
    wanted = may_track(office.business.tracking.opens, agreed(conn, office, row.recipient))
    return _web_url(office, row, "picture") if wanted else ""


def _receipt_request(conn: Connection, office: Office, row: Outgoing) -> Headers:
    """A read receipt is asked for (RFC 8098); to the sender's own address, or mail readers warn or drop the wish."""
    if not may_track(office.business.tracking.read_receipts, agreed(conn, office, row.recipient)):
        return ()
    return (("Disposition-Notification-To", office.business.mailbox.mail_address),)


def _one_click_stop(office: Office, row: Outgoing) -> Headers:
    """RFC 8058, for mails before the due date only: nobody unsubscribes from a debt."""
    url = _web_url(office, row, "stop") if row.template in BEFORE_DUE else ""
    if not url:
        return ()
    return (("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))


def _listed(conn: Connection, office: Office, row: Outgoing, amounts: dict[str, Decimal]) -> tuple[ListedInvoice, ...]:
    listed = []
    for number in row.invoices:
        invoice = invoices.get(conn, office.key, number)
        if invoice is not None and (row.is_answer or amounts.get(number, Decimal(0)) > 0):
            owed = amounts.get(number, Decimal(0))
            listed.append(ListedInvoice(number, invoice.issued, invoice.due, invoice.amount, owed, invoice.currency))
    if not listed:
        raise DeliveryError(f"nothing is open any more on {', '.join(row.invoices)}", temporary=False)
    return tuple(listed)


def _enclosed(conn: Connection, office: Office, row: Outgoing) -> list[Attachment]:
    """The files of a mail to the owner, as they were made when it was planned."""
    listed = row.context.get("attached")
    files = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return [
        Attachment(str(one["name"]), str(one["type"]), letters.raw(conn, office.key, str(one["letter"])))
        for one in files
    ]


MOST_ATTACHED = 7_000_000
"""Bytes of invoices in one reminder: base64 adds a third, and many servers take no mail over 10 MB. What does not fit
is left out, and the letter names only what is there."""


def _attachments(conn: Connection, office: Office, row: Outgoing) -> list[Attachment]:
    attach = row.context.get("attach")
    promised = _day(row.context.get("promise"))
    if promised is not None:
        return [_calendar_entry(office, row, promised)]
    if not isinstance(attach, Sequence) or "invoice" not in attach:
        return []
    kept = (invoices.document(conn, office.key, number) for number in row.invoices)
    found: list[Attachment] = []
    left = MOST_ATTACHED
    for name, content in (document for document in kept if document is not None):
        if len(content) <= left:
            left -= len(content)
            kind = "application/xml" if name.lower().endswith(".xml") else "application/pdf"
            found.append(Attachment(name, kind, content))
    return found


def _calendar_entry(office: Office, row: Outgoing, promised: date) -> Attachment:
    """The promised day for the client's calendar."""
    lead = ", ".join(row.invoices[:3])
    uid = row.message_id.strip("<>")
    content = all_day(uid, promised, f"{office.business.name} : {lead}", row.created_at)
    return Attachment(f"{promised.isoformat()}.ics", "text/calendar", content)


def _strings(value: JSON) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _day(value: JSON) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def pay_url(pattern: str | None, number: str, amount: Decimal, currency: str = "EUR") -> str:
    """The business's own payment page for an invoice and what is open of it; "" where it has none."""
    if not pattern:
        return ""
    values = {"{number}": quote(number, safe=""), "{amount}": f"{amount:.2f}", "{currency}": quote(currency, safe="")}
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return pattern


def _creditor_reference(listed: Sequence[ListedInvoice]) -> str:
    """The RF reference, by the function that the matcher compares with; several invoices have none together."""
    if len(listed) != 1:
        return ""
    try:
        return rf(listed[0].number)
    except ValueError:
        return ""


def _transfer_code(context: LetterContext) -> QRCode | None:
    """The transfer of all that the letter lists and that is open today; never of several currencies."""
    currencies = {one.currency for one in context.invoices}
    if len(currencies) != 1:
        return None
    return transfer_code(
        name=context.business, iban=context.iban, bic=context.bic, currency=currencies.pop(), rf=context.rf,
        amount=sum((one.open for one in context.invoices), Decimal(0)),
        numbers=[one.number for one in context.invoices],
    )  # fmt: skip


def _last_mail(known: Sequence[Event], lead: str) -> date | None:
    def about(event: Event) -> bool:
        listed = event.data.get("invoices")
        return event.name == "mail.sent" and isinstance(listed, list) and lead in listed

    return max((event.day for event in known if about(event)), default=None)


def _promise_date(known: Sequence[Event], lead: str) -> date | None:
    undone = taken_back(known)
    promised = [
        day
        for event in known
        if event.name in ("reply.promise", "owner.promise") and event.invoice in (lead, None) and event.id not in undone
        and (day := _date(event, "promise_date") or _date(event, "date")) is not None
    ]  # fmt: skip
    return promised[-1] if promised else None


def _date(event: Event | None, key: str) -> date | None:
    value = event.data.get(key) if event else None
    return date.fromisoformat(value) if isinstance(value, str) else None


def _decimal(event: Event | None, key: str) -> Decimal | None:
    value = event.data.get(key) if event else None
    return Decimal(value) if isinstance(value, str) else None
