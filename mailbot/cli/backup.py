"""`mailbot backup`: a copy of the ledger while the bot runs, proved by trying it, and put back where it is needed."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import NOW_OPTION, SETTINGS_OPTION

backup = typer.Typer(no_args_is_help=True)
app.add_typer(backup, name="backup", help="Copies of the ledger: make, try, put back.")


@backup.command("create")
def create(
    folder: Path | None = typer.Argument(
        None, help="Where the copy goes: mailbot-YYYY-MM-DD.db (PostgreSQL: .dump), replaced on that day."
    ),
    made: bool = typer.Option(False, "--made", help="Copy nothing: another program (a snapshot of the disk) just did."),
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Copy the ledger while the bot runs, and show the date in the digest."""
    from mailbot.cli.installation import opened
    from mailbot.jobs import backups

    if (folder is None) != made:
        say("Say where to copy to (mailbot backup create FOLDER), or that another program made the copy (--made).")
        raise typer.Exit(Status.USAGE)
    with opened(settings, now) as installation:
        if folder is None:
            backups.note(installation.engine, installation.now())
            say("Noted: the digest shows a backup of today.")
            return
        copy = backups.make(installation.engine, folder, installation.now())
        key = installation.settings.key_file
    say(f"Wrote {copy}: the whole ledger, with all mails. Try it: mailbot backup verify {copy}")
    say(f"Not in it, and needed too: {key} and {settings}. Keep the key elsewhere.")


@backup.command("verify")
def verify(
    file: Path = typer.Argument(..., help="What `mailbot backup create` wrote."),
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Make a ledger of a copy in a place of its own, and compute the chain of seals of each business again."""
    from mailbot.cli.installation import opened, opened_copy
    from mailbot.jobs.chaining import verify_ledger

    with opened(settings, now) as installation, opened_copy(installation, file) as copy:
        found = [verify_ledger(copy.office(business.key)) for business in copy.settings.businesses]
    wrong = sum(len(one.findings) for one in found)
    if as_json:
        print_json({
            "file": str(file), "findings": wrong,
            "businesses": [{"business": one.business, "seals": one.n, "head": one.link} for one in found],
        })  # fmt: skip
    for one in () if as_json else found:
        typer.echo(f"{one.business}: {one.n} seals, head {one.n}:{one.link}" if one.n else f"{one.business}: no seal")
    if wrong:
        say(f"{wrong} seals of the copy do not hold: it is damaged or was changed.")
        raise typer.Exit(Status.CHECK_FAILED)
    say("The copy is whole: it opens, and every seal holds.")


@backup.command("restore")
def restore(
    file: Path = typer.Argument(..., help="What `mailbot backup create` wrote."),
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Put a copy in the ledger's place; nothing is sent then until an owner says "go live"."""
    from mailbot.cli.installation import on_ledger, opened
    from mailbot.jobs import restoring

    with opened(settings, now) as installation:

        def halt(database: str) -> None:
            with on_ledger(installation, database) as restored:
                for business in restored.settings.businesses:
                    restoring.halt(restored.office(business.key), restored.now())

        old = installation.restore(file, halt)
    say(f"The ledger is what it was in {file}." + (f" The one before lies in {old}." if old else ""))
    say("It does not know the mails that left since, so nothing leaves now. Look at `mailbot status`, then: go live")
