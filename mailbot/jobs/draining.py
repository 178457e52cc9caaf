"""Send what is due, one mail after the other over one line, within the limits that the business has set.

A line is the right to use one connection to the business's mail server: a lease row, so that all machines together
open no more than `smtp.connections`. Whoever finds no free line leaves: those who have one go on until nothing is due.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.jobs.sending import Worker, claim, deliver
from mailbot.ledger import leases, outgoing, pace
from mailbot.ledger.outgoing import Outgoing

MAILS_OF_A_TURN = 500
"""After so many a worker looks for other work first, as a clock's next hint tells it to come back."""
_SOONEST = timedelta(minutes=1)
"""Mails over a limit are put back for at least so long: a full hour frees its places one by one."""
_LOOKED_AT = 20


async def drain(office: Office, worker: Worker, stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim and send until nothing is due, or `stopping` says so; how many were claimed."""
    line = await worker.group.write(lambda conn: _take_line(conn, office, worker))
    if line is None:
        return 0
    done = 0
    try:
        while done < MAILS_OF_A_TURN and not stopping():
            row = await worker.group.write(lambda conn: _next(conn, office, worker, line))
            if row is None:
                break
            done += 1
            await deliver(office, row, worker)
    finally:
        await worker.group.write(lambda conn: leases.drop(conn, line, worker.name))
    return done


def _take_line(conn: Connection, office: Office, worker: Worker) -> str | None:
    for number in range(1, office.business.smtp.connections + 1):
        line = f"line {number} of {office.key}"
        if leases.take(conn, line, worker.name, worker.clock(), office.limits.lease_seconds):
            return line
    return None


def _next(conn: Connection, office: Office, worker: Worker, line: str) -> Outgoing | None:
    """The mail that is longest due and may leave now, claimed; None where there is none or the line was lost."""
    now = worker.clock()
    if not leases.take(conn, line, worker.name, now, office.limits.lease_seconds):
        return None
    for number in outgoing.due(conn, office.key, now, _LOOKED_AT):
        planned = outgoing.find(conn, office.key, number)
        if planned is None or (planned.kind == "client" and _is_too_much(conn, office, planned, now)):
            continue
        row = claim(conn, office, number, worker)
        if row is not None:
            return row
    return None


def _is_too_much(conn: Connection, office: Office, row: Outgoing, now: datetime) -> bool:
    """Whether a limit keeps the mail back; all that it keeps back wait together."""
    if row.state == "queued" and row.due_at > now:
        return True  # put back a moment ago, with another one
    smtp, domain = office.business.smtp, row.recipient.rpartition("@")[2]
    for most, whose in ((smtp.mails_per_hour, None), (smtp.mails_per_hour_and_domain, domain)):
        free = pace.free_at(conn, office.key, now, most, whose)
        if free is not None:
            why = f"{most} mails an hour" + (f" to {whose}" if whose else "")
            pace.put_back(conn, office.key, now, max(free, now + _SOONEST), whose, why)
            return True
    return False
