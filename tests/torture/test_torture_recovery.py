"""Whatever process is killed: within lease and grace and a minute everything is out, without a human."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailbot.ledger.store import reading
from mailbot.ledger.tables import outgoing, outgoing_event
from mailbot.testing.torture.book import Debtor, open_accounts
from mailbot.testing.torture.proxy import Odds
from mailbot.testing.torture.run import STARTING_SECONDS
from mailbot.testing.torture.verdict import taken
from mailbot.testing.torture.world import GRACE, LATEST, LEASE, Setup, World, torn, warm

MAILS = 24
THINKING = Odds(delayed=1.0, delayed_seconds=1.0)
"""A server that takes its time, so that there is always something on the wire."""
NOT_ARMED, ARMED = LEASE + 60, LEASE + GRACE + 60


def until(true: Callable[[], bool], seconds: float) -> float:
    """How long it took; fails after so many seconds."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - began


def states(world: World) -> dict[str, int]:
    with reading(world.engine) as conn:
        counted = select(outgoing.c.state, func.count()).where(outgoing.c.kind == "client").group_by(outgoing.c.state)
        return dict(conn.execute(counted).all())  # type: ignore[arg-type]


def is_over(world: World) -> bool:
    return states(world) == {"sent": MAILS}


def opened(world: World) -> list[Debtor]:
    return open_accounts(world.engine, world.business, 1, MAILS, world.now())


def once_each(world: World, debtors: list[Debtor]) -> bool:
    reminders = [mail.recipient for mail in taken(world.sink.sink)]
    return sorted(one for one in reminders if "dom" in one) == sorted(debtor.email for debtor in debtors)


@pytest.mark.long
@pytest.mark.parametrize(
    ("setup", "victim", "restarted"),
    [
        ("redis+sqlite", "worker 1", False),
        ("redis+sqlite", "clock", True),
        ("redis+postgresql", "worker 2", False),
        ("embedded+sqlite", "all", True),
    ],
)
def test_after_kill_9_of_one_process_everything_is_out_in_time(
    setup: Setup, victim: str, restarted: bool, tmp_path: Path
) -> None:
    """Workers that are left take over; a clock or a lone bot is started again, as systemd does."""
    warm()
    with torn(setup, tmp_path, 1) as world:
        world.spoil(THINKING)
        world.start_missing()
        debtors = opened(world)
        until(lambda: states(world).get("sent", 0) > 0 and states(world).get("transmitting", 0) > 0, STARTING_SECONDS)
        world.kill(victim)
        if restarted:
            world.start_missing()
        took = until(lambda: is_over(world), ARMED)
        print(f"{setup}, {victim} killed: all out after {took:.1f} s")
        assert once_each(world, debtors)


@pytest.mark.long
def test_mails_that_were_not_armed_need_not_wait_for_the_grace(tmp_path: Path) -> None:
    """Everybody who claimed dies before anything is armed: another one sends all after the lease."""
    warm()
    with torn("redis+sqlite", tmp_path, 1) as world:
        world.spoil(Odds(refuse_for_now=1.0))
        world.start_missing()
        debtors = opened(world)
        until(lambda: states(world).get("claimed", 0) > 0, STARTING_SECONDS)
        for part in ("worker 1", "worker 2"):
            world.kill(part)
        world.spoil(Odds())
        until(lambda: is_over(world), NOT_ARMED)
        assert once_each(world, debtors)


@pytest.mark.long
def test_a_redis_that_is_killed_costs_no_mail_and_no_human(tmp_path: Path) -> None:
    warm()
    with torn("redis+sqlite", tmp_path, 1) as world:
        world.spoil(THINKING)
        world.start_missing()
        debtors = opened(world)
        until(lambda: states(world).get("sent", 0) > 0, STARTING_SECONDS)
        world.kill_redis()
        time.sleep(1)
        assert world.redis is not None
        world.redis.start()
        until(lambda: is_over(world), NOT_ARMED)
        assert once_each(world, debtors)
        assert all(process.is_alive() for process in world.living.values())


@pytest.mark.long
def test_a_clock_that_was_set_while_the_bot_was_dead_sends_nothing_twice(tmp_path: Path) -> None:
    """The next process finds it armed a quarter of an hour ago, as it seems, while the server is still taking it."""
    warm()
    with torn("embedded+sqlite", tmp_path, 1) as world:
        world.start_missing()
        debtors = open_accounts(world.engine, world.business, 1, 1, world.now())
        until(lambda: states(world) == {"sent": 1}, STARTING_SECONDS)
        world.kill("all")
        world.spoil(Odds(delayed=1.0, delayed_seconds=LATEST - 1))
        world.start_missing()
        debtors += open_accounts(world.engine, world.business, 2, 1, world.now())
        until(lambda: states(world).get("transmitting") == 1, STARTING_SECONDS)
        time.sleep(1)
        world.kill("all")
        world.set_clock(900)
        world.start_missing()
        until(lambda: states(world) == {"sent": 2}, ARMED)
        assert once_each(world, debtors)


@pytest.mark.long
def test_several_groups_of_workers_share_the_work_and_no_mail_leaves_twice(tmp_path: Path) -> None:
    warm()
    with torn("redis+postgresql", tmp_path, 1) as world:
        world.spoil(Odds(delayed=1.0, delayed_seconds=0.2))
        world.start_missing()
        debtors = opened(world)
        until(lambda: is_over(world), STARTING_SECONDS)
        assert once_each(world, debtors)
        with reading(world.engine) as conn:
            armed = conn.scalars(select(outgoing_event.c.detail).where(outgoing_event.c.change == "arm"))
            processes = {name.split("/")[1] for name in armed}
        assert len(processes) > 1
