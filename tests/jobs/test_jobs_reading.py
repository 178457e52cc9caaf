"""Two workers with one letter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from e2e_house import LEMAIRE, House, forwarded, ordered
from e2e_scene import MONDAY, OWNER, at
from jobs_story import newest

from mailbot.jobs import reading
from mailbot.ledger import leases, letters
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


class Beset(Sandbox):
    """While this one reads, the clock gives hint after hint to other workers."""

    def __init__(self, house: House, letter: str) -> None:
        self.house, self.letter = house, letter

    def run(self, *arguments: Any, **named: Any) -> Any:
        for other in range(9):
            reading.read(self.house.office, self.letter, self.house.now, f"other {other}")
        return self.house.office.sandbox.run(*arguments, **named)


def test_hints_that_come_while_a_slow_letter_is_read_do_not_count_as_tries(house: House) -> None:
    letter = house.keep(forwarded("FA-2026-0001", LEMAIRE, house.now))

    reading.read(replace(house.office, sandbox=Beset(house, letter)), letter, house.now, "first")

    info = house.ask(lambda conn: letters.info(conn, house.office.key, letter))
    assert info is not None
    assert (info.state, info.attempts) == ("read", 1)


def test_a_letter_whose_reader_died_is_read_by_another_once_the_lease_is_over(house: House) -> None:
    letter = house.keep(forwarded("FA-2026-0001", LEMAIRE, house.now))
    lease, place = house.office.limits.lease_seconds, f"reader of {house.office.key}"
    house.act(lambda conn: leases.take(conn, place, "dead", house.now, lease))

    def state_after(seconds: float) -> str:
        reading.read(house.office, letter, house.now + timedelta(seconds=seconds), "living")
        return str(house.rows("letter")[-1]["state"])

    assert [state_after(lease - 1), state_after(lease)] == ["new", "read"]
