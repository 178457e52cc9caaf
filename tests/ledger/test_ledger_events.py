"""Events: written once, never changed, read in order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_samples import DAY, NOW, add_client, event, fill
from sqlalchemy import Engine, text

from mailbot.errors import LedgerError
from mailbot.ledger import events
from mailbot.ledger.store import reading, writing
from mailbot.ledger.tables import APPEND_ONLY


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET business = business", "DELETE FROM {}"])
def test_a_log_is_append_only_even_for_sql(engine: Engine, table: str, change: str) -> None:
    with writing(engine) as conn:
        fill(conn, "atelier")

    with pytest.raises(LedgerError, match="append-only"), writing(engine) as conn:
        conn.execute(text(change.format(table)))


def test_a_log_is_append_only_even_for_replace_and_truncate(engine: Engine) -> None:
    with writing(engine) as conn:
        fill(conn, "atelier")
    changes = {"sqlite": "INSERT OR REPLACE INTO event SELECT * FROM event", "postgresql": "TRUNCATE event"}

    with pytest.raises(LedgerError, match="append-only"), writing(engine) as conn:
        conn.execute(text(changes[engine.dialect.name]))


def test_an_event_is_recorded_once(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, "atelier")
        first = event(client=client)

        assert events.record(conn, "atelier", first)
        assert not events.record(conn, "atelier", replace(first, data={"amount": "9999.00"}))
        assert events.of_client(conn, "atelier", client) == [first]


def test_a_client_s_events_are_its_own_and_those_of_the_whole_business(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, "atelier")
        other = add_client(conn, "atelier", "Martin")
        mine, everybody = event(cause="1", client=client), event("owner.paused", "2", client=None)
        for each in (mine, everybody, event(cause="3", client=other)):
            events.record(conn, "atelier", each)

    with reading(engine) as conn:
        assert events.of_client(conn, "atelier", client) == [mine, everybody]
        assert events.of_invoice(conn, "atelier", "FA-1") != []


def test_events_come_in_the_order_of_day_instant_and_id_and_end_at_the_day(engine: Engine) -> None:
    with writing(engine) as conn:
        client = add_client(conn, "atelier")
        one = replace(event(cause="b", client=client), at=NOW + timedelta(hours=1))
        two, early = event(cause="c", client=client), event(cause="a", client=client)
        tomorrow = replace(event(cause="0", client=client), day=DAY + timedelta(days=1), at=NOW - timedelta(days=9))
        for each in (tomorrow, one, two, early):
            events.record(conn, "atelier", each)

    with reading(engine) as conn:
        assert events.of_client(conn, "atelier", client) == [early, two, one, tomorrow]
        assert events.of_client(conn, "atelier", client, DAY) == [early, two, one]
        assert events.between(conn, "atelier", NOW, NOW + timedelta(hours=1)) == [early, two]


def test_a_client_that_is_no_number_is_refused(engine: Engine) -> None:
    with pytest.raises(LedgerError, match="is no client"), writing(engine) as conn:
        events.record(conn, "atelier", replace(event(), client="C-1"))
