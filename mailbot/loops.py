"""The loops of a running bot: watch a mailbox, look at the ledger, work. Each survives what it meets and says so."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from types import TracebackType
from typing import Self

import structlog
from dramatiq import Broker, Worker

from mailbot.app import SINGLETON_SECONDS, App
from mailbot.errors import LedgerError, Locked, MailbotError
from mailbot.jobs.clock import tick
from mailbot.jobs.intake import fetch
from mailbot.ledger import installation, job_runs
from mailbot.ledger.installation import EvenClock
from mailbot.ledger.leases import SKEW
from mailbot.ledger.store import reading, writing
from mailbot.outbox.reconcile import SentFolder
from mailbot.process import here
from mailbot.settings import Business

WORKER_THREADS = 2
"""Besides those that wait for a mail server, one for each connection."""
IDLE_MILLISECONDS = 500
"""An idle thread looks so often whether it is to stop (and at Redis for hints); a hint in this process wakes it."""
_JUMP_SECONDS = 10.0
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


class Place:
    """A place that only one process may have; a thread prolongs its lease, however long a look takes.

    Held by somebody who cannot be seen (a container's processes cannot, nor can those that ran in it before its last
    start), it is waited for until the lease would have ended: what else this process does goes on meanwhile.
    """

    def __init__(self, app: App, role: str, stop: threading.Event) -> None:
        self._app, self._role, self._stop = app, role, stop
        self._left = threading.Event()
        self._lost: Locked | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._take()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()
        if kind is None and self._lost is None:
            self._app.drop_singleton(self._role)

    def check(self) -> None:
        """Raises Locked where another process has the place now, as after this one was stopped for long."""
        if self._lost is not None:
            raise self._lost

    def _take(self) -> None:
        """Raises Locked where another process lives and has it."""
        deadline, told = monotonic() + SINGLETON_SECONDS + SKEW.total_seconds(), False
        while not self._stop.is_set() and not self._took(deadline, tell=not told):
            told = True
            self._stop.wait(1.0)

    def _took(self, deadline: float, *, tell: bool) -> bool:
        try:
            self._app.take_singleton(self._role)
        except Locked as error:
            if monotonic() > deadline or self._app.is_running(self._role):
                raise
            if tell:
                _log.warning("waiting for a place", role=self._role, why=str(error))
            return False
        return True

    def _keep(self) -> None:
        while not self._left.wait(SINGLETON_SECONDS / 4):
            try:
                self._app.take_singleton(self._role)
            except Locked as error:
                self._lost = error
                return
            except MailbotError as error:  # the ledger cannot be reached: the others cannot take the place either
                _log.warning("place", role=self._role, why=str(error))


def watch(app: App, business: Business, stop: threading.Event) -> None:
    """Fetch what comes into a business's mailbox until told to stop; a mailbox that breaks is opened again."""
    pause = 1.0
    with Place(app, f"watcher of {business.key}", stop) as place, closing(app.box(business)) as box:
        while not stop.is_set():
            place.check()
            app.beat(f"watch/{business.key}")
            try:
                began = monotonic()
                fetch(app.office(business.key), box, app.now())
                _did_well(app, f"watch/{business.key}", began)
                pause = 1.0
                box.wait(business.mailbox.poll_seconds, stop)
            except MailbotError as error:
                _log.warning("mailbox", business=business.key, why=str(error), again_in_s=pause)
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)


def clock(app: App, stop: threading.Event) -> None:
    """Look at the ledger again and again; one clock for all businesses and machines."""
    limits = app.settings.limits
    steps = Steps(app, limits.lease_seconds + limits.grace_seconds)
    with Place(app, "clock", stop) as place:
        while not stop.is_set():
            place.check()
            app.beat("clock")
            look(app, doubts=steps.none())
            stop.wait(limits.clock_seconds)


class Steps:
    """Notices that the machine's clock was set, or that the machine slept: what seems over then is perhaps not.

    Since when it has run evenly stands in the ledger. Whoever is the clock after a kill must not take the hour by
    which it was set meanwhile for an hour that a mail in doubt has waited: the server may still be taking that mail.
    After a start of the machine, or on another one, the time begins anew.
    """

    def __init__(self, app: App, quiet_seconds: float) -> None:
        self._app, self._quiet = app, quiet_seconds
        self._boot = here().boot
        self._known: EvenClock | None = None

    def none(self) -> bool:
        """Whether the clock has run evenly for as long as a mail in doubt waits; in doubt it has not."""
        now, beat = self._app.clock(), monotonic()
        ahead = now.timestamp() - beat
        try:
            known = self._known or self._kept()
            if known is None or abs(ahead - known.ahead) > _JUMP_SECONDS:
                if known is not None:
                    _log.warning("the machine's clock was set", seconds=round(ahead - known.ahead))
                known = EvenClock(self._boot, ahead, beat)
                with writing(self._app.engine) as conn:
                    installation.keep_even_clock(conn, known, now)
        except LedgerError as error:
            _log.warning("clock", why=str(error))
            return False
        self._known = known
        return beat >= known.since + self._quiet

    def _kept(self) -> EvenClock | None:
        with reading(self._app.engine) as conn:
            kept = installation.even_clock(conn)
        return kept if kept is not None and kept.boot == self._boot != "" else None


def look(app: App, *, doubts: bool = True) -> None:
    """One look of the clock at every business; trouble with one does not keep the others waiting."""
    for business in app.settings.businesses:
        began = monotonic()
        try:
            _look_at(app, business, doubts=doubts)
            _did_well(app, f"clock/{business.key}", began)
        except MailbotError as error:
            _log.warning("clock", business=business.key, why=str(error))
        except Exception:  # noqa: BLE001  a fault of ours with one business must not stop the clock of all others
            _log.exception("clock", business=business.key)


def _did_well(app: App, job: str, began: float) -> None:
    """For the metrics: a loop that only fails is as bad as one that does not run."""
    with writing(app.engine) as conn:
        job_runs.done(conn, job, app.now(), monotonic() - began)


def _look_at(app: App, business: Business, *, doubts: bool = True) -> None:
    evidence = app.evidence(business)
    try:
        tick(app.renewed(business.key), evidence, app.now(), doubts=doubts)
    finally:
        if isinstance(evidence, SentFolder):
            evidence.close()


@contextmanager
def working(app: App, broker: Broker) -> Iterator[Worker]:
    """Dramatiq's worker inside this process, stopped gracefully: what it has begun it ends."""
    threads = WORKER_THREADS + sum(one.smtp.connections for one in app.settings.businesses)
    broker.emit_after("process_boot")  # without it Dramatiq's time limits never start in an embedded worker
    worker = Worker(broker, worker_threads=threads, worker_timeout=IDLE_MILLISECONDS)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout=600_000)


def guard(app: App, worker: Worker, stop: threading.Event) -> None:
    """Show that the worker's threads live, as long as they do."""
    while not stop.wait(1.0):
        if all(thread.is_alive() for thread in (*worker.workers, *worker.consumers.values())):
            app.beat("worker")


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
            _look_at(app, business)
    drain(broker, worker)


def drain(broker: Broker, worker: Worker, seconds: float = 120) -> None:
    """Wait until all hints are worked off."""
    for queue in broker.get_declared_queues():
        broker.join(queue, timeout=int(seconds * 1000))
    worker.join()


def run_together(
    loops: list[Callable[[], None]], stop: threading.Event, each_round: Callable[[], object] = lambda: None
) -> list[BaseException]:
    """Run loops as threads until `stop`; the first that fails stops all. Returns what they raised.

    `each_round` is called every half second meanwhile.
    """
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
        each_round()
    stop.set()
    deadline = monotonic() + 30
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return failed
