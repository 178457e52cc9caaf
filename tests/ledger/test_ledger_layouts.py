"""What was learned of layouts: counted once an invoice, forgotten when wrong, never another business's."""

from datetime import timedelta

from ledger_samples import NOW
from sqlalchemy import Engine

from mailbot.ledger import layouts
from mailbot.ledger.store import writing

A, B = "atelier", "boulangerie"


def test_the_same_confirmed_invoice_counts_once(engine: Engine) -> None:
    with writing(engine) as conn:
        for number in ("FA-1", "FA-1", "FA-2"):
            layouts.keep(conn, A, "f1", {"due": "a"}, number, NOW)

        found = layouts.find(conn, A, "f1")

    assert found is not None
    assert (found.confirmed, found.invoice, found.learned) == (2, "FA-2", {"due": "a"})


def test_a_layout_is_one_businesss_own(engine: Engine) -> None:
    with writing(engine) as conn:
        layouts.keep(conn, A, "f1", {"due": "a"}, "FA-1", NOW)
        layouts.forget(conn, B, "f1")

        assert layouts.known(conn, B) == {}
        assert layouts.known(conn, A) == {"f1": {"due": "a"}}


def test_what_was_wrong_is_forgotten(engine: Engine) -> None:
    with writing(engine) as conn:
        layouts.keep(conn, A, "f1", {}, "FA-1", NOW)
        layouts.keep(conn, A, "f2", {}, "FA-2", NOW + timedelta(days=1))
        layouts.forget(conn, A, "f1")

        assert list(layouts.known(conn, A)) == ["f2"]
