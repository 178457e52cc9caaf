"""What must hold for every client and history, whatever the rules file says; tried on random books.

Nothing here knows a policy's dates. What is open and what was approved is worked out again in the plainest way,
so that a mistake of the engine is not repeated by its judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from mailbot.model import ClientFacts, Decision, Event, InvoiceFacts, Verdict
from mailbot.rules.balance import in_order
from mailbot.rules.books import DAYS, Dice, random_book
from mailbot.rules.calendar import sending_window, window
from mailbot.rules.canonical import to_json
from mailbot.rules.decide import decide
from mailbot.rules.language import Rules
from mailbot.rules.timeline import Lived, Sent, live, statement

_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that did not hold, in the book of that number."""

    book: int
    day: date
    what: str


@dataclass(slots=True)
class Report:
    mails: int = 0
    decisions: int = 0
    broken: list[Broken] = field(default_factory=list)


def check_books(rules: Rules, books: int, zone: tzinfo, first: int = 0) -> Report:
    """Live so many random clients through four months each, and judge every mail and the hours planned for it.

    `zone`: the business's time zone.
    """
    report = Report()
    backwards = replace(rules, reactions=tuple(reversed(rules.reactions)))
    for book in range(first, first + books):
        client, events, start = random_book(book, [step.id for step in rules.steps])
        until = start + timedelta(days=DAYS)
        lived = live(rules, client, events, start, until, every_day=False)
        report.mails += sum(sent.decision.verdict is Verdict.SEND for sent in lived.sent)
        report.decisions += len(lived.decisions)
        report.broken += [Broken(book, day, what) for day, what in _judged(rules, backwards, client, lived)]
        report.broken += [
            Broken(book, sent.decision.day, what)
            for sent in lived.sent
            for what in _badly_timed(rules, sent.decision, Dice(book + sent.decision.day.toordinal()), zone)
        ]
    return report


# --------------------------------------------------------------------------------------------------- judging


def _judged(rules: Rules, backwards: Rules, client: ClientFacts, lived: Lived) -> Iterator[tuple[date, str]]:
    previous: date | None = None
    levels: dict[str, int] = {}
    ranks = {step.id: step.rank for step in rules.steps}
    lost = any(e.name in ("mail.bounced", "mail.rejected") for e in lived.known)
    for place, sent in enumerate(lived.sent):
        decision = sent.decision
        if decision.verdict is not Verdict.SEND:
            continue
        yield from ((decision.day, what) for what in _wrong(rules, client, lived.known, sent))
        gap = rules.guards.min_gap
        if previous is not None and decision.code != "sent_now":
            free = rules.calendar.shifted(previous, gap.count, business=gap.business)
            if decision.day < free:
                yield decision.day, f"{decision.what} below the gap after {previous}"
        previous = decision.day
        for number, step in decision.levels:
            if ranks[step] <= levels.get(number, 0) and not lost:
                yield decision.day, f"{number} climbs down to {step}"
            levels[number] = ranks[step]
        yield from _repeated(rules, backwards, client, lived, decision, reorder=place % 3 == 0)


def _wrong(rules: Rules, client: ClientFacts, known: Sequence[Event], sent: Sent) -> Iterator[str]:
    decision = sent.decision
    before = [e for e in known if e.day < decision.day or (e.day == decision.day and e.at.time() < _NOON)]
    if window(rules, decision.day) is None or decision.day.weekday() not in rules.calendar.send_days:
        yield f"{decision.what} on a closed day"
    if client.do_not_contact:
        yield f"{decision.what} to a client who must not be written to"
    if decision.use_contact is None:
        yield f"{decision.what} to nobody"
    bills = {bill.number: bill for bill in client.invoices}
    for number in decision.invoices:
        if is_settled(bills[number], before):
            yield f"{decision.what} after payment of {number}"
    if len({bills[number].currency for number in decision.invoices}) > 1:
        yield f"{decision.what} adds up several currencies"
    for number, step in decision.levels:
        if _is_left_out(step, bills[number], before):
            yield f"{step} of {number}, which the owner left out"
    profile = next(p for p in rules.profiles if p.id == decision.profile)
    formal = {step.id for step in rules.steps if step.approve or step.id in profile.approve}
    for number, step in decision.levels:
        if step in formal and not is_approved(step, number, before):
            yield f"{step} of {number} without approval"


def _badly_timed(rules: Rules, decision: Decision, dice: Dice, zone: tzinfo) -> Iterator[str]:
    """Decided at any minute of its day, on whatever side of a change of the clocks, a mail leaves in the hours."""
    if decision.verdict is not Verdict.SEND:
        return
    opens, closes = rules.guards.send_hours
    hold = timedelta(minutes=dice.below(60))
    now = datetime.combine(decision.day, time(dice.below(24), dice.below(60)), zone).astimezone(UTC)
    planned = sending_window(rules, now, zone, hold)
    if planned is None:
        if now.astimezone(zone).time() < opens and hold < _length(opens, closes):
            yield f"{decision.what} is never sent, though the day has not begun"
        return
    first, last = (instant.astimezone(zone) for instant in planned)
    if not (first.date() == last.date() == decision.day and opens <= first.time() < last.time() <= closes):
        yield f"{decision.what} from {first} to {last}, out of hours"
    if planned[0] < now + hold:
        yield f"{decision.what} before it could be stopped"


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)


def is_settled(bill: InvoiceFacts, events: Sequence[Event]) -> bool:
    """Whether the money came, by the plainest reading of what was recorded about this invoice."""
    owed, settled = bill.amount, False
    for event in sorted(events, key=in_order):
        mine = event.invoice == bill.number
        everything = event.invoice is None and event.name == "owner.paid" and bill.issued <= event.day
        if event.name == "bank.payment" and mine:
            owed -= Decimal(str(event.data["amount"]))
        elif event.name == "bank.reversal" and mine:
            owed, settled = min(owed + Decimal(str(event.data["amount"])), bill.amount), False
        elif event.name == "owner.paid" and (mine or everything):
            settled = True
    return settled or owed <= 0


def _is_left_out(step: str, bill: InvoiceFacts, events: Sequence[Event]) -> bool:
    """The owner's last word about this step of this invoice was to leave it out."""
    words = [
        event.name
        for event in sorted(events, key=in_order)
        if event.data.get("step") == step
        and event.name in ("owner.skipped", "owner.sent_now")
        and (event.invoice == bill.number or (event.invoice is None and bill.issued <= event.day))
    ]
    return words[-1:] == ["owner.skipped"]


def is_approved(step: str, number: str, events: Sequence[Event]) -> bool:
    """Whether the owner said yes to this step for this invoice."""
    return any(
        e.name == "owner.answered" and (e.data["approves"], e.data["lead"], e.data["yes"]) == (step, number, True)
        for e in events
    )


def _repeated(
    rules: Rules, backwards: Rules, client: ClientFacts, lived: Lived, decision: Decision, *, reorder: bool
) -> Iterator[tuple[date, str]]:
    """Deciding again once the mail is recorded sends nothing; the order of reactions and events means nothing."""
    day = decision.day
    known = [e for e in lived.known if e.day < day or (e.day == day and e.at.time() <= _NOON)]
    read = statement(day, day)
    again = decide(rules, client, [*known, read], day)
    if again.verdict is Verdict.SEND and not again.approval:
        yield day, f"{again.what} although {decision.what} was just sent"
    if reorder:
        other = decide(backwards, client, [read, *reversed(known)], day)
        if to_json(replace(other, trace=())) != to_json(replace(again, trace=())):
            yield day, "another order of the reactions and events changes the decision"
