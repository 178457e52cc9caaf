"""One order on its turn: where it was written, whom it means, and how what it says is recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Target, UnclearError, nearest, resolve, several
from mailbot.ledger import clients, questions
from mailbot.model import JSON, Order
from mailbot.money import parse_amount, write_amount_plain
from mailbot.owner.outcomes import outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """One order of one mail (or of the command line): where it was written makes the ids of its events."""

    cause: str
    now: datetime
    language: str
    letter: str | None = None
    question: int | None = None
    """The question that the mail answers, by its address."""
    about: tuple[str, ...] = ()
    """The invoices that the answered mail is about, in its order: what names nothing means the one, "2" the second."""
    answers: str = ""
    """The Message-ID of the mail of ours that is answered."""
    seen_at: datetime | None = None
    """When the mail that is answered was planned: what was asked anew since is not what the owner saw."""
    proved: bool = True
    """The mail answers one that only an owner got, beside what the receiving server says of its sender."""
    confirmed: bool = False
    """The owner was asked whether it is really meant, and said so; or it was typed on the machine itself."""


Act = Callable[[Connection, Office, Order, Turn], str]
"""Carries out one order; the sentence that answers it, more lines below it. Raises UnclearError, changing nothing."""


def meant(conn: Connection, office: Office, order: Order, turn: Turn, *, whole: bool = False) -> Target:
    """What the order is about; raises UnclearError where that is nothing or more than one thing.

    `whole`: it may be about everything; only what silences, or ends that, is safe to say of all clients at once.
    """
    found = resolve(conn, office, _named(order, turn), turn.question)
    if len(found) == 1 and (whole or found[0].client is not None):
        return found[0]
    if len(found) == 1:
        raise UnclearError(outcome("not_for_all", turn.language, target=order.target or "?"))
    if found:
        raise several(conn, office, order.target or "?", found, turn.language)
    raise UnclearError(unknown(conn, office, order, turn))


def _named(order: Order, turn: Turn) -> str | None:
    if order.target is None:
        return turn.about[0] if len(turn.about) == 1 and turn.question is None else None
    at = int(order.target) - 1 if order.target.isascii() and order.target.isdigit() and len(order.target) <= 2 else -1
    return turn.about[at] if len(turn.about) > 1 and 0 <= at < len(turn.about) else order.target


def unknown(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The sentence for a name that nothing has, with what looks like it."""
    if not order.target:
        return outcome("no_target", turn.language)
    said = outcome("unknown_target", turn.language, target=order.target)
    alike = nearest(conn, office, order.target)
    return f"{said} {outcome('nearest', turn.language, choices=', '.join(alike))}" if alike else said


def client_of(target: Target, order: Order, turn: Turn) -> int:
    """The client of a target that is not everything."""
    if target.client is None:
        raise UnclearError(outcome("not_for_all", turn.language, target=order.target or "?"))
    return target.client


def record(
    conn: Connection, office: Office, name: str, target: Target, turn: Turn, data: Mapping[str, JSON] | None = None
) -> None:
    """The order as an event about its target; what follows from it is computed again.

    It also answers what was asked about the owner's own words on that invoice.
    """
    if target.invoice is not None:
        _settle_note(conn, office, name, target, turn)
    happened(
        conn, office, name, turn.cause, turn.now,
        client=target.client, invoice=target.invoice, data=dict(data or {}), letter=turn.letter,
    )  # fmt: skip
    everyone = [one.id for one in clients.everyone(conn, office.key)] if target.client is None else [target.client]
    for client in everyone:
        refresh(conn, office, client, turn.now)


def _settle_note(conn: Connection, office: Office, name: str, target: Target, turn: Turn) -> None:
    for question in questions.open_ones(conn, office.key):
        if question.kind != "note" or question.invoice != target.invoice or question.letter == turn.letter:
            continue
        questions.answer(conn, office.key, question.number, "order", name, turn.letter, turn.now)
        if name != "owner.paused":  # which takes the place of the pause that the question began
            happened(
                conn, office, "owner.resumed", f"{turn.cause}/note", turn.now,
                client=target.client, invoice=target.invoice, letter=turn.letter,
            )  # fmt: skip


def amount_of(order: Order, turn: Turn, field: str = "amount") -> Decimal | None:
    """An amount that the order names; raises UnclearError for one that cannot be read or is not above zero."""
    text = order.fields.get(field)
    if not text:
        return None
    try:
        amount = parse_amount(text)
    except ValueError as error:
        raise misread(text, turn.language) from error
    if amount <= 0:
        raise misread(text, turn.language)
    return amount


def day_of(order: Order, field: str, turn: Turn) -> date | None:
    """A day that the order names; raises UnclearError for one that cannot be read."""
    text = order.fields.get(field)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise misread(text, turn.language) from error


def misread(text: str, language: str) -> UnclearError:
    """For a day or an amount of an order that is none."""
    return UnclearError(outcome("bad_field", language, why=not_understood(text, language)))


def not_understood(text: str, language: str) -> str:
    """The beginning of the sentence for words that are no such value."""
    return {"fr": f"Je ne comprends pas « {text} »", "en": f'I do not understand "{text}"'}[language]


def money(amount: Decimal, turn: Turn, currency: str = "EUR") -> str:
    """An amount as the owner reads it."""
    return write_amount_plain(amount, currency, turn.language)
