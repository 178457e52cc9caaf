"""What holds for every client and every history: nothing here knows the policy's dates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from rules_story import ROOT, client, event, policy, statement

from mailbot.model import ClientFacts, Decision, Event, InvoiceFacts, Verdict
from mailbot.rules.balance import in_order
from mailbot.rules.canonical import from_json, to_json
from mailbot.rules.decide import decide
from mailbot.rules.forecast import as_sent
from mailbot.rules.state import open_amounts

SHIPPED = policy(ROOT / "rules" / "fr.yaml")
WHOLE = policy()
START = date(2026, 3, 1)
DAYS = 100
RANK = {step.id: step.rank for step in (*WHOLE.steps, *SHIPPED.steps)}

_days = st.integers(0, DAYS - 1).map(lambda n: START + timedelta(days=n))
_numbers = st.sampled_from(["A", "B", "C"])
_PLAIN = (
    "reply.dispute", "reply.paid", "reply.unclear", "reply.question", "reply.stop", "reply.acknowledged",
    "owner.resolved", "owner.resumed", "owner.sent_now", "owner.dispute", "owner.paid", "bank.reversal",
    "mail.complained", "mail.opened", "reply.out_of_office", "owner.live", "owner.stopped", "reply.promise",
)  # fmt: skip


@st.composite
def _events(draw: st.DrawFn) -> Event:
    day, number = draw(_days), draw(st.one_of(st.none(), _numbers))
    at = f"{draw(st.integers(0, 23)):02}:{draw(st.integers(0, 59)):02}"
    match draw(st.integers(0, 6)):
        case 0:
            until = day + timedelta(days=draw(st.integers(0, 60)))
            return event(day, "reply.promise", number, at=at, promise_date=until.isoformat())
        case 1:
            amount = draw(st.sampled_from(["100", "1200", "0.01"]))
            return event(day, "bank.payment", number or "A", at=at, amount=amount)
        case 2:
            days = draw(st.one_of(st.just({}), st.integers(1, 40).map(lambda n: {"days": str(n)})))
            return event(day, "owner.paused", number, at=at, **days)
        case 3:
            to = draw(st.sampled_from(["compta@dupont.example", "x@dupont.example"]))
            kind = draw(st.sampled_from(["hard", "soft"]))
            return event(day, "mail.bounced", None, at=at, to=to, **{"class": kind})
        case 4:
            what = draw(st.sampled_from([*RANK]))
            name = draw(st.sampled_from(["mail.cancelled", "mail.rejected"]))
            return event(day, name, number, at=at, what=what, lead=number or "A")
        case _:
            return event(day, draw(st.sampled_from(_PLAIN)), number, at=at)


@st.composite
def _clients(draw: st.DrawFn) -> ClientFacts:
    invoices = []
    for number in draw(st.lists(_numbers, min_size=1, unique=True)):
        due = draw(_days)
        amount = Decimal(draw(st.integers(1_000, 300_000))) / 100
        invoices.append(InvoiceFacts(number, "invoice", due - timedelta(days=30), due, amount))
    category = draw(st.sampled_from(["standard", "good_payer", "bad_payer", "key_account"]))
    return client(*invoices, category=category)


def _lived(rules, facts: ClientFacts, events: list[Event]) -> tuple[list[Decision], list[Event]]:
    """A hundred days with the bank read each morning; the owner gives every second approval."""
    known: list[Event] = []
    made: list[Decision] = []
    for n in range(DAYS):
        day = START + timedelta(days=n)
        known += [*(e for e in events if e.day == day), statement(day)]
        decision = decide(rules, facts, known, day)
        made.append(decision)
        if decision.approval and n % 2:
            answer = {"approves": decision.what, "lead": decision.lead, "yes": True}
            known.append(event(day, "owner.answered", decision.lead, at="23:50", **answer))
        if decision.verdict in (Verdict.SEND, Verdict.ACT) and not decision.approval:
            known.append(replace(as_sent(decision), at=as_sent(decision).at.replace(hour=23, minute=59)))
            again = decide(rules, facts, known, day)
            assert again.verdict is not Verdict.SEND or again.approval or decision.verdict is Verdict.ACT
    return made, known


def _must_be_silent(invoice: InvoiceFacts, events: list[Event], day: date) -> bool:
    """Disputed, promised or paused by the plainest reading of what was said about this invoice."""
    number = invoice.number

    def last(*names: str, about: tuple[str | None, ...] = (number,)) -> Event | None:
        return max((e for e in events if e.name in names and e.invoice in about), key=in_order, default=None)

    def lifted(since: Event, *names: str) -> bool:
        later = [e for e in events if in_order(e) > in_order(since)]
        return any(e.name in names and e.invoice in (None, number) for e in later)

    dispute, promise = last("reply.dispute", "owner.dispute"), last("reply.promise", about=(number, None))
    pause = last("owner.paused")
    return any([
        dispute and not lifted(dispute, "owner.resolved"),
        promise and promise.day >= invoice.issued
        and str(promise.data.get("promise_date", "9")) >= day.isoformat()
        and not lifted(promise, "owner.resolved", "owner.resumed", "owner.sent_now"),
        pause and "days" not in pause.data and not lifted(pause, "owner.resumed", "owner.paused"),
    ])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_clients(), st.lists(_events(), max_size=12, unique_by=lambda e: e.id), st.sampled_from([SHIPPED, WHOLE]))
def test_no_history_leads_to_a_mail_that_should_not_be(facts, events, rules):
    made, known = _lived(rules, facts, events)

    mails = [d for d in made if d.verdict is Verdict.SEND and not d.approval]
    for decision in mails:
        day = decision.day
        before = [e for e in known if e.day <= day and e.name not in ("mail.sent", "act.done")]
        open_now = open_amounts(facts, before, day)
        assert rules.calendar.closed(day) is None
        assert all(open_now[number] > 0 for number in decision.invoices)
        assert decision.use_contact is not None
        assert not any(_must_be_silent(i, before, day) for i in facts.invoices if i.number in decision.invoices)
        if decision.what in ("formal_notice", "handover"):
            assert any(e.name == "owner.answered" and e.data["approves"] == decision.what for e in before)
    for number in {i.number for i in facts.invoices}:
        ranks = [RANK[s] for d in mails for n, s in d.levels if n == number and not any(
            e.name == "mail.bounced" for e in known)]  # fmt: skip
        assert ranks == sorted(set(ranks))
    plain = [d.day for d in mails if d.code != "sent_now"]
    for earlier, later in pairwise(plain):
        assert later >= rules.calendar.shifted(earlier, 2, business=True)


@settings(max_examples=150, deadline=None)
@given(_clients(), st.lists(_events(), max_size=12, unique_by=lambda e: e.id), _days, st.randoms(use_true_random=False))
def test_the_order_of_events_and_of_reactions_changes_no_byte(facts, events, day, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    reactions = list(WHOLE.reactions)
    random.shuffle(reactions)
    backwards = replace(WHOLE, reactions=tuple(sorted(reactions, key=lambda r: r.id)))

    once = to_json(decide(WHOLE, facts, [*events, statement(day)], day))

    assert once == to_json(decide(backwards, facts, [statement(day), *shuffled], day))
    assert to_json(from_json(once)) == once


@settings(max_examples=150, deadline=None)
@given(_clients(), st.lists(_events(), max_size=12, unique_by=lambda e: e.id), _days)
def test_a_decision_always_has_a_reason_and_never_looks_back(facts, events, day):
    decision = decide(SHIPPED, facts, [*events, statement(day)], day)

    assert decision.reason
    assert decision.next is None or decision.next > day
    assert len(set(decision.alerts)) == len(decision.alerts)


@settings(max_examples=40, deadline=None)
@given(_clients(), st.lists(_events(), max_size=8, unique_by=lambda e: e.id))
def test_looking_only_on_the_next_days_misses_no_mail(facts, events):
    """To look on the day that the last decision named, and when something happens, must be enough."""
    made, known = _lived(SHIPPED, facts, events)
    happened = {e.day for e in known if e.name != "bank.statement"}

    looked = [made[0]]
    for decision in made[1:]:
        due = looked[-1].next is not None and looked[-1].next <= decision.day
        if due or decision.day in happened or decision.day - timedelta(days=1) in happened:
            looked.append(decision)
        else:
            assert decision.verdict is not Verdict.SEND, decision


@settings(max_examples=200, deadline=None)
@given(st.lists(_events(), max_size=20, unique_by=lambda e: e.id), _days)
def test_what_is_open_never_exceeds_the_bill_and_is_never_negative(events, day):
    facts = client(*(InvoiceFacts(n, "invoice", START, START, Decimal(1200)) for n in "ABC"))

    assert all(0 <= amount <= 1200 for amount in open_amounts(facts, events, day).values())
