"""How long mails are late when one process is killed by kill -9 while mails are on the wire, without a human.

Lease and grace are those of the torture (4 s and 5 s); what is promised with any is lease + grace + 60 s.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from mailbot.ledger.store import reading
from mailbot.ledger.tables import outgoing
from mailbot.testing.torture.book import open_accounts
from mailbot.testing.torture.proxy import Odds
from mailbot.testing.torture.verdict import taken
from mailbot.testing.torture.world import GRACE, LEASE, Setup, World, torn, warm

MAILS = 24
VICTIMS: tuple[tuple[Setup, str, bool], ...] = (
    ("embedded+sqlite", "all", True),
    ("redis+sqlite", "worker 1", False),
    ("redis+sqlite", "clock", True),
    ("redis+postgresql", "worker 2", False),
)
"""Set-up, who is killed, and whether it is started again, as systemd does; workers that are left take over."""
PROMISED = LEASE + GRACE + 60


def measure() -> dict[str, object]:
    """Seconds from the kill until every mail is out, by set-up and victim, and how many left twice."""
    warm()
    found: dict[str, object] = {"promised_within": PROMISED}
    for setup, victim, restarted in VICTIMS:
        with tempfile.TemporaryDirectory(prefix="mailbot-recovery-") as folder, torn(setup, Path(folder), 1) as world:
            seconds = _after_the_kill(world, victim, restarted=restarted)
            reminded = [mail.recipient for mail in taken(world.sink.sink)]
            found[f"{setup}, {victim}"] = {"seconds": round(seconds, 1), "twice": len(reminded) - len(set(reminded))}
    return found


def _after_the_kill(world: World, victim: str, *, restarted: bool) -> float:
    world.spoil(Odds(delayed=1.0, delayed_seconds=1.0))
    world.start_missing()
    open_accounts(world.engine, world.business, 1, MAILS, world.now())
    _until(lambda: bool(_count(world, "sent") and _count(world, "transmitting")))
    world.kill(victim)
    if restarted:
        world.start_missing()
    return _until(lambda: _count(world, "sent") == MAILS)


def _until(true: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > 2 * PROMISED:
            raise RuntimeError("the mails did not leave")
        time.sleep(0.1)
    return time.monotonic() - began


def _count(world: World, state: str) -> int:
    with reading(world.engine) as conn:
        asked = select(func.count()).where(outgoing.c.kind == "client", outgoing.c.state == state)
        return conn.scalar(asked) or 0
