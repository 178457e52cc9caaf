"""Every point at which the sending of one mail can be cut off: before and after each commit and each step on the wire.

`cut_off` lives one turn in a process of its own that kills itself at the n-th of them; `live` lives one to its end.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtplib import SMTP
from aiosmtplib.protocol import SMTPProtocol

from mailbot.app import App, open_app
from mailbot.jobs.clock import tick
from mailbot.jobs.draining import drain
from mailbot.outbox.reconcile import SentFolder
from mailbot.outbox.smtp import Mailer


def cut_off(settings: Path, seconds: float, at: int) -> bool:
    """Live one turn, `seconds` later than now, and die at point number `at` (0: live on). Whether it died."""
    context = multiprocessing.get_context("forkserver")
    child = context.Process(target=_live_and_die, args=(settings, seconds, at))
    child.start()
    child.join(60)
    if child.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the turn ended with {child.exitcode}")
    return child.exitcode != 0


def _live_and_die(settings: Path, seconds: float, at: int) -> None:
    app = open_app(settings, {})
    app.clock = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
    app.office(app.business().key)
    _count(app, Countdown(at))
    live(app)


def live(app: App) -> None:
    """One turn in this process: a look of the clock, and what it finds to be sent."""
    hints: list[str] = []
    app.enqueue = lambda job, _business, _number: hints.append(job)
    office = app.office(app.business().key)
    evidence = app.evidence(office.business)
    tick(office, evidence, app.now())
    if isinstance(evidence, SentFolder):
        evidence.close()
    if "drain" in hints:
        asyncio.run(_work(app))


async def _work(app: App) -> None:
    office = app.office(app.business().key)
    worker = app.worker(office.business)
    try:
        await drain(office, worker)
    finally:
        if isinstance(worker.mailer, Mailer):
            await worker.mailer.close()


class Countdown:
    """Counts the points that are passed; the last one is fatal."""

    def __init__(self, at: int) -> None:
        self._left = at

    def point(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _count(app: App, countdown: Countdown) -> None:
    dialect: Any = app.engine.dialect
    dialect.do_commit = _around(countdown, dialect.do_commit)
    wire: Any = SMTP
    wire.execute_command = _around_async(countdown, SMTP.execute_command)
    protocol: Any = SMTPProtocol
    protocol.write = _around(countdown, SMTPProtocol.write)
    protocol.read_response = _around_async(countdown, SMTPProtocol.read_response)


def _around(countdown: Countdown, step: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*arguments: Any, **more: Any) -> Any:
        countdown.point()
        result = step(*arguments, **more)
        countdown.point()
        return result

    return counted


def _around_async(countdown: Countdown, step: Callable[..., Any]) -> Callable[..., Any]:
    async def counted(*arguments: Any, **more: Any) -> Any:
        countdown.point()
        result = await step(*arguments, **more)
        countdown.point()
        return result

    return counted
