"""`mailbot erase`: erase what is kept of a client, as far as the law allows."""

from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION

_STAYS = (
    "kept: hashes of what goes, in the chain of seals; your own mails (orders, forwarded invoices) with what "
    "was read in them and done; questions that concern no one client; bank files; mails to the owners, for their "
    "year; and, where "
    "an earlier version recorded a consent, the address in the id of that event, which the chain names"
)


@app.command("erase")
def erase(
    client: str | None = typer.Argument(None, help="A client's name, nickname, address or number."),
    expired: bool = typer.Option(False, "--expired", help="Of all clients and strangers: what nobody has to keep."),
    yes: bool = typer.Option(False, "--yes", help="Erase; without it only what would be erased is said."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Erase a client's data; say what the law makes the business keep, until when and why.

    The bot does --expired by itself, once a week.
    """
    if (client is None) != expired:
        say("Say which client, or --expired for what nobody has to keep any more.")
        raise typer.Exit(Status.USAGE)
    from mailbot.cli.installation import one_business
    from mailbot.cli.meaning import one_target
    from mailbot.jobs import erasing

    if client is None:
        _erase_expired(settings, business, now, yes=yes, as_json=as_json)
        return
    with one_business(settings, business, now) as (installation, office):
        number = one_target(office, client).client or 0
        found = (erasing.erase if yes else erasing.planned)(office, number, installation.now())
    erased = {
        "contacts": found.contacts, "mails_in": len(found.letters), "mails_out": len(found.mails),
        "documents": len(found.documents), "events": len(found.events), "decisions": found.decisions,
        "questions": found.questions, "files": len(found.files), "bank_lines": len(found.lines),
        "consents": len(found.consents), "names": int(found.identity),
    }  # fmt: skip
    kept = [
        {"kind": one.kind, "count": one.count, "until": one.until.isoformat(), "why": one.why} for one in found.kept
    ]
    if as_json:
        print_json({
            "client": number, "name": found.name, "done": yes and not found.owes, "owes": found.owes,
            "erased": {} if found.owes else erased, "kept": kept,
        })  # fmt: skip
    elif not found.owes:
        what = ", ".join(f"{count} {kind}" for kind, count in erased.items() if count) or "nothing"
        typer.echo(f"{found.name}: {'erased' if yes else 'would erase'} {what}")
        for one in found.kept:
            typer.echo(f"kept until {one.until.isoformat()}: {one.count} {one.kind} ({one.why})")
        typer.echo(_STAYS)
        if not yes:
            say("Nothing was changed; --yes erases. Back-ups keep their copies until they are deleted.")
    if found.owes:
        say(f"{found.name} still owes something: what proves a claim is kept until it is settled (GDPR 17(3)(e)).")
        raise typer.Exit(Status.REFUSED)


def _erase_expired(settings: Path, business: str | None, now: datetime | None, *, yes: bool, as_json: bool) -> None:
    from mailbot.cli.installation import one_business
    from mailbot.jobs import retaining

    with one_business(settings, business, now) as (installation, office):
        found = (retaining.retire if yes else retaining.expired)(office, installation.now())
    if as_json:
        names = [{"client": one.client, "name": one.name} for one in found.clients]
        print_json(
            {"clients": names, "letters": len(found.letters), "owner_mails": len(found.owner_mails), "done": yes}
        )
        return
    for one in found.clients:
        typer.echo(f"{one.name}: {'erased' if yes else 'would erase'} what nobody has to keep")
    for count, what in (
        (len(found.letters), "mails of strangers"),
        (len(found.owner_mails), "old mails to the owners"),
    ):
        typer.echo(f"{count} {what} {'erased' if yes else 'would be erased'}")
    if not yes:
        say("Nothing was changed; --yes erases now, and the bot does it by itself once a week.")
