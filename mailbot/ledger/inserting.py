"""INSERT ... ON CONFLICT, which both databases know and SQLAlchemy spells per dialect."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(conn: Connection, table: Table, values: Mapping[str, Any], *key: Column[Any]) -> Any | None:
    """Inserts a row unless one with the same `key` exists.

    Returns its first column, or None where it existed.
    """
    make = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = make(table).values(dict(values)).on_conflict_do_nothing(index_elements=list(key))
    return conn.execute(statement.returning(next(iter(table.primary_key)))).scalar_one_or_none()
