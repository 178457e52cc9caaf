"""The list of open items, with all its mistakes at once."""

from datetime import date
from decimal import Decimal

from mailbot.bank.listing import read_open_items
from mailbot.model import OpenItem, Problem

HEAD = (
    "number,kind,client,client_aliases,payer_ibans,issue_date,due_date,currency,amount_due,reference,"
    "discount_percent,discount_until\n"
)


def test_row_is_read_whole() -> None:
    row = "FA-1,invoice,Alpha,ALFA|A.L.,FR76,2026-01-05,2026-02-04,EUR,1200.00,RF1,2,2026-01-15\n"

    assert read_open_items(HEAD + row) == [
        OpenItem(
            number="FA-1",
            kind="invoice",
            client="Alpha",
            amount_due=Decimal("1200.00"),
            currency="EUR",
            issue_date=date(2026, 1, 5),
            due_date=date(2026, 2, 4),
            reference="RF1",
            client_aliases=("ALFA", "A.L."),
            payer_ibans=("FR76",),
            discount_percent=Decimal(2),
            discount_until=date(2026, 1, 15),
        )
    ]


def test_semicolons_byte_order_mark_and_few_columns_are_taken() -> None:
    [item] = read_open_items("\ufeffnumber;kind;client;currency;amount_due\r\nFA-1;invoice;Alpha;eur;1 200,50\r\n")

    assert isinstance(item, OpenItem)
    assert (item.amount_due, item.currency, item.due_date) == (Decimal("1200.50"), "EUR", None)


def test_all_mistakes_are_told_with_their_line() -> None:
    rows = [
        "FA-1,invoice,Alpha,,,05/01/2026,,EUR,10.00,,,",
        "FA-2,facture,Alpha,,,,,EUR,10.00,,,",
        "FA-3,invoice,,,,,,EUR,10.00,,,",
        "FA-4,invoice,Alpha,,,,,euros,10.00,,,",
        'FA-5,invoice,Alpha,,,,,EUR,"1,234",,,',
        "FA-6,invoice,Alpha,,,,,EUR,-5.00,,,",
        "FA-7,invoice,Alpha,,,,,JPY,5.50,,,",
        "FA-8,invoice,Alpha,,,,,EUR,5.00,,,",
        "FA-8,invoice,Alpha,,,,,EUR,6.00,,,",
        "FA-9,invoice",
    ]

    problems = read_open_items(HEAD + "\n".join(rows))

    assert [problem.line for problem in problems if isinstance(problem, Problem)] == [
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        10,
        11,
    ]


def test_missing_columns_are_named() -> None:
    [problem] = read_open_items("number,amount\nFA-1,5\n")

    assert isinstance(problem, Problem)
    assert "kind, client, currency, amount_due" in problem.message


def test_head_without_rows_is_an_empty_list() -> None:
    assert read_open_items(HEAD) == []
