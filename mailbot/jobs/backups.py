"""Backups of an installation's ledger: made, and noted for the digest."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from mailbot.ledger import job_runs
from mailbot.ledger.copying import copy, suffix
from mailbot.ledger.store import writing

NAME = "backup"


def make(engine: Engine, folder: Path, now: datetime) -> Path:
    """Copies the ledger into the folder, one file a day, and notes it; returns the file. Raises LedgerError."""
    target = folder / f"mailbot-{now.date().isoformat()}{suffix(engine)}"
    copy(engine, target)
    note(engine, now)
    return target


def note(engine: Engine, now: datetime) -> None:
    """A backup was made, here or by another program. Raises LedgerError."""
    with writing(engine) as conn:
        job_runs.done(conn, NAME, now, 0.0)
