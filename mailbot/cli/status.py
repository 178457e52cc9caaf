"""`mailbot status`: who owes what, what waits to be sent, and what the owner is asked."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import print_json
from mailbot.cli.settings import NOW_OPTION, SETTINGS_OPTION


@app.command("status")
def status(
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object a business."),
) -> None:
    """Show who owes what, what waits to be sent, and what the bot asks you."""
    from mailbot.cli import views
    from mailbot.cli.installation import opened
    from mailbot.jobs import showing

    with opened(settings, now) as installation:
        found = [showing.status(office, installation.now()) for office in installation.offices()]
    for business in found:
        print_json(views.status_record(business)) if as_json else views.print_status(business)
