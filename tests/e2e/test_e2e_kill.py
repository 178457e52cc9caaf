"""kill -9 at any moment: no mail to a client twice, none missing, and the same story in the end.

`make torture` (SHORT set and empty) lives all ninety days of the demo and kills at ten moments; by default the story
ends with the formal notice.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from e2e_scene import CAST, MONDAY, Scene, at, bill, scene

from mailbot.demo.programs import parsed
from mailbot.demo.run import Stage, instants, staged, timeline
from mailbot.demo.story import BOT
from mailbot.testing.bot import Bot, BotDiedError
from mailbot.testing.mail import SunkMail
from mailbot.testing.servers import Faults

WHOLE = os.environ.get("SHORT") == ""
DAYS = 90 if WHOLE else 51
"""The formal notice leaves on the fiftieth day."""
KILLS = 10
LEMAIRE = CAST.client("lemaire")


@dataclass
class Killer:
    """Kills the bot so many seconds after an instant was sent to it, and lets a new one live the same instant."""

    moments: Mapping[datetime, float]
    struck: list[str] = field(default_factory=list)
    busy: dict[datetime, float] = field(default_factory=dict)
    """How long the bot worked at each instant."""

    def play(self, stage: Stage) -> None:
        for now in instants(stage.days):
            stage.world.until(now)
            began = time.monotonic()
            if now in self.moments:
                self.strike(stage.bot, now)
            stage.bot.live(now)
            self.busy[now] = time.monotonic() - began
            stage.world.notice(now)
        stage.bot.close()

    def strike(self, bot: Bot, now: datetime) -> None:
        timer = threading.Timer(self.moments[now], kill, (bot.pid,))
        timer.start()
        try:
            bot.live(now)
            outcome = "between two turns"
        except BotDiedError:
            outcome = "in the middle"
        timer.join()
        bot.kill()
        self.struck.append(f"{now:%d %b %H:%M} +{self.moments[now] * 1000:.0f} ms, {outcome}")


def kill(pid: int | None) -> None:
    if pid is not None:
        os.kill(pid, 9)


@pytest.mark.slow
def test_ten_kills_lead_to_the_same_mails_to_clients(tmp_path: Path) -> None:
    undisturbed = Killer({})
    expected, mails = performed(tmp_path / "undisturbed", undisturbed)
    assert any("RELANCE AVANT ACTION EN JUSTICE" in row for row in expected)
    assert twice(mails) == []

    seed = random.randrange(10**6)
    killer = Killer(drawn(undisturbed.busy, seed))
    got, killed_mails = performed(tmp_path / "killed", killer)
    print(f"seed {seed}: killed at", *killer.struck, sep="\n  ")
    assert len(killer.struck) == KILLS
    assert any("middle" in struck for struck in killer.struck)
    assert got == expected, f"seed {seed}"
    assert twice(killed_mails) == [], f"seed {seed}"


def performed(folder: Path, killer: Killer) -> tuple[list[str], list[SunkMail]]:
    """What clients got in one performance, and all mails."""
    folder.mkdir()
    with staged(folder, DAYS, 1, "fr") as stage:
        killer.play(stage)
        return sorted(timeline(stage)), stage.smtp.accepted()


def drawn(busy: Mapping[datetime, float], seed: int) -> dict[datetime, float]:
    """Ten moments of the bot's working time, each as likely as any other; the start of a process is left out."""
    draw = random.Random(seed)
    instants = list(busy)[1:]
    chosen: dict[datetime, float] = {}
    while len(chosen) < KILLS:
        [now] = draw.choices(instants, [busy[one] for one in instants])
        chosen.setdefault(now, draw.uniform(0, busy[now]))
    return chosen


def twice(mails: list[SunkMail]) -> list[tuple[str, str]]:
    """(Message-ID, recipient) that the server took more than once from the bot."""
    count = Counter((str(parsed(mail.raw)["Message-ID"]), mail.recipient) for mail in mails if mail.sender == BOT)
    return [key for key, times in count.items() if times > 1]


# ------------------------------------------------------------------------ where send-then-mark and mark-then-send fail


@pytest.fixture
def overdue(tmp_path: Path) -> Iterator[Scene]:
    """A bot whose first reminder leaves at the next look, from nine o'clock on."""
    with scene(tmp_path) as bot:
        bot.forward(bill("FA-2026-0001", LEMAIRE, MONDAY - timedelta(days=3)), at(MONDAY, 7))
        bot.feed(MONDAY - timedelta(days=1), at(MONDAY, 7))
        bot.live(at(MONDAY, 7, 40))
        yield bot


def test_a_mail_that_was_taken_without_an_answer_is_found_in_sent_and_not_sent_again(overdue: Scene) -> None:
    overdue.mail.smtp.set_faults(Faults(drop_taken=1))
    overdue.live(at(MONDAY, 9, 20))
    assert state(overdue) == "in_doubt"
    overdue.live(at(MONDAY, 9, 30))
    assert state(overdue) == "in_doubt"
    overdue.live(at(MONDAY, 9, 40))
    assert state(overdue) == "sent"
    [left] = overdue.events("mail.sent")
    assert left["data"]["evidence"] == "found in Sent"
    assert len(overdue.to(LEMAIRE.person.email)) == 1


def test_a_mail_that_was_lost_without_an_answer_is_sent_again_exactly_once_and_unchanged(overdue: Scene) -> None:
    overdue.mail.smtp.set_faults(Faults(drop_lost=1))
    overdue.live(at(MONDAY, 9, 20))
    [doubtful] = reminders(overdue)
    overdue.live(at(MONDAY, 9, 30))
    assert state(overdue) == "in_doubt"
    assert overdue.to(LEMAIRE.person.email) == []
    overdue.live(at(MONDAY, 9, 40), at(MONDAY, 10, 30), at(MONDAY, 16))
    [arrived] = overdue.mail.smtp.accepted(LEMAIRE.person.email)
    assert arrived.raw.replace(b"\r\n", b"\n") == doubtful["raw"].replace(b"\r\n", b"\n")
    assert len(overdue.events("mail.sent")) == 1


@pytest.mark.parametrize("thinking", [0.4, 1.5])
def test_a_bot_killed_while_the_server_thinks_sends_one_mail(overdue: Scene, thinking: float) -> None:
    overdue.mail.smtp.set_faults(Faults(dot_seconds=thinking))
    killer = Killer({at(MONDAY, 9, 20): 0.35})
    killer.strike(overdue.bot, at(MONDAY, 9, 20))
    assert killer.struck[0].endswith("in the middle")
    left = state(overdue)
    assert left in ("claimed", "transmitting")  # on a slow machine it dies before DATA
    overdue.mail.smtp.set_faults(Faults())
    overdue.live(at(MONDAY, 9, 20), at(MONDAY, 9, 30))
    assert left == "claimed" or state(overdue) == "transmitting"
    overdue.live(at(MONDAY, 9, 40), at(MONDAY, 10, 30))
    assert state(overdue) == "sent"
    assert len(overdue.to(LEMAIRE.person.email)) == 1
    assert len(overdue.events("mail.sent")) == 1


def test_where_sent_cannot_be_searched_the_mail_stays_in_doubt_and_the_owner_is_asked(tmp_path: Path) -> None:
    with scene(tmp_path, smtp={"evidence": "none"}) as bot:
        bot.forward(bill("FA-2026-0001", LEMAIRE, MONDAY - timedelta(days=3)), at(MONDAY, 7))
        bot.feed(MONDAY - timedelta(days=1), at(MONDAY, 7))
        bot.live(at(MONDAY, 7, 40))
        bot.mail.smtp.set_faults(Faults(drop_lost=1))
        bot.live(at(MONDAY, 9, 20), at(MONDAY, 9, 40), at(MONDAY, 10, 30))
        assert state(bot) == "in_doubt"
        assert len(bot.questions("in_doubt")) == 1
        assert bot.to(LEMAIRE.person.email) == []


def reminders(bot: Scene) -> list[Mapping[str, Any]]:
    return [row for row in bot.rows("outgoing") if row["kind"] == "client"]


def state(bot: Scene) -> str:
    [row] = reminders(bot)
    return str(row["state"])
