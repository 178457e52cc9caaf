"""What the ledger knows, for people and scripts on the command line. Nothing here changes anything."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.deciding import is_live
from mailbot.jobs.office import Office, plain
from mailbot.jobs.risking import risk_of
from mailbot.ledger import allocations, bank, clients, decisions, events, invoices, outgoing_lists, questions
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.questions import Question
from mailbot.ledger.store import reading
from mailbot.model import JSON, ClientFacts, Decision, Event, Verdict
from mailbot.owner.proof import Proof, proofs
from mailbot.owner.risk import Risk
from mailbot.rules.decide import decide, grace_of
from mailbot.rules.forecast import forecast
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.rules.state import State
from mailbot.rules.why_not import Asked, why_not

AHEAD_DAYS = 90
"""How far `explain` looks ahead."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One open invoice, its client, and how late it is in days (negative: not due yet)."""

    invoice: Invoice
    client: str
    late: int


@dataclass(frozen=True, slots=True)
class Status:
    """A business at one moment."""

    business: str
    name: str
    live: bool
    day: date
    owed: tuple[Owed, ...]
    queued: tuple[Outgoing, ...]
    in_doubt: tuple[Outgoing, ...]
    questions: tuple[Question, ...]
    bank_through: date | None
    kept: Mapping[str, Mapping[str, Decimal]]
    """By client and currency: money of theirs that pays no invoice yet."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one client is or is not written to on a day, and the mails that follow if nothing happens."""

    client: Client
    decision: Decision
    coming: tuple[Decision, ...]
    rules: Rules
    """Those of that day."""
    number: str
    facts: ClientFacts
    events: tuple[Event, ...]


def status(office: Office, now: datetime) -> Status:
    """Who owes what, what waits, and what is asked."""
    with reading(office.engine) as conn:
        return Status(
            business=office.key,
            name=office.business.name,
            live=is_live(conn, office),
            day=office.day(now),
            owed=tuple(one for one in _owed(conn, office, now) if one.invoice.open_amount > 0),
            queued=tuple(outgoing_lists.queued(conn, office.key)),
            in_doubt=tuple(outgoing_lists.in_doubt(conn, office.key)),
            questions=tuple(questions.open_ones(conn, office.key)),
            bank_through=bank.through(conn, office.key),
            kept={
                clients.get(conn, office.key, client).name: amounts
                for client, amounts in allocations.kept_by_client(conn, office.key).items()
            },
        )


def owed(office: Office, now: datetime) -> list[Owed]:
    """All invoices and credit notes of all clients, settled ones included, by due date."""
    with reading(office.engine) as conn:
        return _owed(conn, office, now)


def one_invoice(office: Office, number: str) -> tuple[Invoice, Client, list[Event], list[Proof]] | None:
    """An invoice with what happened to it and what is known of its mails; its number may be in any case. Or None."""
    with reading(office.engine) as conn:
        known = _number(conn, office, number)
        found = invoices.get(conn, office.key, known) if known is not None else None
        if found is None:
            return None
        happened = events.of_client(conn, office.key, found.client)
        about = [event for event in happened if _is_about(event, found.number)]
        mails = [proof for proof in proofs(happened) if _is_about(proof.sent, found.number)]
        return found, clients.get(conn, office.key, found.client), about, mails


def unknown_reference(office: Office, number: str) -> Question | None:
    """The open question which invoice a credit note lowers, where it names one that is not known of its client."""
    with reading(office.engine) as conn:
        asked = questions.open_ones(conn, office.key)
    return next((one for one in asked if one.kind == "credit_reference" and one.invoice == number), None)


def find_clients(office: Office, text: str) -> list[tuple[Client, list[Invoice]]]:
    """Whom a name, nickname, address, invoice number or id may mean, with what was billed."""
    with reading(office.engine) as conn:
        known = {client.id: client for client in clients.everyone(conn, office.key)}
        number = int(text) if text.isascii() and text.isdigit() else 0
        found = [number] if number in known else clients.find(conn, office.key, text)
        return [(known[client], invoices.of_client(conn, office.key, client)) for client in found]


def risk(office: Office, client: int, day: date) -> Risk:
    """How likely the client is to pay late, and why."""
    with reading(office.engine) as conn:
        return risk_of(conn, office, client, day)


def all_clients(office: Office) -> list[tuple[Client, Mapping[str, Decimal]]]:
    """All clients, and what each owes in each currency (credit notes taken off)."""
    with reading(office.engine) as conn:
        return [
            (client, balance(invoices.of_client(conn, office.key, client.id)))
            for client in clients.everyone(conn, office.key)
        ]


def kept(office: Office, client: int) -> Mapping[str, Decimal]:
    """What is kept for a client in each currency: paid too much, and not yet paid back or set off."""
    with reading(office.engine) as conn:
        return allocations.kept_by_client(conn, office.key).get(client, {})


def balance(billed: Sequence[Invoice]) -> dict[str, Decimal]:
    """What is open in each currency, credit notes taken off."""
    amounts: dict[str, Decimal] = {}
    for invoice in billed:
        signed = invoice.open_amount if invoice.kind == "invoice" else -invoice.open_amount
        amounts[invoice.currency] = amounts.get(invoice.currency, Decimal(0)) + signed
    return amounts


def explained(
    office: Office, number: str, day: date | None, now: datetime, language: str | None = None
) -> Explained | None:
    """The decision for the client of an invoice on a day, on what was known then; None: no such invoice.

    `language`: of the reasons, fr or en; without it the rules' own.
    """
    today = day or office.day(now)
    with reading(office.engine) as conn:
        known = _number(conn, office, number)
        if known is None:
            return None
        client = clients.get(conn, office.key, invoices.numbers(conn, office.key)[known])
        facts = _facts_on(conn, office, client.id, today)
        happened = events.of_client(conn, office.key, client.id, until=today)
        shadow = not is_live(conn, office, client.id)
        rules = _rules_on(conn, office, client.id, today, now)
    rules = replace(rules, language=language or rules.language)
    decision = decide(rules, facts, happened, today, shadow=shadow)
    later = forecast(rules, facts, happened, today, AHEAD_DAYS, shadow=shadow)[1:]
    mails = [one for one in later if one.verdict in (Verdict.SEND, Verdict.ACT)]
    return Explained(client, decision, tuple(_first_of_each(mails)), rules, known, facts, tuple(happened))


def why_not_taken(found: Explained, step: str, language: str) -> str | None:
    """Why a step is not taken on that day, only the tests that stand in its way; None: there is no such step."""
    entry = next((one for one in found.rules.steps if one.id == step), None)
    if entry is None:
        return None
    shadow, grace = found.decision.mode == "shadow", grace_of(found.rules)
    state = State(found.facts, found.events, found.decision.day, found.rules.calendar, grace=grace, shadow=shadow)
    return why_not(found.rules, state, found.decision, Asked(entry, found.number), language)


def _rules_on(conn: Connection, office: Office, client: int, day: date, now: datetime) -> Rules:
    """The rules by which this client was decided about on a past day, as they were kept; else those in force."""
    decided = decisions.in_force(conn, office.key, client, day) if day < office.day(now) else None
    used = str(decided["rules_hash"]) if decided is not None else office.rules.hash
    text = decisions.rules_text(conn, office.key, used) if used != office.rules.hash else None
    if text is None:
        return office.rules
    loaded = load_rules(text, office.rules.file, office.templates.names())
    return loaded if isinstance(loaded, Rules) else office.rules


def nearest_numbers(office: Office, number: str) -> list[str]:
    """Known invoice numbers that look like this one."""
    with reading(office.engine) as conn:
        return difflib.get_close_matches(number.upper(), invoices.numbers(conn, office.key), 3, 0.6)


def cases(office: Office, now: datetime, *, everyone: bool) -> list[dict[str, JSON]]:
    """Each client as a case for `rules decide`; without `everyone` only those who owe something."""
    found: list[dict[str, JSON]] = []
    with reading(office.engine) as conn:
        for client in clients.everyone(conn, office.key):
            billed = invoices.of_client(conn, office.key, client.id)
            if everyone or any(invoice.open_amount > 0 for invoice in billed):
                facts = clients.facts(conn, office.key, client.id)
                happened = events.of_client(conn, office.key, client.id)
                found.append(case(facts, happened, office.day(now)))
    return found


def case(facts: ClientFacts, happened: Sequence[Event], day: date) -> dict[str, JSON]:
    """One line for `rules decide`."""
    whole = plain(facts)
    if not isinstance(whole, dict):
        raise TypeError("a client is a mapping")
    billed = whole.pop("invoices")
    return {
        "client": whole,
        "invoices": billed,
        "events": [_as_case(event) for event in happened],
        "day": day.isoformat(),
    }


def _as_case(event: Event) -> dict[str, JSON]:
    return {
        "id": event.id, "name": event.name, "at": event.at.isoformat(), "day": event.day.isoformat(),
        "client": event.client, "invoice": event.invoice, "data": dict(event.data),
    }  # fmt: skip


def _owed(conn: Connection, office: Office, now: datetime) -> list[Owed]:
    day = office.day(now)
    found = [
        Owed(invoice, client.name, (day - invoice.due).days)
        for client in clients.everyone(conn, office.key)
        for invoice in invoices.of_client(conn, office.key, client.id)
    ]
    return sorted(found, key=lambda one: (one.invoice.due, one.invoice.number))


def _number(conn: Connection, office: Office, text: str) -> str | None:
    wanted = text.strip().upper()
    return next((known for known in invoices.numbers(conn, office.key) if known.upper() == wanted), None)


def _facts_on(conn: Connection, office: Office, client: int, day: date) -> ClientFacts:
    """The client as known on that day: invoices that came in later are left out."""
    facts = clients.facts(conn, office.key, client)
    zone = office.business.zone
    later = {
        invoice.number
        for invoice in invoices.of_client(conn, office.key, client)
        if invoice.created_at.astimezone(zone).date() > day
    }
    return replace(facts, invoices=tuple(one for one in facts.invoices if one.number not in later))


def _is_about(event: Event, number: str) -> bool:
    listed = event.data.get("invoices")
    return event.invoice == number or (isinstance(listed, list) and number in listed)


def _first_of_each(mails: Sequence[Decision]) -> list[Decision]:
    """One that waits for the owner's yes comes back every day: its first day says enough."""
    seen: set[tuple[str | None, str | None]] = set()
    found = []
    for mail in mails:
        if not mail.approval or (mail.what, mail.lead) not in seen:
            found.append(mail)
        seen.add((mail.what, mail.lead))
    return found
