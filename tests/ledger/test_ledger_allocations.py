"""What lines were given to, taken back and taught: nothing is changed, nothing is given twice."""

from dataclasses import replace
from decimal import Decimal

import pytest
from ledger_samples import DOCUMENT, LINE, NOW, World, add_client, fill
from sqlalchemy import Connection, Engine

from mailbot.errors import LedgerError
from mailbot.ledger import aliases, allocations, bank, invoices
from mailbot.ledger.store import writing

A = "atelier"


def second_invoice(conn: Connection) -> World:
    """FA-1 has 200.00 of the line of 1200.00, its client keeps 30.00; FA-2 has nothing yet."""
    world = fill(conn, A)
    invoices.add(conn, A, add_client(conn, A), replace(DOCUMENT, number="FA-2"), None, None, None, NOW)
    return world


def test_a_line_gives_away_no_more_than_it_has(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)

        assert allocations.allocate(conn, A, LINE.id, "FA-1", Decimal("500.00"), "owner", NOW) is None
        with pytest.raises(LedgerError, match=r"has not 970\.01 left"):
            allocations.allocate(conn, A, LINE.id, "FA-2", Decimal("970.01"), "owner", NOW)
        assert allocations.allocate(conn, A, LINE.id, "FA-2", Decimal("970.00"), "owner", NOW)
        assert allocations.unused(conn, A, LINE.id) == 0


def test_what_is_waived_takes_nothing_from_the_line(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        before = allocations.unused(conn, A, LINE.id)
        allocations.allocate(conn, A, LINE.id, "FA-1", Decimal("0.03"), "auto", NOW, kind="waived", why="rounding")

        assert allocations.unused(conn, A, LINE.id) == before
        assert [row.why for row in allocations.of_invoice(conn, A, "FA-1")] == ["", "rounding"]


def test_a_payment_in_another_currency_uses_up_its_line(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        left = allocations.unused(conn, A, LINE.id)
        allocations.allocate(conn, A, LINE.id, "FA-2", Decimal("1200.00"), "owner", NOW, used=left)

        assert allocations.unused(conn, A, LINE.id) == 0


def test_what_is_taken_back_can_be_given_again_and_the_log_keeps_both(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        [first, credit] = allocations.standing(conn, A, LINE.id)

        assert allocations.take_back(conn, A, first.id, "owner", "undo", NOW)
        assert allocations.take_back(conn, A, first.id, "owner", "undo", NOW) is None
        assert allocations.of_invoice(conn, A, "FA-1") == []
        assert allocations.standing(conn, A, LINE.id) == [credit]
        assert allocations.allocate(conn, A, LINE.id, "FA-2", Decimal("1170.00"), "owner", NOW)
        assert [row.amount for row in allocations.history(conn, A, LINE.id)] == [200, 30, -200, 1170]


def test_what_lateness_cost_is_told_of_one_client_of_one_business(engine: Engine) -> None:
    with writing(engine) as conn:
        ours = second_invoice(conn)
        fill(conn, "boulangerie")
        [_, credit] = allocations.standing(conn, A, LINE.id)
        assert allocations.for_penalties(conn, A, ours.client) == []

        allocations.take_back(conn, A, credit.id, "owner", "penalties", NOW, free=False)

        [row] = allocations.for_penalties(conn, A, ours.client)
        assert (row.line, row.amount, row.used) == (LINE.id, -30, 0)
        assert allocations.for_penalties(conn, A, ours.client + 1) == []
        assert allocations.for_penalties(conn, "boulangerie", ours.client) == []


def test_what_the_bank_took_back_is_not_given_again(engine: Engine) -> None:
    back = replace(LINE, id="line-2", amount=-LINE.amount)
    with writing(engine) as conn:
        world = second_invoice(conn)
        bank.add_lines(conn, A, world.statement, "FR76", [back])
        for row in allocations.standing(conn, A, LINE.id):
            allocations.take_back(conn, A, row.id, "auto", "reversal", NOW, line=back.id)

        assert allocations.of_invoice(conn, A, "FA-1") == []
        assert allocations.kept(conn, A) == []
        assert allocations.unused(conn, A, LINE.id) == 970
        assert [row.amount for row in allocations.standing(conn, A, back.id)] == [-200, -30]


def test_what_the_bank_did_not_take_back_after_all_stands_anew_and_may_be_taken_back_again(engine: Engine) -> None:
    back = replace(LINE, id="line-2", amount=-LINE.amount)
    with writing(engine) as conn:
        world = second_invoice(conn)
        bank.add_lines(conn, A, world.statement, "FR76", [back])
        [paid, credit] = allocations.standing(conn, A, LINE.id)
        for row in (paid, credit):
            allocations.take_back(conn, A, row.id, "auto", "reversal", NOW, line=back.id)
        [gone] = allocations.reversals(conn, A, "FA-1")
        assert allocations.reversals(conn, "boulangerie", "FA-1") == []

        again = allocations.give_back(conn, A, gone.id, "owner", NOW)

        assert again is not None
        assert allocations.give_back(conn, A, gone.id, "owner", NOW) is None
        assert allocations.of_invoice(conn, A, "FA-1") == [again]
        assert (again.line, again.amount, again.used) == (LINE.id, 200, 200)
        assert allocations.standing(conn, A, LINE.id) == [again]
        assert [row.kind for row in allocations.standing(conn, A, back.id)] == ["credit"]
        assert allocations.unused(conn, A, LINE.id) == 970
        assert allocations.unused(conn, A, back.id) == -1170
        assert allocations.take_back(conn, A, again.id, "owner", "undo", NOW)
        assert allocations.unused(conn, A, LINE.id) == 1170


def test_what_is_kept_is_told_by_client_and_currency(engine: Engine) -> None:
    with writing(engine) as conn:
        world = second_invoice(conn)

        assert allocations.kept_by_client(conn, A) == {world.client: {"EUR": Decimal("30.00")}}


def test_a_row_that_takes_nothing_back_gives_nothing_back(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        [paid, _] = allocations.standing(conn, A, LINE.id)
        with pytest.raises(LedgerError, match="takes another back"):
            allocations.give_back(conn, A, paid.id, "owner", NOW)


def test_money_that_was_paid_back_to_the_client_is_not_given_again(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        [credit] = allocations.kept(conn, A)
        allocations.take_back(conn, A, credit.id, "owner", "refund", NOW, free=False)

        assert allocations.kept(conn, A) == []
        assert allocations.unused(conn, A, LINE.id) == 970


def test_a_credit_line_never_takes_money_away(engine: Engine) -> None:
    with writing(engine) as conn:
        second_invoice(conn)
        with pytest.raises(LedgerError, match="has not"):
            allocations.allocate(conn, A, LINE.id, "FA-2", Decimal(-300), "owner", NOW)


def test_a_payer_is_taught_once_forgotten_and_taught_again(engine: Engine) -> None:
    with writing(engine) as conn:
        world = fill(conn, A)

        assert not aliases.teach(conn, A, world.client, "name", "DUPONT SA", LINE.id, "other", NOW)
        assert [(one.value, one.by) for one in aliases.forget(conn, A, LINE.id, NOW)] == [("DUPONT SA", "letter")]
        assert aliases.known(conn, A) == []
        assert aliases.teach(conn, A, world.client, "name", "DUPONT SA", LINE.id, "other", NOW)
        assert [one.by for one in aliases.known(conn, A)] == ["other"]


def test_the_matcher_gets_the_discount_that_an_invoice_grants(engine: Engine) -> None:
    until = NOW.date()
    granted = replace(DOCUMENT, number="FA-3", discount_percent=Decimal("2.5"), discount_until=until)
    with writing(engine) as conn:
        second_invoice(conn)
        invoices.add(conn, A, add_client(conn, A), granted, None, None, None, NOW)

        found = {item.number: (item.discount_percent, item.discount_until) for item in invoices.open_items(conn, A)}
        assert found["FA-3"] == (Decimal("2.5"), until)
        assert found["FA-2"] == (None, None)
