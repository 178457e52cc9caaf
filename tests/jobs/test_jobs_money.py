"""Money that counts once, and that is found."""

from decimal import Decimal

from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, DemoLine, at
from jobs_story import SUNDAY, to_lemaire, typed


def test_a_sum_that_was_paid_is_not_taken_off_every_invoice(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40),
        forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)),
        forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 7, 40)),
    )

    [done] = typed(house, "payé Lemaire 1200", at(MONDAY, 8))

    assert not done.done
    assert "FA-2026-0001" in done.result
    assert [row["open_amount"] for row in house.rows("invoice")] == [Decimal(1200), Decimal(1200)]


def test_a_sum_that_is_all_that_is_owed_pays_everything(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40),
        forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)),
        forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 7, 40)),
    )

    [done] = typed(house, "payé Lemaire 2400", at(MONDAY, 8))

    assert done.done
    assert [row["open_amount"] for row in house.rows("invoice")] == [0, 0]


def test_money_that_came_before_its_invoice_was_forwarded_is_found(house: House) -> None:
    paid = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.payer, "FA-2026-0001")
    house.turn(at(MONDAY, 7, 40), bank_file(SUNDAY, at(MONDAY, 7, 40), paid))
    house.turn(at(MONDAY, 8), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 8)))
    house.turn(at(MONDAY, 9, 20))

    assert to_lemaire(house) == []
    assert [row["open_amount"] for row in house.rows("invoice")] == [0]
