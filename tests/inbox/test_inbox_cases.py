"""The graded mails of tests/cases/mails: what a label says of a mail, the reader must say too."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mailbot.cli.read import as_record
from mailbot.errors import ReaderError
from mailbot.inbox.read import read_raw

CASES = Path(__file__).parent.parent / "cases" / "mails"
UNORDERED = ("invoices",)


def labelled() -> Iterator[Any]:
    for labels in sorted(CASES.glob("*/labels.jsonl")):
        for line in labels.read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            yield pytest.param(
                labels.parent / label.pop("file"), label, id=f"{labels.parent.name}/{json.loads(line)['file']}"
            )


def differences(label: Any, got: Any, where: str = "") -> list[str]:
    """Where `got` says something else than `label`; keys that the label lacks are not compared."""
    if isinstance(label, dict) and isinstance(got, dict):
        return [d for key, value in label.items() for d in differences(value, got.get(key), f"{where}.{key}")]
    if isinstance(label, list) and isinstance(got, list) and label and isinstance(label[0], dict):
        if len(label) != len(got):
            return [f"{where}: {len(label)} expected, got {got}"]
        return [d for at, pair in enumerate(zip(label, got, strict=True)) for d in differences(*pair, f"{where}[{at}]")]
    return [] if label == got else [f"{where}: {label!r} expected, got {got!r}"]


@pytest.mark.parametrize(("path", "label"), list(labelled()))
def test_a_graded_mail_is_read_as_its_label_says(path: Path, label: dict[str, Any]) -> None:
    options = label.pop("options", {})
    try:
        letter, reading = read_raw(
            path.read_bytes(), options.get("owners", ()), options.get("authserv_id"), date(2026, 11, 1)
        )
    except ReaderError as error:
        pytest.fail(f"refused: {error}")
    record = as_record(letter, reading)

    never, also = label.pop("never_intent", []), label.pop("also", [])
    found = [f"intent must not be {record['intent']}"] if record["intent"] in never else []
    if label.pop("not_sure", False) and record["sure"]:
        found.append(f"sure of {record['intent']}, but must not be")
    if label.pop("never_authentic", False) and record["authentic"]:
        found.append("must not be authentic")
    found += [f"{intent} expected among also, got {record['also']}" for intent in also if intent not in record["also"]]
    for key in UNORDERED:
        if key in label and sorted(label.pop(key)) != sorted(record[key]):
            found.append(f"{key}: {record[key]}")

    assert not found + differences(label, record)
