"""`mailbot explain`: why a client is, or is not, written to."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("explain")
def explain(
    invoice: str = typer.Argument(..., help="The number of an invoice."),
    date: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="On that day, with what was known by then."),
    ] = None,
    why_not: Annotated[
        str | None, typer.Option("--why-not", metavar="STEP", help="Only what stands in the way of this step.")
    ] = None,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="The decision with its trace as one JSON object."),
) -> None:
    """Say why the client of an invoice is or is not written to, and what comes next."""
    from mailbot.cli import views
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business, now) as (installation, office):
        found = showing.explained(office, invoice, date.date() if date else None, installation.now())
        if found is None:
            near = showing.nearest_numbers(office, invoice)
            say(f"There is no invoice {invoice}." + (f" Did you mean {', '.join(near)}?" if near else ""))
            raise typer.Exit(Status.FAILURE)
        if why_not is not None:
            steps = [one.id for one in found.rules.steps]
            _why_not(showing.why_not_taken(found, why_not, office.business.language), why_not, steps)
        elif as_json:
            print_json({"invoice": invoice, **views.explained_record(found)})
        else:
            views.print_explained(found, office.business.language)


def _why_not(text: str | None, step: str, steps: Sequence[str]) -> None:
    """Print the reason; exit status 1 where there is no such step."""
    if text is None:
        say(f"There is no step {step}; the rules of that day have: {', '.join(steps)}.")
        raise typer.Exit(Status.FAILURE)
    typer.echo(text)
