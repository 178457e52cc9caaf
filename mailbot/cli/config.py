"""`mailbot config`: every setting with where it comes from."""

import os
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import print_json, print_table
from mailbot.cli.settings import SETTINGS_OPTION

config = typer.Typer(help="The settings.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(config, name="config")


@config.callback()
def top() -> None:
    """The settings."""


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
