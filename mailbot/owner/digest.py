"""The daily mail to the owner: what needs a decision, what happened, what will happen, how it stands.

Facts in, a template's values out. Every line names its reason; what does not fit on a screen is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from mailbot.model import JSON, Rendered
from mailbot.money import write_amount, write_day
from mailbot.owner.standing import BUCKETS, Expected, Money, Sales, Week

Render = Callable[[str, str, Mapping[str, JSON]], Rendered]
"""`Templates.render`: a mail's name, language and values to a mail."""

MOST_QUESTIONS = 5
MOST_CHOICES = 5
MOST_ROWS = 6
MOST_PAST_ROWS = 4
MOST_CURRENCIES = 3
MOST_NAMES = 3

_BAR = 120
_MOST_LETTERS = 500
"""Of what a row says: enough for the longest sentence about a date of the law, which must not end in the middle."""
_PAST = ("paid", "unknown", "received", "understood", "sent", "failed", "unreadable", "promises", "kept")
_COMING = ("shadowed", "today", "later", "held", "legal", "risks", "slow")


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question. `amount` is what it is about, for the order: oldest money first."""

    number: int
    text: str
    choices: tuple[str, ...] = ("oui", "non")
    labels: tuple[str, ...] = ()
    """What stands on the buttons of these answers, where it is not the answers themselves."""
    asked_on: date | None = None
    amount: Decimal | None = None
    quote: str = ""
    """What the client or the bank wrote, word for word."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of any list: about whom, what, how much, which invoices, and why."""

    client: str
    what: str = ""
    amount: Decimal | None = None
    invoices: tuple[str, ...] = ()
    reason: str = ""
    currency: str = "EUR"
    urgent: bool = False
    """Something is wrong here: a broken promise."""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Everything that one digest says. Texts are in the owner's language, `at` is local time."""

    business: str
    language: str
    at: datetime
    reply_to: str = ""
    """Where orders go, with its token."""
    live: bool = True
    stopped: bool = False
    """The owner's last word on everything was to stop."""
    live_clients: tuple[str, ...] = ()
    """In shadow mode: the clients for whom the owner said "go live" already."""
    shadowed: tuple[Row, ...] = ()
    """What would have left, newest first: of a week in shadow mode, else of rules that are tried in shadow."""
    shadowed_owed: Mapping[str, Decimal] = field(default_factory=dict)
    """What is open on the invoices of `shadowed` by currency, each counted once."""
    observed: bool = False
    """Shadow mode has shown a whole week: the owner can decide."""
    questions: tuple[Asked, ...] = ()
    paid: tuple[Row, ...] = ()
    """Payments that were matched."""
    unknown: tuple[Row, ...] = ()
    """Money for which no invoice was found, and about which nothing is asked."""
    received: tuple[Row, ...] = ()
    """Invoices that the owner sent in."""
    understood: tuple[Row, ...] = ()
    """Replies of clients."""
    sent: tuple[Row, ...] = ()
    failed: tuple[Row, ...] = ()
    """Mails that bounced or were refused."""
    unreadable: tuple[Row, ...] = ()
    """Mails that were kept but not understood."""
    promises: tuple[Row, ...] = ()
    """Broken and pending ones."""
    kept: tuple[Row, ...] = ()
    """Promises that were kept since the last digest."""
    legal: tuple[Row, ...] = ()
    """Days that the law sets: a claim that will be barred, a deadline of a formal notice."""
    risks: tuple[Row, ...] = ()
    """Clients whose risk rose, and why."""
    today: tuple[Row, ...] = ()
    """What will be sent, or would be in shadow mode."""
    today_at: str = ""
    """From when on, e.g. "9 h 30"."""
    later: tuple[Row, ...] = ()
    """What will be sent on the days after today, up to `later_until`."""
    later_until: date | None = None
    """The next day on which mails leave, or the day before the next digest; None: tomorrow."""
    later_days: bool = False
    """Mails can leave on several of these days: each row names its own."""
    slow: tuple[Row, ...] = ()
    """Who pays latest, in a weekly digest."""
    held: tuple[Row, ...] = ()
    """What is not sent, each with its reason."""
    ageing: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """Open amounts by currency and by bucket (`standing.BUCKETS`)."""
    sales: Sales | None = None
    expected: Expected = field(default_factory=Expected)
    balance: Mapping[str, Decimal] = field(default_factory=dict)
    """What the bank accounts hold by currency, as far as statements say."""
    cash_below: Decimal | None = None
    """The balance in EUR under which the owner wants to be told."""
    mailbox_minutes: int | None = None
    """Since when the mailbox was read last; None where that is not known."""
    backup_on: date | None = None
    """The day of the last backup that is known."""
    consent_days: int | None = None
    """Days until the bank's consent ends, below zero once it has; None where that is far off or not known."""
    bank_through: date | None = None
    bank_stale: bool = False
    """Reminders wait for a newer bank file."""
    waiting: int = 0
    """Mails in the outbox."""
    in_doubt: int = 0
    """Mails of which it is not known whether they left."""
    problems: tuple[str, ...] = ()
    """What the owner or installer must mend, each with what to do."""
    head: str = ""
    """Number and hash of the last sealed event: the owner's own mailbox is the witness of the chain."""


def digest(facts: DigestFacts, render: Render) -> Rendered:
    """The mail of one day."""
    return render("digest", facts.language, values(facts))


def needs_the_owner(facts: DigestFacts) -> bool:
    """Whether there is something to decide or to mend: what an owner who wants no empty digest still gets."""
    broken = any(row.urgent for row in facts.promises)
    wrong = facts.failed or facts.problems or facts.in_doubt or facts.legal or facts.risks
    ended = facts.consent_days is not None and facts.consent_days < 0
    bank = facts.bank_stale or ended or cash_is_low(facts)
    return bool(facts.questions or wrong or broken or bank or facts.unreadable)


def cash_is_low(facts: DigestFacts) -> bool:
    """The bank balance is known and under what the owner set."""
    return facts.cash_below is not None and "EUR" in facts.balance and facts.balance["EUR"] < facts.cash_below


def values(facts: DigestFacts) -> dict[str, JSON]:
    """What the template `digest` gets: plain values, so that they can also be stored and rendered later."""
    language = facts.language
    owed = {currency: sum(buckets.values(), Decimal(0)) for currency, buckets in facts.ageing.items()}
    return {
        "business": facts.business,
        "day": write_day(facts.at.date(), language),
        "time": f"{facts.at:%H:%M}",
        "live": facts.live,
        "standstill": "stopped" if facts.stopped else "no_bank" if facts.bank_stale and not facts.bank_through else "",
        "live_clients": _names(facts.live_clients),
        "observed": facts.observed,
        "shadowed_total": _money(facts.shadowed_owed, language) or _totals(facts.shadowed, language),
        "reply_to": facts.reply_to,
        "decisions": len(facts.questions),
        "questions": [_question(asked, facts) for asked in _oldest_money_first(facts.questions)[:MOST_QUESTIONS]],
        "more_questions": max(len(facts.questions) - MOST_QUESTIONS, 0),
        "owed": _money(owed, language) or write_amount(Decimal(0), "EUR", language),
        "paid_total": _totals(facts.paid, language),
        **{name: _group(getattr(facts, name), MOST_PAST_ROWS, language) for name in _PAST},
        **{name: _group(getattr(facts, name), MOST_ROWS, language) for name in _COMING},
        "broken": sum(1 for row in facts.promises if row.urgent),
        "today_at": facts.today_at,
        "later_until": _later_until(facts),
        "later_days": facts.later_days,
        "ageing": [_bars(currency, facts.ageing[currency], language) for currency in [*owed][:MOST_CURRENCIES]],
        **_outlook(facts),
        **_health(facts),
    }


def _outlook(facts: DigestFacts) -> dict[str, JSON]:
    language = facts.language
    sales, coming = facts.sales, facts.expected
    return {
        "sales_days": sales.days if sales is not None else None,
        "sales_change": sales.change if sales is not None else None,
        "weeks": [_week(week, language) for week in coming.weeks if week.expected],
        "undated": _money(coming.undated, language),
    }


def _week(week: Week, language: str) -> dict[str, JSON]:
    return {
        "start": write_day(week.start, language),
        "expected": _money(week.expected, language),
        "promised": _money(week.promised, language),
    }


def _health(facts: DigestFacts) -> dict[str, JSON]:
    language = facts.language
    limit = facts.cash_below
    return {
        "bank_through": write_day(facts.bank_through, language) if facts.bank_through else "",
        "bank_days": (facts.at.date() - facts.bank_through).days if facts.bank_through else 0,
        "bank_stale": facts.bank_stale,
        "balance": _money(facts.balance, language),
        "cash_low": write_amount(limit, "EUR", language) if limit is not None and cash_is_low(facts) else "",
        "consent_days": facts.consent_days,
        "mailbox_minutes": facts.mailbox_minutes,
        "backup": write_day(facts.backup_on, language) if facts.backup_on else "",
        "backup_days": (facts.at.date() - facts.backup_on).days if facts.backup_on else 0,
        "waiting": facts.waiting,
        "in_doubt": facts.in_doubt,
        "problems": list(facts.problems),
        "head": facts.head,
    }


def _money(amounts: Mapping[str, Decimal], language: str) -> str:
    """Each currency for itself, the largest first; many are counted."""
    shown = [write_amount(amount, currency, language) for currency, amount in amounts.items()]
    more = f" +{len(shown) - MOST_CURRENCIES}" if len(shown) > MOST_CURRENCIES else ""
    return " + ".join(shown[:MOST_CURRENCIES]) + more


def _later_until(facts: DigestFacts) -> str:
    """ "" for tomorrow."""
    until, tomorrow = facts.later_until, facts.at.date() + timedelta(days=1)
    return write_day(until, facts.language) if until is not None and until != tomorrow else ""


def _names(names: Sequence[str]) -> str:
    more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
    return ", ".join(name[:60] for name in names[:MOST_NAMES]) + more


def _totals(rows: Sequence[Row], language: str) -> str:
    """What came in, each currency for itself."""
    sums: Money = {}
    for row in rows:
        if row.amount:
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return _money(sums, language)


def _oldest_money_first(questions: Sequence[Asked]) -> list[Asked]:
    return sorted(questions, key=lambda asked: (asked.amount is None, asked.asked_on or date.max, asked.number))


def _question(asked: Asked, facts: DigestFacts) -> dict[str, JSON]:
    return {
        "number": asked.number,
        "text": asked.text[:600],
        "quote": "" if _said(asked) else " ".join(asked.quote.split())[:200],
        "since": write_day(asked.asked_on, facts.language) if asked.asked_on else "",
        "choices": list(asked.choices[:MOST_CHOICES]),
        "labels": list((asked.labels or asked.choices)[:MOST_CHOICES]),
    }


def _said(asked: Asked) -> bool:
    """Whether the question's text quotes these words already."""
    return " ".join(asked.quote.split())[:40] in asked.text


def _group(rows: Sequence[Row], most: int, language: str) -> dict[str, JSON]:
    return {
        "count": len(rows),
        "rows": [_row(row, language) for row in rows[:most]],
        "more": max(len(rows) - most, 0),
    }


def _row(row: Row, language: str) -> dict[str, JSON]:
    shown = ", ".join(row.invoices[:3]) + (f" +{len(row.invoices) - 3}" if len(row.invoices) > 3 else "")
    return {
        "client": row.client[:60],
        "what": row.what[:_MOST_LETTERS],
        "amount": "" if row.amount is None else write_amount(row.amount, row.currency, language),
        "invoices": shown,
        "reason": row.reason[:160],
    }


def cut_off(facts: DigestFacts) -> dict[str, list[str]]:
    """The lists of which the digest shows the beginning only, each whole: a line for each row, as its text has it."""
    shown = {**dict.fromkeys(_PAST, MOST_PAST_ROWS), **dict.fromkeys(_COMING, MOST_ROWS)}
    rows = {name: cast("Sequence[Row]", getattr(facts, name)) for name in shown}
    return {name: [_line(row, facts.language) for row in rows[name]] for name in shown if len(rows[name]) > shown[name]}


def _line(row: Row, language: str) -> str:
    about = (" : " if language == "fr" else ": ").join(filter(None, [row.client, row.what]))
    listed = f"{about} ({', '.join(row.invoices)})" if row.invoices else about
    amount = "" if row.amount is None else write_amount(row.amount, row.currency, language)
    return " – ".join(filter(None, [", ".join(filter(None, [listed, amount])), row.reason]))


def _bars(currency: str, buckets: Mapping[str, Decimal], language: str) -> JSON:
    largest = max(buckets.values(), default=Decimal(0))
    bars = [
        {
            "bucket": bucket,
            "amount": write_amount(buckets.get(bucket, Decimal(0)), currency, language),
            "width": int(buckets.get(bucket, Decimal(0)) * _BAR / largest) if largest > 0 else 0,
        }
        for bucket in BUCKETS
    ]
    total = write_amount(sum(buckets.values(), Decimal(0)), currency, language)
    return {"currency": currency, "total": total, "bars": cast("JSON", bars)}
