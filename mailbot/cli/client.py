"""`mailbot client`: those who owe."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION

client = typer.Typer(help="Clients: who they are, what they owe.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(client, name="client")

_JSON = typer.Option(False, "--json", help="One JSON object a client.")


@client.command("list")
def list_clients(
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    as_json: bool = _JSON,
) -> None:
    """List all clients with what they owe."""
    from mailbot.cli import views
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business) as (_, office):
        found = showing.all_clients(office)
    if as_json:
        for one, owes in found:
            print_json(views.client_record(one, owes))
    elif found:
        views.print_clients(found)
    else:
        say("There is no client yet: forward an invoice to the bot's mailbox.")


@client.command("show")
def show(
    name: str = typer.Argument(..., help="Name or part of it, nickname, address, invoice number or id."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = _JSON,
) -> None:
    """Show a client with contacts, everything that was billed, and how risky it is, with the reasons."""
    from mailbot.cli import views
    from mailbot.cli.installation import one_business
    from mailbot.cli.meaning import one_client
    from mailbot.jobs import showing

    with one_business(settings, business, now) as (installation, office):
        one, billed = one_client(office, name)
        day = office.day(installation.now())
        kept, risk = showing.kept(office, one.id), showing.risk(office, one.id, day)
    if as_json:
        owes = showing.balance(billed)
        record = {**views.client_record(one, owes), "credit": views.amounts_record(kept)}
        risky = views.risk_record(risk, office.business.language)
        print_json({**record, "risk": risky, "invoices": [views.invoice_record(i) for i in billed]})
    else:
        views.print_client(one, billed, day, kept)
        views.print_risk(risk, office.business.language)


@client.command("consent")
def consent(
    name: str = typer.Argument(..., help="Name or part of it, nickname, address, invoice number or id."),
    email: str = typer.Argument(..., help="The address of the person who said so."),
    given: bool = typer.Option(..., "--given/--refused", help="What the person said about being tracked."),
    note: str = typer.Option(..., help="How and when you got it; kept as the proof that the law asks for."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Note that a contact agreed to read tracking, or refused it."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing
    from mailbot.jobs.consenting import record_consent

    with one_business(settings, business, now) as (installation, office):
        found = [one for one, _ in showing.find_clients(office, name)]
        known = [one for one in found if email.strip().lower() in {contact.email for contact in one.contacts}]
        if len(known) != 1:
            say(f'There is no client "{name}" with the address {email}; see: mailbot client show "{name}"')
            raise typer.Exit(Status.FAILURE)
        new = record_consent(office, known[0].id, email, given=given, by="owner", note=note, now=installation.now())
    said = "agreed to" if given else "refused"
    say(f"{email} {said} read tracking{'' if new else ': known already'}.")
