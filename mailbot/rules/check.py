"""All that can be said of a rules file: its mistakes, and what will not go as its author may think.

A mistake keeps the file from being loaded. A warning is about a good file: what is never reached, comes late,
reads what nobody provides, or says nothing of what can happen.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mailbot.model import Problem
from mailbot.rules.conditions import Check
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.rules.messages import word
from mailbot.rules.pace import Late, Many, late_steps, many_mails
from mailbot.rules.signals import HAPPENINGS, SIGNALS, SOURCES, Source
from mailbot.rules.tree import Block, Items, Node, Problems, Text, read_tree

OPTIONAL: frozenset[Source] = frozenset({"bank", "opens", "clicks", "read_receipts"})
"""Sources that an installation can be without."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the checker is told of the world around the file."""

    templates: frozenset[str]
    variables: Mapping[str, frozenset[str]]
    """Mail -> the names it uses that mailbot does not fill in."""
    known_variables: tuple[str, ...] = ()
    connected: frozenset[str] | None = None
    """Which of the optional sources there are; None: not known, and nothing is said."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Rules without mistakes, or None with all mistakes; warnings where there are rules."""

    rules: Rules | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_rules(
    text: str,
    file: str,
    outside: Outside,
    holidays: Callable[[str, int], Mapping[date, str]] | None = None,
    *,
    language: str = "en",
) -> Checked:
    """Load a rules file and look at what its rules amount to. Messages are in `language` (fr or en)."""
    loaded = load_rules(text, file, outside.templates, holidays, language=language)
    if isinstance(loaded, list):
        return Checked(None, tuple(loaded), ())
    root = read_tree(text, Problems(file))
    if not isinstance(root, Block):
        return Checked(loaded, (), ())
    errors, warnings = Problems(file, language=language), Problems(file, language=language)
    places = _Places(root)
    _variables(loaded, outside, places, errors)
    _without_reaction(loaded, root, warnings)
    _not_connected(loaded, outside, places, warnings)
    _never_reached(loaded, places, warnings)
    _late(loaded, places, warnings)
    return Checked(None if errors.found else loaded, _sorted(errors), _sorted(warnings))


def _sorted(problems: Problems) -> tuple[Problem, ...]:
    return tuple(sorted(problems.found, key=lambda p: (p.line or 0, p.column or 0, p.code, p.message)))


class _Places:
    """Where in the file a rule's key or a condition stands."""

    def __init__(self, root: Block) -> None:
        self.blocks: dict[tuple[str, str], Block] = {}
        self.texts: dict[tuple[int, str], Node] = {}
        for kind in ("profiles", "steps", "reactions"):
            listed = root.values.get(kind)
            for block in listed.items if isinstance(listed, Items) else []:
                if isinstance(block, Block) and isinstance(name := block.values.get("id"), Text):
                    self.blocks[kind, name.value.strip()] = block
        for node in _texts(root):
            self.texts.setdefault((node.line, node.value), node)

    def of(self, kind: str, name: str, *keys: str) -> Node:
        """The value of the first of these keys that is there, else the rule itself."""
        block = self.blocks[kind, name]
        return next((block.values[key] for key in keys if key in block.values), block)

    def of_date(self, step: str, profiles: tuple[str, ...]) -> Node:
        """Where the date of a step stands: with the one profile that gives it another, else with the step."""
        own = self.of("profiles", profiles[0], "steps") if len(profiles) == 1 else None
        return own.values[step] if isinstance(own, Block) and step in own.values else self.of("steps", step, "when")

    def condition(self, check: Check) -> Node:
        return self.texts.get((check.line, check.text), Node(check.line, 1))


def _texts(node: Node) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    for inner in node.items if isinstance(node, Items) else node.values.values() if isinstance(node, Block) else ():
        yield from _texts(inner)


def _variables(rules: Rules, outside: Outside, places: _Places, problems: Problems) -> None:
    """Mails that use a name which is never filled in would fail on the day they are due."""
    used = [("steps", step.id, "mail", step.mail) for step in rules.steps]
    used += [("reactions", r.id, "send", r.send) for r in rules.reactions]
    used += [("reactions", r.id, "then_send", r.then_send) for r in rules.reactions]
    used += [("reactions", r.id, "answer", r.answer) for r in rules.reactions]
    for kind, name, key, mail in used:
        if mail is not None and (unknown := outside.variables.get(mail)):
            known, listed = ", ".join(outside.known_variables), ", ".join(sorted(unknown))
            problems.refuse(places.of(kind, name, key), "bad-template", mail=mail, names=listed, known=known)


def _without_reaction(rules: Rules, root: Block, problems: Problems) -> None:
    spoken = {reaction.signal for reaction in rules.reactions if reaction.mode != "disabled"}
    at = root.keys.get("reactions", root)
    for name, happening in sorted(HAPPENINGS.items()):
        if name not in spoken:
            what = "promise" if name == "reply.promise" else "waits" if name.startswith("reply.") else "nothing"
            then, label = word(problems.language, what), happening.label(problems.language)
            problems.refuse(at, "no-reaction", name=name, label=label, then=then)


def _not_connected(rules: Rules, outside: Outside, places: _Places, problems: Problems) -> None:
    if outside.connected is None:
        return
    missing = OPTIONAL - outside.connected
    for check in _lines(rules.guards.hold_if):
        _say_missing(check, missing, "unknown-holds", places, problems)
    asked = [*(p.tests for p in rules.profiles), *(s.tests for s in rules.steps), *(r.tests for r in rules.reactions)]
    for check in _lines(check for tests in asked for check in tests):
        _say_missing(check, missing, "unknown-fails", places, problems)
    for reaction in rules.reactions:
        if reaction.ignore is None and (source := HAPPENINGS[reaction.signal].source) in missing:
            at, language = places.of("reactions", reaction.id, "signal"), problems.language
            values = {"source": _source(source, language), "then": word(language, "never-comes")}
            problems.refuse(at, "not-connected", name=reaction.signal, **values)


def _lines(tests: Iterable[Check]) -> Iterator[Check]:
    for check in tests:
        yield from _lines(check.parts) if check.parts else (check,)


def _say_missing(check: Check, missing: frozenset[Source], then: str, places: _Places, problems: Problems) -> None:
    for name in sorted(check.signals):
        then = "unknown-zero" if SIGNALS[name].tone_only else then
        if SIGNALS[name].source in missing:
            source = _source(SIGNALS[name].source, problems.language)
            said = word(problems.language, then)
            problems.refuse(places.condition(check), "not-connected", name=name, source=source, then=said)


def _source(source: Source, language: str) -> str:
    return SOURCES[source][language == "fr"]


def _never_reached(rules: Rules, places: _Places, problems: Problems) -> None:
    """A live step behind one that does not send."""
    modes = {step.id: step.mode for step in rules.steps}
    for step in rules.steps:
        for key, when in (("after", step.after), ("when", step.when)):
            mode = modes.get(when.anchor, "live") if when is not None else "live"
            if when is not None and step.mode == "live" and mode != "live":
                at, said = places.of("steps", step.id, key), word(problems.language, mode)
                problems.refuse(at, "never-reached", name=step.id, after=when.anchor, mode=said)


def _late(rules: Rules, places: _Places, problems: Problems) -> None:
    for late in late_steps(rules):
        problems.refuse(places.of_date(late.step, late.profiles), "late-step", **_late_values(late, problems.language))
    for many in many_mails(rules):
        problems.refuse(places.of_date(many.step, many.profiles), "max-mails", **_many_values(many))


def _late_values(late: Late, language: str) -> dict[str, object]:
    return {
        "profile": ", ".join(late.profiles),
        "name": late.step,
        "first": f"{late.first:+}",
        "last": f"{late.last:+}",
        "plan": f"{late.plan:+}",
        "late": late.late,
        "why": word(language, f"why.{late.why}"),
    }


def _many_values(many: Many) -> dict[str, object]:
    return {
        "profile": ", ".join(many.profiles),
        "name": many.step,
        "days": many.days,
        "count": many.count,
        "length": many.length,
        "most": many.most,
    }
