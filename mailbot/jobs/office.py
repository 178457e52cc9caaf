"""What the jobs of one business need, built by `app` and handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine

from mailbot.jobs.stating import stated
from mailbot.languagemodel import LanguageModel
from mailbot.law.tables import Tables
from mailbot.ledger import clients, events, invoices
from mailbot.model import JSON, Event
from mailbot.outbox.compose import Templates
from mailbot.outbox.dkim import Key
from mailbot.outbox.tokens import Tokens
from mailbot.rules.language import Rules
from mailbot.rules.state import open_amounts
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Limits

Enqueue = Callable[[str, str, str | int], None]
"""(job, business, id): a hint for a worker; losing it loses nothing."""


@dataclass(frozen=True, slots=True)
class Office:
    """One business with everything that its jobs use."""

    business: Business
    limits: Limits
    engine: Engine
    rules: Rules
    rules_text: str
    templates: Templates
    tokens: Tokens
    sandbox: Sandbox
    enqueue: Enqueue
    public_url: str | None = None
    language_model: LanguageModel | None = None
    """Asked about replies that the lexicon does not understand, where the settings name one."""
    lexicon: str | None = None
    """The business's own words for reading replies, as `inbox.lexicon.own_words` gives them."""
    dkim: Key | None = None
    """Signs every mail when its bytes are frozen, where the settings name a key."""
    sharing: tuple[str, ...] = ()
    """The addresses that share the folder this business reads, its own among them."""
    tables: Tables = field(default_factory=Tables)
    """The rates and rules of the law, the business's own half-years among them."""

    @property
    def key(self) -> str:
        return self.business.key

    def day(self, now: datetime) -> date:
        """The business's day at an instant."""
        return now.astimezone(self.business.zone).date()


def happened(
    conn: Connection,
    office: Office,
    name: str,
    cause: str,
    now: datetime,
    *,
    client: int | None = None,
    invoice: str | None = None,
    data: Mapping[str, object] | None = None,
    letter: str | None = None,
    line: str | None = None,
) -> bool:
    """Record an event whose id is made from its cause; False where it was recorded before.

    Call it after what it tells of is done: it states what then stands in the ledger (see `stating`).
    """
    told = stated(conn, office.key, name, data or {}, invoice, letter, line)
    event = Event(
        id=f"{name}/{cause}",
        name=name,
        at=events.free_instant(conn, office.key, now),
        day=office.day(now),
        client=None if client is None else str(client),
        invoice=invoice,
        data=cast("Mapping[str, JSON]", {**(data or {}), **({"stated": told} if told else {})}),
    )
    return events.record(conn, office.key, event, letter=letter, line=line)


def refresh(conn: Connection, office: Office, client: int, now: datetime) -> None:
    """Store again what follows from the client's events: open amounts, and that its rules are to be looked at."""
    day = office.day(now)
    facts = clients.facts(conn, office.key, client)
    for number, amount in open_amounts(facts, events.for_rules(conn, office.key, client), day).items():
        invoices.set_open_amount(conn, office.key, number, amount)
    clients.set_next_look(conn, office.key, client, day)


def plain(value: object) -> JSON:
    """A value of `model` as JSON, for the ledger and for printing."""
    kind: Any = type(value)
    return cast("JSON", _adapter(kind).dump_python(value, mode="json"))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
