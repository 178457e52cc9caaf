"""The command line: one small module per noun; parse, call a job, print.

Heavy packages are imported inside the commands that need them, so that `mailbot --help` stays quick.
"""

import importlib
import sys

import typer

from mailbot import __version__
from mailbot.cli.output import Status, say
from mailbot.errors import MailbotError

app = typer.Typer(
    name="mailbot",
    help="Gets your invoices paid, by e-mail.\n\nTry `mailbot demo` (nothing is sent), then `mailbot init`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # tracebacks with local variables would show secrets
    rich_markup_mode=None,  # its import alone costs 0.3 s
)

# Each module declares its commands on `app`; the order is the order of `mailbot --help`.
_MODULES = (
    "demo", "init", "login", "doctor", "run", "digest", "do", "status", "explain", "read",
    "invoice", "lists", "owed", "legal_step", "client", "bank", "rules", "rules_look", "rules_run", "config", "health",
    "evidence", "dossier", "export", "erase", "backup",
)  # fmt: skip


@app.callback(invoke_without_command=True)
def top(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Gets your invoices paid, by e-mail."""
    if version:
        typer.echo(f"mailbot {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; our own errors become one sentence on stderr and their exit status."""
    for module in _MODULES:
        importlib.import_module(f"mailbot.cli.{module}")
    try:
        app()
    except MailbotError as error:
        say(str(error))
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.exit(Status.INTERRUPTED)
