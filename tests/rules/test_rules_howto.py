"""The page on changing the rules: what it shows as printed is what is printed."""

import subprocess
import sys
from pathlib import Path

import pytest
from rules_story import ROOT

PAGE = (ROOT / "docs" / "howto" / "change-the-rules.md").read_text(encoding="utf-8")
ENGLISH = (ROOT / "rules" / "en.yaml").read_text(encoding="utf-8")
TIMELINE = """\
suite: Our reminders
rules: ../new.yaml
client: {client.category: standard}
invoice: {id: F-041, amount: 1200, issued: 2026-03-02, due: 2026-04-01}
cases:
  - name: A promise that is not kept
    events:
      - 2026-04-08 reply.promise date=2026-04-15
    until: 2026-04-29
    expect:
      - 2026-03-27 send courtesy
      - 2026-04-01 send due_today
      - 2026-04-07 send reminder_1
      - 2026-04-20 send promise_broken direct
      - 2026-04-22 send reminder_2 direct
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "tests").mkdir(parents=True)
    (tmp_path / "rules" / "tests" / "new.test.yaml").write_text(TIMELINE)
    return tmp_path


def printed(folder: Path, good: str, bad: str, *command: str) -> str:
    """What a command says of the English policy with one line changed."""
    assert good in ENGLISH
    (folder / "rules" / "new.yaml").write_text(ENGLISH.replace(good, bad, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", "rules", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_the_mistake_on_the_page_is_told_as_shown(folder):
    said = printed(folder, "when: due + 10 days", "when: due + 14 dys", "check", "rules/new.yaml")

    assert said.partition("\n\n")[0] in PAGE


def test_the_timeline_on_the_page_fails_as_shown(folder):
    change = ("until promise.date + 2 business days", "until promise.date + 4 business days")
    said = printed(folder, *change, "test", "rules/tests/new.test.yaml")

    assert said.partition("coverage")[0] in PAGE


def test_the_lines_of_the_policy_that_the_page_names_are_these():
    lines = ENGLISH.split("\n")

    for number, text in ((72, "- id: standard"), (23, "bank.sync_age > 3 business days"), (127, "- id: promise"),
                         (113, "- id: formal_notice"), (106, "- id: reminder_2")):  # fmt: skip
        assert text in lines[number - 1]
