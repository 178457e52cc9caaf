"""Hand files over to the owner: mails with enclosures; dossiers that an order, an insolvency or a dispute calls for.

Enclosures are kept as they were made, under their sha256, before the mail is planned: a mail that is composed again
carries the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from mailbot.errors import PrintError
from mailbot.evidence.tasks import tasks
from mailbot.evidence.wording import words as words_of
from mailbot.jobs import dossiers
from mailbot.jobs.deadlines import barred_on
from mailbot.jobs.mailing import tell_owner
from mailbot.jobs.office import Office, happened
from mailbot.ledger import clients, events, invoices, letters
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.rules.balance import seen

WANTED = "owner.dossier"
HEARD = {"reply.insolvency": "insolvency", "reply.dispute": "dispute"}
"""What begins the owner's tasks -> the words of the mail that lists them."""
MADE = "dossier.made"
WITHIN = timedelta(days=30)
BIGGEST = 12_000_000
"""Bytes of a dossier that still travels by mail (base64 adds a third; many servers refuse 20 MB)."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a mail to the owner."""

    name: str
    type: str
    content: bytes


def hand_over(
    conn: Connection, office: Office, key: str, subject: str, lines: Sequence[str], enclosed: Sequence[Enclosure],
    now: datetime, *, tasks: Sequence[Sequence[str]] = (),
) -> list[str]:  # fmt: skip
    """Plans the mail to the owners, once for a key; returns the letters (ids) under which the files are kept."""
    kept = [letters.keep(conn, office.key, one.content, now, direction="document")[0] for one in enclosed]
    attached = [
        {"letter": letter, "name": one.name, "type": one.type} for letter, one in zip(kept, enclosed, strict=True)
    ]
    values = {"subject": subject, "lines": list(lines), "tasks": [list(task) for task in tasks]}
    tell_owner(conn, office, "enclosed", key, values, now, attached=attached)
    return kept


def want_dossier(
    conn: Connection, office: Office, client: int, number: str | None, cause: str, now: datetime,
    *, letter: str | None = None,
) -> bool:  # fmt: skip
    """The owner asks for a dossier: it comes by mail with the next look of the clock. False where it was asked for."""
    return happened(conn, office, WANTED, cause, now, client=client, invoice=number, letter=letter)


def hand_over_dossiers(office: Office, now: datetime) -> int:
    """Makes each dossier that was asked for, or that an insolvency or a dispute calls for, and mails it once; how many.

    A dispute that was settled before its dossier was made calls for none any more.
    """
    with reading(office.engine) as conn:
        known = events.called(conn, office.key, (WANTED, *HEARD, MADE), since=now - WITHIN)
    done = {event.data.get("cause") for event in known if event.name == MADE}
    waiting: dict[str, list[Event]] = {}
    for event in known:
        if event.name != MADE and event.client is not None and (cause := _cause(event)) not in done:
            waiting.setdefault(cause, []).append(event)
    return sum(_hand_over(office, about, cause, now) for cause, about in waiting.items())


def _cause(event: Event) -> str:
    """A letter that reports an insolvency or a dispute may be about several invoices: one dossier for all of them."""
    return event.id if event.name == WANTED else "/".join(event.id.split("/")[:2])


def _hand_over(office: Office, about: Sequence[Event], cause: str, now: datetime) -> bool:
    event, language = about[0], office.business.language
    client = int(event.client or 0)
    named = {one.invoice for one in about}
    number = event.invoice if event.name != "reply.insolvency" and len(named) == 1 else None
    kind = HEARD.get(event.name, "dossier")
    with reading(office.engine) as conn:
        known = clients.get(conn, office.key, client)
        happened_so_far = seen(events.of_client(conn, office.key, client), date.max)
        billed = [one for one in invoices.of_client(conn, office.key, client) if number in (None, one.number)]
    todo = tasks(happened_so_far, language, barred_on(office, known, billed, happened_so_far))
    if event.name == "reply.dispute" and not todo:
        return False
    name, words = known.name, words_of("mails", language)
    subject = words[f"{kind}_subject"].format(target=number or name)
    lines, enclosed = [words["dossier_text"].format(target=number or name)], []
    file = dossiers.file_name(office, number or name, now)
    try:
        made = dossiers.make(office, client, number, now)
        size = len(made.content)
        enclosed = [Enclosure(file, "application/zip", made.content)] if size <= BIGGEST else []
        if not enclosed:
            lines = [words["dossier_big"].format(target=number or name, file=file, size=size // 1_000_000)]
        lines += made.wrong
    except PrintError as error:
        lines = [str(error)]
    if event.name in HEARD:
        lines.insert(0, words[f"{kind}_text"].format(target=number or name))
    if event.name == "reply.insolvency":
        lines.append(words["insolvency_answer"].format(target=name))
    with writing(office.engine) as conn:
        kept = hand_over(conn, office, f"dossier/{cause}", subject, lines, enclosed, now, tasks=todo)
        data = {"cause": cause, "letter": kept[0] if kept else None}
        happened(
            conn, office, MADE, cause, now, client=client, invoice=number, data=data, letter=kept[0] if kept else None
        )
    return True
