"""Conditions as closures with three values: true, false, and None where the facts do not say (Kleene).

Every part is evaluated even where the result is clear already, so that the trace shows all actual values.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from mailbot.model import InvoiceFacts, Trace
from mailbot.rules.state import Scene

Value = bool | int | Decimal | str
Read = Callable[[Scene], Value | None]
Row = tuple[str, bool | None, Value | None, int | None, int, InvoiceFacts | None]
"""One test while a decision is made: rule or condition, result, actual value, line, depth, invoice. A plain tuple,
because thirty are made for each decision; `trail` makes them `Trace`s in the end."""
Sink = list[Row]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one condition line asks: `axis` is the signal, apart for business days and for each currency."""

    axis: str
    signal: str
    sign: str
    """is, is not, in, >=, <=, >, <; "is" with True for a flag."""
    value: Value | tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One compiled condition with the text and line it stands on."""

    text: str
    line: int
    run: Callable[[Scene, Sink, int], bool | None]
    signals: frozenset[str]
    parts: tuple["Check", ...] = ()
    """Of a block "any", "all" or "not": the conditions inside it."""
    leaf: Leaf | None = None
    """Of a line: what it asks."""


def compare(
    text: str, line: int, signal: str, read: Read, test: Callable[[Value], bool], leaf: Leaf | None = None
) -> Check:
    """A leaf: read one signal and compare it."""

    def run(scene: Scene, sink: Sink, depth: int) -> bool | None:
        actual = read(scene)
        result = None if actual is None else test(actual)
        sink.append((text, result, actual, line, depth, scene.invoice))
        return result

    return Check(text, line, run, frozenset((signal,)), (), leaf)


def group(kind: Literal["all", "any", "not"], parts: Sequence[Check], line: int) -> Check:
    """A block of conditions: all of them, one of them, or not all of them."""

    def run(scene: Scene, sink: Sink, depth: int) -> bool | None:
        at = len(sink)
        results = [part.run(scene, sink, depth + 1) for part in parts]
        result = any_of(results) if kind == "any" else all_of(results)
        if kind == "not" and result is not None:
            result = not result
        sink.insert(at, (kind, result, "", line, depth, None))
        return result

    return Check(kind, line, run, frozenset().union(*(part.signals for part in parts)), tuple(parts))


def all_of(results: Sequence[bool | None]) -> bool | None:
    """False beats unknown beats true."""
    if False in results:
        return False
    return None if None in results else True


def any_of(results: Sequence[bool | None]) -> bool | None:
    """True beats unknown beats false."""
    if True in results:
        return True
    return None if None in results else False


def run_all(checks: Sequence[Check], scene: Scene, sink: Sink, depth: int = 1) -> bool | None:
    """All conditions of a list together: false beats unknown beats true. An empty list is true."""
    result: bool | None = True
    for check in checks:
        found = check.run(scene, sink, depth)
        if found is False:
            result = False
        elif found is None and result:
            result = None
    return result


def trail(sink: Sink) -> tuple[Trace, ...]:
    """What was noted, for a decision."""
    return tuple(
        [
            Trace(
                rule,
                result,
                actual if type(actual) is str else written(actual),
                line,
                depth,
                None if invoice is None else invoice.number,
            )
            for rule, result, actual, line, depth, invoice in sink
        ]
    )


def written(actual: Value | None) -> str:
    """An actual value for the trace; "?" where it is not known."""
    if type(actual) is int:
        return str(actual)
    if actual is None:
        return "?"
    if isinstance(actual, bool):
        return "true" if actual else "false"
    return str(actual)
