"""`mailbot backup`: a copy of the ledger while the bot runs, and the date that the digest shows."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, say
from mailbot.cli.settings import NOW_OPTION, SETTINGS_OPTION


@app.command("backup")
def backup(
    folder: Path | None = typer.Argument(
        None, help="Where the copy goes: mailbot-YYYY-MM-DD.db, replaced on that day."
    ),
    made: bool = typer.Option(False, "--made", help="Copy nothing: another program (pg_dump, a snapshot) just did."),
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Copy the ledger while the bot runs (SQLite), check the copy, and show its date in the digest."""
    from mailbot.cli.installation import opened
    from mailbot.jobs import backups

    if (folder is None) != made:
        say("Say where to copy to (mailbot backup FOLDER), or that another program made the copy (--made).")
        raise typer.Exit(Status.USAGE)
    with opened(settings, now) as installation:
        if folder is None:
            backups.note(installation.engine, installation.now())
            say("Noted: the digest shows a backup of today.")
            return
        copy = backups.make(installation.engine, folder, installation.now())
        key = installation.settings.key_file
    say(
        f"Wrote {copy}: the whole ledger, with all mails. To restore it, stop the bot and put it in the ledger's place."
    )
    say(f"Not in it, and needed too: {key} and {settings}. Keep the key elsewhere.")
