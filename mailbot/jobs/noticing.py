"""The formal notice: a letter for the post once the owner said yes, and the day on which the owner posted it.

The letter is made after the mail of that step left (it is the owner who said yes to it), or when the owner asks for it.
It is kept as it was made, sealed with everything else, and mailed to the owner with the invoices that it names.
What the owner states about posting it counts for the ladder from that day.

The mail to the client that carries the same text is named a reminder, in its subject and its heading, and says that it
replaces no registered letter. A creditor has to prove a summons that sufficed (C. civ. 1344, 1353), and an ordinary
mail proves neither its day nor that it came; only a qualified electronic registered delivery equals the letter (code
des postes et des communications électroniques, L100), to which a consumer must have agreed before. The letter keeps
the name.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from mailbot.errors import PrintError
from mailbot.evidence.notice import NoticeFacts, notice, statement
from mailbot.evidence.pages import pdf
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.charging import charges_on
from mailbot.jobs.gathering import claims_of, creditor_of, day_of, debtor_of
from mailbot.jobs.handing import Enclosure, hand_over
from mailbot.jobs.lettering import NOTICE_DAYS
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, events, invoices
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.money import write_day

PREPARED = "notice.prepared"
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

    Raises ValueError for a day that has not come yet.
    """
    if sent_on is not None and sent_on > office.day(now):
        raise ValueError(f"{sent_on.isoformat()} ?")
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
        facts, numbers = _facts(conn, office, client, cause, now)
        documents = [invoices.document(conn, office.key, number) for number in numbers]
    if not facts.claims:
        return False
    words = words_of("mails", office.business.language)
    subject = words["notice_subject"].format(client=facts.debtor.name)
    try:
        letter, annex = pdf(notice(facts)), pdf(statement(facts))
    except PrintError as error:
        with writing(office.engine) as conn:
            hand_over(conn, office, f"notice_failed/{cause.id}", subject, [str(error)], (), now)
        return False
    names = words_of("notice", facts.language)
    enclosed = [
        Enclosure(f"{names['file']}.pdf", "application/pdf", letter),
        Enclosure(f"{names['statement_file']}.pdf", "application/pdf", annex),
        *_fitting([Enclosure(name, _type(name), content) for name, content in filter(None, documents)]),
    ]
    lines = [
        words["notice_text"].format(client=facts.debtor.name, deadline=write_day(facts.deadline, facts.language)),
        words["notice_post"],
        words["notice_answer"].format(number=numbers[0]),
    ]
    with writing(office.engine) as conn:
        kept = hand_over(conn, office, f"notice/{cause.id}", subject, lines, enclosed, now)
        data = {"letter": kept[0], "cause": cause.id, "invoices": numbers}
        number = numbers[0] if len(numbers) == 1 else None
        happened(conn, office, PREPARED, cause.id, now, client=client, invoice=number, data=data, letter=kept[0])
    return True


def _facts(conn: Connection, office: Office, client: int, cause: Event, now: datetime) -> tuple[NoticeFacts, list[str]]:
    known, day = clients.get(conn, office.key, client), office.day(now)
    listed = cause.data.get("invoices")
    named = set(map(str, listed)) if isinstance(listed, list) else {cause.invoice} - {None}
    billed = [
        one
        for one in invoices.of_client(conn, office.key, client)
        if one.kind == "invoice" and one.open_amount > 0 and (one.number in named or (not named and one.due < day))
    ]
    claims, numbers = claims_of(billed), [one.number for one in billed]
    happened_so_far = events.of_client(conn, office.key, client)
    charges, _ = charges_on(conn, office, billed, day)
    words = words_of("notice", office.business.language)
    facts = NoticeFacts(
        language=office.business.language,
        on=day,
        deadline=day + timedelta(days=NOTICE_DAYS),
        creditor=creditor_of(office),
        debtor=debtor_of(known),
        claims=claims,
        charges=charges,
        reminders=tuple(_reminders(happened_so_far, numbers)),
        annexes=(*(words["invoice"].format(number=number) for number in numbers), words["statement"].format(
            day=write_day(day, office.business.language))),
        french=bool(office.business.siren),
    )  # fmt: skip
    return facts, numbers


def _reminders(known: Sequence[Event], numbers: Sequence[str]) -> list[date]:
    days = set()
    for event in known:
        listed = event.data.get("invoices")
        late = event.name == "mail.sent" and event.data.get("mail") not in (STEP, "courtesy", "due_today")
        if late and isinstance(listed, list) and any(number in listed for number in numbers):
            days.add(event.day)
    return sorted(days)


def _fitting(found: Sequence[Enclosure]) -> list[Enclosure]:
    fitting, size = [], 0
    for one in found:
        size += len(one.content)
        if size <= FITTING:
            fitting.append(one)
    return fitting


def _type(name: str) -> str:
    return "application/xml" if name.lower().endswith(".xml") else "application/pdf"
