"""`mailbot invoice import` and `mailbot invoice export`: lists from other tools in, entries for the accountant out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.cli.invoice import invoice
from mailbot.cli.leftovers import OF_MAILS, tell_left_out
from mailbot.cli.output import Status, print_json, print_table, say, shown
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION
from mailbot.model import Problem

_WORDS = {
    "new": "+ new", "changed": "~ changed", "paid": "- paid", "same": "= same", "asked": "? asked",
    "skipped": ". skipped",
}  # fmt: skip


@invoice.command("import")
def import_invoices(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Lists (CSV, XLSX, FEC), invoices (PDF, XML), or folders.")
    ],
    apply: Annotated[
        bool, typer.Option("--apply", help="Change the ledger; without it only the preview is shown.")
    ] = False,
    terms: Annotated[
        int | None,
        typer.Option(min=0, max=365, help="Days until payment where a list names no due date (a FEC never does)."),
    ] = None,
    contacts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A list (CSV, XLSX) of clients by account or name, with their e-mail and payment terms.",
        ),
    ] = None,
    month_first: Annotated[
        bool, typer.Option("--month-first", help="Read 03/04/2026 as March 4th where nothing in the list decides.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object an invoice and a problem.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Take in invoices that exist already; importing again changes only what changed."""
    from mailbot.cli.importing import READABLE, Wanted, import_files
    from mailbot.cli.installation import one_business

    with one_business(settings, business, now) as (installation, office):
        wanted = Wanted(terms, month_first, contacts)
        changes, problems = import_files(office, paths, installation.now(), apply=apply, wanted=wanted)
    if json:
        for change in changes:
            print_json({"applied": apply, **asdict(change)})
        for problem in problems:
            print_json({"error": asdict(problem)})
    else:
        _show(changes, problems, apply=apply)
    tell_left_out(paths, READABLE, OF_MAILS)
    if problems:
        raise typer.Exit(Status.PARTLY)


@invoice.command("export")
def export_entries(
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    fec: Annotated[
        bool, typer.Option("--fec", help="With the columns of a FEC (no FEC: journal entries to import).")
    ] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
) -> None:
    """Write receipts, discounts, credits, penalties and write-offs as CSV for the accountant."""
    import sys

    from mailbot.cli.installation import one_business
    from mailbot.jobs.exporting import as_csv, as_fec, entries

    first, last = since.date() if since else date.min, until.date() if until else date.max
    if first > last:
        say(f"--from {first} is after --to {last}: give the earlier day first.")
        raise typer.Exit(Status.USAGE)
    with one_business(settings, business) as (_, office):
        found = entries(office, first, last)
    sys.stdout.write(as_fec(found) if fec else as_csv(found))
    if not found:
        say("There is nothing in these days.")


def _show(changes: Sequence[Any], problems: Sequence[Problem], *, apply: bool) -> None:
    shown_ones = [change for change in changes if change.what != "same"]
    if shown_ones:
        rows = [(_WORDS[one.what], one.number, shown(one.client), shown(one.detail)) for one in shown_ones]
        print_table(("", "Number", "Client", "What"), rows)
    for problem in problems:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
        say(f"{place}: {shown(problem.message)}")
    counts = {what: sum(one.what == what for one in changes) for what in _WORDS}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
    say(f"{said}{f', {len(problems)} problem(s)' if problems else ''}.")
    if shown_ones and not apply:
        say("Nothing was changed. Add --apply to take this in.")
