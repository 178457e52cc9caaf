"""Files that are not there, not text or not what they should be: one sentence, the right exit status, no traceback."""

import json
from pathlib import Path

import pytest
from cli_house import mailbot


@pytest.mark.parametrize(
    "words",
    [
        ("rules", "decide", "gone.jsonl"),
        ("rules", "simulate", "--all", "--cases", "gone.jsonl"),
        ("bank", "match", "--invoices", "gone.csv", "gone.ofx"),
        ("rules", "decide", "."),
    ],
)
def test_a_file_that_is_not_there_is_one_sentence_with_its_name(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = mailbot(*words, folder=tmp_path)

    assert done.status == 1
    assert "cannot be read: " in done.sentence
    assert done.out == ""


def test_cases_that_are_no_text_or_nested_without_end_are_said_by_their_line(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_bytes(b"\xff\xfe\x00\n" + b"[" * 100_000 + b"\n")

    done = mailbot("rules", "decide", "cases.jsonl", folder=tmp_path)

    assert done.status == 6
    assert [line.partition(": ")[0] for line in done.err.splitlines()] == ["cases.jsonl:1", "cases.jsonl:2"]


def test_an_amount_that_no_computer_can_add_up_is_no_amount(tmp_path: Path) -> None:
    invoice = {"number": "FA-1", "issued": "2026-01-01", "due": "2026-01-31", "amount": "1e999999"}
    paid = {"name": "bank.payment", "invoice": "FA-1", "day": "2026-02-01", "data": {"amount": "1e999999"}}
    cases = [
        {"client": {"id": "1"}, "invoices": [invoice], "day": "2026-03-02"},
        {"client": {"id": "1"}, "invoices": [{**invoice, "amount": "120"}], "events": [paid], "day": "2026-03-02"},
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))

    done = mailbot("rules", "decide", "--json", "cases.jsonl", folder=tmp_path)

    refused, decided = map(json.loads, done.out.splitlines())
    assert done.status == 6
    assert "is not an amount" in refused["error"]["message"]
    assert decided["verdict"] != "send"


def test_open_invoices_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_bytes(b"number;client\n\xe9")

    done = mailbot("bank", "match", "--invoices", "open.csv", "x.ofx", folder=tmp_path)

    assert done.status == 1
    assert done.sentence == "open.csv is no UTF-8 text: save it as CSV in UTF-8."


def test_rules_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, and no folder")

    done = mailbot("rules", "init", "taken/mine.yaml", "--no-input", folder=tmp_path)

    assert done.status == 1
    assert done.sentence.startswith("taken/mine.yaml cannot be written: ")
