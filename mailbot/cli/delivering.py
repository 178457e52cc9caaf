"""Mails that a command sends itself, as a worker would. Heavy: imported inside commands only."""

import asyncio

import typer

from mailbot.app import App
from mailbot.cli.output import Status, say
from mailbot.jobs.digesting import current_digest
from mailbot.jobs.mailing import tell_owner
from mailbot.jobs.office import Office
from mailbot.jobs.sending import send
from mailbot.ledger import outgoing
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import reading, writing
from mailbot.owner.digest import values


def send_digest(app: App, office: Office) -> int:
    """Plan the digest of this moment for every owner, send it, and say what the server answered."""
    now = app.now()
    facts = values(current_digest(office, now))
    with writing(office.engine) as conn:
        planned = tell_owner(conn, office, "digest", f"digest/asked/{now.isoformat()}", facts, now)
    rows = asyncio.run(_sent(app, office, planned))
    for row in rows:
        _say(row)
    return Status.DONE if all(row.state == "sent" for row in rows) else Status.FAILURE


async def _sent(app: App, office: Office, planned: list[int]) -> list[Outgoing]:
    worker = app.worker(office.business)
    for number in planned:
        await send(office, number, worker)
    with reading(office.engine) as conn:
        return [outgoing.get(conn, office.key, number) for number in planned]


def _say(row: Outgoing) -> None:
    if row.state == "sent":
        typer.echo(f"Sent to {row.recipient}: {row.smtp_code} {row.smtp_reply}")
    elif row.state == "queued":
        say(f"Not sent to {row.recipient}: {row.smtp_reply}. It waits; `mailbot run` tries again.")
    else:
        say(f"Not sent to {row.recipient} ({row.state.replace('_', ' ')}): {row.smtp_reply or row.why}.")
