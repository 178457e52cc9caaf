"""Gather what the owner's daily mail says, and plan it once a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.config import weekdays
from mailbot.jobs import rulebook
from mailbot.jobs.chaining import head_words
from mailbot.jobs.deciding import is_live
from mailbot.jobs.mailing import tell_owner
from mailbot.jobs.office import Office
from mailbot.ledger import bank, clients, events, invoices, letters, outgoing, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import ClientFacts, Decision, Event, Verdict
from mailbot.money import write_amount_plain
from mailbot.owner.digest import Asked, DigestFacts, Row, values
from mailbot.owner.phrases import due_words, event_words, mail_words, promise_words, quoted
from mailbot.owner.proof import proofs
from mailbot.rules.calendar import window
from mailbot.rules.decide import PROMISE_GRACE, decide
from mailbot.rules.forecast import forecast
from mailbot.rules.state import State

STALE_DAYS = 3
_REPLIES = "reply."
_MOMENT = timedelta(microseconds=1)
"""What happened at the very instant of a digest stands in it, and not in the next one."""
_MONEY = frozenset({"bank.payment", "bank.overpayment", "bank.reversal", "owner.paid"})
"""What was paid, what was over, and what went back."""
_FAILED = frozenset({"mail.bounced", "mail.rejected", "mail.complained"})


def plan_digest(office: Office, now: datetime) -> list[int]:
    """The digest of this day, once, from its hour on; a missed hour makes it later, a missed day leaves it out."""
    local = now.astimezone(office.business.zone)
    settings = office.business.digest
    if local.weekday() not in weekdays(settings.days) or local.time() < time.fromisoformat(settings.at):
        return []
    key = f"digest/{local.date().isoformat()}"
    with reading(office.engine) as conn:
        if outgoing.by_dedupe_key(conn, office.key, f"{key}|{office.business.owners[0]}") is not None:
            return []
        said = values(digest_facts(conn, office, now))  # a decision for every client: nobody waits for it to write
    with writing(office.engine) as conn:
        return tell_owner(conn, office, "digest", key, said, now)


def current_digest(office: Office, now: datetime) -> DigestFacts:
    """What a digest would say at this moment."""
    with reading(office.engine) as conn:
        return digest_facts(conn, office, now)


def digest_facts(conn: Connection, office: Office, now: datetime) -> DigestFacts:
    """Everything since the last digest day, and what comes."""
    day, local = office.day(now), now.astimezone(office.business.zone)
    start, end = _since(conn, office, local), now + _MOMENT
    happened = events.between(conn, office.key, start, end)
    known = {str(client.id): client.name for client in clients.everyone(conn, office.key)}
    through = bank.through(conn, office.key)
    language = office.business.language
    today, tomorrow, held = _outlook(conn, office, day)
    hours = window(office.rules, day)
    return DigestFacts(
        business=office.business.name,
        language=language,
        at=local,
        reply_to=office.tokens.owner_address(office.business.mailbox.mail_address, office.key, day),
        live=is_live(conn, office),
        questions=tuple(_asked(office, question) for question in questions.open_ones(conn, office.key)),
        paid=tuple(_money(conn, office, known, happened)),
        received=tuple(_received(conn, office, known, happened)),
        understood=tuple(_row(event, known, language) for event in happened if _is_heard(event)),
        sent=tuple(_sent(conn, office, known, start, end)),
        failed=_rows(happened, known, language, _FAILED),
        unreadable=tuple(
            Row(client=letter.sender or "?", what=letter.subject or "", reason=letter.why or "")
            for letter in letters.received_between(conn, office.key, start, end)
            if letter.state == "unreadable"
        ),
        promises=tuple(_promises(conn, office, known, day)),
        today=today,
        today_at=f"{hours[0]:%H:%M}" if hours else "",
        tomorrow=tomorrow,
        held=held,
        ageing=_ageing(conn, office, day),
        bank_through=through,
        bank_stale=through is None or (day - through).days > STALE_DAYS,
        waiting=sum(1 for row in outgoing.queued(conn, office.key) if row.kind == "client"),
        in_doubt=len(outgoing.in_doubt(conn, office.key)),
        problems=tuple(rulebook.trouble(conn, office)),
        head=head_words(conn, office),
    )


def _since(conn: Connection, office: Office, local: datetime) -> datetime:
    """Just after the previous digest was gathered; without one, the hour at which it would have been."""
    earlier = [
        row.created_at
        for row in outgoing.between(conn, office.key, local - timedelta(days=10), local)
        if row.template == "digest" and office.day(row.created_at) < local.date()
    ]
    if earlier:
        return max(earlier) + _MOMENT
    at, days = time.fromisoformat(office.business.digest.at), weekdays(office.business.digest.days)
    day = local.date() - timedelta(days=1)
    while day.weekday() not in days:
        day -= timedelta(days=1)
    return datetime.combine(day, at, tzinfo=office.business.zone)


def _asked(office: Office, question: questions.Question) -> Asked:
    amount = question.about.get("amount")
    quoted = question.about.get("quote")
    return Asked(
        number=question.number,
        text=question.text,
        choices=question.choices,
        asked_on=office.day(question.asked_at),
        amount=Decimal(amount) if isinstance(amount, str) else None,
        quote=quoted if isinstance(quoted, str) else "",
    )


def _row(event: Event, known: dict[str, str], language: str) -> Row:
    amount = event.data.get("amount")
    because = event.data.get("because")
    return Row(
        client=known.get(event.client or "", ""),
        what=event_words(event, language),
        amount=Decimal(amount) if isinstance(amount, str) else None,
        invoices=(event.invoice,) if event.invoice else (),
        reason=quoted(because[0], language) if isinstance(because, list) and because else "",
    )


def _is_heard(event: Event) -> bool:
    """What a person let us know: an answer, a read receipt, a visit of the page (never an open)."""
    visited = event.name == "mail.clicked" and event.data.get("trust") == "likely"
    return visited or event.name == "mail.read" or event.name.startswith(_REPLIES)


def _rows(happened: Sequence[Event], known: dict[str, str], language: str, names: frozenset[str]) -> tuple[Row, ...]:
    return tuple(_row(event, known, language) for event in happened if event.name in names)


def _money(conn: Connection, office: Office, known: dict[str, str], happened: Sequence[Event]) -> list[Row]:
    """Each with what its payer was let off; what the bank took back, or a match that was undone, counts below zero."""
    language = office.business.language
    let_go = {
        (event.data.get("line"), event.invoice): event for event in happened if event.name == "invoice.written_off"
    }
    rows = []
    for event in happened:
        if event.name not in _MONEY:
            continue
        row = _row(event, known, language)
        said = event.data.get("currency")
        currency = said if isinstance(said, str) else _currency(conn, office, row.invoices)
        amount = -row.amount if event.name == "bank.reversal" and row.amount is not None else row.amount
        off = let_go.get((event.data.get("line"), event.invoice)) if event.name == "bank.payment" else None
        if off is not None:
            short = write_amount_plain(Decimal(str(off.data["amount"])), currency, language)
            row = replace(row, reason=f"{event_words(off, language)} {short}")
        rows.append(replace(row, amount=amount, currency=currency))
    return rows


def _received(conn: Connection, office: Office, known: dict[str, str], happened: Sequence[Event]) -> list[Row]:
    rows = []
    for event in happened:
        invoice = (
            invoices.get(conn, office.key, event.invoice)
            if event.name == "invoice.received" and event.invoice
            else None
        )
        if invoice is not None:
            rows.append(
                Row(
                    known.get(event.client or "", ""),
                    "",
                    invoice.amount,
                    (invoice.number,),
                    currency=invoice.currency,
                )
            )
    return rows


def _sent(conn: Connection, office: Office, known: dict[str, str], start: datetime, now: datetime) -> list[Row]:
    """What left, each with the strongest proof of it so far."""
    language = office.business.language
    return [
        Row(
            known.get(str(row.client), ""),
            mail_words(row.template, language),
            None,
            row.invoices,
            _proof_words(conn, office, row, language),
        )
        for row in outgoing.between(conn, office.key, start, now)
        if row.kind == "client" and row.state == "sent"
    ]


def _proof_words(conn: Connection, office: Office, row: outgoing.Outgoing, language: str) -> str:
    known = proofs(events.of_client(conn, office.key, row.client or 0))
    return next((proof.words(language) for proof in known if proof.sent.data.get("outgoing") == row.id), "")


def _promises(conn: Connection, office: Office, known: dict[str, str], day: date) -> list[Row]:
    rows = []
    for client in clients.everyone(conn, office.key):
        facts, happened = _facts(conn, office, client.id)
        state = State(facts, happened, day, office.rules.calendar, grace=PROMISE_GRACE)
        still_open = {invoice.number for invoice in state.open}
        for promise in state.promises:
            concerned = promise.outcome in ("pending", "broken") and promise.invoices & still_open
            if concerned and promise.day is not None:
                words = promise_words(promise.outcome, promise.day, office.business.language)
                rows.append(Row(known[str(client.id)], words, None, tuple(sorted(promise.invoices))))
    return rows


def _facts(conn: Connection, office: Office, client: int) -> tuple[ClientFacts, list[Event]]:
    return clients.facts(conn, office.key, client), events.of_client(conn, office.key, client)


def _outlook(conn: Connection, office: Office, day: date) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[Row, ...]]:
    """Today's and tomorrow's mails, and what is held, each with its reason."""
    today, tomorrow, held = [], [], []
    shadow = not is_live(conn, office)
    for client in clients.everyone(conn, office.key):
        facts, happened = _facts(conn, office, client.id)
        decision = decide(office.rules, facts, happened, day, shadow=shadow)
        amount = _open(conn, office, decision)
        row = Row(
            client.name,
            mail_words(decision.mail or "", office.business.language),
            amount,
            decision.invoices,
            _planned_because(facts, decision, office.business.language),
            _currency(conn, office, decision.invoices),
        )
        if decision.verdict is Verdict.SEND and not decision.approval:
            today.append(row)
        elif decision.verdict in (Verdict.HOLD, Verdict.WAIT) and decision.code not in _QUIET:
            held.append(replace(row, what="", reason=decision.reason))
        for coming in forecast(office.rules, facts, happened, day, 2):
            if coming.day > day and coming.verdict is Verdict.SEND and not coming.approval:
                words = mail_words(coming.mail or "", office.business.language)
                currency = _currency(conn, office, coming.invoices)
                amount = _open(conn, office, coming)
                because = _planned_because(facts, coming, office.business.language)
                tomorrow.append(Row(client.name, words, amount, coming.invoices, because, currency))
    return tuple(today), tuple(tomorrow), tuple(held)


def _planned_because(facts: ClientFacts, decision: Decision, language: str) -> str:
    """Why a mail is planned: how its invoice stands to its due date."""
    due = next((invoice.due for invoice in facts.invoices if invoice.number == decision.lead), None)
    return due_words(due, decision.day, language) if due is not None else ""


_QUIET = frozenset({"not_due", "due", "min_gap", "after", "later"})
"""Waiting that needs no explanation: the next step's day has not come."""


def _open(conn: Connection, office: Office, decision: Decision) -> Decimal | None:
    found = [invoices.get(conn, office.key, number) for number in decision.invoices]
    amounts = [invoice.open_amount for invoice in found if invoice is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def _currency(conn: Connection, office: Office, numbers: Sequence[str]) -> str:
    """Of the first of these invoices: one mail lists those of one currency only."""
    found = invoices.get(conn, office.key, numbers[0]) if numbers else None
    return found.currency if found is not None else "EUR"


def _ageing(conn: Connection, office: Office, day: date) -> dict[str, Decimal]:
    """Open amounts of the business's own currency by days late."""
    buckets = {
        "not_due": Decimal(0),
        "1_30": Decimal(0),
        "31_60": Decimal(0),
        "61_90": Decimal(0),
        "over_90": Decimal(0),
    }
    for item in invoices.open_items(conn, office.key):
        if item.kind != "invoice" or item.currency != "EUR" or item.due_date is None:
            continue
        late = (day - item.due_date).days
        bucket = (
            "not_due"
            if late <= 0
            else "1_30"
            if late <= 30
            else "31_60"
            if late <= 60
            else "61_90"
            if late <= 90
            else "over_90"
        )
        buckets[bucket] += item.amount_due
    return buckets
