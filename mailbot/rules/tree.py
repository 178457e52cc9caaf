"""YAML as a tree of texts with their places: no type is guessed, every scalar stays as written.

Built from the parser's events, so that anchors, aliases and tags are refused before anything is expanded.
"""

from dataclasses import dataclass, field

import yaml

from mailbot.model import Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A place in the file; line and column count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Text(Node):
    value: str = ""


@dataclass(slots=True)
class Items(Node):
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Block(Node):
    """Keys and values; of a key written twice the first counts."""

    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Text] = field(default_factory=dict)


@dataclass(slots=True)
class Problems:
    """Collects everything wrong with one file."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, node: Node, code: str, message: str, hint: str = "", offset: int = 0) -> None:
        """`hint` goes on a line of its own; `offset` points into a text."""
        text = f"{message}\n{hint}" if hint else message
        self.found.append(Problem(code, text, node.line, node.column + offset, self.file))


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """The rest of the file cannot be read."""


def read_tree(text: str, problems: Problems) -> Node | None:
    """The one document of the text; None (with at least one problem) where it cannot be read at all."""
    start = Node(1, 1)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        problems.add(start, "too-big", f"the file is larger than {MAX_BYTES // 1024} kB")
        return None
    builder = _Builder(problems)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except _Refused:
        return None
    except yaml.YAMLError as error:
        problems.add(_place(error), "yaml", _sentence(error), _advice(text, error))
        return None
    except ValueError as error:
        # the C parser refuses lone surrogates and control characters before it reads a line
        problems.add(start, "yaml", f"the file holds a character that YAML does not allow: {error}")
        return None
    if builder.root is None:
        problems.add(start, "empty", "the file is empty")
    return builder.root


class _Builder:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.root: Node | None = None
        self.open: list[Items | Block] = []
        self.pending: list[Text | None] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._refuse(event, "one-document", 'only one document is allowed in a file (remove the "---")')
        if isinstance(event, yaml.AliasEvent):
            self._refuse_anchor(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._look(event)
            self._add(Text(*_mark(event), event.value))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._look(event)
            made = (Items if isinstance(event, yaml.SequenceStartEvent) else Block)(*_mark(event))
            self._add(made)
            self.open.append(made)
            self.pending.append(None)
            if len(self.open) > MAX_DEPTH:
                self._refuse(event, "too-deep", f"more than {MAX_DEPTH} levels inside each other")
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.pending.pop()

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
        elif (key := self.pending[-1]) is not None:
            self.pending[-1] = None
            if key.value in parent.keys:
                first = parent.keys[key.value].line
                self.problems.add(
                    key,
                    "duplicate-key",
                    f'"{key.value}" is written twice in this block',
                    f"first written at line {first}; the second would silently win",
                )
            else:
                parent.keys[key.value] = key
                parent.values[key.value] = node
        elif isinstance(node, Text):
            self.pending[-1] = node
        else:
            self.problems.add(node, "bad-key", "a key must be a word")
            raise _Refused

    def _look(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._refuse_anchor(event)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, "no-tags", f"YAML tags ({tag}) are not used here", "write the value only")

    def _refuse_anchor(self, event: yaml.Event) -> None:
        self._refuse(
            event,
            "no-anchors",
            "YAML anchors (&x, *x) are not used here",
            "repeat the value, or put it in a profile",
        )

    def _refuse(self, event: yaml.Event, code: str, message: str, hint: str = "") -> None:
        self.problems.add(Node(*_mark(event)), code, message, hint)
        raise _Refused


def _mark(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _place(error: yaml.YAMLError) -> Node:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return Node(mark.line + 1, mark.column + 1) if mark is not None else Node(1, 1)


def _sentence(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return str(problem)


def _advice(text: str, error: yaml.YAMLError) -> str:
    place = _place(error)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if line.startswith("\t") or line[place.column - 1 : place.column] == "\t":
        return "use spaces, not a tab, at the beginning of a line"
    if "mapping values are not allowed" in _sentence(error):
        return 'a ": " inside a text needs quotes around the whole text'
    return ""
