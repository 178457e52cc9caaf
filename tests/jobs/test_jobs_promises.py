"""A promise that the owner took back is named in no mail."""

from datetime import timedelta

from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, at, text_of
from jobs_story import SUNDAY, to_lemaire, typed

THURSDAY_AFTER = MONDAY + timedelta(days=10)


def test_the_promise_that_still_counts_is_the_one_that_was_broken(house: House) -> None:
    house.turn(at(MONDAY, 7), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7)), bank_file(SUNDAY, at(MONDAY, 7)))
    typed(house, "promesse FA-2026-0001 le 09/03/2026", at(MONDAY, 8))
    typed(house, "promesse FA-2026-0001 le 20/03/2026", at(MONDAY, 8, 10))
    typed(house, "annule", at(MONDAY, 8, 20))

    house.turn(at(THURSDAY_AFTER, 7), bank_file(THURSDAY_AFTER - timedelta(days=1), at(THURSDAY_AFTER, 7)))
    house.turn(at(THURSDAY_AFTER, 9, 20))
    house.turn(at(THURSDAY_AFTER, 10, 30))

    said = text_of(to_lemaire(house)[-1])
    assert "9 mars" in said
    assert "20 mars" not in said
