"""Each benchmark runs and ends with one JSON object; what it measures is not judged here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import absent

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
READ = Path(__file__).parent / "cases" / "bank" / "read"


def last_line(script: str, *options: str) -> dict[str, object]:
    """The object that a benchmark ends with."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), "--json", *options],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    record: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return record


def test_the_start_is_measured_beside_python():
    record = last_line("startup.py", "--runs", "1")

    assert record["ratio"] > 1
    assert record["mailbot"].keys() == record["python"].keys()


@pytest.mark.slow
def test_the_demo_is_measured():
    record = last_line("demo.py", "--days", "2")

    assert record["mailbot"]["mails"] > 0
    assert record["mailbot"]["seconds"] > 0


def test_the_digest_is_measured():
    record = last_line("digest.py", "--invoices", "40", "--events", "12")

    assert record["mailbot"]["invoices"] == 40
    assert record["mailbot"]["html_bytes"] > 10_000
    assert record["client_by_client"]["read_seconds"] > 0


def test_the_reading_of_statements_is_measured():
    record = last_line("statements.py", "--transactions", "200", "--bare", "100", "--corpus", str(READ))

    assert record["mailbot"]["lines"] == 200
    assert record["ofxparse"]["lines"] == 100
    assert record["corpus"][".ofx"]["read"] > 0


def test_the_inbox_is_measured_on_the_graded_mails():
    record = last_line("inbox.py", "--only", "accuracy,ingest", "--mails", "20")

    assert record["mailbot"]["intent"]["of"] > 100
    assert record["mailbot"]["ingest"]["mails"] == 20


def test_the_reading_of_invoices_is_measured_on_the_graded_layouts():
    record = last_line("invoices.py", "--only", "layouts")

    assert record["mailbot"]["layouts"]["number"]["of"] > 40
    assert record["mailbot"]["layouts"]["all"].keys() >= {
        "right",
        "wrong_without_doubt",
        "wrong_with_doubt",
        "abstained",
    }


@pytest.mark.system
def test_sending_is_measured_beside_the_bare_client():
    if os.geteuid() != 0 or shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        absent("postfix is missing, or this is not root: apt-get install postfix")
    record = last_line("send.py", "--only", "wire,claim", "--mails", "30", "--rounds", "1", "--rows", "2000")

    assert record["aiosmtplib"]["per_s"] > 0
    assert record["smtp-source"]["per_s"] > 0
    assert record["mailbot"]["postfix"].keys() == {"sqlite", "postgresql"}
    assert record["mailbot"]["claim_100"]["sqlite"]["ratio"] > 0
