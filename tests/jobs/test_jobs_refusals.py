"""What a server does not take, and why: the mail's state, one line for the owner with what to do, and health."""

import asyncio
import shutil
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at
from jobs_story import NOON, SUNDAY, asked, planned
from smtp_servers import HangsUpAtMail, Sink, serving
from sqlalchemy import update

from mailbot.config import shipped
from mailbot.jobs import clock, draining, refusals
from mailbot.jobs.health import health
from mailbot.jobs.sending import Worker
from mailbot.ledger import tables
from mailbot.ledger.group import Group
from mailbot.outbox.compose import Templates
from mailbot.outbox.smtp import Mailer, Timeouts

QUICK = Timeouts(connect=5, command=5, dot=5)
AUTHORITY = trustme.CA()


def tls(**certificate: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("localhost", "127.0.0.1", **certificate).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def refusing(**replies: str) -> Callable[[], AbstractAsyncContextManager[int]]:
    return lambda: serving(Sink(**replies))


def kind_of(server: type[Server]) -> Callable[[], AbstractAsyncContextManager[int]]:
    return lambda: serving(Sink(), server)


SERVERS: dict[str, tuple[str, Callable[[], AbstractAsyncContextManager[int]], str, str]] = {
    "hangs up at MAIL": ("smtp", kind_of(HangsUpAtMail), "cannot_send_unreachable", "mailbot doctor"),
    "no STARTTLS": ("smtp+starttls", refusing(), "cannot_send_encryption", "smtp.url"),
    "no TLS": ("smtps", refusing(), "cannot_send_encryption", "smtp.url"),
    "a stranger's certificate": (
        "smtps", lambda: serving(Sink(), tls=ssl_of_a_stranger()), "cannot_send_encryption", "smtp.url",
    ),
    "an expired certificate": (
        "smtps", lambda: serving(Sink(), tls=tls(not_after=datetime.now(UTC) - timedelta(days=1))),
        "cannot_send_encryption", "expired",
    ),
    "no DNS records": ("smtp", refusing(rcpt="550 5.7.515 Access denied"), "cannot_send_dns", "mailbot doctor"),
    "greylisting": ("smtp", refusing(rcpt="451 4.7.1 come back later"), "cannot_send", "check the address"),
    "not signed in": ("smtp", refusing(mail="530 5.7.0 Authentication required"), "cannot_send_sign_in", "password"),
}  # fmt: skip


def ssl_of_a_stranger() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


async def drained(house: House, mailer: Mailer) -> None:
    worker = Worker("house/1", mailer, lambda: house.now, Group(house.office.engine))
    await draining.drain(house.office, worker)
    await mailer.close()


@pytest.mark.parametrize("name", SERVERS)
def test_a_mail_that_a_server_does_not_take_waits_and_the_owner_gets_one_line_that_says_what_to_do(
    house: House, name: str
) -> None:
    scheme, server, kind, advice = SERVERS[name]
    planned(house, 2)
    in_english(house)

    async def refused(times: int) -> None:
        async with server() as port:
            for _ in range(times):
                mailer = Mailer(f"{scheme}://127.0.0.1:{port}", timeouts=QUICK, tls_context=trusting())
                await drained(house, mailer)
                house.now += timedelta(hours=5)

    asyncio.run(refused(refusals.TOLD_AFTER - 1))
    assert asked(house, kind) == []
    asyncio.run(refused(1))

    [line] = asked(house, kind)
    assert advice in line["text"]
    for row in house.rows("outgoing"):
        assert (row["state"], row["held"], row["attempt"]) == ("queued", False, refusals.TOLD_AFTER)
        assert row["smtp_reply"]
        assert row["due_at"] > row["changed_at"]
    assert health([house.office], house.now).businesses[0].refused == 2


def test_the_line_is_of_the_day_and_goes_when_the_mails_left(house: House) -> None:
    planned(house, 1)

    async def days() -> None:
        async with serving(Sink(rcpt="451 4.7.1 later")) as port:
            for _ in range(8):
                await drained(house, Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK))
                house.now += timedelta(hours=5)

    asyncio.run(days())
    assert [line["state"] for line in asked(house, "cannot_send")] == ["expired", "open"]
    clock.tick(house.office, house.evidence, house.now)
    assert len(asked(house, "cannot_send")) == 2

    house.now = NOON + timedelta(days=2)
    house.drain()
    clock.tick(house.office, house.evidence, house.now)

    assert [row["state"] for row in house.rows("outgoing", what="digest", template="question")] == ["sent"]
    assert {line["state"] for line in asked(house, "cannot_send")} == {"expired"}


def test_a_refused_sign_in_makes_the_bot_unwell_at_once_and_a_greylisting_server_does_not(house: House) -> None:
    planned(house, 1)

    def well_after(**replies: str) -> bool:
        async def once() -> None:
            async with serving(Sink(**replies)) as port:
                await drained(house, Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK))

        asyncio.run(once())
        house.now += timedelta(hours=5)
        return health([house.office], house.now - timedelta(hours=5)).well

    assert well_after(rcpt="451 4.7.1 later")
    assert not well_after(mail="535 5.7.8 Authentication failed")
    assert well_after()


def planned_reminder(house: House) -> None:
    """A reminder that waits since half past seven and may leave at nine."""
    morning = at(MONDAY, 7, 40)
    house.turn(morning, forwarded("FA-2026-0001", LEMAIRE, morning), bank_file(SUNDAY, morning))
    in_english(house)


@pytest.mark.parametrize("address", ["compta@lemaire.example\r\nbcc: x@y.example", "two words@lemaire.example"])
def test_a_mail_to_what_is_no_address_is_given_up_and_another_address_is_asked_for(house: House, address: str) -> None:
    planned_reminder(house)
    for table, column in ((tables.outgoing, "recipient"), (tables.contact, "email")):
        house.act(lambda conn, t=table, c=column: conn.execute(
            update(t).where(t.c[c] == LEMAIRE.person.email).values({c: address})))  # fmt: skip

    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    assert house.row(kind="client").state == "rejected"
    [line] = asked(house, "rejected")
    assert "new@address" in line["text"]
    assert [row["usable"] for row in house.rows("contact")] == [False]
    assert house.mailer.sent == [mail for mail in house.mailer.sent if mail.recipient == OWNER.email]


def test_a_mail_whose_template_fails_is_given_up_and_the_owner_told_what_fails(house: House, tmp_path: Path) -> None:
    planned_reminder(house)
    folder = shutil.copytree(shipped("templates"), tmp_path / "templates")
    shared = folder / "_letter.txt.j2"
    shared.write_text("{{ nothing.of_this_name }}" + shared.read_text())
    object.__setattr__(house.office, "templates", Templates(folder))

    house.turn(at(MONDAY, 9, 20))
    house.turn(at(MONDAY, 9, 40))

    row = house.row(kind="client")
    assert (row.state, row.smtp_code) == ("rejected", None)
    [line] = asked(house, "rejected_content")
    assert "nothing" in line["text"]
    assert "send FA-2026-0001" in line["text"]


def test_a_mail_refused_for_its_content_leaves_the_address_in_use(house: House) -> None:
    planned_reminder(house)
    house.now = at(MONDAY, 9, 20)
    clock.tick(house.office, house.evidence, house.now)
    house.now = at(MONDAY, 9, 40)

    async def refused() -> None:
        async with serving(Sink(dot="554 5.7.1 looks like spam")) as port:
            await drained(house, Mailer(f"smtp://127.0.0.1:{port}", timeouts=QUICK))

    asyncio.run(refused())

    assert house.row(kind="client").state == "rejected"
    [line] = asked(house, "rejected_mail")
    assert "stays in use" in line["text"]
    assert [row["usable"] for row in house.rows("contact")] == [True]


def in_english(house: House) -> None:
    object.__setattr__(house.office, "business", house.office.business.model_copy(update={"language": "en"}))
