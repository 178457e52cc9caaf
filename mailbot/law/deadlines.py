"""What runs out soon on the claims of a business: told before it does, in French and English, each with its article.

The facts are values; which events they come from is said in `steps` and `insolvency`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mailbot.law.clocks import (
    Creditor,
    Happened,
    Holiday,
    Limitation,
    claim,
    filed_by,
    limitation,
    next_half_year,
    service,
)
from mailbot.law.debt import Debtor
from mailbot.law.explain import sentences, write_half_year
from mailbot.law.tables import HalfYear, Tables, half_year
from mailbot.money import write_day

Code = Literal[
    "limitation", "barred", "service", "claim", "claim_opened", "claim_unknown", "promise", "rate_missing",
    "rate_change",
]  # fmt: skip

AHEAD: Mapping[Code, int] = {
    "limitation": 120, "barred": 0, "service": 60, "claim": 62, "claim_opened": 62, "claim_unknown": 62, "promise": 1,
    "rate_change": 10, "rate_missing": 0,
}  # fmt: skip
"""How many days before its last day a clock is told."""

_AFTER = 30
"""And how many days after it, where it was missed."""

LATE_DAYS = 20
"""Who is later may soon be asked for interest: from then on a missing rate is told."""

URGENT_DAYS = 14
"""From then on somebody must act now."""


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
    doubtful: tuple[date, ...] = ()
    """The days of promises that do not begin the limitation anew, because they can be doubted (`steps`)."""
    insolvency: date | None = None
    """When mailbot heard of the client's insolvency."""
    opened: date | None = None
    """The day of the judgment, as the owner recorded it."""
    published: date | None = None
    """When it was published in BODACC, as the owner recorded it."""
    delivered: date | None = None
    """The day of delivery or completion, where the invoice states it."""


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
        """Soon, or perhaps sooner than the day that is given: that of a publication that is not known."""
        return self.left <= URGENT_DAYS or self.code == "claim_unknown"

    def sentence(self, language: str) -> str:
        """What runs out, when, by which article, and what to do."""
        values = {name: _written(name, value, language) for name, value in self.values.items()}
        if "counted" in values:
            values["counted"] = sentences()[f"counted_{values['counted']}"][language].format(**values)
        written = sentences()[f"clock_{self.code}"][language]
        said = written.format(day=_day(self.day, language), **values)
        doubtful = sentences()["clock_doubtful"][language].format(**values) if self.values.get("doubtful") else ""
        return f"{said} {doubtful}".rstrip()


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

    counted = limitation(each.debtor, each.due, each.happened, each.issued, each.delivered)
    until = counted.last_day
    start = {"began": counted.start.isoformat(), "counted": _counted(each, counted)}
    if each.delivered is not None:
        start["delivered"] = each.delivered.isoformat()
    article = "C. com. L110-4" if each.debtor == "business" else "C. conso. L218-2"
    doubtful = {"doubtful": max(each.doubtful).isoformat()} if each.doubtful else {}
    yield told("limitation" if until >= today else "barred", until, article=article, **start, **doubtful)
    ordered = max((one.day for one in each.happened if one.kind == "payment_order"), default=None)
    if ordered is not None and not _since(each, "payment_order_served", ordered):
        yield told("service", service(ordered, holiday).last_day, ordered=ordered.isoformat())
    if not _since(each, "claim_filed", date.min):
        yield from _to_file(each, told, holiday, creditor)
    if each.promised is not None and each.promised >= today:
        yield told("promise", each.promised)


def _counted(each: Claim, counted: Limitation) -> str:
    """The name of the sentence that says from which day the limitation is counted, and how sure that is."""
    if counted.restarted_by:
        return f"restarted_{each.debtor}"
    if each.delivered == counted.start:
        return f"delivered_{each.debtor}"
    day = "issued" if each.issued <= each.due else "due"
    return f"{day}_{each.debtor}" if each.delivered is None else f"{day}_before_delivery"


def _to_file(each: Claim, told: Callable[..., Deadline], holiday: Holiday, creditor: Creditor) -> Iterable[Deadline]:
    """The judgment is before its publication, from which the time runs: counted from it, nobody is late."""
    known: tuple[tuple[Code, date | None], ...] = (
        ("claim", each.published), ("claim_opened", each.opened), ("claim_unknown", each.insolvency),
    )  # fmt: skip
    for code, began in known:
        if began is not None:
            yield told(
                code,
                filed_by(began) if creditor == "france" else claim(began, creditor, holiday).last_day,
                began=began.isoformat(),
            )
            return


def _of_rates(today: date, tables: Tables) -> Iterable[Deadline]:
    """Rates change twice a year; one that the table lacks stops every computation. Told once, not for each invoice."""
    this, change = half_year(today), next_half_year(today)
    if missing := missing_rates(tables, this):
        yield Deadline("rate_missing", today, 0, values={"half": this, "lines": missing})
    elif missing := missing_rates(tables, half_year(change)):
        values = {"half": half_year(change), "lines": missing}
        yield Deadline("rate_change", change, (change - today).days, values=values)


def missing_rates(tables: Tables, half: HalfYear, country: str = "fr") -> str:
    """The lines to add to the own file of rates for a half-year, each after its heading; "" where nothing is missing.

    The legal rate counts for consumers, and is the floor of what a contract says (C. com. L441-10 II): other countries
    need none.
    """
    rules = tables.country(country)
    needed = [("reference", tables.reference)]
    needed += [("legal", tables.legal)] if rules.floor or rules.consumer else []
    return " ; ".join(f'{block}: {half}: {{rate: "…", source: "…"}}' for block, rates in needed if half not in rates)


def _since(each: Claim, kind: str, day: date) -> bool:
    return any(one.kind == kind and one.day >= day for one in each.happened)


def _written(name: str, value: str, language: str) -> str:
    if name == "half":
        return write_half_year(value, language)
    return _day(date.fromisoformat(value), language) if name in ("ordered", "began", "doubtful", "delivered") else value


def _day(day: date, language: str) -> str:
    return write_day(day, language).replace("\u00a0", " ")
