"""Orders that mean more than the owner said, or another thing."""

import pytest
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, to_lemaire, typed


@pytest.mark.parametrize(
    "order", ["envoie tout", "litige tout", "annule la facture tout", "abandonne tout", "promesse tout 09/03/2026"]
)
def test_only_pauses_are_for_everybody(house: House, order: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, order, at(MONDAY, 8))

    assert not done.done
    assert not [row for row in house.rows("event") if row["name"].startswith("owner.")]


def test_a_number_that_is_no_number_of_anything_is_answered(house: House) -> None:
    results = typed(house, "payé 98765432109876543210\npause ²", at(MONDAY, 8))

    assert [one.done for one in results] == [False, False]


def test_a_step_skipped_for_a_client_is_not_skipped_for_invoices_to_come(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    typed(house, "saute Lemaire", at(MONDAY, 8))
    house.turn(at(MONDAY, 8, 30), forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 8, 30)))
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    assert len(to_lemaire(house)) == 1


@pytest.mark.parametrize("what", ["montant -5", "devise dollars"])
def test_what_no_invoice_can_have_is_not_noted_as_corrected(house: House, what: str) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, f"corrige FA-2026-0001 {what}", at(MONDAY, 8))

    assert not done.done
    assert [(row["amount"], row["currency"]) for row in house.rows("invoice")] == [(1200, "EUR")]


@pytest.mark.parametrize(
    ("order", "data"),
    [
        ("plus doucement Lemaire", {"tone": "gentler"}),
        ("plus ferme Lemaire", {"tone": "firmer"}),
        ("treat Lemaire as key_account", {"profile": "key_account"}),
    ],
)
def test_a_policy_for_a_client_is_recorded_in_the_words_of_the_rules(house: House, order: str, data: object) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, order, at(MONDAY, 8))

    assert done.done
    assert [row["data"] for row in house.rows("event") if row["name"] == "owner.policy"] == [data]


def test_a_profile_that_the_rules_do_not_have_is_not_noted(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, "treat Lemaire as emperor", at(MONDAY, 8))

    assert not done.done
