"""The page on output for scripts: its commands print objects with exactly the keys that it shows."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailbot import cli
from mailbot.cli import bank, invoice, read, rules

ROOT = Path(__file__).parents[2]
_PAIR = re.compile(r"```sh\n(mailbot .+?)\n```\n\n```json\n(.+?)\n```", re.DOTALL)
PAIRS = _PAIR.findall((ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8"))
MODULES = (bank, invoice, read, rules)  # their import declares the commands


@pytest.mark.parametrize(("command", "sample"), PAIRS, ids=[command for command, _ in PAIRS])
def test_a_command_prints_the_keys_that_the_page_shows(command, sample, monkeypatch):
    monkeypatch.chdir(ROOT)

    printed = CliRunner().invoke(cli.app, shlex.split(command)[1:])

    assert printed.exit_code == 0, printed.output
    assert shape(json.loads(printed.stdout.splitlines()[0])) == shape(json.loads(sample))


def shape(value: Any) -> Any:
    """The keys of an object, level by level, in order; of a list its first item."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return None


def test_the_page_shows_every_command_that_needs_no_installation():
    shown = {" ".join(shlex.split(command)[1:3]).partition(" --")[0] for command, _ in PAIRS}

    assert shown == {"read", "invoice read", "bank read", "bank match", "rules decide"}
