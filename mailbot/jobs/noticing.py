"""The formal notice: a letter for the post once the owner said yes, and the day on which the owner posted it.

The letter is made after the mail of that step left (it is the owner who said yes to it), or when the owner asks for it.
It is kept as it was made, sealed with everything else, and mailed to the owner with the invoices that it names.
What the owner states about posting it counts for the ladder from that day; the last word counts.
Its sums and its deadline are those of the mail (`demanding`), reckoned to the day of that mail.

None is made where something hinders it (`withholding`).

The mail to the client that carries the same text is named a reminder, in its subject and its heading, and says that it
replaces no registered letter. A creditor has to prove a summons that sufficed (C. civ. 1344, 1353), and an ordinary
mail proves neither its day nor that it came; only a qualified electronic registered delivery equals the letter (code
des postes et des communications électroniques, L100), to which a consumer must have agreed before. The letter keeps
the name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import default

from sqlalchemy import Connection

from mailbot.errors import PrintError
from mailbot.evidence.notice import NoticeFacts, notice, statement
from mailbot.evidence.pages import pdf
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.demanding import demand
from mailbot.jobs.gathering import creditor_of, day_of, debtor_of
from mailbot.jobs.handing import Enclosure, hand_over
from mailbot.jobs.legal_steps import check_day
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.withholding import PREPARED, hindrance, named_in
from mailbot.law.demand import NOTICE_DAYS, POSTING_DAYS
from mailbot.ledger import clients, events, invoices, outgoing
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.money import write_day

STATED = "owner.notice"
STEP = "formal_notice"
WITHIN = timedelta(days=30)
"""How long after its cause a letter is still made: after a longer standstill the owner asks for it."""
FITTING = 8_000_000
"""Bytes of invoices that go into the owner's mail beside the letter."""


def prepare_notices(office: Office, now: datetime) -> int:
    """Makes each letter that is wanted and mails it to the owner, once; returns how many."""
    with reading(office.engine) as conn:
        wanted = _wanted(conn, office, now)
    return sum(_prepare(office, cause, now) for cause in wanted)


def state_posting(
    conn: Connection, office: Office, client: int, number: str | None, cause: str, now: datetime,
    *, sent_on: date | None = None, tracking: str = "", letter: str | None = None,
) -> bool:  # fmt: skip
    """Records what the owner says of the letter; without a day that it is wanted. False where it was said before.

    Raises ValueError, with a sentence, for a day that has not come yet or is before the invoice.
    """
    if sent_on is not None:
        check_day(conn, office, client, number, sent_on, now)
    step = next((one.id for one in office.rules.steps if one.mail == STEP), STEP)
    data = {"sent_on": sent_on.isoformat() if sent_on else None, "tracking": tracking or None, "step": step}
    new = happened(conn, office, STATED, cause, now, client=client, invoice=number, data=data, letter=letter)
    refresh(conn, office, client, now)
    return new


def _wanted(conn: Connection, office: Office, now: datetime) -> list[Event]:
    """Mails of that step that left, and wishes of the owner, without a letter yet."""
    known = events.called(conn, office.key, ("mail.sent", STATED, PREPARED), since=now - WITHIN)
    done = {event.data.get("cause") for event in known if event.name == PREPARED}
    return [
        event for event in known
        if event.id not in done and event.client is not None
        and ((event.name == "mail.sent" and event.data.get("mail") == STEP)
             or (event.name == STATED and day_of(event, "sent_on") is None))
    ]  # fmt: skip


def _prepare(office: Office, cause: Event, now: datetime) -> bool:
    client = int(cause.client or 0)
    with reading(office.engine) as conn:
        numbers = _listed(conn, office, client, cause, now)
        why_not = hindrance(conn, office, client, numbers) if numbers else ""
        facts, unsaid = _facts(conn, office, client, numbers, cause, now)
        documents = {one.number: invoices.document(conn, office.key, one.number) for one in facts.claims}
    if not facts.claims:
        return False
    words = words_of("mails", office.business.language)
    if why_not:
        return _without(office, cause, words["notice_none_subject"].format(client=facts.debtor.name), why_not, now)
    subject = words["notice_subject"].format(client=facts.debtor.name)
    known = {number: Enclosure(one[0], _type(one[0]), one[1]) for number, one in documents.items() if one is not None}
    fitting = _fitting(known)
    facts = replace(facts, annexes=_annexes(facts, fitting))
    try:
        letter, annex = pdf(notice(facts)), pdf(statement(facts))
    except PrintError as error:
        return _without(office, cause, subject, str(error), now)
    names, numbers = words_of("notice", facts.language), [one.number for one in facts.claims]
    enclosed = [
        Enclosure(f"{names['file']}.pdf", "application/pdf", letter),
        Enclosure(f"{names['statement_file']}.pdf", "application/pdf", annex),
        *fitting.values(),
    ]
    until, by = facts.demand.deadline, facts.on + timedelta(days=POSTING_DAYS)
    lines = [
        words["notice_text"].format(
            client=facts.debtor.name, deadline=write_day(until, facts.language), by=write_day(by, facts.language),
            days=NOTICE_DAYS,
        ),
        *([words["notice_unsaid"].format(why=unsaid)] if unsaid else []),
        *_to_add(words, [one for one in numbers if one not in known], [one for one in known if one not in fitting]),
        *([] if facts.creditor.address.strip() else [words["notice_address"]]),
        words["notice_post"],
        words["notice_answer"].format(number=numbers[0]),
    ]  # fmt: skip
    with writing(office.engine) as conn:
        kept = hand_over(conn, office, f"notice/{cause.id}", subject, lines, enclosed, now)
        data = {
            "letter": kept[0], "statement": kept[1], "cause": cause.id, "invoices": numbers,
            "deadline": until.isoformat(),
        }  # fmt: skip
        number = numbers[0] if len(numbers) == 1 else None
        happened(conn, office, PREPARED, cause.id, now, client=client, invoice=number, data=data, letter=kept[0])
    return True


def _without(office: Office, cause: Event, subject: str, why: str, now: datetime) -> bool:
    """No letter: the owner is told once why."""
    with writing(office.engine) as conn:
        hand_over(conn, office, f"notice_failed/{cause.id}", subject, [why], (), now)
    return False


def _listed(conn: Connection, office: Office, client: int, cause: Event, now: datetime) -> list[str]:
    """The invoices of the mail, or of the owner's wish: of all that are late, the one that was due first leads."""
    named = [str(one) for one in named_in(cause)] or ([cause.invoice] if cause.invoice else [])
    if named:
        return named
    late = [one for one in invoices.of_client(conn, office.key, client) if one.due < office.day(now)]
    return [one.number for one in sorted(late, key=lambda one: (one.due, one.number)) if one.kind == "invoice"]


def _facts(
    conn: Connection, office: Office, client: int, numbers: Sequence[str], cause: Event, now: datetime
) -> tuple[NoticeFacts, str]:
    """(what the letter says, what of it could not be worked out)."""
    on, claims = _terms(conn, office, cause, now)
    demanded, unsaid = demand(conn, office, client, numbers, on, now, claims=claims)
    billed = [one.number for one in demanded.items]
    facts = NoticeFacts(
        language=office.business.language,
        demand=demanded,
        creditor=creditor_of(office),
        debtor=debtor_of(clients.get(conn, office.key, client)),
        reminders=tuple(_reminders(events.of_client(conn, office.key, client), billed)),
        french=bool(office.business.siren),
    )
    return facts, unsaid


def _terms(conn: Connection, office: Office, cause: Event, now: datetime) -> tuple[date, bool]:
    """(the day of the reckoning, whether penalties are claimed): as in the mail that left; else as the step says."""
    if cause.name == "mail.sent":
        row = outgoing.get(conn, office.key, int(cause.id.partition("/")[2]))
        return _written_on(office, row.raw or b"") or cause.day, bool(row.context.get("claim"))
    steps = [one.claims_penalties for one in office.rules.steps if one.mail == STEP]
    return office.day(now), any(steps) or not steps


def _written_on(office: Office, raw: bytes) -> date | None:
    """The day that our mail states as its own: its sums were reckoned on it, if it left on a later one."""
    head = BytesHeaderParser(policy=default).parsebytes(raw)["Date"]
    at = getattr(head, "datetime", None)
    return office.day(at) if at is not None and at.tzinfo is not None else None


def _reminders(known: Sequence[Event], numbers: Sequence[str]) -> list[date]:
    days = set()
    for event in known:
        listed = event.data.get("invoices")
        late = event.name == "mail.sent" and event.data.get("mail") not in (STEP, "courtesy", "due_today")
        if late and isinstance(listed, list) and any(number in listed for number in numbers):
            days.add(event.day)
    return sorted(days)


def _fitting(known: Mapping[str, Enclosure]) -> dict[str, Enclosure]:
    """Those of the invoices' files that one mail carries beside the letter."""
    fitting, size = {}, 0
    for number, one in known.items():
        if size + len(one.content) <= FITTING:
            size += len(one.content)
            fitting[number] = one
    return fitting


def _annexes(facts: NoticeFacts, enclosed: Mapping[str, Enclosure]) -> tuple[str, ...]:
    """What the letter lists: only what goes with it."""
    words = words_of("notice", facts.language)
    statement_of_day = words["statement"].format(day=write_day(facts.on, facts.language))
    return (*(words["invoice"].format(number=number) for number in enclosed), statement_of_day)


def _to_add(words: Mapping[str, str], missing: Sequence[str], too_big: Sequence[str]) -> list[str]:
    """What the owner has to enclose without mailbot."""
    listed = (("notice_missing", missing), ("notice_too_big", too_big))
    return [words[name].format(numbers=", ".join(numbers)) for name, numbers in listed if numbers]


def _type(name: str) -> str:
    return "application/xml" if name.lower().endswith(".xml") else "application/pdf"
