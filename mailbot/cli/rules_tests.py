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
from mailbot.rules.messages import message
from mailbot.rules.suites import Suite, read_heading, read_suite
from mailbot.rules.testing import Coverage, Outcome, accepted, coverage_of, run_case

_WIDTH = 46
_NEVER = 6
"""So much of what was never reached is listed for people; `--json` lists all."""
_WORDS = {
    "en": {
        "expected": "expected", "got": "got", "none": "none", "more": "; and {n} more (--json lists all)",
        "coverage": "coverage of {name}: {percent} %; never reached: {never}",
        "count": "{cases} cases, {failed} failed, {decisions} decisions in {ms:.0f} ms ({rate} a second)",
        "nothing": "Nothing was tested: that is a failure.",
        "written": "{file}: expectations written as they came out; look at them (git diff) before you keep them",
        "fuzz": "{name}: {books} random books, {mails} mails, {decisions} decisions, {broken} broken invariants",
        "book": "  book {book}, {day}: {what}",
    },
    "fr": {
        "expected": "attendu", "got": "obtenu", "none": "rien", "more": " ; et {n} de plus (--json donne tout)",
        "coverage": "couverture de {name} : {percent} % ; jamais atteint : {never}",
        "count": "{cases} cas, {failed} en échec, {decisions} décisions en {ms:.0f} ms ({rate} par seconde)",
        "nothing": "Rien n'a été testé : c'est un échec.",
        "written": "{file} : attentes écrites telles qu'obtenues ; relisez-les (git diff) avant de les garder",
        "fuzz": "{name} : {books} carnets au hasard, {mails} messages, {decisions} décisions, {broken} invariants "
        "rompus",
        "book": "  carnet {book}, {day} : {what}",
    },
}  # fmt: skip
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


def load(path: Path, language: str = "en") -> Rules | list[Problem]:
    """A rules file with the shipped templates; a file that cannot be read is a problem too."""
    text = read_text(path, language)
    if isinstance(text, Problem):
        return [text]
    return load_rules(text, str(path), rule_templates(), language=language)


class Run:
    """One run over some files: counts, coverage per rules file, and whether all is good."""

    def __init__(self, language: str, *, json: bool, accept: bool) -> None:
        self.language = language
        self.words = _WORDS[language]
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
                why = message(self.language, "no-tests", suffix=_SUFFIX, path=path)
                self._fail(Problem("no-tests", why, None, None, str(path)), "")
            for file in found:
                self._file(file)

    def _file(self, file: Path) -> None:
        text = read_text(file, self.language)
        if isinstance(text, Problem):
            self._fail(text, "")
            return
        heading = read_heading(text, str(file), self.language)
        if isinstance(heading, list):
            self._all(heading, text)
            return
        policy = file.parent / heading.rules
        rules = self._policy(policy)
        if rules is None:
            return
        suite = read_suite(heading, str(file), rules, self.language)
        if isinstance(suite, list):
            self._all(suite, text)
            return
        self._suite(file, text, suite, rules, self.covered.setdefault(policy.resolve(), coverage_of(rules)))

    def _policy(self, path: Path) -> Rules | None:
        known = self.rules.get(path.resolve())
        if known is not None:
            return known
        loaded = load(path, self.language)
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
        outcomes = [run_case(rules, case, coverage, self.language) for case in suite.cases]
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
            say(self.words["written"].format(file=file))

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
            typer.echo(f"          {self.words['expected']:<{_WIDTH}}  {self.words['got']}")
        for left, right in outcome.pairs:
            mark = " " if left == right else "≠"
            typer.echo(f"        {mark} {left or '-':<{_WIDTH}}  {right or '-'}")
        for line in (*outcome.failures, *outcome.waits):
            typer.echo(f"          {line}")

    def _count(self, number: int) -> str:
        return f"{number:,}".replace(",", " " if self.language == "fr" else ",")

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
                never = "; ".join(coverage.never[:_NEVER]) or self.words["none"]
                if len(coverage.never) > _NEVER:
                    never += self.words["more"].format(n=len(coverage.never) - _NEVER)
                typer.echo(self.words["coverage"].format(name=path.name, percent=percent, never=never))
        rate = self.decisions / self.seconds if self.seconds else 0.0
        if self.json:
            print_json({
                "cases": self.cases, "failed": self.failed, "decisions": self.decisions,
                "decisions_per_s": round(rate), "passed": self.good,
            })  # fmt: skip
            return
        counts = {"cases": self.cases, "failed": self.failed, "decisions": self._count(self.decisions)}
        typer.echo(self.words["count"].format(**counts, ms=self.seconds * 1000, rate=self._count(round(rate))))
        if not self.cases:
            say(self.words["nothing"])

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
            counts = {"mails": self._count(found.mails), "decisions": self._count(found.decisions),
                      "broken": len(found.broken)}  # fmt: skip
            typer.echo(self.words["fuzz"].format(name=path.name, books=books, **counts))
            for broken in found.broken[:20]:
                typer.echo(self.words["book"].format(book=broken.book, day=broken.day, what=broken.what))
