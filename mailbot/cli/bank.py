"""`mailbot bank`: take bank files in; or read them and try the matcher, without a database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, failed, print_json, say, walk
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION
from mailbot.errors import MailbotError, ReaderError
from mailbot.model import JSON, Account, Line, Match, OpenItem, Problem, Share, Statement

bank = typer.Typer(help="Bank files: read them, match them with open invoices.", no_args_is_help=True)
app.add_typer(bank, name="bank")

SUFFIXES = (
    ".ofx", ".qfx", ".qbo", ".qif", ".ofc", ".sgml", ".xml", ".camt", ".c52", ".c53", ".c54",
    ".sta", ".mt940", ".mt942", ".940", ".942", ".swi", ".txt", ".csv", ".tsv",
)  # fmt: skip
Files = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Bank files, or folders of them.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@bank.command()
def read(paths: Files, as_json: Json = False) -> None:
    """Show what a bank file says: accounts, lines, and what could not be read."""
    partly = False
    for file, statement in _statements(paths):
        partly |= isinstance(statement, Problem)
        if as_json:
            print_json(
                _failure(file, statement) if isinstance(statement, Problem) else {"file": file, **_statement(statement)}
            )
        elif isinstance(statement, Problem):
            say(f"{file}: {_said(statement)}")
        else:
            _show_statement(file, statement)
    raise typer.Exit(Status.PARTLY if partly else Status.DONE)


@bank.command()
def match(
    statements: Annotated[list[Path], typer.Argument(metavar="STATEMENT...", help="Bank files, or folders of them.")],
    invoices: Annotated[Path, typer.Option(help="The open invoices as CSV (columns: number, kind, client, …).")],
    as_json: Json = False,
) -> None:
    """Show which lines pay which open invoices; nothing is recorded."""
    from mailbot.bank.match import match_lines

    items = _open_items(invoices)
    read = list(_statements(statements))
    lines = {line.id: line for _, statement in read for line in _lines(statement)}
    matches = dict(zip(lines, match_lines(list(lines.values()), items), strict=True))
    for file, statement in read:
        if isinstance(statement, Problem):
            print_json(_failure(file, statement)) if as_json else say(f"{file}: {_said(statement)}")
        elif as_json:
            for line in _lines(statement):
                print_json({"file": file, **_match(matches[line.id])})
        else:
            _show_matches(file, _lines(statement), matches)
    raise typer.Exit(Status.PARTLY if any(isinstance(one, Problem) for _, one in read) else Status.DONE)


@bank.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Bank files, or folders of them.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be new, and change nothing.")
    ] = False,
    as_json: Json = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """Take bank files in: what is certain is booked, the rest becomes a question to you."""
    from mailbot.cli.importing import import_statement
    from mailbot.cli.installation import one_business

    partly = False
    with one_business(settings, business, now) as (installation, office):
        for file, path in walk(files, SUFFIXES):
            taken = import_statement(office, path, installation.now(), dry_run=dry_run)
            if isinstance(taken, Problem):
                partly = True
                print_json(_failure(file, taken)) if as_json else say(f"{file}: {_said(taken)}")
                continue
            partly |= bool(taken.problems)
            if taken.problems:
                more = f" (and {len(taken.problems) - 3} more)" if len(taken.problems) > 3 else ""
                say(f"{file}: {' '.join(taken.problems[:3])}{more}")
            if as_json:
                print_json({"file": file, "dry_run": dry_run, **asdict(taken)})
            else:
                counts = f"{taken.new} new, {taken.known} known, {taken.changed} changed"
                found = f"{taken.booked} booked, {taken.asked} to ask you"
                typer.echo(f"{file}: {counts}; {found}" + (" (nothing was changed)" if dry_run else ""))
    raise typer.Exit(Status.PARTLY if partly else Status.DONE)


def _lines(statement: Statement | Problem) -> list[Line]:
    return [] if isinstance(statement, Problem) else [line for account in statement.accounts for line in account.lines]


def _statements(paths: Sequence[Path]) -> Iterator[tuple[str, Statement | Problem]]:
    """Each file as it was read, in a child process with limits: a bank file may come from anybody."""
    from mailbot.bank.values import MAX_BYTES
    from mailbot.sandbox import Sandbox

    with Sandbox(MAX_BYTES, seconds=60.0) as sandbox:
        for file, path in walk(paths, SUFFIXES):
            yield file, _read(sandbox.run, path)


def _read(run: Callable[..., Any], path: Path) -> Statement | Problem:
    try:
        read: Statement | Problem = run("statement", path.read_bytes(), name=path.name)
    except OSError as error:
        return Problem("unreadable", f"the file cannot be opened ({error.strerror})")
    except ReaderError as error:
        return Problem(error.code, str(error))
    return read


def _open_items(path: Path) -> list[OpenItem]:
    from mailbot.bank.listing import read_open_items

    try:
        read = read_open_items(path.read_text("utf-8"))
    except OSError as error:
        raise MailbotError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise MailbotError(f"{path} is no UTF-8 text: save it as CSV in UTF-8.") from error
    problems = [found for found in read if isinstance(found, Problem)]
    for problem in problems:
        say(f"{path}:{problem.line}: {problem.message}")
    if problems:
        raise typer.Exit(Status.FAILURE)
    return [found for found in read if isinstance(found, OpenItem)]


def _failure(file: str, problem: Problem) -> dict[str, JSON]:
    return failed(file, problem.code, _said(problem))


def _said(problem: Problem) -> str:
    """What is wrong, without the name that the reader puts first: the file stands before it everywhere here."""
    return problem.message.removeprefix(f"{problem.file}: ")


def _statement(statement: Statement) -> dict[str, JSON]:
    return {
        "format": statement.format,
        "accounts": [_account(account) for account in statement.accounts],
        "problems": [
            {"line": problem.line, "code": problem.code, "message": problem.message} for problem in statement.problems
        ],
    }


def _account(account: Account) -> dict[str, JSON]:
    return {
        "id": account.id or None,
        "iban": account.iban,
        "currency": account.currency or None,
        "from": account.from_.isoformat() if account.from_ else None,
        "to": account.to.isoformat() if account.to else None,
        "balance": None if account.balance is None else f"{account.balance:.2f}",
        "difference": f"{account.difference:.2f}",
        "lines": [_line(line) for line in account.lines],
    }


def _line(line: Line) -> dict[str, JSON]:
    return {
        "id": line.id,
        "date": line.date.isoformat(),
        "amount": f"{line.amount:.2f}",
        "currency": line.currency or None,
        "name": line.name,
        "memo": line.memo,
        "reference": line.reference,
        "type": line.type,
        "payer": line.payer,
        "payer_iban": line.payer_iban,
        "end_to_end": line.end_to_end,
        "creditor_reference": line.creditor_reference,
        "pending": line.pending,
        "bank_id": line.bank_id,
        "corrects": line.corrects,
        "reversal": line.reversal,
        "reverses": line.reverses,
        "reason": line.reason,
        "original_amount": None if line.original_amount is None else f"{line.original_amount:.2f}",
        "original_currency": line.original_currency or None,
        "fee": f"{line.fee:.2f}",
        "count": line.count,
    }


def _match(match: Match) -> dict[str, JSON]:
    return {
        "line": match.line,
        "amount": f"{match.amount:.2f}",
        "decision": match.decision,
        "allocations": _shares(match.allocations),
        "choices": [_shares(shares) for shares in match.choices],
        "evidence": list(match.evidence),
        "rejected": [{"invoice": invoice, "why": why} for invoice, why in match.rejected],
    }


def _shares(shares: Sequence[Share]) -> list[JSON]:
    return [{"invoice": share.invoice, "amount": f"{share.amount:.2f}"} for share in shares]


def _show_statement(file: str, statement: Statement) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(soft_wrap=True)
    for account in statement.accounts:
        period = f"{account.from_ or '?'} to {account.to or '?'}"
        balance = "" if account.balance is None else f", balance {account.balance:.2f}"
        table = Table("Date", "Name", "Memo", "Reference", "Type", "Amount", title_justify="left")
        table.title = escape(f"{file}: account {account.id or '?'}, {period}{balance}")
        for line in account.lines:
            amount = f"{line.amount:.2f} {line.currency}"
            day = f"{line.date.isoformat()} (pending)" if line.pending else line.date.isoformat()
            table.add_row(*map(escape, (day, line.name, line.memo, line.reference, line.type, amount)))
        console.print(table)
    for problem in statement.problems:
        say(f"{file}:{problem.line or ''}: {problem.message}")


def _show_matches(file: str, lines: Sequence[Line], matches: Mapping[str, Match]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Date", "Label", "Amount", "Decision", title=escape(file), title_justify="left")
    for name in ("Invoices", "Why"):
        table.add_column(name, overflow="fold")
    for line in lines:
        match = matches[line.id]
        offers = [match.allocations] if match.allocations else list(match.choices)
        invoices = " or ".join(" + ".join(share.invoice for share in shares) for shares in offers)
        label = " ".join(part for part in (line.name, line.memo) if part)
        amount = f"{line.amount:.2f} {line.currency}"
        table.add_row(
            *map(
                escape,
                (line.date.isoformat(), label, amount, match.decision, invoices, ", ".join(match.evidence)),
            )
        )
    Console(soft_wrap=True).print(table)
