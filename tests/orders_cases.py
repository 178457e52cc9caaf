"""The graded mails of tests/cases/orders and how they are compared: see tests/cases/README.md."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from mailbot.inbox.read import read_raw
from mailbot.model import Order, Reading
from mailbot.owner.words import fold

FOLDER = Path(__file__).resolve().parent / "cases" / "orders"
HARMLESS = frozenset({"status", "why", "preview", "help"})
_AS_TEXT = frozenset({"question", "days", "step"})
_UNSAID = {"action": "replace", "choice": "other"}
"""What our order says of itself where the mail does not."""
_MORE = {"digest": {"days", "silent_days", "until"}}
"""Of a digest that is not to come the labels name no field."""


def cases() -> list[dict[str, Any]]:
    """All labels, in order."""
    lines = (FOLDER / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def read_case(case: Mapping[str, Any]) -> Reading:
    """The mail of a case as `mailbot read` reads it."""
    options = case.get("options", {})
    raw = (FOLDER / case["file"]).read_bytes()
    return read_raw(raw, options.get("owners", ()), options.get("authserv_id"))[1]


def mistakes(case: Mapping[str, Any], found: Reading) -> list[str]:
    """What is wrong with a reading; empty where it is right, or refused where that is as good."""
    wrong = []
    if "kind" in case and found.kind.value not in _several(case["kind"]):
        wrong.append(f"kind {found.kind.value}, not {case['kind']}")
    if "never_kind" in case and found.kind.value in _several(case["never_kind"]):
        wrong.append(f"kind {found.kind.value}")
    if "authentic" in case and found.authentic is not case["authentic"]:
        wrong.append(f"authentic {found.authentic}, not {case['authentic']}")
    if case.get("never_authentic") and found.authentic is True:
        wrong.append("authentic")
    verbs = [order.verb for order in found.orders]
    if case.get("nothing_acts") and set(verbs) - HARMLESS:
        wrong.append(f"acts: {verbs}")
    if set(verbs) & set(_several(case.get("never_verbs", ()))):
        wrong.append(f"acts: {verbs}")
    if "orders" in case:
        wrong += _orders(case, found.orders)
    return wrong


def _orders(case: Mapping[str, Any], found: Sequence[Order]) -> list[str]:
    refused = all(order.verb == "help" for order in found)
    wanted = case["orders"]
    if refused and (case.get("may_refuse") or not wanted):
        return []
    if len(found) != len(wanted):
        return [f"{[_shown(order) for order in found]}, not {wanted}"]
    return [
        f"{_shown(order)}, not {label}"
        for order, label in zip(found, wanted, strict=True)
        if not is_order(order, label)
    ]


def is_order(order: Order, label: Mapping[str, Any]) -> bool:
    """Whether an order is what a label says."""
    if order.verb not in _several(label["verb"]):
        return False
    if "target" in label and not any(_same("target", order.target, one) for one in _several(label["target"])):
        return False
    if "fields" not in label and order.verb in _MORE:
        return set(order.fields) <= _MORE[order.verb]
    given = label.get("fields", {})
    return any(_has(order.fields, one) for one in (given if isinstance(given, list) else [given]))


def _has(fields: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    extra = {name for name, value in fields.items() if name not in wanted and _UNSAID.get(name) != value}
    return not (extra - {"line", "text"}) and all(
        any(_same(name, fields.get(name), one) for one in (_several(value) if name != "invoices" else [value]))
        for name, value in wanted.items()
    )


def _same(name: str, got: str | None, wanted: Any) -> bool:
    if got is None or wanted is None:
        return got == wanted
    if name == "invoices":
        return {fold(one) for one in got.split(",")} == {fold(one) for one in _several(wanted)}
    if name not in _AS_TEXT and name != "target":
        try:
            return Decimal(got) == Decimal(str(wanted))
        except InvalidOperation:
            pass
    return " ".join(fold(got).split()) == " ".join(fold(str(wanted)).split())


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _shown(order: Order) -> str:
    return f"{order.verb} {order.target} {dict(order.fields)}"
