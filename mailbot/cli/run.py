"""`mailbot run`: all in one process, or one part of it on each machine."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import typer

from mailbot.cli import app as cli
from mailbot.cli.output import say
from mailbot.cli.settings import SETTINGS_OPTION
from mailbot.servicemanager import READY, STOPPING, Pulse, tell


class Part(StrEnum):
    """What one process does."""

    ALL = "all"
    WATCH = "watch"
    WORKER = "worker"
    CLOCK = "clock"
    WEB = "web"


@cli.command()
def run(
    part: Part = typer.Argument(Part.ALL, help="all · watch · worker · clock · web"),
    settings: Path = SETTINGS_OPTION,
    now: datetime | None = typer.Option(None, help="Live on another instant (ISO, UTC); for tests."),
    now_from: Path | None = typer.Option(
        None, help="Live on the instant that this file says, looked at again and again; for tests."
    ),
    turns: bool = typer.Option(
        False, help="Live one turn for each instant on stdin, then stop; for tests and the demo."
    ),
) -> None:
    """Run the bot: watch the mailbox, remind, reconcile, report. Stop with Ctrl-C."""
    from mailbot.config import WHERE

    os.environ[WHERE] = str(settings)
    from mailbot import loops, workers

    loops.log_to_stderr()
    app = workers.app
    if now is not None:
        app.instant = _aware(now)
    app.instant_file = now_from
    app.offices()  # rules with a mistake or a lost key are refused before anything runs
    if turns:
        _live_turns()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    say(f"mailbot runs ({part}) for {', '.join(one.name for one in app.settings.businesses)}. Ctrl-C stops it.")
    if part not in (Part.ALL, Part.WEB) and app.settings.redis is None:
        say("The parts hand work to each other through Redis only: set redis: in the settings, or use `mailbot run`.")
    failed = _run(part, stop)
    tell(STOPPING, os.environ)
    app.close()
    if failed:
        raise failed[0]


def _run(part: Part, stop: threading.Event) -> list[BaseException]:
    from contextlib import nullcontext

    from mailbot import loops, workers

    app = workers.app
    wanted: list[Callable[[], None]] = []
    if part in (Part.ALL, Part.WATCH):
        wanted += [lambda one=one: loops.watch(app, one, stop) for one in app.settings.businesses]  # type: ignore[misc]
    if part in (Part.ALL, Part.CLOCK):
        wanted.append(lambda: loops.clock(app, stop))
    if part in (Part.ALL, Part.WEB):
        from mailbot.web import serve

        wanted.append(lambda: serve(app, stop))
    pulse = Pulse(os.environ)
    app.beat = pulse.beat
    work = loops.working(app, workers.broker) if part in (Part.ALL, Part.WORKER) else nullcontext()
    with work as worker:
        if worker is not None:
            wanted.append(lambda: loops.guard(app, worker, stop))
        tell(READY, os.environ)
        return loops.run_together(wanted, stop, pulse.ping)


def _live_turns() -> None:
    from contextlib import nullcontext

    from mailbot import loops, workers
    from mailbot.web import beside, flush

    # Only where it can be reached: its port must not be taken from others for nothing.
    web = beside(workers.app) if workers.app.settings.web.public_url else nullcontext()
    with loops.working(workers.app, workers.broker) as worker, web as sightings:
        for line in sys.stdin:
            if sightings is not None:
                flush(workers.app, sightings, everything=True)
            workers.app.instant = _aware(datetime.fromisoformat(line.strip()))
            loops.turn(workers.app, workers.broker, worker)
            sys.stdout.write(f"lived {line.strip()}\n")
            sys.stdout.flush()
    workers.app.close()


def _aware(instant: datetime) -> datetime:
    from datetime import UTC

    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
