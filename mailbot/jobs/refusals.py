"""Mails that do not leave: after the third refusal the owner is told, once a day and cause, in one line what to do."""

from datetime import datetime

from sqlalchemy import Connection

from mailbot.errors import DeliveryError
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.ledger import outgoing_lists, questions
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading, writing

TOLD_AFTER = 3
"""So many times a mail was refused for now (about twenty minutes) before the owner is told."""


def tell(conn: Connection, office: Office, row: Outgoing, error: DeliveryError, now: datetime) -> None:
    """The server put this mail off. The line of an earlier day gives way to today's."""
    if row.attempt < TOLD_AFTER:
        return
    cause = f"cannot_send/{error.cause}/"
    key = f"{cause}{office.day(now).isoformat()}"
    if questions.by_dedupe_key(conn, office.key, key) is None:
        _close(conn, office, cause, "told anew", now)
        kind = "cannot_send" if error.cause == "refused" else f"cannot_send_{error.cause}"
        ask(conn, office, kind, key, {"recipient": row.recipient, "why": _sentence(str(error))}, now)


def settle(office: Office, now: datetime) -> None:
    """Once no mail waits that was refused so often, nothing is to be done any more."""
    with reading(office.engine) as conn:
        told = any(one.dedupe_key.startswith("cannot_send/") for one in questions.open_ones(conn, office.key))
        if not told or any(row.attempt >= TOLD_AFTER for row in outgoing_lists.queued(conn, office.key)):
            return
    with writing(office.engine) as conn:
        _close(conn, office, "cannot_send/", "the mails left, or their time is over", now)


def _close(conn: Connection, office: Office, beginning: str, why: str, now: datetime) -> None:
    for question in questions.open_ones(conn, office.key):
        if question.dedupe_key.startswith(beginning):
            questions.expire(conn, office.key, question.number, why, now)


def _sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
