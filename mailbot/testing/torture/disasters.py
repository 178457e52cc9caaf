"""What is done to the bot while it sends, drawn by lot: kills all the time, everything else once in a while.

A kill waits until some mails have left since the last one, so that a slow machine is tortured as much as a fast one.
"""

import random
import resource
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from redis.exceptions import RedisError

from mailbot.testing.torture.verdict import Verdict
from mailbot.testing.torture.world import GRACE, LEASE, World

HIGHEST_STEP = 3600
"""Seconds by which the clock is set at most."""
OTHERS = 0.12
"""After so many of the kills something else happens too."""
PATIENCE = 20.0


class Disasters:
    """One thread that strikes, until told to stop; all is repaired then."""

    def __init__(self, world: World, verdict: Verdict, seed: int, mails_per_kill: float) -> None:
        self._world, self._verdict, self._mails = world, verdict, mails_per_kill
        self._draw = random.Random(seed)  # noqa: S311  a throw of dice
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._rage, daemon=True)
        self.failed: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self.failed is not None:
            raise self.failed

    def _rage(self) -> None:
        others = self._possible()
        try:
            while self._await_progress():
                self._kill()
                if self._draw.random() < OTHERS:
                    name = self._draw.choice(list(others))
                    self._world.note(name)
                    others[name]()
                    self._verdict.disasters[name] = self._verdict.disasters.get(name, 0) + 1
                self._world.start_missing()
        except BaseException as error:  # noqa: BLE001  a torturer that died would make the figures worthless
            self.failed = error

    def _await_progress(self) -> bool:
        """Some more mails, or none for so long that another kill must end it; False: told to stop."""
        wanted = self._world.taken() + self._draw.uniform(0, 2 * self._mails)
        deadline = time.monotonic() + PATIENCE
        while not self._stop.wait(self._draw.uniform(0, 0.2)):
            if self._world.taken() >= wanted or time.monotonic() > deadline:
                return True
        return False

    def _possible(self) -> dict[str, Callable[[], None]]:
        found: dict[str, Callable[[], None]] = {
            "stopped and continued": self._sleep,
            "clock set": self._set_clock,
        }
        if self._world.postgres is None:
            found["disk full"] = self._fill_disk
        else:
            found["postgresql restarted"] = self._restart_postgres
        if self._world.redis is not None:
            found |= {"redis killed": self._kill_redis, "redis flushed": self._flush_redis}
        return found

    def _kill(self) -> None:
        part = self._draw.choice(self._world.parts)
        if self._world.kill(part):
            self._verdict.kills += 1

    def _sleep(self) -> None:
        """SIGSTOP for longer than lease and grace; the others go on meanwhile."""
        part = self._draw.choice(self._world.parts)
        self._world.start_missing()
        self._wait(1.0)
        self._world.signal(part, signal.SIGSTOP)
        self._wait(self._draw.uniform(1, (LEASE + GRACE) * 1.3))
        self._world.signal(part, signal.SIGCONT)

    def _set_clock(self) -> None:
        self._world.start_missing()
        self._world.set_clock(self._draw.choice((-1500, 20, 900, HIGHEST_STEP)))
        self._wait(self._draw.uniform(1, 4))
        self._world.set_clock(0)

    def _fill_disk(self) -> None:
        """No file of the process may grow: SQLite meets what it meets on a full disk."""
        self._world.start_missing()
        part = self._draw.choice(self._world.parts)
        pid = self._world.living[part].pid
        if pid is None:
            return
        with suppress(ProcessLookupError):
            before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            self._wait(0.7)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
            self._wait(self._draw.uniform(0.5, 2))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    def _restart_postgres(self) -> None:
        if self._world.postgres is not None:
            self._world.start_missing()
            self._wait(0.7)
            self._world.engine.dispose()
            self._world.postgres.stop()
            self._wait(self._draw.uniform(0, 2))
            self._world.postgres.start()

    def _kill_redis(self) -> None:
        if self._world.redis is not None:
            self._world.start_missing()
            self._wait(0.7)
            self._world.kill_redis()
            self._wait(self._draw.uniform(0, 2))
            self._world.redis.start()

    def _flush_redis(self) -> None:
        import redis

        if self._world.redis is not None:
            with suppress(RedisError):
                redis.Redis.from_url(self._world.redis.url).flushall()

    def _wait(self, seconds: float) -> None:
        time.sleep(seconds)
