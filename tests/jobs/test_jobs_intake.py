"""Taking mail in: a mailbox that lets nothing be moved, and mails that smell of fraud."""

from collections.abc import Iterator

from e2e_house import LEMAIRE, House, forwarded
from e2e_scene import MONDAY, OWNER, at
from jobs_story import asked

from mailbot.errors import FilingError
from mailbot.inbox.watch import Fetched, Known
from mailbot.jobs import intake
from mailbot.testing.memorybox import MemoryBox

NOW = at(MONDAY, 7, 40)


class ReadOnly(MemoryBox):
    """A mailbox whose account may read but not move; it counts what it gives."""

    given = 0
    locked = True

    def poll(self, known: Known | None = None) -> Iterator[Fetched]:
        for fetched in super().poll(known):
            self.given += 1
            yield fetched

    def file(self, uid: int, where: str = "processed") -> None:
        if self.locked:
            raise FilingError("imap.example answers: NO permission denied")
        super().file(uid, where)


def from_client(subject: str, text: str, sender: str = LEMAIRE.person.email) -> bytes:
    return (
        f"From: {sender}\r\nTo: factures@atelier-martin.example\r\nSubject: {subject}\r\n"
        "Date: Mon, 02 Mar 2026 07:30:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Message-ID: <{len(subject + text + sender)}.{subject[-1]}@x.example>\r\n\r\n"
        f"{text}\r\n"
    ).encode()


def test_a_mailbox_that_files_nothing_stops_nothing_and_is_told_of_once(house: House) -> None:
    box = ReadOnly()
    for number in range(3):
        box.deliver(from_client(f"Mail {number}", "Bonjour"), NOW)

    for _ in range(2):
        intake.fetch(house.office, box, NOW)
    house.work_off()

    assert {row["state"] for row in house.rows("letter", direction="in")} == {"read"}
    assert len(house.rows("letter", direction="in")) == 3
    (question,) = asked(house, "cannot_file")
    assert "permission denied" in question["text"]
    assert box.given == 3


def test_what_could_not_be_filed_is_filed_when_it_may_be(house: House) -> None:
    box = ReadOnly()
    box.deliver(from_client("Bonjour", "Bonjour"), NOW)
    intake.fetch(house.office, box, NOW)
    box.locked = False

    assert intake.fetch(house.office, box, NOW) == []
    assert len(box.filed["processed"]) == 1


def test_changed_bank_details_are_told_to_the_owner_at_once_and_nothing_is_believed(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    house.turn(NOW, from_client("Re: FA-2026-0001", "Je vous paie vendredi. Merci de confirmer votre nouvel IBAN."))

    (question,) = asked(house, "bank_change")
    assert "nouvel IBAN" in question["text"]
    assert [row for row in house.rows("outgoing", recipient=OWNER.email) if "bank_change" in row["dedupe_key"]]
    assert not house.rows("event", name="reply.promise")
    assert house.rows("event", name="reply.unclear")


def test_a_sender_who_looks_like_a_client_is_told_of_and_not_believed(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))
    name, _, domain = LEMAIRE.person.email.partition("@")

    house.turn(NOW, from_client("FA-2026-0001", "La facture FA-2026-0001 est réglée.", f"{name}@{domain[0]}{domain}"))

    (question,) = asked(house, "look_alike")
    assert domain in question["text"]
    assert not house.rows("event", name="reply.paid")


def test_a_third_persons_promise_in_the_thread_is_asked_about(house: House) -> None:
    house.turn(NOW, forwarded("FA-2026-0001", LEMAIRE, NOW))

    house.turn(NOW, from_client("FA-2026-0001", "Nous payons la FA-2026-0001 vendredi.", "paul@cabinet-paul.example"))

    assert not house.rows("event", name="reply.promise")
    assert house.rows("event", name="reply.unclear")
