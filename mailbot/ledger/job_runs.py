"""When each loop last did its work without a fault, and how long it took: what metrics and alerts look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.ledger.inserting import insert_new
from mailbot.ledger.tables import job_run as table


@dataclass(frozen=True, slots=True)
class JobRun:
    """The last success of a job of one business: `name` is "clock/martin", `seconds` what it took."""

    name: str
    at: datetime
    seconds: float


def done(conn: Connection, name: str, now: datetime, seconds: float) -> None:
    """It worked; only the last time is kept."""
    values = {"at": now, "seconds": seconds}
    if insert_new(conn, table, {"name": name, **values}, table.c.name) is None:
        conn.execute(update(table).where(table.c.name == name).values(values))


def everything(conn: Connection) -> list[JobRun]:
    """All jobs of all businesses that ever did well."""
    return [JobRun(row.name, row.at, row.seconds) for row in conn.execute(select(table).order_by(table.c.name))]
