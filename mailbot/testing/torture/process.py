"""One process of the bot under torture: as `mailbot run` starts it, but forked from a warm one, impatient, on a clock
that can be set.
"""

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PRELOAD = [
    "mailbot.app", "mailbot.loops", "mailbot.outbox.smtp", "mailbot.ledger.upgrade", "dramatiq", "psycopg", "redis",
    "dramatiq.brokers.redis", "dramatiq.brokers.stub", "jinja2", "babel.dates", "babel.numbers", "css_inline",
]  # fmt: skip
"""What the warm process has imported; `mailbot.workers` builds its broker at import and comes after the fork."""
LOOK_SECONDS = 0.5


def live(settings: Path, part: str, shift: Path, log: Path, searches: Path) -> None:
    """Be one part of the bot (all, worker, clock) until killed. `shift` is a file: seconds added to the clock.

    What is looked for in Sent, and whether it was there, is noted in `searches`.
    """
    os.environ["MAILBOT_SETTINGS"] = str(settings)
    with log.open("a") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    _be_impatient()
    _note_searches(searches)
    from mailbot import loops, workers

    loops.log_to_stderr()
    app = workers.app
    app.clock = shifted(shift)
    app.offices()
    stop = threading.Event()
    if part == "clock":
        loops.clock(app, stop)
        return
    with loops.working(app, workers.broker):
        if part == "all":
            loops.clock(app, stop)
        stop.wait()


def shifted(shift: Path) -> Callable[[], datetime]:
    """The machine's clock with the seconds that stand in a file."""

    def now() -> datetime:
        try:
            seconds = float(shift.read_text() or 0)
        except ValueError:  # read while it was written
            return now()
        return datetime.now(UTC) + timedelta(seconds=seconds)

    return now


def _be_impatient() -> None:
    """Minutes become seconds where no setting does it."""
    from mailbot.outbox import states

    os.environ["MAILBOT_LIMITS__CLOCK_SECONDS"] = str(LOOK_SECONDS)
    states.BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 3, 5, 8))


def _note_searches(searches: Path) -> None:
    from mailbot.outbox.reconcile import SentFolder
    from mailbot.testing.torture.chronicle import note

    find = SentFolder.find

    def noted(folder: SentFolder, message_id: str) -> bool:
        try:
            there = find(folder, message_id)
        except Exception as error:
            note(searches, f"search failed: {error}", message_id)
            raise
        note(searches, "found in Sent" if there else "not in Sent", message_id)
        return there

    replaced: Any = SentFolder
    replaced.find = noted
