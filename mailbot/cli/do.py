"""`mailbot do`: the owner's orders without a mail, in the same words."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("do")
def do(
    order: str = typer.Argument(..., help='As in a mail: "paid F-2026-014 1200", "pause Dupont 10d", "ok 2".'),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object an order."),
) -> None:
    """Carry out an order, in the words that the owner's mails use."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs.ordering import obey_typed

    with one_business(settings, business, now) as (installation, office):
        done, unknown = obey_typed(office, order, installation.now())
        words = office.templates.render("help", office.business.language, {"reply_to": ""}).text
    for one in done:
        if as_json:
            print_json({"order": one.line, "done": one.done, "result": one.result})
        else:
            typer.echo(one.result) if one.done else say(one.result)
            if one.verb == "help":
                typer.echo(f"\n{words}")
    for line in unknown:
        say(f'"{line}" is no order; `mailbot do help` lists them.')
    if unknown or not all(one.done for one in done):
        raise typer.Exit(Status.FAILURE)
    if not done:
        say("There is no order in this text; `mailbot do help` lists them.")
        raise typer.Exit(Status.USAGE)
