"""An installation opened for one command, and closed after it. Heavy: imported inside commands only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from mailbot.app import App, open_app
from mailbot.cli.output import Status, say
from mailbot.jobs.office import Office
from mailbot.ledger.copying import on_trial


@contextmanager
def opened(settings: Path, now: datetime | None = None) -> Iterator[App]:
    """All businesses of a mailbot.yaml. Raises NotInitialised, SettingsError."""
    app = open_app(settings, os.environ)
    app.instant = aware(now)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def opened_copy(installation: App, backup: Path) -> Iterator[App]:
    """The same installation on a ledger made of a backup, which is gone afterwards. Raises LedgerError."""
    with on_trial(backup, installation.settings.database) as database, on_ledger(installation, database) as copy:
        yield copy


@contextmanager
def on_ledger(installation: App, database: str) -> Iterator[App]:
    """The same installation on another ledger."""
    settings = installation.settings.model_copy(update={"database": database})
    other = App(settings, installation.source, instant=installation.instant)
    try:
        yield other
    finally:
        other.engine.dispose()
        other.close()


@contextmanager
def one_business(settings: Path, business: str | None, now: datetime | None = None) -> Iterator[tuple[App, Office]]:
    """The business that is named, or the only one; exit status 2 where that is none or several."""
    with opened(settings, now) as app:
        keys = [one.key for one in app.settings.businesses]
        if business not in keys and (business is not None or len(keys) > 1):
            say(f"Say which business with --business; there are: {', '.join(keys)}.")
            raise typer.Exit(Status.USAGE)
        yield app, app.office(business or keys[0])


def aware(instant: datetime | None) -> datetime | None:
    """An instant from the command line; UTC unless it says otherwise."""
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
