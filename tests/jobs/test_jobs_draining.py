"""Mails leave over a limited number of lines, within the limits of the hour, and one that kills is parked."""

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import NOON, SUNDAY, asked, planned

from mailbot.jobs import draining, sending
from mailbot.ledger import leases, outgoing
from mailbot.ledger.group import Group
from mailbot.outbox.smtp import Arm, Reply
from mailbot.testing.mailer import RecordingMailer


def limited(house: House, **smtp: Any) -> None:
    """The office with other settings of smtp."""
    business = house.office.business
    other = business.model_copy(update={"smtp": business.smtp.model_copy(update=smtp)})
    object.__setattr__(house.office, "business", other)


def worker(house: House, name: str = "house/1", mailer: Any = None) -> sending.Worker:
    return sending.Worker(name, mailer or house.mailer, lambda: house.now, Group(house.office.engine))


def drained(house: House, *names: str, mailer: Any = None) -> list[int]:
    async def together() -> list[int]:
        return await asyncio.gather(*(draining.drain(house.office, worker(house, n, mailer)) for n in names))

    return asyncio.run(together())


class Slow(RecordingMailer):
    """Counts how many mails are on the wire at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Arm, copy_to: str | None = None
    ) -> Reply:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.01)
            return await super().transmit(envelope_from, recipient, raw, envid, arm, copy_to)
        finally:
            self.now -= 1


def test_all_that_is_due_leaves_once_over_two_lines_whoever_asks(house: House) -> None:
    planned(house, 30)
    mailer = Slow()

    done = drained(house, "a", "b", "c", "d", mailer=mailer)

    assert sum(done) == 30
    assert sorted(done)[:2] == [0, 0]
    assert mailer.most == 2
    assert set(Counter(mail.recipient for mail in mailer.sent).values()) == {1}


def test_a_line_is_free_again_afterwards_and_after_its_holder_died(house: House) -> None:
    planned(house, 1)
    limited(house, connections=1)
    house.act(lambda conn: leases.take(conn, f"line 1 of {house.office.key}", "dead", NOON, 120))

    assert drained(house, "a") == [0]
    house.now += timedelta(seconds=121)
    assert drained(house, "a") == [1]
    planned(house, 1, "other.example")
    assert drained(house, "b") == [1]


def test_mails_over_the_limit_of_the_hour_wait_together_until_there_is_room(house: House) -> None:
    limited(house, mails_per_hour=3)
    looked(house)
    rows = planned(house, 5, kind="client")

    drained(house, "a")
    waiting = [row for row in house.rows("outgoing", kind="client", state="queued") if row["id"] in rows]
    assert len(waiting) == 2
    assert {row["due_at"] for row in waiting} == {NOON + timedelta(hours=1)}
    assert {row["why"] for row in waiting} == {"3 mails an hour"}
    assert drained(house, "a") == [0]

    house.now = NOON + timedelta(hours=1, seconds=1)
    drained(house, "a")
    assert [row["state"] for row in house.rows("outgoing", kind="client") if row["id"] in rows] == ["sent"] * 5


def test_what_another_line_has_claimed_counts_against_the_limit_of_the_hour(house: House) -> None:
    limited(house, mails_per_hour=3)
    planned(house, 5, kind="client")

    drained(house, "a", "b", mailer=Slow())

    assert Counter(row["state"] for row in house.rows("outgoing", kind="client")) == {"sent": 3, "queued": 2}


def test_what_a_dead_worker_has_claimed_is_not_counted(house: House) -> None:
    limited(house, mails_per_hour=3)
    rows = planned(house, 3, kind="client")
    house.act(lambda conn: sending.claim(conn, house.office, rows, worker(house, "dead")))
    house.now += timedelta(seconds=121)

    drained(house, "a")

    assert [house.row(id=row).state for row in rows] == ["sent"] * 3


def test_the_clients_of_one_provider_do_not_keep_others_waiting(house: House) -> None:
    limited(house, mails_per_hour_and_domain=2)
    looked(house)
    planned(house, 4, "many.example", kind="client")
    planned(house, 2, "few.example", kind="client")

    drained(house, "a")

    sent = Counter(row["recipient"].partition("@")[2] for row in house.rows("outgoing", kind="client", state="sent"))
    assert sent == {"many.example": 2, "few.example": 2}
    assert drained(house, "a") == [0]


def test_a_mail_to_the_owner_waits_for_no_limit(house: House) -> None:
    limited(house, mails_per_hour=1, mails_per_hour_and_domain=1)
    planned(house, 4)

    assert drained(house, "a") == [4]


def looked(house: House) -> None:
    """No client is behind these mails, so nothing is to be decided about them."""
    assert house.rows("letter", state="new") == []


def test_a_worker_that_is_told_to_stop_gives_back_what_it_claimed(house: House) -> None:
    planned(house, 6)
    sent: list[int] = []

    def stopping() -> bool:
        sent.append(1)
        return len(sent) > 4

    asyncio.run(draining.drain(house.office, worker(house), stopping))

    states = Counter(row["state"] for row in house.rows("outgoing"))
    assert states["queued"] == 6 - states["sent"] > 0
    assert drained(house, "b") == [states["queued"]]


def test_a_mail_that_kills_its_worker_is_parked_and_takes_no_other_with_it(house: House) -> None:
    rows = planned(house, 3)
    for attempt in range(sending.PARKED_AFTER):
        dead = worker(house, f"dead {attempt}")
        house.act(partial(sending.claim, office=house.office, numbers=rows[:1], worker=dead))
        house.now += timedelta(seconds=121)

    drained(house, "a")

    assert [house.row(id=row).state for row in rows] == ["rejected", "sent", "sent"]
    assert "5 times the program ended" in str(house.row(id=rows[0]).smtp_reply)


def test_mails_that_were_claimed_before_go_alone(house: House) -> None:
    rows = planned(house, 5)
    house.act(lambda conn: sending.claim(conn, house.office, rows[:2], worker(house, "dead")))
    house.now += timedelta(seconds=121)

    due = house.ask(lambda conn: outgoing.longest_due(conn, house.office.key, house.now, 10))

    assert [one.id for one in draining._together(due)] == rows[:1]
    assert [one.id for one in draining._together(due[2:])] == rows[2:]


def test_every_mail_has_a_blind_copy_where_the_archive_is_the_evidence(house: House) -> None:
    limited(house, evidence="archive")
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))

    copies = {mail.copy_to for mail in house.mailer.sent}
    assert copies == {house.office.business.mailbox.mail_address.replace("@", "+archive@")}


def test_a_place_that_never_showed_a_mail_of_ours_proves_nothing_by_not_showing_one(house: House) -> None:
    """A Sent folder in which the server files nothing: the mail is not sent again, the owner is asked."""
    [row] = planned(house, 1)
    planned(house, 1, "other.example")
    house.mailer.lose = frozenset({"c0@client.example"})
    drained(house, "a")
    house.now += timedelta(hours=1)

    sending.reconcile(house.office, house.row(id=row), Empty(), house.now)

    assert house.row(id=row).held
    assert len(asked(house, "in_doubt")) == 1


class Empty:
    """A folder in which nothing is ever filed."""

    def find(self, _message_id: str) -> bool:
        return False
