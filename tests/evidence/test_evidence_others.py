"""Another client's name is found in running text and in a bank's words, however it is written there."""

import pytest

from mailbot.evidence.others import Others

LABEL = "VIR HOLDING LMF FA-2026-0001 {}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Hôtel de l\u2019Étoile", "HOTEL DE L ETOILE"),
        ("Béranger", "MME BERANGER"),
        ("Béranger", "BE\u0301RANGER"),
        ("EDF", "EDF"),
        ("Jeanne Petit", "PETIT JEANNE"),
        ("D'Amico & Fils", "DAMICO D AMICO FILS"),
    ],
)
def test_another_client_is_found_in_a_bank_label_without_accents_marks_or_order(name: str, said: str) -> None:
    others = Others.than(["Lemaire et Fils", "FA-2026-0001"], [name], [name])

    assert others.in_label(LABEL.format(said))
    assert not others.in_label(LABEL.format("ACOMPTE"))


@pytest.mark.parametrize("said", ["REDFORD", "BERANGERIE", "ETOILE", "VIREMENT"])
def test_a_part_of_a_word_or_of_a_name_names_nobody(said: str) -> None:
    others = Others.than(
        ["Lemaire"], ["EDF", "Béranger", "Hôtel de l'Étoile"], ["EDF", "Béranger", "Hôtel de l'Étoile"]
    )

    assert not others.in_label(said)


def test_what_is_a_part_of_the_client_s_own_name_tells_nobody_apart() -> None:
    others = Others.than(["Garage Martin SARL"], ["Martin"], ["Martin"])

    assert not others.in_label("VIR GARAGE MARTIN")
    assert not others.named_in("le garage Martin")


def test_in_running_text_a_name_is_found_without_its_accents_and_a_short_one_is_not() -> None:
    others = Others.than(["Lemaire"], ["Hôtel de l'Étoile", "BP"], ["BP"])

    assert others.named_in("payé avec l'hotel de l’etoile") == ["hotel de l etoile"]
    assert not others.named_in("la BP 12")
