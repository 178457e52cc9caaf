"""Two workers on one PostgreSQL: what one arms the other knows, a payment comes first, and limits hold for both."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from e2e_house import House, write_settings
from e2e_scene import MONDAY, at
from jobs_story import planned

from mailbot.errors import Disarmed
from mailbot.jobs import draining, sending
from mailbot.jobs.deciding import decide_client
from mailbot.ledger import clients, events, outgoing
from mailbot.ledger.group import Group
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import open_ledger, sharing, writing
from mailbot.model import Event
from mailbot.sandbox import Sandbox
from mailbot.testing.torture.book import Debtor, open_accounts, pay

TEN = at(MONDAY, 10)
LEASE = 120


@pytest.fixture
def house(tmp_path: Path, sandbox: Sandbox, postgres_database: str) -> Iterator[House]:
    settings = write_settings(tmp_path / "house")
    tree = yaml.safe_load(settings.read_text()) | {"database": postgres_database, "limits": {"hold_minutes": 0}}
    settings.write_text(yaml.safe_dump(tree, allow_unicode=True))
    found = House(settings, sandbox)
    found.now = TEN
    yield found
    found.close()


def debtor_with_a_mail(house: House) -> tuple[Debtor, Outgoing]:
    """A client whose reminder is claimed and has its bytes: all that is left is the last look."""
    [debtor] = open_accounts(house.office.engine, house.office.key, 1, 1, TEN)
    row = decide_client(house.office, debtor.client, TEN)
    assert row is not None
    return debtor, claimed(house, row, "one")


def claimed(house: House, row: int, worker: str) -> Outgoing:
    def claim(conn: object) -> Outgoing:
        assert outgoing.claim(conn, house.office.key, row, worker, TEN, LEASE)
        outgoing.freeze(conn, house.office.key, row, b"a mail\r\n", TEN)
        return outgoing.get(conn, house.office.key, row)

    return house.act(claim)


@contextmanager
def worker(house: House, name: str) -> Iterator[sending.Worker]:
    """A worker of another process: it shares nothing but the database."""
    engine = open_ledger(house.office.engine.url.render_as_string(hide_password=False))
    yield sending.Worker(name, house.mailer, lambda: house.now, Group(engine))
    engine.dispose()


def armed(house: House, row: Outgoing, name: str) -> str:
    """ "armed", or why the mail must not leave."""
    with worker(house, name) as one:
        try:
            asyncio.run(sending._arm(house.office, row, one)())
        except Disarmed as why:
            return str(why)
    return "armed"


def wait_for_a_waiting_one(house: House, result: Future[str]) -> None:
    """Until somebody waits for a lock; bounded by the patience of whoever waits."""
    while not result.done():
        with house.office.engine.connect() as conn:
            if conn.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").scalar():
                return
        time.sleep(0.01)


def test_an_arm_that_waits_for_a_payment_sees_it(house: House) -> None:
    debtor, row = debtor_with_a_mail(house)

    with ThreadPoolExecutor(1) as threads:
        with writing(house.office.engine) as conn:
            result = threads.submit(armed, house, row, "one")
            wait_for_a_waiting_one(house, result)
            assert not result.done()
            [number] = debtor.numbers
            data = {"amount": "1000.00", "line": "line-1", "paid_on": MONDAY.isoformat()}
            paid = Event("bank.payment/1", "bank.payment", TEN, MONDAY, str(debtor.client), number, data)
            events.record(conn, house.office.key, paid)

        assert result.result() != "armed"
    assert house.row(id=row.id).state == "cancelled"


def test_a_payment_before_the_last_look_cancels_the_mail(house: House) -> None:
    debtor, row = debtor_with_a_mail(house)
    pay(house.office.engine, house.office.key, debtor, debtor.numbers[0], TEN)

    assert armed(house, row, "one") != "armed"
    assert house.row(id=row.id).state == "cancelled"


def test_a_mail_that_nothing_forbids_is_armed(house: House) -> None:
    _, row = debtor_with_a_mail(house)

    assert armed(house, row, "one") == "armed"


def test_the_second_mail_of_a_client_is_looked_at_when_the_first_one_is_armed(house: House) -> None:
    """Else both would be looked at before either is armed, and both would leave."""
    debtor, first = debtor_with_a_mail(house)
    key = house.office.key
    number = house.act(
        lambda conn: outgoing.plan(
            conn, key, dedupe_key="second", kind="client", what="x", template="reminder_1", recipient=debtor.email,
            client=debtor.client, context={}, message_id="<second@bot.example>", due_at=TEN,
            expires_at=TEN + timedelta(days=1), now=TEN,
        )
    )  # fmt: skip
    assert number is not None
    second = claimed(house, number, "two")

    with ThreadPoolExecutor(1) as threads:
        with sharing(house.office.engine) as conn:
            clients.lock(conn, [debtor.client])
            assert outgoing.arm(conn, key, first.id, "one", TEN, LEASE)
            result = threads.submit(armed, house, second, "two")
            wait_for_a_waiting_one(house, result)
            assert not result.done()

        assert result.result() == "it is not known whether another mail left"


def test_two_workers_together_keep_to_the_limit_of_the_hour(house: House) -> None:
    business = house.office.business
    smtp = business.smtp.model_copy(update={"mails_per_hour": 7, "mails_per_hour_and_domain": 0, "connections": 2})
    object.__setattr__(house.office, "business", business.model_copy(update={"smtp": smtp}))
    planned(house, 30, kind="client")

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(drained, house, name) for name in ("one", "two")]
    [one.result() for one in both]

    states = Counter(row["state"] for row in house.rows("outgoing", kind="client"))
    assert states == {"sent": 7, "queued": 23}


def test_two_workers_send_each_mail_once(house: House) -> None:
    business = house.office.business
    smtp = business.smtp.model_copy(update={"mails_per_hour": 0, "mails_per_hour_and_domain": 0, "connections": 4})
    object.__setattr__(house.office, "business", business.model_copy(update={"smtp": smtp}))
    planned(house, 60, kind="client")

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(drained, house, name) for name in ("one", "two")]
    [one.result() for one in both]

    assert Counter(row["state"] for row in house.rows("outgoing", kind="client")) == {"sent": 60}
    assert set(Counter(mail.recipient for mail in house.mailer.sent).values()) == {1}


def drained(house: House, name: str) -> int:
    """Over two lines, as often as there is something to do."""

    async def lines(one: sending.Worker) -> list[int]:
        both = (replace(one, name=f"{name}/{line}") for line in (1, 2))
        return await asyncio.gather(*(draining.drain(house.office, line) for line in both))

    with worker(house, name) as one:
        return sum(asyncio.run(lines(one)))
