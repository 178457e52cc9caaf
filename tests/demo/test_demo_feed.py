"""The demo's bank file is read back as what was booked."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from mailbot.bank.match import match_lines
from mailbot.bank.read import read_statement, unknown_accounts
from mailbot.demo.documents import SELLER
from mailbot.demo.feed import DemoAccount, DemoLine, statement
from mailbot.model import Line, OpenItem, Statement

START, END = date(2026, 3, 1), date(2026, 3, 9)
DAY = date(2026, 3, 5)
PAID = DemoLine(DAY, Decimal("1234.56"), "DUPONT & FILS SARL", "FA-2026-0412")
RENT = DemoLine(DAY, Decimal("-840.00"), "SCI DES LILAS", "LOYER", "debit")
FEE = DemoLine(DAY, Decimal("-8.40"), "", "TENUE DE COMPTE Été €", "fee")
CARDS = DemoLine(date(2026, 3, 6), Decimal("84.00"), "", "0412", "cards")


def file(*lines: DemoLine, start: date = START, end: date = END) -> bytes:
    return statement(DemoAccount(), lines, start, end, Decimal("10469.16"))


def read(data: bytes) -> Statement:
    found = read_statement(data)
    assert isinstance(found, Statement)
    assert found.problems == ()
    return found


def lines_of(data: bytes) -> tuple[Line, ...]:
    return read(data).accounts[0].lines


def test_every_line_is_read_back_exactly() -> None:
    found = lines_of(file(PAID, RENT, FEE, CARDS))

    assert [(line.date, line.amount, line.currency, line.name, line.memo, line.type) for line in found] == [
        (
            DAY,
            Decimal("1234.56"),
            "EUR",
            "VIR SEPA RECU /DE DUPONT & FILS",
            "VIR SEPA RECU /DE DUPONT & FILS SARL /MOTIF FA-2026-0412 /REF NOTPROVIDED",
            "CREDIT",
        ),
        (
            DAY,
            Decimal("-840.00"),
            "EUR",
            "PRLV SEPA SCI DES LILAS /MOTIF L",
            "PRLV SEPA SCI DES LILAS /MOTIF LOYER /REF NOTPROVIDED",
            "DIRECTDEBIT",
        ),
        (
            DAY,
            Decimal("-8.40"),
            "EUR",
            "FRAIS TENUE DE COMPTE Été €",
            "FRAIS TENUE DE COMPTE Été €",
            "SRVCHG",
        ),
        (
            date(2026, 3, 6),
            Decimal("84.00"),
            "EUR",
            "REMISE CB 0412 DU 060326",
            "REMISE CB 0412 DU 060326",
            "CREDIT",
        ),
    ]


def test_account_period_and_balance_are_those_of_the_seller() -> None:
    account = read(file(PAID)).accounts[0]

    assert (account.id, account.currency, account.from_, account.to, account.balance) == (
        SELLER.account,
        "EUR",
        START,
        END,
        Decimal("10469.16"),
    )
    assert unknown_accounts(read(file(PAID)), [SELLER.iban]) == []


def test_a_quiet_week_is_a_file_too() -> None:
    assert lines_of(file()) == ()


def test_lines_of_other_days_are_left_out() -> None:
    before = DemoLine(START - timedelta(days=1), Decimal(5), "X", "Y")

    assert [line.amount for line in lines_of(file(before, PAID))] == [Decimal("1234.56")]


def test_overlapping_files_give_a_line_the_same_id_and_twins_two() -> None:
    first = lines_of(file(PAID, CARDS, CARDS, end=date(2026, 3, 7)))
    second = lines_of(file(RENT, CARDS, CARDS, start=date(2026, 3, 5)))

    assert {line.id for line in first[1:]} == {line.id for line in second[1:]}
    assert len({line.id for line in first}) == 3


@pytest.mark.parametrize(("line", "decision"), [(PAID, "auto"), (RENT, "none"), (FEE, "none"), (CARDS, "none")])
def test_the_matcher_books_a_payment_with_its_reference_and_nothing_else(line: DemoLine, decision: str) -> None:
    item = OpenItem("FA-2026-0412", "invoice", "DUPONT & FILS SARL", Decimal("1234.56"), "EUR")

    assert [match.decision for match in match_lines(lines_of(file(line)), [item])] == [decision]


def test_the_file_is_written_as_a_french_bank_writes_it() -> None:
    data = file(FEE)

    assert b"CHARSET:1252\r\n" in data
    assert "Été €".encode("cp1252") in data
    assert b"</NAME>" not in data
