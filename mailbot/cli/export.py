"""`mailbot export`: the facts of every client as JSON, for leaving, for tests, and for trying other rules."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("export")
def export(
    everyone: bool = typer.Option(False, "--all", help="Also clients who owe nothing."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Write each client's invoices and events as one JSON line, as `mailbot rules decide` reads them."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business, now) as (installation, office):
        found = showing.cases(office, installation.now(), everyone=everyone)
    for case in found:
        print_json(case)
    if not found:
        say("No client owes anything." if not everyone else "There is no client yet.")
