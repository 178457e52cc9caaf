"""The seven promises of the design, each with tests that try to break it on the jobs as they are.

Kills, lost answers and doubled deliveries are in test_e2e_kill.py, forged owners in test_e2e_hostile.py.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from e2e_house import (
    DUPONT,
    LEMAIRE,
    House,
    answered,
    bank_file,
    copied,
    forwarded,
    ordered,
    write_settings,
)
from e2e_scene import MONDAY, OWNER, DemoLine, at

from mailbot.config import shipped
from mailbot.errors import MailboxError
from mailbot.jobs import intake, reading, sending, showing
from mailbot.ledger.group import Group
from mailbot.outbox.smtp import Arm, Reply
from mailbot.sandbox import Sandbox
from mailbot.testing.mailer import RecordingMailer
from mailbot.testing.memorybox import MemoryBox

SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
NUMBER = "FA-2026-0002"
LOOK = at(MONDAY, 9, 20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    child = Sandbox(25_000_000, 20.0, 1_500_000_000)
    yield child
    child.close()


@pytest.fixture(scope="module")
def monday_morning(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    """Dupont is three days late, the bank is fresh, the first reminder is planned for nine o'clock."""
    settings = write_settings(tmp_path_factory.mktemp("promises") / "house")
    house = House(settings, sandbox)
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded(NUMBER, DUPONT, morning), bank_file(SUNDAY, morning))
    assert house.row(kind="client").state == "queued"
    house.close()
    return settings


@pytest.fixture
def house(tmp_path: Path, monday_morning: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(copied(monday_morning, tmp_path / "house"), sandbox)
    found.now = LOOK
    yield found
    found.close()


@pytest.fixture
def empty(tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(write_settings(tmp_path / "empty"), sandbox)
    yield found
    found.close()


# ------------------------------------------------------------------------ 1: not twice, and not for what is settled


class LastMoment(RecordingMailer):
    """Something happens after RCPT and before DATA."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    async def transmit(
        self, envelope_from: str, recipient: str, raw: bytes, envid: str, arm: Arm, copy_to: str | None = None
    ) -> Reply:
        self.happens()
        return await super().transmit(envelope_from, recipient, raw, envid, arm, copy_to)


def order_of_owner(*lines: str) -> Callable[[House], bytes]:
    def make(house: House) -> bytes:
        confirmation = house.row(kind="owner", what="confirmation").raw
        assert confirmation is not None
        return ordered(confirmation, at(MONDAY, 9, 19), *lines)

    return make


def paid_by_transfer(_house: House) -> bytes:
    return bank_file(SUNDAY, LOOK, DemoLine(SUNDAY, Decimal("1200.00"), DUPONT.payer, NUMBER))


def paid_in_part(house: House) -> bytes:
    return order_of_owner(f"payé {NUMBER} 100,00")(house)


def a_transfer_that_may_be_theirs(_house: House) -> bytes:
    return bank_file(SUNDAY, LOOK, DemoLine(SUNDAY, Decimal("1200.00"), DUPONT.payer, "ACOMPTE"))


def written_by_the_client(text: str) -> Callable[[House], bytes]:
    def make(house: House) -> bytes:
        confirmation = house.row(kind="owner", what="confirmation").raw
        assert confirmation is not None
        raw = answered(DUPONT, confirmation, f"Bonjour,\n\n{text}\n\nCordialement,", at(MONDAY, 9, 19))
        return raw.replace(b"Subject: ", f"Subject: {NUMBER} ".encode(), 1)

    return make


SETTLED = {
    "paid by transfer": ("bank.payment", paid_by_transfer),
    "paid in part, so that the amounts of the mail are wrong": ("owner.paid", paid_in_part),
    "perhaps paid": ("bank.unmatched", a_transfer_that_may_be_theirs),
    "promised": ("reply.promise", written_by_the_client(f"Nous réglerons la facture {NUMBER} le lundi 9 mars.")),
    "disputed": (
        "reply.dispute",
        written_by_the_client(f"Nous contestons la facture {NUMBER}, il en manque la moitié."),
    ),
    "paused by the owner": ("owner.paused", order_of_owner(f"pause {NUMBER}")),
    "cancelled by the owner, who has yet to confirm it": ("owner.paused", order_of_owner(f"annule facture {NUMBER}")),
    "halted by the owner": ("owner.stopped", order_of_owner("stop")),
    "another address by the owner": ("owner.contact", order_of_owner("contact Dupont neu@dupont-sarl.example")),
}


@pytest.mark.parametrize("what", SETTLED)
def test_what_is_settled_between_planning_and_data_is_not_sent(house: House, what: str) -> None:
    event, make = SETTLED[what]
    raw = make(house)
    house.mailer = LastMoment(lambda: reading.read(house.office, house.keep(raw), house.now))
    row = house.row(kind="client")
    house.send(row.id)
    assert len(house.rows("event", name=event)) == 1
    assert house.mailer.sent == []
    assert house.row(id=row.id).state == "cancelled"
    assert house.rows("event", name="mail.sent") == []


def test_a_reminder_to_an_address_that_was_replaced_leaves_for_the_new_one_only(house: House) -> None:
    house.turn(LOOK, order_of_owner("contact Dupont neu@dupont-sarl.example")(house))
    house.turn(at(MONDAY, 10))
    house.turn(at(MONDAY, 10, 30))
    assert house.mails_to(DUPONT.person.email) == []
    assert len(house.mails_to("neu@dupont-sarl.example")) == 1


@pytest.mark.parametrize("moment", [at(MONDAY, 18), at(TUESDAY, 9, 20)])
def test_a_reminder_does_not_leave_outside_its_hours_or_on_another_day(house: House, moment: object) -> None:
    row = house.row(kind="client")
    house.now = moment  # type: ignore[assignment]
    house.send(row.id)
    assert house.mailer.sent == []
    assert house.row(id=row.id).state == "cancelled"


def test_two_workers_with_the_same_hint_send_one_mail(house: House) -> None:
    row = house.row(kind="client")
    mailer, group = LastMoment(lambda: time.sleep(0.3)), Group(house.office.engine)
    workers = [sending.Worker(f"house/{number}", mailer, lambda: house.now, group) for number in range(4)]
    threads = [
        threading.Thread(target=lambda one=one: asyncio.run(sending.send(house.office, row.id, one))) for one in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailer.sent) == 1
    assert house.row(id=row.id).attempt == 1


def test_a_cancelled_reminder_is_planned_anew_once_when_its_reason_is_gone(house: House) -> None:
    house.turn(LOOK, order_of_owner(f"pause {NUMBER}")(house))
    assert house.mails_to(DUPONT.person.email) == []
    house.turn(at(MONDAY, 10, 30), order_of_owner(f"reprends {NUMBER}")(house))
    house.turn(at(MONDAY, 11))
    house.turn(at(MONDAY, 16))
    assert len(house.mails_to(DUPONT.person.email)) == 1


# ------------------------------------------------------------------------ 2: in doubt the owner, not the client


def test_stale_bank_data_holds_every_reminder_until_it_is_fresh(empty: House) -> None:
    old = MONDAY - timedelta(days=10)
    empty.turn(at(MONDAY, 7, 40), forwarded(NUMBER, DUPONT, at(MONDAY, 7)), bank_file(old, at(MONDAY, 7)))
    empty.turn(LOOK)
    assert empty.mails_to(DUPONT.person.email) == []
    assert empty.rows("decision")[-1]["verdict"] == "hold"
    empty.turn(at(MONDAY, 10), bank_file(SUNDAY, at(MONDAY, 9, 50)))
    empty.turn(at(MONDAY, 10, 30))
    assert len(empty.mails_to(DUPONT.person.email)) == 1


def test_without_any_bank_data_no_reminder_leaves(empty: House) -> None:
    empty.turn(at(MONDAY, 7, 40), forwarded(NUMBER, DUPONT, at(MONDAY, 7)))
    empty.turn(LOOK)
    empty.turn(at(TUESDAY, 9, 20))
    assert empty.mails_to(DUPONT.person.email) == []
    assert any("Dupont" in mail.as_string() for mail in empty.mails_to(OWNER.email))


def test_a_reply_that_is_not_understood_pauses_and_becomes_one_question(house: House) -> None:
    house.turn(LOOK, written_by_the_client("Bleu chaise tableau hmm.")(house))
    assert house.mails_to(DUPONT.person.email) == []
    assert [row["kind"] for row in house.rows("question", state="open")] == ["unclear"]


# ------------------------------------------------------------------------ 3: no mail is lost

NASTY = (
    b"",
    b"\r\n\r\n",
    b"not a mail at all",
    b"\x00" * 4096,
    bytes(range(256)) * 64,
    b"From: \xff\xfe\r\nSubject: =?utf-8?b?/////w==?=\r\n\r\n\xe9\xe8",
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 3000,
    b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 200 + b"deep",
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 50_000,
    b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"A" * 99_999,
    b"From: a@b.example\r\nSubject: " + b"(" * 6000 + b"\r\n\r\nx",
    b"From: " + b"a," * 3000 + b"\r\nTo: " + b"<" * 3000 + b"\r\n\r\nx",
    b"Date: yesterday\r\nFrom: a@b.example\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xff",
    b"From: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=q\r\n\r\n--q--\r\n",
)


def test_whatever_comes_in_is_kept_byte_for_byte_and_dealt_with(house: House) -> None:
    before = len(house.rows("letter"))
    house.turn(LOOK, *NASTY)
    letters = {bytes(row["raw"]): row for row in house.rows("letter")}
    assert all(raw in letters for raw in NASTY)
    assert {row["state"] for row in letters.values()} <= {"read", "unreadable"}
    assert len(letters) == before + len(NASTY)
    for row in (row for row in letters.values() if row["state"] == "unreadable"):
        assert house.rows("question", letter=row["id"]), row["why"]


class Breaking(MemoryBox):
    """The mailbox breaks when a mail is to be filed away."""

    broken = True

    def file(self, uid: int, where: str = "processed") -> None:
        if self.broken:
            raise MailboxError("the connection broke")
        super().file(uid, where)


def test_a_mail_that_could_not_be_filed_away_is_neither_lost_nor_taken_twice(house: House) -> None:
    box = Breaking()
    box.deliver(order_of_owner(f"pause {NUMBER}")(house), LOOK)
    for _ in range(2):
        with pytest.raises(MailboxError):
            intake.fetch(house.office, box, LOOK)
    box.broken = False
    intake.fetch(house.office, box, LOOK)
    assert list(box.filed) == ["processed"]
    house.turn(LOOK)
    assert len(house.rows("event", name="owner.paused")) == 1


# ------------------------------------------------------------------------ 4: only the owner's authenticated mail


def test_without_a_pinned_server_only_an_answer_to_the_owners_mail_of_the_last_14_days_counts(
    tmp_path: Path, monday_morning: Path, sandbox: Sandbox
) -> None:
    settings = copied(monday_morning, tmp_path / "unpinned")
    settings.write_text(settings.read_text().replace("  authserv_id: mx.mailbot.test\n", ""))
    house = House(settings, sandbox)
    assert house.office.business.mailbox.authserv_id is None
    order = order_of_owner(f"pause {NUMBER}")(house)
    address = order.partition(b"\nTo: ")[2].partition(b"\r\n")[0]
    without_token = order.replace(address, b"factures@atelier-martin.example")
    house.turn(LOOK, without_token)
    assert house.rows("event", name="owner.paused") == []
    assert [row["kind"] for row in house.rows("question", state="open")] == ["unproven_owner"]
    house.turn(LOOK + timedelta(days=15), order)
    assert house.rows("event", name="owner.paused") == []
    house.close()

    second = House(copied(settings, tmp_path / "in-time"), sandbox)
    second.turn(LOOK + timedelta(days=1), order_of_owner(f"pause {NUMBER} 4j")(second))
    assert len(second.rows("event", name="owner.paused")) == 1
    second.close()


@pytest.mark.parametrize("first", ["pause", "reprends"])
def test_orders_that_came_in_one_after_the_other_take_effect_in_that_order(house: House, first: str) -> None:
    """Both mails are fetched at once, after the bot was off."""
    second = "reprends" if first == "pause" else "pause"
    sent = [
        ordered(house.row(kind="owner", what="confirmation").raw or b"", at(MONDAY, 9, minute), f"{verb} {NUMBER}")
        for minute, verb in enumerate((first, second, first, second), 2)
    ]
    house.turn(LOOK, *sent)
    house.turn(at(MONDAY, 10))
    assert len(house.mails_to(DUPONT.person.email)) == (1 if second == "reprends" else 0)


# ------------------------------------------------------------------------ 5: a missed clock decides nothing


def test_a_bot_that_was_off_for_weeks_catches_up_with_one_mild_mail(empty: House) -> None:
    """Due on 27 February, off from the 16th: rappel, due date, first and second reminder were all missed."""
    entered, back = date(2026, 2, 16), date(2026, 3, 12)
    empty.turn(at(entered, 7, 40), forwarded(NUMBER, DUPONT, at(entered, 7)), bank_file(entered, at(entered, 7)))
    empty.turn(at(back, 7, 40), bank_file(back - timedelta(days=1), at(back, 7)))
    for hour in (9, 10, 11, 16):
        empty.turn(at(back, hour, 20))
    assert [row["what"] for row in empty.rows("outgoing", kind="client", state="sent")] == ["reminder_1"]
    assert len(empty.mails_to(DUPONT.person.email)) == 1
    for row in empty.rows("outgoing", kind="client"):
        assert row["state"] in ("sent", "cancelled")
    after = back + timedelta(days=1)
    empty.turn(at(after, 9, 20), bank_file(back, at(after, 7)))
    assert len(empty.mails_to(DUPONT.person.email)) == 1


def test_a_mail_that_was_planned_before_the_bot_was_off_does_not_leave_when_it_is_back(house: House) -> None:
    """Planned on Monday, never sent, back a week later: decided anew, with fresh bank data only."""
    back = MONDAY + timedelta(days=7)
    house.turn(at(back, 9, 20))
    assert house.mails_to(DUPONT.person.email) == []
    house.turn(at(back, 10), bank_file(back - timedelta(days=1), at(back, 9, 50)))
    house.turn(at(back, 10, 30))
    assert len(house.mails_to(DUPONT.person.email)) == 1
    assert [row["what"] for row in house.rows("outgoing", kind="client", state="sent")] == ["reminder_1"]


# ------------------------------------------------------------------------ 6: same facts, same bytes, and why


def test_the_same_facts_give_the_same_decision_byte_for_byte_in_every_process(house: House, tmp_path: Path) -> None:
    house.turn(LOOK)
    cases = tmp_path / "cases.jsonl"
    lines = [json.dumps(case) for case in showing.cases(house.office, LOOK, everyone=True)]
    cases.write_text("\n".join(lines * 3) + "\n")
    policy = shipped("rules") / "fr.yaml"
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "mailbot", "rules", "decide", str(cases), "--rules", str(policy), "--json"],
            check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("4242", "Pacific/Auckland"))
    }  # fmt: skip
    [output] = outputs
    rows = [json.loads(row) for row in output.splitlines()]
    assert len(rows) == 3 * len(lines)
    assert all(row.pop("file") and row["reason"] for row in rows)
    assert rows[: len(lines)] == rows[len(lines) : 2 * len(lines)] == rows[2 * len(lines) :]


def test_two_installations_with_the_same_facts_write_the_same_mail(
    monday_morning: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    raws = set()
    for name in ("one", "two"):
        house = House(copied(monday_morning, tmp_path / name), sandbox)
        house.turn(LOOK)
        raws.add(next(mail.raw for mail in house.mailer.sent if mail.recipient == DUPONT.person.email))
        last = house.rows("decision")[-1]
        assert last["body"]["reason"]
        assert last["body"]["trace"]
        house.close()
    assert len(raws) == 1


# ------------------------------------------------------------------------ 7: an automatic match is right

TRAPS = {
    "the amount without the number": DemoLine(SUNDAY, Decimal("1200.00"), "DUPONT SARL", "VOTRE FACTURE"),
    "the number with another amount": DemoLine(SUNDAY, Decimal("1200.10"), "DUPONT SARL", NUMBER),
    "the number inside a longer one": DemoLine(SUNDAY, Decimal("1200.00"), "DUPONT SARL", f"{NUMBER}7"),
    "a number that is another's": DemoLine(SUNDAY, Decimal("1200.00"), "DUPONT SARL", "FA-2025-0002"),
    "two invoices, one amount": DemoLine(SUNDAY, Decimal("1200.00"), "X", f"{NUMBER} FA-2026-0003"),
    "money that went out": DemoLine(SUNDAY, Decimal("-1200.00"), "DUPONT SARL", NUMBER, "debit"),
}


@pytest.mark.parametrize("what", TRAPS)
def test_what_only_looks_like_a_payment_is_not_booked(house: House, what: str) -> None:
    house.turn(
        LOOK, forwarded("FA-2026-0003", LEMAIRE, LOOK), bank_file(SUNDAY, LOOK, TRAPS[what]),
    )  # fmt: skip
    assert house.rows("allocation") == []
    assert all(row["open_amount"] == Decimal("1200.00") for row in house.rows("invoice"))
    [line] = house.rows("line")
    assert line["state"] in ("asked", "ignored")
    assert line["state"] == "asked" or line["amount"] < 0 or what == "a number that is another's"


def test_number_and_amount_together_are_booked(house: House) -> None:
    house.turn(LOOK, paid_by_transfer(house))
    [allocation] = house.rows("allocation")
    assert (allocation["invoice"], allocation["amount"], allocation["how"]) == (NUMBER, Decimal("1200.00"), "auto")
    assert house.mails_to(DUPONT.person.email) == []
