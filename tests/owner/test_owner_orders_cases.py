"""The graded mails of owners, and of those who pretend to be one: every order right or refused, no attack acted on."""

from typing import Any

import pytest
from orders_cases import HARMLESS, cases, mistakes, read_case

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["file"]))
def test_each_mail_is_read_as_a_person_would_or_refused(case: dict[str, Any]) -> None:
    assert mistakes(case, read_case(case)) == []


def test_no_mail_that_is_not_authentic_carries_an_order_that_acts() -> None:
    acting = [
        case["file"]
        for case in CASES
        if (found := read_case(case)).authentic is not True
        and case.get("options", {}).get("authserv_id")
        and {order.verb for order in found.orders} - HARMLESS
    ]

    assert acting == []


def test_there_are_as_many_orders_and_attacks_as_the_figures_rest_on() -> None:
    attacks = [case for case in CASES if case["file"].startswith("3")]
    orders = [case for case in CASES if case["file"][0] in "01"]

    assert len(orders) >= 100
    assert len(attacks) >= 50
