"""The loops of a running bot: watch a mailbox, look at the ledger, work. Each survives what it meets and says so."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import structlog
from dramatiq import Broker, Worker

from mailbot.app import SINGLETON_SECONDS, App
from mailbot.config import Business
from mailbot.errors import Locked, MailbotError
from mailbot.jobs.clock import tick
from mailbot.jobs.intake import fetch

CLOCK_SECONDS = 20
WORKER_THREADS = 4
_LONGEST_PAUSE = 300.0
_log = structlog.get_logger()


def log_to_stderr() -> None:
    """Stdout is for results; on a terminal for people, elsewhere one JSON object a line."""
    people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def watch(app: App, business: Business, stop: threading.Event) -> None:
    """Fetch what comes into a business's mailbox until told to stop; a mailbox that breaks is opened again."""
    role, pause = f"watcher of {business.key}", 1.0
    app.take_singleton(role)
    box = app.box(business)
    while not stop.is_set():
        try:
            app.take_singleton(role)
            fetch(app.office(business.key), box, app.now())
            pause = 1.0
            box.wait(min(business.mailbox.poll_seconds, SINGLETON_SECONDS // 2), stop)  # the lease must not lapse
        except Locked:
            raise
        except MailbotError as error:
            _log.warning("mailbox", business=business.key, why=str(error), again_in_s=pause)
            stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
    box.close()
    app.drop_singleton(role)


def clock(app: App, stop: threading.Event) -> None:
    """Look at the ledger again and again; one clock for all businesses and machines."""
    app.take_singleton("clock")
    while not stop.is_set():
        app.take_singleton("clock")
        look(app)
        stop.wait(CLOCK_SECONDS)
    app.drop_singleton("clock")


def look(app: App) -> None:
    """One look of the clock at every business; trouble with one does not keep the others waiting."""
    for business in app.settings.businesses:
        try:
            tick(app.renewed(business.key), app.evidence(business), app.now())
        except MailbotError as error:
            _log.warning("clock", business=business.key, why=str(error))
        except Exception:  # noqa: BLE001  a fault of ours with one business must not stop the clock of all others
            _log.exception("clock", business=business.key)


@contextmanager
def working(broker: Broker, threads: int = WORKER_THREADS) -> Iterator[Worker]:
    """Dramatiq's worker inside this process, stopped gracefully: what it has begun it ends."""
    broker.emit_after("process_boot")  # without it Dramatiq's time limits never start in an embedded worker
    worker = Worker(broker, worker_threads=threads, worker_timeout=100)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout=600_000)


def turn(app: App, broker: Broker, worker: Worker) -> None:
    """Everything that there is to do at one instant: fetch, read, decide, send, and again until nothing is left.

    For the demo and for tests, which live on a moved clock. Raises MailbotError where a mailbox or database fails.
    """
    for office in app.offices():
        box = app.box(office.business)
        try:
            fetch(office, box, app.now())
        finally:
            box.close()
    for _ in range(3):
        drain(broker, worker)
        for business in app.settings.businesses:
            tick(app.renewed(business.key), app.evidence(business), app.now())
    drain(broker, worker)


def drain(broker: Broker, worker: Worker, seconds: float = 120) -> None:
    """Wait until all hints are worked off."""
    for queue in broker.get_declared_queues():
        broker.join(queue, timeout=int(seconds * 1000))
    worker.join()


def run_together(loops: list[Callable[[], None]], stop: threading.Event) -> list[BaseException]:
    """Run loops as threads until `stop`; the first that fails stops all. Returns what they raised."""
    failed: list[BaseException] = []

    def guarded(loop: Callable[[], None]) -> None:
        # Whatever ends one loop must end the others, or a bot without a watcher would look alive.
        try:
            loop()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
            stop.set()

    threads = [threading.Thread(target=guarded, args=(loop,), daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not stop.wait(0.5):
        pass
    stop.set()
    deadline = monotonic() + 30
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return failed
