"""Gather what the owner's mail says, and plan it on the days and at the hour that the owner wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs import backups, recounting, rulebook
from mailbot.jobs.chaining import head_words
from mailbot.jobs.deadlines import legal_dates
from mailbot.jobs.deciding import is_live
from mailbot.jobs.foreseeing import foresee
from mailbot.jobs.mailing import tell_owner
from mailbot.jobs.office import Office
from mailbot.jobs.risking import risen
from mailbot.jobs.shadowing import SHADOWED, WEEK, owed, would_have_sent
from mailbot.jobs.surveying import Book, survey
from mailbot.ledger import bank, events, job_runs, outgoing_lists, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.owner.digest import Asked, DigestFacts, Row, needs_the_owner, values
from mailbot.owner.phrases import slow_words
from mailbot.owner.questions import choice_labels
from mailbot.owner.standing import Claim, ageing, expected, habits, sales_outstanding
from mailbot.rules.balance import taken_back
from mailbot.rules.calendar import next_open_day, window
from mailbot.rules.guards import bank_is_stale
from mailbot.values import weekdays

CONSENT_DAYS = 14
_MOMENT = timedelta(microseconds=1)
"""What happened at the very instant of a digest stands in it, and not in the next one."""
_LONGEST_GAP = timedelta(days=35)
"""Between two digests of an owner who wants them only when there is something to decide."""
_SLOWEST = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """When the owner wants the digest: by the settings, or by the last order about it."""

    at: time
    days: frozenset[int]
    """Days of the week, Monday is 0."""
    only_if_needed: bool = False
    """Only where there is something to decide or to mend."""


def plan_digest(office: Office, now: datetime) -> list[int]:
    """The digest of this day, once, from its hour on; a missed hour makes it later, a missed day leaves it out."""
    local = now.astimezone(office.business.zone)
    key = f"digest/{local.date().isoformat()}"
    with reading(office.engine) as conn:
        wish = wish_of(conn, office, local.date())
        if local.weekday() not in wish.days or local.time() < wish.at:
            return []
        if outgoing_lists.by_dedupe_key(conn, office.key, f"{key}|{office.business.owners[0]}") is not None:
            return []
        facts = digest_facts(conn, office, now)  # a decision for every client: nobody waits for it to write
    if wish.only_if_needed and not needs_the_owner(facts):
        return []
    with writing(office.engine) as conn:
        return tell_owner(conn, office, "digest", key, values(facts), now)


def wish_of(conn: Connection, office: Office, day: date) -> Wish:
    """The settings, or what the owner's last order about the digest says of this day.

    "none" and "needed" are what an owner says who wants no empty digest: with a last day, it holds until that day.
    """
    settings = office.business.digest
    at, days, needed = settings.at, settings.days, settings.when == "needed"
    known = events.of_all(conn, office.key, ("owner.digest", "owner.undone"))
    undone = taken_back(known)
    for event in known:
        if event.name != "owner.digest" or event.id in undone:
            continue
        said = {key: str(event.data[key]) for key in ("at", "days", "until") if event.data.get(key)}
        at = said.get("at", at)
        if said.get("days") in ("none", "needed") or "until" in said:
            needed = "until" not in said or day <= date.fromisoformat(said["until"])
        elif "days" in said:
            days, needed = said["days"], False
    return Wish(time.fromisoformat(at), weekdays(days), needed)


def current_digest(office: Office, now: datetime) -> DigestFacts:
    """What a digest would say at this moment."""
    with reading(office.engine) as conn:
        return digest_facts(conn, office, now)


def digest_facts(conn: Connection, office: Office, now: datetime) -> DigestFacts:
    """Everything since the last digest, and what comes."""
    day, local = office.day(now), now.astimezone(office.business.zone)
    start, end = _since(conn, office, local), now + _MOMENT
    happened = events.between(conn, office.key, start, end)
    book = survey(conn, office)
    live = is_live(conn, office)
    wish = wish_of(conn, office, day)
    until = _told_until(office, wish, day)
    coming = foresee(office, book, day, office.day(start), until, live)
    runs = {run.name: run.at for run in job_runs.everything(conn)}
    claims, through = book.claims(), bank.through(conn, office.key)
    hours = window(office.rules, day)
    shadowed = _shadowed(conn, office, happened, end, live=live)
    return DigestFacts(
        business=office.business.name,
        language=office.business.language,
        at=local,
        reply_to=office.tokens.owner_address(office.business.mailbox.mail_address, office.key, day),
        live=live,
        stopped=_is_stopped(book.whole),
        live_clients=() if live else tuple(coming.live),
        shadowed=shadowed,
        shadowed_owed=owed(conn, office, shadowed)[1],
        observed=not live and _is_observed(book, day),
        questions=tuple(_asked(office, question) for question in questions.open_ones(conn, office.key)),
        paid=tuple(recounting.money(office, book, happened)),
        unknown=tuple(recounting.unexplained(conn, office, start, end)),
        received=tuple(recounting.entered(book, happened)),
        understood=tuple(recounting.heard(office, book, happened)),
        sent=tuple(recounting.sent(conn, office, book, start, end)),
        failed=tuple(recounting.failed(office, book, happened)),
        unreadable=tuple(recounting.unreadable(conn, office, start, end)),
        promises=tuple(coming.promises),
        kept=tuple(coming.kept),
        today=tuple(coming.today),
        today_at=f"{hours[0]:%H:%M}" if hours else "",
        later=tuple(coming.later),
        later_until=until,
        later_days=next_open_day(office.rules, day + timedelta(days=1)) < until,
        slow=_slow(office, book, claims) if len(wish.days) == 1 else (),
        held=tuple(coming.held),
        legal=tuple(_legal(office, book, day)),
        risks=tuple(risen(office, book, office.day(start), day)),
        ageing=ageing(claims, day),
        sales=sales_outstanding(claims, day),
        expected=expected(claims, coming.promised, day),
        balance=book.balances,
        cash_below=office.business.digest.cash_below,
        mailbox_minutes=_mailbox_minutes(office, runs, now),
        backup_on=office.day(runs[backups.NAME]) if backups.NAME in runs else None,
        consent_days=_consent_days(office, day),
        bank_through=through,
        bank_stale=through is None or bank_is_stale(office.rules, through, day),
        waiting=sum(1 for row in outgoing_lists.queued(conn, office.key) if row.kind == "client"),
        in_doubt=len(outgoing_lists.in_doubt(conn, office.key)),
        problems=tuple(rulebook.trouble(conn, office)),
        head=head_words(conn, office),
    )


def _is_stopped(whole: Sequence[Event]) -> bool:
    """The owner's last word on everything was to stop, and was not taken back."""
    undone = taken_back(whole)
    said = [one.name for one in whole if one.name in ("owner.stopped", "owner.live") and one.id not in undone]
    return bool(said) and said[-1] == "owner.stopped"


def _told_until(office: Office, wish: Wish, day: date) -> date:
    """The next day on which mails leave, or the last one before the next digest, whichever is later."""
    ahead = (day + timedelta(days=more) for more in range(1, 8))
    following = next((one for one in ahead if one.weekday() in wish.days), day + timedelta(days=1))
    return max(next_open_day(office.rules, day + timedelta(days=1)), following - timedelta(days=1))


def _slow(office: Office, book: Book, claims: Sequence[Claim]) -> tuple[Row, ...]:
    """The clients that usually pay latest after the due date, slowest first."""
    own, _ = habits(claims)
    late = sorted(((days, client) for client, days in own.items() if days > 0), reverse=True)[:_SLOWEST]
    return tuple(Row(book.name(client), slow_words(days, office.business.language)) for days, client in late)


def _shadowed(
    conn: Connection, office: Office, happened: Sequence[Event], end: datetime, *, live: bool
) -> tuple[Row, ...]:
    """The last week's of shadow mode; else, since the last digest, of rules that are in shadow by themselves."""
    fresh = [event.at for event in happened if event.name == SHADOWED]
    if live and not fresh:
        return ()
    return tuple(reversed(would_have_sent(conn, office, min(fresh) if live else end - WEEK, end)))


def _is_observed(book: Book, day: date) -> bool:
    first = min((one.day for known in book.events.values() for one in known if one.name == SHADOWED), default=day)
    return day - first >= WEEK


def _legal(office: Office, book: Book, day: date) -> list[Row]:
    """Promises have a section of their own."""
    language = office.business.language
    return [
        Row(one.client, one.sentence(language), amount, currency=currency, urgent=one.urgent)
        for one, amount, currency in legal_dates(office, book, day)
        if one.code != "promise"
    ]


def _mailbox_minutes(office: Office, runs: Mapping[str, datetime], now: datetime) -> int | None:
    read = runs.get(f"watch/{office.key}")
    return max(int((now - read).total_seconds()) // 60, 0) if read is not None else None


def _consent_days(office: Office, day: date) -> int | None:
    """Counted down from two weeks on: before that, it is no news."""
    ends = office.business.bank.consent_ends
    left = (ends - day).days if ends is not None else None
    return left if left is not None and left <= CONSENT_DAYS else None


def _since(conn: Connection, office: Office, local: datetime) -> datetime:
    """Just after the previous digest was gathered; without one, the hour at which it would have been."""
    earlier = [
        row.created_at
        for row in outgoing_lists.between(conn, office.key, local - _LONGEST_GAP, local)
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
    amount, words = question.about.get("amount"), question.about.get("quote")
    return Asked(
        number=question.number,
        text=question.text,
        choices=question.choices,
        labels=choice_labels(question.kind, question.about, question.choices, office.business.language),
        asked_on=office.day(question.asked_at),
        amount=Decimal(amount) if isinstance(amount, str) else None,
        quote=words if isinstance(words, str) else "",
    )
