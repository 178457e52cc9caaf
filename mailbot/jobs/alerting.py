"""What the rules want the owner to decide becomes a question, once; what is settled meanwhile no longer is one.

One letter about several invoices is one question, and so is a client who says the same of the same invoices again and
again: the question then has the latest words, and how many letters there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailbot.jobs import redirecting
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.model import Alert, Decision, Event
from mailbot.owner.phrases import event_words
from mailbot.rules.balance import in_order, taken_back

_ASKED_BEFORE = frozenset({"unclear"})
"""What the reader of the reply has asked about already, with the client's words."""
_NEEDS_ADDRESS = frozenset({"no_contact"})
_TOLD: Mapping[str, str] = {"fr": "{name} : {what}, comme vous l'avez noté.", "en": "{name}: {what}, as you told."}
"""Of what the owner told without a letter of the client."""


@dataclass(frozen=True, slots=True)
class _Matter:
    """Alerts that one question is about, oldest letter first, and the events of those that have one."""

    alerts: tuple[Alert, ...]
    events: tuple[Event, ...] = ()

    @property
    def first(self) -> Alert:
        return self.alerts[0]

    @property
    def invoices(self) -> list[str]:
        return list(dict.fromkeys(alert.invoice for alert in self.alerts if alert.invoice))

    @property
    def letters(self) -> int:
        return len({_letter(event) for event in self.events})


def keep_alerts(conn: Connection, office: Office, client: int, decision: Decision, now: datetime) -> None:
    """Ask what waits for the owner; expire what the facts have answered since."""
    waiting = [alert for alert in decision.alerts if alert.waits and alert.code not in _ASKED_BEFORE]
    waiting = [alert for alert in waiting if not _is_redirection(conn, office, client, alert)]
    known = events.of_client(conn, office.key, client) if waiting else []
    matters = _matters(conn, office, waiting, known)
    current = {_key(matter.first, client) for matter in matters}
    for matter in matters:
        _ask(conn, office, client, matter, now)
    open_now = questions.open_ones(conn, office.key, client)
    for question in open_now:
        if question.dedupe_key.startswith("alert/") and question.dedupe_key not in current:
            questions.expire(conn, office.key, question.number, "settled", now)
    for question in open_now:
        if question.kind == "approve" and not _still_asked(conn, office, question, decision):
            questions.expire(conn, office.key, question.number, decision.reason, now)
    for question in open_now:
        if question.kind == "unclear" and _is_settled(conn, office, question):
            questions.expire(conn, office.key, question.number, "settled", now)
        if question.dedupe_key == f"no_contact/{client}" and _is_reachable(conn, office, client):
            questions.expire(conn, office.key, question.number, "settled", now)
        if question.kind == redirecting.KIND and redirecting.is_settled(conn, office, question):
            questions.expire(conn, office.key, question.number, "settled", now)


def _is_redirection(conn: Connection, office: Office, client: int, alert: Alert) -> bool:
    """The address that the client named is asked about, and the answer settles the alert too."""
    if alert.code != redirecting.HEARD.removeprefix("reply."):
        return False
    event = next((one for one in events.of_client(conn, office.key, client) if one.id == alert.event), None)
    return redirecting.is_asked(conn, office, client, event)


def _is_settled(conn: Connection, office: Office, question: Question) -> bool:
    """Nothing is owed any more on the invoices that a reply was about."""
    named = [invoices.get(conn, office.key, str(number)) for number in question.about.get("invoices") or ()]
    return bool(named) and all(one is None or one.open_amount <= 0 for one in named)


def _is_reachable(conn: Connection, office: Office, client: int) -> bool:
    return any(contact.usable for contact in clients.get(conn, office.key, client).contacts)


def approval_key(decision: Decision) -> str:
    """What makes the owner's yes one of its own: the step or reaction, its invoice, its cause and its generation."""
    return f"approve/{decision.what}/{decision.lead}/{decision.trigger or ''}/{decision.generation or ''}"


def _still_asked(conn: Connection, office: Office, question: Question, decision: Decision) -> bool:
    """What waits for Monday, for the bank or behind another mail is still to be approved."""
    invoice = invoices.get(conn, office.key, question.invoice) if question.invoice else None
    if decision.lead is None or invoice is None or invoice.open_amount <= 0:
        return False
    same = question.about.get("what") == decision.what and question.invoice == decision.lead
    return not same or question.dedupe_key == approval_key(decision)


def _key(alert: Alert, client: int) -> str:
    return f"alert/{alert.code}/{alert.event or alert.invoice or client}"


def _matters(conn: Connection, office: Office, alerts: Sequence[Alert], known: Sequence[Event]) -> list[_Matter]:
    """The alerts, those of replies that say the same of the same invoices together."""
    by_id = {event.id: event for event in known}
    done = _answered(known)
    single: list[_Matter] = []
    letters: dict[tuple[str, str], list[tuple[Event, Alert]]] = {}
    for alert in alerts:
        event = by_id.get(alert.event or "")
        if event is None or not event.name.startswith("reply."):
            single.append(_Matter((alert,), (event,) if event is not None else ()))
        elif event.id not in done and not _was_answered(conn, office, alert):
            letters.setdefault((alert.code, _letter(event)), []).append((event, alert))
    same: dict[tuple[str, frozenset[str | None]], list[tuple[Event, Alert]]] = {}
    for (code, _), found in letters.items():
        same.setdefault((code, frozenset(alert.invoice for _, alert in found)), []).extend(found)
    return [*single, *(_together(found) for found in same.values())]


def _together(found: Sequence[tuple[Event, Alert]]) -> _Matter:
    ordered = sorted(found, key=lambda one: in_order(one[0]))
    return _Matter(tuple(alert for _, alert in ordered), tuple(event for event, _ in ordered))


def _letter(event: Event) -> str:
    return str(event.data.get("letter") or event.id)


def _answered(known: Sequence[Event]) -> frozenset[str]:
    """The events that the owner has answered together with others."""
    undone = taken_back(known)
    said = [event for event in known if event.name == "owner.answered" and event.id not in undone]
    listed = [event.data.get("events") for event in said]
    return frozenset(str(one) for events_ in listed if isinstance(events_, list) for one in events_)


def _was_answered(conn: Connection, office: Office, alert: Alert) -> bool:
    asked = questions.by_dedupe_key(conn, office.key, f"alert/{alert.code}/{alert.event}")
    return asked is not None and asked.state == "answered"


def _ask(conn: Connection, office: Office, client: int, matter: _Matter, now: datetime) -> None:
    alert = matter.first
    kind, key = (alert.code if alert.code in _NEEDS_ADDRESS else f"alert_{alert.code}"), _key(alert, client)
    asked = questions.by_dedupe_key(conn, office.key, key)
    if asked is not None and asked.state == "open" and matter.events and _events(asked.about) != _ids(matter):
        questions.expire(conn, office.key, asked.number, "said again", now)
    about = _about(conn, office, client, matter)
    ask(conn, office, kind, key, about, now, client=client, invoice=alert.invoice)


def _events(about: Mapping[str, object]) -> list[object]:
    listed = about.get("events")
    return listed if isinstance(listed, list) else [about.get("event")]


def _ids(matter: _Matter) -> list[str]:
    return [event.id for event in matter.events]


def _about(conn: Connection, office: Office, client: int, matter: _Matter) -> dict[str, object]:
    """What the question says: the latest words; how many letters, where there are several."""
    alert, name = matter.first, clients.get(conn, office.key, client).name
    last = matter.events[-1] if matter.events else None
    said = last.data.get("because") if last else None
    about: dict[str, object] = {
        "code": alert.code,
        "client_name": name,
        "invoice": alert.invoice,
        "event": last.id if last else alert.event,
        "quote": " … ".join(str(words) for words in said) if isinstance(said, list) else "",
    }
    if last is None or not last.name.startswith("reply."):
        return about | {"text": f"{name} : {alert.text}"}
    if last.data.get("by") == "owner" and not last.data.get("letter"):
        told = _TOLD[office.business.language].format(name=name, what=alert.text)
        return about | {"text": told, "quote": "", "events": _ids(matter), "invoices": matter.invoices}
    numbers = ", ".join(matter.invoices)
    count = f"{matter.letters} messages" if matter.letters > 1 else ""
    inside = "; ".join(filter(None, (numbers, count)))
    words = event_words(last, office.business.language)
    text = f"{name} {words} ({inside})." if inside else f"{name} {words}."
    return about | {"text": text, "events": _ids(matter), "invoices": matter.invoices}
