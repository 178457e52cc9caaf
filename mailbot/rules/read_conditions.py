"""Condition lines ("client.category is key_account") to checks, typed against the signal catalogue."""

import operator
import re
from collections.abc import Callable
from functools import partial
from typing import Literal

from mailbot.rules import grammar, messages
from mailbot.rules.conditions import Check, Leaf, Value, compare, group
from mailbot.rules.signals import SIGNALS, Signal
from mailbot.rules.state import Scene
from mailbot.rules.tree import Block, Items, Node, Problems, Text

Place = Literal["client", "invoice", "event"]

_LEAF = re.compile(r"(not +)?([A-Za-z_][\w.]{0,80})(?: +(is not|is|in|>=|<=|==|!=|=|>|<)(?: +(.*))?)?")
# With the wanted value as the first operand, so that one call in C compares: 7 <= actual for "actual >= 7".
_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    ">=": operator.le,
    "<=": operator.ge,
    ">": operator.lt,
    "<": operator.gt,
    "is": operator.eq,
    "is not": operator.ne,
}
_INSTEAD = {"=": "is", "==": "is", "!=": "is not"}
_EXAMPLE = {
    "count": "3",
    "days": "3 days",
    "money": "500 EUR",
    "percent": "10 %",
    "word": "a word",
    "flag": "",
}


def read_checks(node: Node | None, place: Place, problems: Problems) -> tuple[Check, ...]:
    """A list of conditions (all must hold); `place` says which signals can be asked for here."""
    if node is None:
        return ()
    if not isinstance(node, Items):
        problems.refuse(node, "bad-shape.conditions")
        return ()
    found = [_read(item, place, problems) for item in node.items]
    if not node.items:
        problems.refuse(node, "empty.conditions")
    return tuple(check for check in found if check is not None)


def _read(node: Node, place: Place, problems: Problems) -> Check | None:
    if isinstance(node, Text):
        return _leaf(node, place, problems)
    if isinstance(node, Block) and len(node.values) == 1:
        (kind, inner) = next(iter(node.values.items()))
        if kind in ("any", "all", "not"):
            parts = read_checks(inner, place, problems)
            if kind == "not" and len(parts) > 1:
                problems.refuse(node.keys[kind], "not-of-many")
            return group("not" if kind == "not" else "any" if kind == "any" else "all", parts, node.line)
        near = problems.nearest(kind, ["all", "any", "not"])
        problems.refuse(node.keys[kind], "unknown-key", key=kind, near=near)
        return None
    problems.refuse(node, "bad-shape.condition")
    return None


def _leaf(node: Text, place: Place, problems: Problems) -> Check | None:
    found = _LEAF.fullmatch(node.value.strip())
    if not found:
        problems.refuse(node, "bad-condition", text=node.value)
        return None
    negated, name, sign, value = found[1] is not None, found[2], found[3], (found[4] or "").strip()
    signal = SIGNALS.get(name)
    if signal is None:
        near = problems.near(name, list(SIGNALS))
        problems.refuse(node, "unknown-signal", found.start(2), name=name, near=near)
        return None
    if not _fits(signal, place):
        level = messages.word(problems.language, f"level.{signal.level}")
        problems.refuse(node, "wrong-place", found.start(2), name=name, level=level)
        return None
    if signal.tone_only and place != "event":
        problems.refuse(node, "tone-only", found.start(2), name=name, keys=node.value)
        return None
    test = _test(node, signal, sign, value, found, problems)
    if test is None:
        return None
    read, axis = signal.read, name
    if value.endswith(("business day", "business days")) and signal.since is not None:
        read, axis = _in_business_days(signal), f"{name} in business days"
    if signal.type == "money":
        read, axis = _in_currency(signal, value[-3:]), f"{name} in {value[-3:]}"
    asked = _number(signal, value) if signal.type not in ("flag", "word") else _words(sign, value)
    leaf = Leaf(axis, name, sign or "is", True if asked is None else asked, negated)
    if negated:
        test = operator.not_ if test is bool else _opposite(test)
    return compare(node.value, node.line, name, read, test, leaf)


def _opposite(test: Callable[[Value], bool]) -> Callable[[Value], bool]:
    return lambda actual: not test(actual)


def _words(sign: str | None, value: str) -> Value | tuple[str, ...] | None:
    if sign is None:
        return None
    return tuple(word.strip() for word in value.split(",")) if sign == "in" else value


def _fits(signal: Signal, place: Place) -> bool:
    return signal.level == "client" or place == "event" or signal.level == place


def _test(
    node: Text, signal: Signal, sign: str | None, value: str, found: re.Match[str], problems: Problems
) -> Callable[[Value], bool] | None:
    if sign in _INSTEAD:
        problems.refuse(node, "bad-operator", found.start(3), sign=sign, right=_INSTEAD[sign])
        return None
    if signal.type == "flag":
        if sign is not None:
            problems.refuse(node, "bad-operator.flag", found.start(3), name=signal.name)
            return None
        return bool
    if sign is None or not value:
        problems.refuse(node, "bad-condition.compare", name=signal.name, example=example(signal))
        return None
    if sign == "in" or signal.type == "word":
        return _word_test(node, signal, sign, value, found, problems)
    wanted = _number(signal, value)
    if wanted is None:
        problems.refuse(
            node, "bad-value.form", found.start(4), text=value, key=signal.name, example=_EXAMPLE[signal.type]
        )
        return None
    return _against(sign, wanted)


def _word_test(
    node: Text, signal: Signal, sign: str, value: str, found: re.Match[str], problems: Problems
) -> Callable[[Value], bool] | None:
    if signal.type != "word" or sign not in ("is", "is not", "in"):
        problems.refuse(node, "bad-operator.word", found.start(3), sign=sign, name=signal.name, example=example(signal))
        return None
    words = [word.strip() for word in value.split(",")] if sign == "in" else [value]
    for word in words:
        if word not in signal.words:
            near = problems.nearest(word, signal.words)
            problems.refuse(node, "bad-value.word", found.start(4) + value.index(word), word=word, near=near)
            return None
    if sign == "in":
        return words.__contains__
    return _against(sign, words[0])


def _against(sign: str, wanted: Value) -> Callable[[Value], bool]:
    return partial(_COMPARE[sign], wanted)


def _number(signal: Signal, value: str) -> Value | None:
    match signal.type:
        case "count":
            return int(value) if re.fullmatch(r"\d{1,6}", value) else None
        case "days":
            length = grammar.days(value)
            if length is None or (length.business and signal.since is None):
                return None
            return length.count
        case "money":
            amount = grammar.money(value)
            return amount[0] if amount is not None else None
        case "percent":
            return grammar.percent(value)
        case _:
            return None


def example(signal: Signal) -> str:
    """A condition that asks for the signal."""
    if signal.type == "flag":
        return signal.name
    if signal.type == "word":
        return f"{signal.name} is {signal.words[0]}"
    return f"{signal.name} >= {_EXAMPLE[signal.type]}"


def _in_business_days(signal: Signal) -> Callable[[Scene], Value | None]:
    def read(scene: Scene) -> Value | None:
        start = signal.since(scene) if signal.since is not None else None
        return None if start is None else scene.state.calendar.worked_between(start, scene.state.day)

    return read


def _in_currency(signal: Signal, wanted: str) -> Callable[[Scene], Value | None]:
    """Amounts of another currency cannot be compared: unknown."""
    read, currency = signal.read, signal.currency

    def same(scene: Scene) -> Value | None:
        return read(scene) if currency is not None and currency(scene) == wanted else None

    return same
