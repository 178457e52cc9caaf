"""Insolvency proceedings that hold a client's reminders: what an order that lifts that hold, or leaves it, says of it.

A debtor may not pay what arose before the judgment, and its creditors may not pursue it (C. com. L622-7, L622-21): such
claims are filed. What the owner says of a dispute or a promise leaves that as it is; only going on by name lifts it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import clients, events
from mailbot.rules.decide import PROMISE_GRACE
from mailbot.rules.holds import ended
from mailbot.rules.state import State

_HEARD = "reply.insolvency"
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "lifted": {
        "fr": (
            "Attention : {client} est en procédure collective ; ce qui est né avant le jugement ne se relance pas, "
            "il se déclare (C. com. L622-7, L622-21). « pause {client} » suspend de nouveau les relances."
        ),
        "en": (
            "Beware: {client} is in insolvency proceedings; what arose before the judgment is not to be chased but "
            'filed (C. com. L622-7, L622-21). "pause {client}" holds the reminders again.'
        ),
    },
    "stays": {
        "fr": (
            "Mais {client} est en procédure collective : ses relances restent suspendues. Seul « reprends {client} » "
            "les ferait repartir."
        ),
        "en": (
            "But {client} is in insolvency proceedings: its reminders stay on hold. Only \"resume {client}\" would let "
            "them go on."
        ),
    },
}  # fmt: skip


def holds(conn: Connection, office: Office, client: int | None, invoice: str | None, now: datetime) -> bool:
    """Whether proceedings hold a client's reminders (of one invoice, where it is named), as the ledger stands."""
    if client is None:
        return False
    known = events.for_rules(conn, office.key, client)
    if not any(event.name == _HEARD for event in known):
        return False
    facts = clients.facts(conn, office.key, client)
    state = State(facts, known, office.day(now), office.rules.calendar, grace=PROMISE_GRACE)
    numbers = [one.number for one in state.open if invoice in (None, one.number)]
    return any(not ended(state, event, number) for event in state.named.get(_HEARD, ()) for number in numbers)


def note(conn: Connection, office: Office, client: int | None, *, lifted: bool, language: str) -> str:
    """The sentence for the owner, of an order that lifts the hold or that does not."""
    if client is None:
        return ""
    name = clients.get(conn, office.key, client).name
    return _SENTENCES["lifted" if lifted else "stays"][language].format(client=name)
