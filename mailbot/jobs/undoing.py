"""The order `undo`: take back the last order, what was said of an invoice or a client, or a mail that still waits.

Nothing is deleted: an event `owner.undone` names what does not count any more, and `rules.balance.seen` leaves it out.
What an order changed besides (addresses, fields of an invoice, a booking, a question) is put back here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from mailbot.jobs import clearing
from mailbot.jobs.deciding import cancelled
from mailbot.jobs.lately import LATEST, Said, about_words, apart, deeds, mail_label, spoken, told_in, waiting
from mailbot.jobs.moving import moved_back
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Choice, SeveralError, Target, UnclearError, question_number, resolve, several
from mailbot.jobs.turns import Act, Turn, unknown
from mailbot.ledger import allocations, bank, clients, events, invoices, outgoing, outgoing_lists, questions
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import JSON, Event, Order
from mailbot.owner.outcomes import outcome
from mailbot.owner.phrases import event_words, mail_words
from mailbot.owner.question_words import answer_words

_BOOKED = frozenset({"match", "overpaid"})
_ASKED_FIRST = frozenset({"confirm", "which"})
_REVERSED = "alert_reversal"
"""Tells of a payment that the bank took back: to undo it puts the payment back."""
_FINAL = frozenset({"unproven_owner", "in_doubt", "rules_changed", "draft", "confirm", "which"})
"""Answers that took effect at once and cannot be taken back."""


_OLD = timedelta(days=3)
"""What was said longer ago is asked about before it is taken back by a bare "undo"."""
_LEFT_LATELY = timedelta(days=2)


def _undo(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    words = (order.target or "").strip()
    if _was_carried_out(conn, office, turn):
        raise UnclearError(outcome("nothing_said", turn.language, target=words or "-"))
    if "what" in order.fields:
        return _take(conn, office, order.fields["what"], turn)
    number = question_number(words) if words else _answered(conn, office, turn)
    if not words and number is None:
        return _undo_bare(conn, office, turn)
    if number is not None:
        return _undo_answer(conn, office, number, turn)
    found = resolve(conn, office, words)
    if len(found) > 1:
        raise several(conn, office, words, found, turn.language)
    if not found:
        return clearing.undo(conn, office, words, turn.now) if _is_line(conn, office, words) else _lost(
            conn, office, order, turn
        )  # fmt: skip
    target = found[0]
    if (row := _waiting(conn, office, target)) is not None:
        return _hold_back(conn, office, row, target, turn)
    about = [said for said in spoken(conn, office) if _is_about(said, target)]
    paid = _paid_by_bank(conn, office, target)
    _refuse_what_left(conn, office, target, max((one for one in (paid, *_moments(about)) if one), default=None), turn)
    if about and (paid is None or about[0].first.at >= paid):
        return _take_back(conn, office, about[0], turn) if not _question_of(about[0]) else _undo_answer(
            conn, office, _question_of(about[0]) or 0, turn
        )  # fmt: skip
    if target.invoice is not None:
        return clearing.undo(conn, office, target.invoice, turn.now)
    raise UnclearError(outcome("nothing_said", turn.language, target=target.label))


def _answered(conn: Connection, office: Office, turn: Turn) -> int | None:
    """The question that the mail answers; not one that itself asks what is meant."""
    asked = questions.get(conn, office.key, turn.question) if turn.question is not None else None
    return None if asked is None or asked.kind in _ASKED_FIRST else asked.number


def _undo_bare(conn: Connection, office: Office, turn: Turn) -> str:
    """ "annule" alone: the last thing that the owner did; in answer to a digest also what that digest told.

    Where two things could be meant, or what was last is long past, the owner is asked with a list.
    """
    seen = outgoing.by_message_id(conn, office.key, turn.answers) if turn.answers else None
    lists = {f"asked:{one.number}" for one in questions.open_ones(conn, office.key) if _is_undo_list(one)}
    done = [deed for deed in deeds(conn, office, turn.now) if deed.what not in lists]
    newest = apart(done)
    if seen is not None and seen.template == "digest" and not _acted_since(conn, office, seen.created_at):
        told = [*told_in(conn, office, seen), *waiting(conn, office)]
        if told:
            newest = told
    elif seen is not None and turn.about:
        held = [deed for row in _held(conn, office, turn.about) for deed in waiting(conn, office)
                if deed.what == f"mail:{row.id}"]  # fmt: skip
        newest = held if held and not _acted_since(conn, office, seen.created_at) else newest
    elif seen is not None and newest and newest[-1].at > seen.created_at:
        newest = [*newest, *apart([deed for deed in done if deed.at <= seen.created_at])[:1]]
    if not newest:
        raise UnclearError(outcome("nothing_more", turn.language))
    if len(newest) > 1 or (turn.letter is not None and turn.now - newest[0].at > _OLD):
        choices = tuple(Choice(deed.label, None, {"what": deed.what}) for deed in newest)
        raise SeveralError(outcome("undo_which", turn.language), choices)
    return _take(conn, office, newest[0].what, turn)


def _is_undo_list(question: questions.Question) -> bool:
    """The list of what an earlier "undo" can mean: a second "undo" does not take that list back."""
    return question.kind == "which" and question.about.get("verb") == "undo"


def _acted_since(conn: Connection, office: Office, instant: datetime) -> bool:
    """Whether the owner gave any order after that, also one that was taken back since."""
    known = events.by_owner(conn, office.key, LATEST)
    return any(event.at > instant for event in known) or any(
        deed.at > instant for deed in deeds(conn, office, instant + _OLD)
    )


def _held(conn: Connection, office: Office, about: Sequence[str]) -> list[Outgoing]:
    rows = outgoing_lists.queued(conn, office.key)
    return [row for row in rows if row.kind == "client" and set(about) & set(row.invoices)]


def _take(conn: Connection, office: Office, what: str, turn: Turn) -> str:
    """Take back one thing by its name (`lately.Deed.what`)."""
    kind, _, name = what.partition(":")
    if kind == "line":
        return clearing.undo(conn, office, name, turn.now)
    if kind == "mail":
        row = outgoing.find(conn, office.key, int(name))
        if row is None or row.client is None:
            raise UnclearError(outcome("nothing_more", turn.language))
        target = Target(clients.get(conn, office.key, row.client).name, row.client)
        return _hold_back(conn, office, row, target, turn)
    if kind == "asked":
        return _withdraw(conn, office, int(name), turn)
    said = next((one for one in spoken(conn, office) if one.cause == name), None)
    if said is None:
        raise UnclearError(outcome("nothing_more", turn.language))
    number = _question_of(said)
    return _take_back(conn, office, said, turn) if number is None else _undo_answer(conn, office, number, turn)


def _question_of(said: Said) -> int | None:
    number = said.first.data.get("question") if said.first.name == "owner.answered" else None
    return number if isinstance(number, int) else None


def _withdraw(conn: Connection, office: Office, number: int, turn: Turn) -> str:
    """An order that waits for the owner's word is not meant any more; the silence that it began ends."""
    question = questions.get(conn, office.key, number)
    if question is None or question.state != "open":
        raise UnclearError(outcome("nothing_more", turn.language))
    questions.answer(conn, office.key, number, "no", "", turn.letter, turn.now)
    cause = question.dedupe_key.partition("/")[2]
    if said := next((one for one in spoken(conn, office) if one.cause == cause), None):
        _take_back(conn, office, said, turn)
    return outcome("confirm_refused", turn.language, line=str(question.about["line"]).strip())


def _moments(about: Sequence[Said]) -> list[datetime]:
    return [said.first.at for said in about[:1]]


def _refuse_what_left(conn: Connection, office: Office, target: Target, last: datetime | None, turn: Turn) -> None:
    """Raises UnclearError where a mail about it left after the last thing that could be taken back."""
    if target.client is None:
        return
    for row in reversed(outgoing_lists.of_client(conn, office.key, target.client)):
        if row.kind != "client" or row.sent_at is None or turn.now - row.sent_at > _LEFT_LATELY:
            continue
        if (target.invoice is None or target.invoice in row.invoices) and (last is None or row.sent_at > last):
            when = row.sent_at.astimezone(office.business.zone)
            raise UnclearError(
                outcome(
                    "mail_has_left", turn.language, what=mail_label(conn, office, row), when=f"{when:%d/%m %H:%M}",
                    typed=target.label,
                )
            )  # fmt: skip


def _was_carried_out(conn: Connection, office: Office, turn: Turn) -> bool:
    """The same order again: what it took back is taken back, and what was said before it stays."""
    known = events.by_owner(conn, office.key, LATEST)
    return any(f"{event.id}/".startswith(f"{event.name}/{turn.cause}/") for event in known)


def _lost(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    raise UnclearError(unknown(conn, office, order, turn))


def _is_line(conn: Connection, office: Office, words: str) -> bool:
    return bool(bank.lines_called(conn, office.key, words))


def _is_about(said: Said, target: Target) -> bool:
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
        raise UnclearError(outcome("cannot_undo", turn.language, what=_answer_label(question, turn.language)))
    answers = [
        said for said in spoken(conn, office) if any(event.data.get("question") == number for event in said.events)
    ]
    if not answers:
        raise UnclearError(outcome("cannot_undo", turn.language, what=_answer_label(question, turn.language)))
    letters_meant = {str(event.data["letter"]) for event in answers[0].events if event.data.get("letter")}
    meant = [
        event
        for event in (events.of_client(conn, office.key, question.client) if question.client is not None else [])
        if event.name.startswith("reply.") and event.data.get("by") == "owner"
        and event.data.get("letter") in letters_meant
    ]  # fmt: skip
    said = Said(answers[0].cause, (*answers[0].events, *meant))
    result = _take_back(conn, office, said, turn)
    questions.reopen(conn, office.key, number)
    return f"{result} {outcome('asked_again', turn.language, target=number)}"


def _answer_label(question: questions.Question, language: str) -> str:
    return f"{answer_words(question.choice or '?', language)} (question {question.number})"


def _take_back(conn: Connection, office: Office, said: Said, turn: Turn) -> str:
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
        "undone_order", turn.language, what=event_words(first, turn.language), target=about_words(conn, office, first)
    )


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
    rows = outgoing_lists.queued(conn, office.key, target.client)
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
