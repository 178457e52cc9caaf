"""The reference that is printed is the one that is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.references import ReferenceIndex, canonical, rf, rf_payload


def test_creditor_reference_is_made_and_read_back() -> None:
    assert rf("FA-2026-0042") == "RF83FA20260042"
    assert rf_payload("RF83 FA20 2600 42") == "FA20260042"


@pytest.mark.parametrize("reference", ["RF84FA20260042", "FA20260042", "RF83", ""])
def test_what_is_no_creditor_reference_has_no_payload(reference: str) -> None:
    assert rf_payload(reference) is None


@pytest.mark.parametrize("number", ["", "--", "X" * 22])
def test_number_that_does_not_fit_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        rf(number)


numbers = st.from_regex(r"[A-Z]{2,3}-20[0-9]{2}-[0-9]{3,5}", fullmatch=True)


@given(numbers)
def test_payload_is_the_number_as_it_is_compared(number: str) -> None:
    assert rf_payload(rf(number)) == canonical(number)


@given(numbers, st.sampled_from(["-", " ", "", "/", ".", "_"]), st.booleans())
def test_printed_number_is_found_as_people_type_it(number: str, separator: str, lower: bool) -> None:
    typed = number.replace("-", separator)
    label = f"VIR SEPA XYZ {typed.lower() if lower else typed} MERCI"

    hit = ReferenceIndex([(number, number)]).find(label)[number]

    assert hit.strong


@given(numbers, st.from_regex(r"[A-Z0-9]{1,3}", fullmatch=True))
def test_number_glued_to_other_letters_or_digits_is_not_strong(number: str, more: str) -> None:
    hits = ReferenceIndex([(number, number)]).find(f"{number}{more} X", f"{more}{number} X")

    assert not any(hit.strong for hit in hits.values())


def test_year_or_sequence_alone_names_nothing() -> None:
    assert ReferenceIndex([("FA-2026-0042", "FA-2026-0042")]).find("COTISATION 2026", "0042", "42 RUE X") == {}


def test_sequence_after_the_word_invoice_is_weak() -> None:
    hit = ReferenceIndex([("FA-2026-0042", "FA-2026-0042")]).find("FACTURE 42")["FA-2026-0042"]

    assert not hit.strong
