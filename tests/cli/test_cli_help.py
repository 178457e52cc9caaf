"""Help is quick, complete, and everywhere."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest
from cli_house import mailbot

COMMANDS = ("demo", "init", "doctor", "run", "digest", "do", "status", "explain", "read", "invoice", "client",
            "bank", "rules", "config", "health", "export", "login",
            "owed", "legal-step", "dossier", "erase", "evidence", "backup")  # fmt: skip


def seconds(*words: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def test_help_costs_at_most_twenty_times_an_empty_python() -> None:
    seconds("-m", "mailbot", "--help")
    ratios = [seconds("-m", "mailbot", "--help") / seconds("-c", "pass") for _ in range(9)]

    assert median(ratios) <= 20, ratios


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys; from mailbot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(' '.join(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe, "--help"], check=True, capture_output=True, text=True)

    heavy = {"sqlalchemy", "pydantic", "dramatiq", "rich", "jinja2", "lxml", "yaml", "babel", "asyncio"}
    assert heavy & set(done.stderr.split()) == set()


def test_help_names_every_command(tmp_path: Path) -> None:
    done = mailbot("--help", folder=tmp_path)

    named = [line.split()[0] for line in done.out.partition("Commands:")[2].splitlines() if line]
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(tmp_path: Path, command: str) -> None:
    done = mailbot(command, "--help", folder=tmp_path)

    assert done.status == 0
    assert done.out.startswith("Usage: ")
