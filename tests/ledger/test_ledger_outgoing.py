"""The outbox: who may change what; no order of calls, crashes and late awakenings sends twice or loses."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledger_samples import NOW, fill, plan
from sqlalchemy import Connection, Engine, text

from mailbot.errors import LedgerError
from mailbot.ledger import businesses, changes, outgoing
from mailbot.ledger.changes import CHANGES
from mailbot.ledger.store import migrate, open_ledger, reading, writing

LEASE, GRACE, TRY_AGAIN = 120, 900, timedelta(minutes=1)
LATER = NOW + timedelta(seconds=LEASE)
MUCH_LATER = LATER + timedelta(seconds=GRACE + 1)
A = "atelier"


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


@pytest.fixture
def row(conn: Connection) -> int:
    planned = plan(conn, A)
    assert planned is not None
    return planned


def armed(conn: Connection, row: int, worker: str = "w1", now: datetime = NOW) -> int:
    """Claims, freezes and arms; returns the attempt."""
    claimed = outgoing.claim(conn, A, row, worker, now, LEASE)
    assert claimed is not None
    outgoing.freeze(conn, A, row, b"bytes", now)
    assert outgoing.arm(conn, A, row, worker, now, LEASE)
    return claimed.attempt


def state(conn: Connection, row: int) -> str:
    return outgoing.get(conn, A, row).state


def test_a_mail_is_planned_once(conn: Connection, row: int) -> None:
    assert plan(conn, A, message_id="<another@bot.example>") is None
    assert plan(conn, A, "k2") not in {None, row}
    assert plan(conn, "boulangerie") not in {None, row}


def test_two_mails_never_share_a_message_id(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="contradicts"), writing(engine) as conn:  # noqa: PT012
        plan(conn, A, "k1", message_id="<same@bot.example>")
        plan(conn, A, "k2", message_id="<same@bot.example>")


def test_a_mail_goes_its_way_and_leaves_a_log(conn: Connection, row: int) -> None:
    assert outgoing.due(conn, NOW) == [(A, row)]
    armed(conn, row)
    assert outgoing.sent(conn, A, row, NOW, 250, "2.0.0 Ok: queued as 4711")
    assert not outgoing.sent(conn, A, row, NOW, 250, "again")

    mail = outgoing.get(conn, A, row)
    assert (mail.state, mail.smtp_code, mail.evidence, mail.sent_at) == ("sent", 250, "250", NOW)
    assert (mail.lease_owner, mail.lease_until, mail.armed_at) == (None, None, NOW)
    assert outgoing.thread_references(conn, A, "FA-1") == [mail.message_id]
    assert [each.change for each in changes.history(conn, A, row)] == ["plan", "claim", "arm", "sent"]


def test_a_mail_is_not_claimed_before_it_is_due(conn: Connection) -> None:
    row = plan(conn, A, due_at=LATER)
    assert row is not None

    assert outgoing.due(conn, NOW) == []
    assert outgoing.claim(conn, A, row, "w1", NOW, LEASE) is None
    assert outgoing.claim(conn, A, row, "w1", LATER, LEASE) is not None


def test_a_claim_is_exclusive_until_its_lease_is_over(conn: Connection, row: int) -> None:
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)
    assert outgoing.claim(conn, A, row, "w2", NOW, LEASE) is None
    assert outgoing.due(conn, NOW) == []

    assert outgoing.due(conn, LATER) == [(A, row)]
    second = outgoing.claim(conn, A, row, "w2", LATER, LEASE)
    assert second is not None
    assert second.attempt == 2


def test_bytes_are_frozen_once(conn: Connection, row: int) -> None:
    assert not outgoing.freeze(conn, A, row, b"not claimed yet", NOW)
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)

    assert outgoing.freeze(conn, A, row, b"first", NOW)
    assert not outgoing.freeze(conn, A, row, b"second", LATER)
    mail = outgoing.get(conn, A, row)
    assert (mail.raw, mail.date_header) == (b"first", NOW)


def test_a_mail_without_bytes_is_not_armed(conn: Connection, row: int) -> None:
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)

    assert not outgoing.arm(conn, A, row, "w1", NOW, LEASE)


@pytest.mark.parametrize(
    ("worker", "now"),
    [("w2", NOW), ("w1", LATER), ("w1", NOW + timedelta(days=5))],
    ids=["another worker", "lease over", "expired"],
)
def test_arming_needs_the_lease_and_the_time(conn: Connection, row: int, worker: str, now: datetime) -> None:
    seconds = timedelta(days=9).total_seconds() if now > LATER else LEASE
    outgoing.claim(conn, A, row, "w1", NOW, seconds)
    outgoing.freeze(conn, A, row, b"bytes", NOW)

    assert not outgoing.arm(conn, A, row, worker, now, LEASE)
    assert state(conn, row) == "claimed"


def test_a_cancelled_mail_is_not_armed(conn: Connection, row: int) -> None:
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)
    outgoing.freeze(conn, A, row, b"bytes", NOW)
    assert outgoing.cancel(conn, A, row, NOW, "paid")

    assert not outgoing.arm(conn, A, row, "w1", NOW, LEASE)
    assert outgoing.get(conn, A, row).why == "paid"


def test_a_mail_on_the_wire_is_cancelled_by_the_worker_that_armed_it_alone(
    conn: Connection, row: int
) -> None:
    attempt = armed(conn, row)

    assert not outgoing.cancel(conn, A, row, NOW, "paid")
    assert not outgoing.cancel(conn, A, row, NOW, "paid", disarm=True, attempt=attempt + 1)
    assert outgoing.cancel(conn, A, row, NOW, "paid", disarm=True, attempt=attempt)
    assert state(conn, row) == "cancelled"


def test_disarming_without_saying_which_attempt_is_an_error(conn: Connection, row: int) -> None:
    with pytest.raises(LedgerError, match="name its attempt"):
        outgoing.cancel(conn, A, row, NOW, "paid", disarm=True)


def test_a_mail_that_was_put_back_is_due_later_with_the_same_bytes(conn: Connection, row: int) -> None:
    attempt = armed(conn, row)

    assert outgoing.back_off(conn, A, row, NOW, LATER, 451, "4.3.0 try later", attempt=attempt)
    assert outgoing.due(conn, NOW) == []
    assert outgoing.due(conn, LATER) == [(A, row)]
    assert outgoing.get(conn, A, row).raw == b"bytes"


def test_a_worker_that_slept_through_its_lease_puts_nothing_back(conn: Connection, row: int) -> None:
    first = outgoing.claim(conn, A, row, "w1", NOW, LEASE)
    assert first is not None
    armed(conn, row, "w2", LATER)

    assert not outgoing.back_off(conn, A, row, LATER, LATER, None, "timeout", attempt=first.attempt)
    assert not outgoing.rejected(conn, A, row, LATER, 550, "no", attempt=first.attempt)
    assert not outgoing.cancel(conn, A, row, LATER, "paid", disarm=True, attempt=first.attempt)
    assert state(conn, row) == "transmitting"


def test_a_refused_mail_stays_refused(conn: Connection, row: int) -> None:
    attempt = armed(conn, row)

    assert outgoing.rejected(conn, A, row, NOW, 550, "5.1.1 unknown user", attempt=attempt)
    assert outgoing.claim(conn, A, row, "w1", MUCH_LATER, LEASE) is None
    assert not outgoing.cancel(conn, A, row, NOW, "paid")


def test_the_grace_runs_from_the_end_of_the_lease(conn: Connection, row: int) -> None:
    armed(conn, row)

    assert outgoing.doubtful(conn, LATER + timedelta(seconds=GRACE), GRACE) == []
    assert [each.id for each in outgoing.doubtful(conn, MUCH_LATER, GRACE)] == [row]


def test_a_broken_connection_leaves_a_doubt_and_does_not_shorten_the_lease(
    conn: Connection, row: int
) -> None:
    attempt = armed(conn, row)

    assert outgoing.doubt(conn, A, row, NOW, "connection reset", attempt=attempt)
    assert outgoing.doubtful(conn, LATER, GRACE) == []
    assert not outgoing.resend(conn, A, row, NOW)
    assert not outgoing.cancel(conn, A, row, NOW, "paid")


def test_a_mail_that_did_not_leave_is_sent_again_with_the_same_bytes(conn: Connection, row: int) -> None:
    attempt = armed(conn, row)

    assert not outgoing.resend(conn, A, row, MUCH_LATER, attempt=attempt + 1)
    assert outgoing.resend(conn, A, row, MUCH_LATER, attempt=attempt)
    claimed = outgoing.claim(conn, A, row, "w2", MUCH_LATER, LEASE)
    assert claimed is not None
    assert claimed.raw == b"bytes"


def test_a_mail_that_left_after_all_is_sent(conn: Connection, row: int) -> None:
    armed(conn, row)

    assert outgoing.sent(conn, A, row, MUCH_LATER, None, "", evidence="found in Sent")
    assert outgoing.claim(conn, A, row, "w2", MUCH_LATER, LEASE) is None


def test_a_held_mail_waits_for_the_owner(conn: Connection, row: int) -> None:
    armed(conn, row)

    assert not outgoing.hold(conn, A, row, NOW)
    assert outgoing.hold(conn, A, row, MUCH_LATER)
    assert outgoing.doubtful(conn, MUCH_LATER, GRACE) == []
    assert outgoing.resend(conn, A, row, MUCH_LATER)
    assert not outgoing.get(conn, A, row).held


def test_a_payment_waits_for_the_arming_of_its_reminder(url: str, engine: Engine) -> None:
    """On PostgreSQL also where somebody pays without taking the writers' turn."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer whatever he runs")
    with writing(engine) as conn:
        row = fill(conn, A).outgoing
        outgoing.claim(conn, A, row, "w1", NOW, LEASE)
        outgoing.freeze(conn, A, row, b"bytes", NOW)
    beside = open_ledger(url, wait_seconds=0.2)

    with writing(engine) as conn:
        assert outgoing.arm(conn, A, row, "w1", NOW, LEASE)
        with pytest.raises(Exception, match="lock timeout"), beside.begin() as other:
            other.execute(text("UPDATE invoice SET open_amount = 0"))
    beside.dispose()


def test_the_table_of_changes_names_only_states_of_the_table(conn: Connection) -> None:
    states = {state for before, after in CHANGES.values() for state in {*before, after}}

    assert states == {"queued", "claimed", "transmitting", "sent", "rejected", "cancelled", "in_doubt"}
    assert not any("sent" in before for before, _ in CHANGES.values())


class Outbox(RuleBasedStateMachine):
    """Three workers, a clock, an owner and a mail server, in any order, with crashes and long sleeps.

    A worker sleeps by not being called for any time between two steps. A transmission can succeed only within
    the server's patience, which is shorter than lease and grace together.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mailbot-outbox-"))
        shutil.copy(_empty_ledger(), self.folder / "ledger.db")
        self.engine = open_ledger(f"sqlite:///{self.folder / 'ledger.db'}")
        self.now = NOW
        self.accepted: list[bytes] = []
        self.looked: tuple[int, bool] | None = None
        self.steps: dict[str, tuple[str, int, datetime]] = {}
        with writing(self.engine) as conn:
            expires = NOW + timedelta(days=365)
            planned = plan(conn, A, expires_at=expires)
            assert planned is not None
            self.row = planned

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @rule(seconds=st.sampled_from([1, 59, LEASE, LEASE + GRACE, 2000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_planner_runs_again(self) -> None:
        with writing(self.engine) as conn:
            assert plan(conn, A) is None

    @rule(worker=st.sampled_from(["w1", "w2", "w3"]))
    def a_worker_claims(self, worker: str) -> None:
        with writing(self.engine) as conn:
            claimed = outgoing.claim(conn, A, self.row, worker, self.now, LEASE)
            if claimed is not None:
                outgoing.freeze(conn, A, self.row, f"bytes of {worker} at {self.now}".encode(), self.now)
                self.steps[worker] = ("claimed", claimed.attempt, self.now)

    @rule(worker=st.sampled_from(["w1", "w2", "w3"]))
    def a_worker_arms(self, worker: str) -> None:
        step, attempt, _ = self.steps.get(worker, ("", 0, NOW))
        if step != "claimed":
            return
        with writing(self.engine) as conn:
            if outgoing.arm(conn, A, self.row, worker, self.now, LEASE):
                self.steps[worker] = ("armed", attempt, self.now)
            else:
                del self.steps[worker]

    @rule(
        worker=st.sampled_from(["w1", "w2", "w3"]),
        answer=st.sampled_from(["250", "250 lost", "250 then killed", "451", "550", "cut", "killed"]),
    )
    def a_worker_transmits(self, worker: str, answer: str) -> None:
        step, attempt, armed_at = self.steps.get(worker, ("", 0, NOW))
        if step != "armed":
            return
        del self.steps[worker]
        patience = armed_at + timedelta(seconds=GRACE)
        if self.now >= patience:
            answer = "cut"  # the server closed the session long ago
        with writing(self.engine) as conn:
            if answer.startswith("250"):
                mail = outgoing.get(conn, A, self.row)
                assert mail.raw is not None
                self.accepted.append(mail.raw)
            if answer == "250":
                outgoing.sent(conn, A, self.row, self.now, 250, "ok")
            elif answer == "451":
                due = self.now + TRY_AGAIN
                outgoing.back_off(conn, A, self.row, self.now, due, 451, "later", attempt=attempt)
            elif answer == "550":
                outgoing.rejected(conn, A, self.row, self.now, 550, "no", attempt=attempt)
            elif answer in {"cut", "250 lost"}:
                outgoing.doubt(conn, A, self.row, self.now, "connection lost", attempt=attempt)

    @rule(worker=st.sampled_from(["w1", "w2", "w3"]))
    def a_worker_fails_before_data(self, worker: str) -> None:
        _, attempt, _ = self.steps.pop(worker, ("", 0, NOW))
        if attempt:
            with writing(self.engine) as conn:
                due = self.now + TRY_AGAIN
                outgoing.back_off(conn, A, self.row, self.now, due, None, "refused", attempt=attempt)

    @rule(worker=st.sampled_from(["w1", "w2", "w3"]))
    def a_worker_is_killed(self, worker: str) -> None:
        self.steps.pop(worker, None)

    @rule()
    def the_clock_looks_for_it(self) -> None:
        with reading(self.engine) as conn:
            doubtful = outgoing.doubtful(conn, self.now, GRACE)
        if doubtful:
            self.looked = (doubtful[0].attempt, bool(self.accepted))

    @precondition(lambda self: self.looked is not None)
    @rule()
    def the_clock_acts_on_what_it_found(self) -> None:
        assert self.looked is not None
        (attempt, found), self.looked = self.looked, None
        with writing(self.engine) as conn:
            if found:
                outgoing.sent(conn, A, self.row, self.now, None, "", evidence="found in Sent")
            else:
                outgoing.resend(conn, A, self.row, self.now, attempt=attempt)

    @rule()
    def the_invoice_is_paid(self) -> None:
        with writing(self.engine) as conn:
            outgoing.cancel(conn, A, self.row, self.now, "paid")

    @invariant()
    def it_is_accepted_at_most_once(self) -> None:
        assert len(self.accepted) <= 1

    @invariant()
    def it_is_never_lost(self) -> None:
        """Somebody will still look at it, or it is known why not; what left is never forgotten."""
        with reading(self.engine) as conn:
            mail = outgoing.get(conn, A, self.row)
            far = self.now + timedelta(days=30)
            waits = bool(outgoing.due(conn, far)) or bool(outgoing.doubtful(conn, far, GRACE))
        assert waits or mail.state in {"sent", "rejected", "cancelled"}
        if mail.state in {"rejected", "cancelled", "queued", "claimed"}:
            assert not self.accepted
        if mail.state == "sent":
            assert self.accepted

    @invariant()
    def its_log_is_a_walk_through_the_table_of_changes(self) -> None:
        with reading(self.engine) as conn:
            log = changes.history(conn, A, self.row)
            now = outgoing.get(conn, A, self.row).state
        assert log[0].change == "plan"
        for before, after in itertools.pairwise(log):
            assert before.state in CHANGES[after.change][0]
            assert after.state == CHANGES[after.change][1]
        assert log[-1].state == now


@cache
def _empty_ledger() -> Path:
    path = Path(tempfile.mkdtemp(prefix="mailbot-outbox-")) / "ledger.db"
    engine = open_ledger(f"sqlite:///{path}")
    migrate(engine)
    with writing(engine) as conn:
        businesses.ensure(conn, A, "Atelier", NOW)
    engine.dispose()
    return path


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
