"""What a payment settles: penalties and principal, one debt among several, an early-payment discount."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.law.debt import Moved, Order
from mailbot.law.settle import OpenDebt, Split, discount, settle, spread

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "law" / "interest.yaml").read_text(encoding="utf-8"))
money = st.integers(0, 1_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.mark.parametrize("case", CASES["discounts"], ids=lambda case: case["id"])
def test_a_discount_is_granted_within_its_terms_only(case: dict[str, Any]) -> None:
    paid = [Moved(one["on"], Decimal(one["amount"])) for one in case["paid"]]

    found = discount(Decimal(case["amount"]), case["currency"], Decimal(case["percent"]), case["until"], paid)

    expected = case["expected"]
    assert found.within is expected["within"]
    assert [found.discount, found.accepted, found.remaining] == [
        Decimal(expected[name]) for name in ("discount", "accepted", "remaining")
    ]


@pytest.mark.parametrize("case", CASES["allocations"], ids=lambda case: case["id"])
def test_one_payment_among_several_debts_goes_where_the_civil_code_puts_it(case: dict[str, Any]) -> None:
    debts = [
        OpenDebt(
            one["invoice"], Decimal(one["amount"]), one["due"], one["issued"], one.get("currency", "EUR"),
            Decimal(one.get("rate", "0")),
        )
        for one in case["debts"]
    ]  # fmt: skip
    payment = case["payment"]

    given_to = spread(debts, Decimal(payment["amount"]), payment["currency"], payment["date"], payment["names"])

    rest = Decimal(payment["amount"]) - sum(given_to.values())
    assert {**given_to, "rest": rest} == {name: Decimal(amount) for name, amount in case["expected"].items()}


@settings(deadline=None)
@given(
    st.lists(st.builds(OpenDebt, st.uuids().map(str), money, st.dates(date(2025, 1, 1), date(2025, 1, 4))), max_size=5),
    money,
)
def test_a_payment_is_spread_whole_and_no_debt_gets_more_than_it_is(debts: list[OpenDebt], amount: Decimal) -> None:
    given_to = spread(debts, amount, "EUR", date(2025, 1, 2))

    owed = {debt.number: debt.amount for debt in debts}
    assert sum(given_to.values()) == min(amount, sum(owed.values(), Decimal(0)))
    assert all(Decimal(0) <= part <= owed[number] for number, part in given_to.items())


def test_the_principal_first_means_penalties_get_what_is_over() -> None:
    split = settle(Decimal("1050.00"), principal=Decimal("1000.00"), interest=Decimal("20.00"),
                   indemnity=Decimal("40.00"), order="principal_first")  # fmt: skip

    assert split == Split(Decimal("1000.00"), Decimal("20.00"), Decimal("30.00"), Decimal("0.00"))


def test_interest_first_leaves_principal_open() -> None:
    split = settle(Decimal("1000.00"), principal=Decimal("1000.00"), interest=Decimal("20.00"),
                   indemnity=Decimal("40.00"), order="interest_first")  # fmt: skip

    assert split == Split(Decimal("980.00"), Decimal("20.00"), Decimal("0.00"), Decimal("0.00"))


@settings(deadline=None)
@given(money, money, money, money, st.sampled_from(["principal_first", "interest_first"]))
def test_a_payment_is_settled_to_the_cent(
    amount: Decimal, principal: Decimal, interest: Decimal, indemnity: Decimal, order: Order
) -> None:
    split = settle(amount, principal=principal, interest=interest, indemnity=indemnity, order=order)

    assert split.principal + split.interest + split.indemnity + split.rest == amount
    assert split.principal <= principal
    assert split.interest <= interest
    assert split.indemnity <= indemnity


def test_penalties_that_are_not_claimed_get_nothing() -> None:
    split = settle(Decimal("1050.00"), principal=Decimal("1000.00"), interest=Decimal(0), order="interest_first")

    assert (split.principal, split.interest, split.rest) == (Decimal("1000.00"), Decimal(0), Decimal("50.00"))
