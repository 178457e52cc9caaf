"""`mailbot rules check`, `signals`, `schema`, `help` and `init` as they are typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rules_story import CASES, ROOT

from mailbot.rules.codes import every_code
from mailbot.rules.signals import EVENTS, SIGNALS

WHOLE = CASES / "whole.yaml"


def mailbot(*words: str, folder: Path = ROOT, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailbot", "rules", *words],
        capture_output=True, text=True, cwd=folder, check=False, input=typed, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_good_file_with_warnings_is_good_unless_strict():
    plain, strict = mailbot("check", str(WHOLE)), mailbot("check", "--strict", str(WHOLE))

    assert (plain.returncode, strict.returncode) == (0, 3)
    assert "4 profiles, 6 steps, 9 reactions, 0 errors" in plain.stdout
    assert "warning[no-reaction]" in plain.stderr


def test_mistakes_are_written_for_github(tmp_path):
    bad = tmp_path / "a,b.yaml"
    bad.write_text(WHOLE.read_text(encoding="utf-8").replace("tone: firm", "tonne: firm", 1), encoding="utf-8")
    done = mailbot("check", "--format", "github", "--lang", "fr", bad.name, folder=tmp_path)

    assert done.returncode == 3
    assert done.stdout.startswith(
        "::error file=a%2Cb.yaml,line=41,col=5,title=unknown-key::clé inconnue « tonne »%0Avouliez-vous dire « tone » ?"
    )
    assert "Traceback" not in done.stderr


def test_json_says_how_severe_each_problem_is():
    done = mailbot("check", "--json", str(WHOLE))
    records = [json.loads(line) for line in done.stdout.splitlines()]

    assert {record["severity"] for record in records[:-1]} == {"warning"}
    assert (records[-1]["valid"], records[-1]["errors"], records[-1]["warnings"]) == (True, 0, len(records) - 1)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "x.yaml").write_bytes(content)
    done = mailbot("check", "x.yaml", folder=tmp_path)

    assert done.returncode == 3
    assert "x.yaml:1:1: error[" in done.stderr


def test_all_signals_and_events_are_listed():
    records = [json.loads(line) for line in mailbot("signals", "--json").stdout.splitlines()]
    shown = mailbot("signals", "--lang", "fr").stdout

    assert {r["signal"] for r in records if "signal" in r} == set(SIGNALS)
    assert {r["event"] for r in records if "event" in r} == EVENTS
    assert all(name in shown for name in (*SIGNALS, *EVENTS))


def test_the_schema_is_one_json_document():
    assert json.loads(mailbot("schema").stdout)["properties"]["version"]["enum"] == [1, "1"]


def test_every_code_can_be_looked_up():
    known, unknown = mailbot("help", "unknown-key"), mailbot("help", "unknow-key")

    assert (known.returncode, unknown.returncode) == (0, 2)
    assert "write:\n    tone: firm" in known.stdout
    assert 'did you mean "unknown-key"?' in unknown.stderr
    assert all(code in mailbot("help").stdout for code in every_code())


def test_a_first_policy_is_written_from_flags_and_is_good(tmp_path):
    flags = ("--holidays", "FR-57", "--closed", "08-01..08-21", "--floor", "40 EUR", "--hours", "10:00-16:00")
    done = mailbot("init", "mine.yaml", "--no-input", *flags, folder=tmp_path)
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")

    assert done.returncode == 0
    assert all(
        part in text for part in ("holidays: FR-57", "to: 08-21", "min_amount: 40 EUR", "send_hours: 10:00-16:00")
    )
    assert mailbot("check", "mine.yaml", folder=tmp_path).returncode == 0
    assert mailbot("init", "mine.yaml", "--no-input", folder=tmp_path).returncode == 5


def test_a_first_policy_asks_again_until_an_answer_is_good(tmp_path):
    done = mailbot("init", "mine.yaml", folder=tmp_path, typed="gentle\nXX\nBE\n\nnone\n25 EUR\n")

    assert done.returncode == 0
    assert "Write it like: FR, FR-57 or BE" in done.stderr
    assert "holidays: BE" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")


def test_wrong_flags_are_all_told_and_nothing_is_written(tmp_path):
    done = mailbot("init", "mine.yaml", "--no-input", "--holidays", "XX", "--hours", "9", folder=tmp_path)

    assert (done.returncode, len(done.stderr.splitlines()), (tmp_path / "mine.yaml").exists()) == (2, 2, False)
