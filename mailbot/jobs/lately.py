"""What the owner did, and what the bot booked and told: all that a bare `undo` can mean, newest first.

The bot's own bookkeeping (what settles a pause, what a confirmation waits for in the meantime) is nobody's deed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import allocations, bank, clients, events, outgoing_lists, questions
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.questions import Question
from mailbot.model import Event
from mailbot.money import write_amount_plain
from mailbot.owner.outcomes import outcome
from mailbot.owner.phrases import event_words, mail_words
from mailbot.rules.balance import taken_back

LATEST = 200
"""So many of the owner's words are looked at; who wants to undo an older one says the contrary instead."""
_CAUSE = re.compile(r"^(?:do/[^/]+/[^/]+|[0-9a-f]{64})/\d+")
"""Where an order was written: the letter (or the command) and its place in it."""
_BOOKED_LATELY = timedelta(days=14)
_DIGEST_GAP = timedelta(days=35)
_ASKED_FIRST = ("confirm", "which")


@dataclass(frozen=True, slots=True)
class Said:
    """One order that took effect: all events that it made, first one first."""

    cause: str
    events: tuple[Event, ...]

    @property
    def first(self) -> Event:
        return self.events[0]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be taken back: `what` names it for an order ("said:…", "line:…", "asked:…", "mail:…")."""

    at: datetime
    what: str
    label: str


def spoken(conn: Connection, office: Office) -> list[Said]:
    """The owner's orders that count, newest first."""
    known = events.by_owner(conn, office.key, LATEST)
    undone = taken_back(known)
    grouped: dict[str, list[Event]] = {}
    for event in known:
        cause = _CAUSE.match(event.id.removeprefix(f"{event.name}/"))
        if event.name != "owner.undone" and event.id not in undone and cause is not None:
            grouped.setdefault(cause[0], []).insert(0, event)
    return [Said(cause, tuple(found)) for cause, found in grouped.items()]


def deeds(conn: Connection, office: Office, now: datetime) -> list[Deed]:
    """What the owner did, newest first: orders, answers, payments booked by word, orders that wait for their word."""
    language = office.business.language
    asked = [one for one in questions.open_ones(conn, office.key) if one.kind in _ASKED_FIRST]
    waits = {one.dedupe_key.partition("/")[2] for one in _ever_asked(conn, office)}
    found = [Deed(one.asked_at, f"asked:{one.number}", asked_words(one, language)) for one in asked]
    found += [
        Deed(said.first.at, f"said:{said.cause}", said_words(conn, office, said))
        for said in spoken(conn, office)
        if said.first.name != "owner.matched" and said.cause not in waits
    ]
    found += booked(conn, office, now - _BOOKED_LATELY, now, "owner")
    return sorted(found, key=lambda deed: deed.at, reverse=True)


def _ever_asked(conn: Connection, office: Office) -> list[Question]:
    """Confirmations, open or not: the silence that they keep meanwhile is the bot's."""
    known = events.by_owner(conn, office.key, LATEST)
    causes = {cause[0] for event in known if (cause := _CAUSE.match(event.id.removeprefix(f"{event.name}/")))}
    found = [questions.by_dedupe_key(conn, office.key, f"confirm/{cause}") for cause in sorted(causes)]
    return [one for one in found if one is not None]


def booked(conn: Connection, office: Office, start: datetime, end: datetime, how: str) -> list[Deed]:
    """Bank lines that were booked in this time and still are, by the matcher ("auto") or at the owner's word."""
    paid = events.called(conn, office.key, ("bank.payment", "bank.overpayment", "bank.reversal"), start)
    at = {str(event.data["line"]): event.at for event in paid if event.data.get("line") and event.at <= end}
    found = []
    for line_id, when in at.items():
        line, rows = bank.line(conn, office.key, line_id), allocations.standing(conn, office.key, line_id)
        if line is None or not rows or rows[-1].how != how:
            continue
        amount = write_amount_plain(abs(line.amount), line.currency, office.business.language)
        numbers = ", ".join(dict.fromkeys(row.invoice for row in rows if row.invoice)) or line.payer or line.name
        code = "deed_booked" if line.amount > Decimal(0) else "deed_reversed"
        label = outcome(code, office.business.language, amount=amount, target=numbers)
        found.append(Deed(when, f"line:{line_id}", label))
    return found


def told_in(conn: Connection, office: Office, digest: Outgoing) -> list[Deed]:
    """What the bot booked by itself and told in this digest: since the one before it."""
    earlier = [
        row.created_at
        for row in outgoing_lists.between(conn, office.key, digest.created_at - _DIGEST_GAP, digest.created_at)
        if row.template == "digest" and row.created_at < digest.created_at
    ]
    return booked(conn, office, max(earlier, default=digest.created_at - _BOOKED_LATELY), digest.created_at, "auto")


def waiting(conn: Connection, office: Office) -> list[Deed]:
    """Mails to clients that wait in their hold and can still be stopped."""
    rows = [row for row in outgoing_lists.queued(conn, office.key) if row.kind == "client" and row.client is not None]
    return [Deed(row.created_at, f"mail:{row.id}", mail_label(conn, office, row)) for row in rows]


def mail_label(conn: Connection, office: Office, row: Outgoing) -> str:
    """ "première relance à Dupont SARL (FA-2026-0412)"."""
    name = clients.get(conn, office.key, row.client or 0).name
    what, about = mail_words(row.template, office.business.language), ", ".join(row.invoices)
    return outcome("deed_mail", office.business.language, what=what, target=name, about=about)


def asked_words(question: Question, language: str) -> str:
    """An order that waits for the owner's word, in that order's own words."""
    return outcome("deed_asked", language, line=str(question.about["line"]).strip())


def said_words(conn: Connection, office: Office, said: Said) -> str:
    """ "relances suspendues par vous (Dupont SARL)"."""
    return event_words(said.first, office.business.language) + about_words(conn, office, said.first)


def about_words(conn: Connection, office: Office, event: Event) -> str:
    """Whom an event is about, in brackets; "" for everybody."""
    client = events.client_number(event.client)
    name = clients.get(conn, office.key, client).name if client is not None else ""
    both = ", ".join(filter(None, (event.invoice, name)))
    return f" ({both})" if both else ""


def apart(found: Sequence[Deed]) -> list[Deed]:
    """Those of the last moment, or of its mail: more than one where it is not clear which was last."""
    letter = _letter(found[0]) if found else ""
    return [deed for deed in found if deed.at == found[0].at or (letter and _letter(deed) == letter)]


def _letter(deed: Deed) -> str:
    """The mail (or the command) in which an order stood; "" for what is no order."""
    return deed.what.rpartition("/")[0] if deed.what.startswith("said:") else ""
