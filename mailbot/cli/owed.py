"""`mailbot owed`: what an invoice has come to by law on a day. Nothing is claimed and nothing is changed by asking."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.days import iso_day
from mailbot.cli.output import Language, Status, print_json, say, shown
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION

_UNKNOWN = {"en": "There is no invoice {number}.", "fr": "Il n'y a pas de facture {number}."}
_NEAR = {"en": " Did you mean {near}?", "fr": " Vouliez-vous dire {near} ?"}
_CREDIT_NOTE = {
    "en": "{number} is a credit note: nothing is owed on it.",
    "fr": "{number} est un avoir : rien n'est dû à ce titre.",
}
_CONSUMER = {
    "en": "No SIREN or VAT number of {client} is known, so it counts as a consumer (setting law.clients).",
    "fr": "Ni SIREN ni numéro de TVA connu pour {client}, qui compte donc comme consommateur (réglage law.clients).",
}


@app.command("owed")
def owed(
    invoice: Annotated[str, typer.Argument(help="The number of an invoice.")],
    on: Annotated[
        datetime | None,
        typer.Option("--on", parser=iso_day, metavar="DATE", help="On that day, not today."),
    ] = None,
    lang: Annotated[Language | None, typer.Option("--lang", help="fr or en (default: the business's).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Say what an invoice has come to: principal, interest by half-year, indemnity, and how it was worked out."""
    from mailbot.cli.installation import one_business
    from mailbot.cli.owed_shown import print_owed, record
    from mailbot.jobs import penalties, showing
    from mailbot.law.amounts import Owed
    from mailbot.law.explain import known, refused

    with one_business(settings, business, now) as (installation, office):
        language = lang.value if lang is not None else office.business.language
        day = on.date() if on is not None else office.day(installation.now())
        found = penalties.owed_on(office, invoice, day)
        near = [] if found else showing.nearest_numbers(office, invoice)
        tables, asked = office.tables, office.business.law.clients
    if found is None:
        told = _NEAR[language].format(near=", ".join(near)) if near else ""
        say(_UNKNOWN[language].format(number=shown(invoice)) + told)
        raise typer.Exit(Status.FAILURE)
    if found.invoice.kind != "invoice":
        say(_CREDIT_NOTE[language].format(number=found.invoice.number))
        raise typer.Exit(Status.FAILURE)
    if asked == "known" and found.result.debt.debtor == "consumer":
        say(_CONSUMER[language].format(client=shown(found.client.name)))
    if as_json:
        print_json(record(found, tables, day))
    elif isinstance(found.result, Owed):
        print_owed(found.result, tables, language)
    if not isinstance(found.result, Owed):
        say(" ".join(filter(None, (refused(found.result, language), known(found.result, language)))))
        raise typer.Exit(Status.REFUSED)
