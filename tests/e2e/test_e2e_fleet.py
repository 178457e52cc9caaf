"""The compose file's parts, each a process of its own on PostgreSQL and Redis, tell the demo's story as one process.

FLEET_DAYS=90 tells all of it (`make fleet`).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import redis

from mailbot.demo.run import Stage, instants, staged, timeline
from mailbot.demo.story import BOT
from mailbot.testing.fleet import Fleet
from mailbot.testing.mail import ImapServer

pytestmark = pytest.mark.slow
DAYS = int(os.environ.get("FLEET_DAYS", "19"))
"""The first mails to clients leave on the fifteenth."""
COMPOSE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
SEED = 1


@pytest.fixture
def broker(redis_url: str) -> str:
    url = f"{redis_url.rpartition('/')[0]}/8"
    with redis.Redis.from_url(url) as server:
        server.flushdb()
    return url


def test_the_parts_write_the_same_mails_to_clients_as_one_process(
    tmp_path: Path, postgres_database: str, broker: str
) -> None:
    alone = told(tmp_path / "alone", in_one_process)

    with_parts = told(tmp_path / "parts", lambda stage: in_parts(stage, postgres_database, broker))

    assert len(alone) >= 3
    assert sorted(with_parts) == sorted(alone)


def told(out: Path, live: Callable[[Stage], None]) -> list[str]:
    """Day, address and first line of every mail to a client."""
    out.mkdir()
    with staged(out, DAYS, SEED, "fr", {"limits": {"clock_seconds": 0.2}}) as stage:
        live(stage)
        return timeline(stage)


def moments(stage: Stage) -> Iterator[datetime]:
    """Every instant at which somebody does something or the bot looks around, in order; until then nothing happened."""
    world = stage.world
    for now in instants(stage.days):
        while due := [at for at, _ in world.agenda if at < now]:
            yield min(due)
        yield now


def in_one_process(stage: Stage) -> None:
    for now in moments(stage):
        stage.world.until(now)
        stage.bot.live(now)
        stage.world.notice(now)
    stage.bot.close()


def in_parts(stage: Stage, database: str, broker: str) -> None:
    with fleet_of(stage, database, broker) as fleet:
        for now in moments(stage):
            fleet.at(now)
            stage.world.until(now)
            fleet.settle(now)
            stage.world.notice(now)
        assert fleet.names == ["watch-1", "worker-1", "worker-2", "clock-1", "web-1"]
        assert set(fleet.stop().values()) == {0}


@contextmanager
def fleet_of(stage: Stage, database: str, broker: str) -> Iterator[Fleet]:
    folder = stage.settings.parent
    for name, address in (("database", database), ("redis", broker)):
        (folder / "secrets" / name).write_text(address)
        (folder / "secrets" / name).chmod(0o600)
    box = ImapServer(0, folder / ".servers" / "imap", {BOT: ""})
    with Fleet(COMPOSE, stage.settings, database, lambda: len(box.mails(BOT))) as fleet:
        yield fleet
