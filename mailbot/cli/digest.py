"""`mailbot digest`: the owner's daily mail as it would be at this moment."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION


@app.command("digest")
def digest(
    send: bool = typer.Option(False, "--send", help="Mail it to the owners now."),
    html: Annotated[Path | None, typer.Option("--html", help="Write it as HTML to this file.", metavar="FILE")] = None,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Show the digest of this moment; send it, or write it as HTML."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs.digesting import current_digest
    from mailbot.owner.digest import digest as write

    if send and html is not None:
        say("Choose one of --send and --html.")
        raise typer.Exit(Status.USAGE)
    with one_business(settings, business, now) as (installation, office):
        if send:
            from mailbot.cli.delivering import send_digest

            raise typer.Exit(send_digest(installation, office))
        mail = write(current_digest(office, installation.now()), office.templates.render)
    if html is None:
        typer.echo(f"Subject: {mail.subject}\n\n{mail.text}")
        return
    try:
        html.write_text(mail.html, encoding="utf-8")
    except OSError as error:
        say(f"{html} cannot be written: {error.strerror}.")
        raise typer.Exit(Status.FAILURE) from error
    say(f"Wrote {html}.")
