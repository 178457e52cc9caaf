"""Two workers with one letter."""

from dataclasses import replace
from typing import Any

from e2e_house import LEMAIRE, House, forwarded, ordered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import newest

from mailbot.jobs import reading
from mailbot.sandbox import Sandbox


class Slow(Sandbox):
    """While this one reads, another worker reads the letter and all that came after it."""

    def __init__(self, house: House) -> None:
        self.house = house

    def run(self, *arguments: Any, **named: Any) -> Any:
        self.house.work_off()
        return self.house.office.sandbox.run(*arguments, **named)


def test_a_letter_that_another_worker_has_read_meanwhile_is_not_read_again(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))
    mine = newest(house, OWNER.email)
    house.now = at(MONDAY, 8)
    first = house.keep(ordered(mine, at(MONDAY, 8), "contact FA-2026-0001 old@lemaire.example"))
    house.now = at(MONDAY, 8, 1)
    second = house.keep(ordered(mine, at(MONDAY, 8, 1), "contact FA-2026-0001 new@lemaire.example"))
    house.hints = [("read", house.office.key, first), ("read", house.office.key, second)]

    reading.read(replace(house.office, sandbox=Slow(house)), first, house.now)

    assert [row["email"] for row in house.rows("contact")] == ["new@lemaire.example"]
