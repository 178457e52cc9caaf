"""On which days the digest comes, and how far it looks ahead: to the next day of mails, or to the next digest."""

from datetime import date, timedelta

import pytest
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at
from jobs_story import SUNDAY, TUESDAY, typed

from mailbot.jobs.digesting import current_digest

FRIDAY, NEXT_MONDAY = MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)
"""The sixth and the ninth of March 2026."""


def owed(house: House, number: str, due: date) -> None:
    """An invoice of Lemaire's that is due on that day; the bank is known to the day before the first Monday."""
    now = at(MONDAY, 7)
    house.turn(now, forwarded(number, LEMAIRE, now, due=due), bank_file(SUNDAY, now))


def digests(house: House) -> list[str]:
    """The texts of the digests so far, white space made one."""
    bodies = (mail.get_body(("plain",)) for mail in house.mails_to(OWNER.email))
    texts = (" ".join(str(body.get_content()).split()) for body in bodies if body is not None)
    return [text for text in texts if "BALANCE ÂGÉE" in text]


def test_the_digest_of_a_friday_tells_the_mails_of_monday(house: House) -> None:
    owed(house, "FA-1", MONDAY - timedelta(days=3))
    house.turn(at(MONDAY, 9, 20))  # the first reminder; the second comes ten days after the due date

    house.turn(at(FRIDAY, 7, 40), bank_file(FRIDAY - timedelta(days=1), at(FRIDAY, 7, 40)))

    assert "PRÉVU LE 9 MARS 2026 (1) - Lemaire et Fils : deuxième relance (FA-1)" in digests(house)[-1]


def test_a_weekly_digest_tells_the_mails_of_the_week_each_with_its_day(house: House) -> None:
    typed(house, "digest hebdo", at(MONDAY, 6))
    owed(house, "FA-1", MONDAY)

    house.turn(at(MONDAY, 7, 40))
    for day in range(1, 7):
        house.turn(at(MONDAY + timedelta(days=day), 7, 40))

    [weekly] = digests(house)
    assert "PRÉVU JUSQU'AU 8 MARS 2026 (1)" in weekly
    assert "première relance (FA-1), 1 200,00 € – 5 mars 2026, échue depuis 3 jours" in weekly
    house.turn(at(NEXT_MONDAY, 7, 40))
    assert len(digests(house)) == 2


def test_who_wants_it_only_when_needed_gets_none_on_a_quiet_day_and_then_all_since_the_last(house: House) -> None:
    owed(house, "FA-1", NEXT_MONDAY)
    house.turn(at(MONDAY, 7, 40))
    typed(house, "digest si besoin", at(MONDAY, 8))
    house.turn(at(TUESDAY, 12), forwarded("FA-2", LEMAIRE, at(TUESDAY, 12), due=NEXT_MONDAY))
    for day in range(2, 4):
        now = at(MONDAY + timedelta(days=day), 7, 40)
        house.turn(now, bank_file(now.date() - timedelta(days=1), now))
    assert len(digests(house)) == 1

    asks = bank_file(FRIDAY - timedelta(days=1), at(FRIDAY, 7)).replace(b"dmarc=pass", b"dmarc=fail")
    house.turn(at(FRIDAY, 7, 40), asks)

    [_, told] = digests(house)
    assert "À DÉCIDER (1)" in told
    assert "FACTURES ENREGISTRÉES (1) - Lemaire et Fils (FA-2)" in told


@pytest.mark.parametrize("words", ["silence", "digest jamais", "digest si besoin", "silence 10j"])
def test_after_any_wish_for_silence_the_clock_goes_on_and_what_needs_the_owner_still_comes(
    house: House, words: str
) -> None:
    owed(house, "FA-1", NEXT_MONDAY)
    typed(house, words, at(MONDAY, 7, 10))
    house.turn(at(TUESDAY, 7, 40))
    assert digests(house) == []

    house.turn(at(TUESDAY, 8), bank_file(MONDAY, at(TUESDAY, 8)).replace(b"dmarc=pass", b"dmarc=fail"))

    assert len(digests(house)) == 1


def test_a_weekly_digest_names_who_pays_latest(house: House) -> None:
    for number in range(1, 4):
        owed(house, f"FA-{number}", MONDAY - timedelta(days=20))
    typed(house, "payé FA-1, FA-2 et FA-3", at(MONDAY, 7, 10))
    assert current_digest(house.office, at(MONDAY, 8)).slow == ()

    typed(house, "digest hebdo", at(MONDAY, 9))

    [row] = current_digest(house.office, at(MONDAY, 10)).slow
    assert (row.client, row.what) == ("Lemaire et Fils", "paie d'ordinaire 20 jours après l'échéance")


def test_status_lists_whatever_the_digest_cuts_off(house: House) -> None:
    numbers = [f"FA-{number}" for number in range(1, 7)]
    invoices = [forwarded(number, LEMAIRE, at(MONDAY, 7), due=NEXT_MONDAY) for number in numbers]
    house.turn(at(MONDAY, 7), *invoices, bank_file(SUNDAY, at(MONDAY, 7)))
    house.turn(at(MONDAY, 7, 40))
    assert "et 2 autres : répondez « état »" in digests(house)[-1]

    [told] = typed(house, "état", at(MONDAY, 8))

    _, _, entered = told.result.partition("Factures enregistrées (6) :\n")
    rows = [" ".join(row.split()) for row in entered.split("\n")[:6]]
    assert rows == [f"Lemaire et Fils ({number}), 1 200,00 €" for number in numbers]
