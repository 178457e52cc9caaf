"""Decide for the clients whose day has come, and plan the mail, the question or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.errors import MailbotError
from mailbot.jobs.alerting import approval_key, keep_alerts
from mailbot.jobs.mailing import ask, message_id
from mailbot.jobs.office import Office, happened
from mailbot.jobs.withholding import hindrance
from mailbot.ledger import clients, decisions, events, outgoing, outgoing_lists
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON, ClientFacts, Decision, Event, Verdict
from mailbot.rules.balance import taken_back
from mailbot.rules.calendar import sending_window
from mailbot.rules.decide import decide
from mailbot.rules.state import open_amounts


def is_live(conn: Connection, office: Office, client: int | None = None) -> bool:
    """Whether mails are really sent: by the settings, or by the owner's order for all or for this client."""
    if office.business.mode == "live":
        return True
    said = ("owner.live", "owner.undone")
    known = events.of_all(conn, office.key, said)
    if client is not None:
        known += [event for event in events.of_client(conn, office.key, client) if event.name in said]
    return _was_told_to_send(known)


def _was_told_to_send(known: Sequence[Event]) -> bool:
    undone = taken_back(known)
    return any(event.name == "owner.live" and event.id not in undone for event in known)


def decide_due(office: Office, now: datetime) -> list[int]:
    """Decide for every client whose facts changed or whose day has come; the ids that may now be sent.

    Raises the first MailbotError after all clients were looked at.
    """
    with reading(office.engine) as conn:
        due = clients.due(conn, office.key, office.day(now))
    planned, failed = [], None
    for client in due:
        try:
            planned.append(decide_client(office, client, now))
        except MailbotError as error:  # one client that cannot be decided does not keep the others waiting
            failed = failed or error
    if failed is not None:
        raise failed
    return [row for row in planned if row is not None]


def decide_client(office: Office, client: int, now: datetime) -> int | None:
    """One client, one transaction: the decision and what follows from it. Returns the planned mail's id."""
    with writing(office.engine) as conn:
        known = _known(conn, office, client)
        decision = _decided(office, known, now)
        if _cancel_others(conn, office, client, decision, now):
            known = _known(conn, office, client)  # what was taken back may be planned anew
            decision = _decided(office, known, now)
        decisions.save(conn, office.key, decision, now)
        keep_alerts(conn, office, client, decision, now)
        planned = _follow(conn, office, known, decision, now)
        clients.set_next_look(conn, office.key, client, _next_look(office, decision, now))
    return planned


@dataclass(frozen=True, slots=True)
class _Known:
    """A client and what happened to it, as one transaction sees them."""

    client: int
    facts: ClientFacts
    events: list[Event]

    def amounts(self, day: date) -> dict[str, Decimal]:
        """What each invoice is open for."""
        return open_amounts(self.facts, self.events, day)


def _known(conn: Connection, office: Office, client: int) -> _Known:
    return _Known(client, clients.facts(conn, office.key, client), events.for_rules(conn, office.key, client))


def _decided(office: Office, known: _Known, now: datetime) -> Decision:
    live = office.business.mode == "live" or _was_told_to_send(known.events)
    return decide(office.rules, known.facts, known.events, office.day(now), shadow=not live)


def current_decision(conn: Connection, office: Office, client: int, now: datetime) -> Decision:
    """What the rules say on the facts of this moment, as this transaction sees them."""
    return _decided(office, _known(conn, office, client), now)


def decision_and_amounts(
    conn: Connection, office: Office, client: int, now: datetime
) -> tuple[Decision, dict[str, Decimal]]:
    """The same, and what each invoice of the client is open for at this moment."""
    known = _known(conn, office, client)
    return _decided(office, known, now), known.amounts(office.day(now))


def amounts_hash(amounts: Mapping[str, Decimal], listed: tuple[str, ...]) -> str:
    """What is open on the listed invoices, as one word: a mail with other amounts must not leave."""
    text = "|".join(f"{number}={amounts.get(number, Decimal(0)):.2f}" for number in sorted(listed))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def current_amounts(conn: Connection, office: Office, client: int, now: datetime) -> dict[str, Decimal]:
    """What each invoice of the client is open for at this moment."""
    return _known(conn, office, client).amounts(office.day(now))


def listed(decision: Decision) -> tuple[str, ...]:
    """The invoices that the mail names; a formal notice demands only those that have come so far."""
    levels = dict(decision.levels)
    if decision.mail != "formal_notice":
        return decision.invoices
    return tuple(number for number in decision.invoices if levels.get(number) == decision.what)


def letter_wishes(office: Office, decision: Decision) -> dict[str, JSON]:
    """What the step wants of its mail besides its words: files, and whether penalties are claimed in it."""
    claims = any(step.id == decision.what and step.claims_penalties for step in office.rules.steps)
    return {"attach": list(decision.attach), "claim": claims}


def dedupe_key(client: int, decision: Decision) -> str:
    """Business, client, step or reaction, lead invoice, triggering event, generation (docs/design.md)."""
    parts = (str(client), decision.what, decision.lead, decision.trigger, decision.generation)
    return "|".join(part or "" for part in parts)


def is_as_planned(row: outgoing.Outgoing, client: int, decision: Decision) -> bool:
    """The decision still is to send this very mail: to whom, what, in which tone, and about the same invoices."""
    if decision.verdict is not Verdict.SEND or decision.approval or decision.mode != "live":
        return False
    said = (dedupe_key(client, decision), decision.use_contact, decision.mail, decision.tone, listed(decision))
    planned = (row.dedupe_key, row.recipient, row.template, row.tone, row.invoices)
    return said == planned and dict(decision.levels) == dict(row.levels)


def send_times(office: Office, now: datetime) -> tuple[datetime, datetime] | None:
    """When a mail planned now may leave today, as (first, last) instant; None: not any more today."""
    return sending_window(office.rules, now, office.business.zone, timedelta(minutes=office.limits.hold_minutes))


def _follow(conn: Connection, office: Office, known: _Known, decision: Decision, now: datetime) -> int | None:
    client = known.client
    if decision.verdict not in (Verdict.SEND, Verdict.ACT):
        return None
    if decision.approval:
        _ask_approval(conn, office, known, decision, now)
        return None
    if decision.verdict is Verdict.ACT and decision.mode == "live":
        happened(conn, office, "act.done", dedupe_key(client, decision), now,
                 client=client, invoice=decision.lead, data=sent_data(decision))  # fmt: skip
        return None
    if decision.mode == "shadow":
        said = {**sent_data(decision), "reason": decision.reason}
        happened(conn, office, "mail.shadowed", f"{dedupe_key(client, decision)}", now,
                 client=client, invoice=decision.lead, data=said)  # fmt: skip
        return None
    times = send_times(office, now)
    if times is None or outgoing_lists.unsettled(conn, office.key, client):
        return None
    key = dedupe_key(client, decision)
    return outgoing.plan(
        conn,
        office.key,
        dedupe_key=key,
        kind="client",
        what=decision.what or "",
        template=decision.mail or "",
        recipient=decision.use_contact or "",
        client=client,
        invoices=listed(decision),
        levels=dict(decision.levels),
        amounts_hash=amounts_hash(known.amounts(office.day(now)), listed(decision)),
        context={**letter_wishes(office, decision), "lead": decision.lead, "reason": decision.reason},
        message_id=message_id(office, key),
        due_at=times[0],
        expires_at=times[1],
        thread=f"client/{client}/{decision.lead}" if decision.mail != "formal_notice" else f"notice/{decision.lead}",
        trigger=decision.trigger,
        generation=decision.generation,
        tone=decision.tone,
        now=now,
    )


def sent_data(decision: Decision) -> dict[str, object]:
    """What mail.sent and mail.shadowed say, for the rules."""
    return {
        "what": decision.what,
        "mail": decision.mail,
        "lead": decision.lead,
        "levels": dict(decision.levels),
        "invoices": list(listed(decision)),
        "to": decision.use_contact,
        "tone": decision.tone,
        "trigger": decision.trigger,
        "generation": decision.generation,
    }


def _ask_approval(conn: Connection, office: Office, known: _Known, decision: Decision, now: datetime) -> None:
    amounts, facts = known.amounts(office.day(now)), known.facts
    about = {
        "what": decision.what,
        "mail": decision.mail,
        "lead": decision.lead,
        "client": known.client,
        "client_name": facts.name,
        "invoices": list(listed(decision)),
        "amount": str(sum((amounts[number] for number in listed(decision)), Decimal(0))),
        "currency": next(invoice.currency for invoice in facts.invoices if invoice.number == decision.lead),
        "reason": decision.reason,
    }
    if decision.mail == "formal_notice":
        about["warning"] = hindrance(conn, office, known.client, listed(decision), brief=True)
    ask(conn, office, "approve", approval_key(decision), about, now, client=known.client, invoice=decision.lead)


def _cancel_others(conn: Connection, office: Office, client: int, decision: Decision, now: datetime) -> bool:
    """A mail that waits for its hour and is no longer what the rules say does not leave. Whether there was one."""
    found = False
    for row in outgoing_lists.queued(conn, office.key, client):
        if row.is_answer:
            continue  # it has left the ladder alone, and the ladder leaves it alone
        if not is_as_planned(row, client, decision) and outgoing.cancel(conn, office.key, row.id, now, decision.reason):
            cancelled(conn, office, row, now, decision.reason)
            found = True
    return found


def cancelled(conn: Connection, office: Office, row: outgoing.Outgoing, now: datetime, why: str) -> None:
    """Record that a planned mail was taken back: it may be planned anew, under a new generation."""
    data = {"what": row.what, "lead": row.context.get("lead"), "why": why, "outgoing": row.id}
    happened(
        conn,
        office,
        "mail.cancelled",
        str(row.id),
        now,
        client=row.client,
        invoice=row.context.get("lead"),
        data=data,
    )


def _next_look(office: Office, decision: Decision, now: datetime) -> date:
    """Tomorrow at the latest where a mail waits for its hour: an expired one is planned anew."""
    if decision.verdict is Verdict.SEND:
        return office.day(now) + timedelta(days=1)
    return decision.next or date.max
