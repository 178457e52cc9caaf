"""`mailbot init`: seven questions become an installation."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, say
from mailbot.cli.settings import SETTINGS_OPTION


class Language(StrEnum):
    """Of the owner's mails, and of clients whose own is not known."""

    FR = "fr"
    EN = "en"


class Bank(StrEnum):
    """How the bank's data arrives."""

    FORWARD = "forward"
    FOLDER = "folder"
    LATER = "later"


@app.command("init")
def init(
    settings: Path = SETTINGS_OPTION,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing; what is missing is an error.")] = False,
    mailbox: Annotated[str | None, typer.Option(help="The bot's own address.", metavar="ADDRESS")] = None,
    provider: Annotated[
        str | None, typer.Option(help="gmail, outlook, ovh, gandi, orange, ionos, infomaniak, free, laposte.")
    ] = None,
    imap: Annotated[str | None, typer.Option(help="The IMAP server as imaps://host:993.", metavar="URL")] = None,
    smtp: Annotated[str | None, typer.Option(help="The SMTP server as smtps://host:465.", metavar="URL")] = None,
    owner: Annotated[
        list[str] | None, typer.Option(help="Who may give orders; may be given again.", metavar="ADDRESS")
    ] = None,
    company: Annotated[str | None, typer.Option(help="The name of the company.")] = None,
    siren: Annotated[str | None, typer.Option(help="Its nine-digit number; may be left out.")] = None,
    iban: Annotated[str | None, typer.Option(help="Where clients pay to; may be left out.")] = None,
    language: Annotated[Language | None, typer.Option(help="Of the mails.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Paris.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the mailbox's password.", metavar="FILE")
    ] = None,
    smtp_password_file: Annotated[
        Path | None, typer.Option(help="The same for sending, where it differs.", metavar="FILE")
    ] = None,
    client_id: Annotated[
        str | None, typer.Option(help="Sign in without a password, by this application at Microsoft or Google.")
    ] = None,
    bank: Annotated[Bank | None, typer.Option(help="How the bank's data arrives.")] = None,
) -> None:
    """Ask seven questions and write mailbot.yaml, the rules and the secrets. Overwrites nothing."""
    from mailbot.cli.answers import Answers, ask
    from mailbot.cli.founding import found

    if settings.exists():
        say(f"{settings} exists already, and init overwrites nothing: edit it, or start in another folder.")
        raise typer.Exit(Status.REFUSED)
    given = Answers(
        mailbox=mailbox, provider=provider, imap=imap, smtp=smtp, owners=owner or [], company=company,
        siren=siren, iban=iban, language=language.value if language else None, timezone=timezone,
        password_file=password_file, smtp_password_file=smtp_password_file, client_id=client_id,
        bank=bank.value if bank else None,
    )  # fmt: skip
    try:
        answers = ask(given, silent=no_input)
    except typer.Abort:
        say("\nStopped; nothing was written.")
        raise typer.Exit(Status.INTERRUPTED) from None
    found(settings, answers)
