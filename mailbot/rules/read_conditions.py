"""Condition lines ("client.category is key_account") to checks, typed against the signal catalogue."""

import operator
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Literal

from mailbot.rules import grammar
from mailbot.rules.conditions import Check, Value, compare, group
from mailbot.rules.signals import SIGNALS, Signal
from mailbot.rules.state import Scene
from mailbot.rules.tree import Block, Items, Node, Problems, Text

Place = Literal["client", "invoice", "event"]

_LEAF = re.compile(r"(not +)?([A-Za-z_][\w.]{0,80})(?: +(is not|is|in|>=|<=|==|!=|=|>|<)(?: +(.*))?)?")
_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
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


def nearest(word: str, known: list[str]) -> str:
    """ "did you mean …? known: …" for an unknown word."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    listed = ", ".join(known[:40])
    return f'did you mean "{close[0]}"? known: {listed}' if close else f"known: {listed}"


def read_checks(node: Node | None, place: Place, problems: Problems) -> tuple[Check, ...]:
    """A list of conditions (all must hold); `place` says which signals can be asked for here."""
    if node is None:
        return ()
    if not isinstance(node, Items):
        problems.add(node, "bad-shape", "conditions are a list, one a line, each after a dash")
        return ()
    found = [_read(item, place, problems) for item in node.items]
    if not node.items:
        problems.add(node, "empty", "this list of conditions is empty", "remove the key, or write a condition")
    return tuple(check for check in found if check is not None)


def _read(node: Node, place: Place, problems: Problems) -> Check | None:
    if isinstance(node, Text):
        return _leaf(node, place, problems)
    if isinstance(node, Block) and len(node.values) == 1:
        (kind, inner) = next(iter(node.values.items()))
        if kind in ("any", "all", "not"):
            parts = read_checks(inner, place, problems)
            return group("not" if kind == "not" else "any" if kind == "any" else "all", parts, node.line)
        problems.add(node.keys[kind], "unknown-key", f'unknown key "{kind}"', nearest(kind, ["all", "any", "not"]))
        return None
    problems.add(node, "bad-shape", 'a condition is one line, or a block "any:", "all:" or "not:"')
    return None


def _leaf(node: Text, place: Place, problems: Problems) -> Check | None:
    found = _LEAF.fullmatch(node.value.strip())
    if not found:
        problems.add(node, "bad-condition", f'"{node.value}" is not a condition', "write: signal operator value")
        return None
    negated, name, sign, value = found[1] is not None, found[2], found[3], (found[4] or "").strip()
    signal = SIGNALS.get(name)
    if signal is None:
        close = get_close_matches(name, list(SIGNALS), n=1, cutoff=0.6)
        hint = (f'did you mean "{close[0]}"? ' if close else "") + "see: mailbot rules signals"
        problems.add(node, "unknown-signal", f'unknown signal "{name}"', hint, found.start(2))
        return None
    if not _fits(signal, place):
        problems.add(
            node,
            "wrong-place",
            f'"{name}" cannot be asked for here',
            f"it is known only where one {signal.level} is looked at",
            found.start(2),
        )
        return None
    if name == "last_mail.opens" and place != "event":
        problems.add(node, "wrong-place", "opens are no proof of reading and may only change the tone of a reaction")
        return None
    test = _test(node, signal, sign, value, found, problems)
    if test is None:
        return None
    read = signal.read
    if value.endswith(("business day", "business days")) and signal.since is not None:
        read = _in_business_days(signal)
    if signal.type == "money":
        read = _in_currency(read, value[-3:])
    if negated:
        return compare(node.value, node.line, name, read, lambda actual: not test(actual))
    return compare(node.value, node.line, name, read, test)


def _fits(signal: Signal, place: Place) -> bool:
    return signal.level == "client" or place == "event" or signal.level == place


def _test(
    node: Text, signal: Signal, sign: str | None, value: str, found: re.Match[str], problems: Problems
) -> Callable[[Value], bool] | None:
    if sign in _INSTEAD:
        problems.add(node, "bad-operator", f'"{sign}" is not used here', f'write "{_INSTEAD[sign]}"', found.start(3))
        return None
    if signal.type == "flag":
        if sign is not None:
            problems.add(
                node,
                "bad-operator",
                f'"{signal.name}" is true or false by itself',
                f'write "{signal.name}" or "not {signal.name}"',
                found.start(3),
            )
            return None
        return bool
    if sign is None or not value:
        problems.add(node, "bad-condition", f'"{signal.name}" needs a comparison', f"for example: {_example(signal)}")
        return None
    if sign == "in" or signal.type == "word":
        return _word_test(node, signal, sign, value, found, problems)
    wanted = _number(signal, value)
    if wanted is None:
        problems.add(
            node,
            "bad-value",
            f'"{value}" is not a value of {signal.name}',
            f"write it like: {_EXAMPLE[signal.type]}",
            found.start(4),
        )
        return None
    return _against(sign, wanted)


def _word_test(
    node: Text, signal: Signal, sign: str, value: str, found: re.Match[str], problems: Problems
) -> Callable[[Value], bool] | None:
    if signal.type != "word" or sign not in ("is", "is not", "in"):
        problems.add(
            node,
            "bad-operator",
            f'"{sign}" cannot be used with {signal.name}',
            f"for example: {_example(signal)}",
            found.start(3),
        )
        return None
    words = [word.strip() for word in value.split(",")] if sign == "in" else [value]
    for word in words:
        if word not in signal.words:
            close = get_close_matches(word, signal.words, n=1, cutoff=0.6)
            did = f' did you mean "{close[0]}"?' if close else ""
            problems.add(
                node,
                "bad-value",
                f'"{word}" is not a known value.{did} known: {", ".join(signal.words)}',
                "",
                found.start(4) + value.index(word),
            )
            return None
    if sign == "in":
        return lambda actual: actual in words
    return _against(sign, words[0])


def _against(sign: str, wanted: Value) -> Callable[[Value], bool]:
    test = _COMPARE[sign]
    return lambda actual: test(actual, wanted)


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


def _example(signal: Signal) -> str:
    if signal.type == "word":
        return f"{signal.name} is {signal.words[0]}"
    return f"{signal.name} >= {_EXAMPLE[signal.type]}"


def _in_business_days(signal: Signal) -> Callable[[Scene], Value | None]:
    def read(scene: Scene) -> Value | None:
        start = signal.since(scene) if signal.since is not None else None
        return None if start is None else scene.state.calendar.worked_between(start, scene.state.day)

    return read


def _in_currency(read: Callable[[Scene], Value | None], currency: str) -> Callable[[Scene], Value | None]:
    """Amounts of another currency cannot be compared: unknown."""

    def same(scene: Scene) -> Value | None:
        return read(scene) if scene.invoice is not None and scene.invoice.currency == currency else None

    return same
