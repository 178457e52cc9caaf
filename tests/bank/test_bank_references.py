"""The reference that is printed is the one that is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.references import ReferenceIndex, canonical, fold, rf, rf_payload


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

    hit = ReferenceIndex([(number, number)]).find(fold(label)).hits[number]

    assert hit.grade == "full"


@given(numbers, st.from_regex(r"[A-Z0-9]{1,3}", fullmatch=True))
def test_number_glued_to_other_letters_or_digits_is_not_whole(number: str, more: str) -> None:
    heard = ReferenceIndex([(number, number)]).find(f"{number}{more} X", f"{more}{number} X")

    assert not any(hit.grade == "full" for hit in heard.hits.values())


INVOICE = ReferenceIndex([("FA-2026-0042", "FA-2026-0042")])


def test_year_or_house_number_alone_names_nothing() -> None:
    assert not INVOICE.find("COTISATION 2026", "42 RUE X", "LE 04/02/2026", "DU 2026-00-42").hits


@pytest.mark.parametrize(
    ("label", "grade"),
    [
        ("FACTURE FA-2026-0042", "full"),
        ("FA 2O26 OO42", "full"),
        ("RF83 FA20 2600 42", "full"),
        ("FA/26/42", "variant"),
        ("FA2026-42", "variant"),
        ("NFA-26-0042", "variant"),
        ("2026-0042", "digits"),
        ("0042/2026", "digits"),
        ("FACTURE 42", "digits"),
        ("VIR 0042", "digits"),
        ("RF84FA20260042", "hint"),
        ("FA-42", "hint"),
        ("FA-2026-00042", "hint"),
        ("FA-2026-0042-7", "hint"),
    ],
)
def test_what_is_written_tells_how_sure_it_is(label: str, grade: str) -> None:
    assert INVOICE.find(label).hits["FA-2026-0042"].grade == grade


def test_numbers_like_ours_that_are_none_of_ours_are_told() -> None:
    assert INVOICE.find("FA-2026-0041 FACTURE 998 COMPTE 4711 LE 02/03").strange == ("FA20260041", "998")


def test_list_of_numbers_names_all_of_them() -> None:
    index = ReferenceIndex([(number, number) for number in ("FA-2026-0041", "FA-2026-0042")])

    assert {hit.grade for hit in index.find("FA-2026-0041/FA-2026-0042 MERCI").hits.values()} == {"full"}


@pytest.mark.parametrize(
    ("number", "written", "grade"),
    [
        ("FA-2026-0042", "FA-2025-0042", "hint"),
        ("FA-2026-0112", "VIR FR76 3000 6000 0112 3456 7890 189", None),
        ("FA-2026-0112", "VIR 0112", "digits"),
        ("FA-2025-2026", "ABONNEMENT 2026", None),
        ("FA-2025-2026", "FACTURE 2026", "digits"),
    ],
)
def test_another_year_an_iban_and_a_bare_year_name_no_invoice(number: str, written: str, grade: str | None) -> None:
    hits = ReferenceIndex([(number, number)]).find(written).hits

    assert (hits[number].grade if hits else None) == grade
