"""Every row of the ledger that is about one client, as plain values by table: what a client may ask to see."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, and_, select

from mailbot.ledger.tables import allocation, client, line, metadata, outgoing, outgoing_event, sent_copy
from mailbot.model import JSON

_OF_A_MAIL = (outgoing_event, sent_copy)
"""Tables that are about a mail, whoever it is for."""


def of_client(conn: Connection, business: str, number: int) -> dict[str, list[dict[str, JSON]]]:
    """Table -> rows, without the raw bytes of mails and files. Every table with a column `client` is looked at."""
    mails = select(outgoing.c.id).where(outgoing.c.business == business, outgoing.c.client == number)
    lines = select(allocation.c.line).where(allocation.c.business == business, allocation.c.client == number)
    wanted: list[tuple[Table, ColumnElement[bool]]] = [
        (client, client.c.id == number),
        (line, line.c.id.in_(lines)),
        *((table, table.c.outgoing.in_(mails)) for table in _OF_A_MAIL),
        *((table, table.c.client == number) for table in metadata.sorted_tables if "client" in table.c),
    ]
    return {table.name: _rows(conn, table, and_(table.c.business == business, mine)) for table, mine in wanted}


def _rows(conn: Connection, table: Table, mine: ColumnElement[bool]) -> list[dict[str, JSON]]:
    columns = [column for column in table.c if not isinstance(column.type, LargeBinary)]
    found = conn.execute(select(*columns).where(mine).order_by(*table.primary_key))
    return [_plain(row._mapping) for row in found]


def _plain(row: Mapping[Any, Any]) -> dict[str, JSON]:
    return {
        str(name): value.isoformat() if isinstance(value, date | datetime) else str(value)
        if isinstance(value, Decimal) else value
        for name, value in row.items()
    }  # fmt: skip
