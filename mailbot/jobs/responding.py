"""Answers to clients, in their thread: what the owner writes, and what a rule's `answer:` says of a reply or a payment.

An answer is no reminder: it counts for no step and no gap, and leaves also while reminders are paused. It leaves once
for each letter, once a day at most for a client, never to an automatic mail, never after "stop", and can be held back
like any other mail.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.jobs.confirming import quoted_text
from mailbot.jobs.deciding import is_live
from mailbot.jobs.mailing import message_id
from mailbot.jobs.office import Office
from mailbot.jobs.targets import UnclearError
from mailbot.jobs.turns import Act, Turn, client_of, meant, record
from mailbot.ledger import clients, events, invoices, letters, outgoing, outgoing_lists, questions
from mailbot.ledger.outgoing import ANSWER
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON, ClientFacts, Event, Order
from mailbot.owner.outcomes import outcome
from mailbot.rules.balance import taken_back
from mailbot.rules.calendar import next_open_day, window
from mailbot.rules.state import open_amounts

LIFE = timedelta(days=2)
"""An answer that could not leave in this time would come too late."""
_COPY = re.compile(
    r"factur|duplicat|copi|invoice|rechnung|fattur|factuur|original|pi[eè]ce jointe|attach|\.pdf", re.IGNORECASE
)
_OTHER_PAPER = re.compile(
    r"\brib\b|\biban\b|kbis|bon de (?:commande|livraison)|purchase order|delivery note|attestation|contrat|contract|"
    r"relev[eé]|statement|lieferschein|bestell|detail|d[eé]tail|timesheet|proof",
    re.IGNORECASE,
)
_RECENT = timedelta(days=1)
_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is to be written to a client, and to what it answers."""

    client: int
    template: str
    key: str
    invoices: tuple[str, ...]
    recipient: str
    answers: str = ""
    """The Message-ID of the client's letter."""
    attach: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    promise: str | None = None
    """The promised day (ISO), which goes along as an entry for a calendar."""
    trigger: str | None = None


def why_not(conn: Connection, office: Office, row: outgoing.Outgoing) -> str | None:
    """Why an answer must not leave any more, on the facts of this moment; None: it may."""
    client = clients.get(conn, office.key, row.client or 0)
    known = events.for_rules(conn, office.key, client.id)
    if _is_stopped(known):
        return "stopped"
    if client.do_not_contact or not is_live(conn, office, client.id):
        return "nothing is sent to this client"
    if not any(one.email == row.recipient and one.usable for one in client.contacts) and not _colleague(
        row.recipient, [one.email for one in client.contacts]
    ):
        return "the address is not used any more"
    return None


def answer_fresh(office: Office, now: datetime) -> None:
    """Plan the answers that the rules want to what clients wrote or paid since yesterday; run again, nothing new."""
    wanted = {one.signal: one.answer for one in office.rules.reactions if one.answer and one.mode == "live"}
    if not wanted:
        return
    with reading(office.engine) as conn:
        fresh = events.between(conn, office.key, now - _RECENT, now + _MOMENT)
        whose = {event.client for event in fresh if event.name in wanted and event.client is not None}
    for client in sorted(int(one) for one in whose if one is not None):
        with writing(office.engine) as conn:
            _answer_client(conn, office, client, wanted, now)


def _answer_client(
    conn: Connection, office: Office, client: int, wanted: Mapping[str, str | None], now: datetime
) -> None:
    facts, known = clients.facts(conn, office.key, client), events.for_rules(conn, office.key, client)
    if not is_live(conn, office, client) or _is_stopped(known) or facts.do_not_contact:
        return
    since = now - _RECENT
    fresh = [event for event in known if event.name in wanted and event.at >= since and _may_be_answered(event)]
    if not fresh:
        return
    last = fresh[-1]
    together = [event for event in fresh if event.name == last.name and _source(event) == _source(last)]
    answer = _written(conn, office, client, facts, known, together, str(wanted[last.name]), now)
    if answer is not None:
        _plan(conn, office, answer, now)


def _may_be_answered(event: Event) -> bool:
    """Not what the owner said that a letter means, nor a mail that a machine wrote or that went to many (RFC 3834)."""
    return event.data.get("by") != "owner" and event.data.get("no_answer") is not True


def _source(event: Event) -> str:
    return str(event.data.get("letter") or event.data.get("line") or event.id)


def _written(
    conn: Connection, office: Office, client: int, facts: ClientFacts, known: Sequence[Event],
    together: Sequence[Event], template: str, now: datetime,
) -> _Answer | None:  # fmt: skip
    first, day = together[0], office.day(now)
    open_now = open_amounts(facts, known, day)
    named = tuple(event.invoice for event in together if event.invoice)
    about = named or tuple(number for number, amount in open_now.items() if amount > 0)
    to = _recipient(conn, office, facts, first)
    if to is None or not about or _wrote_today(conn, office, client, day):
        return None
    recipient, answers = to
    key = f"{ANSWER}{first.name}/{_source(first)}"
    promised = first.data.get("promise_date")
    if template == "promise_noted" and (not isinstance(promised, str) or promised < day.isoformat()):
        return None
    if template == "payment_thanks" and any(open_now.get(number, 0) > 0 for number in about):
        return None  # a part: what is left is another mail's matter
    attach: tuple[str, ...] = ()
    if template == "invoice_copy":
        about = tuple(number for number in about if invoices.document(conn, office.key, number) is not None)
        if not about or not _asks_for_a_copy(first):
            return _Answer(
                client, "human_takes_over", key, named or tuple(open_now), recipient, answers, trigger=first.id
            )
        attach = ("invoice",)
    promise = str(promised) if template == "promise_noted" else None
    return _Answer(client, template, key, about, recipient, answers, attach, promise=promise, trigger=first.id)


def _recipient(conn: Connection, office: Office, facts: ClientFacts, event: Event) -> tuple[str, str] | None:
    """(address, Message-ID of the letter): who wrote, where that is certainly somebody of the client."""
    letter = event.data.get("letter")
    contacts = [one for one in facts.contacts if one.usable]
    if not isinstance(letter, str):
        return (contacts[0].email, "") if contacts else None
    info = letters.info(conn, office.key, letter)
    if info is None or not info.sender:
        return None
    sender = info.sender.lower()
    if sender in {one.email for one in contacts} or _colleague(sender, [one.email for one in facts.contacts]):
        return sender, info.message_id
    return None


def _colleague(address: str, known: Sequence[str]) -> bool:
    domain = address.rpartition("@")[2]
    return domain not in FREE_MAIL and domain in {one.rpartition("@")[2] for one in known}


def _asks_for_a_copy(event: Event) -> bool:
    said = event.data.get("because")
    words = " ".join(str(one) for one in said) if isinstance(said, list) else ""
    return bool(_COPY.search(words)) and not _OTHER_PAPER.search(words)


def _wrote_today(conn: Connection, office: Office, client: int, day: object) -> bool:
    rows = [row for row in outgoing_lists.of_client(conn, office.key, client) if row.is_answer]
    return any(office.day(row.created_at) == day and row.state != "cancelled" for row in rows)


def _is_stopped(known: Sequence[Event]) -> bool:
    """The owner's last word on everything was to stop, and was not taken back."""
    undone = taken_back(known)
    said = [one.name for one in known if one.name in ("owner.stopped", "owner.live") and one.id not in undone]
    return bool(said) and said[-1] == "owner.stopped"


def _plan(conn: Connection, office: Office, answer: _Answer, now: datetime) -> int | None:
    due = leaves_at(office, now)
    about: dict[str, JSON] = {
        "attach": list(answer.attach),
        "lead": answer.invoices[0] if answer.invoices else None,
        "answers": answer.answers,
        "words": list(answer.words),
        "promise": answer.promise,
    }
    return outgoing.plan(
        conn, office.key, dedupe_key=answer.key, kind="client", what=f"{ANSWER}{answer.template}",
        template=answer.template, recipient=answer.recipient, client=answer.client, invoices=answer.invoices,
        context=about, message_id=message_id(office, answer.key), due_at=due, expires_at=due + LIFE,
        thread=_thread(conn, office, answer), trigger=answer.trigger, tone="neutral", now=now,
    )  # fmt: skip


def leaves_at(office: Office, now: datetime) -> datetime:
    """The first instant at which an answer leaves: after its hold, within the hours of an open day."""
    earliest = now + timedelta(minutes=office.limits.hold_minutes)
    day = office.day(earliest)
    for _ in range(2):
        day = next_open_day(office.rules, day)
        hours = window(office.rules, day) or (time(9), time(17))
        opens, closes = (datetime.combine(day, hour, tzinfo=office.business.zone) for hour in hours)
        if earliest < closes:
            return max(earliest, opens.astimezone(earliest.tzinfo))
        day += timedelta(days=1)
    return earliest


def _thread(conn: Connection, office: Office, answer: _Answer) -> str | None:
    """The thread of the last mail about the same invoice, so that mail programs show the answer below it."""
    rows = outgoing_lists.of_client(conn, office.key, answer.client)
    about = [row for row in rows if row.thread and set(row.invoices) & set(answer.invoices)]
    return about[-1].thread if about else None


def _reply(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The owner's own words, to who wrote last or to the client's contact."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    words = tuple(order.fields.get("text", "").strip().split("\n"))
    if not any(words):
        raise UnclearError(outcome("no_text", turn.language, target=order.target or turn.question or ""))
    if not is_live(conn, office, client):
        raise UnclearError(outcome("shadow_reply", turn.language, target=clients.get(conn, office.key, client).name))
    known = clients.get(conn, office.key, client)
    if _is_stopped(events.for_rules(conn, office.key, client)):
        raise UnclearError(outcome("stopped_reply", turn.language, target=known.name))
    recipient, answers = _last_writer(conn, office, client, turn) or next(
        ((one.email, "") for one in known.contacts if one.usable), ("", "")
    )
    if not recipient:
        raise UnclearError(outcome("no_address", turn.language, target=known.name))
    billed = invoices.of_client(conn, office.key, client)
    owed = tuple(one.number for one in billed if one.open_amount > 0) or tuple(one.number for one in billed[-1:])
    about = (target.invoice,) if target.invoice else owed
    answer = _Answer(client, "owner_reply", f"{ANSWER}{turn.cause}", about, recipient, answers, words=words)
    number = _plan(conn, office, answer, turn.now)
    record(conn, office, "owner.replied", target, turn, {"to": recipient, "outgoing": number})
    when = leaves_at(office, turn.now).astimezone(office.business.zone)
    said = outcome("replied", turn.language, to=recipient, target=known.name, when=f"{when:%d/%m %H:%M}")
    return "\n".join([said, *quoted_text(order)])


def _last_writer(conn: Connection, office: Office, client: int, turn: Turn) -> tuple[str, str] | None:
    """Who wrote what the question is about, if it is somebody of the client."""
    question = questions.get(conn, office.key, turn.question) if turn.question is not None else None
    letter = question.letter if question is not None else None
    event = str(question.about.get("event") or "").split("/") if question is not None else []
    letter = letter or (event[1] if len(event) > 1 and event[0].startswith("reply.") else None)
    info = letters.info(conn, office.key, letter) if letter is not None else None
    if info is None or not info.sender:
        return None
    contacts = [one.email for one in clients.get(conn, office.key, client).contacts]
    sender = info.sender.lower()
    return (sender, info.message_id) if sender in contacts or _colleague(sender, contacts) else None


ORDERS: Mapping[str, Act] = {"reply": _reply}
