"""`mailbot rules test`, `ladder` and `simulate`: a policy tried out before it writes to anybody."""

from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.output import Status
from mailbot.cli.rules import rules
from mailbot.cli.settings import SETTINGS_OPTION


@rules.command("test")
def run_tests(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders of timelines (default: tests/ of the rules in use)."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a case on stdout.")] = False,
    min_coverage: Annotated[
        int, typer.Option("--min-coverage", min=0, max=100, help="Fail below so many percent.", metavar="PERCENT")
    ] = 0,
    accept: Annotated[bool, typer.Option("--accept", help="Write what happened into the files as expected.")] = False,
    fuzz: Annotated[
        int, typer.Option("--fuzz", min=0, help="Also try the rules on so many random books.", metavar="N")
    ] = 0,
    settings: Path = SETTINGS_OPTION,
) -> None:
    """Live timelines through and compare all that is sent. No test at all is a failure. Exit status 0 or 4."""
    from mailbot.cli import rules_tests

    run = rules_tests.Run(json=json, accept=accept)
    run.files(files or rules_tests.beside(settings))
    run.finish(min_coverage)
    if fuzz:
        run.fuzz(fuzz)
    raise typer.Exit(Status.DONE if run.good else Status.CHECK_FAILED)
