"""Group commit: what many coroutines write at the same time becomes one transaction, and one wait for the disk.

While one transaction is committed, the next writers gather, and for a moment after it: a larger group costs hardly more
than a small one (as PostgreSQL's commit_delay). Reports, which nobody waits for, wait longer, unless somebody decides
about the same client. Each learns of its success only after the commit. Where one fails, nothing of the group is kept,
and each is done again alone: savepoints would be no help, since SQLite ends the whole transaction when the disk is full
and says so to the one that met it only.

A group of which every member names the clients that it is about shares the ledger with groups of other processes
(`store.sharing`); what is done again alone shares it with nobody: two that got in each other's way both succeed.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from mailbot.ledger import clients
from mailbot.ledger.store import sharing, writing

_MOST = 64
"""Works of one transaction: other processes want to write too."""
_MOMENT = 0.001
"""Seconds for which a group gathers: ten lines that send write half as many transactions for it."""
_PATIENCE = 0.05
"""Seconds that a report waits for others like it."""

T = TypeVar("T")
About = TypeVar("About")


@dataclass(slots=True, eq=False)
class _Writer:
    """One who waits: its work, what it is about, and where it waits."""

    work: Callable[[Connection, Sequence[Any]], Sequence[Any]]
    about: Any
    clients: Sequence[int] | None
    is_report: bool
    is_urgent: bool
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
        self._led = self._pressing = False

    async def write(self, work: Callable[[Connection], T], *, clients: Sequence[int] | None = None) -> T:
        """What `work` returns, once it is committed. Raises what it raises, or LedgerError.

        It runs in another thread, perhaps twice: it must do nothing but read and write by its connection. A cancelled
        caller does not stop it: what was begun is written. `clients`: those that it decides about, whose rows are
        locked for it; None: it needs the ledger for itself.
        """
        return await self.write_together(_one_by_one, work, clients=clients)

    async def write_together(
        self,
        work: Callable[[Connection, Sequence[About]], Sequence[T]],
        about: About,
        *,
        clients: Sequence[int] | None = None,
        is_report: bool = False,
    ) -> T:
        """The same where `work` does at once for several what it does for each: its result for `about`.

        A report is about what happened already: it may wait, and is written before all that decides by it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        writer = _Writer(work, about, clients, is_report, not is_report, loop, future)
        with self._lock:
            self._waiting.append(writer)
        if is_report:
            loop.call_later(_PATIENCE, self._press, writer)
        else:
            self._press(writer)
        return await future

    def _press(self, writer: _Writer) -> None:
        """From now on it waits no longer than for the transaction that is under way."""
        with self._lock:
            if writer not in self._waiting:
                return
            writer.is_urgent = self._pressing = True
            lead, self._led = not self._led, True
        if lead:
            writer.loop.run_in_executor(None, self._lead)

    def _lead(self) -> None:
        """Commit group after group, over one connection, until nobody is in a hurry."""
        with ExitStack() as kept:
            connect = cache(lambda: kept.enter_context(self._engine.connect()))
            while True:
                time.sleep(_MOMENT)
                with self._lock:
                    self._led = self._pressing
                    if not self._led:
                        return
                    batch = _next_group(self._waiting)
                    self._waiting = [writer for writer in self._waiting if writer not in batch]
                    self._pressing = any(writer.is_urgent for writer in self._waiting)
                self._commit(batch, connect)
                _tell(batch)

    def _commit(self, batch: list[_Writer], connect: Callable[[], Connection]) -> None:
        try:
            _write(batch, connect())
        except Exception:  # noqa: BLE001  what it is comes out when each is done again
            for writer in batch:
                writer.clients = None
                try:
                    _write([writer], self._engine)
                except Exception as error:  # noqa: BLE001  handed to whoever waits for it
                    writer.error = error


def _next_group(waiting: list[_Writer]) -> list[_Writer]:
    """Those of a transaction: reports only where one waited long enough, or where somebody decides by what they say."""
    in_hurry = [writer for writer in waiting if writer.is_urgent]
    told = {client for writer in waiting if writer.is_report for client in writer.clients or ()}
    by_them = any(writer.clients is None or told.intersection(writer.clients) for writer in in_hurry)
    if by_them or any(writer.is_report for writer in in_hurry):
        return waiting[:_MOST]
    return in_hurry[:_MOST]


def _write(batch: Sequence[_Writer], ledger: Engine | Connection) -> None:
    shared = all(writer.clients is not None for writer in batch)
    with sharing(ledger) if shared else writing(ledger) as conn:
        if shared:
            clients.lock(conn, {client for writer in batch for client in writer.clients or ()})
        for writers in _together(batch):
            results = writers[0].work(conn, [writer.about for writer in writers])
            for writer, result in zip(writers, results, strict=True):
                writer.result = result


def _one_by_one(conn: Connection, works: Sequence[Callable[[Connection], T]]) -> list[T]:
    return [work(conn) for work in works]


def _together(batch: Sequence[_Writer]) -> Iterable[list[_Writer]]:
    """Those with the same work; reports first, so that nobody decides on less than is known."""
    found: dict[tuple[bool, object], list[_Writer]] = {}
    for writer in sorted(batch, key=lambda writer: not writer.is_report):
        found.setdefault((writer.is_report, writer.work), []).append(writer)
    return found.values()


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
