"""A new installation in shadow mode: every digest of the first week says what would have left, and why."""

from datetime import timedelta
from decimal import Decimal

from e2e_house import DUPONT, LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at
from jobs_story import SUNDAY, TUESDAY, typed

from mailbot.jobs.shadowing import owed, would_have_sent
from mailbot.ledger.store import reading


def in_shadow(house: House) -> None:
    """Two clients that owe, on a Monday on which both would be reminded."""
    object.__setattr__(house.office, "business", house.office.business.model_copy(update={"mode": "shadow"}))
    bills = [forwarded(number, who, at(MONDAY, 7)) for number, who in (("FA-1", LEMAIRE), ("FA-2", DUPONT))]
    house.turn(at(MONDAY, 7, 40), *bills, bank_file(SUNDAY, at(MONDAY, 7, 40)))
    house.turn(at(MONDAY, 9, 20))


def digest_of(house: House, day: object = TUESDAY) -> tuple[str, str]:
    """The digest of that morning as text and as HTML, white space made one."""
    house.turn(at(day, 7, 40))  # type: ignore[arg-type]
    mail = house.mails_to(OWNER.email)[-1]
    parts = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    text, html = (" ".join(str(part).split()) for part in parts)
    return text, html


def test_the_next_digest_says_what_would_have_left_to_whom_and_why(house: House) -> None:
    in_shadow(house)

    text, html = digest_of(house)

    assert house.mails_to(LEMAIRE.person.email) == []
    assert "J'AURAIS ENVOYÉ CES 7 DERNIERS JOURS (2, 2 400,00 €)" in text
    [row] = [one for one in text.split(" - ") if one.startswith(LEMAIRE.name) and "FA-1" in one and "–" in one][:1]
    assert "première relance" in row
    assert LEMAIRE.name in html


def test_a_mail_of_the_week_before_is_not_told_any_more_and_the_week_is_said_to_be_over(house: House) -> None:
    in_shadow(house)

    early, _ = digest_of(house, MONDAY + timedelta(days=4))
    late, _ = digest_of(house, MONDAY + timedelta(days=8))

    assert "Pendant une semaine" in early
    assert "La semaine d'observation est passée" in late


def test_a_client_that_is_live_alone_is_named_and_its_mail_is_no_would_be(house: House) -> None:
    in_shadow(house)
    typed(house, f"en direct {LEMAIRE.name}", at(MONDAY, 10))

    text, _ = digest_of(house)

    assert f"Déjà en direct : {LEMAIRE.name}." in text


def test_an_invoice_that_would_have_been_reminded_says_since_when_it_is_late(house: House) -> None:
    in_shadow(house)

    text, _ = digest_of(house)

    assert "échue depuis 3 jours" in text
    assert "Message du jour" not in text


def test_a_reminder_ordered_in_shadow_mode_is_said_not_to_leave(house: House) -> None:
    in_shadow(house)

    [done] = typed(house, "envoie FA-2", at(MONDAY, 10))

    assert "en mode observation rien ne part" in done.result


def test_an_invoice_that_stands_in_two_would_be_mails_is_owed_once(house: House) -> None:
    in_shadow(house)
    house.turn(at(MONDAY + timedelta(days=7), 7, 40), bank_file(MONDAY + timedelta(days=6), at(MONDAY, 7, 40)))
    now = at(MONDAY + timedelta(days=7), 10)

    with reading(house.office.engine) as conn:
        rows = would_have_sent(conn, house.office, at(MONDAY, 0), now)
        twice = owed(conn, house.office, [*rows, *rows])
        once = owed(conn, house.office, rows)

    assert twice == once == (2, {"EUR": Decimal("2400.00")})
