"""Group commit: what many coroutines write at the same time becomes one transaction, and one wait for the disk.

Nobody waits for company: while one transaction is committed, the next writers gather. Each learns of its success only
after the commit. Where one fails, nothing of the group is kept, and each is done again alone: savepoints would be no
help, since SQLite ends the whole transaction when the disk is full and says so to the one that met it only.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from mailbot.ledger.store import writing

_MOST = 64
"""Works of one transaction: other processes want to write too."""

T = TypeVar("T")


@dataclass(slots=True)
class _Writer:
    """One who waits: its work, and where it waits."""

    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class Group:
    """Writers of one process that are committed together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._waiting: list[_Writer] = []
        self._led = False

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is committed. Raises what it raises, or LedgerError.

        It runs in another thread, perhaps twice: it must do nothing but read and write by its connection. A cancelled
        caller does not stop it: what was begun is written.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            self._waiting.append(_Writer(work, loop, future))
            lead, self._led = not self._led, True
        if lead:
            loop.run_in_executor(None, self._lead)
        return await future

    def _lead(self) -> None:
        """Commit group after group until nobody waits."""
        while True:
            with self._lock:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                self._led = bool(batch)
            if not batch:
                return
            self._commit(batch)
            _tell(batch)

    def _commit(self, batch: list[_Writer]) -> None:
        try:
            with writing(self._engine) as conn:
                results = [writer.work(conn) for writer in batch]
        except Exception as error:  # noqa: BLE001  handed to whoever waits for it
            if len(batch) == 1:
                batch[0].error = error
                return
            for writer in batch:
                self._commit([writer])
            return
        for writer, result in zip(batch, results, strict=True):
            writer.result = result


def _tell(batch: list[_Writer]) -> None:
    """Wake each event loop once, whatever the number of those who wait in it."""
    loops: dict[asyncio.AbstractEventLoop, list[_Writer]] = defaultdict(list)
    for writer in batch:
        loops[writer.loop].append(writer)
    for loop, writers in loops.items():
        with suppress(RuntimeError):  # it was closed meanwhile, and nobody waits any more
            loop.call_soon_threadsafe(_wake, writers)


def _wake(writers: list[_Writer]) -> None:
    for writer in writers:
        if writer.future.done():
            continue  # cancelled
        if writer.error is None:
            writer.future.set_result(writer.result)
        else:
            writer.future.set_exception(writer.error)
