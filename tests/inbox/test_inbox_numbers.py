"""The numbers of invoices that clients name, in the styles of six languages, and numbers of other things."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.numbers import invoice_numbers, number_spans

CASES = Path(__file__).parent.parent / "cases" / "dates" / "numbers.jsonl"


def lines() -> Iterator[Any]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield pytest.param(case["text"], case["expected"], id=case["text"][:60])


@pytest.mark.parametrize(("text", "numbers"), list(lines()))
def test_a_sentence_names_the_invoices_that_a_reader_would_note(text: str, numbers: list[str]) -> None:
    assert list(invoice_numbers(text)) == numbers


def test_a_number_named_twice_is_given_once() -> None:
    assert invoice_numbers("FA-2026-0412 ? Oui, FA-2026-0412 et F-2026-1.") == ("FA-2026-0412", "F-2026-1")


@given(st.text(alphabet="FAfa 0123456789-/.,n°#:etund€\n", max_size=200))
def test_any_text_gives_spans_of_itself_in_order(text: str) -> None:
    spans = number_spans(text)

    assert spans == sorted(spans)
    assert all(any(c.isdigit() for c in text[start:end]) for start, end in spans)
