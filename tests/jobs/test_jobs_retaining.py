"""What nobody has to keep goes by itself after years of silence; what the law wants kept stays, and the chain holds."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from e2e_house import DUPONT, LEMAIRE, House, bank_file, forwarded
from e2e_scene import BOX, MONDAY, at
from jobs_story import SUNDAY, typed

from mailbot.jobs import chaining, retaining

YEARS = at(MONDAY, 9) + timedelta(days=3 * 366 + 2)
"""Three years after everything."""


@pytest.fixture
def silent(house: House) -> House:
    """One client has paid, another owes; a stranger wrote; then nothing for three years."""
    morning = at(MONDAY, 7, 40)
    house.turn(
        morning, forwarded("FA-2026-0001", LEMAIRE, morning), forwarded("FA-2026-0002", DUPONT, morning),
        bank_file(SUNDAY, morning), stranger(),
    )  # fmt: skip
    typed(house, "payé FA-2026-0001", at(MONDAY, 8))
    return house


def stranger() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "lea@elsewhere.example", BOX, "Stage"
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 07:30:00 +0100", "<stage@elsewhere.example>"
    mail.set_content("Bonjour, je cherche un stage de trois mois dans votre atelier.")
    return mail.as_bytes()


def contacts(house: House) -> list[str]:
    return sorted(row["email"] for row in house.rows("contact"))


def from_elsewhere(house: House) -> int:
    [letter] = house.rows("letter", message_id="<stage@elsewhere.example>")
    return len(letter["raw"])


def test_what_a_silent_client_leaves_and_strangers_mails_go(silent: House) -> None:
    found = retaining.retire(silent.office, YEARS)

    assert [one.name for one in found.clients] == [LEMAIRE.name]
    assert contacts(silent) == [DUPONT.person.email]
    assert from_elsewhere(silent) == 0
    assert [row["number"] for row in silent.rows("invoice")] == ["FA-2026-0001", "FA-2026-0002"]
    assert chaining.verify_ledger(silent.office).findings == ()


def test_mails_to_the_owners_go_after_a_year_and_the_chain_says_so(silent: House) -> None:
    silent.turn(at(MONDAY, 9, 20))
    told = silent.rows("outgoing", kind="owner")
    assert told
    assert all(row["raw"] for row in told)

    new_year = at(MONDAY, 9).replace(year=MONDAY.year + 1, month=12, day=31)
    assert retaining.retire(silent.office, new_year).owner_mails == ()
    found = retaining.retire(silent.office, new_year + timedelta(days=2))

    assert set(found.owner_mails) == {row["id"] for row in told}
    assert all(row["raw"] is None for row in silent.rows("outgoing", kind="owner"))
    verdict = chaining.verify_ledger(silent.office)
    assert (verdict.findings, verdict.erased) == ((), len(told))
    assert retaining.retire(silent.office, new_year + timedelta(days=3)).owner_mails == ()


def test_nothing_goes_before_its_time(silent: House) -> None:
    found = retaining.expired(silent.office, YEARS - timedelta(days=10))

    assert (found.clients, found.letters) == ((), ())


def test_a_client_of_whom_something_was_heard_is_left_alone(silent: House) -> None:
    typed(silent, "plus doucement Lemaire", YEARS - timedelta(days=100))

    assert retaining.expired(silent.office, YEARS).clients == ()


def test_a_clock_that_jumps_ahead_erases_nothing(silent: House) -> None:
    retaining.retire_weekly(silent.office, at(MONDAY, 9))
    retaining.retire_weekly(silent.office, YEARS)
    assert len(contacts(silent)) == 2

    retaining.retire_weekly(silent.office, YEARS + timedelta(days=1))
    assert len(contacts(silent)) == 2

    retaining.retire_weekly(silent.office, YEARS + timedelta(days=8))
    assert contacts(silent) == [DUPONT.person.email]
