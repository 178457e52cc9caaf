"""What the rules will do with each client, as rows of the digest: today's mails and the next ones, what is held and
why, and how promises stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from mailbot.jobs.office import Office
from mailbot.jobs.surveying import Book
from mailbot.model import ClientFacts, Decision, Event, Verdict
from mailbot.money import write_day
from mailbot.owner.digest import Row
from mailbot.owner.phrases import due_words, mail_words, promise_words
from mailbot.rules.balance import taken_back
from mailbot.rules.calendar import next_open_day
from mailbot.rules.decide import PROMISE_GRACE, decide
from mailbot.rules.forecast import forecast
from mailbot.rules.state import Promise, State

_QUIET = frozenset({"not_due", "due", "min_gap", "after", "later"})
"""Waiting that needs no explanation: the next step's day has not come."""
_RECENT = timedelta(days=30)
_PROMISES = frozenset({"reply.promise", "owner.promise"})


@dataclass(slots=True)
class Foreseen:
    """The rows of a digest that are about the days to come, and the day that each invoice was promised for."""

    today: list[Row] = field(default_factory=list)
    later: list[Row] = field(default_factory=list)
    """By day: the mails after today."""
    held: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    """Broken ones first."""
    kept: list[Row] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    """In shadow mode, the clients who are written to all the same."""
    promised: dict[str, date] = field(default_factory=dict)


def foresee(office: Office, book: Book, day: date, since: date, until: date, live: bool) -> Foreseen:
    """Decide about everybody who owes or has been heard of lately. `since`: promises kept from then on are told;
    `until`: the last day whose mails are.

    `live`: what goes for everybody; a client for whom the owner said so is live anyway.
    """
    found, later = Foreseen(), list[tuple[date, Row]]()
    for client in book.clients:
        owes = any(one.open > 0 for one in book.billed.get(client, ()))
        own = book.events.get(client, ())
        if not owes and not (own and own[-1].day >= day - _RECENT):
            continue
        facts, known = book.facts(client), book.of(client)
        told = not live and _was_told_to_send(own)
        shadow = not (live or told)
        found.live += [facts.name] if told else []
        decision = decide(office.rules, facts, known, day, shadow=shadow)
        _today(found, office, book, facts, decision)
        later += _later(office, book, facts, known, decision, until, shadow=shadow)
        if any(event.name in _PROMISES for event in own):
            _promises(found, office, book, facts, known, day, since)
    found.later = [row for _, row in sorted(later, key=lambda one: one[0])]
    found.promises.sort(key=lambda row: not row.urgent)
    return found


def _was_told_to_send(known: Sequence[Event]) -> bool:
    told = [event for event in known if event.name == "owner.live"]
    undone = taken_back(known) if told else frozenset()
    return any(event.id not in undone for event in told)


def _today(found: Foreseen, office: Office, book: Book, facts: ClientFacts, decision: Decision) -> None:
    row = _row(office, book, facts, decision)
    if decision.verdict is Verdict.SEND and not decision.approval:
        found.today.append(row)
    elif decision.verdict in (Verdict.HOLD, Verdict.WAIT) and decision.code not in _QUIET:
        why = "" if decision.code == "stopped" else decision.reason  # said once, above everything
        found.held.append(replace(row, what="", reason=why))


def _later(
    office: Office, book: Book, facts: ClientFacts, known: list[Event], decision: Decision, until: date, *, shadow: bool
) -> list[tuple[date, Row]]:
    """The mails after the day of `decision`; where they can leave on several days, each with its own."""
    if decision.next is None or decision.next > until:
        return []  # the answer stays what it is
    days = (until - decision.day).days + 1
    dated = next_open_day(office.rules, decision.day + timedelta(days=1)) < until
    found = []
    for coming in forecast(office.rules, facts, known, decision.day, days, shadow=shadow, decided=decision)[1:]:
        if coming.verdict is Verdict.SEND and not coming.approval:
            row = _row(office, book, facts, coming)
            when = write_day(coming.day, office.business.language)
            found.append((coming.day, replace(row, reason=f"{when}, {row.reason}".rstrip(", ")) if dated else row))
    return found


def _row(office: Office, book: Book, facts: ClientFacts, decision: Decision) -> Row:
    language = office.business.language
    due = next((invoice.due for invoice in facts.invoices if invoice.number == decision.lead), None)
    return Row(
        client=facts.name,
        what=mail_words(decision.mail or "", language),
        amount=book.open_of(decision.invoices),
        invoices=decision.invoices,
        reason=due_words(due, decision.day, language) if due is not None else "",
        currency=book.currency_of(decision.invoices),
    )


def _promises(
    found: Foreseen, office: Office, book: Book, facts: ClientFacts, known: list[Event], day: date, since: date
) -> None:
    state = State(facts, known, day, office.rules.calendar, grace=PROMISE_GRACE)
    still_open = {invoice.number for invoice in state.open}
    for promise in state.promises:
        if promise.day is None:
            continue
        left = promise.invoices & still_open
        if promise.outcome in ("pending", "broken") and left:
            found.promises.append(_promise_row(office, book, facts, promise, tuple(sorted(left))))
            if promise.outcome == "pending":
                found.promised.update(dict.fromkeys(left, promise.day))
        elif promise.outcome == "kept" and _was_paid_since(known, promise, since):
            found.kept.append(_promise_row(office, book, facts, promise, tuple(sorted(promise.invoices))))


def _promise_row(office: Office, book: Book, facts: ClientFacts, promise: Promise, numbers: tuple[str, ...]) -> Row:
    words = promise_words(promise.outcome, promise.day or date.max, office.business.language)
    amount = book.open_of(numbers) if promise.outcome != "kept" else None
    return Row(facts.name, words, amount, numbers, "", book.currency_of(numbers), urgent=promise.outcome == "broken")


def _was_paid_since(known: Sequence[Event], promise: Promise, since: date) -> bool:
    paid = ("bank.payment", "owner.paid")
    return any(event.name in paid and event.invoice in promise.invoices and event.day >= since for event in known)
