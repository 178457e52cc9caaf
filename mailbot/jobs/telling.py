"""Orders that only ask: who owes what, why somebody is or is not written to, the mail that comes next, the help."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from mailbot.jobs.deciding import current_decision
from mailbot.jobs.digesting import digest_facts
from mailbot.jobs.office import Office
from mailbot.jobs.previewing import next_mail
from mailbot.jobs.targets import Target
from mailbot.jobs.turns import Act, Turn, client_of, meant, money
from mailbot.ledger import bank, clients, events, invoices, outgoing_lists, questions
from mailbot.ledger.invoices import Invoice
from mailbot.model import Order
from mailbot.money import write_day
from mailbot.owner.digest import DigestFacts, cut_off
from mailbot.owner.outcomes import outcome
from mailbot.owner.phrases import due_words, event_words
from mailbot.rules.explain import explain

MOST_LINES = 200
"""Rows of a list in an answer by mail, which is asked for because the digest shows the beginning only."""
_LATEST = 6


def _status(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    if not order.target:
        return _of_everybody(conn, office, turn)
    target = meant(conn, office, order, turn, whole=True)
    if target.client is None:
        return _of_everybody(conn, office, turn)
    if target.invoice is not None:
        return _of_invoice(conn, office, target.invoice, turn)
    return _of_client(conn, office, target, turn)


def _of_everybody(conn: Connection, office: Office, turn: Turn) -> str:
    """What is owed, oldest due date first; the open questions; what the digest cut off; how far the bank reaches."""
    names = {one.id: one.name for one in clients.everyone(conn, office.key)}
    owed = [one for client in names for one in invoices.of_client(conn, office.key, client) if one.open_amount > 0]
    owed.sort(key=lambda one: (one.due, one.number))
    totals = _totals(owed, turn)
    head = outcome("status_all", turn.language, count=len(owed), total=totals) if owed else _nothing(turn)
    rows = [f"{one.number}  {names[one.client]}  {_row(one, office.day(turn.now), turn)}" for one in owed]
    asked = [f"{one.number}. {one.text}" for one in questions.open_ones(conn, office.key)]
    waiting = sum(1 for row in outgoing_lists.queued(conn, office.key) if row.kind == "client")
    through = bank.through(conn, office.key)
    facts = digest_facts(conn, office, turn.now)
    bank_day = write_day(through, turn.language) if through else "?"
    return "\n".join([
        head,
        *_cut(rows, turn),
        *([outcome("stopped", turn.language)] if facts.stopped else []),
        *([outcome("status_questions", turn.language, count=len(asked)), *_cut(asked, turn)] if asked else []),
        *_cut_off(facts, turn),
        outcome("status_end", turn.language, waiting=waiting, through=bank_day),
    ])  # fmt: skip


def _cut_off(facts: DigestFacts, turn: Turn) -> list[str]:
    lists = cut_off(facts)
    return [
        line
        for name, rows in lists.items()
        for line in (outcome(f"status_{name}", turn.language, count=len(rows)), *_cut(rows, turn))
    ]


def _of_client(conn: Connection, office: Office, target: Target, turn: Turn) -> str:
    billed = [one for one in invoices.of_client(conn, office.key, target.client or 0) if one.open_amount > 0]
    if not billed:
        return outcome("nothing_open", turn.language, target=target.label).partition(".")[0] + "."
    head = outcome("status_client", turn.language, target=target.label, total=_totals(billed, turn))
    rows = [f"{one.number}  {_row(one, office.day(turn.now), turn)}" for one in billed]
    decision = current_decision(conn, office, target.client or 0, turn.now)
    return "\n".join([head, *_cut(rows, turn), decision.reason])


def _of_invoice(conn: Connection, office: Office, number: str, turn: Turn) -> str:
    known = invoices.get(conn, office.key, number)
    if known is None:
        return _nothing(turn)
    name = clients.get(conn, office.key, known.client).name
    head = f"{number}  {name}  {_row(known, office.day(turn.now), turn)}"
    about = [
        event
        for event in events.of_client(conn, office.key, known.client)
        if event.invoice == number or number in (event.data.get("invoices") or [])  # type: ignore[operator]
    ]
    past = [f"{event.day:%d/%m/%Y}  {event_words(event, turn.language)}" for event in about[-_LATEST:]]
    return "\n".join([head, *past])


def _row(one: Invoice, day: date, turn: Turn) -> str:
    amount = money(one.open_amount, turn, one.currency)
    if one.open_amount <= 0:
        return {"fr": f"{amount}, soldée", "en": f"{amount}, settled"}[turn.language]
    return f"{amount}  {due_words(one.due, day, turn.language)}"


def _totals(owed: list[Invoice], turn: Turn) -> str:
    currencies = sorted({one.currency for one in owed})
    signed = {"invoice": 1, "credit_note": -1}
    sums = {c: sum(one.open_amount * signed.get(one.kind, 1) for one in owed if one.currency == c) for c in currencies}
    return " + ".join(money(amount, turn, currency) for currency, amount in sums.items() if amount != 0)


def _cut(rows: list[str], turn: Turn) -> list[str]:
    if len(rows) <= MOST_LINES:
        return rows
    more = len(rows) - MOST_LINES
    return [*rows[:MOST_LINES], {"fr": f"… et {more} de plus", "en": f"… and {more} more"}[turn.language]]


def _nothing(turn: Turn) -> str:
    return {"fr": "Rien n'est dû.", "en": "Nothing is owed."}[turn.language]


def _why(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    decision = current_decision(conn, office, client, turn.now)
    told = explain(decision, office.rules, turn.language, clients.get(conn, office.key, client).name)
    return f"{decision.reason}\n{told}"


def _preview(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The next mail of a client, word for word as it would leave."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    found = next_mail(conn, office, client, target.invoice, turn.now)
    if found is None:
        reason = current_decision(conn, office, client, turn.now).reason
        return outcome("no_preview", turn.language, target=target.label, reason=reason)
    when = write_day(found.decision.day, turn.language)
    code = "preview_approval" if found.decision.approval else "preview"
    head = outcome(code, turn.language, target=target.label, when=when, to=found.decision.use_contact or "?")
    subject = {"fr": "Objet", "en": "Subject"}[turn.language]
    return "\n".join([head, f"{subject} : {found.mail.subject}", *found.mail.text.rstrip().split("\n")])


def _help(_conn: Connection, _office: Office, _order: Order, turn: Turn) -> str:
    return outcome("help", turn.language)


ORDERS: Mapping[str, Act] = {"status": _status, "why": _why, "preview": _preview, "help": _help}
