"""What is said of a client's SIREN and VAT number. Numbers: Danone's, public ones of tax offices, and damaged ones."""

import pytest

from mailbot.owner.numbers import checked


@pytest.mark.parametrize(
    ("vat", "verdict"),
    [
        ("FR40303265045", "valid"),
        ("FR41303265045", "wrong"),
        ("DE136695976", "valid"),
        ("DE136695975", "wrong"),
        ("IE6433435F", "valid"),
        ("EL094259216", "valid"),
        ("CHE-107.787.577 MWST", "valid"),
        ("FR", "wrong"),
        ("ZZ123456", "unknown"),
        ("12345678901", "unknown"),
    ],
)
def test_a_vat_number_is_held_against_the_check_digits_of_its_country(vat: str, verdict: str) -> None:
    [found] = checked(vat, None)

    assert (found.kind, found.verdict) == ("VAT", verdict)


@pytest.mark.parametrize(("siren", "verdict"), [("732829320", "valid"), ("732829321", "wrong"), ("12", "wrong")])
def test_a_siren_is_held_against_its_check_digit(siren: str, verdict: str) -> None:
    [found] = checked(None, siren)

    assert found.verdict == verdict
    assert found.words.startswith(f"SIREN {siren} (")


def test_a_french_vat_number_of_another_siren_is_said() -> None:
    vat, siren = checked("FR40303265045", "732829320")

    assert vat.other
    assert "another SIREN" in vat.words
    assert not checked("FR40303265045", "303265045")[0].other
    assert siren.verdict == "valid"


def test_a_client_without_numbers_has_nothing_to_check() -> None:
    assert checked(None, "") == ()
