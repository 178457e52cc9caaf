"""A fault of the torture explains itself, and what the server did wrong is not the bot's fault."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mailbot.app import timeouts_of
from mailbot.ledger import businesses, outgoing
from mailbot.ledger.store import migrate, open_ledger, writing
from mailbot.settings import Limits
from mailbot.testing.torture.chronicle import DISASTERS, SEARCHES, WIRE, Chronicle
from mailbot.testing.torture.verdict import Taken, Verdict, judge
from mailbot.testing.torture.world import FAIR, GRACE, IDLE, LATEST, LEASE

NOON = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
AHEAD = 5000.0
"""The performance lives so much later than the machine."""
MAIL = "<one@atelier-martin.example>"
DUPONT = "compta@dupont.example"


def write(path: Path, seconds: float, what: str, message_id: str = "", **more: float) -> None:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    with path.open("a") as file:
        file.write(json.dumps({"at": at, "what": what, "message_id": message_id, **more}) + "\n")


@pytest.fixture
def ledger(tmp_path: Path) -> Engine:
    """One mail: armed, looked for, armed again."""
    engine = open_ledger(f"sqlite:///{tmp_path}/mailbot.db")
    migrate(engine)
    later = NOON + timedelta(seconds=AHEAD)
    with writing(engine) as conn:
        businesses.ensure(conn, "atelier", "Atelier", later)
        number = outgoing.plan(
            conn, "atelier", dedupe_key="k", kind="client", what="reminder", template="reminder", recipient=DUPONT,
            context={}, message_id=MAIL, due_at=later, expires_at=later + timedelta(days=1), now=later,
        )  # fmt: skip
        assert number is not None
        assert outgoing.claim(conn, "atelier", number, "bot/1", later, LEASE)
        outgoing.freeze(conn, "atelier", number, b"bytes", later)
        assert outgoing.arm(conn, "atelier", number, "bot/1", later + timedelta(seconds=1), LEASE)
        assert outgoing.resend(conn, "atelier", number, later + timedelta(seconds=20))
        assert outgoing.claim(conn, "atelier", number, "bot/2", later + timedelta(seconds=20), LEASE)
        assert outgoing.sent(conn, "atelier", number, later + timedelta(seconds=21), 250, "taken")
    return engine


def judged(ledger: Engine, folder: Path, after_354: float) -> Verdict:
    """The mail was taken twice, the first time so many seconds after 354."""
    write(folder / WIRE, 1 + after_354, "the server said 250", MAIL, after_354=after_354)
    write(folder / SEARCHES, 19, "not in Sent", MAIL)
    write(folder / WIRE, 21, "the server said 250", MAIL, after_354=0.01)
    write(folder / DISASTERS, 2, "all killed")
    write(folder / DISASTERS, 900, "all killed")
    verdict = Verdict("embedded+sqlite", 1)
    twice = [Taken(DUPONT, MAIL, NOON + timedelta(seconds=seconds)) for seconds in (19, 21)]
    judge(verdict, ledger, twice, [], [], set(), Chronicle(folder, AHEAD, folder / "Sent"))
    return verdict


def test_the_history_of_a_duplicate_is_told_in_the_order_of_time(ledger: Engine, tmp_path: Path) -> None:
    stored = tmp_path / "Sent" / "cur" / "1:2,S"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(f"Message-ID: {MAIL}\r\n\r\n".encode())
    os.utime(stored, (0, (NOON + timedelta(seconds=19.5)).timestamp()))

    verdict = judged(ledger, tmp_path, after_354=2.0)

    assert verdict.duplicates == [MAIL]
    assert not verdict.clean
    assert [line.partition(" ")[2] for line in verdict.stories[MAIL]] == [
        "ledger: plan -> queued, attempt 0,",
        "ledger: claim -> claimed, attempt 1, bot/1",
        "ledger: arm -> transmitting, attempt 1, bot/1",
        "disasters: all killed",
        "wire: the server said 250 after_354=2.00",
        "searches: not in Sent",
        "mailbox: came into Sent",
        "ledger: resend -> queued, attempt 1,",
        "ledger: claim -> claimed, attempt 2, bot/2",
        "wire: the server said 250 after_354=0.01",
        "ledger: sent -> sent, attempt 2, 250: 250 taken",
    ]


def test_what_the_server_took_later_than_it_may_proves_nothing(ledger: Engine, tmp_path: Path) -> None:
    verdict = judged(ledger, tmp_path, after_354=FAIR + 0.1)

    assert (verdict.duplicates, verdict.unfair, verdict.clean) == ([], 1, True)


def test_the_shortened_times_keep_the_rule_of_the_usual_ones() -> None:
    """Silence, then the answer to the dot, both at their longest, are over before the mail is looked for."""
    short = timeouts_of(Limits(lease_seconds=LEASE, grace_seconds=GRACE))
    usual = timeouts_of(Limits())

    assert IDLE + LATEST < LEASE + GRACE
    assert LATEST < FAIR
    assert short.dot < LATEST, "some clients give up on what is taken all the same"
    assert usual.arm + usual.stale + usual.command + usual.dot < Limits().lease_seconds + Limits().grace_seconds
