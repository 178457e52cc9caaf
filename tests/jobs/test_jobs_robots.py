"""What machines of clients send: nothing answers it, and a ticket's receipt stops no reminder."""

from datetime import timedelta

from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, to_lemaire

from mailbot.config import shipped
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules

ASKS = "Bonjour,\n\nPouvez-vous me renvoyer la facture FA-2026-0001 en PDF ? Je ne la trouve pas.\n\nMerci,"
MACHINES = (
    b"Return-Path: <>", b"X-Auto-Response-Suppress: All", b"Precedence: list", b"Precedence: junk", b"List-Id: <x.y>",
    b"Auto-Submitted: auto-generated", b"Feedback-ID: 1:2:3:esp",
)  # fmt: skip


def reminded(house: House) -> bytes:
    now = at(MONDAY, 7, 40)
    house.turn(now, forwarded("FA-2026-0001", LEMAIRE, now), bank_file(SUNDAY, now))
    house.turn(at(MONDAY, 9, 20))
    return [one.raw for one in house.mailer.sent if one.recipient == LEMAIRE.person.email][-1]


def test_a_machine_that_asks_for_a_copy_gets_none_and_a_person_gets_it(house: House) -> None:
    mail = reminded(house)
    text = (shipped("rules") / "gentle.yaml").read_text(encoding="utf-8")
    gentle = load_rules(text, "gentle.yaml", house.office.templates.names())
    assert isinstance(gentle, Rules)
    object.__setattr__(house.office, "rules", gentle)
    for minute, header in enumerate(MACHINES):
        now = at(MONDAY, 10, minute)
        house.turn(now, header + b"\r\n" + answered(LEMAIRE, mail, ASKS, now))
    house.turn(at(MONDAY, 10, 40))
    assert len(to_lemaire(house)) == 1

    house.turn(at(MONDAY, 11), answered(LEMAIRE, mail, ASKS, at(MONDAY, 11)))
    house.turn(at(MONDAY, 11, 20))
    house.turn(at(MONDAY, 11, 40))
    assert len(to_lemaire(house)) == 2


def test_the_receipt_of_a_ticket_stops_no_reminder_and_an_absence_does(house: House) -> None:
    mail = reminded(house)
    now = at(MONDAY, 10)
    receipt = "Votre demande a été enregistrée sous le n° 4711. Ne pas répondre."
    house.turn(now, answered(LEMAIRE, mail, receipt, now))
    house.turn(at(MONDAY, 11), b"Auto-Submitted: auto-replied\r\n" + answered(LEMAIRE, mail, "Merci.", at(MONDAY, 11)))

    said = [row["name"] for row in house.rows("event") if row["name"].startswith("reply.")]
    assert said == ["reply.auto_reply", "reply.auto_reply"]
    for ahead in (7, 8, 9):
        day = MONDAY + timedelta(days=ahead)
        house.turn(at(day, 7, 40), bank_file(day - timedelta(days=1), at(day, 7, 40)))
        house.turn(at(day, 9, 20))
    assert len(to_lemaire(house)) == 2

    now = at(MONDAY + timedelta(days=9), 12)
    away = "Bonjour,\n\nJe suis absente du bureau jusqu'au 27 mars 2026, de retour le 30 mars 2026.\n"
    house.turn(now, b"Auto-Submitted: auto-replied\r\n" + answered(LEMAIRE, mail, away, now))
    assert [row["name"] for row in house.rows("event") if row["name"].startswith("reply.")][-1] == "reply.out_of_office"
