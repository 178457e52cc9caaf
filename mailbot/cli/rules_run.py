"""`mailbot rules test`, `ladder` and `simulate`: a policy tried out before it writes to anybody."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.output import Language, Status, print_json, print_table, say
from mailbot.cli.rules import rules
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION

_DAY = "%Y-%m-%d"


@rules.command("test")
def run_tests(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders of timelines (default: tests/ of the rules in use).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a case on stdout.")] = False,
    min_coverage: Annotated[
        int, typer.Option("--min-coverage", min=0, max=100, help="Fail below so many percent.", metavar="PERCENT")
    ] = 0,
    accept: Annotated[bool, typer.Option("--accept", help="Write what happened into the files as expected.")] = False,
    fuzz: Annotated[
        int, typer.Option("--fuzz", min=0, help="Also try the rules on so many random books.", metavar="N")
    ] = 0,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the messages.")] = Language.EN,
    settings: Path = SETTINGS_OPTION,
) -> None:
    """Live timelines through and compare all that is sent. No test at all is a failure. Exit status 0 or 4."""
    from mailbot.cli import rules_tests

    run = rules_tests.Run(lang.value, json=json, accept=accept)
    run.files(files or rules_tests.beside(settings))
    run.finish(min_coverage)
    if fuzz:
        run.fuzz(fuzz)
    raise typer.Exit(Status.DONE if run.good else Status.CHECK_FAILED)


@rules.command("ladder")
def show_ladder(
    file: Annotated[Path | None, typer.Argument(help="A rules file (default: rules/fr.yaml).")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=[_DAY], help="The first due date (default: 1 January).")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=1100, help="So many due dates.")] = 365,
    amount: Annotated[int, typer.Option("--amount", min=1, help="What the invoice is made out for.")] = 1200,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a profile on stdout.")] = False,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Show on which days each step really goes to a client who never answers, for each profile."""
    from decimal import Decimal

    from mailbot.cli.rules_simulated import policy_of
    from mailbot.config import shipped
    from mailbot.rules.ladder_report import ladder

    policy = policy_of(file if file is not None else shipped("rules") / "fr.yaml")
    start = first.date() if first is not None else (now or datetime.now(UTC)).date().replace(month=1, day=1)
    found = ladder(policy, start, days, Decimal(amount))
    steps = [step.id for step in policy.steps]
    for profile, spans in found.spans.items():
        if json:
            steps_of = {s: {"first": x.first, "last": x.last, "share": round(x.share, 4)} for s, x in spans.items()}
            print_json({"profile": profile, "from": start.isoformat(), "due_dates": days, "steps": steps_of})
    if not json:
        rows = [[p, *(str(spans.get(step, "-")) for step in steps)] for p, spans in found.spans.items()]
        print_table(["", *steps], rows, right=range(1, len(steps) + 1))
        say(f"{days} due dates from {start} on, {found.decisions:,} decisions; each yes given on the day it is asked")


@rules.command("simulate")
def simulate(
    client: Annotated[str | None, typer.Option("--client", help="A name, invoice number or id.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="The whole book, counted by day.")] = False,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="So many days from today.")] = 60,
    event: Annotated[
        list[str] | None, typer.Option("--event", help='What if: "2026-04-08 reply.promise date=2026-04-15".')
    ] = None,
    diff: Annotated[Path | None, typer.Option("--diff", help="What would move with this rules file.")] = None,
    replay: Annotated[
        int | None, typer.Option("--replay", min=1, max=1100, help="The last days again, beside what was really sent.")
    ] = None,
    cases: Annotated[Path | None, typer.Option("--cases", help="A book as `mailbot export` writes it.")] = None,
    policy: Annotated[Path | None, typer.Option("--rules", help="Another policy than the one in force.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a mail or change on stdout.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Show the mails to come, what another policy would move, or the past again. Nothing is sent or written."""
    asked = [client is not None, everybody, diff is not None, replay is not None]
    if not any(asked) or (client is not None and everybody) or (event and (client is None or asked[2] or asked[3])):
        say("Say whom: --client NAME (with --event …), or --all; or compare: --diff FILE, --replay DAYS.")
        raise typer.Exit(Status.USAGE)
    from mailbot.cli import rules_simulated as simulated

    with simulated.stage(settings, business, now, cases, policy, client) as found:
        if diff is not None:
            simulated.difference(found, simulated.policy_of(diff), days, json=json)
        elif replay is not None:
            simulated.replay(found, found.rules, replay, json=json)
        elif client is not None:
            simulated.one(found, days, event or [], json=json)
        else:
            simulated.everybody(found, days, json=json)
