"""Events as people write them in a test or on the command line: `2026-04-08 reply.promise date=2026-04-15`.

The same short line means the same event everywhere; what is not known is refused with the nearest known word.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import TypeVar

from mailbot.model import JSON, Event
from mailbot.money import parse_amount
from mailbot.rules.messages import message, nearest
from mailbot.rules.signals import EVENTS

T = TypeVar("T")

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
    "invoice.written_off": {"amount": "amount", "reason": "reason"},
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


def parse_event(line: str, client: str, invoices: Sequence[str], place: int = 0, *, language: str = "en") -> Event:
    """One line as an event of the client. `place` keeps equal lines apart.

    Without `invoice=` it is about the only invoice, or the whole client where there are several (`invoice=all`
    says so). What concerns a mail happens in the evening, everything else in the morning, unless a time is given.
    Raises ValueError with what is wrong in `language` (fr or en), and on a second line what would be right.
    """
    return _Line(line, invoices, language).event(client, place)


class _Line:
    """One line while it is read."""

    def __init__(self, line: str, invoices: Sequence[str], language: str) -> None:
        self.line = line
        self.invoices = invoices
        self.language = language

    def event(self, client: str, place: int) -> Event:
        found = _HEAD.fullmatch(self.line.strip())
        if found is None:
            raise self.wrong("form", text=self.line)
        day, name = self.value("date", found[1], date.fromisoformat), found[3]
        if name.startswith(_DERIVED):
            raise self.wrong("derived", name=name)
        if name not in names():
            raise self.wrong("name", name=name, near=self.near(name, names()))
        written = self.data(name, found[4] or "")
        number = self.invoice(name, written.pop("invoice", None))
        if name in _NEEDS_AMOUNT and "amount" not in written:
            raise self.wrong("amount", name=name)
        at = time.fromisoformat(found[2]) if found[2] else _EVENING if name.startswith("mail.") else _MORNING
        mine = None if name in _FOR_ALL else client
        return Event(f"{name}/{day}/{place:04}", name, datetime.combine(day, at, UTC), day, mine, number, written)

    def wrong(self, what: str, **values: object) -> ValueError:
        return ValueError(message(self.language, f"bad-event.{what}", **values))

    def near(self, word: str, known: Sequence[str]) -> str:
        return nearest(self.language, word, known)

    def value(self, key: str, text: str, read: Callable[[str], T]) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise self.wrong("value", text=text, key=key) from error

    def data(self, name: str, text: str) -> dict[str, JSON]:
        keys = {**_KEYS.get(name, {}), **_ALWAYS}
        data: dict[str, JSON] = {}
        for part in self.value(name, text, shlex.split):
            key, sign, value = part.partition("=")
            if not sign or key not in keys:
                raise self.wrong("key", text=part, name=name, near=self.near(key, sorted(keys)))
            data[keys[key]] = self.value(key, value, _READ.get(key, str))
        return data

    def invoice(self, name: str, wanted: JSON) -> str | None:
        if wanted is None:
            only = self.invoices[0] if len(self.invoices) == 1 and name not in _FOR_ALL else None
            if only is None and name in _NEEDS_AMOUNT:
                raise self.wrong("invoice", name=name, number=self.invoices[0] if self.invoices else "F-1")
            return only
        if wanted == "all":
            return None
        if wanted not in self.invoices:
            raise self.wrong("number", number=wanted, near=self.near(str(wanted), list(self.invoices)))
        return str(wanted)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


_READ: Mapping[str, Callable[[str], str]] = {
    "date": _day,
    "until": _day,
    "resume_on": _day,
    "amount": lambda text: str(parse_amount(text)),
}
