"""Invented firms with the real bytes of their banks, through the real ledger: nothing counts twice, returns reopen."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e_house import House
from sqlalchemy import Connection

# The worlds stand beside the benchmark that measures the matcher in them, outside the package.
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reconcile_world import Item, Month, Statement, make_world

from mailbot.jobs import banking
from mailbot.ledger import allocations, clients, invoices
from mailbot.model import InvoiceDocument, Party

NEW_YEAR = datetime(2027, 1, 2, 9, tzinfo=UTC)
TABLES = ("allocation", "line", "payer_alias", "invoice", "question", "event")


def document(item: Item) -> InvoiceDocument:
    amount = Decimal(item.cents) / 100
    return InvoiceDocument(
        source="mail", profile=None, kind=item.kind, number=item.number, issue_date=item.issued,
        due_date=item.due, currency=item.currency, total_net=None, total_tax=None, total_gross=amount, prepaid=None,
        amount_due=amount, buyer=Party(name=item.client), payment_reference=item.reference or None,
    )  # fmt: skip


def open_book(house: House, month: Month) -> None:
    """Enter the world's clients and what they owe; its banks' accounts are all the firm's."""
    house.office.business.__dict__["iban"] = None
    house.now = NEW_YEAR

    def enter(conn: Connection) -> None:
        for item in month.book:
            client = clients.add(conn, house.office.key, item.client, "fr")
            clients.set_aliases(conn, house.office.key, client, item.aliases)
            invoices.add(conn, house.office.key, client, document(item), None, None, None, NEW_YEAR)

    house.act(enter)


def take(house: House, name: str, content: bytes) -> tuple[banking.Imported, list[str]]:
    """Import a file; what it brought, and the ids of its lines in their order."""
    read = house.office.sandbox.run("statement", content, name=name)
    done = house.act(lambda c: banking.take_statement(c, house.office, content, read, None, NEW_YEAR))
    return done, [line.id for account in read.accounts for line in account.lines]


def state(house: House) -> dict[str, list[dict[str, Any]]]:
    dump = house.dump()
    return {table: dump[table] for table in TABLES}


def without_statements(kept: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """A file that overlaps is a statement that covers days anew, and nothing else."""
    return {**kept, "event": [event for event in kept["event"] if event["name"] != "bank.statement"]}


@pytest.fixture(params=[(3, "mixed"), (5, "harder"), (8, "harder")], ids=str)
def month(request: pytest.FixtureRequest) -> Month:
    seed, mix = request.param
    return make_world(seed, mix, invoices=90).months[0]


def test_a_file_that_comes_twice_or_overlaps_books_nothing_twice(house: House, month: Month) -> None:
    open_book(house, month)
    for statement in month.statements:
        take(house, statement.file, statement.content)
    booked = state(house)
    assert [row for row in booked["allocation"] if row["how"] == "auto"]

    for statement in month.statements:
        done, _ = take(house, statement.file, statement.content)
        assert (done.new, done.booked, done.asked) == (0, 0, 0)
        assert state(house) == booked
    for overlap in month.again:
        done, _ = take(house, overlap.file, overlap.content)
        assert (done.new, done.booked, done.asked) == (0, 0, 0)
    assert without_statements(state(house)) == without_statements(booked)


def test_no_line_gives_more_than_it_has_and_no_invoice_gets_more_than_it_is(house: House, month: Month) -> None:
    open_book(house, month)
    for statement in month.statements:
        take(house, statement.file, statement.content)

    for row in house.rows("line"):
        left = house.ask(lambda c, line=row["id"]: allocations.unused(c, house.office.key, line))
        assert 0 <= left * (1 if row["amount"] >= 0 else -1) <= abs(row["amount"])
    paid: dict[str, Decimal] = {}
    for row in house.rows("allocation"):
        if row["invoice"]:
            paid[row["invoice"]] = paid.get(row["invoice"], Decimal(0)) + row["amount"]
    for invoice in house.rows("invoice"):
        assert 0 <= paid.get(invoice["number"], Decimal(0)) <= invoice["amount"]
        assert invoice["open_amount"] <= invoice["amount"] - paid.get(invoice["number"], Decimal(0))


def test_what_is_booked_by_itself_is_what_the_payer_meant(house: House, month: Month) -> None:
    open_book(house, month)
    for statement in month.statements:
        _, ids = take(house, statement.file, statement.content)
        for line, truth in zip(ids, statement.truths, strict=True):
            booked = [row for row in house.rows("allocation", line=line, how="auto") if row["takes_back"] is None]
            numbers = {row["invoice"] for row in booked if row["kind"] == "paid"}
            assert numbers <= {number for number, cents in truth.allocations if cents > 0}, (truth, booked)


@pytest.mark.parametrize("seed", [5, 8, 11])
@pytest.mark.parametrize("apart", [False, True], ids=["one file", "two files"])
def test_every_return_reopens_what_its_payment_paid(house: House, seed: int, apart: bool) -> None:
    month = make_world(seed, "harder", invoices=90).months[0]
    open_book(house, month)
    returns = 0
    for statement in month.statements:
        ids = take_in_two(house, statement) if apart else take(house, statement.file, statement.content)[1]
        for line, truth in zip(ids, statement.truths, strict=True):
            if truth.reverses is None:
                continue
            returns += 1
            payment = ids[truth.reverses]
            standing = house.ask(lambda c, one=payment: allocations.standing(c, house.office.key, one))
            assert standing == []
            asked = [row for row in house.rows("question", kind="match") if row["about"]["line"] == payment]
            assert all(row["state"] == "expired" for row in asked)
            given = house.rows("allocation", line=payment)
            assert bool(given) == bool(house.rows("event", name="bank.reversal", line=line)), (line, payment)
    assert returns


def take_in_two(house: House, statement: Statement) -> list[str]:
    """The same lines, the money in first and what goes out in a later import."""
    read = house.office.sandbox.run("statement", statement.content, name=statement.file)
    [account] = read.accounts
    for part, incoming in ((b"1", True), (b"2", False)):
        lines = tuple(line for line in account.lines if (line.amount > 0) == incoming)
        half = replace(read, accounts=(replace(account, lines=lines, difference=Decimal(0)),))
        raw = statement.content + part
        house.act(lambda c, raw=raw, half=half: banking.take_statement(c, house.office, raw, half, None, NEW_YEAR))
    return [line.id for line in account.lines]
