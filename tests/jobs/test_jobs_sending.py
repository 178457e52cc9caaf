"""A mail leaves as it was decided, and none beside one of which nobody knows."""

from datetime import timedelta

from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at
from jobs_story import DISPUTED, SUNDAY, THURSDAY, TUESDAY, asked, newest, to_lemaire, typed

from mailbot.errors import DeliveryError
from mailbot.jobs import sending
from mailbot.ledger.group import Group


def test_an_invoice_that_is_disputed_before_the_mail_leaves_is_not_in_it(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40),
        forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)),
        forwarded("FA-2026-0002", LEMAIRE, at(MONDAY, 7, 40)),
        bank_file(SUNDAY, at(MONDAY, 7, 40)),
    )
    assert house.row(kind="client").invoices == ("FA-2026-0001", "FA-2026-0002")

    typed(house, "litige FA-2026-0002", at(MONDAY, 8))
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    [mail] = to_lemaire(house)
    text = mail.get_body(("plain",)).get_content()
    assert "FA-2026-0001" in text
    assert "FA-2026-0002" not in text


def test_nobody_is_written_to_while_it_is_not_known_whether_a_mail_left(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.evidence = None  # type: ignore[assignment]
    house.mailer.lose = frozenset({LEMAIRE.person.email})
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 11))
    [question] = asked(house, "in_doubt")

    for day in (TUESDAY, THURSDAY):
        house.turn(
            at(day, 9, 20),
            forwarded(f"FA-2026-{day:%d}", LEMAIRE, at(day, 9, 20)),
            bank_file(day - timedelta(days=1), at(day, 9, 20)),
        )
        house.turn(at(day, 10))
    assert len(to_lemaire(house)) == 1

    house.mailer.lose = frozenset()
    typed(house, f"{question['number']} oui", at(THURSDAY, 11))
    house.turn(at(THURSDAY, 11, 1))
    assert [event["data"]["evidence"] for event in house.rows("event", name="mail.sent")] == ["owner"]


def test_a_mail_that_did_not_arrive_leaves_again_when_the_owner_says_so(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.evidence = None  # type: ignore[assignment]
    house.mailer.lose = frozenset({LEMAIRE.person.email})
    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 11))
    [question] = asked(house, "in_doubt")

    house.mailer.lose = frozenset()
    typed(house, f"{question['number']} non", at(MONDAY, 12))
    house.turn(at(MONDAY, 12, 5))
    house.turn(at(MONDAY, 12, 6))

    first, second = to_lemaire(house)
    assert first["Message-ID"] == second["Message-ID"]
    assert len(house.rows("event", name="mail.sent")) == 1


def test_a_mail_does_not_leave_while_a_letter_waits_to_be_read(house: House) -> None:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.now = at(MONDAY, 9, 20)
    house.keep(answered(LEMAIRE, newest(house, OWNER.email), DISPUTED.format("FA-2026-0001"), at(MONDAY, 9)))

    house.send(house.row(kind="client").id)

    assert to_lemaire(house) == []
    assert house.row(kind="client").state == "queued"


def test_the_refusal_of_a_worker_that_slept_is_not_the_last_word(house: House) -> None:
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning))
    number = house.row(kind="client").id
    group = Group(house.office.engine)
    slow, quick = (sending.Worker(name, house.mailer, lambda: house.now, group) for name in ("slow", "quick"))

    house.now = at(MONDAY, 9, 20)
    [slept] = house.act(lambda conn: sending.claim(conn, house.office, [number], slow))
    house.now = at(MONDAY, 9, 30)
    assert len(house.act(lambda conn: sending.claim(conn, house.office, [number], quick))) == 1
    refusal = DeliveryError("550 5.1.1 nobody here", temporary=False, code=550)
    house.act(lambda conn: sending.refused(conn, house.office, slept, refusal, slow))

    assert house.rows("event", name="mail.rejected") == []
    assert house.row(kind="client").state == "claimed"
