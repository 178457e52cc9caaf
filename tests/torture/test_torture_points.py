"""A crash at the n-th point of a turn, for every n until a turn passes all: one mail in the end, never two."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailbot.app import open_app
from mailbot.ledger.store import reading
from mailbot.ledger.tables import outgoing
from mailbot.testing.bot import install
from mailbot.testing.mail import ImapServer, MailServer
from mailbot.testing.provider import Faults
from mailbot.testing.servers import small_mail_world
from mailbot.testing.torture.book import email_of, open_accounts
from mailbot.testing.torture.points import cut_off, live
from mailbot.testing.torture.world import BOX, BUSINESS, GRACE, LEASE, MORNING, OWNER, PASSWORD, warm

MOST = 120
"""Points of a turn at most; so many that none is left out."""


@dataclass
class Stage:
    """One installation; each turn has a client of its own."""

    settings: Path
    imap: ImapServer
    smtp: MailServer
    clients: int = 0
    later: float = 0.0

    def __post_init__(self) -> None:
        self.app = open_app(self.settings, {})
        self.start = (MORNING - datetime.now(UTC)).total_seconds()
        self.app.clock = lambda: datetime.now(UTC) + timedelta(seconds=self.start + self.later)

    def new_client(self) -> str:
        self.clients += 1
        now = MORNING.astimezone(UTC)
        open_accounts(self.app.engine, self.app.business().key, self.clients, 1, now)
        return email_of(self.clients)

    def turn(self, at: int) -> bool:
        """In a process that dies at that point, if there are so many."""
        return cut_off(self.settings, self.start + self.later, at)

    def recover(self, client: str) -> None:
        """Turns after the lease, and after lease and grace, as the clock would live them."""
        for wait in (0, LEASE + 1, LEASE + GRACE + 1, 70, LEASE + GRACE + 1):
            self.later += wait
            live(self.app)
            if self.state(client) == "sent":
                return

    def state(self, client: str) -> str:
        with reading(self.app.engine) as conn:
            return str(conn.scalar(select(outgoing.c.state).where(outgoing.c.recipient == client)))

    def taken(self, client: str) -> int:
        return len(self.smtp.accepted(client))


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    warm()
    more: dict[str, object] = {"limits": {"lease_seconds": LEASE, "grace_seconds": GRACE, "hold_minutes": 0}}
    if request.param == "postgresql":
        more["database"] = request.getfixturevalue("postgres_database")
    users = {BOX: PASSWORD, OWNER: PASSWORD}
    with small_mail_world(tmp_path / "mail", users) as world:
        path = install(
            tmp_path / "bot", imap=world.imap, smtp=world.smtp, user=BOX, password=PASSWORD, business=BUSINESS,
            settings=more,
        )  # fmt: skip
        stage = Stage(path, world.imap, world.smtp)
        first = stage.new_client()
        live(stage.app)
        assert stage.taken(first) == 1  # from now on it is proven that the Sent folder shows what left
        yield stage
        stage.app.close()


@pytest.mark.slow
def test_a_crash_at_any_point_of_planning_and_sending_sends_one_mail(stage: Stage) -> None:
    for at in range(1, MOST):
        client = stage.new_client()
        died = stage.turn(at)
        stage.recover(client)
        assert (stage.state(client), stage.taken(client)) == ("sent", 1), f"point {at}"
        if not died:
            break
    else:
        pytest.fail("there are more points than were tried")
    assert at > 20


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Faults(drop_taken=1), Faults(drop_lost=1)], ids=["taken", "lost"])
def test_a_crash_at_any_point_of_settling_a_doubt_sends_one_mail(stage: Stage, fault: Faults) -> None:
    for at in range(1, MOST):
        client = stage.new_client()
        stage.smtp.set_faults(fault)
        live(stage.app)
        stage.smtp.set_faults(Faults())
        assert stage.state(client) == "in_doubt"
        stage.later += LEASE + GRACE + 1
        died = stage.turn(at)
        stage.recover(client)
        assert (stage.state(client), stage.taken(client)) == ("sent", 1), f"point {at}"
        if not died:
            break
    else:
        pytest.fail("there are more points than were tried")
    assert at > 5
