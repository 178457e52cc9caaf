"""The outbox: who may change what; no order of calls, crashes and late awakenings sends twice or loses."""

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledger_samples import NOW, fill, plan
from sqlalchemy import Connection, Engine, text

from mailbot.errors import LedgerError
from mailbot.ledger import businesses, changes, outgoing, outgoing_lists
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.store import migrate, open_ledger, writing
from mailbot.outbox.states import CHANGES

LEASE, GRACE = 120, 900
ATTEMPTS = 3
ANSWERS = ("250", "250 lost", "250, killed", "451", "550", "cut", "killed")
STATES = {"queued", "claimed", "transmitting", "sent", "rejected", "cancelled", "in_doubt"}
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
    assert outgoing.due(conn, A, NOW) == [row]
    armed(conn, row)
    assert outgoing.sent(conn, A, row, NOW, 250, "2.0.0 Ok: queued as 4711")
    assert not outgoing.sent(conn, A, row, NOW, 250, "again")

    mail = outgoing.get(conn, A, row)
    assert (mail.state, mail.smtp_code, mail.evidence, mail.sent_at) == ("sent", 250, "250", NOW)
    assert (mail.lease_owner, mail.lease_until, mail.armed_at) == (None, None, NOW)
    assert [name for name, _ in outgoing_lists.thread(conn, A, "FA-1")] == [mail.message_id]
    assert [each.change for each in changes.history(conn, A, row)] == ["plan", "claim", "arm", "sent"]


def test_a_mail_is_not_claimed_before_it_is_due(conn: Connection) -> None:
    row = plan(conn, A, due_at=LATER)
    assert row is not None

    assert outgoing.due(conn, A, NOW) == []
    assert outgoing.claim(conn, A, row, "w1", NOW, LEASE) is None
    assert outgoing.claim(conn, A, row, "w1", LATER, LEASE) is not None


def test_a_claim_is_exclusive_until_its_lease_is_over(conn: Connection, row: int) -> None:
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)
    assert outgoing.claim(conn, A, row, "w2", NOW, LEASE) is None
    assert outgoing.due(conn, A, NOW) == []

    assert outgoing.due(conn, A, LATER) == [row]
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


def test_of_several_only_those_are_armed_that_are_their_own_worker_s(conn: Connection, row: int) -> None:
    others = [plan(conn, A, key) or 0 for key in ("k2", "k3")]
    for number, worker in zip((row, *others), ("w1", "w2", "w2"), strict=True):
        assert outgoing.claim(conn, A, number, worker, NOW, LEASE)
        outgoing.freeze(conn, A, number, b"bytes", NOW)

    # The first two belong to these workers, but not this way round.
    armed = outgoing.arm_all(conn, A, {row: "w2", others[0]: "w1", others[1]: "w2"}, (), NOW, LEASE)

    assert armed == [others[1]]
    assert [state(conn, number) for number in (row, *others)] == ["claimed", "claimed", "transmitting"]
    assert changes.history(conn, A, others[1])[-1].detail == "w2"


def test_several_that_were_taken_keep_each_its_own_answer(conn: Connection, row: int) -> None:
    second, done = plan(conn, A, "k2") or 0, plan(conn, A, "k3") or 0
    for number in (row, second, done):
        armed(conn, number)
    outgoing.sent(conn, A, done, NOW, 250, "before")

    taken = [outgoing.Taken(row, 250, "one"), outgoing.Taken(second, 251, "two"), outgoing.Taken(done, 250, "again")]

    assert sorted(outgoing.all_sent(conn, A, taken, LATER)) == [row, second]
    found = [outgoing.get(conn, A, number) for number in (row, second, done)]
    assert [(mail.state, mail.smtp_code, mail.smtp_reply, mail.sent_at) for mail in found] == [
        ("sent", 250, "one", LATER), ("sent", 251, "two", LATER), ("sent", 250, "before", NOW),
    ]  # fmt: skip
    assert changes.history(conn, A, second)[-1].detail == "250: 251 two"


def test_a_cancelled_mail_is_not_armed(conn: Connection, row: int) -> None:
    outgoing.claim(conn, A, row, "w1", NOW, LEASE)
    outgoing.freeze(conn, A, row, b"bytes", NOW)
    assert outgoing.cancel(conn, A, row, NOW, "paid")

    assert not outgoing.arm(conn, A, row, "w1", NOW, LEASE)
    assert outgoing.get(conn, A, row).why == "paid"


def test_a_mail_on_the_wire_is_cancelled_by_the_worker_that_armed_it_alone(conn: Connection, row: int) -> None:
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
    assert outgoing.due(conn, A, NOW) == []
    assert outgoing.due(conn, A, LATER) == [row]
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

    assert outgoing_lists.doubtful(conn, A, LATER + timedelta(seconds=GRACE), GRACE) == []
    assert [each.id for each in outgoing_lists.doubtful(conn, A, MUCH_LATER, GRACE)] == [row]


def test_a_broken_connection_leaves_a_doubt_and_does_not_shorten_the_lease(conn: Connection, row: int) -> None:
    attempt = armed(conn, row)

    assert outgoing.doubt(conn, A, row, NOW, "connection reset", attempt=attempt)
    assert outgoing_lists.doubtful(conn, A, LATER, GRACE) == []
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
    assert outgoing_lists.doubtful(conn, A, MUCH_LATER, GRACE) == []
    assert outgoing.resend(conn, A, row, MUCH_LATER)
    assert not outgoing.get(conn, A, row).held


@pytest.mark.parametrize("backend", ["postgres"])
def test_a_payment_waits_for_the_arming_of_its_reminder(url: str, engine: Engine) -> None:
    """Also where somebody pays without taking the writers' turn; SQLite has one writer whatever he runs."""
    with writing(engine) as conn:
        row = fill(conn, A).outgoing
        outgoing.claim(conn, A, row, "w1", NOW, LEASE)
        outgoing.freeze(conn, A, row, b"bytes", NOW)
    beside = open_ledger(url, wait_seconds=0.2)

    with writing(engine) as conn:
        assert outgoing.arm(conn, A, row, "w1", NOW, LEASE)
        with beside.connect() as raw:
            other = raw.execution_options(ledger_writes=True)
            with pytest.raises(Exception, match="lock timeout"), other.begin():
                other.execute(text("UPDATE invoice SET open_amount = 0"))
    beside.dispose()


def test_the_table_of_changes_names_only_states_of_the_table(conn: Connection) -> None:
    states = {state for before, after in CHANGES.values() for state in {*before, after}}

    assert states == STATES
    assert not any("sent" in before for before, _ in CHANGES.values())


class Story:
    """One mail, two workers, two clocks, an owner and a mail server; whoever is not called for a while sleeps.

    A transmission can succeed only within the server's patience, which ends with lease and grace.
    """

    def __init__(self, conn: Connection, row: int) -> None:
        self.conn = conn
        self.row = row
        self.now = NOW
        self.accepted = 0
        self.claimed: dict[str, int] = {}
        self.armed: dict[str, tuple[int, datetime]] = {}
        self.looked: dict[str, tuple[int, bool]] = {}

    def moves(self, mail: Outgoing) -> Iterator[tuple[str, ...]]:
        """What can happen next."""
        yield ("pass_time", str(LEASE))
        yield ("pass_time", str(GRACE + 1))
        if mail.attempt < ATTEMPTS and outgoing.due(self.conn, A, self.now):
            yield from (("claim", worker) for worker in ("w1", "w2") if worker not in {**self.claimed, **self.armed})
        for worker in self.claimed:
            yield from (("end_before_data", worker, end) for end in ("put back", "disarmed", "rejected", "killed"))
            yield ("arm", worker)
        for worker in self.armed:
            yield from (("transmit", worker, answer) for answer in ANSWERS)
        if outgoing_lists.doubtful(self.conn, A, self.now, GRACE):
            yield from (("look", clock, str(mail.attempt)) for clock in ("c1", "c2"))
        yield from (("act", clock) for clock in self.looked)
        yield ("pay",)

    def play(self, move: tuple[str, ...]) -> "Story":
        """The story after the move; this one stays as it is, but for the ledger."""
        after = copy.copy(self)
        after.claimed, after.armed, after.looked = dict(self.claimed), dict(self.armed), dict(self.looked)
        getattr(after, move[0])(*move[1:])
        return after

    def pass_time(self, seconds: str) -> None:
        self.now += timedelta(seconds=int(seconds))

    def claim(self, worker: str) -> None:
        mail = outgoing.claim(self.conn, A, self.row, worker, self.now, LEASE)
        assert mail is not None
        outgoing.freeze(self.conn, A, self.row, b"bytes", self.now)
        self.claimed[worker] = mail.attempt

    def arm(self, worker: str) -> None:
        attempt = self.claimed.pop(worker)
        if outgoing.arm(self.conn, A, self.row, worker, self.now, LEASE):
            self.armed[worker] = (attempt, self.now)

    def end_before_data(self, worker: str, end: str) -> None:
        attempt = self.claimed.pop(worker)
        if end == "put back":
            outgoing.back_off(self.conn, A, self.row, self.now, self.now, None, "refused", attempt=attempt)
        elif end == "disarmed":
            outgoing.cancel(self.conn, A, self.row, self.now, "paid", disarm=True, attempt=attempt)
        elif end == "rejected":
            outgoing.rejected(self.conn, A, self.row, self.now, 550, "no", attempt=attempt)

    def transmit(self, worker: str, answer: str) -> None:
        attempt, armed_at = self.armed.pop(worker)
        if self.now > armed_at + timedelta(seconds=LEASE + GRACE):
            answer = "cut"
        self.accepted += answer.startswith("250")
        if answer == "250":
            outgoing.sent(self.conn, A, self.row, self.now, 250, "ok")
        elif answer == "451":
            outgoing.back_off(self.conn, A, self.row, self.now, self.now, 451, "later", attempt=attempt)
        elif answer == "550":
            outgoing.rejected(self.conn, A, self.row, self.now, 550, "no", attempt=attempt)
        elif answer in {"cut", "250 lost"}:
            outgoing.doubt(self.conn, A, self.row, self.now, "connection lost", attempt=attempt)

    def look(self, clock: str, attempt: str) -> None:
        self.looked[clock] = (int(attempt), bool(self.accepted))

    def act(self, clock: str) -> None:
        attempt, found = self.looked.pop(clock)
        if found:
            outgoing.sent(self.conn, A, self.row, self.now, None, "", evidence="found in Sent")
        else:
            outgoing.resend(self.conn, A, self.row, self.now, attempt=attempt)

    def pay(self) -> None:
        outgoing.cancel(self.conn, A, self.row, self.now, "paid")

    def check(self, mail: Outgoing) -> None:
        """Never twice, never forgotten, never given up although it left."""
        far = self.now + timedelta(days=30)
        waits = bool(outgoing.due(self.conn, A, far)) or bool(outgoing_lists.doubtful(self.conn, A, far, GRACE))
        assert self.accepted <= 1
        assert waits or mail.state in {"sent", "rejected", "cancelled"}
        assert mail.state in ({"transmitting", "in_doubt", "sent"} if self.accepted else STATES - {"sent"})

    def situation(self, mail: Outgoing) -> tuple[object, ...]:
        """What makes a difference for what can happen: two workers, like two clocks, may change names."""
        names = {mail.lease_owner: "owner"}
        workers = [(names.get(who), mail.attempt - attempt) for who, attempt in self.claimed.items()]
        wires = [(names.get(who), mail.attempt - n, self._since(at)) for who, (n, at) in self.armed.items()]
        looks = [(mail.attempt - attempt, found) for attempt, found in self.looked.values()]
        lease = None if mail.lease_until is None else max(-GRACE - 1, (mail.lease_until - self.now).total_seconds())
        seen = tuple(tuple(sorted(each, key=str)) for each in (workers, wires, looks))
        return (mail.state, mail.attempt, lease, self.accepted, *seen)

    def _since(self, instant: datetime) -> float:
        return min(LEASE + GRACE + 1, (self.now - instant).total_seconds())


@pytest.mark.slow
def test_no_order_of_calls_crashes_and_late_awakenings_sends_twice_or_loses(tmp_path: Path) -> None:
    """Every situation that can arise is visited once: a walk over all moves, taken back by savepoints."""
    engine = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(engine)
    seen: set[tuple[object, ...]] = set()

    def visit(story: Story, path: tuple[tuple[str, ...], ...]) -> None:
        mail = outgoing.get(story.conn, A, story.row)
        situation = story.situation(mail)
        if situation in seen:
            return
        seen.add(situation)
        try:
            story.check(mail)
        except AssertionError as error:
            error.add_note(f"after {path}: {situation}")
            raise
        for move in list(story.moves(mail)):
            with story.conn.begin_nested() as step:
                visit(story.play(move), (*path, move))
                step.rollback()

    with writing(engine) as conn:
        businesses.ensure(conn, A, "Atelier", NOW)
        row = plan(conn, A, expires_at=NOW + timedelta(days=365))
        assert row is not None
        visit(Story(conn, row), ())
    engine.dispose()
