"""The order `undo`: take back the last order, what was said of an invoice or a client, or a mail that still waits.

Nothing is deleted: an event `owner.undone` names what does not count any more, and `rules.balance.seen` leaves it out.
What an order changed besides (addresses, fields of an invoice, a booking, a question) is put back here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from mailbot.jobs import clearing
from mailbot.jobs.deciding import cancelled
from mailbot.jobs.moving import moved_back
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Target, UnclearError, question_number, resolve
from mailbot.jobs.turns import Act, Turn, unknown
from mailbot.ledger import allocations, bank, clients, events, invoices, outgoing, questions
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import JSON, Event, Order
from mailbot.owner.outcomes import outcome
from mailbot.owner.phrases import event_words, mail_words
from mailbot.rules.balance import taken_back

_LATEST = 200
"""So many of the owner's words are looked at; who wants to undo an older one says the contrary instead."""
_CAUSE = re.compile(r"^(?:do/[^/]+/[^/]+|[^/]+)/\d+")
"""Where an order was written: the letter (or the command) and its place in it."""
_BOOKED = frozenset({"match", "overpaid"})
_REVERSED = "alert_reversal"
"""Tells of a payment that the bank took back: to undo it puts the payment back."""
_FINAL = frozenset({"unproven_owner", "in_doubt", "rules_changed", "draft", "confirm"})
"""Answers that took effect at once and cannot be taken back."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One order that took effect: all events that it made, first one first."""

    cause: str
    events: tuple[Event, ...]

    @property
    def first(self) -> Event:
        return self.events[0]


def _undo(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    words = (order.target or "").strip()
    if _was_carried_out(conn, office, turn):
        raise UnclearError(outcome("nothing_said", turn.language, target=words or "-"))
    if not words and turn.question is None:
        return _undo_last(conn, office, _spoken(conn, office), turn)
    number = question_number(words) if words else turn.question
    if number is not None:
        return _undo_answer(conn, office, number, turn)
    found = resolve(conn, office, words)
    if len(found) > 1:
        choices = ", ".join(target.label for target in found)
        raise UnclearError(outcome("several_targets", turn.language, target=words, choices=choices))
    if not found:
        return clearing.undo(conn, office, words, turn.now) if _is_line(conn, office, words) else _lost(
            conn, office, order, turn
        )  # fmt: skip
    target = found[0]
    if (row := _waiting(conn, office, target)) is not None:
        return _hold_back(conn, office, row, target, turn)
    about = [said for said in _spoken(conn, office) if _is_about(said, target)]
    paid = _paid_by_bank(conn, office, target)
    if about and (paid is None or about[0].first.at >= paid):
        return _undo_last(conn, office, about, turn)
    if target.invoice is not None:
        return clearing.undo(conn, office, target.invoice, turn.now)
    raise UnclearError(outcome("nothing_said", turn.language, target=target.label))


def _was_carried_out(conn: Connection, office: Office, turn: Turn) -> bool:
    """The same order again: what it took back is taken back, and what was said before it stays."""
    known = events.by_owner(conn, office.key, _LATEST)
    return any(f"{event.id}/".startswith(f"{event.name}/{turn.cause}/") for event in known)


def _lost(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    raise UnclearError(unknown(conn, office, order, turn))


def _is_line(conn: Connection, office: Office, words: str) -> bool:
    return bool(bank.lines_called(conn, office.key, words))


def _spoken(conn: Connection, office: Office) -> list[_Said]:
    """The owner's orders that count, newest first."""
    known = events.by_owner(conn, office.key, _LATEST)
    undone = taken_back(known)
    grouped: dict[str, list[Event]] = {}
    for event in known:
        cause = _CAUSE.match(event.id.removeprefix(f"{event.name}/"))
        if event.name != "owner.undone" and event.id not in undone and cause is not None:
            grouped.setdefault(cause[0], []).insert(0, event)
    return [_Said(cause, tuple(found)) for cause, found in grouped.items()]


def _is_about(said: _Said, target: Target) -> bool:
    if target.client is None:
        return said.first.client is None
    mine = [event for event in said.events if event.client == str(target.client)]
    return any(target.invoice is None or event.invoice in (None, target.invoice) for event in mine)


def _paid_by_bank(conn: Connection, office: Office, target: Target) -> Any:
    """When a bank line was last booked on the invoice, or the bank took that back; None where neither stands."""
    if target.invoice is None:
        return None
    rows = [
        *allocations.of_invoice(conn, office.key, target.invoice),
        *allocations.reversals(conn, office.key, target.invoice),
    ]
    known = [
        event.at
        for event in events.of_invoice(conn, office.key, target.invoice)
        if event.name in ("bank.payment", "bank.reversal")
    ]  # fmt: skip
    return max(known, default=None) if rows else None


def _undo_last(conn: Connection, office: Office, spoken: Sequence[_Said], turn: Turn) -> str:
    if not spoken:
        raise UnclearError(outcome("nothing_said", turn.language, target="-"))
    said = spoken[0]
    if said.first.name == "owner.answered":
        number = said.first.data.get("question")
        return _undo_answer(conn, office, int(number), turn) if isinstance(number, int) else _take_back(
            conn, office, said, turn
        )  # fmt: skip
    if said.first.name == "owner.matched":
        return clearing.undo(conn, office, str(said.first.data["line"]), turn.now)
    return _take_back(conn, office, said, turn)


def _undo_answer(conn: Connection, office: Office, number: int, turn: Turn) -> str:
    """An answer is taken back, and its question is put again."""
    question = questions.get(conn, office.key, number)
    if question is None:
        raise UnclearError(outcome("unknown_target", turn.language, target=number))
    if question.kind in _BOOKED:
        return clearing.undo(conn, office, str(number), turn.now)
    if question.kind == _REVERSED and question.invoice is not None:
        return clearing.undo(conn, office, question.invoice, turn.now)
    if question.state == "open":
        raise UnclearError(outcome("not_answered_yet", turn.language, target=number))
    if question.kind in _FINAL:
        raise UnclearError(outcome("cannot_undo", turn.language, what=f"{question.choice or '?'} ({number})"))
    answers = [
        said for said in _spoken(conn, office) if any(event.data.get("question") == number for event in said.events)
    ]
    if not answers:
        raise UnclearError(outcome("cannot_undo", turn.language, what=f"{question.choice or '?'} ({number})"))
    letters_meant = {str(event.data["letter"]) for event in answers[0].events if event.data.get("letter")}
    meant = [
        event
        for event in (events.of_client(conn, office.key, question.client) if question.client is not None else [])
        if event.name.startswith("reply.") and event.data.get("by") == "owner"
        and event.data.get("letter") in letters_meant
    ]  # fmt: skip
    said = _Said(answers[0].cause, (*answers[0].events, *meant))
    result = _take_back(conn, office, said, turn)
    questions.reopen(conn, office.key, number)
    return f"{result} {outcome('asked_again', turn.language, target=number)}"


def _take_back(conn: Connection, office: Office, said: _Said, turn: Turn) -> str:
    first = said.first
    if first.name in ("owner.sent_now", "owner.replied") or first.data.get("approves"):
        _too_late(conn, office, first, turn)
    changed = next((event for event in said.events if event.name in _RESTORE), None)
    if changed is not None and not _RESTORE[changed.name](conn, office, changed, turn):
        raise UnclearError(outcome("cannot_undo", turn.language, what=event_words(changed, turn.language)))
    client = events.client_number(first.client)
    ids: list[JSON] = [event.id for event in said.events]
    happened(
        conn, office, "owner.undone", turn.cause, turn.now,
        client=client, invoice=first.invoice, data={"events": ids, "undoes": said.cause}, letter=turn.letter,
    )  # fmt: skip
    for one in [client] if client is not None else [each.id for each in clients.everyone(conn, office.key)]:
        refresh(conn, office, one, turn.now)
    return outcome(
        "undone_order", turn.language, what=event_words(first, turn.language), target=_about(conn, office, first)
    )


def _about(conn: Connection, office: Office, event: Event) -> str:
    if event.invoice is not None:
        return f" ({event.invoice})"
    client = events.client_number(event.client)
    return f" ({clients.get(conn, office.key, client).name})" if client is not None else ""


def _too_late(conn: Connection, office: Office, order: Event, turn: Turn) -> None:
    """Raises UnclearError where the mail that the order asked for has left since."""
    known = events.of_client(conn, office.key, events.client_number(order.client) or 0)
    left = [event for event in known if event.name in ("mail.sent", "mail.answered") and event.at > order.at]
    if left:
        at = left[0].at.astimezone(office.business.zone)
        raise UnclearError(outcome("too_late", turn.language, when=f"{at:%d/%m %H:%M}"))


# ------------------------------------------------------------------------ what an order changed besides its event


def _contacts_back(conn: Connection, office: Office, event: Event, _turn: Turn) -> bool:
    before, client = event.data.get("before"), events.client_number(event.client)
    if not isinstance(before, list) or client is None:
        return False
    for contact in clients.get(conn, office.key, client).contacts:
        clients.drop_contact(conn, office.key, client, contact.email)
    for one in before:
        if isinstance(one, Mapping):
            email, name = str(one["email"]), str(one["name"])
            clients.set_contact(conn, office.key, client, email, name, bool(one["usable"]))
    return True


def _fields_back(conn: Connection, office: Office, event: Event, _turn: Turn) -> bool:
    before = event.data.get("before")
    if not isinstance(before, Mapping) or event.invoice is None:
        return False
    changes: dict[str, object] = {}
    for field, value in before.items():
        is_day, is_amount = field in ("issued", "due"), field == "amount"
        changes[field] = date.fromisoformat(str(value)) if is_day else Decimal(str(value)) if is_amount else str(value)
    invoices.correct(conn, office.key, event.invoice, **changes)
    return True


def _reply_back(conn: Connection, office: Office, event: Event, turn: Turn) -> bool:
    number = event.data.get("outgoing")
    return not isinstance(number, int) or outgoing.cancel(conn, office.key, number, turn.now, "undone by the owner")


def _language_back(conn: Connection, office: Office, event: Event, _turn: Turn) -> bool:
    client, before = events.client_number(event.client), event.data.get("before")
    if client is not None and isinstance(before, str):
        clients.set_language(conn, office.key, client, before)
    return True


def _cancelling_back(_conn: Connection, _office: Office, event: Event, _turn: Turn) -> bool:
    """Not of an invoice that was entered anew under another number: it would be owed twice."""
    return "replaced_by" not in event.data


_RESTORE = {
    "owner.contact": _contacts_back,
    "owner.corrected": _fields_back,
    "owner.replied": _reply_back,
    "owner.policy": _language_back,
    "owner.moved": moved_back,
    "owner.cancelled": _cancelling_back,
}


# ------------------------------------------------------------------------ a mail that waits


def _waiting(conn: Connection, office: Office, target: Target) -> Outgoing | None:
    if target.client is None:
        return None
    rows = outgoing.queued(conn, office.key, target.client)
    return next((row for row in rows if target.invoice is None or target.invoice in row.invoices), None)


def _hold_back(conn: Connection, office: Office, row: Outgoing, target: Target, turn: Turn) -> str:
    """The mail does not leave, and its step is not taken again: a step is skipped, a reaction is settled."""
    if not outgoing.cancel(conn, office.key, row.id, turn.now, "undone by the owner"):
        raise UnclearError(outcome("too_late", turn.language, when=""))
    cancelled(conn, office, row, turn.now, "undone by the owner")
    lead = row.invoices[0] if row.invoices else None
    if row.trigger is None and row.levels:
        for number, step in row.levels.items():
            happened(
                conn, office, "owner.skipped", f"{turn.cause}/{number}", turn.now,
                client=row.client, invoice=number, data={"step": step}, letter=turn.letter,
            )  # fmt: skip
    elif row.trigger is not None:
        happened(
            conn, office, "owner.answered", turn.cause, turn.now,
            client=row.client, invoice=lead, data={"event": row.trigger, "go_on": True}, letter=turn.letter,
        )  # fmt: skip
    if row.client is not None:
        refresh(conn, office, row.client, turn.now)
    words = mail_words(row.template, turn.language)
    return outcome("held_back", turn.language, what=words, target=target.label)


ORDERS: Mapping[str, Act] = {"undo": _undo}
