"""What mailbot asks the owner. A number counts per business from 1, because the owner types it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from mailbot.ledger.tables import business as business_table
from mailbot.ledger.tables import question as table
from mailbot.model import JSON


@dataclass(frozen=True, slots=True)
class Question:
    """A question and, once it is closed, how."""

    number: int
    kind: str
    dedupe_key: str
    text: str
    choices: tuple[str, ...]
    about: Mapping[str, Any]
    client: int | None
    invoice: str | None
    letter: str | None
    state: str
    """"open", "answered" or "expired"."""
    asked_at: datetime
    choice: str | None
    answer: str | None
    """The owner's own words."""
    answer_letter: str | None
    closed_at: datetime | None
    why: str | None
    """Why it expired."""


_COLUMNS = [table.c[name] for name in Question.__slots__]


def ask(
    conn: Connection,
    business: str,
    *,
    kind: str,
    dedupe_key: str,
    text: str,
    choices: Sequence[str],
    about: JSON,
    client: int | None = None,
    invoice: str | None = None,
    letter: str | None = None,
    now: datetime,
) -> tuple[int, bool]:
    """Asks once per `dedupe_key`, also when that question was answered; one that only expired is open again.

    It keeps its number only while it says the same: a number that the owner read never comes to mean something else.
    The one before then names its successor in `about`, as `replaced_by`. Returns (number, True where it is asked now).
    """
    conn.execute(select(business_table.c.key).where(business_table.c.key == business).with_for_update())
    known = by_dedupe_key(conn, business, dedupe_key)
    if known is not None and known.state != "expired":
        return known.number, False
    if known is not None and (known.text, known.choices) == (text, tuple(choices)):
        again = {"state": "open", "text": text, "choices": list(choices), "about": about, "asked_at": now}
        same = (table.c.business == business, table.c.number == known.number)
        conn.execute(update(table).where(*same).values(**again, why=None, closed_at=None))
        return known.number, True
    highest = conn.scalar(select(func.max(table.c.number)).where(table.c.business == business))
    number: int = (highest or 0) + 1
    values = {
        "business": business,
        "number": number,
        "kind": kind,
        "dedupe_key": dedupe_key,
        "text": text,
        "choices": list(choices),
        "about": about,
        "client": client,
        "invoice": invoice,
        "letter": letter,
        "state": "open",
        "asked_at": now,
    }
    if known is not None:
        replaced = {"dedupe_key": f"{dedupe_key}/was/{known.number}", "about": {**known.about, "replaced_by": number}}
        same = (table.c.business == business, table.c.number == known.number)
        conn.execute(update(table).where(*same).values(**replaced))
    conn.execute(table.insert().values(values))
    return number, True


def get(conn: Connection, business: str, number: int) -> Question | None:
    """The question with this number."""
    asked = select(*_COLUMNS).where(table.c.business == business, table.c.number == number)
    row = conn.execute(asked).one_or_none()
    return _question(row) if row else None


def open_ones(conn: Connection, business: str, client: int | None = None) -> list[Question]:
    """Questions that wait for an answer, by number; of one client where it is named."""
    asked = select(*_COLUMNS).where(table.c.business == business, table.c.state == "open")
    if client is not None:
        asked = asked.where(table.c.client == client)
    # sorted here: asked for in this order, SQLite reads all questions that were ever asked
    return sorted((_question(row) for row in conn.execute(asked)), key=lambda question: question.number)


def answer(
    conn: Connection,
    business: str,
    number: int,
    choice: str | None,
    text: str | None,
    letter: str | None,
    now: datetime,
) -> bool:
    """Closes the question with the owner's answer; False where it was not open."""
    values = {
        "state": "answered",
        "choice": choice,
        "answer": text,
        "answer_letter": letter,
        "closed_at": now,
    }
    return _close(conn, business, number, values)


def reopen(conn: Connection, business: str, number: int) -> bool:
    """The owner took the answer back: the question is open again; False where it was not answered."""
    answered = (table.c.business == business, table.c.number == number, table.c.state == "answered")
    nothing = dict.fromkeys(("choice", "answer", "answer_letter", "closed_at"))
    return conn.execute(update(table).where(*answered).values(state="open", **nothing)).rowcount == 1


def update_about(conn: Connection, business: str, number: int, about: JSON) -> None:
    """What an open question knows by now, after an answer that did not yet settle it."""
    _close(conn, business, number, {"about": about})


def by_dedupe_key(conn: Connection, business: str, dedupe_key: str) -> Question | None:
    """The question that was asked under this key."""
    asked = select(*_COLUMNS).where(table.c.business == business, table.c.dedupe_key == dedupe_key)
    row = conn.execute(asked).one_or_none()
    return _question(row) if row else None


def expire(conn: Connection, business: str, number: int, why: str, now: datetime) -> bool:
    """Closes a question that has become pointless; False where it was not open."""
    return _close(conn, business, number, {"state": "expired", "why": why, "closed_at": now})


def _close(conn: Connection, business: str, number: int, values: Mapping[str, object]) -> bool:
    is_open = (table.c.business == business, table.c.number == number, table.c.state == "open")
    return conn.execute(update(table).where(*is_open).values(values)).rowcount == 1


def _question(row: Row[tuple[object, ...]]) -> Question:
    values = dict(row._mapping)
    values["choices"] = tuple(values["choices"])
    return Question(**values)
