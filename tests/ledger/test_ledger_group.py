"""Writers that are committed together: each gets its own answer, and none takes another with it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from threading import Event

import pytest
from ledger_samples import NOW
from sqlalchemy import Connection, Engine

from mailbot.errors import Disarmed, LedgerError
from mailbot.ledger import leases
from mailbot.ledger.group import Group
from mailbot.ledger.store import reading


def take(name: str, seconds: float = 60) -> object:
    return lambda conn: leases.take(conn, name, f"owner of {name}", NOW, seconds)


def held(engine: Engine) -> set[str]:
    with reading(engine) as conn:
        return {name for name, _ in leases.held(conn)}


def test_many_writers_at_once_are_all_written_and_each_gets_its_answer(engine: Engine) -> None:
    async def scenario() -> list[bool]:
        group = Group(engine)
        return await asyncio.gather(*(group.write(take(f"place {n % 50}", n)) for n in range(100)))

    answers = asyncio.run(scenario())

    assert answers == [True] * 100
    assert held(engine) == {f"place {n}" for n in range(50)}


def test_fewer_commits_than_writers(engine: Engine) -> None:
    commits = []
    engine.dialect.do_commit = _noting(commits, engine.dialect.do_commit)

    async def scenario() -> None:
        group = Group(engine)
        await asyncio.gather(*(group.write(take(f"place {n}")) for n in range(60)))

    asyncio.run(scenario())

    assert len(commits) < 30


def _noting(commits: list[int], do: object) -> object:
    def commit(connection: object) -> None:
        commits.append(1)
        do(connection)

    return commit


def test_one_that_fails_gets_its_own_exception_and_the_others_are_written(engine: Engine) -> None:
    def fails(conn: Connection) -> None:
        leases.take(conn, "of the one that fails", "x", NOW, 60)
        raise Disarmed("paid")

    async def scenario() -> list[object]:
        group = Group(engine)
        works = [take("first"), fails, take("last")]
        return await asyncio.gather(*(group.write(work) for work in works), return_exceptions=True)

    first, failed, last = asyncio.run(scenario())

    assert (first, last) == (True, True)
    assert isinstance(failed, Disarmed)
    assert held(engine) == {"first", "last"}


def test_what_the_database_refuses_is_a_sentence_of_ours(engine: Engine) -> None:
    def refused(conn: Connection) -> None:
        conn.exec_driver_sql("INSERT INTO lease (name) VALUES ('without an owner')")

    async def scenario() -> None:
        await Group(engine).write(refused)

    with pytest.raises(LedgerError, match="contradicts"):
        asyncio.run(scenario())


def test_what_is_done_together_is_done_at_once_and_each_gets_its_own_result(engine: Engine) -> None:
    begun, go = Event(), Event()
    at_once: list[list[int]] = []

    def slow(_conn: Connection) -> None:
        begun.set()
        go.wait(10)

    def doubled(_conn: Connection, numbers: Sequence[int]) -> list[int]:
        at_once.append(list(numbers))
        return [2 * number for number in numbers]

    async def scenario() -> list[int]:
        group = Group(engine)
        first = asyncio.ensure_future(group.write(slow))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.ensure_future(group.write_together(doubled, number)) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        go.set()
        await first
        return await asyncio.gather(*waiting)

    assert asyncio.run(scenario()) == [2, 4, 6]
    assert at_once == [[1, 2, 3]]


def test_reports_are_written_before_what_decides_on_them(engine: Engine) -> None:
    begun, go = Event(), Event()
    order: list[str] = []

    def slow(_conn: Connection) -> None:
        begun.set()
        go.wait(10)

    def noted(_conn: Connection, names: Sequence[str]) -> list[None]:
        order.extend(names)
        return [None for _ in names]

    async def scenario() -> None:
        group = Group(engine)
        first = asyncio.ensure_future(group.write(slow))
        await asyncio.to_thread(begun.wait, 10)
        decision = asyncio.ensure_future(group.write_together(noted, "decision"))
        report = asyncio.ensure_future(group.write_together(noted, "report", is_report=True))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, decision, report)

    asyncio.run(scenario())

    assert order == ["report", "decision"]


@pytest.mark.parametrize(
    ("decides_about", "order"),
    [((1, 2), ["report", "decision"]), (None, ["report", "decision"]), ((2,), ["decision", "report"])],
)
def test_a_report_waits_unless_somebody_decides_about_its_client(
    engine: Engine, decides_about: tuple[int, ...] | None, order: list[str]
) -> None:
    written: list[str] = []

    def noted(_conn: Connection, names: Sequence[str]) -> list[None]:
        written.extend(names)
        return [None for _ in names]

    async def scenario() -> None:
        group = Group(engine)
        report = group.write_together(noted, "report", clients=(1,), is_report=True)
        await asyncio.gather(report, group.write_together(noted, "decision", clients=decides_about))

    asyncio.run(scenario())

    assert written == order


def test_a_report_that_nothing_follows_is_written_by_itself(engine: Engine) -> None:
    def told(conn: Connection, names: Sequence[str]) -> list[bool]:
        return [leases.take(conn, name, "x", NOW, 60) for name in names]

    assert asyncio.run(Group(engine).write_together(told, "alone", is_report=True))
    assert held(engine) == {"alone"}


def test_a_cancelled_writer_does_not_stop_what_it_began(engine: Engine) -> None:
    async def scenario() -> None:
        group = Group(engine)
        waiting = asyncio.ensure_future(group.write(take("begun")))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await group.write(take("after")) is True

    asyncio.run(scenario())

    assert held(engine) == {"begun", "after"}


def test_it_serves_one_event_loop_after_the_other(engine: Engine) -> None:
    group = Group(engine)

    async def scenario(name: str) -> bool:
        return await group.write(take(name))

    assert asyncio.run(scenario("a"))
    assert asyncio.run(scenario("b"))


def test_a_lease_that_a_clock_gave_before_it_was_set_back_is_over(engine: Engine) -> None:
    async def scenario() -> list[bool]:
        group = Group(engine)
        hour = timedelta(hours=1)
        ahead = await group.write(lambda conn: leases.take(conn, "clock", "dead", NOW + hour, 90))
        soon = await group.write(lambda conn: leases.take(conn, "clock", "new", NOW + hour, 90))
        back = await group.write(lambda conn: leases.take(conn, "clock", "new", NOW, 90))
        return [ahead, soon, back]

    assert asyncio.run(scenario()) == [True, False, True]
