"""`mailbot legal-step`: record what happened at court or in an insolvency, so that its clocks are counted."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.days import iso_day
from mailbot.cli.output import Status, say, shown
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("legal-step")
def legal_step(
    invoice: Annotated[str, typer.Argument(help="The number of an invoice.")],
    step: Annotated[
        str,
        typer.Argument(
            help="written_acknowledgement, lawsuit, payment_order, payment_order_served; insolvency_opened (the "
            "judgment), bodacc (its publication) and claim_filed concern all invoices of the client."
        ),
    ],
    on: Annotated[datetime, typer.Argument(parser=iso_day, metavar="DATE", help="The day it happened.")],
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Record a step at court or in an insolvency, and its day; done twice, it counts once."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs.legal_steps import record_step

    with one_business(settings, business, now) as (installation, office):
        try:
            found = record_step(office, invoice, step, on.date(), installation.now())
        except ValueError as error:
            say(str(error))
            raise typer.Exit(Status.USAGE) from None
    if found is None:
        say(f"There is no invoice {shown(invoice)}.")
        raise typer.Exit(Status.FAILURE)
    say(f"Recorded for {found.number}." if found.new else f"{found.number}: this was recorded before.")
