"""Owners' orders: each line is carried out on its own, and one mail says what became of every line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.numbers import is_currency
from sqlalchemy import Connection

from mailbot.jobs import answering, clearing, invoicing
from mailbot.jobs.deciding import current_decision
from mailbot.jobs.mailing import short, tell_owner
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import Target, UnclearError, question_number, resolve
from mailbot.ledger import clients, invoices, letters, orders, questions
from mailbot.ledger.store import writing
from mailbot.model import JSON, Order, Reading
from mailbot.money import parse_amount, write_amount_plain
from mailbot.owner.orders import parse_orders
from mailbot.owner.outcomes import outcome
from mailbot.owner.questions import field_names, step_label
from mailbot.rules.explain import explain


@dataclass(frozen=True, slots=True)
class Turn:
    """One order of one mail (or of the command line): where it was written makes the ids of its events."""

    cause: str
    now: datetime
    language: str
    letter: str | None = None
    question: int | None = None
    """The question that the mail answers, by its address."""


def obey(
    conn: Connection,
    office: Office,
    letter_id: str,
    owner: str,
    found: Reading,
    question: int | None,
    now: datetime,
) -> None:
    """Carry out the orders of an authenticated owner's mail and answer with a transcript, once."""
    lines: list[JSON] = []
    for position, order in enumerate(_merged(conn, office, found.orders, question)):
        turn = Turn(f"{letter_id}/{position}", now, office.business.language, letter_id, question)
        result = carry_out(conn, office, order, turn)
        orders.keep(conn, office.key, letter_id, position, order, result, now)
        lines.append({"order": order.line, "result": result})
    not_understood = outcome("not_understood", office.business.language)
    lines += [{"order": line, "result": not_understood} for line in found.unknown_lines]
    if not lines:
        return
    info = letters.info(conn, office.key, letter_id)
    values: dict[str, JSON] = {
        "lines": lines,
        "help": bool(found.unknown_lines) or any(o.verb == "help" for o in found.orders),
    }
    tell_owner(
        conn, office, "transcript", f"transcript/{letter_id}", values, now,
        to=(owner,), answers=info.message_id if info else "",
    )  # fmt: skip


def _merged(conn: Connection, office: Office, given: Sequence[Order], question: int | None) -> Sequence[Order]:
    """The fields of an incomplete invoice come one a line and count together."""
    asked = questions.get(conn, office.key, question) if question is not None else None
    fields = [order for order in given if order.verb in ("correct", "contact")]
    if asked is None or asked.kind != "draft" or not fields:
        return given
    together = {
        key.replace("email", "contact"): text
        for order in fields
        for key, text in order.fields.items()
        if key != "action"
    }
    others = [order for order in given if order not in fields]
    return [Order("correct", None, together, " · ".join(order.line for order in fields)), *others]


def carry_out(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """One order; the sentence that answers it. Nothing is changed where it is not clear."""
    return _result(conn, office, order, turn).result


@dataclass(frozen=True, slots=True)
class Carried:
    """An order, whether it was carried out, and the sentence that answers it."""

    verb: str
    line: str
    done: bool
    result: str


def obey_typed(office: Office, text: str, now: datetime) -> tuple[list[Carried], tuple[str, ...]]:
    """Orders that were typed, each in a transaction of its own; also the lines that are none.

    The same text at the same instant is the same orders: they act once.
    """
    language = office.business.language
    found, unknown = parse_orders(text, language, office.day(now))
    done = []
    for position, order in enumerate(found):
        turn = Turn(f"do/{short(text)}/{now.isoformat()}/{position}", now, language)
        with writing(office.engine) as conn:
            done.append(_result(conn, office, order, turn))
    return done, unknown


def _result(conn: Connection, office: Office, order: Order, turn: Turn) -> Carried:
    act = _VERBS.get(order.verb)
    try:
        if act is None:
            return Carried(order.verb, order.line, False, outcome("not_by_mail", turn.language, verb=order.verb))
        return Carried(order.verb, order.line, True, act(conn, office, order, turn))
    except UnclearError as unclear:
        return Carried(order.verb, order.line, False, str(unclear))


def _target(conn: Connection, office: Office, order: Order, turn: Turn, *, whole: bool = False) -> Target:
    """What the order is about; raises UnclearError where that is nothing or more than one thing.

    `whole`: it may be about everything; only what silences, or ends that, is safe to say of all clients at once.
    """
    found = resolve(conn, office, order.target, turn.question)
    if len(found) == 1 and (whole or found[0].client is not None):
        return found[0]
    if len(found) == 1:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    if not found:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    choices = ", ".join(target.label for target in found)
    raise UnclearError(outcome("several_targets", turn.language, target=order.target, choices=choices))


def _record(
    conn: Connection,
    office: Office,
    name: str,
    target: Target,
    turn: Turn,
    data: Mapping[str, JSON] | None = None,
) -> None:
    happened(
        conn, office, name, turn.cause, turn.now,
        client=target.client, invoice=target.invoice, data=dict(data or {}), letter=turn.letter,
    )  # fmt: skip
    for client in (
        [target.client] if target.client is not None else [one.id for one in clients.everyone(conn, office.key)]
    ):
        refresh(conn, office, client, turn.now)


def _answer(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    number = question_number(order.target) or turn.question
    question = questions.get(conn, office.key, number) if number is not None else None
    if question is None:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    if question.state != "open":
        code = "expired" if question.state == "expired" else "answered_before"
        return outcome(code, turn.language, target=question.number)
    if question.kind == "draft" and order.fields.get("choice", "yes") in answering.YES:
        return _complete(conn, office, question, {}, order, turn)
    return answering.answer(
        conn,
        office,
        question,
        order.fields.get("choice", "yes"),
        order.fields.get("text", ""),
        turn.cause,
        turn.letter,
        turn.now,
    )


def _paid(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _target(conn, office, order, turn)
    if target.client is None:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    amount = _amount(order, turn)
    if amount is not None and target.invoice is None:
        target, amount = _of_one_invoice(conn, office, target, amount, order, turn)
    data: dict[str, JSON] = {key: value for key, value in order.fields.items() if key in ("date", "method")}
    if amount is not None:
        data["amount"] = str(amount)
    _record(conn, office, "owner.paid", target, turn, data)
    known = invoices.get(conn, office.key, target.invoice) if target.invoice else None
    if amount is None or known is None or known.open_amount == 0:
        return outcome("paid", turn.language, target=target.label)
    money = {
        "amount": _money(amount, turn, known.currency),
        "open": _money(known.open_amount, turn, known.currency),
    }
    return outcome("part_paid", turn.language, target=target.label, **money)


def _of_one_invoice(
    conn: Connection, office: Office, target: Target, amount: Decimal, order: Order, turn: Turn
) -> tuple[Target, Decimal | None]:
    """A sum that a client paid: for its one open invoice, or for all of them where it is all that is owed.

    Which of several it is for is the owner's to say: taken off each of them it would count several times.
    """
    owed = [one for one in invoices.of_client(conn, office.key, target.client or 0) if one.open_amount > 0]
    if len(owed) == 1:
        return Target(owed[0].number, target.client, owed[0].number), amount
    total = sum((one.open_amount for one in owed), Decimal(0))
    if owed and total == amount and len({one.currency for one in owed}) == 1 and owed[0].kind == "invoice":
        return target, None
    choices = ", ".join(one.number for one in owed) or "-"
    raise UnclearError(outcome("several_targets", turn.language, target=order.target or "?", choices=choices))


def _match(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    named = [number for number in order.fields.get("invoices", "").split(",") if number]
    return clearing.match(conn, office, order.fields.get("line", ""), named, turn.letter or turn.cause, turn.now)


def _undo(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = order.target or (str(turn.question) if turn.question is not None else "")
    return clearing.undo(conn, office, target, turn.now)


def _pause(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _target(conn, office, order, turn, whole=True)
    until = _day(order, "until", turn)
    resume_on = _day(order, "resume_on", turn)
    if until is None and resume_on is not None:
        until = resume_on - timedelta(days=1)
    if until is None and (days := order.fields.get("days")):
        until = office.day(turn.now) + timedelta(days=int(days))
    _record(conn, office, "owner.paused", target, turn, {"until": until.isoformat() if until else None})
    words = {"fr": ("jusqu'à nouvel ordre", "jusqu'au {}"), "en": ("until you say otherwise", "until {}")}[
        turn.language
    ]
    said = words[1].format(until.strftime("%d/%m/%Y")) if until else words[0]
    typed = target.typed(turn.language)
    return outcome("paused", turn.language, target=target.label, until=said, typed=typed)


def _simple(name: str, code: str, *, whole: bool = False) -> Callable[[Connection, Office, Order, Turn], str]:
    """An order that is one event about its target."""

    def act(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
        target = _target(conn, office, order, turn, whole=whole)
        _record(conn, office, name, target, turn, dict(order.fields))
        return outcome(code, turn.language, target=target.label, step=order.fields.get("step", ""))

    return act


def _skip(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Skip the step that is named, or the one that the rules speak of today."""
    target = _target(conn, office, order, turn)
    step = order.fields.get("step", "")
    if target.client is not None and (not step or target.invoice is None):
        decision = current_decision(conn, office, target.client, turn.now)
        step = step or decision.what or ""
        # of the client it would count for every invoice to come as well
        target = replace(target, invoice=target.invoice or decision.lead)
    if not step or target.invoice is None:
        raise UnclearError(
            outcome("needs_field", turn.language, fields={"fr": "l'étape", "en": "the step"}[turn.language])
        )
    _record(conn, office, "owner.skipped", target, turn, {"step": step})
    return outcome("skipped", turn.language, target=target.label, step=step_label(step, turn.language))


def _policy(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """Gentler, firmer, or the profile to treat a client by."""
    target = _target(conn, office, order, turn)
    tone = {"gentle": "gentler", "firm": "firmer"}.get(order.fields.get("tone", ""))
    profile = order.fields.get("profile", "")
    given = {"tone": tone} if tone else {}
    if profile in {one.id for one in office.rules.profiles}:
        given["profile"] = profile
    if target.client is None or not given:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    _record(conn, office, "owner.policy", target, turn, dict(given))
    return outcome("policy", turn.language, target=target.label, what=", ".join(given.values()))


def _promise(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _target(conn, office, order, turn)
    day = _day(order, "date", turn)
    if day is None:
        raise UnclearError(outcome("needs_field", turn.language, fields="date"))
    amount = _amount(order, turn)
    _record(
        conn,
        office,
        "owner.promise",
        target,
        turn,
        {"date": day.isoformat(), "amount": str(amount) if amount else None},
    )
    return outcome("promise", turn.language, target=target.label, date=day.strftime("%d/%m/%Y"))


def _contact(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _target(conn, office, order, turn)
    email = order.fields.get("email", "")
    if target.client is None or "@" not in email:
        raise UnclearError(outcome("needs_field", turn.language, fields="e-mail"))
    if order.fields.get("action") == "remove":
        clients.drop_contact(conn, office.key, target.client, email)
        code = "contact_removed"
    else:
        if order.fields.get("action") == "replace":
            for contact in clients.get(conn, office.key, target.client).contacts:
                clients.drop_contact(conn, office.key, target.client, contact.email)
        clients.set_contact(conn, office.key, target.client, email, usable=True)
        code = "contact"
    _record(conn, office, "owner.contact", target, turn, dict(order.fields))
    return outcome(code, turn.language, target=target.label, email=email)


def _correct(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    question = questions.get(conn, office.key, turn.question) if turn.question is not None else None
    if question is not None and question.kind == "draft" and question.state == "open":
        return _complete(conn, office, question, dict(order.fields), order, turn)
    target = _target(conn, office, order, turn)
    if target.invoice is None:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    kept = [field for field in order.fields if field in _CORRECTED]
    if not kept:
        names = field_names(list(order.fields), turn.language)
        said = {"fr": f"{names} : ne se corrige pas ici", "en": f"{names}: cannot be corrected here"}[turn.language]
        raise UnclearError(outcome("bad_field", turn.language, why=said))
    try:
        invoices.correct(conn, office.key, target.invoice, **_corrections(order))
    except ValueError as error:
        raise UnclearError(outcome("bad_field", turn.language, why=str(error))) from error
    _record(conn, office, "owner.corrected", target, turn, dict(order.fields))
    return outcome(
        "corrected",
        turn.language,
        target=target.label,
        fields=field_names(kept, turn.language),
    )


def _complete(
    conn: Connection,
    office: Office,
    question: questions.Question,
    fields: dict[str, str],
    order: Order,
    turn: Turn,
) -> str:
    """Put the owner's words into an incomplete invoice; it is entered once nothing is missing."""
    said, _, rest = invoicing.complete_draft(conn, office, question, fields, turn.now).partition(": ")
    if said == "entered":
        questions.answer(conn, office.key, question.number, "fields", order.line, turn.letter, turn.now)
        return outcome("entered", turn.language)
    if said == "incomplete":
        names = field_names(rest.split(", "), turn.language)
        return outcome("incomplete", turn.language, fields=names)
    raise UnclearError(outcome("bad_field", turn.language, why=rest))


_CORRECTED = {
    "issue_date": "issued",
    "due_date": "due",
    "total_gross": "amount",
    "amount": "amount",
    "currency": "currency",
}
"""Field of the order -> of the invoice."""


def _corrections(order: Order) -> dict[str, object]:
    """What the ledger is to be told; raises ValueError for what no invoice can have."""
    changes: dict[str, object] = {}
    for field, text in order.fields.items():
        if field in ("issue_date", "due_date"):
            changes[_CORRECTED[field]] = date.fromisoformat(text)
        elif field in ("total_gross", "amount"):
            changes["amount"] = amount = parse_amount(text)
            if amount <= 0:
                raise ValueError(f"{text} ?")
        elif field == "currency":
            if not is_currency(text, "en"):
                raise ValueError(f"{text} ?")
            changes["currency"] = text
    return changes


def _whole(name: str, code: str) -> Callable[[Connection, Office, Order, Turn], str]:
    """An order about everything."""

    def act(conn: Connection, office: Office, _order: Order, turn: Turn) -> str:
        _record(conn, office, name, Target(turn.language), turn)
        return outcome(code, turn.language)

    return act


def _status(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    wanted = resolve(conn, office, order.target, turn.question) if order.target else []
    only = {target.client for target in wanted}
    rows = []
    for item in sorted(
        invoices.open_items(conn, office.key), key=lambda item: (item.due_date or date.min, item.number)
    ):
        known = invoices.get(conn, office.key, item.number)
        if known is not None and (not only or known.client in only):
            rows.append(
                f"{item.number} {item.client} {_money(item.amount_due, turn, item.currency)} ({known.due:%d/%m/%Y})"
            )
    empty = {"fr": "Rien n'est dû.", "en": "Nothing is owed."}[turn.language]
    return outcome("status", turn.language, text="; ".join(rows) or empty)


def _why(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _target(conn, office, order, turn)
    if target.client is None:
        raise UnclearError(outcome("unknown_target", turn.language, target=order.target or "?"))
    decision = current_decision(conn, office, target.client, turn.now)
    name = clients.get(conn, office.key, target.client).name
    return outcome("why", turn.language, text=explain(decision, office.rules, turn.language, name))


def _help(_conn: Connection, _office: Office, _order: Order, turn: Turn) -> str:
    return {"fr": "Voici les ordres possibles.", "en": "These are the orders."}[turn.language]


def _amount(order: Order, turn: Turn) -> Decimal | None:
    text = order.fields.get("amount")
    if not text:
        return None
    try:
        return parse_amount(text)
    except ValueError as error:
        raise UnclearError(outcome("bad_field", turn.language, why=str(error))) from error


def _day(order: Order, field: str, turn: Turn) -> date | None:
    text = order.fields.get(field)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnclearError(outcome("bad_field", turn.language, why=f"{text} ?")) from error


def _money(amount: Decimal, turn: Turn, currency: str = "EUR") -> str:
    return write_amount_plain(amount, currency, turn.language)


_VERBS: Mapping[str, Callable[[Connection, Office, Order, Turn], str]] = {
    "answer": _answer,
    "paid": _paid,
    "match": _match,
    "undo": _undo,
    "pause": _pause,
    "resume": _simple("owner.resumed", "resumed", whole=True),
    "promise": _promise,
    "dispute": _simple("owner.dispute", "dispute"),
    "resolve": _simple("owner.resolved", "resolved"),
    "skip": _skip,
    "policy": _policy,
    "send": _simple("owner.sent_now", "sent_now"),
    "contact": _contact,
    "correct": _correct,
    "cancel": _simple("owner.cancelled", "cancelled"),
    "write_off": _simple("owner.written_off", "written_off"),
    "live": _whole("owner.live", "live"),
    "stop": _whole("owner.stopped", "stopped"),
    "status": _status,
    "why": _why,
    "help": _help,
}
