"""Every graded document reads as its label says, through the command and its sandbox."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailbot.cli.invoice import app

FOLDER = Path(__file__).parent.parent / "cases" / "invoices"
LABELS = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def printed() -> dict[str, dict[str, Any]]:
    files = [str(path) for path in sorted(FOLDER.iterdir()) if path.suffix in (".pdf", ".xml", ".eml")]
    result = CliRunner().invoke(app, ["invoice", "read", "--json", "--no-ocr", *files])
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 6
    return {Path(record["file"]).name: record for record in records}


def test_every_document_gives_one_object(printed: dict[str, dict[str, Any]]) -> None:
    documents = {path.name for path in FOLDER.iterdir() if path.suffix in (".pdf", ".xml", ".eml")}

    assert set(printed) == documents


@pytest.mark.parametrize("label", LABELS, ids=[label["file"] for label in LABELS])
def test_a_document_reads_as_its_label_says(label: dict[str, Any], printed: dict[str, dict[str, Any]]) -> None:
    record = printed[label["file"]]

    assert ("error" in record) == label.get("error", False), record
    assert not [words for words in label.get("never_contains", ()) if words in json.dumps(record)]
    assert {field: _same_shape(record, field, label[field]) for field in _fields(label)} == {
        field: label[field] for field in _fields(label)
    }
    assert set(label.get("doubts", ())) <= {doubt["field"] for doubt in record.get("doubts", ())}


def _fields(label: dict[str, Any]) -> list[str]:
    return [field for field in label if field not in ("file", "error", "doubts", "never_contains")]


def _same_shape(record: dict[str, Any], field: str, wanted: object) -> object:
    """An object is compared over the keys that the label has."""
    found = record[field]
    return {key: found[key] for key in wanted} if isinstance(wanted, dict) else found
