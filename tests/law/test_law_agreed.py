"""Terms that agree on three times the legal rate are recognised; others are not."""

import pytest

from mailbot.law.agreed import is_legal_minimum


@pytest.mark.parametrize(
    "terms",
    [
        "En cas de retard, pénalités égales à trois fois le taux d'intérêt légal.",
        "Pénalités de retard : 3 fois le taux d’intérêt légal en vigueur ; indemnité de 40 €",
        "taux des pénalités : trois (3) fois le taux de l'intérêt\nlégal",
        "Late payment bears interest at three times the French statutory rate from the day after the due date.",
        "Interest: 3 times the legal interest rate",
    ],
)
def test_three_times_the_legal_rate_is_recognised(terms: str) -> None:
    assert is_legal_minimum(terms)


@pytest.mark.parametrize(
    "terms",
    [
        None,
        "",
        "Pénalités : taux de la BCE majoré de 10 points ; indemnité forfaitaire de 40 €",
        "Pénalités au taux légal",
        "Paiement en trois fois sans frais",
        "12 % l'an, sans escompte",
    ],
)
def test_other_terms_are_not(terms: str | None) -> None:
    assert not is_legal_minimum(terms)
