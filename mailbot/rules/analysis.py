"""What conditions can mean at all: contradictions, guards that always hold, profiles that nobody reaches.

Every axis (a signal, apart for each currency and for business days) is cut at the values the conditions name. A
condition is then a set of such pieces, and a list of conditions some boxes of them. Where this would become too
large nothing is claimed; what is not known never makes a condition true, so that what is said holds for all facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, product

from mailbot.rules.calendar import When
from mailbot.rules.conditions import Check, Leaf, Value
from mailbot.rules.signals import SIGNALS
from mailbot.rules.tree import Block, Items, Node, Problems, Text

Piece = tuple[Decimal | None, Decimal | None] | str
"""Of numbers: from (included) to (included), both without end points where they differ; of words: the word."""
Box = Mapping[str, frozenset[Piece]]
_MOST = 400
_MOST_LINES = 300
"""Of conditions looked at together; beyond, nothing is claimed."""
_BELOW_ZERO = ("invoice.days_overdue", "invoice.days_to_due")


def is_before(one: When, other: When) -> bool:
    """Whether a date always comes before another; business days last at least as long as days."""
    if one.anchor != other.anchor or (one.business and one.count > 0) or (other.business and other.count < 0):
        return False
    return one.count < other.count


def contradictions(tests: Sequence[Check], node: Node | None, problems: Problems) -> None:
    """Refuse conditions that can never hold: one alone, one of an "any", two together, or all."""
    if node is None or not tests or len(_leaves(tests)) > _MOST_LINES:
        return
    space = _Space(tests)
    alone = [check for check in _each(tests) if space.boxes("all", [check]) == []]
    for check in alone:
        problems.refuse(_place(node, check), "never-true.one", text=" / ".join(_texts([check])))
    if alone or space.boxes("all", tests) != []:
        return
    pairs = (pair for pair in combinations(tests[:50], 2) if space.boxes("all", pair) == [])
    clash = next(pairs, tuple(tests))
    problems.refuse(_place(node, clash[-1]), "never-true", text=" / ".join(_texts(clash)))


def outside_its_days(
    tests: Sequence[Check], first: int | None, last: int | None, node: Node, problems: Problems
) -> None:
    """Refuse conditions on days overdue that never hold between the first and last day of a step."""
    lines = [check for check in tests if "invoice.days_overdue" in check.signals]
    limits = [_overdue(sign, day) for sign, day in ((">=", first), ("<=", last)) if day is not None]
    if len(_leaves(tests)) > _MOST_LINES:
        return
    for check in lines:
        space = _Space([check, *limits])
        if space.boxes("all", [check]) != [] and space.boxes("all", [check, *limits]) == []:
            problems.refuse(_place(node, check), "never-true.days", text=" / ".join(_texts([check])))


def _overdue(sign: str, day: int) -> Check:
    """What a step's own days say of the invoice."""
    name = "invoice.days_overdue"
    leaf = Leaf(name, name, sign, day, negated=False)
    return Check(f"{name} {sign} {day} days", 0, lambda _scene, _sink, _depth: None, frozenset((name,)), (), leaf)


def _each(tests: Sequence[Check]) -> list[Check]:
    """The conditions, and for an "any" each of its parts too where it can hold as a whole."""
    found = []
    for check in tests:
        found += [*check.parts] if check.text == "any" and check.leaf is None else [check]
    return found


def _place(node: Node, check: Check) -> Node:
    """Where a condition stands in the list it was read from; a block stands where its first word does."""
    return next((one for one in _nodes(node) if one.line == check.line and _is(one, check)), node)


def _is(node: Node, check: Check) -> bool:
    if check.leaf is None:
        return isinstance(node, Block) and check.text in node.keys
    return isinstance(node, Text) and node.value == check.text


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    inner = node.items if isinstance(node, Items) else node.values.values() if isinstance(node, Block) else ()
    for one in inner:
        yield from _nodes(one)


def guards(tests: Sequence[Check], node: Node | None, problems: Problems) -> None:
    """Refuse a holding guard that holds whatever the facts are."""
    for check in tests:
        if node is not None and len(_leaves([check])) <= _MOST_LINES and _Space([check]).boxes("not", [check]) == []:
            problems.refuse(_place(node, check), "always-held", text=" / ".join(_texts([check])))


def covered(profiles: Sequence[Sequence[Check]]) -> list[tuple[int, tuple[int, ...]]]:
    """The profiles (by place) whose clients are all taken by earlier ones, with the places of those."""
    if len(_leaves([check for tests in profiles for check in tests])) > _MOST_LINES:
        return []
    space = _Space([check for tests in profiles for check in tests])
    all_boxes = [space.boxes("all", tests) for tests in profiles]
    found = []
    for n, boxes in enumerate(all_boxes):
        if n == len(all_boxes) - 1 or not boxes:
            continue
        left: list[Box] | None = list(boxes)
        used = []
        for m in range(n):
            taken = all_boxes[m]
            if not taken or not profiles[m]:
                continue
            after = _without(left, taken)
            if after != left:
                used.append(m)
            left = after
        if left == []:
            found.append((n, tuple(used)))
    return found


class _Space:
    """The axes of some conditions, cut at all values that they name."""

    def __init__(self, tests: Sequence[Check]) -> None:
        named: dict[str, list[Leaf]] = {}
        for leaf in _leaves(tests):
            named.setdefault(leaf.axis, []).append(leaf)
        self.pieces = {axis: _cut(leaves) for axis, leaves in named.items()}

    def boxes(self, kind: str, tests: Sequence[Check], *, negated: bool = False) -> list[Box] | None:
        """All ways in which the conditions can be true (or, negated, false); None: too many to say."""
        if kind == "not":
            negated = not negated
        parts = [self._of(check, negated=negated) for check in tests]
        together = (kind == "any") == negated  # all of them must hold
        if any(part is None for part in parts):
            return None
        known = [part for part in parts if part is not None]
        if not together:
            joined = [box for part in known for box in part]
            return joined if len(joined) <= _MOST else None
        made: list[Box] = [{}]
        for part in known:
            if len(made) * len(part) > _MOST:
                return None
            made = [box for one, other in product(made, part) if (box := _both(one, other)) is not None]
        return made

    def _of(self, check: Check, *, negated: bool) -> list[Box] | None:
        if check.leaf is None:
            return self.boxes(check.text, check.parts, negated=negated)
        true = _true_pieces(check.leaf, self.pieces[check.leaf.axis])
        if check.leaf.negated != negated:
            true = self.pieces[check.leaf.axis] - true
        return [{check.leaf.axis: true}] if true else []


def _leaves(tests: Sequence[Check]) -> list[Leaf]:
    found = []
    for check in tests:
        found += [check.leaf] if check.leaf is not None else _leaves(check.parts)
    return found


def _texts(tests: Sequence[Check]) -> list[str]:
    return [text for check in tests for text in ([check.text] if check.leaf is not None else _texts(check.parts))]


def _both(one: Box, other: Box) -> Box | None:
    made = dict(one)
    for axis, pieces in other.items():
        made[axis] = made[axis] & pieces if axis in made else pieces
        if not made[axis]:
            return None
    return made


def _without(boxes: Sequence[Box] | None, taken: Sequence[Box]) -> list[Box] | None:
    """What is left of boxes. Where one does not know an axis of a taken one, nothing of it is taken."""
    if boxes is None:
        return None
    left = list(boxes)
    for gone in taken:
        rest: list[Box] = []
        for box in left:
            rest += _difference(box, gone)
        if len(rest) > _MOST:
            return None
        left = rest
    return left


def _difference(box: Box, gone: Box) -> list[Box]:
    if not gone.keys() <= box.keys() or any(not box[axis] & gone[axis] for axis in gone):
        return [box]
    found: list[Box] = []
    inside = dict(box)
    for axis, pieces in gone.items():
        if outside := inside[axis] - pieces:
            found.append({**inside, axis: outside})
        inside[axis] = inside[axis] & pieces
    return found


# ------------------------------------------------------------------------------------------------- one axis


def _cut(leaves: Sequence[Leaf]) -> frozenset[Piece]:
    """The pieces of an axis: its words, or points and the gaps between them where any value can lie."""
    signal = SIGNALS[leaves[0].signal]
    if signal.type == "flag":
        return frozenset(("True", "False"))
    if signal.type == "word":
        return frozenset(signal.words)
    low = None if signal.name in _BELOW_ZERO else Decimal(0)
    high = Decimal(1) if signal.type == "percent" else None
    points = {_number(leaf.value) for leaf in leaves} | {end for end in (low, high) if end is not None}
    inside = sorted(p for p in points if (low is None or p >= low) and (high is None or p <= high))
    whole = signal.type in ("count", "days")
    pieces: set[Piece] = {(point, point) for point in inside}
    pieces |= {(a, b) for a, b in pairwise(inside) if not whole or b - a > 1}
    if inside:
        pieces |= {(None, inside[0])} if low is None else set()
        pieces |= {(inside[-1], None)} if high is None else set()
    return frozenset(pieces)


def _number(value: Value | tuple[str, ...]) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _true_pieces(leaf: Leaf, pieces: frozenset[Piece]) -> frozenset[Piece]:
    if isinstance(leaf.value, str | tuple):
        wanted = {leaf.value} if isinstance(leaf.value, str) else set(leaf.value)
        return frozenset(p for p in pieces if (p in wanted) != (leaf.sign == "is not"))
    if isinstance(leaf.value, bool):
        return frozenset(p for p in pieces if p == "True")
    return frozenset(p for p in pieces if isinstance(p, tuple) and _holds(leaf.sign, p, _number(leaf.value)))


def _holds(sign: str, piece: tuple[Decimal | None, Decimal | None], value: Decimal) -> bool:
    """No piece lies on both sides of a named value, so that one side answers for all of it."""
    low, high = piece
    point = low == high
    above = low is not None and (low > value if point else low >= value)
    below = high is not None and (high < value if point else high <= value)
    match sign:
        case ">":
            return above
        case "<":
            return below
        case ">=":
            return above or (point and low == value)
        case "<=":
            return below or (point and low == value)
        case "is":
            return point and low == value
        case _:
            return not (point and low == value)
