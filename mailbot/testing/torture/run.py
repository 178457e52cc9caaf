"""One performance: debtors are added in batches, reminded under fire, and all is counted when it is quiet again."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import and_, func, not_, select

from mailbot.errors import LedgerError, MailbotError
from mailbot.ledger.store import reading
from mailbot.ledger.tables import client, outgoing, outgoing_event
from mailbot.testing.torture.book import Debtor, Payment, open_accounts, pay
from mailbot.testing.torture.disasters import HIGHEST_STEP, Disasters
from mailbot.testing.torture.proxy import Odds
from mailbot.testing.torture.verdict import Taken, Verdict, judge, taken
from mailbot.testing.torture.world import GRACE, LATEST, LEASE, OWNER, Setup, World, torn, warm

FAULTS = Odds(
    refuse_mail=0.005, refuse_for_now=0.02, refuse_for_good=0.002, drop_lost=0.01, drop_taken=0.03,
    slow=0.01, slow_seconds=LATEST, delayed=0.5,
)  # fmt: skip
GENTLE = Odds()
BATCH = 50
PAYING = 0.08
"""Of the debtors, how many pay while they are reminded."""
QUIET_SECONDS = LEASE + GRACE + 60
STARTING_SECONDS = 180
"""Until the first mail, on a machine with other work."""
STUCK_SECONDS = 600

T = TypeVar("T")


def perform(
    setup: Setup, folder: Path, seed: int, mails: int, kills: int, *, real: bool = False, faults: Odds = FAULTS,
    patience: float = QUIET_SECONDS,
) -> Verdict:  # fmt: skip
    """At least so many mails and kills. Raises MailbotError where it does not get quiet in time.

    `patience`: seconds without any movement after which the clock is set ahead, so that refused mails are due again.
    """
    warm()
    verdict = Verdict(f"{setup}, postfix" if real else setup, seed)
    began = time.monotonic()
    with torn(setup, folder, seed, real=real) as world:
        world.start_missing()
        world.spoil(GENTLE)
        play = _Play(world, verdict, random.Random(seed))  # noqa: S311  a throw of dice
        play.add(_batch(mails))
        play.await_taken(1)  # the first proof that what leaves is found in Sent
        world.spoil(faults)
        with Disasters(world, verdict, seed, mails / kills * 0.9):
            play.until(mails, kills)
        world.spoil(GENTLE)
        play.settle(patience)
        world.kill_all()
        arrived = _arrived(world, real=real)
        judge(verdict, world.engine, arrived, play.debtors, play.payments, world.refused(), world.chronicle())
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


def _batch(mails: int) -> int:
    """Debtors who come at once: few where there are few in all, so that there is something to kill all the time."""
    return min(BATCH, mails // 4 + 1)


def _arrived(world: World, *, real: bool) -> list[Taken]:
    """What the server took; Postfix is given time to relay and to deliver it."""
    found = taken(world.sink.sink)
    if not real:
        return found
    before = -1
    while len(found) != before:
        before = len(found)
        time.sleep(3)
        found = taken(world.sink.sink, world.imap.mails(OWNER), OWNER)
    return found


class _Play:
    """What happens in the book, beside the disasters."""

    def __init__(self, world: World, verdict: Verdict, draw: random.Random) -> None:
        self.world, self.verdict, self.draw = world, verdict, draw
        self.debtors: list[Debtor] = []
        self.payments: list[Payment] = []
        self._unpaid: list[tuple[Debtor, str]] = []
        self._fired = time.monotonic()
        """The last moment at which something was done to the bot."""

    def until(self, mails: int, kills: int) -> None:
        """Add debtors as fast as they are reminded, until so many mails were taken; some pay in between."""
        batch, before, moved_at = _batch(mails), 0, time.monotonic()
        while (taken := self.world.taken()) < mails or self.verdict.kills < kills:
            if taken != before:
                before, moved_at = taken, time.monotonic()
            elif time.monotonic() > moved_at + STUCK_SECONDS:
                raise MailbotError(f"nothing is sent any more; see {self.world.folder}/*.log")
            if self._waiting() < 2 * batch:
                self.add(batch)
            self._pay_some()
            time.sleep(0.2)
        self._fired = time.monotonic()

    def add(self, count: int) -> None:
        added = self._patiently(
            lambda: open_accounts(self.world.engine, self.world.business, len(self.debtors), count, self.world.now())
        )
        self.debtors += added
        payable = [(debtor, number) for debtor in added for number in debtor.numbers]
        self._unpaid += self.draw.sample(payable, int(len(payable) * PAYING))

    def await_taken(self, count: int) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while self.world.taken() < count:
            if time.monotonic() > deadline:
                raise MailbotError(f"nothing was sent; see {self.world.folder}/*.log")
            time.sleep(0.1)

    def settle(self, patience: float) -> None:
        """Everything lives and works; wait until nothing is left to do, for as long as was promised.

        What was armed while the clock went ahead waits until the clock has come there again.
        """
        self._quieten(patience)
        self.verdict.recovery_seconds = round(time.monotonic() - self._fired, 1)
        self.world.set_clock(HIGHEST_STEP + LEASE + GRACE)
        self._quieten(QUIET_SECONDS)

    def _quieten(self, patience: float) -> None:
        """Until nothing is left, or nothing moves any more: a machine with other work takes its time."""
        seen, deadline = -1, 0.0
        while self._waiting():
            if (moved := self._patiently(self._moved)) != seen:
                seen, deadline = moved, time.monotonic() + patience
            elif time.monotonic() > deadline:
                return
            self.world.start_missing()
            time.sleep(0.2)

    def _moved(self) -> int:
        """How much was done to mails so far."""
        with reading(self.world.engine) as conn:
            return conn.scalar(select(func.max(outgoing_event.c.id))) or 0

    def _pay_some(self) -> None:
        if self._unpaid and self.draw.random() < 0.5:
            debtor, number = self._unpaid.pop()  # of those who were added last: their reminders are on the way
            self.payments.append(
                self._patiently(lambda: pay(self.world.engine, self.world.business, debtor, number, self.world.now()))
            )

    def _waiting(self) -> int:
        """Clients that are to be decided, and mails that are neither over nor the owner's to say."""
        open_states = ["queued", "claimed", "transmitting", "in_doubt"]
        today = self.world.now().date()

        def count() -> int:
            with reading(self.world.engine) as conn:
                ahead = outgoing.c.lease_until > self.world.now() + timedelta(seconds=LEASE + 1)
                unsettled = and_(outgoing.c.state.in_(open_states), outgoing.c.held.is_(False))
                mails = select(func.count()).where(unsettled, not_(and_(outgoing.c.state == "transmitting", ahead)))
                undecided = select(func.count()).where(client.c.next_look <= today)
                return (conn.scalar(mails) or 0) + (conn.scalar(undecided) or 0)

        return self._patiently(count)

    def _patiently(self, work: Callable[[], T]) -> T:
        """The database may be the victim just now. What is done twice counts once."""
        while True:
            try:
                return work()
            except LedgerError:
                time.sleep(0.3)
