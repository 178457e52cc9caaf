"""What runs out soon on the claims of a business: told before it does, in French and English, each with its article.

The facts are values; which events of the ledger they come from is said here too, because the rules ask the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mailbot.law.clocks import Creditor, Happened, Holiday, claim, limitation, next_half_year, service
from mailbot.law.explain import sentences, write_half_year
from mailbot.law.owed import Debtor
from mailbot.law.tables import Tables, half_year
from mailbot.model import Event
from mailbot.money import write_day

Code = Literal["limitation", "barred", "service", "claim", "claim_unknown", "promise", "rate_missing", "rate_change"]

AHEAD: Mapping[Code, int] = {
    "limitation": 120, "barred": 0, "service": 60, "claim": 62, "claim_unknown": 62, "promise": 1, "rate_change": 10,
    "rate_missing": 0,
}  # fmt: skip
"""How many days before its last day a clock is told."""

_AFTER = 30
"""And how many days after it, where it was missed."""

LATE_DAYS = 20
"""Who is later may soon be asked for interest: from then on a missing rate is told."""

URGENT_DAYS = 14
"""From then on somebody must act now."""

RECORDED = "legal.recorded"
"""The event of a legal step that the owner recorded: `step` is a kind of `clocks.Kind` or "bodacc", `date` its day."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One open invoice as its clocks look at it."""

    number: str
    client: str
    debtor: Debtor
    issued: date
    due: date
    happened: tuple[Happened, ...] = ()
    promised: date | None = None
    """The last day of the latest promise to pay."""
    insolvency: date | None = None
    """When mailbot heard of the client's insolvency."""
    published: date | None = None
    """When it was published in BODACC, as the owner recorded it."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that runs out: on which invoice (None: on all), and when."""

    code: Code
    day: date
    left: int
    """Days until then; below zero where it is over."""
    invoice: str | None = None
    client: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def urgent(self) -> bool:
        return self.left <= URGENT_DAYS

    def sentence(self, language: str) -> str:
        """What runs out, when, by which article, and what to do."""
        values = {name: _written(name, value, language) for name, value in self.values.items()}
        written = sentences()[f"clock_{self.code}"][language]
        return written.format(day=_day(self.day, language), **values)


def alerts(
    claims: Sequence[Claim], today: date, tables: Tables, holiday: Holiday, creditor: Creditor = "france"
) -> list[Deadline]:
    """All that is near enough to be told on a day, the nearest first; the same on the same day."""
    found = [one for each in claims for one in _of_claim(each, today, holiday, creditor)]
    if any((today - each.due).days >= LATE_DAYS and each.debtor == "business" for each in claims):
        found += _of_rates(today, tables)
    near = [one for one in found if -_AFTER <= one.left <= AHEAD[one.code]]
    return sorted(near, key=lambda one: (one.day, one.code, one.invoice or ""))


def _of_claim(each: Claim, today: date, holiday: Holiday, creditor: Creditor) -> Iterable[Deadline]:
    def told(code: Code, day: date, **values: str) -> Deadline:
        return Deadline(code, day, (day - today).days, each.number, each.client, {"number": each.number, **values})

    until = limitation(each.debtor, each.due, each.happened, each.issued).last_day
    article = "C. com. L110-4" if each.debtor == "business" else "C. conso. L218-2"
    if until >= today:
        yield told("limitation", until, article=article)
    else:
        yield told("barred", until, article=article)
    ordered = max((one.day for one in each.happened if one.kind == "payment_order"), default=None)
    if ordered is not None and not _since(each, "payment_order_served", ordered):
        yield told("service", service(ordered, holiday).last_day, ordered=ordered.isoformat())
    began = each.published or each.insolvency
    if began is not None and not _since(each, "claim_filed", date.min):
        code: Code = "claim" if each.published else "claim_unknown"
        yield told(code, claim(began, creditor, holiday).last_day, began=began.isoformat())
    if each.promised is not None and each.promised >= today:
        yield told("promise", each.promised)


def _of_rates(today: date, tables: Tables) -> Iterable[Deadline]:
    """Rates change twice a year; one that the table lacks stops every computation."""
    this, change = half_year(today), next_half_year(today)
    if this not in tables.reference:
        yield Deadline("rate_missing", today, 0, values={"half": this})
    elif half_year(change) not in tables.reference:
        yield Deadline("rate_change", change, (change - today).days, values={"half": half_year(change)})


def _since(each: Claim, kind: str, day: date) -> bool:
    return any(one.kind == kind and one.day >= day for one in each.happened)


def happened(events: Iterable[Event], number: str) -> tuple[Happened, ...]:
    """What the events tell the clocks about an invoice: promises in writing, money, and recorded legal steps.

    A promise that the owner noted may have been by telephone and counts for nothing; so does money that went back.
    """
    found: list[Happened] = []
    gone = {(str(e.data.get("amount")), e.invoice) for e in events if e.name == "bank.reversal"}
    for event in events:
        if event.invoice not in (number, None):
            continue
        kind = _kind(event, gone)
        if kind is not None:
            found.append(Happened(_of(event, "paid_on") or _of(event, "date") or event.day, kind))
    return tuple(found)


def recorded(events: Iterable[Event], number: str, step: str) -> date | None:
    """The day of a legal step as the owner last recorded it, for an invoice or for all of the client's.

    The last word counts, not the latest day: who mistyped a day records the right one after it.
    """
    days = [
        _of(event, "date") or event.day
        for event in events
        if event.name == RECORDED and event.invoice in (number, None) and event.data.get("step") == step
    ]
    return days[-1] if days else None


def _kind(event: Event, gone: set[tuple[str, str | None]]) -> str | None:
    if event.name == RECORDED:
        return str(event.data.get("step"))
    if event.name == "reply.promise":
        return "written_promise"
    paid = event.name == "bank.payment" or (event.name == "owner.paid" and event.data.get("amount") is not None)
    if paid and (str(event.data.get("amount")), event.invoice) not in gone:
        return "part_payment"
    return None


def _of(event: Event, key: str) -> date | None:
    value = event.data.get(key)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _written(name: str, value: str, language: str) -> str:
    if name == "half":
        return write_half_year(value, language)
    return _day(date.fromisoformat(value), language) if name in ("ordered", "began") else value


def _day(day: date, language: str) -> str:
    return write_day(day, language).replace("\u00a0", " ")
