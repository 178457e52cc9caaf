"""`mailbot doctor`: is everything in place, and if not, what to type."""

import os
from pathlib import Path

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say, shown
from mailbot.cli.settings import SETTINGS_OPTION

_SIGNS = {"ok": "✔", "info": "·", "warning": "!", "error": "✘", "skipped": "-"}


@app.command("doctor")
def doctor(
    settings: Path = SETTINGS_OPTION,
    send_test: bool = typer.Option(False, "--send-test", help="Send a mail to the bot itself and wait for it."),
    only: str | None = typer.Option(None, "--only", help="One check by its name.", metavar="CHECK"),
    as_json: bool = typer.Option(False, "--json", help="One JSON object a check."),
) -> None:
    """Check settings, rules, secrets, ledger, mail servers and workers; each fault with its fix."""
    from mailbot.doctor.exam import IDS, Exam

    if only is not None and only not in IDS:
        say(f"There is no check {only}; there are: {', '.join(IDS)}.")
        raise typer.Exit(Status.USAGE)
    failed = 0
    for finding in Exam(settings, os.environ, only).findings(with_mail=send_test):
        failed += finding.severity == "error"
        if as_json:
            print_json(finding.as_json())
            continue
        whose = f" [{finding.business}]" if finding.business else ""
        typer.echo(f"{_SIGNS[finding.severity]} {finding.id}{whose}: {finding.tried}: {shown(finding.found)}")
        if finding.fix is not None and finding.severity != "ok":
            typer.echo(f"    → {finding.fix}")
    if failed:
        say(f"{failed} {'check' if failed == 1 else 'checks'} failed.")
        raise typer.Exit(Status.CHECK_FAILED)
    if not as_json:
        say(
            "All is well." if send_test or only else "All is well. Now prove the whole path: mailbot doctor --send-test"
        )
