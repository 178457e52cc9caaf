"""Every rule by which the matcher books or doubts decides a case that comes out otherwise without it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from mailbot.bank import certainty
from mailbot.bank.match import match_lines
from mailbot.model import Line, OpenItem

DAY = date(2026, 2, 10)


def item(number: str, client: str, amount: str) -> OpenItem:
    return OpenItem(number, "invoice", client, Decimal(amount), "EUR", date(2026, 1, 5), date(2026, 2, 4))


def line(amount: str, name: str, memo: str = "") -> Line:
    return Line(f"{name} {memo}", DAY, Decimal(amount), "EUR", name, memo, "", "CREDIT")


ROOF = item("FA-2026-0042", "Couverture Dupont SARL", "1200.00")
CARS = item("FA-2026-0043", "Garage Martin", "123.45")
TYRES = item("FA-2026-0044", "Garage Martin", "80.00")
NOTE = replace(item("AV-2026-0003", "Garage Martin", "20.00"), kind="credit_note")
BOOK = (ROOF, CARS, TYRES, NOTE)
GARAGE = "VIR SEPA GARAGE MARTIN"


@dataclass(frozen=True)
class Case:
    """A line and the book that it meets."""

    line: Line
    book: tuple[OpenItem, ...] = BOOK
    oldest_first: bool = False


ROUTES = {
    "named_numbers": Case(line("1200.00", "VIR SEPA XYZ", "FA/26/42")),
    "digits_and_payer": Case(
        line("80.00", GARAGE, "FACTURE 44"), book=(*BOOK, item("FA-2026-0045", "Garage Martin", "80.00"))
    ),
    "rounded_amount": Case(line("1199.98", "VIR SEPA XYZ", "FA-2026-0042")),
    "discount_in_time": Case(
        line("1164.00", "VIR SEPA XYZ", "FA-2026-0042"),
        book=(replace(ROOF, discount_percent=Decimal(3), discount_until=DAY),),
    ),
    "announced_part": Case(line("400.00", "VIR SEPA XYZ", "ACOMPTE FA-2026-0042")),
    "payer_and_amount": Case(line("80.00", GARAGE, "MERCI")),
    "payer_and_oldest": Case(
        line("80.00", GARAGE, "MERCI"),
        book=(*BOOK, item("FA-2026-0045", "Garage Martin", "80.00")),
        oldest_first=True,
    ),
    "cut_payer_and_rare_amount": Case(
        line("123.45", "VIR SEPA RECU /DE GARAGE MARTINE"),
        book=(item("F-1", "Garage Martineau", "123.45"),),
    ),
}
DOUBTS = {
    "another_currency": Case(line("1200.00", "VIR SEPA XYZ", "FA-2026-0042"), book=(replace(ROOF, currency="USD"),)),
    "two_items_of_one_number": Case(
        line("1200.00", "VIR SEPA XYZ", "FA-2026-0042"),
        book=(ROOF, replace(ROOF, client="Toiture Leroy")),
    ),
    "issued_later": Case(
        line("1200.00", "VIR SEPA XYZ", "FA-2026-0042"),
        book=(replace(ROOF, issue_date=date(2026, 2, 11)),),
    ),
    "another_payer": Case(line("1200.00", GARAGE, "FA-2026-0042")),
    "no_single_payer": Case(line("1200.00", "REMISE CB 10 02", "FA-2026-0042")),
    "our_money_back": Case(replace(line("1200.00", "VIR SEPA XYZ", "FA-2026-0042"), reversal=True)),
    "called_a_debit": Case(replace(line("1200.00", "VIR SEPA XYZ", "FA-2026-0042"), type="DEBIT")),
    "more_is_named": Case(line("80.00", GARAGE, "FA-2026-0042")),
    "only_credit_notes": Case(line("10.00", "VIR SEPA XYZ", "ACOMPTE AV-2026-0003")),
    "strange_number": Case(line("80.00", GARAGE, "FACTURE FA-2025-0999")),
    "same_amount_twice": Case(line("80.00", GARAGE), book=(*BOOK, item("FA-2026-0045", "Garage Martin", "80.03"))),
    "another_sum": Case(line("203.45", GARAGE), book=(*BOOK, item("FA-2026-0045", "Garage Martin", "203.45"))),
    "said_to_be_a_part": Case(line("80.00", GARAGE, "ACOMPTE TRAVAUX")),
    "no_payment_of_invoices": Case(line("80.00", GARAGE, "LOYER FEVRIER")),
    "names_somebody_else": Case(line("80.00", GARAGE, "POUR COUVERTURE DUPONT")),
    "begins_too_little": Case(line("123.45", "VIR RECU 123456789Z DE: GARAGE M")),
}


def is_booked(case: Case) -> bool:
    return match_lines([case.line], case.book, oldest_first=case.oldest_first)[0].decision == "auto"


def without(rules: tuple[Callable[..., object], ...], name: str) -> tuple[Callable[..., object], ...]:
    return tuple(rule for rule in rules if rule.__name__ != name)


def test_every_rule_has_its_case() -> None:
    assert [rule.__name__ for rule in certainty.ROUTES] == list(ROUTES)
    assert [rule.__name__ for rule in certainty.DOUBTS] == list(DOUBTS)


@pytest.mark.parametrize("name", ROUTES)
def test_a_line_is_booked_by_this_evidence_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_booked(ROUTES[name])

    monkeypatch.setattr(certainty, "ROUTES", without(certainty.ROUTES, name))

    assert not is_booked(ROUTES[name])


@pytest.mark.parametrize("name", DOUBTS)
def test_a_line_is_held_back_by_this_doubt_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_booked(DOUBTS[name])

    monkeypatch.setattr(certainty, "DOUBTS", without(certainty.DOUBTS, name))

    assert is_booked(DOUBTS[name])


def of_garage(count: int) -> tuple[OpenItem, ...]:
    """So many invoices of one client, of which only the first is of 80.00 and none is of less."""
    more = (item(f"FA-2026-{100 + at:04}", "Garage Martin", f"{300 + 7 * at}.00") for at in range(1, count))
    return (TYRES, *more)


def test_one_of_so_many_invoices_that_not_all_sums_are_looked_at_is_asked() -> None:
    assert is_booked(Case(line("80.00", GARAGE, "MERCI"), book=of_garage(24)))
    assert not is_booked(Case(line("80.00", GARAGE, "MERCI"), book=of_garage(25)))


def test_the_beginning_of_the_own_number_is_no_strange_one() -> None:
    assert is_booked(Case(line("80.00", GARAGE, "FA-2026")))
    assert not is_booked(Case(line("80.00", GARAGE, "FA-2025")))
