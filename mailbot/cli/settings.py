"""Where the settings are: the option that all commands on an installation share."""

from pathlib import Path

import typer

SETTINGS_OPTION = typer.Option(
    Path("mailbot.yaml"), "--settings", "-s", envvar="MAILBOT_SETTINGS", help="The mailbot.yaml of the installation."
)
BUSINESS_OPTION = typer.Option(None, "--business", "-b", help="Which business, where there are several.")
NOW_OPTION = typer.Option(None, "--now", help="Live on another instant (ISO, UTC unless it says otherwise).")
