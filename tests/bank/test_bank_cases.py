"""Every graded case of tests/cases/bank, through the command line as anybody would run it."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailbot.cli.bank import bank

CASES = Path(__file__).parents[1] / "cases" / "bank"
READ = sorted((CASES / "read").glob("*.expected.json"))
MATCH = sorted(folder for folder in (CASES / "match").glob("*") if folder.is_dir())


def run(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(bank, list(arguments))
    assert result.exit_code in (0, 6), result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """What was expected and is not there; keys that are absent say nothing."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from differences(value, found.get(key), f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(value, other, f"{where}[{at}]")
    elif expected != found:
        yield f"{where}: expected {expected!r}, found {found!r}"


@cache
def _read() -> dict[str, dict[str, Any]]:
    return {Path(found["file"]).stem: found for found in run("read", "--json", str(CASES / "read"))}


@cache
def _matched(folder: Path) -> list[dict[str, Any]]:
    files = map(str, sorted(folder.glob("*.ofx")))
    return run("match", "--json", "--invoices", str(folder / "open.csv"), *files)


def test_there_are_cases() -> None:
    assert READ
    assert MATCH


@pytest.mark.parametrize("expected_file", READ, ids=lambda path: path.name.split(".")[0])
def test_statement_is_read_as_expected(expected_file: Path) -> None:
    expected = json.loads(expected_file.read_text("utf-8"))
    found = _read()[expected_file.name.removesuffix(".expected.json")]

    assert ("error" in found) == bool(expected.get("error"))
    if "accounts" in expected:
        assert list(differences(expected["accounts"], found["accounts"])) == []
    problems = found.get("problems", [])
    assert len(problems) == expected.get("problems", len(problems)), problems
    assert len(problems) >= expected.get("problems_min", 0)
    lines = sum(len(account["lines"]) for account in found.get("accounts", []))
    assert lines + len(problems) >= expected.get("total", 0)


def _truths() -> list[Any]:
    truths = []
    for folder in MATCH:
        for text in (folder / "truth.jsonl").read_text("utf-8").splitlines():
            truth = json.loads(text)
            truths.append(pytest.param(folder, truth, id=f"{folder.name}-{truth['file']}-{truth['line']}"))
    return truths


@pytest.mark.parametrize(("folder", "truth"), _truths())
def test_line_is_matched_as_expected(folder: Path, truth: dict[str, Any]) -> None:
    found = [match for match in _matched(folder) if Path(match["file"]).name == truth["file"]][truth["line"]]

    allowed = truth.get("decision", found["decision"])
    assert found["decision"] in ([allowed] if isinstance(allowed, str) else allowed), found
    assert not (truth.get("never_auto") and found["decision"] == "auto")
    right = _sorted(truth.get("allocations", []))
    if right and found["decision"] == "auto":
        assert _sorted(found["allocations"]) == right
    if right and found["decision"] == "ask":
        assert right in [_sorted(choice) for choice in found["choices"]]


def _sorted(shares: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((share["invoice"], share["amount"]) for share in shares)
