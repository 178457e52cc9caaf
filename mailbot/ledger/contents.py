"""The stored contents of a business as the seals name them: letters, bank files, mails that left, invoices' documents.

Reading their bytes is `seals.contents`; this says which are there, under which name, since when, and which of
them no seal names yet.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Text, cast, select, type_coerce

from mailbot.evidence.contents import Noted, Stored
from mailbot.ledger.tables import invoice, letter, outgoing, outgoing_bytes, sealed_content, statement

Key = tuple[str, str]
"""(kind, key): the kinds and keys of `seals.contents`."""

_ROWS: Mapping[str, tuple[Column[Any], Column[Any], Column[Any], Column[Any]]] = {
    "letter": (letter.c.business, letter.c.id, letter.c.received_at, letter.c.received_at),
    "statement": (statement.c.business, statement.c.id, statement.c.received_at, statement.c.received_at),
    "mail": (outgoing.c.business, outgoing.c.id, outgoing.c.date_header, outgoing.c.changed_at),
    "document": (invoice.c.business, invoice.c.number, invoice.c.created_at, invoice.c.created_at),
}
"""Of each kind: the columns of business, key, the instant of storing, and of the last change."""


def unnamed(conn: Connection, business: str, since: datetime | None, limit: int) -> list[Key]:
    """Contents that no seal names, in no order that means anything.

    `since`: only those that changed since then (documents are left out, whose table is slow to look through).
    """
    found: list[Key] = []
    for kind, (whose, key, _, changed) in _ROWS.items():
        if since is not None and kind == "document":
            continue
        text = key if kind in ("letter", "document") else cast(key, Text)
        same = (sealed_content.c.business == business, sealed_content.c.kind == kind, sealed_content.c.key == text)
        asked = select(key).where(whose == business, ~select(sealed_content.c.n).where(*same).exists())
        if since is not None and kind != "statement":  # few, and their instants stand behind their bytes
            asked = asked.where(changed >= since)
        if kind == "letter":
            asked = asked.where(letter.c.state.in_(("new", "read", "unreadable")))  # the index begins with the state
        if kind == "mail":
            frozen = select(outgoing_bytes.c.outgoing).where(outgoing_bytes.c.outgoing == outgoing.c.id)
            asked = asked.where(frozen.exists())
        found += [(kind, str(each)) for each in conn.scalars(asked.limit(limit))]
    return found[:limit]


def instants(conn: Connection, business: str, keys: Iterable[Key]) -> list[datetime]:
    """When these contents were stored, earliest first."""
    found: list[datetime] = []
    by_kind: dict[str, list[str]] = {}
    for kind, one in keys:
        by_kind.setdefault(kind, []).append(one)
    for kind, these in by_kind.items():
        whose, key, at, _ = _ROWS[kind]
        wanted: Sequence[Any] = these if kind in ("letter", "document") else [int(each) for each in these]
        found += conn.scalars(select(at).where(whose == business, key.in_(wanted), at.is_not(None)))
    return sorted(found)


def names(conn: Connection, business: str, kind: str, keys: Sequence[str] | None = None) -> dict[str, str]:
    """The name of each content of a kind (see `evidence.contents`), by key; None: of all."""
    if kind not in ("statement", "document"):
        raise ValueError(f"{kind} has its key as its name")
    if kind == "statement":
        asked = select(statement.c.id, statement.c.sha256).where(statement.c.business == business)
        if keys is not None:
            asked = asked.where(statement.c.id.in_([int(each) for each in keys]))
        return {str(row.id): row.sha256 for row in conn.execute(asked)}
    filed = select(invoice.c.number, invoice.c.document_name).where(invoice.c.business == business)
    if keys is not None:
        filed = filed.where(invoice.c.number.in_(list(keys)))
    return {row.number: document_name(row.number, row.document_name) for row in conn.execute(filed)}


def document_name(number: str, file_name: str | None) -> str:
    """Number and file name as one sha256: the chain goes to others, who must not read them in it."""
    return hashlib.sha256(f"{number}\n{file_name or ''}".encode()).hexdigest()


def stored(
    conn: Connection, business: str, kind: str, hashes: Mapping[str, str], pending: Collection[str]
) -> list[Stored]:
    """All contents of a kind as they are today; `hashes`: key -> sha256 of its bytes.

    `pending`: keys of contents that wait for the next seal whatever their instant says: of documents that took the
    place of others, the numbers of invoices about which events wait.
    """
    whose, key, at, _ = _ROWS[kind]
    named = names(conn, business, kind) if kind in ("statement", "document") else {}
    rows = conn.execute(select(key.label("key"), type_coerce(at, Text).label("at")).where(whose == business))
    return [
        Stored(kind, named.get(found, found), hashes[found], None if found in pending else _instant(row.at))
        for row in rows
        if (found := str(row.key)) in hashes
    ]


def _instant(kept: datetime | str | None) -> datetime:
    """What the driver gives for an instant; what is none (somebody wrote it there) is older than everything."""
    try:
        found = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    except ValueError:
        found = None
    if found is None:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def note(conn: Connection, business: str, rows: Sequence[tuple[str, str, int, str]]) -> None:
    """Notes which seal names which content: (kind, key, number of the seal, source)."""
    columns: tuple[ColumnElement[Any], ...] = (
        sealed_content.c.kind, sealed_content.c.key, sealed_content.c.n, sealed_content.c.source,
    )  # fmt: skip
    if rows:
        values = [
            {"business": business, **{column.name: value for column, value in zip(columns, row, strict=True)}}
            for row in rows
        ]
        conn.execute(sealed_content.insert(), values)


def noted(conn: Connection, business: str, keys: Iterable[Key]) -> set[tuple[str, str, str]]:
    """(kind, key, source) of what seals name of these contents."""
    columns = (sealed_content.c.kind, sealed_content.c.key, sealed_content.c.source)
    wanted = sorted({key for _, key in keys})
    asked = select(*columns).where(sealed_content.c.business == business, sealed_content.c.key.in_(wanted))
    return {(row.kind, row.key, row.source) for row in conn.execute(asked)} if wanted else set()


def index(conn: Connection, business: str) -> list[Noted]:
    """All that `note` noted, in the order of the seals."""
    columns = (sealed_content.c.kind, sealed_content.c.key, sealed_content.c.n, sealed_content.c.source)
    asked = select(*columns).where(sealed_content.c.business == business).order_by(sealed_content.c.n)
    return [Noted(*row) for row in conn.execute(asked)]
