"""A pinned server that writes Authentication-Results on no mail proves nothing: a header in its name is a forger's."""

from e2e_house import DUPONT, LEMAIRE, House, forwarded
from e2e_scene import MONDAY, at

from mailbot.jobs import vouching

SERVER = b"mx.mailbot.test"


def stranger(number: int, head: bytes = b"") -> bytes:
    return head + (
        b"From: x@other%d.example\r\nTo: bot@mailbot.test\r\nSubject: %d\r\nMessage-ID: <%d@other.example>\r\n"
        b"\r\nHello.\r\n" % (number, number, number)
    )


def unasked(house: House) -> bool:
    return not house.rows("question", kind="unproven_owner")


def test_where_no_mail_has_a_header_by_the_server_an_owners_mail_that_has_one_is_asked_about(house: House) -> None:
    house.turn(at(MONDAY, 7), *(stranger(number) for number in range(6)))

    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))
    house.turn(at(MONDAY, 7, 50), forwarded("FA-2026-0002", DUPONT, at(MONDAY, 7, 50)))

    assert len(house.rows("question", kind="unproven_owner")) == 2
    assert house.rows("invoice") == []
    assert house.ask(lambda conn: vouching.stamped(conn, house.office)).never


def test_where_the_server_writes_on_mails_its_word_counts(house: House) -> None:
    head = b"Authentication-Results: " + SERVER + b"; dmarc=none\r\nReceived: by " + SERVER + b"; now\r\n"
    house.turn(at(MONDAY, 7), *(stranger(number, head) for number in range(6)))

    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    assert unasked(house)
    seen = house.ask(lambda conn: vouching.stamped(conn, house.office))
    assert (seen.mails, seen.once, seen.several, seen.never) == (7, 7, 0, False)


def test_a_few_mails_prove_nothing_against_a_server(house: House) -> None:
    house.turn(at(MONDAY, 7), *(stranger(number) for number in range(2)))

    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))

    assert unasked(house)


def test_a_second_header_in_the_servers_name_further_down_makes_the_mail_prove_nothing(house: House) -> None:
    raw = forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40))
    forged = b"Received: from a by b; now\r\nAuthentication-Results: " + SERVER + b"; dmarc=pass\r\n"
    first, _, rest = raw.partition(b"From:")

    house.turn(at(MONDAY, 7, 40), first + forged + b"From:" + rest)

    assert not unasked(house)
