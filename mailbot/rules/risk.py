"""A client's record of paying, read from its events, for the score that the owner sees (`owner/risk.py`)."""

from collections.abc import Sequence
from datetime import date

from mailbot.model import ClientFacts, Event
from mailbot.owner.risk import WINDOW, Bill, Record, Risk, risk
from mailbot.rules.decide import grace_of
from mailbot.rules.language import Rules
from mailbot.rules.state import State

_DISPUTES = ("reply.dispute", "owner.dispute")


def risk_on(rules: Rules, client: ClientFacts, events: Sequence[Event], day: date) -> Risk:
    """The risk of a client on a day, by what was known then. The limit is the rules' `max_amount`."""
    return risk(record_on(rules, client, events, day), day)


def record_on(rules: Rules, client: ClientFacts, events: Sequence[Event], day: date) -> Record:
    """Bills with what is open of them, promises kept and broken, disputes, of the year before the day."""
    state = State(client, events, day, rules.calendar, grace=grace_of(rules))
    bills = tuple(
        Bill(account.facts.due, account.facts.amount, account.open, account.facts.currency, account.settled_on)
        for account in state.balance.accounts.values()
        if account.facts.kind == "invoice"
    )
    outcomes = [one.outcome for one in state.promises if one.event.day > day - WINDOW]
    disputed = {
        str(event.data.get("letter", event.id))
        for name in _DISPUTES
        for event in state.named.get(name, ())
        if event.day > day - WINDOW
    }
    return Record(
        bills,
        broken_promises=outcomes.count("broken") + outcomes.count("part_kept"),
        kept_promises=outcomes.count("kept"),
        disputes=len(disputed),
        limit=rules.guards.max_amount,
    )
