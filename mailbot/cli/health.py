"""`mailbot health`: for health checks of containers and service managers."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json
from mailbot.cli.settings import NOW_OPTION, SETTINGS_OPTION


@app.command("health")
def health(
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Say whether mails are read and sent in time. Exit status 0 or 4."""
    from mailbot.cli.installation import opened
    from mailbot.jobs.health import health as look

    with opened(settings, now) as installation:
        report = look(installation.offices(), installation.now())
    if as_json:
        print_json(report.as_json())
    else:
        for one in report.businesses:
            typer.echo(
                f"{one.key}: {'well' if one.well else 'NOT WELL'}; {one.unread} mails to read, "
                f"{one.queued} to send ({one.late} late, {one.refused} refused for now), {one.in_doubt} in doubt, "
                f"{one.questions} questions, bank through {one.bank_through or 'never'}"
                + (f" ({one.bank_days} days ago)" if one.bank_days else "")
                + ("" if one.signed_in else "; the sign-in at the mail server is refused: mailbot doctor says which")
            )
    if not report.well:
        raise typer.Exit(Status.CHECK_FAILED)
