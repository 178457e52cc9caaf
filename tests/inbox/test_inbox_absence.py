"""Absence notes: the day of return and the address of a substitute."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mailbot.inbox.absence import return_date, substitute

CASES = Path(__file__).parent.parent / "cases" / "dates" / "returns.jsonl"


def notes() -> Iterator[Any]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield pytest.param(case, id=f"{case['language']}-{case['text'][:60]}")


@pytest.mark.parametrize("case", list(notes()))
def test_a_note_gives_the_first_day_back_and_nothing_for_a_last_day_away(case: dict[str, Any]) -> None:
    found = return_date(case["text"], case["language"], date.fromisoformat(case["base"]))

    assert (found.isoformat() if found else None) == case["expected"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("In dringenden Fällen: vertretung@firma.example", "vertretung@firma.example"),
        ("Write to ann (at) firm.example meanwhile.", "ann@firm.example"),
        ("Write to ann@firm.example or bob@firm.example.", None),
        ("I am claire@firm.example and away.", None),
    ],
)
def test_the_substitute_is_the_one_address_besides_the_senders(text: str, address: str | None) -> None:
    assert substitute(text, "claire@firm.example") == address
