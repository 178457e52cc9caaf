"""`mailbot export`: the facts of clients as JSON, for leaving, for trying other rules; or all that is kept of one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("export")
def export(
    client: str | None = typer.Argument(None, help="Only this client: its name, nickname, address or number."),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.zip", help="Of one client: all that is kept, with its mails."),
    ] = None,
    everyone: bool = typer.Option(False, "--all", help="Also clients who owe nothing."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Write each client's invoices and events as one JSON line, as `mailbot rules decide` reads them."""
    from mailbot.cli.installation import one_business
    from mailbot.cli.meaning import one_target
    from mailbot.jobs import giving, showing

    if output is not None and client is None:
        say("Say whose data to write: mailbot export CLIENT -o FILE.zip")
        raise typer.Exit(Status.USAGE)
    with one_business(settings, business, now) as (installation, office):
        number = one_target(office, client).client if client is not None else None
        if output is not None:
            _write(output, giving.everything_about(office, number or 0, installation.now()))
            return
        found = showing.cases(office, installation.now(), everyone=everyone or number is not None)
    for case in found:
        whose = case["client"]
        if number is None or (isinstance(whose, dict) and whose.get("id") == str(number)):
            print_json(case)
    if not found:
        say("No client owes anything." if not everyone else "There is no client yet.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        say(f"{path} cannot be written: {error.strerror}.")
        raise typer.Exit(Status.FAILURE) from error
    say(f"Wrote {path}: all that is kept of the client, in formats that other programs read.")
