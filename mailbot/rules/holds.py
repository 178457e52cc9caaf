"""Which word of the owner ends which hold: the one table of what lets reminders go on, and the test of it.

A hold is what an answer, a mail or the bank began. What the owner says of one matter must not lift another: settling a
dispute or noting a promise says nothing about insolvency proceedings, in which earlier claims may neither be pursued
nor paid (C. com. L622-7, L622-21), nor about a client who wants no more mails, nor about an address that is wrong.
"""

from collections.abc import Mapping, Sequence

from mailbot.model import Event
from mailbot.rules.balance import in_order
from mailbot.rules.state import State

RESOLVED, RESUMED, PROMISE = "owner.resolved", "owner.resumed", "owner.promise"
SENT_NOW, ANSWERED, CONTACT = "owner.sent_now", "owner.answered", "owner.contact"
WORDS = (RESOLVED, RESUMED, PROMISE, SENT_NOW, ANSWERED, CONTACT)
"""What the owner says that can end a hold. ANSWERED: to a question about this very hold; CONTACT: another address."""

ENDED_BY: Mapping[str, frozenset[str]] = {
    "reply.insolvency": frozenset({RESUMED, SENT_NOW, ANSWERED}),
    "reply.stop": frozenset({RESUMED, ANSWERED}),
    "reply.wrong_contact": frozenset({RESUMED, SENT_NOW, ANSWERED, CONTACT}),
    "reply.dispute": frozenset({RESOLVED}),
    "owner.dispute": frozenset({RESOLVED}),
    "reply.promise": frozenset({RESOLVED, RESUMED, PROMISE, ANSWERED}),
    "mail.complained": frozenset({RESUMED, ANSWERED}),
}
"""Hold -> what ends it. Those that are not here: `_REPLY` for other answers of clients, `_OTHER` for all else."""
_REPLY = frozenset({RESOLVED, RESUMED, PROMISE, SENT_NOW, ANSWERED})
_OTHER = frozenset({RESOLVED, RESUMED, ANSWERED})
OF_THE_CLIENT = frozenset({"reply.insolvency", "reply.stop"})
"""Holds of a whole client: a word about one invoice lets that one go on and no other."""
_COPY = "invoice_copy"
"""The answer that a client who asks for the invoice wants, and that nobody has to decide about any more."""


def ended_by(hold: str) -> frozenset[str]:
    """The words of the owner that end a hold, by the name of the event that began it."""
    return ENDED_BY.get(hold) or (_REPLY if hold.startswith("reply.") else _OTHER)


def ended(state: State, event: Event, number: str) -> bool:
    """Whether the owner has decided about what an event started, for one invoice; or its answer settled it."""
    return _was_served(state, event, number) or any(
        in_order(decided) > in_order(event) and _reaches(decided, event, number) and _ends(decided, event)
        for name in WORDS
        for decided in state.named.get(name, ())
    )


def _reaches(decided: Event, event: Event, number: str) -> bool:
    """Whether the owner's word is about the invoice; what is said to all clients at once lifts the hold of none."""
    if decided.invoice is None:
        return decided.client is not None
    if decided.invoice == number:
        return True
    return decided.invoice == event.invoice and (event.name not in OF_THE_CLIENT or decided.name == ANSWERED)


def _ends(decided: Event, event: Event) -> bool:
    if decided.name == RESOLVED and event.name == "mail.complained":
        return _is_asked_about(decided, event)
    if decided.name not in ended_by(event.name):
        return False
    if decided.name == ANSWERED:
        return decided.data.get("go_on") is True and _is_answer_about(decided, event)
    if decided.name == CONTACT:
        return decided.data.get("action") != "remove"
    return True


def _is_asked_about(decided: Event, event: Event) -> bool:
    """The owner's no to the question about this event; an older answer does not name the event."""
    asked = decided.data.get("event")
    return asked == event.id if asked is not None else decided.data.get("question") is not None


def _is_answer_about(decided: Event, event: Event) -> bool:
    """Of a letter that says several things, an answer about one of them ends that one; one about the letter, all but
    an insolvency."""
    together = decided.data.get("events")
    if decided.data.get("event") == event.id:
        return True
    if isinstance(together, Sequence) and not isinstance(together, str):
        return event.id in together
    return event.name != "reply.insolvency" and decided.data.get("letter") == event.data.get("letter", "")


def _was_served(state: State, event: Event, number: str) -> bool:
    """The copy of the invoice that the letter asked for has left."""
    if event.name != "reply.document_request":
        return False
    letter = event.data.get("letter")
    return any(
        answer.data.get("mail") == _COPY
        and isinstance(invoices := answer.data.get("invoices"), list)
        and (event.invoice or number) in invoices
        and str(answer.data.get("trigger") or "").startswith(f"{event.name}/{letter}/")
        for answer in state.named.get("mail.answered", ())
    )
