"""Dramatiq actors: three lines each, ids only. `mailbot run` and `dramatiq mailbot.workers` use the same ones.

Importing this builds the broker, as Dramatiq's own command line needs it: Redis where `redis:` is set, else one in
this process. Messages are hints: the ledger is the truth, the clock finds again whatever a broker loses.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import dramatiq
import structlog
import uvloop
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import ConnectionError as BrokerGone
from dramatiq.middleware import AsyncIO, Middleware
from redis.exceptions import RedisError

from mailbot.app import App, open_app
from mailbot.config import WHERE
from mailbot.errors import MailboxError
from mailbot.jobs import clock, draining, filing, reading, sending

_DEAD_LETTERS = 100
_HINTS = 10_000
_log = structlog.get_logger()


class EmbeddedBroker(StubBroker):
    """Dramatiq's broker in memory, with bounds: the latest failures (it keeps all otherwise), and so many hints."""

    def enqueue(self, message: dramatiq.Message[object], *, delay: int | None = None) -> dramatiq.Message[object]:
        for letters in self.dead_letters_by_queue.values():
            del letters[:-_DEAD_LETTERS]
        waiting = self.queues.get(message.queue_name)
        if waiting is not None and waiting.qsize() >= _HINTS:
            return message
        return super().enqueue(message, delay=delay)


class Life(Middleware):
    """The beginning and the end of a process of workers: whoever works through a long queue asks after each mail."""

    def __init__(self) -> None:
        self.told = False

    def stopping(self) -> bool:
        """Whether this process was told to stop."""
        return self.told

    def after_process_boot(self, _broker: dramatiq.Broker) -> None:
        self.told = False
        app.free_places_of_the_dead()

    def before_worker_shutdown(self, _broker: dramatiq.Broker, _worker: dramatiq.Worker) -> None:
        self.told = True


class EventLoop(AsyncIO):
    """dramatiq's thread for actors that are coroutines, on uvloop: a fifth less processor time for each mail."""

    def before_worker_boot(self, _broker: dramatiq.Broker, _worker: dramatiq.Worker) -> None:
        thread = EventLoopThread(self.logger)
        thread.loop.close()
        thread.loop = uvloop.new_event_loop()
        thread.start(timeout=10)
        set_event_loop_thread(thread)


life = Life()


def build_broker(redis: str | None) -> dramatiq.Broker:
    """The broker; a killed worker's hints return within seconds instead of minutes (maintenance at every command)."""
    if redis is None:
        broker: dramatiq.Broker = EmbeddedBroker()
    else:
        # dramatiq does not annotate this class
        broker = RedisBroker(url=redis, maintenance_chance=1_000_000, heartbeat_timeout=10_000)  # type: ignore[no-untyped-call]
    broker.add_middleware(EventLoop())
    broker.add_middleware(life)
    return broker


app: App = open_app(Path(os.environ.get(WHERE, "mailbot.yaml")), os.environ)
broker = build_broker(app.settings.redis)
dramatiq.set_broker(broker)


# The ledger owns all retries: it counts attempts and knows what was sent, so a broker's retry could only do harm.
@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=600_000)
def read(business: str, letter: str) -> None:
    """Understand one kept letter."""
    reading.read(app.office(business), letter, app.now(), f"{app.name}/{secrets.token_hex(4)}")
    clock.follow_up(app.office(business), app.now())


# A day, which is none: nothing may be cancelled between DATA and the server's reply.
@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=86_400_000)
async def send(business: str, outgoing: int) -> None:
    """Send one planned mail."""
    await sending.send(app.office(business), outgoing, app.worker(app.business(business)))


@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=86_400_000)
async def drain(business: str, _line: int) -> None:
    """Send what is due; what is left then is handed on."""
    if await draining.drain(app.office(business), app.worker(app.business(business)), life.stopping):
        clock.hand_on_due(app.office(business), app.now())


@dramatiq.actor(max_retries=0, queue_name="mailbot", time_limit=600_000)
def file(business: str, _number: int) -> None:
    """Put copies of sent mails into Sent; a folder that refuses is tried again by a later hint."""
    sent = app.sent_folder(app.business(business))
    if sent is None:
        return
    with closing(sent):
        try:
            filing.file_copies(app.office(business), sent, app.name, app.now())
        except MailboxError as error:
            _log.warning("copies", business=business, why=str(error))


ACTORS: Mapping[str, Any] = {"read": read, "send": send, "drain": drain, "file": file}


def enqueue(job: str, business: str, number: str | int) -> None:
    """Hand an id to whoever is free. A broker that cannot be reached loses a hint, which the clock gives again."""
    try:
        ACTORS[job].send(business, number)
    except (BrokerGone, RedisError) as error:
        _log.warning("broker", job=job, business=business, why=str(error))


app.enqueue = enqueue
