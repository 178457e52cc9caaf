"""The parts of the bot as processes of their own, started as a compose file says, on a moved clock: for tests.

Commands, environment and secrets are those of the file; only the places are this machine's: `/run/secrets` is the
installation's `secrets/`, `/etc/mailbot` its folder. `settle` waits until everything due at that instant is done.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from sqlalchemy import Connection, and_, func, or_, select

from mailbot.errors import MailbotError
from mailbot.ledger import job_runs, tables
from mailbot.ledger.store import open_ledger, reading
from mailbot.testing.processes import HOST

PATIENCE = 180.0
"""Seconds for everything of one instant, on a machine with other work."""
_LOOKS = 2
"""Rounds of the clock that must find nothing to do: one may have begun before the last letter was read."""


class FleetError(MailbotError):
    """A part ended, or something stays undone; the message says which and what."""


@dataclass(frozen=True, slots=True)
class Member:
    """One container of the compose file."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def members(compose: Path, folder: Path) -> Iterator[Member]:
    """Every container that runs mailbot, as often as it is wanted, with this machine's places."""
    places = {"/run/secrets/": f"{folder}/secrets/", "/etc/mailbot/": f"{folder}/", "0.0.0.0": HOST}  # noqa: S104
    for name, service in yaml.safe_load(compose.read_text(encoding="utf-8"))["services"].items():
        if service["image"] != "mailbot":
            continue
        environment = {key: _here(str(value), places) for key, value in service["environment"].items()}
        for number in range(1, service.get("deploy", {}).get("replicas", 1) + 1):
            yield Member(f"{name}-{number}", tuple(service["command"]), environment)


def _here(value: str, places: Mapping[str, str]) -> str:
    for there, here in places.items():
        value = value.replace(there, here, 1) if value.startswith(there) else value
    return value


class Fleet:
    """All parts of one installation. `database` is where its ledger is, for looking only."""

    def __init__(self, compose: Path, settings: Path, database: str, waiting: Callable[[], int]) -> None:
        """`waiting` counts the mails that nobody has fetched from the mailbox yet."""
        self._folder = settings.parent
        self._members = list(members(compose, self._folder))
        self._engine = open_ledger(database)
        self._waiting = waiting
        self._instant = self._folder / "instant"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()
        self._engine.dispose()

    def at(self, now: datetime) -> None:
        """It is that instant for all parts; the first time, they are started."""
        fresh = self._instant.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self._instant)
        if not self._running:
            for member in self._members:
                self._running[member.name] = self._started(member)

    def settle(self, now: datetime) -> None:
        """Wait until nothing that is due at this instant is left. Raises FleetError."""
        deadline, seen, looks = time.monotonic() + PATIENCE, None, 0
        while looks <= _LOOKS:
            self._check(deadline)
            look, undone = self._look(now)
            if undone or look is None:
                seen, looks = None, 0
            elif look != seen:
                seen, looks = look, looks + 1
            time.sleep(0.05)

    def stop(self) -> dict[str, int]:
        """End all parts in order; their exit statuses."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(timeout=120) for name, process in self._running.items()}

    @property
    def names(self) -> list[str]:
        return [member.name for member in self._members]

    def _started(self, member: Member) -> subprocess.Popen[bytes]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT_")}
        command = [sys.executable, "-m", "mailbot", *member.command, "--now-from", str(self._instant)]
        with (self._folder / f"{member.name}.log").open("ab") as log:
            return subprocess.Popen(command, env={**clean, **member.environment}, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, cwd=self._folder)  # fmt: skip

    def _check(self, deadline: float) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise FleetError(f"{name} ended with {process.returncode}:\n{self._last_words(name)}")
        if time.monotonic() > deadline:
            said = "\n".join(f"== {name}\n{self._last_words(name)}" for name in self._running)
            raise FleetError(f"not everything was done in {PATIENCE:.0f} s:\n{said}")

    def _last_words(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")[-1500:]

    def _look(self, now: datetime) -> tuple[float | None, int]:
        """(what tells the clock's last round at this instant from the one before, what is undone)."""
        try:
            with reading(self._engine) as conn:
                rounds = {
                    run.seconds for run in job_runs.everything(conn) if run.name.startswith("clock/") and run.at == now
                }
                undone = _undone(conn, now)
        except MailbotError:  # the first part to start makes the tables
            return None, 1
        return next(iter(rounds), None), undone + self._waiting()


def _undone(conn: Connection, now: datetime) -> int:
    letter, mail = tables.letter, tables.outgoing
    unread = select(func.count()).where(letter.c.state == "new")
    due = and_(mail.c.state == "queued", mail.c.due_at <= now)
    under_way = mail.c.state.in_(["claimed", "transmitting"])
    unsent: Any = select(func.count()).select_from(mail).where(or_(due, under_way))
    return int(conn.scalar(unread) or 0) + int(conn.scalar(unsent) or 0)
