"""Send one planned mail: claim, freeze its bytes, one last look at the ledger, transmit, write it down.

Every step is a transaction of its own. A worker that dies between two of them leaves a row from which another goes on:
before the last look was stored nothing has left; after it, only evidence says whether it did.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from mailbot.errors import DeliveryError, Disarmed, SettingsError
from mailbot.jobs import refusals
from mailbot.jobs.deciding import amounts_hash, cancelled, decision_and_amounts, is_as_planned
from mailbot.jobs.lettering import compose_client, compose_owner
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.responding import why_not
from mailbot.ledger import clients, letters, outgoing, outgoing_lists, pace
from mailbot.ledger.group import Group
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON
from mailbot.outbox.smtp import Arm, Reply
from mailbot.outbox.states import back_off_seconds
from mailbot.rules.calendar import window

PARKED_AFTER = 5
"""So many workers had a mail and never said what became of it: it may be what kills them."""


class Mailer(Protocol):
    """The wire: `outbox.smtp.Mailer` and `testing.RecordingMailer`."""

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Arm, copy_to: str | None = None
    ) -> Reply: ...


class Evidence(Protocol):
    """Where to look whether a mail left: `outbox.reconcile.Folders`."""

    def find(self, message_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Who claims: a name that nobody else has, the wire, the clock that the leases run on, and the writer."""

    name: str
    mailer: Mailer
    clock: Callable[[], datetime]
    group: Group


async def send(office: Office, outgoing_id: int, worker: Worker) -> None:
    """Send one row if it is due and nobody else has it."""
    rows = await worker.group.write(lambda conn: claim(conn, office, [outgoing_id], worker))
    for row in rows:
        await record(office, row, await deliver(office, row, worker), worker)


def claim(conn: Connection, office: Office, numbers: Sequence[int], worker: Worker) -> list[Outgoing]:
    """Make rows this worker's, in a transaction of its own. Left out is what is not due, must wait, or is parked."""
    if letters.next_unread(conn, office.key) is not None:
        # What the letters say may forbid a mail to a client; the clock hands it on again.
        numbers = [number for number in numbers if _is_to_owner(conn, office, number)]
    now, lease = worker.clock(), office.limits.lease_seconds
    rows = outgoing.claim_all(conn, office.key, numbers, worker.name, now, lease) if numbers else []
    return [row for row in rows if not _is_parked(conn, office, row, worker)]


def _is_to_owner(conn: Connection, office: Office, number: int) -> bool:
    row = outgoing.find(conn, office.key, number)
    return row is not None and row.client is None


def put_back(conn: Connection, office: Office, row: Outgoing, now: datetime) -> None:
    """Give up a row that was claimed and not begun: it is due as before."""
    outgoing.back_off(
        conn, office.key, row.id, now, row.due_at, row.smtp_code, row.smtp_reply or "", attempt=row.attempt
    )


async def deliver(office: Office, row: Outgoing, worker: Worker) -> Reply | DeliveryError | None:
    """Freeze a row that this worker claimed, look at the ledger for the last time, transmit.

    None where the mail must not leave; otherwise what became of it, to be recorded (`record`): until then nobody knows.
    """
    if row.raw:
        frozen: Outgoing | None = row
    else:
        frozen = await worker.group.write(lambda conn: _freeze(conn, office, row, worker), clients=_about(row))
    if frozen is None or frozen.raw is None:
        return None
    smtp, sender = office.business.smtp, office.business.mailbox.mail_address
    copy_to = smtp.archive_address(sender) if smtp.evidence == "archive" else None
    try:
        return await worker.mailer.transmit(
            sender, frozen.recipient, frozen.raw, f"mb-{row.id}", _arm(office, frozen, worker), copy_to
        )
    except Disarmed:
        return None
    except DeliveryError as error:
        return error


async def record(office: Office, row: Outgoing, became: Reply | DeliveryError | None, worker: Worker) -> None:
    """Write down what became of a mail. Should this be lost, evidence says it (`reconcile`)."""
    if isinstance(became, Reply):
        taken = _Taken(office, row, became, worker.clock())
        await worker.group.write_together(_all_sent, taken, clients=_about(row), is_report=True)
    elif became is not None:
        await worker.group.write(lambda conn: refused(conn, office, row, became, worker))


def _about(row: Outgoing) -> tuple[int, ...]:
    """The clients that a step of sending this mail decides about."""
    return () if row.client is None else (row.client,)


def record_sent(office: Office, row: Outgoing, now: datetime, code: int | None, reply: str, evidence: str) -> None:
    """The mail left: the row and the event mail.sent, in one transaction."""
    with writing(office.engine) as conn:
        _sent(conn, office, row, now, code, reply, evidence)


def reconcile(office: Office, row: Outgoing, evidence: Evidence | None, now: datetime) -> None:
    """A mail whose answer was lost: look whether it left; if not, send the same bytes again; no place to look: ask.

    "Not there" is believed only of a place that has shown another mail of ours: the latest one that the server took
    for certain. Raises MailboxError where a search failed: that is not "not found", and the row stays in doubt.
    """
    if evidence is not None and evidence.find(row.message_id):
        record_sent(office, row, now, None, "", "found in Sent")
    elif evidence is not None and _shows_what_left(office, row, evidence):
        with writing(office.engine) as conn:
            again = outgoing.resend(conn, office.key, row.id, now, attempt=row.attempt)
        if again:
            office.enqueue("drain", office.key, 1)
    else:
        _hold(office, row, now)


def _shows_what_left(office: Office, row: Outgoing, evidence: Evidence) -> bool:
    with reading(office.engine) as conn:
        witness = outgoing_lists.last_sent(conn, office.key, row.armed_at or row.changed_at)
    return witness is not None and evidence.find(witness.message_id)


def _hold(office: Office, row: Outgoing, now: datetime) -> None:
    with writing(office.engine) as conn:
        if outgoing.hold(conn, office.key, row.id, now):
            about = {
                "recipient": row.recipient,
                "what": row.what,
                "outgoing": row.id,
                "invoices": list(row.invoices),
            }
            ask(conn, office, "in_doubt", f"in_doubt/{row.id}", about, now, client=row.client)


def _sent(
    conn: Connection, office: Office, row: Outgoing, now: datetime, code: int | None, reply: str, evidence: str
) -> None:
    if outgoing.sent(conn, office.key, row.id, now, code, reply, evidence):
        _tell_sent(conn, office, row, now, code, reply, evidence)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A mail that the server took, and when."""

    office: Office
    row: Outgoing
    reply: Reply
    now: datetime


def _all_sent(conn: Connection, taken: Sequence[_Taken]) -> list[None]:
    for key in sorted({one.office.key for one in taken}):
        mine = {one.row.id: one for one in taken if one.office.key == key}
        rows = [outgoing.Taken(number, one.reply.code, one.reply.text) for number, one in mine.items()]
        for number in outgoing.all_sent(conn, key, rows, max(one.now for one in mine.values())):
            one = mine[number]
            _tell_sent(conn, one.office, one.row, one.now, one.reply.code, one.reply.text, "250")
    return [None] * len(taken)


def _tell_sent(
    conn: Connection, office: Office, row: Outgoing, now: datetime, code: int | None, reply: str, evidence: str
) -> None:
    """The event, for a mail to a client."""
    if row.client is None:
        return
    data = {
        "what": row.what, "mail": row.template, "lead": row.invoices[0] if row.invoices else None,
        "levels": dict(row.levels), "invoices": list(row.invoices), "to": row.recipient, "tone": row.tone,
        "outgoing": row.id, "trigger": row.trigger, "generation": row.generation,
        "message_id": row.message_id, "code": code, "reply": reply, "evidence": evidence,
    }  # fmt: skip
    # The day that counts for gaps and levels is the one on which it was armed, also when the answer was lost.
    at = outgoing.get(conn, office.key, row.id).armed_at or now
    name = "mail.answered" if row.is_answer else "mail.sent"
    happened(conn, office, name, str(row.id), at, client=row.client, data=data)
    refresh(conn, office, row.client, now)


def _freeze(conn: Connection, office: Office, row: Outgoing, worker: Worker) -> Outgoing | None:
    """The row with its bytes, made now and never again; None where the facts or the template forbid the mail."""
    now = worker.clock()
    why = _last_look(conn, office, row, now)
    if why is not None:
        _take_back(conn, office, row, now, why)
        return None
    try:
        compose = compose_owner if row.kind == "owner" else compose_client
        raw = compose(conn, office, row, now)
    except DeliveryError as error:
        _reject(conn, office, row, error, worker)
        return None
    except SettingsError as error:  # a template that cannot be filled: the owner must know, not a log
        _reject(conn, office, row, DeliveryError(str(error), temporary=False, cause="content"), worker)
        return None
    outgoing.freeze(conn, office.key, row.id, raw, now)
    return outgoing.get(conn, office.key, row.id)


def _arm(office: Office, row: Outgoing, worker: Worker) -> Arm:
    """The point of no return, durable before DATA: still ours, and the rules still say the same. Else Disarmed."""

    async def arm() -> None:
        why = await worker.group.write_together(_arm_all, _Ready(office, row, worker), clients=_about(row))
        if why is not None:
            raise Disarmed(why)

    return arm


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mail whose recipient the server accepted."""

    office: Office
    row: Outgoing
    worker: Worker

    @property
    def whose(self) -> tuple[str, str, int]:
        """What is looked at for the last time: the client, or the mail alone."""
        about = ("mail", self.row.id) if self.row.client is None else ("client", self.row.client)
        return (self.office.key, *about)


def _arm_all(conn: Connection, ready: Sequence[_Ready]) -> list[str | None]:
    """Why each must not leave; None: it is armed. A client's second mail is looked at when the first one is armed."""
    whys: dict[int, str | None] = {}
    while left := [place for place in range(len(ready)) if place not in whys]:
        firsts = {ready[place].whose: place for place in reversed(left)}
        for key in sorted({business for business, _, _ in firsts}):
            whys |= _arm_of_one(
                conn, {place: ready[place] for place in firsts.values() if ready[place].office.key == key}
            )
    return [whys[place] for place in range(len(ready))]


def _arm_of_one(conn: Connection, ready: Mapping[int, _Ready]) -> dict[int, str | None]:
    """Mails of one business, each about something else: all looks first, then one change."""
    whys: dict[int, str | None] = {}
    for place, one in ready.items():
        now = one.worker.clock()
        whys[place] = why = _last_look(conn, one.office, one.row, now)
        if why is not None:
            _take_back(conn, one.office, one.row, now, why)
    may = {place: one for place, one in ready.items() if whys[place] is None}
    if not may:
        return whys
    office, worker = next(iter(may.values())).office, next(iter(may.values())).worker
    owners = {one.row.id: one.worker.name for one in may.values()}
    listed = {number for one in may.values() for number in one.row.invoices}
    armed = outgoing.arm_all(conn, office.key, owners, listed, worker.clock(), office.limits.lease_seconds)
    late = "somebody else has this mail, or its time is over"
    return whys | {place: None if one.row.id in armed else late for place, one in may.items()}


def _last_look(conn: Connection, office: Office, row: Outgoing, now: datetime) -> str | None:
    """Why this mail must not leave, on the facts of this moment; None: it may.

    The decision is made again: what was paid, promised, disputed or paused since, and what was meanwhile sent,
    changes it. The hours are those of the rules, and the amounts those that the mail was planned with.
    """
    if now >= row.expires_at:
        return "expired"
    if row.client is None:
        return None
    if row.is_answer:
        return why_not(conn, office, row)
    hours = window(office.rules, office.day(now))
    if hours is None or not hours[0] <= now.astimezone(office.business.zone).time() < hours[1]:
        return "outside the hours of sending"
    if outgoing_lists.unsettled(conn, office.key, row.client):
        return "it is not known whether another mail left"
    decision, amounts = decision_and_amounts(conn, office, row.client, now)
    if not is_as_planned(row, row.client, decision):
        return decision.reason
    if amounts_hash(amounts, row.invoices) != row.amounts_hash:
        return "the amounts changed"
    return None


def _is_parked(conn: Connection, office: Office, row: Outgoing, worker: Worker) -> bool:
    """A mail that its worker did not survive again and again is the owner's to look at."""
    if row.attempt <= PARKED_AFTER or pace.unreported(conn, office.key, row.id) <= PARKED_AFTER:
        return False
    clients.lock(conn, _about(row))
    why = f"{PARKED_AFTER} times the program ended while it was sending this mail"
    _reject(conn, office, row, DeliveryError(why, temporary=False, cause="content"), worker)
    return True


def _take_back(conn: Connection, office: Office, row: Outgoing, now: datetime, why: str) -> None:
    if outgoing.cancel(conn, office.key, row.id, now, why) and row.client is not None:
        cancelled(conn, office, row, now, why)
        clients.set_next_look(conn, office.key, row.client, office.day(now))


def refused(conn: Connection, office: Office, row: Outgoing, error: DeliveryError, worker: Worker) -> None:
    """A server did not take the mail, or its answer was lost: try again later, give up, or look for it."""
    now = worker.clock()
    if error.doubt:
        outgoing.doubt(conn, office.key, row.id, now, str(error), attempt=row.attempt)
    elif error.temporary:
        due = now + timedelta(seconds=back_off_seconds(row.attempt, row.id))
        outgoing.back_off(conn, office.key, row.id, now, due, error.code, str(error), attempt=row.attempt)
        refusals.tell(conn, office, row, error, now)
    else:
        _reject(conn, office, row, error, worker)


def _reject(conn: Connection, office: Office, row: Outgoing, error: DeliveryError, worker: Worker) -> None:
    now = worker.clock()
    if not outgoing.rejected(conn, office.key, row.id, now, error.code, str(error), attempt=row.attempt):
        return  # another worker has it meanwhile: this refusal is not the last word
    if row.client is None:
        return
    lead = row.invoices[0] if row.invoices else None
    data: dict[str, JSON] = {
        "what": row.what, "lead": lead, "code": error.code, "to": row.recipient, "outgoing": row.id, "why": str(error),
    }  # fmt: skip
    happened(conn, office, "mail.rejected", str(row.id), now, client=row.client, invoice=lead, data=data)
    kind = "rejected_content" if error.cause == "content" else "rejected_mail"
    if _address_is_dead(error):
        clients.set_contact(conn, office.key, row.client, row.recipient, usable=False)
        kind = "rejected"
    name = clients.get(conn, office.key, row.client).name
    about = {"recipient": row.recipient, "client_name": name, "why": str(error), "invoice": lead}
    ask(conn, office, kind, f"rejected/{row.id}", about, now, client=row.client)
    refresh(conn, office, row.client, now)


def _address_is_dead(error: DeliveryError) -> bool:
    """By the enhanced status (RFC 3463: 5.1.x is about the address); policy, spam and size are 5 too, and are not."""
    return error.cause == "address" or re.search(r"\b5\.1\.\d", str(error)) is not None
