"""Checks of what moves: the broker and a worker that answers."""

import time
from urllib.parse import urlsplit

import dramatiq
import redis as redis_client
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import QueueJoinTimeout

from mailbot.doctor.finding import Finding, Severity
from mailbot.errors import BrokerError

ANSWER_SECONDS = 10.0
PROBE = "0" * 64
"""The id of a letter that never exists: reading it changes nothing."""


def broker(redis: str | None) -> Finding:
    """Whoever hands out work answers."""
    if redis is None:
        return Finding("broker", Severity.OK, "look at `redis`", "not set: work is handed out in this process")
    place = urlsplit(redis)
    tried = f"ping Redis at {place.hostname}:{place.port or 6379}"
    try:
        client = redis_client.Redis.from_url(redis, socket_timeout=5, socket_connect_timeout=5)
        client.ping()
        client.close()
    except (redis_client.RedisError, ValueError) as error:
        fix = f"redis-cli -h {place.hostname} -p {place.port or 6379} ping   (then start it: systemctl start redis)"
        return Finding("broker", Severity.ERROR, tried, f"{error}", fix)
    return Finding("broker", Severity.OK, tried, "PONG")


def worker(own: bool, business: str) -> Finding:
    """An actor answers: in a worker of this process (`own`), or in one that runs elsewhere on the same Redis."""
    from mailbot import workers

    tried = "give the actor `read` a letter that does not exist"
    message = workers.read.send(business, PROBE)
    started = time.monotonic()
    try:
        answered = _answered(workers.broker, message)
    except BrokerError as error:
        return Finding("worker", Severity.ERROR, tried, str(error), "mailbot doctor --only broker")
    except Exception as error:  # noqa: BLE001 - whatever the actor raised is the finding
        return Finding("worker", Severity.ERROR, tried, f"it failed: {error}", "mailbot doctor --only database")
    if answered:
        where = "a worker of this process" if own else "a running worker"
        return Finding("worker", Severity.OK, tried, f"{where} answered in {time.monotonic() - started:.1f} s")
    found = f"no worker answered in {ANSWER_SECONDS:.0f} s"
    if own:
        return Finding("worker", Severity.ERROR, tried, found, "mailbot doctor --only database")
    return Finding("worker", Severity.WARNING, tried, f"{found}: none runs", "mailbot run worker")


def _answered(broker: dramatiq.Broker, message: dramatiq.Message[None]) -> bool:
    if isinstance(broker, RedisBroker):
        return _left_redis(broker, message)
    if not isinstance(broker, StubBroker):
        raise BrokerError(f"{type(broker).__name__} is no broker that mailbot knows.")
    try:
        broker.join(message.queue_name, fail_fast=True, timeout=int(ANSWER_SECONDS * 1000))
    except QueueJoinTimeout:
        return False
    return True


def _left_redis(broker: RedisBroker, message: dramatiq.Message[None]) -> bool:
    """A message is kept in Redis until a worker says that it is done."""
    held = f"{broker.namespace}:{message.queue_name}.msgs"
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            if not broker.client.hexists(held, message.options["redis_message_id"]):
                return True
        except redis_client.RedisError as error:
            raise BrokerError(f"Redis does not answer: {error}") from error
        time.sleep(0.1)
    return False
