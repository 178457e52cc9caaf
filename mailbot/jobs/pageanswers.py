"""What a client answers on the page of a mail: the same events as a mail would give, only that nothing is guessed.

An answer is one event for each invoice that it is about; the same answer twice on a day is one. What follows from it,
the rules decide at the clock's next look, as for any reply.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from mailbot.jobs import redirecting
from mailbot.jobs.mailing import short
from mailbot.jobs.office import happened, refresh
from mailbot.jobs.pages import Visit
from mailbot.ledger.store import writing
from mailbot.model import JSON

Kind = Literal["promise", "paid", "problem", "contact", "stop"]

_EVENTS: Mapping[str, str] = {
    "promise": "reply.promise",
    "paid": "reply.paid",
    "problem": "reply.dispute",
    "contact": "reply.wrong_contact",
    "stop": "reply.stop",
}
LAST_DAY = timedelta(days=365)
"""How far ahead a payment may be announced."""
MOST_TEXT = 2000
_EMAIL = re.compile(
    r"[^@\s<>,;\"\x00-\x1f\x7f]{1,64}@[^@\s<>,;\"\x00-\x1f\x7f]{1,180}\.[^@\s<>,;\".\x00-\x1f\x7f]{2,24}"
)


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What was answered, and about which invoices."""

    kind: str
    invoices: tuple[str, ...] = ()
    day: date | None = None
    """Of a payment that is announced or has been made."""
    text: str = ""
    email: str = ""
    """Of the right person."""


def read_answer(
    fields: Mapping[str, str], chosen: Sequence[str], open_numbers: Sequence[str], today: date
) -> PageAnswer | str:
    """The answer in the fields of a form, or the key of the sentence that says what is missing (words.yaml).

    `chosen` are the invoices that the form names; only those that are open count.
    """
    kind = fields.get("answer", "")
    if kind not in _EVENTS or kind == "stop":
        return "error_answer"
    about = tuple(number for number in open_numbers if number in chosen)
    if not about:
        return "error_invoices"
    day, text, email = _day(fields.get("day", "")), fields.get("text", "").strip()[:MOST_TEXT], fields.get("email", "")
    email = email.strip().lower()
    if kind == "promise" and (day is None or not today <= day <= today + LAST_DAY):
        return "error_day"
    if kind == "paid" and day is not None and day > today:
        return "error_paid_day"
    if kind == "problem" and not text:
        return "error_text"
    if kind == "contact" and email and not _EMAIL.fullmatch(email):
        return "error_email"
    return PageAnswer(kind, about, day, text, email)


def record_answer(seen: Visit, answer: PageAnswer, now: datetime, *, by: str = "page") -> bool:
    """Record what was answered; False where the very same was answered today before. Raises LedgerError.

    `by` is "page", or "one_click" for the stop of a mail program (RFC 8058).
    """
    office = seen.office
    name, data = _EVENTS[answer.kind], _data(seen, answer, by)
    detail = short(f"{answer.day}|{answer.text}|{answer.email}")
    with writing(office.engine) as conn:
        new = False
        for number in answer.invoices or (None,):
            cause = f"page/{seen.row.id}/{number or '*'}/{office.day(now).isoformat()}/{detail}"
            new |= happened(conn, office, name, cause, now, client=seen.client, invoice=number, data=data)
        if new and answer.kind == "contact" and answer.email:
            redirecting.ask_about(
                conn, office, seen.client, answer.email, f"page/{seen.row.id}", now,
                quote=" ".join(answer.text.split()), sender=seen.row.recipient, invoices=answer.invoices,
            )  # fmt: skip
        if new:
            refresh(conn, office, seen.client, now)
    return new


def _data(seen: Visit, answer: PageAnswer, by: str) -> dict[str, JSON]:
    """As `jobs.replies.intent_data`: what rules, questions and the digest read."""
    said = " ".join(answer.text.split()) or answer.email
    return {
        "by": by,
        "outgoing": seen.row.id,
        "from": seen.row.recipient,
        "because": [said] if said else [],
        "confidence": 1.0,
        "promise_date": answer.day.isoformat() if answer.day and answer.kind == "promise" else None,
        "promise_amount": None,
        "paid_date": answer.day.isoformat() if answer.day and answer.kind == "paid" else None,
        "new_contact": answer.email or None,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
