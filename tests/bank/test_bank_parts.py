"""Pages of a file are one period where nothing lies between them, and sums are checked where all lines are known."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from mailbot.bank.identity import numbered
from mailbot.bank.parts import Part, joined
from mailbot.model import Line

PAID = Line("", date(2026, 3, 2), Decimal(60), "EUR", "VIR DUPONT", "FA-2026-0042", "", "CREDIT", bank_id="R1")


def page(*lines: Line, opening: int | None = 0, closing: int | None = 60, day: int = 2, lost: bool = False) -> Part:
    def money(amount: int | None) -> Decimal | None:
        return None if amount is None else Decimal(amount)

    on = date(2026, 3, day)
    made = Part(1, "DE02120300000000202051", "EUR", start=on, end=on, opening=money(opening), closing=money(closing))
    made.lines, made.lost = [*lines], lost
    return made


def difference(part: Part) -> Decimal:
    [account] = joined([part], [])
    return account.difference


def test_what_the_balances_say_beside_the_lines_is_the_difference() -> None:
    assert difference(page(PAID)) == 0
    assert difference(page(PAID, closing=100)) == 40
    assert difference(page(PAID, closing=None)) == 0


def test_a_sum_says_nothing_where_a_line_could_not_be_read() -> None:
    assert difference(page(PAID, closing=100, lost=True)) == 0


def test_what_is_only_announced_is_in_no_balance() -> None:
    assert difference(page(PAID, replace(PAID, pending=True, bank_id="R2"))) == 0


def test_pages_are_one_period_where_the_balance_goes_on_and_time_does_not_go_back() -> None:
    first, second = page(PAID), page(replace(PAID, bank_id="R2"), opening=60, closing=120, day=3)

    assert [len(account.lines) for account in joined([first, second], [])] == [2]
    assert len(joined([first, page(PAID, opening=61, closing=121, day=3)], [])) == 2
    assert len(joined([first, page(PAID, opening=60, closing=120, day=1)], [])) == 2
    assert len(joined([page(PAID, closing=None), page(PAID, opening=None, day=3)], [])) == 2


def test_an_announced_line_does_not_change_the_id_of_the_booked_one() -> None:
    [booked] = numbered("bank/1", [PAID])
    announced, again = numbered("bank/1", [replace(PAID, pending=True), PAID])

    assert again.id == booked.id
    assert announced.id != booked.id
