"""Who may be the clock."""

from datetime import timedelta

from ledger_samples import NOW
from sqlalchemy import Engine

from mailbot.ledger import leases
from mailbot.ledger.store import writing

LATER = NOW + timedelta(seconds=30)


def test_a_lease_has_one_holder(engine: Engine) -> None:
    with writing(engine) as conn:
        assert leases.take(conn, "clock", "first", NOW, 30)
        assert not leases.take(conn, "clock", "second", NOW, 30)
        assert leases.take(conn, "watch", "second", NOW, 30)

        assert leases.holder(conn, "clock", NOW) == "first"


def test_the_holder_prolongs_its_lease(engine: Engine) -> None:
    with writing(engine) as conn:
        leases.take(conn, "clock", "first", NOW, 30)
        assert leases.take(conn, "clock", "first", NOW + timedelta(seconds=20), 30)

        assert not leases.take(conn, "clock", "second", LATER, 30)


def test_a_lease_that_is_over_is_taken_over(engine: Engine) -> None:
    with writing(engine) as conn:
        leases.take(conn, "clock", "first", NOW, 30)

        assert leases.holder(conn, "clock", LATER) is None
        assert leases.take(conn, "clock", "second", LATER, 30)
        assert not leases.take(conn, "clock", "first", LATER, 30)


def test_only_its_holder_drops_a_lease(engine: Engine) -> None:
    with writing(engine) as conn:
        leases.take(conn, "clock", "first", NOW, 30)
        leases.drop(conn, "clock", "second")
        assert leases.holder(conn, "clock", NOW) == "first"

        leases.drop(conn, "clock", "first")
        assert leases.take(conn, "clock", "second", NOW, 30)
