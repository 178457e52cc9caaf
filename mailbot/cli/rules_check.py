"""Checking rules files for `mailbot rules check`, and writing what was found. Heavy: imported inside commands."""

import os
from pathlib import Path
from typing import Literal

import typer

from mailbot.cli.mail_variables import letter_variables, unknown_variables
from mailbot.cli.output import print_json, say
from mailbot.cli.rules import drawn, read_text, rule_templates
from mailbot.config import load_settings, shipped
from mailbot.model import Problem
from mailbot.rules.check import Checked, Outside, check_rules

Severity = Literal["error", "warning"]
_COUNTS = {
    "en": "{profiles} profiles, {steps} steps, {reactions} reactions, {errors} errors, {warnings} warnings",
    "fr": "{profiles} profils, {steps} étapes, {reactions} réactions, {errors} erreurs, {warnings} avertissements",
}
_REFUSED = {"en": "{errors} error(s), {warnings} warning(s)", "fr": "{errors} erreur(s), {warnings} avertissement(s)"}


def outside(settings: Path) -> Outside:
    """The mails there are, and what the installation is connected to; without settings nothing is said of that."""
    connected = None
    if settings.exists():
        loaded, _ = load_settings(settings, os.environ)
        tracked = {
            name
            for business in loaded.businesses
            for name in ("opens", "clicks", "read_receipts")
            if getattr(business.tracking, name) != "never"
        }
        connected = frozenset({"bank", *tracked})  # a bank file can come at any time: the doctor says if none does
    known = tuple(sorted(letter_variables()))
    return Outside(rule_templates(), unknown_variables(shipped("templates")), known, connected)


class Report:
    """Writes the problems of each file as they are found."""

    def __init__(self, form: str, language: str, *, strict: bool) -> None:
        self.form = form
        self.language = language
        self.strict = strict
        self.wrong = False

    def file(self, path: Path, outside: Outside) -> None:
        """Check one file and write what was found."""
        text = read_text(path, self.language)
        if isinstance(text, Problem):
            found, shown = Checked(None, (text,), ()), ""
        else:
            found, shown = check_rules(text, str(path), outside, language=self.language), text
        self.wrong |= bool(found.errors) or (self.strict and bool(found.warnings))
        for problem in found.errors:
            self.problem(problem, shown, "error")
        for problem in found.warnings:
            self.problem(problem, shown, "warning")
        self.end(path, found)

    def problem(self, problem: Problem, text: str, severity: Severity) -> None:
        message, _, hint = problem.message.partition("\n")
        if self.form == "json":
            print_json({
                "file": problem.file, "line": problem.line, "column": problem.column, "code": problem.code,
                "severity": severity, "message": message, "hint": hint or None,
            })  # fmt: skip
        elif self.form == "github":
            typer.echo(_annotation(problem, severity))
        else:
            say(drawn(problem, text, severity) + "\n")

    def end(self, path: Path, found: Checked) -> None:
        """How many rules and problems."""
        counts = {"errors": len(found.errors), "warnings": len(found.warnings)}
        if self.form == "json":
            print_json({"file": str(path), "valid": not found.errors, **counts})
            return
        if found.rules is None:
            say(f"{path}: {_REFUSED[self.language].format(**counts)}")
            return
        rules = found.rules
        sizes = {"profiles": len(rules.profiles), "steps": len(rules.steps), "reactions": len(rules.reactions)}
        said = _COUNTS[self.language].format(**sizes, **counts)
        (say if self.form == "github" else typer.echo)(f"{path}: {said}")


def _annotation(problem: Problem, severity: Severity) -> str:
    """A workflow command; newlines, percent signs, colons and commas are escaped as GitHub asks."""
    text = problem.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    place = {"file": problem.file or "", "line": problem.line or 1, "col": problem.column or 1, "title": problem.code}
    fields = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    return f"::{severity} {fields}::{text}"


def _property(value: str) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        value = value.replace(character, code)
    return value
