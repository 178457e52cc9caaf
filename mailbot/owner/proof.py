"""How much is known of a mail that left: the ladder from "the server took it" to "a read receipt came".

Each rung is what somebody else said, strongest last. An open is no rung: pictures are fetched in advance, by machines
and for people who never look, and stay away where nobody shows pictures (see docs/howto/tracking.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailbot.model import Event

Rung = Literal["accepted", "relayed", "delivered", "clicked", "replied", "read"]

RUNGS: Mapping[Rung, tuple[str, str]] = {
    "accepted": ("accepté par le serveur", "accepted by the server"),
    "relayed": ("transmis, sans avis de remise possible", "passed on, no delivery notice to be had"),
    "delivered": ("remis dans la boîte", "delivered"),
    "clicked": ("page consultée, sans doute par quelqu'un", "page visited, probably by a person"),
    "replied": ("a répondu", "answered"),
    "read": ("accusé de lecture", "read receipt"),
}
"""Weakest first, in French and English."""

_FAILED: Mapping[str, tuple[str, str]] = {
    "mail.bounced": ("revenu", "came back"),
    "mail.complained": ("signalé comme indésirable", "reported as spam"),
}
_NO_PERSON = frozenset(
    {"reply.out_of_office", "reply.auto_reply", "reply.bounce", "reply.read_receipt", "reply.unrelated"}
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one mail: its event mail.sent, the rungs that were reached and when, and what failed."""

    sent: Event
    reached: tuple[tuple[Rung, datetime], ...]
    failed: str | None = None
    """The event that says that it did not arrive, or was not wanted."""

    @property
    def best(self) -> Rung:
        return self.reached[-1][0]

    def words(self, language: str) -> str:
        """The strongest of it: "remis dans la boîte", "came back"."""
        return (_FAILED[self.failed] if self.failed else RUNGS[self.best])[language != "fr"]


def proofs(known: Sequence[Event]) -> list[Proof]:
    """Of every mail to one client, in order; `known` are that client's events, in order.

    An answer by mail counts for the last mail before it; an answer on a mail's page for that mail.
    """
    sent = [event for event in known if event.name == "mail.sent"]
    return [_proof(mail, sent[at + 1] if at + 1 < len(sent) else None, known) for at, mail in enumerate(sent)]


def _proof(mail: Event, following: Event | None, known: Sequence[Event]) -> Proof:
    reached: dict[Rung, datetime] = {"accepted": mail.at}
    failed = None
    for event in known:
        if not _concerns(event, mail, following):
            continue
        rung = _rung(event)
        if rung is not None:
            reached.setdefault(rung, event.at)
        if event.name in _FAILED:
            failed = event.name
    return Proof(mail, tuple((rung, reached[rung]) for rung in RUNGS if rung in reached), failed)


def _concerns(event: Event, mail: Event, following: Event | None) -> bool:
    named = event.data.get("outgoing")
    if named is not None:
        return named == mail.data.get("outgoing")
    if not event.name.startswith("reply."):
        return False
    return event.at > mail.at and (following is None or event.at < following.at)


def _rung(event: Event) -> Rung | None:
    if event.name == "mail.delivered":
        return "relayed" if event.data.get("action") in ("relayed", "expanded") else "delivered"
    if event.name == "mail.clicked":
        return "clicked" if event.data.get("trust") == "likely" else None
    if event.name == "mail.read":
        return "read"
    return "replied" if event.name.startswith("reply.") and event.name not in _NO_PERSON else None
