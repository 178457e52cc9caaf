"""Send what is due, one mail after the other over one line, within the limits that the business has set.

A line is the right to use one connection to the business's mail server: a lease row, so that all machines together
open no more than `smtp.connections`. Whoever finds no free line leaves: those who have one go on until nothing is due.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.jobs.sending import Worker, claim, deliver, put_back, record
from mailbot.ledger import leases, outgoing, pace
from mailbot.ledger.outgoing import Due, Outgoing

MAILS_OF_A_TURN = 500
"""After so many a worker looks for other work first, as a clock's next hint tells it to come back."""
_SOONEST = timedelta(minutes=1)
"""Mails over a limit are put back for at least so long: a full hour frees its places one by one."""
BATCH = 20
"""Mails that a line claims at once: few enough to be sent within half of their lease."""


async def drain(office: Office, worker: Worker, stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim and send until nothing is due, or `stopping` says so; how many were claimed."""
    line = await worker.group.write(lambda conn: _take_line(conn, office, worker))
    if line is None:
        return 0
    done, counted = 0, _counted(office)
    recording: set[asyncio.Task[None]] = set()
    try:
        while done < MAILS_OF_A_TURN and not stopping():
            rows = await worker.group.write(lambda conn: _next(conn, office, worker, line), clients=counted)
            if not rows:
                break
            done += len(rows)
            await _send_all(office, rows, worker, stopping, recording)
    finally:
        drop = worker.group.write(lambda conn: leases.drop(conn, line, worker.name), clients=())
        await asyncio.gather(*recording, drop)
    return done


async def _send_all(
    office: Office, rows: list[Outgoing], worker: Worker, stopping: Callable[[], bool],
    recording: set[asyncio.Task[None]],
) -> None:  # fmt: skip
    """One after the other; what became of one is written down while the next one is sent."""
    for place, row in enumerate(rows):
        if stopping() or _is_old(row, worker.clock()):
            await worker.group.write(partial(_put_all_back, office, rows[place:], worker.clock()), clients=())
            return
        became = await deliver(office, row, worker)
        task = asyncio.create_task(record(office, row, became, worker))
        recording.add(task)
        task.add_done_callback(recording.discard)


def _counted(office: Office) -> tuple[int, ...] | None:
    """Nobody's client; but where mails are counted, two that claim at once would both count without the other's."""
    smtp = office.business.smtp
    return None if smtp.mails_per_hour or smtp.mails_per_hour_and_domain else ()


def _put_all_back(office: Office, rows: list[Outgoing], now: datetime, conn: Connection) -> None:
    for row in rows:
        put_back(conn, office, row, now)


def _is_old(row: Outgoing, now: datetime) -> bool:
    """Half of its lease is over: another one could claim it before it is armed."""
    return row.lease_until is None or row.lease_until - now < (row.lease_until - row.changed_at) / 2


def _take_line(conn: Connection, office: Office, worker: Worker) -> str | None:
    lines = [f"line {number} of {office.key}" for number in range(1, office.business.smtp.connections + 1)]
    now, seconds = worker.clock(), office.limits.lease_seconds
    taken = leases.taken(conn, lines, worker.name, now, seconds)
    for line in lines:
        if line not in taken and leases.take(conn, line, worker.name, now, seconds):
            return line
    return None


def _next(conn: Connection, office: Office, worker: Worker, line: str) -> list[Outgoing]:
    """The mails that are longest due and may leave now, claimed; none where there are none or the line was lost."""
    now = worker.clock()
    if not leases.take(conn, line, worker.name, now, office.limits.lease_seconds):
        return []
    for _ in range(BATCH):  # what was put back or parked makes room for what comes after it
        due = outgoing.longest_due(conn, office.key, now, BATCH, to_claim=True)
        rows = claim(conn, office, [one.id for one in _together(_in_bounds(conn, office, due, now))], worker)
        if rows or not due:
            return rows
    return []


def _together(due: list[Due]) -> list[Due]:
    """Mails that were claimed before go alone: the one that kills its worker must not take others with it."""
    return due[:1] if due and due[0].attempt else [one for one in due if not one.attempt]


def _in_bounds(conn: Connection, office: Office, due: list[Due], now: datetime) -> list[Due]:
    """Those for which the limits leave room; all others that wait for the same room are put back together."""
    smtp = office.business.smtp
    domains = {_domain(one) for one in due if one.kind == "client"}
    for most, whose in ((smtp.mails_per_hour, None), *((smtp.mails_per_hour_and_domain, one) for one in domains)):
        if not most or not domains:
            continue
        room = pace.room(conn, office.key, now, most, whose)
        bound = [one for one in due if one.kind == "client" and whose in (None, _domain(one))]
        over = bound[max(room, 0) :]
        due = [one for one in due if one not in over]
        if room <= 0:
            free = max(pace.free_at(conn, office.key, now, most, whose), now + _SOONEST)
            why = f"{most} mails an hour" + (f" to {whose}" if whose else "")
            pace.put_back(conn, office.key, now, free, whose, why)
    return due


def _domain(one: Due) -> str:
    return one.recipient.rpartition("@")[2]
