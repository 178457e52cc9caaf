"""The rules of other programs that the matcher is measured against do what their sources say, faults included."""

import sys
from datetime import date
from pathlib import Path

import pytest

# The yardsticks stand beside the benchmark that uses them, outside the package.
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reconcile_baselines import BASELINES, invoice_ninja, odoo_oca, securo
from reconcile_book import Item, Line, rf_reference
from reconcile_business_central import business_central, nearness
from reconcile_world import make_world


def owed(number: str, client: str, cents: int, **changes) -> Item:
    """An invoice of September, due in October."""
    fields = {"issued": date(2026, 9, 10), "due": date(2026, 10, 10), "reference": rf_reference(number)}
    return Item(number=number, kind="invoice", client=client, aliases=(), ibans=(), cents=cents, **(fields | changes))


def paid(cents: int, name: str, memo: str = "", currency: str = "EUR") -> Line:
    return Line("1", date(2026, 10, 5), cents, currency, name, memo, "", "CREDIT")


ROUX = owed("FA-2026-0041", "Garage Roux", 12000)
MOREL = owed("FA-2026-0042", "Librairie Morel", 45000)
MOREL_TOO = owed("FA-2026-0043", "Librairie Morel", 30000)
BOOK = (ROUX, MOREL, MOREL_TOO)


def test_invoice_ninja_takes_a_number_inside_a_longer_one_and_any_amount():
    assert invoice_ninja([paid(999, "VIR X", "FA-2026-00415")], BOOK) == [(("FA-2026-0041", 999),)]
    assert invoice_ninja([paid(12000, "VIR GARAGE ROUX", "FA 2026 0041")], BOOK) == [None]


def test_odoo_books_by_equal_digits_and_accepts_too_much():
    assert odoo_oca([paid(12000, "VIR INCONNU", "FACTURE 20260041")], BOOK) == [(("FA-2026-0041", 12000),)]
    assert odoo_oca([paid(50000, "VIR LIBRAIRIE MOREL", "FA-2026-0042")], BOOK) == [(("FA-2026-0042", 45000),)]


def test_odoo_books_neither_too_little_nor_without_a_token():
    assert odoo_oca([paid(44000, "VIR LIBRAIRIE MOREL", "FA-2026-0042")], BOOK) == [None]
    assert odoo_oca([paid(45000, "VIR LIBRAIRIE MOREL")], BOOK) == [None]


def test_odoo_settles_an_invoice_once():
    line = paid(45000, "VIR LIBRAIRIE MOREL", "FA-2026-0042")

    assert odoo_oca([line, line], BOOK) == [(("FA-2026-0042", 45000),), None]


def test_securo_books_an_unknown_payer_by_the_amount_alone():
    assert securo([paid(12000, "VIR INCONNU")], BOOK) == [(("FA-2026-0041", 12000),)]


def test_securo_asks_where_two_invoices_have_the_amount():
    twin = owed("FA-2026-0044", "Librairie Morel", 45000)

    assert securo([paid(45000, "VIR LIBRAIRIE MOREL")], (*BOOK, twin)) == [None]


def test_securo_books_the_only_set_of_the_payer_that_adds_up():
    assert securo([paid(75000, "VIR LIBRAIRIE MOREL")], BOOK) == [(("FA-2026-0042", 45000), ("FA-2026-0043", 30000))]


@pytest.mark.parametrize(
    ("line", "booked"),
    [
        (paid(45000, "VIR LIBRAIRIE MOREL", "FA-2026-0042"), (("FA-2026-0042", 45000),)),
        (paid(45000, "VIR LIBRAIRIE MOREL"), (("FA-2026-0042", 45000),)),
        (paid(45000, "VIR INCONNU", "FA-2026-0042"), None),
        (paid(75000, "VIR INCONNU", "FA-2026-0042 FA-2026-0043"), (("FA-2026-0042", 45000), ("FA-2026-0043", 30000))),
        (paid(44000, "VIR LIBRAIRIE MOREL", "FA-2026-0042"), None),
        (paid(45000, "VIR LIBRAIRIE MOREL", "FA-2026-00421"), (("FA-2026-0042", 45000),)),
    ],
    ids=["all agree", "unique name and amount", "medium", "several numbers", "amount differs", "a longer number"],
)
def test_business_central_books_what_its_table_calls_high(line, booked):
    assert business_central([line], BOOK) == [booked]


def test_business_central_wants_a_unique_name_where_the_amount_is_not():
    book = (*BOOK, owed("FA-2026-0050", "Librairie Morel Nord", 9000), owed("FA-2026-0051", "Cabinet Weber", 45000))

    assert business_central([paid(45000, "VIR LIBRAIRIE MOREL", "FA-2026-0042")], book) == [None]


def test_a_name_is_near_by_its_common_pieces_of_four_letters():
    assert nearness("LIBRAIRIE MOREL", "VIR SEPA LIBRAIRIE MOREL FACT") == 100
    assert nearness("LIBRAIRIE MOREL", "VIR SEPA LIBRAIRIE MO") == 80
    assert nearness("ABC", "VIR ABC") == 0


@pytest.mark.parametrize("name", BASELINES)
def test_every_rule_answers_every_line_of_a_world(name):
    world = make_world(1, "harder", 60)
    lines = [line for statement in world.statements for line in statement.lines]

    booked = BASELINES[name](lines, world.book)

    assert len(booked) == len(lines)
    assert any(booked)
