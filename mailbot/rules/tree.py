"""YAML as a tree of texts with their places: no type is guessed, every scalar stays as written.

Built from the parser's events, so that anchors, aliases and tags are refused before anything is expanded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from mailbot.model import Problem
from mailbot.rules.messages import message, near, nearest, word, yaml_sentence

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
_GUESSES = 100
"""After so many problems no nearest word is looked for: that takes its time, and nobody reads on so far."""

_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
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
    language: str = "en"

    def add(self, node: Node, code: str, message: str, hint: str = "", offset: int = 0) -> None:
        """`hint` goes on a line of its own; `offset` points into a text."""
        text = f"{message}\n{hint}" if hint else message
        self.found.append(Problem(code, text, node.line, node.column + offset, self.file))

    def refuse(self, node: Node, key: str, offset: int = 0, /, **values: object) -> None:
        """The same with a sentence of the catalogue, in the language asked for; its key begins with the code."""
        self.add(node, key.partition(".")[0], message(self.language, key, **values), "", offset)

    def nearest(self, wrong: str, known: Sequence[str], *, key: str = "known") -> str:
        """The nearest known word, if one is near, and all that are known."""
        return nearest(self.language, wrong if len(self.found) < _GUESSES else "", known, key=key)

    def near(self, wrong: str, known: Sequence[str]) -> str:
        """The nearest known word with a question mark, or nothing."""
        return near(self.language, wrong if len(self.found) < _GUESSES else "", known)


class _Refused(Exception):
    """The rest of the file cannot be read."""


def read_tree(text: str, problems: Problems) -> Node | None:
    """The one document of the text; None (with at least one problem) where it cannot be read at all."""
    start = Node(1, 1)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        problems.refuse(start, "too-big", most=MAX_BYTES // 1024)
        return None
    builder = _Builder(problems)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except _Refused:
        return None
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        # control characters and lone surrogates are refused before a line is read
        problems.refuse(_strange_character(text), "yaml.character")
        return None
    except yaml.YAMLError as error:
        said = yaml_sentence(problems.language, _sentence(error))
        problems.refuse(_place(error), "yaml", said=said, advice=_advice(problems.language, text, error))
        return None
    if builder.root is None:
        problems.refuse(start, "empty.file")
    return builder.root


class _Builder:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.root: Node | None = None
        self.open: list[Items | Block] = []
        self.pending: list[Text | None] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._refuse(event, "one-document")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "no-anchors")
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
                self._refuse(event, "too-deep", most=MAX_DEPTH)
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
                self.problems.refuse(key, "duplicate-key", key=key.value, first=first)
            else:
                parent.keys[key.value] = key
                parent.values[key.value] = node
        elif isinstance(node, Text):
            self.pending[-1] = node
        else:
            self.problems.refuse(node, "bad-key")
            raise _Refused

    def _look(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, "no-anchors")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, "no-tags", tag=tag)

    def _refuse(self, event: yaml.Event, key: str, **values: object) -> None:
        self.problems.refuse(Node(*_mark(event)), key, **values)
        raise _Refused


def _strange_character(text: str) -> Node:
    """Where the first character stands that YAML does not allow (YAML 1.1, section 5.1)."""
    found = _STRANGE.search(text)
    if found is None:
        return Node(1, 1)
    return Node(text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start()))


def _mark(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _place(error: yaml.YAMLError) -> Node:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return Node(mark.line + 1, mark.column + 1) if mark is not None else Node(1, 1)


def _sentence(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return str(problem)


def _advice(language: str, text: str, error: yaml.YAMLError) -> str:
    place, said = _place(error), _sentence(error)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if line.startswith("	") or line[place.column - 1 : place.column] == "	":
        return word(language, "tab")
    if "mapping values are not allowed" in said:
        return word(language, "colon")
    if "unexpected end of stream" in said:
        return word(language, "quotes")
    return word(language, "dash") if said.startswith(("did not find expected '-'", "did not find expected key")) else ""
