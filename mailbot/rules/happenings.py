"""Events as people write them in a test or on the command line: `2026-04-08 reply.promise date=2026-04-15`.

The same short line means the same event everywhere; what is not known is refused with the nearest known word.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from mailbot.model import JSON, Event
from mailbot.money import parse_amount
from mailbot.rules.read_conditions import nearest
from mailbot.rules.signals import EVENTS

_HEAD = re.compile(r"(\d{4}-\d{2}-\d{2})(?: +([0-2]\d:[0-5]\d))? +([a-z_]+\.[a-z_]+)(?: +(.*))?")
_MORNING, _EVENING = time(8), time(18)

_KEYS: Mapping[str, Mapping[str, str]] = {
    "reply.promise": {"date": "promise_date", "amount": "promise_amount"},
    "reply.out_of_office": {"until": "until"},
    "mail.bounced": {"to": "to", "kind": "class", "reason": "reason"},
    "mail.rejected": {"to": "to", "what": "what", "lead": "lead", "code": "code"},
    "mail.cancelled": {"what": "what", "lead": "lead", "why": "why"},
    "mail.opened": {"trust": "trust"},
    "bank.payment": {"amount": "amount", "line": "line"},
    "bank.partial_payment": {"amount": "amount", "line": "line"},
    "bank.overpayment": {"amount": "amount", "line": "line"},
    "bank.reversal": {"amount": "amount", "line": "line"},
    "bank.unmatched": {"amount": "amount", "line": "line"},
    "bank.explained": {"line": "line"},
    "invoice.credited": {"amount": "amount", "credit_note": "credit_note"},
    "invoice.written_off": {},
    "owner.paid": {"amount": "amount", "currency": "currency", "date": "date"},
    "owner.paused": {"until": "until", "days": "days", "resume_on": "resume_on"},
    "owner.resumed": {},
    "owner.promise": {"date": "date", "amount": "amount"},
    "owner.dispute": {},
    "owner.resolved": {},
    "owner.skipped": {"step": "step"},
    "owner.sent_now": {"step": "step"},
    "owner.cancelled": {},
    "owner.written_off": {},
    "owner.contact": {"email": "email"},
    "owner.policy": {"tone": "tone", "profile": "profile"},
    "owner.stopped": {},
    "owner.live": {},
}
_ALWAYS = {"invoice": "invoice", "letter": "letter"}
_FOR_ALL = frozenset({"owner.stopped", "owner.live"})
_DERIVED = "promise."
_NEEDS_AMOUNT = frozenset({"bank.payment", "bank.partial_payment", "bank.reversal"})


def names() -> list[str]:
    """Every event that can be written."""
    return sorted({name for name in EVENTS if not name.startswith(_DERIVED)} | set(_KEYS))


def parse_event(line: str, client: str, invoices: Sequence[str], place: int = 0) -> Event:
    """One line as an event of the client. `place` keeps equal lines apart.

    Without `invoice=` it is about the only invoice, or the whole client where there are several (`invoice=all`
    says so). What concerns a mail happens in the evening, everything else in the morning, unless a time is given.
    Raises ValueError with a sentence.
    """
    found = _HEAD.fullmatch(line.strip())
    if found is None:
        raise ValueError(f'"{line}" is not an event: write it like 2026-04-08 reply.promise date=2026-04-15')
    day, name = _day(found[1]), found[3]
    if name.startswith(_DERIVED):
        raise ValueError(f'"{name}" follows by itself from a promise and its payments: write reply.promise')
    if name not in names():
        raise ValueError(f'unknown event "{name}": {nearest(name, names())}')
    written = _written(name, found[4] or "")
    number = _invoice(name, written.pop("invoice", None), invoices)
    if name in _NEEDS_AMOUNT and "amount" not in written:
        raise ValueError(f"{name} needs an amount: amount=700")
    at = time.fromisoformat(found[2]) if found[2] else _EVENING if name.startswith("mail.") else _MORNING
    mine = None if name in _FOR_ALL else client
    return Event(f"{name}/{day}/{place:04}", name, datetime.combine(day, at, UTC), day, mine, number, written)


def _written(name: str, text: str) -> dict[str, JSON]:
    keys = {**_KEYS.get(name, {}), **_ALWAYS}
    data: dict[str, JSON] = {}
    for part in shlex.split(text):
        key, sign, value = part.partition("=")
        if not sign or key not in keys:
            raise ValueError(f'"{part}" is not known for {name}: {nearest(key, sorted(keys))}')
        data[keys[key]] = _READ.get(key, str)(value)
    return data


def _invoice(name: str, wanted: JSON, invoices: Sequence[str]) -> str | None:
    if wanted is None:
        only = invoices[0] if len(invoices) == 1 and name not in _FOR_ALL else None
        if only is None and name in _NEEDS_AMOUNT:
            raise ValueError(f"{name} is about one invoice: add invoice={invoices[0] if invoices else 'NUMBER'}")
        return only
    if wanted == "all":
        return None
    if wanted not in invoices:
        raise ValueError(f'there is no invoice "{wanted}": {nearest(str(wanted), list(invoices))}')
    return str(wanted)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a day: write it like 2026-04-08') from error


_READ: Mapping[str, Callable[[str], str]] = {
    "date": lambda text: _day(text).isoformat(),
    "until": lambda text: _day(text).isoformat(),
    "resume_on": lambda text: _day(text).isoformat(),
    "amount": lambda text: str(parse_amount(text)),
}
