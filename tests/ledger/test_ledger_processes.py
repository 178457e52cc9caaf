"""Several processes write to one ledger, and some die."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ledger_samples import plan
from sqlalchemy import Engine

from mailbot.ledger import letters
from mailbot.ledger.store import reading, writing

HERE = Path(__file__).parent


def test_four_processes_write_at_once_and_none_is_locked_out(url: str, engine: Engine) -> None:
    children = [_child("keep_many", url, f"process {number}", "50") for number in range(4)]
    outcomes = [(*child.communicate(), child.returncode) for child in children]

    with reading(engine) as conn:
        kept = letters.unread(conn, "atelier")

    assert outcomes == [("", "", 0)] * 4
    assert len(kept) == 200


def test_of_two_claimers_one_wins_each_letter(url: str, engine: Engine) -> None:
    with writing(engine) as conn:
        planned = [plan(conn, "atelier", f"k{number}") for number in range(30)]

    children = [_child("claim_all", url, name) for name in ("first", "second")]
    claimed = [int(row) for child in children for row in child.communicate()[0].split()]

    assert sorted(claimed) == planned


def test_what_was_committed_survives_a_kill_in_the_middle_of_a_transaction(url: str, engine: Engine) -> None:
    child = _child("die_in_a_transaction", url)
    child.communicate()

    with writing(engine) as conn:
        kept = [letters.raw(conn, "atelier", letter) for letter in letters.unread(conn, "atelier")]

    assert child.returncode == -signal.SIGKILL
    assert kept == [b"committed"]


def test_what_was_committed_survives_kills_at_any_moment(url: str, engine: Engine) -> None:
    committed: list[str] = []
    for round_ in range(5):
        child = _child("keep_until_killed", url, str(round_))
        assert child.stdout is not None
        committed.append(child.stdout.readline())
        time.sleep(0.05 + 0.013 * round_)
        os.kill(child.pid, signal.SIGKILL)
        committed += child.stdout.readlines()
        child.communicate()
    whole = {line.strip() for line in committed if line.endswith("\n")}

    with writing(engine) as conn:
        kept = set(letters.unread(conn, "atelier"))

    assert whole <= kept
    assert len(kept - whole) <= 5  # killed after the commit and before it was said


def _child(*what: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(HERE), str(HERE.parent.parent)])
    return subprocess.Popen(
        [sys.executable, str(HERE / "ledger_child.py"), *what],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
