"""Group commit: what many coroutines write at the same time becomes one transaction, and one wait for the disk.

Nobody waits for company: while one transaction is committed, the next writers gather. Each learns of its success only
after the commit. Where one fails, nothing of the group is kept, and each is done again alone: savepoints would be no
help, since SQLite ends the whole transaction when the disk is full and says so to the one that met it only.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from mailbot.ledger.store import writing

_MOST = 64
"""Works of one transaction: other processes want to write too."""

T = TypeVar("T")
_Waiting = tuple[Callable[[Connection], Any], Future[Any]]


class Group:
    """Writers of one process that are committed together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._led = False

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is committed. Raises what it raises, or LedgerError.

        It runs in another thread, perhaps twice: it must do nothing but read and write by its connection. A cancelled
        caller does not stop it: what was begun is written.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            self._waiting.append((work, future))
            lead, self._led = not self._led, True
        if lead:
            asyncio.get_running_loop().run_in_executor(None, self._lead)
        return await asyncio.wrap_future(future)

    def _lead(self) -> None:
        """Commit group after group until nobody waits."""
        while True:
            with self._lock:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                self._led = bool(batch)
            if not batch:
                return
            self._commit(batch)

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            with writing(self._engine) as conn:
                results = [work(conn) for work, _ in batch]
        except Exception as error:  # noqa: BLE001  handed to whoever waits for it
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for one in batch:
                self._commit([one])
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
