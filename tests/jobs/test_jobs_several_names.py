"""One order for several clients, and a number that is an invoice and no sum."""

import pytest
from e2e_house import DUPONT, LEMAIRE, House, forwarded
from e2e_scene import MONDAY, at
from jobs_story import typed


def named(house: House, event: str) -> list[int]:
    return sorted(row["client"] for row in house.rows("event") if row["name"] == event)


@pytest.mark.parametrize("line", ["pause Dupont et Lemaire 10j", "relance pas Lemaire et Dupont"])
def test_an_order_for_two_clients_is_carried_out_for_each(house: House, line: str) -> None:
    house.turn(
        at(MONDAY, 7, 40),
        *(forwarded(f"FA-2026-000{n}", who, at(MONDAY, 7, 40)) for n, who in enumerate((LEMAIRE, DUPONT), 1)),
    )

    [done] = typed(house, line, at(MONDAY, 8))

    assert done.done
    assert named(house, "owner.paused") == sorted((house.client(LEMAIRE.name), house.client(DUPONT.name)))


def test_where_one_of_the_names_is_unknown_nothing_is_done(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, "pause Lemaire et Personne 10j", at(MONDAY, 8))

    assert not done.done
    assert named(house, "owner.paused") == []


def test_an_invoice_named_by_its_number_alone_is_no_sum(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    [done] = typed(house, "Lemaire a payé la 412", at(MONDAY, 8))

    assert not done.done
    assert named(house, "owner.paid") == []
