"""Senders that share the ledger on PostgreSQL: side by side, never beside a writer, in turns about one client."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from ledger_samples import NOW, plan
from sqlalchemy import Connection, Engine, select, update

from mailbot.errors import LedgerError
from mailbot.ledger import clients, leases, outgoing
from mailbot.ledger.group import Group
from mailbot.ledger.store import open_ledger, sharing, writing
from mailbot.ledger.tables import client as table

A = "atelier"

pytestmark = pytest.mark.parametrize("backend", ["postgres"])


@pytest.fixture
def beside(url: str) -> Iterator[Engine]:
    """The ledger of another process, which waits a fifth of a second for its turn."""
    opened = open_ledger(url, wait_seconds=0.2)
    yield opened
    opened.dispose()


@pytest.fixture
def two(engine: Engine) -> tuple[int, int]:
    with writing(engine) as conn:
        return clients.add(conn, A, "Dupont SARL", "fr"), clients.add(conn, A, "Lemaire SAS", "fr")


def written(engine: Engine, work: Callable[[Connection], object], about: tuple[int, ...] | None) -> object:
    return asyncio.run(Group(engine).write(work, clients=about))


def nothing(_conn: Connection) -> bool:
    return True


def test_two_that_share_are_in_their_transactions_at_once(engine: Engine) -> None:
    both = Barrier(2)

    def met(_conn: Connection) -> bool:
        return both.wait(10) >= 0

    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(written, engine, met, ()) for _ in range(2)]

    assert [one.result() for one in found] == [True, True]


def test_who_writes_and_who_shares_wait_for_each_other(engine: Engine, beside: Engine) -> None:
    for held, wanted in ((sharing, writing), (writing, sharing), (writing, writing)):
        with held(engine), pytest.raises(LedgerError, match="too long"), wanted(beside):
            pytest.fail("this one has to wait")


def test_groups_about_one_client_take_turns_and_others_do_not_wait(
    engine: Engine, beside: Engine, two: tuple[int, int]
) -> None:
    with sharing(engine) as conn:
        clients.lock(conn, two[:1])

        assert written(beside, nothing, two[1:])
        assert written(beside, nothing, ())
        with pytest.raises(LedgerError, match="too long"):
            written(beside, nothing, two[:1])


def test_a_group_that_names_no_clients_for_one_of_its_works_shares_with_nobody(engine: Engine, beside: Engine) -> None:
    with sharing(engine), pytest.raises(LedgerError, match="too long"):
        written(beside, nothing, None)


def test_two_groups_that_want_each_other_s_rows_are_both_written(engine: Engine, two: tuple[int, int]) -> None:
    """The one that PostgreSQL breaks off is done again when it has the ledger for itself."""
    both = Barrier(2)

    def renamed(first: int, second: int) -> Callable[[Connection], bool]:
        tries: list[int] = []

        def work(conn: Connection) -> bool:
            tries.append(1)
            conn.execute(update(table).where(table.c.id == first).values(nickname=f"by {first}"))
            if len(tries) == 1:
                both.wait(10)
            conn.execute(update(table).where(table.c.id == second).values(nickname=f"by {first}"))
            return True

        return work

    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(written, engine, renamed(*pair), ()) for pair in (two, two[::-1])]

    assert [one.result() for one in found] == [True, True]
    with writing(engine) as conn:
        names = conn.scalars(select(table.c.nickname).where(table.c.id.in_(two))).all()
    assert len(set(names)) == 1


def test_two_that_claim_at_once_get_different_mails_and_wait_for_nobody(engine: Engine, beside: Engine) -> None:
    with writing(engine) as conn:
        planned = [plan(conn, A, f"k{number}") or 0 for number in range(4)]

    claimed = []
    with ExitStack() as open_ones:
        for worker, ledger in (("first", engine), ("second", beside)):
            conn = open_ones.enter_context(sharing(ledger))
            due = outgoing.longest_due(conn, A, NOW, 2, to_claim=True)
            claimed.append([row.id for row in outgoing.claim_all(conn, A, [one.id for one in due], worker, NOW, 60)])
        assert outgoing.longest_due(conn, A, NOW, 2, to_claim=True) == []

    assert claimed == [planned[:2], planned[2:]]


def test_what_was_being_written_when_the_connection_broke_is_written_over_another(
    engine: Engine, beside: Engine
) -> None:
    tries: list[int] = []

    def broken_off(conn: Connection) -> bool:
        tries.append(1)
        if len(tries) == 1:
            with beside.connect() as other:
                other.exec_driver_sql(
                    f"SELECT pg_terminate_backend({conn.connection.driver_connection.info.backend_pid})"
                )
        return leases.take(conn, f"try {len(tries)}", "x", NOW, 60)

    async def scenario() -> list[bool]:
        group = Group(engine)
        first = await asyncio.gather(group.write(broken_off, clients=()), group.write(nothing, clients=()))
        return [*first, await group.write(nothing, clients=())]

    assert asyncio.run(scenario()) == [True, True, True]
    with writing(engine) as conn:
        assert leases.held(conn) == [("try 2", "x")]


def test_who_waits_alone_does_not_wait_for_those_that_come_later(engine: Engine, beside: Engine) -> None:
    """A payment gets its turn although workers share the ledger one after the other without a pause."""
    with ThreadPoolExecutor(1) as threads:
        with sharing(engine):
            payment = threads.submit(written, engine, lambda conn: leases.take(conn, "paid", "x", NOW, 60), None)
            while not _waits(engine):
                assert not payment.done()
            with pytest.raises(LedgerError, match="too long"), sharing(beside):
                pytest.fail("this one has to wait behind the payment")
        assert payment.result() is True


def _waits(engine: Engine) -> bool:
    with engine.connect() as conn:
        return bool(conn.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").scalar())


def test_a_server_that_isolates_more_by_default_changes_nothing(url: str, engine: Engine) -> None:
    """There, who waited for his turn would not see what was committed meanwhile."""
    strict = open_ledger(f"{url}?options=-c%20default_transaction_isolation%3Dserializable")
    for began in (writing, sharing):
        with began(strict) as conn:
            assert conn.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    strict.dispose()
