"""`mailbot rules`: check a policy, and decide cases by it without a database."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli import app
from mailbot.cli.output import Language, Status, failed, print_json, say
from mailbot.cli.settings import SETTINGS_OPTION
from mailbot.errors import MailbotError
from mailbot.model import Problem

rules = typer.Typer(help="The policy: check it, decide by it.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rules, name="rules")


class Format(StrEnum):
    """How problems are written."""

    TEXT = "text"
    GITHUB = "github"


@rules.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="A rules file (default: those in use).")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a problem on stdout.")] = False,
    form: Annotated[Format, typer.Option("--format", help="github: annotations for GitHub Actions.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as mistakes.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the messages.")] = Language.EN,
    settings: Path = SETTINGS_OPTION,
) -> None:
    """Refuse a rules file with all its mistakes, or say that it is good. Exit status 0 or 3."""
    from mailbot.cli import rules_check

    report = rules_check.Report("json" if json else form.value, lang.value, strict=strict)
    outside = rules_check.outside(settings)
    for path in [file] if file is not None else in_use(settings):
        report.file(path, outside)
    raise typer.Exit(Status.INVALID if report.wrong else Status.DONE)


@rules.command("decide")
def decide_cases(
    cases: Annotated[Path, typer.Argument(help="Cases, one JSON object a line.")],
    json: Annotated[bool, typer.Option("--json", help="One decision a line on stdout.")] = False,
    rules_file: Annotated[Path | None, typer.Option("--rules", help="A rules file (default: rules/fr.yaml).")] = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Decide as a business in shadow mode.")] = False,
    lang: Annotated[Language | None, typer.Option("--lang", help="Of the reasons (default: the policy's).")] = None,
) -> None:
    """Decide cases without a database: {"client":{…},"invoices":[…],"events":[…],"day":"…"} a line."""
    from mailbot.config import shipped
    from mailbot.rules.canonical import read_case, to_record
    from mailbot.rules.decide import decide
    from mailbot.rules.explain import explain
    from mailbot.rules.load import load_rules

    path = rules_file if rules_file is not None else shipped("rules") / "fr.yaml"
    text = read_text(path)
    policy = [text] if isinstance(text, Problem) else load_rules(text, str(path), rule_templates())
    if isinstance(policy, list):
        for problem in policy:
            say(drawn(problem, "" if isinstance(text, Problem) else text) + "\n")
        raise typer.Exit(Status.INVALID)
    if lang is not None:
        policy = replace(policy, language=lang.value)
    partly = False
    for number, line in case_lines(cases):
        try:
            client, events, day = read_case(line)
        except ValueError as error:
            partly = True
            _failed(f"{cases}:{number}", str(error), json=json)
            continue
        decision = decide(policy, client, events, day, shadow=shadow)
        if json:
            print_json({"file": f"{cases}:{number}", **to_record(decision)})
        else:
            typer.echo(explain(decision, policy, policy.language) + "\n")
    raise typer.Exit(Status.PARTLY if partly else Status.DONE)


def case_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The cases of a file with the numbers of their lines. Raises MailbotError where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except OSError as error:
        raise MailbotError(f"{path} cannot be read: {error.strerror}.") from error


def _failed(place: str, message: str, *, json: bool) -> None:
    if json:
        print_json(failed(place, "bad-case", message))
    else:
        say(f"{place}: {message}")


def in_use(settings: Path) -> Iterator[Path]:
    """The rules of all businesses of mailbot.yaml, else the shipped ones."""
    from mailbot.config import load_settings, shipped

    if settings.exists():
        loaded, _ = load_settings(settings, os.environ)
        named = {business.rules for business in loaded.businesses if business.rules is not None}
        if named:
            yield from sorted(named)
            return
    yield from sorted(shipped("rules").glob("*.yaml"))


def rule_templates() -> frozenset[str]:
    """The mails that a rule can send to a client."""
    from mailbot.config import shipped
    from mailbot.outbox.compose import Templates
    from mailbot.rulesfile import TO_OWNERS

    return Templates(shipped("templates")).names() - TO_OWNERS


def read_text(path: Path, language: str = "en") -> str | Problem:
    """The text of a file, or why it cannot be read."""
    from mailbot.rules.messages import message

    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        why = message(language, "unreadable", path=path, why=error.strerror)
        return Problem("unreadable", why, 1, 1, str(path))
    except UnicodeDecodeError as error:
        return Problem("not-utf-8", message(language, "not-utf-8", byte=error.start), 1, 1, str(path))


def drawn(problem: Problem, text: str, severity: str = "error") -> str:
    """`file:line:col: error[code]: …` with the line, a caret below the word, and the hint."""
    message, _, hint = problem.message.partition("\n")
    line, column = problem.line or 1, problem.column or 1
    found = [f"{problem.file}:{line}:{column}: {severity}[{problem.code}]: {message}"]
    lines = text.splitlines()
    if line <= len(lines):
        source = lines[line - 1].replace("\t", " ")
        word = re.match(r"[\w.&*!-]+|\S", source[column - 1 :])
        found.append(f"{line:>4} | {source}")
        found.append("     | " + " " * (column - 1) + "^" * (len(word[0]) if word else 1))
    found += [f"     = {part}" for part in hint.splitlines()]
    return "\n".join(found)
