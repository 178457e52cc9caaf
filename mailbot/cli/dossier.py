"""`mailbot dossier`: everything about an invoice or a client, for a lawyer or a court."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Language, Status, say, shown
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("dossier")
def dossier(
    target: str = typer.Argument(..., metavar="INVOICE|CLIENT", help="An invoice number, or a client's name."),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.zip", help="Where to write it.")] = Path(),
    language: Annotated[Language | None, typer.Option("--language", help="Default: the business's own.")] = None,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Write the file of a claim: summary, chronology, numbered exhibits, proof that nothing was changed."""
    from mailbot.cli.installation import one_business
    from mailbot.cli.meaning import one_target
    from mailbot.jobs import dossiers

    with one_business(settings, business, now) as (installation, office):
        found = one_target(office, target)
        instant = installation.now()
        path = output if output.name else Path(dossiers.file_name(office, found.label, instant))
        written = language.value if language is not None else None
        made = dossiers.make(office, found.client or 0, found.invoice, instant, language=written)
    try:
        path.write_bytes(made.content)
    except OSError as error:
        say(f"{path} cannot be written: {error.strerror}.")
        raise typer.Exit(Status.FAILURE) from error
    size = len(made.content) / 1_000_000
    say(f"Wrote {path} ({size:.1f} MB). It is no legal advice; its summary says what is missing.")
    if made.wrong:
        for one in made.wrong:
            say(shown(one))
        say(f"The chain is not in order, and the first page of {path.name} says so: mailbot evidence verify")
        raise typer.Exit(Status.CHECK_FAILED)
