"""The graded layouts: how many fields of pages in six languages read right, and that what is wrong is doubted."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mailbot.cli.document import document_record
from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument, Party

FOLDER = Path(__file__).parent.parent / "cases" / "invoices" / "layouts"
LABELS = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text("utf-8").splitlines()]
AT_LEAST = {
    "number": 0.93,
    "issue_date": 0.93,
    "due_date": 0.85,
    "total_gross": 0.97,
    "currency": 0.99,
    "buyer.name": 0.85,
}
MOST_SILENT = 0.015


def compared(label: dict[str, Any], own: Party | None) -> list[tuple[str, str]]:
    """(field, right | doubted | silent | abstained) for every field of a label."""
    found = read_document((FOLDER / label["file"]).read_bytes(), label["file"], use_xml=False, own=own)
    assert isinstance(found, InvoiceDocument), (label["file"], found)
    record = document_record(label["file"], found)
    doubted = {doubt["field"].partition(".")[0] for doubt in record["doubts"]}
    verdicts = []
    for field, wanted in flat(label["expected"]):
        got = record
        for key in field.split("."):
            got = got[key]
        verdict = "right" if got == wanted else "abstained" if got is None else "silent"
        if verdict == "silent" and field.partition(".")[0] in doubted:
            verdict = "doubted"
        verdicts.append((field, verdict))
    return verdicts


def flat(label: dict[str, Any]) -> list[tuple[str, Any]]:
    pairs = []
    for key, value in label.items():
        if isinstance(value, dict):
            pairs += [(f"{key}.{inner}", one) for inner, one in value.items() if inner != "bic"]
        elif key != "preceding_invoice":
            pairs.append((key, value))
    return pairs


@pytest.fixture(scope="module", params=[False, True], ids=["unknown business", "known business"])
def verdicts(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """All fields of all layouts, read without and with the identity of the business."""
    known = [Party(**label["seller_identity"]) if request.param else None for label in LABELS]
    return [one for label, own in zip(LABELS, known, strict=True) for one in compared(label, own)]


@pytest.mark.parametrize("field", AT_LEAST)
def test_enough_of_a_field_reads_right(verdicts: list[tuple[str, str]], field: str) -> None:
    counts = Counter(verdict for name, verdict in verdicts if name == field)

    assert counts["right"] / counts.total() >= AT_LEAST[field], counts


def test_what_is_wrong_is_doubted(verdicts: list[tuple[str, str]]) -> None:
    counts = Counter(verdict for _, verdict in verdicts)

    assert counts["silent"] / counts.total() <= MOST_SILENT, counts


def test_no_total_is_wrong_without_a_doubt(verdicts: list[tuple[str, str]]) -> None:
    assert ("total_gross", "silent") not in verdicts


@pytest.mark.parametrize("label", [one for one in LABELS if one["must_doubt"]], ids=lambda one: one["file"])
def test_what_the_page_leaves_open_is_doubted(label: dict[str, Any]) -> None:
    found = read_document((FOLDER / label["file"]).read_bytes(), label["file"])

    assert isinstance(found, InvoiceDocument)
    assert set(label["must_doubt"]) <= {doubt.field for doubt in found.doubts}
