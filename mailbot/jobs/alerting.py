"""What the rules want the owner to decide becomes a question, once; what is settled meanwhile no longer is one."""

from datetime import datetime

from sqlalchemy import Connection

from mailbot.jobs import redirecting
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.model import Alert, Decision
from mailbot.owner.phrases import event_words

_ASKED_BEFORE = frozenset({"unclear"})
"""What the reader of the reply has asked about already, with the client's words."""
_NEEDS_ADDRESS = frozenset({"no_contact"})


def keep_alerts(conn: Connection, office: Office, client: int, decision: Decision, now: datetime) -> None:
    """Ask what waits for the owner; expire what the facts have answered since."""
    waiting = [alert for alert in decision.alerts if alert.waits and alert.code not in _ASKED_BEFORE]
    waiting = [alert for alert in waiting if not _is_redirection(conn, office, client, alert)]
    current = {_key(alert, client) for alert in waiting}
    for alert in waiting:
        _ask(conn, office, client, alert, now)
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


def _ask(conn: Connection, office: Office, client: int, alert: Alert, now: datetime) -> None:
    name = clients.get(conn, office.key, client).name
    known = events.of_client(conn, office.key, client) if alert.event else []
    event = next((event for event in known if event.id == alert.event), None)
    said = event.data.get("because") if event else None
    about: dict[str, object] = {
        "code": alert.code,
        "client_name": name,
        "invoice": alert.invoice,
        "event": alert.event,
        "quote": " … ".join(str(words) for words in said) if isinstance(said, list) else "",
    }
    if event is not None and event.name.startswith("reply."):
        number = f" ({alert.invoice})" if alert.invoice else ""
        about["text"] = f"{name} {event_words(event, office.business.language)}{number}."
    else:
        about["text"] = f"{name} : {alert.text}"
    kind = alert.code if alert.code in _NEEDS_ADDRESS else f"alert_{alert.code}"
    ask(conn, office, kind, _key(alert, client), about, now, client=client, invoice=alert.invoice)
