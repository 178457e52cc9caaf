"""The one door of the inbox: a letter in, what it turned out to be out.

The tests come in this order: reports by structure, bounces by their words, automatic answers, list mail, the
owner (invoice, bank file, orders), then a client's words. A third of bounces also call themselves automatic
answers, which is why they come first. Only the new text of a mail is ever understood, never what it quotes.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mailbot.inbox.absence import is_absence_note, return_date, substitute
from mailbot.inbox.automatic import AutoReply, auto_reply, is_list_mail, is_receipt, tells_of_absence
from mailbot.inbox.besides import doubted_besides
from mailbot.inbox.calendars import calendar_method
from mailbot.inbox.certified import opened
from mailbot.inbox.dayorder import month_first
from mailbot.inbox.forwards import find_forward
from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.inbox.intents import Understanding, understand
from mailbot.inbox.languages import detect
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.quotes import NewText, new_text
from mailbot.inbox.reports import DELIVERED, read_report
from mailbot.inbox.risks import (
    BANK_CHANGE,
    CALENDAR,
    CHALLENGE,
    ENCRYPTED,
    LOOK_ALIKE,
    asks_for_other_bank_details,
    looks_like,
)
from mailbot.inbox.sealed import is_encrypted
from mailbot.inbox.sender import Sender, who
from mailbot.inbox.weighing import MONEY
from mailbot.model import Attachment, Forwarded, Intent, Kind, Letter, Reading, Report
from mailbot.owner.orders import parse_orders

_PASSED_ON = re.compile(r"\s*(?:tr|fw|fwd|wg|rv)\s*:", re.IGNORECASE)
_REPORTED: dict[str, tuple[Kind, Intent | None]] = {
    "dsn": (Kind.BOUNCE, Intent.BOUNCE),
    "plain": (Kind.BOUNCE, Intent.BOUNCE),
    "mdn": (Kind.READ_RECEIPT, Intent.READ_RECEIPT),
    "arf": (Kind.COMPLAINT, None),
}
_HELD = frozenset({Intent.DISPUTE, Intent.REFUSAL, Intent.INSOLVENCY, Intent.STOP})
"""What an automatic answer may say that the owner must see: a desk may send a person's words as its own. Where only
words tell that it is automatic, a promise with a day is a person's too; "payments are made on return" is none."""
_EPOCH = date(1970, 1, 1)
_BANK_NAME = re.compile(r"\.(?:ofx|qfx|qbo|sta|swi|mt94[02]|94[02]|camt|c5[234]|csv|tsv)$", re.IGNORECASE)
_INVOICE_NAME = re.compile(r"\.(?:pdf|xml|zip)$", re.IGNORECASE)
_BANK_HEAD = re.compile((rb"OFXHEADER|<OFX>|<\?OFX|camt\.05[23]|BkToCstmr|^:20:|\{1:F01|\r?\n:6[01]F?:"), re.MULTILINE)


def read_raw(
    raw: bytes,
    owners: Sequence[str] = (),
    authserv_id: str | None = None,
    today: date | None = None,
    own_words: str | None = None,
) -> tuple[Letter, Reading]:
    """`parse_letter` and `read_letter` in one call; of a certified envelope, the mail inside it is the letter.

    Raises ReaderError for mail beyond the bounds.
    """
    letter = parse_letter(raw)
    return opened(letter), read_letter(letter, owners, authserv_id, today, own_words)


def read_letter(
    letter: Letter,
    owners: Sequence[str] = (),
    authserv_id: str | None = None,
    today: date | None = None,
    own_words: str | None = None,
) -> Reading:
    """What `letter` is. Relative dates are seen from its own date; from `today` only where it has none.

    `own_words`: a business's own lexicon, as `lexicon.own.own_words` gives it.
    """
    base = letter.date.date() if letter.date else today or _EPOCH
    sender = who(letter, owners, authserv_id)
    letter = opened(letter)
    own = new_text(letter)
    language = detect(own.text, detect(f"{letter.subject}\n{own.quoted[:2000]}"))
    plain = Reading(
        Kind.REPLY,
        language,
        new_text=own.text,
        shown=own.shown,
        signature=own.signature,
        authentic=sender.authentic,
    )
    report = read_report(letter)
    if report:
        return _reported(plain, report)
    order = month_first(letter, own.signature, language)
    automatic = auto_reply(letter, language or "fr", base, month_first=order)
    if automatic and not (sender.is_owner and _may_be_the_owners(letter, automatic)):
        return _automatic(plain, letter, automatic, base, own_words)
    if sender.is_owner:
        return _owners(letter, plain, own, sender, base)
    if is_list_mail(letter):
        return replace(plain, kind=Kind.UNRELATED, intent=Intent.UNRELATED, confidence=0.9, sure=True)
    if is_absence_note(own.text, language, base, own_words):
        note = AutoReply(return_date(own.text, language or "fr", base, month_first=order), "note")
        return _automatic(plain, letter, note, base, own_words)
    if is_receipt(own.text):
        return _automatic(plain, letter, AutoReply(None, "receipt"), base, own_words)
    said = doubted_besides(_clients(letter, plain, own, base, own_words), letter, base, own_words)
    return _doubted(letter, own, said, owners)


def _automatic(plain: Reading, letter: Letter, found: AutoReply, base: date, own_words: str | None) -> Reading:
    """An absence note or a receipt. What a desk or an absent person says in it besides is the owner's to see."""
    text = plain.new_text
    said = understand(text, plain.language, base, own_words=own_words)
    dated = said.promise_date or said.paid_date
    heeded = _HELD | MONEY if dated and not found.by_header else _HELD
    also = () if said.guessed else tuple(one for one in (said.intent, *said.also) if one in heeded)
    return replace(
        plain,
        kind=Kind.AUTO_REPLY,
        intent=Intent.AUTO_REPLY,
        also=also,
        confidence=0.6 if also else 0.95,
        sure=not also,
        return_date=found.return_date,
        because=_line_with(text),
        new_contact=substitute(text, letter.from_address),
        flags=(CHALLENGE,) if found.why == "challenge" else (),
    )


def _reported(plain: Reading, report: Report) -> Reading:
    kind, intent = _REPORTED["mdn" if report.action in DELIVERED else report.type]
    return replace(
        plain, kind=kind, intent=intent, confidence=0.97, sure=True, report=report, because=_line_with(plain.new_text)
    )


def _line_with(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())[:1]


# ---------------------------------------------------------------------------------------------- owners


def _owners(letter: Letter, plain: Reading, own: NewText, sender: Sender, base: date) -> Reading:
    carried = _attachments(letter)
    if any(_is_bank_file(a) for a in carried):
        return replace(plain, kind=Kind.BANK_FEED, confidence=0.95, sure=True)
    forwarded = find_forward(letter) or _copied(letter, sender)
    if forwarded and (any(_is_invoice_file(a) for a in carried) or not letter.in_reply_to):
        return replace(plain, kind=Kind.INVOICE, confidence=0.95, sure=True, forwarded=forwarded)
    if any(_is_invoice_file(a) for a in carried):
        return replace(plain, kind=Kind.INVOICE, confidence=0.9, sure=True, forwarded=forwarded)
    if sender.authentic is False:
        return replace(plain, kind=Kind.ORDER, confidence=0.5, forwarded=forwarded)
    said = own.text if own.text.strip() else _subject_line(letter.subject)
    orders, unknown = parse_orders(said, plain.language or "fr", base if base != _EPOCH else None)
    return replace(
        plain,
        kind=Kind.ORDER,
        confidence=0.95 if orders else 0.5,
        sure=bool(orders),
        orders=orders,
        unknown_lines=unknown,
        forwarded=forwarded,
    )


def _may_be_the_owners(letter: Letter, automatic: AutoReply) -> bool:
    """An owner's absence note gives no orders, whatever words are in it; a mail that only sounds like one may."""
    carries = any(_is_bank_file(one) or _is_invoice_file(one) for one in _attachments(letter))
    return carries or not automatic.by_header


def _subject_line(subject: str) -> str:
    """An order that stands in the subject of an empty mail; an answer's subject is the bot's own."""
    bare = re.sub(r"\s*\[[^\]]*\]\s*$", "", subject)
    return "" if re.match(r"\s*(?:re|aw|tr|fw|fwd|rép|sv)\s*:", bare, re.IGNORECASE) else bare


def _attachments(letter: Letter) -> list[Attachment]:
    found = list(letter.attachments)
    for enclosed in letter.enclosed:
        found += _attachments(enclosed)
    return found


def _is_bank_file(attachment: Attachment) -> bool:
    return bool(_BANK_NAME.search(attachment.name)) or (
        not attachment.name.lower().endswith(".pdf") and bool(_BANK_HEAD.search(attachment.content[:4096]))
    )


def _is_invoice_file(attachment: Attachment) -> bool:
    return (
        bool(_INVOICE_NAME.search(attachment.name))
        or attachment.type in ("application/pdf", "application/xml", "text/xml")
        or attachment.content[:5] == b"%PDF-"
    )


def _copied(letter: Letter, sender: Sender) -> Forwarded | None:
    """A mail that the owner sent to a client with the bot in copy: the client stands in its To."""
    delivered = {
        a for n, v in letter.headers if n in ("delivered-to", "x-original-to", "envelope-to") for a in v.lower().split()
    }
    visible = [a for a in letter.to if a not in delivered and a != sender.address]
    headers = dict(letter.headers)
    to = tuple(a for a in visible if a in headers.get("to", "").lower())
    if not to or not any(_is_invoice_file(a) for a in letter.attachments):
        return None
    shown = f"{headers.get('to', '')} {headers.get('cc', '')}".lower()
    style = "cc" if "cc" in headers and (not delivered or any(a in shown for a in delivered)) else "bcc"
    if len(to) == 1 and len(letter.to) == 1 and not delivered:
        return None
    return Forwarded(to, letter.subject, headers.get("date"), style, letter.from_address)


# --------------------------------------------------------------------------------------------- clients


def _clients(letter: Letter, plain: Reading, own: NewText, base: date, own_words: str | None) -> Reading:
    answers = bool(letter.in_reply_to or letter.references) or bool(
        re.match(r"\s*(?:re|aw|sv|rv|r)\s*:", letter.subject, re.IGNORECASE)
    )
    order = month_first(letter, own.signature, plain.language)
    known = {letter.from_address}
    said = understand(
        own.text, plain.language, base, month_first=order, answers=answers, known=known, own_words=own_words
    )
    kind = Kind.UNRELATED if said.intent is Intent.UNRELATED else Kind.REPLY
    if said.intent is Intent.QUESTION and _is_internal(letter):
        said = replace(said, intent=Intent.ACKNOWLEDGED, confidence=0.4, sure=False)
    contact = said.new_contact or (_copied_colleague(letter) if said.intent is Intent.WRONG_CONTACT else None)
    read = replace(_with(plain, said), kind=kind, new_contact=contact, forwarded=find_forward(letter))
    away = said.intent is Intent.WRONG_CONTACT and tells_of_absence(own.text)
    return replace(read, sure=read.sure and not own.doubt and not away)


def _doubted(letter: Letter, own: NewText, found: Reading, owners: Sequence[str]) -> Reading:
    """What the owner must know of a client's mail, and what it then may no longer be taken for without a question."""
    if is_encrypted(letter):
        return replace(found, kind=Kind.REPLY, intent=Intent.QUESTION, also=(), sure=False, flags=(ENCRYPTED,))
    flags = list(found.flags)
    if calendar := calendar_method(letter):
        flags.append(CALENDAR)
        found = _about_an_appointment(found, calendar)
    if asks_for_other_bank_details(f"{letter.subject}.\n{own.text}"):
        flags.append(BANK_CHANGE)
    domains = {owner.rpartition("@")[2] for owner in owners}
    if looks_like(letter.from_address.rpartition("@")[2], domains):
        flags.append(LOOK_ALIKE)
    doubted = {BANK_CHANGE, LOOK_ALIKE} & set(flags)
    return replace(found, sure=found.sure and not doubted, flags=tuple(flags))


def _about_an_appointment(found: Reading, method: str) -> Reading:
    """An invitation asks for a person; an answer to one says nothing of an invoice. Neither promises a payment."""
    if found.intent not in (None, Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.QUESTION):
        return found
    quiet = method in ("REPLY", "CANCEL")
    intent = Intent.UNRELATED if quiet else Intent.QUESTION
    return replace(
        found, kind=Kind.UNRELATED if quiet else Kind.REPLY, intent=intent, also=(), sure=quiet,
        promise_date=None, promise_amount=None, paid_date=None,
    )  # fmt: skip


def _is_internal(letter: Letter) -> bool:
    """A note to a colleague with us in copy: whatever it asks, it is not us whom it asks."""
    if _PASSED_ON.match(letter.subject):
        return True
    domain = letter.from_address.rpartition("@")[2]
    return (
        bool(letter.to)
        and domain not in FREE_MAIL
        and letter.to[0].endswith("@" + domain)
        and letter.to[0] != letter.from_address
    )


def _with(plain: Reading, said: Understanding) -> Reading:
    return replace(
        plain,
        language=said.language or plain.language,
        intent=said.intent,
        also=said.also,
        confidence=said.confidence,
        sure=said.sure,
        because=said.because,
        promise_date=said.promise_date,
        promise_amount=said.promise_amount,
        paid_date=said.paid_date,
        invoices=said.invoices,
        answers=said.answers,
    )


def _copied_colleague(letter: Letter) -> str | None:
    """Told to turn to somebody else without an address: the one colleague in copy is meant."""
    domain = letter.from_address.rpartition("@")[2]
    copied = [a for a in letter.to if a.endswith("@" + domain) and a != letter.from_address]
    return copied[0] if len(copied) == 1 else None
