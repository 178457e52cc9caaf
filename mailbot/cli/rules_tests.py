"""Running files of timelines for `mailbot rules test`, and telling what came of it. Heavy: imported inside commands."""

import os
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import typer

from mailbot.cli.output import print_json, say
from mailbot.cli.rules import drawn, read_text, rule_templates
from mailbot.config import load_settings, shipped
from mailbot.model import Problem
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.rules.suites import Suite, read_heading, read_suite
from mailbot.rules.testing import Coverage, Outcome, accepted, coverage_of, run_case

_WIDTH = 46
_ZONE = ZoneInfo("Europe/Paris")
"""Of the random books: a zone whose clocks change twice a year."""
_SUFFIX = ".test.yaml"


def beside(settings: Path) -> list[Path]:
    """The folders "tests" beside the rules in use: those of mailbot.yaml, else the shipped ones."""
    if settings.exists():
        loaded, _ = load_settings(settings, os.environ)
        named = {business.rules for business in loaded.businesses if business.rules is not None}
        if named:
            return sorted({path.parent / "tests" for path in named})
    return [shipped("rules") / "tests"]


def load(path: Path) -> Rules | list[Problem]:
    """A rules file with the shipped templates; a file that cannot be read is a problem too."""
    text = read_text(path)
    if isinstance(text, Problem):
        return [text]
    return load_rules(text, str(path), rule_templates())


class Run:
    """One run over some files: counts, coverage per rules file, and whether all is good."""

    def __init__(self, *, json: bool, accept: bool) -> None:
        self.json = json
        self.accept = accept
        self.good = True
        self.cases = self.failed = self.decisions = 0
        self.seconds = 0.0
        self.rules: dict[Path, Rules] = {}
        self.covered: dict[Path, Coverage] = {}

    # ------------------------------------------------------------------------------------------- files

    def files(self, paths: Sequence[Path]) -> None:
        for path in paths:
            found = sorted(path.rglob(f"*{_SUFFIX}")) if path.is_dir() else [path]
            if not found:
                self._fail(Problem("no-tests", f"there is no *{_SUFFIX} in {path}", None, None, str(path)), "")
            for file in found:
                self._file(file)

    def _file(self, file: Path) -> None:
        text = read_text(file)
        if isinstance(text, Problem):
            self._fail(text, "")
            return
        heading = read_heading(text, str(file))
        if isinstance(heading, list):
            self._all(heading, text)
            return
        policy = file.parent / heading.rules
        rules = self._policy(policy)
        if rules is None:
            return
        suite = read_suite(heading, str(file), rules)
        if isinstance(suite, list):
            self._all(suite, text)
            return
        self._suite(file, text, suite, rules, self.covered.setdefault(policy.resolve(), coverage_of(rules)))

    def _policy(self, path: Path) -> Rules | None:
        known = self.rules.get(path.resolve())
        if known is not None:
            return known
        loaded = load(path)
        if isinstance(loaded, list):
            text = read_text(path)
            self._all(loaded, text if isinstance(text, str) else "")
            return None
        self.rules[path.resolve()] = loaded
        return loaded

    def _suite(self, file: Path, text: str, suite: Suite, rules: Rules, coverage: Coverage) -> None:
        if not self.json:
            typer.echo(f"{file}: {suite.name}")
        started = perf_counter()
        outcomes = [run_case(rules, case, coverage) for case in suite.cases]
        self.seconds += perf_counter() - started
        for outcome in outcomes:
            self.cases += 1
            self.decisions += outcome.decisions
            if not outcome.passed:
                self.failed += 1
                self.good = False
            self._tell(suite, outcome)
        if self.accept and not all(outcome.passed for outcome in outcomes):
            file.write_text(accepted(text, outcomes), encoding="utf-8")
            say(f"{file}: expectations written as they came out; look at them (git diff) before you keep them")

    # ----------------------------------------------------------------------------------------- telling

    def _tell(self, suite: Suite, outcome: Outcome) -> None:
        case = outcome.case
        if self.json:
            print_json({
                "file": suite.file, "line": case.line, "suite": suite.name, "case": case.name,
                "passed": outcome.passed, "got": list(outcome.got), "failures": list(outcome.failures),
                "pairs": [list(pair) for pair in outcome.pairs if pair[0] != pair[1]],
            })  # fmt: skip
            return
        if outcome.passed:
            typer.echo(f"  ok    {case.name}")
            return
        typer.echo(f"  FAIL  {case.name}   {suite.file}:{case.line}")
        if outcome.pairs:
            typer.echo(f"          {'expected':<{_WIDTH}}  got")
        for left, right in outcome.pairs:
            mark = " " if left == right else "≠"
            typer.echo(f"        {mark} {left or '-':<{_WIDTH}}  {right or '-'}")
        for line in (*outcome.failures, *outcome.waits):
            typer.echo(f"          {line}")

    def _fail(self, problem: Problem, text: str) -> None:
        self._all([problem], text)

    def _all(self, problems: Sequence[Problem], text: str) -> None:
        self.good = False
        for problem in problems:
            if self.json:
                message, _, hint = problem.message.partition("\n")
                print_json({
                    "file": problem.file, "line": problem.line, "column": problem.column, "code": problem.code,
                    "severity": "error", "message": message, "hint": hint or None,
                })  # fmt: skip
            else:
                say(drawn(problem, text) + "\n")

    def finish(self, min_coverage: int) -> None:
        """Say what was reached; no case at all is a failure."""
        self.good = self.good and self.cases > 0
        for path, coverage in self.covered.items():
            percent = int(coverage.share * 100)
            self.good = self.good and percent >= min_coverage
            if self.json:
                print_json({"rules": str(path), "coverage": round(coverage.share, 4), "never": coverage.never})
            else:
                never = "; ".join(coverage.never) or "none"
                typer.echo(f"coverage of {path.name}: {percent} %; never reached: {never}")
        rate = self.decisions / self.seconds if self.seconds else 0.0
        if self.json:
            print_json({
                "cases": self.cases, "failed": self.failed, "decisions": self.decisions,
                "decisions_per_s": round(rate), "passed": self.good,
            })  # fmt: skip
            return
        typer.echo(
            f"{self.cases} cases, {self.failed} failed, {self.decisions:,} decisions in {self.seconds * 1000:.0f} ms "
            f"({rate:,.0f} a second)"
        )
        if not self.cases:
            say("Nothing was tested: that is a failure.")

    # -------------------------------------------------------------------------------------------- fuzz

    def fuzz(self, books: int) -> None:
        """The same rules on random books: what must hold for every client and history."""
        from mailbot.rules.invariants import check_books

        for path, rules in self.rules.items():
            found = check_books(rules, books, _ZONE)
            self.good = self.good and not found.broken
            if self.json:
                print_json({
                    "rules": str(path), "books": books, "mails": found.mails, "decisions": found.decisions,
                    "broken": [{"book": b.book, "day": b.day.isoformat(), "what": b.what} for b in found.broken],
                })  # fmt: skip
                continue
            typer.echo(
                f"{path.name}: {books} random books, {found.mails:,} mails, {found.decisions:,} decisions, "
                f"{len(found.broken)} broken invariants"
            )
            for broken in found.broken[:20]:
                typer.echo(f"  book {broken.book}, {broken.day}: {broken.what}")
