"""`mailbot config`: every setting with where it comes from."""

import os
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, print_table, say
from mailbot.cli.settings import SETTINGS_OPTION

config = typer.Typer(help="The settings.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(config, name="config")


@config.callback()
def top() -> None:
    """The settings."""


@config.command("accept-key")
def accept_key(
    settings: Path = SETTINGS_OPTION,
    confirm: str = typer.Option("", "--confirm", help="lost, where the old key is lost for good.", metavar="WORD"),
) -> None:
    """Go on with another key after the old one is lost: answers to mails sent before are not recognised any more."""
    from mailbot.app import read_key
    from mailbot.cli.installation import opened
    from mailbot.ledger import installation
    from mailbot.ledger.store import writing
    from mailbot.sealing import Seal

    if confirm != "lost":
        say("Reply addresses and links of mails already sent stop working, and `mailbot login` has to be run again.")
        say("Only where the old key is lost for good: mailbot config accept-key --confirm lost")
        raise typer.Exit(Status.REFUSED)
    with opened(settings) as app, writing(app.engine) as conn:
        mine = Seal(read_key(app.settings.key_file)).fingerprint()
        installation.accept_key(conn, mine, app.now())
        typer.echo(f"{app.settings.key_file} is the key of this ledger now.")


@config.command("show")
def show(
    settings: Path = SETTINGS_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Print all settings, defaults included, and where each comes from. Secrets are not shown."""
    from mailbot.cli.sources import rows
    from mailbot.config import load_settings

    found = rows(*load_settings(settings, os.environ))
    if as_json:
        print_json({
            "file": str(settings),
            "settings": {row.name: {"value": row.value, "source": row.source} for row in found},
        })  # fmt: skip
    else:
        print_table(("Setting", "Value", "From"), [(row.name, row.text, row.source) for row in found])
