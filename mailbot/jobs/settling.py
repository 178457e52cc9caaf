"""Orders that say how an invoice stands: paid, matched, promised, disputed, settled, cancelled, written off."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs import clearing, standing
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, UnclearError, several
from mailbot.jobs.turns import Act, Turn, amount_of, client_of, day_of, meant, money, record
from mailbot.ledger import clients, invoices
from mailbot.ledger.invoices import Invoice
from mailbot.model import JSON, Order
from mailbot.owner.lines import who_is_said_to_have_paid
from mailbot.owner.outcomes import outcome
from mailbot.owner.verb_table import begins_with_verb
from mailbot.owner.words import NOISE, fold

_ALL = re.compile(r"\b(?:tout|toutes|les deux|all|everything|both)\b")
""" "Dupont a tout payé": of all that is owed."""


def _paid(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _owing(conn, office, order, turn)
    _refuse_unknown_payer(conn, office, order, target, turn)
    day = day_of(order, "date", turn)
    if day is not None and day > office.day(turn.now):
        raise UnclearError(outcome("paid_future", turn.language, target=target.label, date=f"{day:%d/%m/%Y}"))
    if day is not None:
        _refuse_before_issue(conn, office, day, order, target, turn)
    amount = amount_of(order, turn)
    if amount is None and target.invoice is None:
        _refuse_hearsay(conn, office, order, target, turn)
    if amount is not None and target.invoice is None:
        target, amount = _of_one_invoice(conn, office, target, amount, order, turn)
    known = invoices.get(conn, office.key, target.invoice) if target.invoice else None
    if known is not None and amount is not None and amount > known.open_amount:
        given, owed = money(amount, turn, known.currency), money(known.open_amount, turn, known.currency)
        raise UnclearError(outcome("more_than_owed", turn.language, target=target.label, amount=given, open=owed))
    data: dict[str, JSON] = {key: value for key, value in order.fields.items() if key in ("date", "method")}
    if amount is not None:
        data["amount"] = str(amount)
    record(conn, office, "owner.paid", target, turn, data)
    after = invoices.get(conn, office.key, target.invoice) if target.invoice else None
    if amount is None or after is None or after.open_amount == 0:
        return outcome("paid", turn.language, target=target.label)
    told = {"amount": money(amount, turn, after.currency), "open": money(after.open_amount, turn, after.currency)}
    return outcome("part_paid", turn.language, target=target.label, **told)


def _refuse_unknown_payer(conn: Connection, office: Office, order: Order, target: Target, turn: Turn) -> None:
    """ "Nothing paid FA-1", "to be paid FA-1": only the invoice's client can have paid it. Raises UnclearError."""
    if target.invoice is None or not (said := who_is_said_to_have_paid(order.line)):
        return
    client = clients.get(conn, office.key, client_of(target, order, turn))
    called = {fold(word) for name in (client.name, client.nickname, *client.aliases) if name for word in _words(name)}
    words = [fold(word) for word in _words(said) if fold(word) not in NOISE]
    if not words or not called.issuperset(words):
        raise UnclearError(outcome("unknown_payer", turn.language, who=said, target=target.label, client=client.name))


def _words(name: str) -> list[str]:
    return re.findall(r"[\w&]+", name)


def _refuse_before_issue(conn: Connection, office: Office, day: date, order: Order, target: Target, turn: Turn) -> None:
    """A day without its year that would be before the invoice is probably another year's: raises UnclearError."""
    billed = invoices.of_client(conn, office.key, target.client or 0)
    issued = [one.issued for one in billed if target.invoice in (None, one.number) and one.open_amount > 0]
    said = order.line.replace(order.target or "\0", "")
    if issued and day < min(issued) and f"{day:%Y}" not in said and f"/{day:%y}" not in said:
        when = {"date": f"{day:%d/%m/%Y}", "issued": f"{min(issued):%d/%m/%Y}"}
        raise UnclearError(outcome("paid_before", turn.language, target=target.label, **when))


def _refuse_hearsay(conn: Connection, office: Office, order: Order, target: Target, turn: Turn) -> None:
    """Told in a sentence, "Dupont a payé" does not say which of several invoices: raises UnclearError with a list."""
    low = fold(order.line.strip())
    if begins_with_verb(low) == "paid" or _ALL.search(low):
        return
    owed = [one for one in invoices.of_client(conn, office.key, target.client or 0) if one.open_amount > 0]
    if len(owed) > 1:
        raise _which_of(conn, office, owed, target.label, turn)


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
    raise _which_of(conn, office, owed, order.target or target.label, turn)


def _which_of(conn: Connection, office: Office, owed: Sequence[Invoice], words: str, turn: Turn) -> UnclearError:
    found = [Target(one.number, one.client, one.number) for one in owed]
    return several(conn, office, words, found, turn.language)


def _match(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    named = [number for number in order.fields.get("invoices", "").split(",") if number]
    line = order.fields.get("line", "")
    said = clearing.match(conn, office, line, named, turn.letter or turn.cause, turn.now)
    owner_of = invoices.among(conn, office.key, [*named, *(number.upper() for number in named)])
    for client in sorted(set(owner_of.values()))[:1]:
        first = next(number for number, whose in owner_of.items() if whose == client)
        record(conn, office, "owner.matched", Target(first, client, first), turn, {"line": line})
    return said


def _promise(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _owing(conn, office, order, turn)
    day = day_of(order, "date", turn)
    if day is None:
        raise UnclearError(
            outcome("needs_field", turn.language, fields={"fr": "le jour promis", "en": "the day"}[turn.language])
        )
    if day < office.day(turn.now):
        raise UnclearError(outcome("promise_past", turn.language, date=f"{day:%d/%m/%Y}"))
    amount = amount_of(order, turn)
    data: dict[str, JSON] = {"date": day.isoformat(), "amount": str(amount) if amount else None}
    record(conn, office, "owner.promise", target, turn, data)
    said = outcome("promise", turn.language, target=target.label, date=day.strftime("%d/%m/%Y"))
    return _still_held(conn, office, target, turn, said)


def _dispute(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _owing(conn, office, order, turn)
    record(conn, office, "owner.dispute", target, turn, dict(order.fields))
    return outcome("dispute", turn.language, target=target.label)


def _resolve(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    record(conn, office, "owner.resolved", target, turn, dict(order.fields))
    return _still_held(conn, office, target, turn, outcome("resolved", turn.language, target=target.label))


def _still_held(conn: Connection, office: Office, target: Target, turn: Turn, said: str) -> str:
    """With the insolvency proceedings that go on holding the client's reminders."""
    if not standing.holds(conn, office, target.client, target.invoice, turn.now):
        return said
    return f"{said} {standing.note(conn, office, target.client, lifted=False, language=turn.language)}"


def refuse_a_part(conn: Connection, office: Office, order: Order, target: Target, turn: Turn) -> None:
    """Raises UnclearError where an order to cancel or write off names less than all that is open.

    A credit note is a document of the books: it is entered from its file, never from a sum in a mail.
    """
    amount = amount_of(order, turn)
    if amount is None and "part" not in order.fields:
        return
    billed = invoices.of_client(conn, office.key, target.client or 0)
    owed = [one for one in billed if target.invoice in (None, one.number) and one.open_amount > 0]
    if "part" not in order.fields and [one.open_amount for one in owed] == [amount]:
        return
    total = " + ".join(money(one.open_amount, turn, one.currency) for one in owed)
    said = money(amount, turn, owed[0].currency) if amount is not None and owed else outcome("a_part", turn.language)
    raise UnclearError(outcome(f"part_{order.verb}", turn.language, target=target.label, amount=said, open=total))


def _cancel(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _one_invoice(conn, office, order, turn)
    refuse_a_part(conn, office, order, target, turn)
    record(conn, office, "owner.cancelled", target, turn, dict(order.fields))
    return outcome("cancelled", turn.language, target=target.label)


def _write_off(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = _one_invoice(conn, office, order, turn)
    refuse_a_part(conn, office, order, target, turn)
    record(conn, office, "owner.written_off", target, turn, dict(order.fields))
    return outcome("written_off", turn.language, target=target.label)


def _owing(conn: Connection, office: Office, order: Order, turn: Turn) -> Target:
    """What the order is about, where something is still owed on it."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    billed = invoices.of_client(conn, office.key, client)
    named = [one for one in billed if target.invoice in (None, one.number)]
    if not any(one.open_amount > 0 for one in named):
        raise UnclearError(outcome("nothing_open", turn.language, target=target.label))
    return target


def _one_invoice(conn: Connection, office: Office, order: Order, turn: Turn) -> Target:
    """An invoice, or the client's only open one: who gives up all that a client owes says each number."""
    target = _owing(conn, office, order, turn)
    if target.invoice is not None or target.client is None:
        return target
    owed = [one for one in invoices.of_client(conn, office.key, target.client) if one.open_amount > 0]
    if len(owed) == 1:
        return Target(owed[0].number, target.client, owed[0].number)
    raise _which_of(conn, office, owed, clients.get(conn, office.key, target.client).name, turn)


ORDERS: Mapping[str, Act] = {
    "paid": _paid,
    "match": _match,
    "promise": _promise,
    "dispute": _dispute,
    "resolve": _resolve,
    "cancel": _cancel,
    "write_off": _write_off,
}
