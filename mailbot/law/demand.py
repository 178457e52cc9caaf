"""What a formal notice demands, and until when: one value, from which its letter and its mail both are written.

No text sets the time that a notice leaves; eight days are customary, and the summons has to suffice (C. civ. 1344). The
letter states a fixed day, the same as the mail: not "eight days from receipt", which a debtor could put off by leaving
the letter at the post office, and which a mail that arrives at once would make an earlier day. Whoever had the letter
made still prints, signs and posts it, so that the day leaves the full time after the last day that is planned for that,
and falls on a working day, because no bank pays on another. A posting later than planned is answered with a warning.

Between businesses the late-payment interest of L441-10 C. com. runs by itself and is what is asked for; interest at the
legal rate (C. civ. 1231-6, 1344-1) repairs the same lateness and is not asked for beside it (Cass. com., 24 April 2024,
22-24.275). A consumer owes what the contract says, or the legal rate from the notice on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from mailbot.law.amounts import Owed
from mailbot.law.debt import Debtor
from mailbot.law.tables import Country, Tables, in_force

NOTICE_DAYS = 8
"""Days that a formal notice leaves after it was posted."""

POSTING_DAYS = 3
"""Days that the owner is given to post it."""

Basis = Literal["business", "consumer", "agreed", "other"]
"""What interest rests on: the law between businesses; the legal rate from the notice on; the contract of a consumer; or
what no table says.
"""

Article = Mapping[str, str]
"""In "fr" and "en"; both empty where there is none."""

NO_ARTICLE: Article = {"fr": "", "en": ""}


@dataclass(frozen=True, slots=True)
class Item:
    """An invoice of the notice, and what is open of it."""

    number: str
    issued: date
    due: date
    amount: Decimal
    open: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Demand:
    """All sums and days of a notice that is made on the day `on`. Currencies are never added up."""

    on: date
    deadline: date
    items: tuple[Item, ...]
    late: tuple[Owed, ...] = ()
    """What the law adds to each; empty where it is waived or cannot be said."""
    basis: Basis = "other"
    interest_law: Article = field(default_factory=lambda: NO_ARTICLE)
    indemnity_law: Article = field(default_factory=lambda: NO_ARTICLE)

    @property
    def principal(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for one in self.items:
            found[one.currency] = found.get(one.currency, Decimal(0)) + one.open
        return found

    @property
    def added(self) -> dict[str, Decimal]:
        """Interest and fixed sums, each currency that has some."""
        found: dict[str, Decimal] = {}
        for one in self.late:
            for currency, amount in one.penalties.items():
                found[currency] = found.get(currency, Decimal(0)) + amount
        return {currency: amount for currency, amount in found.items() if amount}

    @property
    def whole(self) -> dict[str, Decimal]:
        """What is demanded."""
        found = self.principal
        for currency, amount in self.added.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
        return found


def deadline(made: date, is_holiday: Callable[[date], bool]) -> date:
    """The last day to pay that a notice states: a working day, the full time after the last day planned for posting."""
    day = made + timedelta(days=POSTING_DAYS + NOTICE_DAYS)
    while day.weekday() >= 5 or is_holiday(day):
        day += timedelta(days=1)
    return day


def basis(
    debtor: Debtor, tables: Tables, country: str, day: date, *, has_contract_rate: bool
) -> tuple[Basis, Article, Article]:
    """(what interest rests on, the article of it, the article of the fixed sum) for a debtor."""
    rules = tables.country(country)
    if debtor == "business":
        return "business", _article(rules, "default", day), _article(rules, "indemnity", day)
    if has_contract_rate:
        return "agreed", NO_ARTICLE, NO_ARTICLE
    article = _article(rules, "consumer", day)
    return ("consumer" if article["fr"] else "other"), article, NO_ARTICLE


def _article(rules: Country, block: Literal["default", "indemnity", "consumer"], day: date) -> Article:
    rule = in_force(getattr(rules, block), day)
    return rule.article if rule is not None else NO_ARTICLE
