"""The outbox's transactions: every change of state is one guarded UPDATE and one line in an append-only log.

Which changes there are stands in `outbox.states.CHANGES`. The promise rests on three of them: `claim` (one worker
at a time), `arm` (committed immediately before DATA, by the worker whose lease is alive), and `resend`, which
only follows a search for the mail after the lease of its transmission and a time of grace are over. What stands in the
outbox is asked in `outgoing_lists`.

A worker that reports a failure names the attempt that failed (`Outgoing.attempt`, which `claim` counts): one
that slept through its lease must not put back, refuse or cancel what another worker transmits meanwhile.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, insert, select, update

from mailbot.errors import LedgerError
from mailbot.ledger.change_statements import LEFT, WAITING, by_id_alone, instants, one_of
from mailbot.ledger.changes import change, change_each, change_many, log
from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import invoice as invoice_table
from mailbot.ledger.tables import outgoing as table
from mailbot.ledger.tables import outgoing_bytes
from mailbot.model import JSON

ANSWER = "answer/"
"""With this begins what an answer to a client is."""
_MINE = table.c.business == bindparam("of_business")
WITH_BYTES = select(table, outgoing_bytes.c.raw).outerjoin_from(
    table, outgoing_bytes, outgoing_bytes.c.outgoing == table.c.id
)
"""Whole letters, for `rows`."""
_ONE = WITH_BYTES.where(_MINE, table.c.id == bindparam("of_id"))
_THESE = {
    "sqlite": WITH_BYTES.where(_MINE, table.c.id.in_(bindparam("of_ids", expanding=True))),
    "postgresql": WITH_BYTES.where(by_id_alone("of_business"), one_of("of_ids")),
}
_LONGEST_DUE = (
    select(*(table.c[name] for name in ("id", "kind", "recipient", "attempt", "due_at")))
    .order_by(table.c.due_at, table.c.id)
    .limit(bindparam("most"))
)
_WAITING, _LEFT = _LONGEST_DUE.where(_MINE, WAITING), _LONGEST_DUE.where(_MINE, LEFT)
_WAITING_FREE, _LEFT_FREE = (asked.with_for_update(key_share=True, skip_locked=True) for asked in (_WAITING, _LEFT))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter to be sent, as it stands in the outbox."""

    id: int
    business: str
    dedupe_key: str
    kind: str
    """"client" or "owner": whom it goes to."""
    what: str
    template: str
    recipient: str
    client: int | None
    decision: int | None
    invoices: tuple[str, ...]
    levels: Mapping[str, str]
    amounts_hash: str
    context: Mapping[str, Any]
    message_id: str
    thread: str | None
    trigger: str | None
    generation: str | None
    tone: str | None
    raw: bytes | None
    date_header: datetime | None
    """The instant of its Date header, fixed with the bytes."""
    state: str
    held: bool
    """In doubt, and the owner was asked."""
    due_at: datetime
    expires_at: datetime
    attempt: int
    lease_owner: str | None
    lease_until: datetime | None
    armed_at: datetime | None
    smtp_code: int | None
    smtp_reply: str | None
    evidence: str | None
    why: str | None
    created_at: datetime
    changed_at: datetime
    """The last change of state."""
    sent_at: datetime | None

    @property
    def is_answer(self) -> bool:
        """An answer in a client's thread, and not what the rules' steps and reactions send."""
        return self.what.startswith(ANSWER)


def plan(
    conn: Connection,
    business: str,
    *,
    dedupe_key: str,
    kind: str,
    what: str,
    template: str,
    recipient: str,
    client: int | None = None,
    decision: int | None = None,
    invoices: Sequence[str] = (),
    levels: Mapping[str, str] | None = None,
    amounts_hash: str = "",
    context: JSON,
    message_id: str,
    due_at: datetime,
    expires_at: datetime,
    thread: str | None = None,
    trigger: str | None = None,
    generation: str | None = None,
    tone: str | None = None,
    now: datetime,
) -> int | None:
    """Puts a letter into the outbox, in the transaction of its decision.

    None where its dedupe key exists already.
    """
    values = {
        "business": business,
        "dedupe_key": dedupe_key,
        "kind": kind,
        "what": what,
        "template": template,
        "recipient": recipient,
        "client": client,
        "decision": decision,
        "invoices": list(invoices),
        "levels": dict(levels or {}),
        "amounts_hash": amounts_hash,
        "context": context,
        "message_id": message_id,
        "thread": thread,
        "trigger_event": trigger,
        "generation": generation,
        "tone": tone,
        "state": "queued",
        "held": False,
        "due_at": due_at,
        "expires_at": expires_at,
        "attempt": 0,
        "created_at": now,
        "changed_at": now,
    }
    new = insert_new(conn, table, values, table.c.business, table.c.dedupe_key)
    if new is not None:
        log(conn, business, new, "plan", "queued", 0, "", now)
    return new


@dataclass(frozen=True, slots=True)
class Due:
    """A letter that a worker may claim now."""

    id: int
    kind: str
    recipient: str
    attempt: int
    """How often it was claimed before."""
    due_at: datetime


def due(conn: Connection, business: str, now: datetime, limit: int = 100) -> list[int]:
    """Letters that a worker may claim now, longest due first."""
    return [one.id for one in longest_due(conn, business, now, limit)]


def longest_due(conn: Connection, business: str, now: datetime, limit: int, *, to_claim: bool = False) -> list[Due]:
    """The same with what limits and order depend on.

    `to_claim`: without those that another one is claiming at this moment, whom PostgreSQL would make us wait for.
    """
    given = {"of_business": business, "most": limit, **instants(now)}
    # Two questions: each follows an index and stops at its limit.
    questions = (_WAITING_FREE, _LEFT_FREE) if to_claim else (_WAITING, _LEFT)
    found = [Due(**row._mapping) for asked in questions for row in conn.execute(asked, given)]
    return sorted(found, key=lambda one: (one.due_at, one.id))[:limit]


def claim(
    conn: Connection, business: str, outgoing: int, owner: str, now: datetime, lease_seconds: float
) -> Outgoing | None:
    """Makes the letter this worker's for a while; None where it is not due, or another's, or done."""
    found = claim_all(conn, business, [outgoing], owner, now, lease_seconds)
    return found[0] if found else None


def claim_all(
    conn: Connection, business: str, letters: Sequence[int], owner: str, now: datetime, lease_seconds: float
) -> list[Outgoing]:
    """The same for several, in their order; those that cannot be claimed are left out."""
    values = {"lease_owner": owner, "lease_until": now + timedelta(seconds=lease_seconds), "armed_at": None}
    claimed = change_many(conn, business, letters, "claim", now, values, detail=owner)
    asked = conn.execute(_THESE[conn.dialect.name], {"of_business": business, "of_ids": claimed})
    found = [_outgoing(row) for row in asked.all()]
    return sorted(found, key=lambda row: letters.index(row.id))


def freeze(conn: Connection, business: str, outgoing: int, raw: bytes, date_header: datetime) -> bool:
    """Fixes the bytes, once: a second copy of the same letter must be the same.

    False where they are fixed already.
    """
    mine = and_(table.c.business == business, table.c.id == outgoing)
    unfrozen = and_(mine, table.c.state == "claimed", table.c.date_header.is_(None))
    if conn.execute(update(table).where(unfrozen).values(date_header=date_header)).rowcount != 1:
        return False
    conn.execute(insert(outgoing_bytes), {"business": business, "outgoing": outgoing, "raw": raw})
    return True


def arm(conn: Connection, business: str, outgoing: int, owner: str, now: datetime, lease_seconds: float) -> bool:
    """The last step before DATA, in the `writing` transaction in which the last look was taken.

    False (the letter must not be transmitted): it is another's, not frozen, or its lease or time is over.
    """
    row = find(conn, business, outgoing)
    listed = row.invoices if row else ()
    return arm_all(conn, business, {outgoing: owner}, listed, now, lease_seconds) == [outgoing]


def arm_all(
    conn: Connection, business: str, owners: Mapping[int, str], listed: Collection[str], now: datetime,
    lease_seconds: float,
) -> list[int]:  # fmt: skip
    """The same for several letters, each with its owner; those that may be transmitted.

    The invoices that they list are locked, so that a payment recorded beside `writing` would have to wait too.
    """
    _lock_invoices(conn, business, listed)
    values = {"armed_at": now, "lease_until": now + timedelta(seconds=lease_seconds)}
    own = {number: (owner, owner) for number, owner in owners.items()}
    return change_each(conn, business, "arm", now, values, ("lease_owner", "detail"), own)


def sent(
    conn: Connection,
    business: str,
    outgoing: int,
    now: datetime,
    code: int | None,
    reply: str,
    evidence: str = "250",
) -> bool:
    """The letter left: the server said 250, or a copy was found.

    From every state, because evidence is the truth.
    """
    values = _over() | {
        "smtp_code": code,
        "smtp_reply": reply,
        "evidence": evidence,
        "sent_at": now,
        "held": False,
    }
    return change(conn, business, outgoing, "sent", now, values, detail=f"{evidence}: {_said(code, reply)}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What the server said when it took a letter: the best evidence."""

    id: int
    code: int
    reply: str


def all_sent(conn: Connection, business: str, letters: Sequence[Taken], now: datetime) -> list[int]:
    """The same for several that a server took just now; those that were not known as sent."""
    values = _over() | {"evidence": "250", "sent_at": now, "held": False}
    own = {one.id: (one.code, one.reply, f"250: {_said(one.code, one.reply)}") for one in letters}
    return change_each(conn, business, "sent", now, values, ("smtp_code", "smtp_reply", "detail"), own)


def rejected(
    conn: Connection,
    business: str,
    outgoing: int,
    now: datetime,
    code: int | None,
    reply: str,
    *,
    attempt: int,
) -> bool:
    """Refused for good: the server said 5xx in this attempt, or no mail can be made of it (`code` None)."""
    values = _over() | {"smtp_code": code, "smtp_reply": reply}
    return change(conn, business, outgoing, "rejected", now, values, attempt=attempt, detail=_said(code, reply))


def back_off(
    conn: Connection,
    business: str,
    outgoing: int,
    now: datetime,
    due_at: datetime,
    code: int | None,
    reply: str,
    *,
    attempt: int,
) -> bool:
    """To be tried again at `due_at`, because certainly nothing was taken: before DATA, or a reply of 4xx."""
    values = _over() | {"due_at": due_at, "smtp_code": code, "smtp_reply": reply}
    return change(conn, business, outgoing, "back_off", now, values, attempt=attempt, detail=_said(code, reply))


def cancel(
    conn: Connection,
    business: str,
    outgoing: int,
    now: datetime,
    why: str,
    *,
    disarm: bool = False,
    attempt: int | None = None,
) -> bool:
    """It is not to be sent any more; False where it is too late.

    `disarm`: by the worker whose `attempt` it is and that did not get as far as DATA, also after `arm`.
    """
    values = _over() | {"why": why}
    if not disarm:
        return change(conn, business, outgoing, "cancel", now, values, detail=why)
    if attempt is None:
        raise LedgerError("Only the worker that claimed a letter can disarm it: name its attempt.")
    return change(conn, business, outgoing, "disarm", now, values, attempt=attempt, detail=why)


def doubt(conn: Connection, business: str, outgoing: int, now: datetime, reply: str, *, attempt: int) -> bool:
    """The connection broke after DATA: the letter may have left. The grace runs from the end of the lease."""
    return change(conn, business, outgoing, "doubt", now, {"smtp_reply": reply}, attempt=attempt, detail=reply)


def hold(conn: Connection, business: str, outgoing: int, now: datetime) -> bool:
    """It stays in doubt until the owner says whether it arrived; False where it is held already."""
    return change(conn, business, outgoing, "hold", now, {"held": True})


def resend(conn: Connection, business: str, outgoing: int, now: datetime, *, attempt: int | None = None) -> bool:
    """Queues the same bytes again: it was looked for after the grace and not found, or the owner says so.

    `attempt` is the one that was looked for; a later one makes this False.
    """
    return change(conn, business, outgoing, "resend", now, _over() | {"due_at": now, "held": False}, attempt=attempt)


def get(conn: Connection, business: str, outgoing: int) -> Outgoing:
    """The letter. Raises LedgerError where this business has none with this id."""
    found = find(conn, business, outgoing)
    if found is None:
        raise LedgerError(f"There is no outgoing letter {outgoing}.")
    return found


def find(conn: Connection, business: str, outgoing: int) -> Outgoing | None:
    """The letter, None where this business has none with this id."""
    row = conn.execute(_ONE, {"of_business": business, "of_id": outgoing}).one_or_none()
    return _outgoing(row) if row else None


def by_message_id(conn: Connection, business: str, message_id: str) -> Outgoing | None:
    """The letter with this Message-ID."""
    asked = WITH_BYTES.where(table.c.business == business, table.c.message_id == message_id)
    row = conn.execute(asked).one_or_none()
    return _outgoing(row) if row else None


def _lock_invoices(conn: Connection, business: str, listed: Collection[str]) -> None:
    """FOR SHARE on PostgreSQL, in the order of the ids against deadlocks; SQLite has one writer anyway."""
    if not listed or conn.dialect.name == "sqlite":
        return
    asked = select(invoice_table.c.id).where(invoice_table.c.business == business, invoice_table.c.number.in_(listed))
    conn.execute(asked.order_by(invoice_table.c.id).with_for_update(read=True)).all()


def _said(code: int | None, reply: str) -> str:
    return f"{code or ''} {reply}".strip()


def _over() -> dict[str, Any]:
    """The lease ends with the worker's report."""
    return {"lease_owner": None, "lease_until": None}


def rows(conn: Connection, asked: Select[Any]) -> list[Outgoing]:
    """The letters that WITH_BYTES with conditions finds, in the order in which they were planned.

    Sorted here: asked for so, SQLite would read the whole outbox."""
    return sorted((_outgoing(row) for row in conn.execute(asked)), key=lambda one: one.id)


def _outgoing(row: Row[Any]) -> Outgoing:
    values = dict(row._mapping)
    values["invoices"] = tuple(values["invoices"])
    values["trigger"] = values.pop("trigger_event")
    return Outgoing(**values)
