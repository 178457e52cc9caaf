"""Two steps for what cannot easily be taken back: the bot says what would happen and waits for a word of one use."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.answering import NO
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.jobs.settling import refuse_a_part
from mailbot.jobs.shadowing import WEEK, owed, would_have_sent
from mailbot.jobs.targets import Target, question_number
from mailbot.jobs.turns import Turn, meant, money, record
from mailbot.ledger import clients, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.model import JSON, Order
from mailbot.owner.outcomes import outcome

BIG = Decimal(10000)
"""From this sum on, "paid" for all that a client owes is asked about."""
MANY = 10
"""More clients than these are not written to by one word."""
LIFE = timedelta(days=3)
"""A confirmation that was not given in this time is asked for anew."""
_SETTLE = frozenset({"cancel", "write_off", "paid"})
"""Orders after which nothing is owed: until they are confirmed, or for `LIFE`, the client is left in peace."""
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like 1 and 0."""

_WORDS = frozenset({"confirm", "which"})
_HARMLESS_NO = _WORDS | {"approve", "rules_changed", "unproven_owner", "revised", "address"}
"""Kinds of questions after whose no nothing leaves and nothing is booked."""
_SEND_OR_BANK = frozenset({"send", "reply", "match", "contact", "correct"})
"""What a mail that answers none of ours has to confirm: it sends, redirects or changes what the bank pays."""


def to_confirm(conn: Connection, office: Office, order: Order, turn: Turn) -> str | None:
    """What to ask before an order is carried out; None: it may be carried out at once.

    Raises UnclearError where the order could not be carried out anyway.
    """
    if turn.confirmed:
        return None
    describe = _SEVERE.get(order.verb)
    if describe is not None and (asked := describe(conn, office, order, turn)) is not None:
        return asked
    if not turn.proved and (order.verb in _SEND_OR_BANK or _is_agreement(conn, office, order, turn)):
        return outcome("confirm_unproved", turn.language, line=order.line.strip())
    return None


def _is_agreement(conn: Connection, office: Office, order: Order, turn: Turn) -> bool:
    """An answer that lets something happen: a booking, another address, a notice, reminders that go on after a no."""
    if order.verb != "answer":
        return False
    number = question_number(order.target) or turn.question
    question = questions.get(conn, office.key, number) if number is not None else None
    if question is None:
        return order.fields.get("choice") not in NO
    if turn.seen_at is not None and question.asked_at > turn.seen_at:
        return False  # it is told so, and nothing happens
    return question.state == "open" and question.kind not in (
        _HARMLESS_NO if order.fields.get("choice") in NO else _WORDS
    )


def put(conn: Connection, office: Office, order: Order, turn: Turn, what: str) -> str:
    """Ask for the confirmation; nothing is changed yet, but nobody is chased for what the owner called settled."""
    word = _word(office, turn.cause)
    about: dict[str, JSON] = {
        "verb": order.verb,
        "target": order.target,
        "fields": dict(order.fields),
        "line": order.line,
        "word": word,
        "question": turn.question,
        "text": what,
    }
    if order.verb in _SETTLE:
        until = office.day(turn.now + LIFE).isoformat()
        target = meant(conn, office, order, turn)
        record(conn, office, "owner.paused", target, turn, {"until": until})
        about |= {"paused": target.label, "paused_until": until}
    number = ask(conn, office, "confirm", f"confirm/{turn.cause}", about, turn.now)
    said = outcome("confirm", turn.language, what=what, target=number, word=word)
    if order.verb in _SETTLE:
        day = f"{office.day(turn.now + LIFE):%d/%m/%Y}"
        said += " " + outcome("confirm_paused", turn.language, paused=target.label, until=day, target=number)
    return "\n".join([said, *quoted_text(order)])


def quoted_text(order: Order) -> list[str]:
    """The words that a client is to get, line by line, so that the owner reads what leaves."""
    return [f"| {line}" for line in order.fields.get("text", "").split("\n")] if order.verb == "reply" else []


def confirmed(question: Question, text: str) -> Order | None:
    """The order that a confirmation stands for; None where the word is missing or another one."""
    about = question.about
    if text.strip().strip("«»\"'.").upper() != about["word"]:
        return None
    return Order(str(about["verb"]), about["target"], cast("Mapping[str, str]", about["fields"]), str(about["line"]))


def expire_old(conn: Connection, office: Office, now: datetime) -> None:
    """Confirmations that nobody gave are not asked for any more."""
    for question in questions.open_ones(conn, office.key):
        if question.kind in ("confirm", "which") and now - question.asked_at > LIFE:
            questions.expire(conn, office.key, question.number, "not confirmed in time", now)


def _word(office: Office, cause: str) -> str:
    digest = hashlib.sha256(office.tokens.mark(f"confirm|{office.key}|{cause}").encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:4])


def _written_off(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    refuse_a_part(conn, office, order, target, turn)
    return outcome("confirm_write_off", turn.language, target=_with_amount(conn, office, target, turn))


def _cancelled(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    refuse_a_part(conn, office, order, target, turn)
    return outcome("confirm_cancel", turn.language, target=_with_amount(conn, office, target, turn))


def _noticed(conn: Connection, office: Office, order: Order, turn: Turn) -> str | None:
    if order.fields:
        return None  # it tells that the letter was posted
    target = meant(conn, office, order, turn)
    return outcome("confirm_notice", turn.language, target=_with_amount(conn, office, target, turn))


def _replied(conn: Connection, office: Office, order: Order, turn: Turn) -> str | None:
    """A text of which some lines look like orders: nobody but the owner knows for whom they are."""
    doubt = order.fields.get("doubt")
    if not doubt:
        return None
    name = meant(conn, office, order, turn).label
    lines = " », « ".join(doubt.split("\n")) if turn.language == "fr" else '", "'.join(doubt.split("\n"))
    return outcome("confirm_reply", turn.language, target=name, lines=lines)


def _live(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """What would have left in the last week, so that the owner knows what begins."""
    target = meant(conn, office, order, turn, whole=True) if order.target else Target("")
    shown = would_have_sent(conn, office, turn.now - WEEK, turn.now, target.client)
    many = len({row.client for row in shown})
    whose = f" ({target.label})" if target.client is not None else ""
    if not shown:
        return outcome("confirm_live_quiet", turn.language, whose=whose)
    count, sums = owed(conn, office, shown)
    total = " + ".join(money(amount, turn, currency) for currency, amount in sorted(sums.items()))
    return outcome(
        "confirm_live", turn.language, mails=_counted("would_have_left", len(shown), turn),
        clients=_counted("to_clients", many, turn), invoices=_counted("for_invoices", count, turn),
        total=total, whose=whose,
    )  # fmt: skip


def _counted(code: str, count: int, turn: Turn) -> str:
    return outcome(f"{code}_one" if count == 1 else code, turn.language, count=count)


def _paid(conn: Connection, office: Office, order: Order, turn: Turn) -> str | None:
    target = meant(conn, office, order, turn)
    if target.invoice is not None or target.client is None or "amount" in order.fields:
        return None
    owed = [one for one in invoices.of_client(conn, office.key, target.client) if one.open_amount > 0]
    if len(owed) < 2 or sum(one.open_amount for one in owed) < BIG:
        return None
    return outcome("confirm_paid", turn.language, target=_with_amount(conn, office, target, turn))


def _resumed(conn: Connection, office: Office, order: Order, turn: Turn) -> str | None:
    target = meant(conn, office, order, turn, whole=True)
    if target.client is not None:
        return None
    day = office.day(turn.now)
    late = sum(
        any(one.open_amount > 0 and one.due < day for one in invoices.of_client(conn, office.key, client.id))
        for client in clients.everyone(conn, office.key)
    )
    return outcome("confirm_resume", turn.language, count=late) if late > MANY else None


def _with_amount(conn: Connection, office: Office, target: Target, turn: Turn) -> str:
    """ "FA-2026-014 (1 200,00 €)": what is open of an invoice, or of all that a client owes."""
    if target.client is None:
        return target.label
    billed = invoices.of_client(conn, office.key, target.client)
    named = [one for one in billed if target.invoice in (None, one.number) and one.open_amount > 0]
    sums: dict[str, Decimal] = {}
    for one in named:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.open_amount
    amounts = " + ".join(money(amount, turn, currency) for currency, amount in sorted(sums.items()))
    return f"{target.label} ({amounts})" if amounts else target.label


_SEVERE: Mapping[str, Callable[[Connection, Office, Order, Turn], str | None]] = {
    "write_off": _written_off,
    "cancel": _cancelled,
    "notice": _noticed,
    "live": _live,
    "reply": _replied,
    "paid": _paid,
    "resume": _resumed,
}
