"""An outbox full of mails that are due, and workers that send them; also as a process: `send_outbox.py SETTINGS N`."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import uvloop
import yaml
from sqlalchemy import Engine, func, insert, select

from mailbot.app import App, open_app
from mailbot.jobs.draining import drain
from mailbot.ledger.store import reading, writing
from mailbot.ledger.tables import outgoing, outgoing_bytes
from mailbot.outbox.smtp import Mailer
from mailbot.testing.torture.world import BOX, BUSINESS

SIZE = 10_800
"""Bytes of a mail: text, HTML and headers of a reminder."""
FAR = datetime(2030, 1, 1, tzinfo=UTC)


def raw(number: int) -> bytes:
    """A mail of that size."""
    head = f"From: {BOX}\r\nTo: c@bench.example\r\nSubject: Facture\r\nMessage-ID: <{number}@bench.example>\r\n\r\n"
    return head.encode() + b"Bonjour, sauf erreur de notre part la facture reste due.\r\n" * (SIZE // 58)


def installed(folder: Path, database: str, port: int, connections: int) -> Path:
    """An installation without limits that sends to that port and looks for nothing in Sent."""
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "key").write_text("7f" * 32)
    tree = {
        "business": BUSINESS,
        "mailbox": {"maildir": "mail", "address": BOX},
        "smtp": {"url": f"smtp://127.0.0.1:{port}", "connections": connections, "evidence": "none",
                 "mails_per_hour": 0, "mails_per_hour_and_domain": 0},
        "database": database,
        "limits": {"hold_minutes": 0},
        "mode": "live",
    }  # fmt: skip
    path = folder / "mailbot.yaml"
    path.write_text(yaml.safe_dump(tree))
    return path


def fill(app: App, mails: int, state: str = "queued", due_at: datetime | None = None, first: int = 0) -> None:
    """Mails of which the bytes are fixed; whom they go to needs no decision."""
    now = app.now()
    row = {
        "business": app.business().key, "kind": "owner", "what": "bench", "template": "digest", "invoices": [],
        "levels": {}, "amounts_hash": "", "context": {}, "state": state, "held": False, "due_at": due_at or now,
        "expires_at": FAR, "attempt": 0, "created_at": now, "changed_at": now, "recipient": "c@bench.example",
        "date_header": now,
    }  # fmt: skip
    numbers = range(first, first + mails)
    for start in range(0, mails, 10_000):
        with writing(app.engine) as conn:
            part = numbers[start : start + 10_000]
            conn.execute(insert(outgoing), [
                {**row, "id": n + 1, "dedupe_key": f"bench-{n}", "message_id": f"<{n}@bench.example>"} for n in part
            ])  # fmt: skip
            if state == "queued":
                conn.execute(insert(outgoing_bytes), [
                    {"business": row["business"], "outgoing": n + 1, "raw": raw(n)} for n in part
                ])  # fmt: skip


def left(engine: Engine) -> int:
    """Mails that were not sent."""
    with reading(engine) as conn:
        return conn.scalar(select(func.count()).where(outgoing.c.state != "sent")) or 0


async def work(app: App, lines: int) -> int:
    """Send until nothing is due, over so many lines; how many were claimed."""
    office = app.office(app.business().key)
    worker, done = app.worker(office.business), 0
    try:
        while sent := sum(await asyncio.gather(*(drain(office, app.worker(office.business)) for _ in range(lines)))):
            done += sent
    finally:
        if isinstance(worker.mailer, Mailer):
            await worker.mailer.close()
    return done


def main() -> None:
    """A worker process: waits for a line on stdin, sends, prints how many and in which seconds."""
    app = open_app(Path(sys.argv[1]), {})
    app.office(app.business().key)
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.time()
    done = uvloop.run(work(app, int(sys.argv[2])))
    print(done, started, time.time(), flush=True)


if __name__ == "__main__" and len(sys.argv) > 2:
    main()
