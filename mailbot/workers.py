"""Dramatiq actors: three lines each, ids only. `mailbot run` and `dramatiq mailbot.workers` use the same ones.

Importing this builds the broker, as Dramatiq's own command line needs it: Redis where `redis:` is set, else one in
this process. Messages are hints: the ledger is the truth, the clock finds again whatever a broker loses.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO

from mailbot.app import App, open_app
from mailbot.config import WHERE
from mailbot.jobs import clock, reading, sending

_DEAD_LETTERS = 100


class EmbeddedBroker(StubBroker):
    """Dramatiq's broker in memory, which forgets all but the latest failures (it keeps them for ever otherwise)."""

    def enqueue(self, message: dramatiq.Message[object], *, delay: int | None = None) -> dramatiq.Message[object]:
        for letters in self.dead_letters_by_queue.values():
            del letters[:-_DEAD_LETTERS]
        return super().enqueue(message, delay=delay)


def build_broker(redis: str | None) -> dramatiq.Broker:
    """The broker; a killed worker's hints return within seconds instead of minutes (maintenance at every command)."""
    if redis is None:
        broker: dramatiq.Broker = EmbeddedBroker()
    else:
        # dramatiq does not annotate this class
        broker = RedisBroker(url=redis, maintenance_chance=1_000_000, heartbeat_timeout=10_000)  # type: ignore[no-untyped-call]
    broker.add_middleware(AsyncIO())
    return broker


app: App = open_app(Path(os.environ.get(WHERE, "mailbot.yaml")), os.environ)
broker = build_broker(app.settings.redis)
dramatiq.set_broker(broker)


# The ledger owns all retries: it counts attempts and knows what was sent, so a broker's retry could only do harm.
@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=600_000)
def read(business: str, letter: str) -> None:
    """Understand one kept letter."""
    reading.read(app.office(business), letter, app.now())
    clock.follow_up(app.office(business), app.now())


@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=1_800_000)
async def send(business: str, outgoing: int) -> None:
    """Send one planned mail; longer than the dot's 600 s, so that nothing is cancelled in the middle."""
    await sending.send(app.office(business), outgoing, app.worker(app.business(business)))


ACTORS: Mapping[str, Any] = {"read": read, "send": send}


def enqueue(job: str, business: str, number: str | int) -> None:
    """Hand an id to whoever is free."""
    ACTORS[job].send(business, number)


app.enqueue = enqueue
