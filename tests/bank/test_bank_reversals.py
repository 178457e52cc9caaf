"""A line that takes a payment back is tied to that payment, and to no other."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mailbot.bank.match import match_lines
from mailbot.bank.reversals import Payment
from mailbot.model import Line, Match, OpenItem, Share

ITEMS = [
    OpenItem("FA-2026-0042", "invoice", "Couverture Dupont", Decimal("1200.00"), "EUR"),
    OpenItem("FA-2026-0043", "invoice", "Garage Martin", Decimal("1200.00"), "EUR"),
]


def line(key: str, day: int, amount: str, name: str, memo: str = "") -> Line:
    return Line(key, date(2026, 2, day), Decimal(amount), "EUR", name, memo, "", "CREDIT")


ROOF = line("roof", 2, "1200.00", "VIR SEPA COUVERTURE DUPONT", "FA-2026-0042")
CARS = line("cars", 3, "1200.00", "VIR SEPA GARAGE MARTIN", "FA-2026-0043")


def back(label: str, day: int = 9, **fields: str | bool) -> Line:
    return replace(line("back", day, "-1200.00", label), **fields)  # type: ignore[arg-type]


def tied(debit: Line, *before: Line) -> Match:
    return match_lines([*(before or (ROOF, CARS)), debit], ITEMS)[-1]


def test_return_names_the_invoice() -> None:
    match = tied(back("REJET VIR FA-2026-0042"))

    assert (match.decision, match.reverses) == ("ask", "roof")
    assert match.choices == ((Share("FA-2026-0042", Decimal("-1200.00")),),)


def test_return_names_the_payer() -> None:
    assert tied(back("IMPAYE GARAGE MARTIN")).reverses == "cars"


def test_return_names_the_banks_own_id() -> None:
    paid = replace(CARS, bank_id="20260203X")

    assert tied(back("REJET", reverses="20260203X", reason="AC04"), ROOF, paid).evidence == (
        "takes back a payment",
        "reason AC04",
    )
    assert tied(back("REJET", reverses="20260203X"), ROOF, paid).reverses == "cars"


def test_return_that_names_nobody_may_be_any_payment_of_its_amount() -> None:
    match = tied(back("REJET PRLV IMPAYE"))

    assert (match.decision, match.reverses) == ("ask", "")
    assert [choice[0].invoice for choice in match.choices] == ["FA-2026-0043", "FA-2026-0042"]


def test_return_names_as_much_of_the_payer_as_the_bank_left() -> None:
    cut = tied(back("RETOUR VIR SEPA COUVERTURE DUPO"))

    assert (cut.decision, cut.reverses) == ("ask", "roof")


def test_return_of_no_known_payment_is_none() -> None:
    assert tied(replace(back("REJET PRLV IMPAYE"), amount=Decimal("-33.00"))).decision == "none"


def test_bank_calls_it_a_return_whatever_the_label_says() -> None:
    assert tied(back("VIR FA-2026-0042")).reverses == ""
    assert tied(back("VIR FA-2026-0042", reversal=True)).reverses == "roof"


def test_return_of_another_amount_or_of_a_later_payment_is_none() -> None:
    assert tied(replace(back("REJET FA-2026-0042"), amount=Decimal("-1199.00"))).reverses == ""
    assert tied(back("REJET FA-2026-0042", day=1)).reverses == ""


def test_return_with_charges_may_take_back_the_payment_that_it_names_alone() -> None:
    def charged(label: str, amount: str = "-1207.50") -> Match:
        return tied(replace(back(label), amount=Decimal(amount)))

    match = charged("RUECKLASTSCHRIFT COUVERTURE DUPONT")
    assert (match.decision, match.reverses) == ("ask", "")
    assert match.choices == ((Share("FA-2026-0042", Decimal("-1200.00")),),)
    assert match.evidence == ("may take back a payment and its charges",)
    assert charged("REJET FA-2026-0043").choices == ((Share("FA-2026-0043", Decimal("-1200.00")),),)
    assert charged("RUECKLASTSCHRIFT").decision == "none"
    assert charged("PRLV COUVERTURE DUPONT").decision == "none"
    assert charged("REJET FA-2026-0042", "-1250.00").decision == "ask"
    assert charged("REJET FA-2026-0042", "-1250.01").decision == "none"


def test_two_returns_take_back_two_payments() -> None:
    twice = [ROOF, replace(ROOF, id="again", date=date(2026, 2, 4))]
    returns = [back("REJET FA-2026-0042"), replace(back("REJET FA-2026-0042"), id="second")]

    assert [match.reverses for match in match_lines([*twice, *returns], ITEMS)][2:] == ["again", "roof"]


def test_payment_of_an_earlier_statement_is_found() -> None:
    earlier = Payment(ROOF, (Share("FA-2026-0042", Decimal("1200.00")),))
    [match] = match_lines([back("REJET VIR COUVERTURE DUPONT")], ITEMS[1:], booked=[earlier])

    assert (match.reverses, match.choices) == ("roof", ((Share("FA-2026-0042", Decimal("-1200.00")),),))


@pytest.mark.parametrize(("days", "tied_to"), [(400, "roof"), (401, "")])
def test_a_payment_is_taken_back_within_thirteen_months(days: int, tied_to: str) -> None:
    debit = replace(back("REJET FA-2026-0042"), date=ROOF.date + timedelta(days=days))

    assert tied(debit).reverses == tied_to


def test_a_return_that_names_two_payers_alike_is_tied_to_none() -> None:
    roofs = line("leroy", 3, "1200.00", "VIR SEPA TOITURE LEROY", "MERCI")
    match = tied(back("REJET GARAGE MARTIN TOITURE LEROY"), CARS, roofs)

    assert (match.reverses, tied(back("REJET GARAGE MARTIN"), CARS, roofs).reverses) == ("", "cars")
