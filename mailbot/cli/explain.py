"""`mailbot explain`: why a client is, or is not, written to."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.days import iso_day
from mailbot.cli.output import Language, Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("explain")
def explain(
    invoice: str = typer.Argument(..., help="The number of an invoice."),
    date: Annotated[
        datetime | None,
        typer.Option("--date", parser=iso_day, metavar="DATE", help="On that day, with what was known by then."),
    ] = None,
    why_not: Annotated[
        str | None, typer.Option("--why-not", metavar="STEP", help="Only what stands in the way of this step.")
    ] = None,
    lang: Annotated[Language | None, typer.Option("--lang", help="fr or en (default: the business's).")] = None,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="The decision with its trace as one JSON object."),
) -> None:
    """Say why the client of an invoice is or is not written to, and what comes next."""
    from mailbot.cli import explained, views
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business, now) as (installation, office):
        language = lang.value if lang is not None else office.business.language
        words = explained.WORDS[language]
        found = showing.explained(office, invoice, date.date() if date else None, installation.now(), language)
        if found is None:
            near = ", ".join(showing.nearest_numbers(office, invoice))
            say(words["unknown"].format(number=invoice) + (words["near"].format(near=near) if near else ""))
            raise typer.Exit(Status.FAILURE)
        if why_not is not None:
            text = showing.why_not_taken(found, why_not, language)
            if text is None:
                steps = ", ".join(one.id for one in found.rules.steps)
                say(words["no_step"].format(step=why_not, steps=steps))
                raise typer.Exit(Status.FAILURE)
            typer.echo(text)
        elif as_json:
            print_json({"invoice": invoice, **views.explained_record(found)})
        else:
            explained.print_explained(found, language)
