"""The loops of a running bot: which process may be the clock, and when a mail in doubt has waited long enough."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from mailbot.app import App, open_app
from mailbot.errors import Locked
from mailbot.ledger import installation, leases
from mailbot.ledger.installation import EvenClock
from mailbot.ledger.store import reading, writing
from mailbot.loops import Place, Steps
from mailbot.process import here

SETTINGS = """
business: {name: Atelier Martin SARL, owners: [claire@atelier-martin.example]}
mailbox: {maildir: box, address: factures@atelier-martin.example, authserv_id: mx.atelier-martin.example}
smtp: {url: "smtp://127.0.0.1:9"}
"""
ELSEWHERE = "bot/7/.deffd6c7636f.4026532201/0a1b2c3d"
HOUR = 3600.0


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "mailbot.yaml").write_text(SETTINGS)
    app = open_app(tmp_path / "mailbot.yaml", {})
    yield app
    app.close()


def hold(app: App, name: str, seconds: float) -> None:
    with writing(app.engine) as conn:
        assert leases.take(conn, "clock", name, app.clock(), seconds)


def ran_evenly(app: App, seconds: float, boot: str | None = None) -> None:
    """An earlier process saw so much of the machine's clock."""
    now, beat = app.clock(), monotonic()
    kept = EvenClock(boot or here().boot, now.timestamp() - beat, beat - seconds)
    with writing(app.engine) as conn:
        installation.keep_even_clock(conn, kept, now)


def set_clock(app: App, seconds: float) -> None:
    app.clock = lambda: datetime.now(UTC) + timedelta(seconds=seconds)


def test_the_place_of_one_that_cannot_be_seen_is_waited_for_until_its_lease_ends(app: App) -> None:
    hold(app, ELSEWHERE, 1.5)

    with Place(app, "clock", threading.Event()), reading(app.engine) as conn:
        assert leases.holder(conn, "clock", app.clock()) == app.name


def test_the_place_of_one_that_lives_here_is_refused_at_once(app: App) -> None:
    mine = here()
    hold(app, f"{mine.host}/{os.getppid()}/{mine}/0a1b2c3d", 40)

    with pytest.raises(Locked, match="already the clock"), Place(app, "clock", threading.Event()):
        pytest.fail("two clocks")


def test_who_waits_for_a_place_can_be_stopped_and_leaves_it_to_its_holder(app: App) -> None:
    hold(app, ELSEWHERE, 40)
    stop = threading.Event()
    stop.set()

    with Place(app, "clock", stop):
        pass

    with reading(app.engine) as conn:
        assert leases.holder(conn, "clock", app.clock()) == ELSEWHERE


def test_a_clock_that_nobody_has_seen_before_is_not_trusted_yet(app: App) -> None:
    assert not Steps(app, HOUR).none()
    assert Steps(app, 0).none()


def test_after_a_kill_the_time_that_others_saw_counts(app: App) -> None:
    ran_evenly(app, HOUR + 1)

    assert Steps(app, HOUR).none()


@pytest.mark.parametrize("seconds", [900, -1500, 11])
def test_a_clock_that_was_set_while_no_process_looked_ends_no_grace(app: App, seconds: float) -> None:
    ran_evenly(app, HOUR + 1)
    set_clock(app, seconds)

    assert not Steps(app, HOUR).none()
    assert not Steps(app, HOUR).none(), "the next process knows it too"
    set_clock(app, 0)
    assert not Steps(app, HOUR).none(), "set back, it runs evenly only from now on"


def test_a_clock_that_creeps_away_in_small_steps_is_noticed(app: App) -> None:
    ran_evenly(app, HOUR + 1)
    steps = Steps(app, HOUR)

    assert steps.none()
    set_clock(app, 6)
    assert steps.none()
    set_clock(app, 12)
    assert not steps.none()


def test_the_seconds_of_another_start_of_the_machine_say_nothing(app: App) -> None:
    ran_evenly(app, HOUR + 1, boot="0000aaaa1111")

    assert not Steps(app, HOUR).none()
