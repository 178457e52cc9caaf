"""What a client's mail or an absence note changes: events, and questions where unsure."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from mailbot.inbox.absence import speaks_of_absence
from mailbot.inbox.answerable import wants_no_answer
from mailbot.inbox.automatic import auto_reply
from mailbot.inbox.besides import BELOW_SIGNATURE, words_below
from mailbot.inbox.extents import means_one, shares
from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.inbox.risks import BANK_CHANGE, CHALLENGE, ENCRYPTED, LOOK_ALIKE, asks_for_other_bank_details, looks_like
from mailbot.jobs import redirecting, reporting
from mailbot.jobs.languages import learn_from_reply
from mailbot.jobs.mailing import ask, mail_question
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, invoices, questions
from mailbot.model import JSON, Intent, Kind, Letter, Reading, Thread

_WARNED = frozenset({BANK_CHANGE, LOOK_ALIKE, CHALLENGE, ENCRYPTED})
_COMMITTING = frozenset({Intent.PROMISE, Intent.PAID})
"""What nobody can say for another: an accountant's or a colleague's word is asked about once."""
_OF_INVOICES = frozenset({
    Intent.PROMISE, Intent.PAID, Intent.DISPUTE, Intent.REFUSAL, Intent.INSTALMENTS, Intent.DOCUMENT_REQUEST,
})  # fmt: skip
"""What is said of an invoice, and not of the client as such."""
_SILENT = frozenset({Kind.UNRELATED, Kind.AUTO_REPLY, Kind.READ_RECEIPT})
"""Mail of unknown people that is no reason to ask the owner."""
_SHOWN = 300
"""Characters of a mail that a question to the owner quotes."""


def take(
    conn: Connection,
    office: Office,
    letter_id: str,
    letter: Letter,
    found: Reading,
    thread: Thread,
    now: datetime,
) -> None:
    """Record what the mail says; in doubt about who or what, ask the owner instead of guessing."""
    if found.report is not None:
        reporting.take(conn, office, letter_id, letter, found.report, found.kind, now)
        return
    found = _suspected(conn, office, letter, found)
    if found.intent in _COMMITTING and _is_third_person(conn, office, letter.from_address, thread):
        found = replace(found, sure=False)
    _warn(conn, office, letter_id, letter, found, thread, now)
    if thread.client is None:
        if found.kind not in _SILENT and ENCRYPTED not in found.flags:
            about = {"from": letter.from_address, "subject": letter.subject[:200], "text": _extract(found)}
            ask(conn, office, "unknown_sender", f"unknown/{letter_id}", about, now, letter=letter_id)
        return
    if found.kind is Kind.AUTO_REPLY:
        _automatic(conn, office, letter_id, letter, found, thread.client, now)
        if not found.sure:
            numbers = _about(conn, office, thread.client, thread)
            unclear = intent_data(found, letter_id)
            record_intent(conn, office, letter_id, "reply.unclear", unclear, thread.client, numbers, now)
            _ask_what_it_means(conn, office, letter_id, found, thread.client, numbers, now)
    elif found.kind is Kind.REPLY:
        _reply(conn, office, letter_id, letter, found, thread, now)
    refresh(conn, office, thread.client, now)


def _automatic(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading, client: int, now: datetime
) -> None:
    """An absence, until the day that is named; what says nothing of one is a receipt, which changes nothing."""
    absence = auto_reply(letter)
    until = found.return_date or (absence.return_date if absence else None)
    data: dict[str, JSON] = {"letter": letter_id, "no_answer": True}
    name = "reply.auto_reply"
    written = letter.date.date() if letter.date else office.day(now)
    if (until is not None and until > written) or speaks_of_absence(f"{letter.subject}\n{found.new_text}"):
        name, data = "reply.out_of_office", {**data, "until": until.isoformat() if until else None}
    happened(conn, office, name, letter_id, now, client=client, data=data, letter=letter_id)


def _warn(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading, thread: Thread, now: datetime
) -> None:
    """Tell the owner what is odd about a mail; a try at fraud at once, not only in the next digest."""
    for flag in found.flags:
        if flag not in _WARNED:
            continue
        about: dict[str, object] = {"from": letter.from_address, "subject": letter.subject[:200]}
        if flag == BANK_CHANGE:
            about["text"] = asks_for_other_bank_details(f"{letter.subject}.\n{found.new_text}") or _extract(found)
        if flag == LOOK_ALIKE:
            about["like"] = _resembled(conn, office, letter.from_address) or ""
        number = ask(conn, office, flag, f"{flag}/{letter_id}", about, now, client=thread.client, letter=letter_id)
        if flag in (BANK_CHANGE, LOOK_ALIKE):
            # Once a day and flag, so that whoever tries cannot flood the owner.
            mail_question(conn, office, number, f"{flag}/{office.day(now).isoformat()}", now)


def _suspected(conn: Connection, office: Office, letter: Letter, found: Reading) -> Reading:
    """A sender who only looks like a client or an owner is believed nothing without a question."""
    if LOOK_ALIKE in found.flags or _resembled(conn, office, letter.from_address) is None:
        return found
    return replace(found, sure=False, flags=(*found.flags, LOOK_ALIKE))


def _is_third_person(conn: Connection, office: Office, address: str, thread: Thread) -> bool:
    """Whether somebody else than the client answers our mail: neither an address of theirs nor one of their company."""
    domain = address.rpartition("@")[2]
    if thread.client is None or thread.client in clients.at_address(conn, office.key, address):
        return False
    return domain in FREE_MAIL or thread.client not in clients.at_domain(conn, office.key, domain)


def _resembled(conn: Connection, office: Office, address: str) -> str | None:
    """The domain of the owner or of a client that an unknown address is made to look like."""
    domain = address.rpartition("@")[2]
    if not domain or clients.at_domain(conn, office.key, domain):
        return None
    known = {one.rpartition("@")[2] for one in (*office.business.owners, office.business.mailbox.mail_address)}
    return looks_like(domain, known | clients.contact_domains(conn, office.key).keys())


def record_intent(
    conn: Connection, office: Office, letter_id: str, name: str, data: dict[str, JSON],
    client: int, numbers: tuple[str, ...], now: datetime,
) -> None:  # fmt: skip
    """One event for each invoice that the reply is about; one for the client where it names none."""
    for number in numbers or (None,):
        cause = f"{letter_id}/{number or '*'}"
        happened(conn, office, name, cause, now, client=client, invoice=number, data=dict(data), letter=letter_id)


def _record_sum(
    conn: Connection, office: Office, letter_id: str, amount: Decimal, data: dict[str, JSON], client: int,
    numbers: tuple[str, ...], now: datetime,
) -> None:  # fmt: skip
    """A promised sum is split over its invoices, oldest first; what it does not reach is not promised."""
    billed = [one for one in invoices.of_client(conn, office.key, client) if one.number in numbers]
    if len(billed) < 2 or len({one.currency for one in billed}) > 1:
        record_intent(conn, office, letter_id, "reply.promise", data, client, numbers, now)
        return
    billed.sort(key=lambda one: (one.due, one.number))
    for number, share in shares(amount, [(one.number, one.open_amount) for one in billed]).items():
        mine: dict[str, JSON] = {**data, "promise_amount": str(share)}
        record_intent(conn, office, letter_id, "reply.promise", mine, client, (number,), now)


def _leaves_open_which(found: Reading, thread: Thread, numbers: tuple[str, ...]) -> bool:
    """Whether the words are about one of several invoices ("cette facture"), without a number that says which."""
    about = _OF_INVOICES & {found.intent, *found.also}
    return not thread.named and len(numbers) > 1 and bool(about) and means_one(found.new_text, found.language)


def intent_data(found: Reading, letter_id: str) -> dict[str, JSON]:
    """What a reply's event says, for the rules and the explanation."""
    return {
        "letter": letter_id,
        "because": list(found.because),
        "confidence": found.confidence,
        "promise_date": found.promise_date.isoformat() if found.promise_date else None,
        "promise_amount": str(found.promise_amount) if found.promise_amount is not None else None,
        "paid_date": found.paid_date.isoformat() if found.paid_date else None,
        **({"new_contact": found.new_contact} if found.new_contact else {}),
    }


def _redirected(
    conn: Connection, office: Office, letter_id: str, found: Reading, client: int, sender: str,
    numbers: tuple[str, ...], now: datetime,
) -> bool:  # fmt: skip
    """ "Please write to …": whether the owner is asked about that address."""
    if found.new_contact is None or Intent.WRONG_CONTACT not in (found.intent, *found.also):
        return False
    return redirecting.ask_about(
        conn, office, client, found.new_contact, letter_id, now, quote=" … ".join(found.because), sender=sender,
        letter=letter_id, invoices=numbers, unsure=not found.sure,
    )  # fmt: skip


def _reply(
    conn: Connection, office: Office, letter_id: str, letter: Letter, found: Reading, thread: Thread, now: datetime
) -> None:
    client = thread.client
    if client is None:
        return
    if not _is_third_person(conn, office, letter.from_address, thread):
        learn_from_reply(conn, office, client, found.new_text, letter_id, now)
    numbers = _about(conn, office, client, thread)
    data = intent_data(found, letter_id)
    if wants_no_answer(letter):
        data["no_answer"] = True
    if found.sure and found.intent is not None and not _leaves_open_which(found, thread, numbers):
        for intent in (found.intent, *found.also):
            if intent is Intent.PROMISE and found.promise_amount is not None:
                _record_sum(conn, office, letter_id, found.promise_amount, data, client, numbers, now)
            else:
                record_intent(conn, office, letter_id, f"reply.{intent}", data, client, numbers, now)
        _redirected(conn, office, letter_id, found, client, letter.from_address, numbers, now)
        return
    record_intent(conn, office, letter_id, "reply.unclear", data, client, numbers, now)
    only = found.intent is Intent.WRONG_CONTACT and not found.also
    if only and _redirected(conn, office, letter_id, found, client, letter.from_address, numbers, now):
        return
    _ask_what_it_means(conn, office, letter_id, found, client, numbers, now)


def _ask_what_it_means(
    conn: Connection, office: Office, letter_id: str, found: Reading, client: int, numbers: tuple[str, ...],
    now: datetime,
) -> None:  # fmt: skip
    """Ask the owner what a reply means; of an automatic one, whether what it says besides is so.

    What seems to say the same of the same invoices as one that is asked about already is put together with it, in its
    latest words.
    """
    guess = found.also[0] if found.kind is Kind.AUTO_REPLY and found.also else found.intent
    name = clients.get(conn, office.key, client).name
    about: dict[str, JSON] = {
        "client": client,
        "client_name": name,
        "invoices": list(numbers),
        "text": _extract(found),
        "guess": guess.value if guess else None,
        "promise_date": found.promise_date.isoformat() if found.promise_date else None,
        "letter": letter_id,
    }
    key = f"unclear/{letter_id}"
    if guess is not None and (asked := _asked_before(conn, office, client, about)) is not None:
        before = cast("list[JSON]", asked.about.get("letters") or [asked.about["letter"]])
        if letter_id in before:
            return
        together = [*before, letter_id]
        about |= {"letters": together, "client_name": f"{name} ({len(together)} messages)"}
        key = asked.dedupe_key
        questions.expire(conn, office.key, asked.number, "said again", now)
    ask(conn, office, "unclear", key, about, now, client=client, letter=letter_id)


def _asked_before(conn: Connection, office: Office, client: int, about: dict[str, JSON]) -> questions.Question | None:
    """The open question about another reply that seems to say the same of the same invoices."""
    same = ("guess", "promise_date", "invoices")
    return next(
        (
            one
            for one in questions.open_ones(conn, office.key, client)
            if one.kind == "unclear" and all(one.about.get(name) == about[name] for name in same)
        ),
        None,
    )


def _about(conn: Connection, office: Office, client: int, thread: Thread) -> tuple[str, ...]:
    """The open invoices that the reply is about: those that it names, else all that the mail lists which it answers,
    else all open ones of the client."""
    open_ones = {invoice.number for invoice in invoices.of_client(conn, office.key, client) if invoice.open_amount > 0}
    named = tuple(number for number in thread.invoices if number in open_ones)
    return named or tuple(sorted(open_ones))


def _extract(found: Reading) -> str:
    """The beginning of a mail, for the owner; also what stands below its signature mark, where that is the doubt."""
    below = " ".join(words_below(found.signature).split()) if BELOW_SIGNATURE in found.flags else ""
    text = _shortened(" ".join(found.new_text.split()), _SHOWN if not below else _SHOWN // 2)
    return f"{text} […] {_shortened(below, _SHOWN // 2)}" if below else text


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
