"""`mailbot evidence`: check the chain of seals, and give it to others as a file that they can check."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, print_json, say
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION

evidence = typer.Typer(no_args_is_help=True)
app.add_typer(evidence, name="evidence", help="The chain of seals over everything that happened.")


@evidence.command("verify")
def verify(
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Check this export or dossier; needs no ledger.")
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="N:SHA256", help="A seal that stood in a digest: the chain must contain it."),
    ] = None,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Compute every seal again from the events and the raw bytes of mails, bank files and invoices."""
    witnesses = [_witness(text) for text in head or ()]
    if export is not None:
        _verify_file(export, witnesses, as_json=as_json)
        return
    from mailbot.cli.installation import one_business
    from mailbot.evidence.chain import CODES
    from mailbot.jobs.chaining import verify_ledger

    with one_business(settings, business, now) as (_, office):
        found = verify_ledger(office, witnesses)
    if as_json:
        wrong = [{"seal": one.n, "code": one.code, "about": one.about} for one in found.findings]
        print_json({
            "business": found.business, "seals": found.n, "head": found.link, "waiting": found.waiting,
            "erased": found.erased, "contents": found.contents, "contents_waiting": found.contents_waiting,
            "findings": wrong,
        })  # fmt: skip
    else:
        for one in found.findings:
            place = f"seal {one.n}: " if one.n else ""
            say(f"{place}{CODES[one.code]}{f' ({one.about})' if one.about else ''}")
        typer.echo(
            f"{found.n} seals over {found.contents} mails, bank files and documents; not sealed yet: {found.waiting} "
            f"events, {found.contents_waiting} contents; {found.erased} erased on purpose"
        )
        typer.echo(f"head {found.n}:{found.link}" if found.n else "Nothing is sealed yet; `mailbot run` does it.")
    if found.findings:
        raise typer.Exit(Status.CHECK_FAILED)


@evidence.command("export")
def export(
    file: Path = typer.Argument(..., metavar="FILE.zip", help="Where to write it."),
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Write the whole chain with all events, mails, bank files and invoices, and a script that checks it."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs.proving import write_export

    with one_business(settings, business, now) as (installation, office):
        try:
            made = write_export(office, file, installation.now())
        except OSError as error:
            say(f"{file} cannot be written: {error.strerror}.")
            raise typer.Exit(Status.FAILURE) from error
    say(f"Wrote {file}: {made.n} seals. Anybody checks it with Python alone: python3 verify.py {file.name}")
    typer.echo(f"head {made.n}:{made.link}")
    if made.verdict.findings:
        say("The chain is not in order: mailbot evidence verify")
        raise typer.Exit(Status.CHECK_FAILED)


def _verify_file(path: Path, witnesses: list[tuple[int, str]], *, as_json: bool) -> None:
    import zipfile

    from mailbot.evidence.verify_standalone import verify as check

    try:
        wrong, summary = check(path, tuple(witnesses))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        say(f"{error}")
        raise typer.Exit(Status.FAILURE) from error
    if as_json:
        print_json({"file": str(path), "findings": wrong, "summary": summary})
    else:
        for one in wrong:
            say(one)
        typer.echo(summary)
    if wrong:
        raise typer.Exit(Status.CHECK_FAILED)


def _witness(text: str) -> tuple[int, str]:
    number, _, link = text.strip().replace(" ", ":", 1).partition(":")
    if not number.isdecimal() or len(link) != 64:
        say(f"{text!r} is no head: it is the number and the hash as a digest has them, N:SHA256.")
        raise typer.Exit(Status.USAGE)
    return int(number), link.lower()
