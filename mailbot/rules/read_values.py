"""Reading the values of a rules file out of its tree, each with the error that says what would be right.

Every method gives a value that keeps the walk going, whatever was wrong, so that one run finds all mistakes.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TypeVar

from mailbot.rules import grammar
from mailbot.rules.calendar import Calendar, Quiet, When, known_regions
from mailbot.rules.language import Mode, Pause
from mailbot.rules.read_conditions import nearest
from mailbot.rules.signals import CARRIED
from mailbot.rules.tree import Block, Items, Node, Problems, Text

T = TypeVar("T")

MAX_RULES = 500
_QUIET = ("from", "to", "why")
_UNTIL = "until "
_DECIDES = "until owner decides"


class ValueReader:
    """The values that guards, profiles, steps and reactions are made of."""

    def __init__(self, problems: Problems, templates: frozenset[str]) -> None:
        self.problems = problems
        self.templates = templates
        self.tones: tuple[str, ...] = ("warm", "neutral", "direct", "firm")
        self.steps: list[str] = []

    def known(self, block: Block, keys: tuple[str, ...], required: tuple[str, ...]) -> None:
        """Refuse unknown keys and ask for required ones. What is unknown is dropped and the rest read."""
        for key, node in block.keys.items():
            if key not in keys:
                self.problems.add(
                    node,
                    "unknown-key",
                    f'unknown key "{key}"',
                    nearest(key, list(keys)).replace("known:", "known here:"),
                )
        meant = {key for word in block.keys if word not in keys for key in get_close_matches(word, keys, n=1)}
        for key in required:
            if key not in block.keys and key not in meant:
                self.problems.add(block, "missing-key", f'"{key}" is missing here')

    def entries(self, root: Block, key: str, keys: tuple[str, ...], required: tuple[str, ...]) -> list[Block]:
        node = root.values.get(key)
        if node is None:
            return []
        if not isinstance(node, Items):
            self.problems.add(node, "bad-shape", f'{key} is a list: each one begins with "- id:"')
            return []
        if not node.items and key != "reactions":
            self.problems.add(node, "empty", f"{key} is empty")
        if len(node.items) > MAX_RULES:
            self.problems.add(node, "too-many", f"more than {MAX_RULES} {key}")
            return []
        found, ids = [], dict[str, int]()
        for item in node.items:
            if not isinstance(item, Block):
                self.problems.add(item, "bad-shape", f"one of {key} is a block of keys, beginning with id")
                continue
            self.known(item, keys, required)
            name = self.name(item)
            if name in ids:
                self.problems.add(
                    item.values["id"],
                    "duplicate-id",
                    f'there are two "{name}" in {key}',
                    f"the first is at line {ids[name]}",
                )
            ids.setdefault(name, item.line)
            found.append(item)
        return found

    def text(self, block: Block, key: str) -> str | None:
        node = block.values.get(key)
        if node is None:
            return None
        if not isinstance(node, Text) or not node.value.strip():
            self.problems.add(node, "bad-value", f'"{key}" needs a text')
            return None
        return node.value.strip()

    def name(self, block: Block) -> str:
        name = self.text(block, "id") or ""
        if name and grammar.when(name) != When(name):
            self.problems.add(
                block.values["id"],
                "bad-id",
                f'"{name}" is not an id',
                "small letters, digits and _ , for example reminder_1",
            )
        return name

    def label(self, block: Block) -> str:
        return self.text(block, "label") or self.text(block, "id") or ""

    def parsed(self, block: Block, key: str, parse: Callable[[str], T | None], example: str) -> T | None:
        text = self.text(block, key)
        if text is None:
            return None
        value = parse(text)
        if value is None:
            self.problems.add(
                block.values[key],
                "bad-value",
                f'"{text}" is not a value of {key}',
                f"write it like: {example}",
            )
        return value

    def choice(
        self, block: Block, key: str, known: Sequence[str], default: str | None, code: str = "bad-value"
    ) -> str | None:
        """One of the known words; the default where the key is missing or wrong."""
        text = self.text(block, key)
        if text is None:
            return default
        if text not in known:
            self.problems.add(block.values[key], code, f'"{text}" is not known for {key}', nearest(text, list(known)))
            return default
        return text

    def words(self, block: Block, key: str) -> list[tuple[str, Node]]:
        """A list of words with their places."""
        node = block.values.get(key)
        if node is None:
            return []
        if not isinstance(node, Items):
            self.problems.add(node, "bad-shape", f"{key} is a list: [one, another]")
            return []
        found: list[tuple[str, Node]] = []
        for item in node.items:
            if isinstance(item, Text) and item.value.strip():
                found.append((item.value.strip(), item))
            else:
                self.problems.add(item, "bad-value", f"{key} is a list of words")
        return found

    def known_words(self, block: Block, key: str, known: Sequence[str]) -> tuple[str, ...]:
        """A list of known words."""
        for word, node in self.words(block, key):
            if word not in known:
                self.problems.add(node, "bad-value", f'"{word}" is not known for {key}', nearest(word, list(known)))
        return tuple(word for word, _ in self.words(block, key) if word in known)

    def step_words(self, block: Block, key: str) -> frozenset[str]:
        """A list of step ids."""
        found = self.words(block, key)
        for word, node in found:
            if word not in self.steps:
                self.unknown_step(node, word)
        return frozenset(word for word, _ in found)

    def unknown_step(self, node: Node, word: str) -> None:
        self.problems.add(node, "unknown-step", f'there is no step "{word}"', nearest(word, self.steps))

    def tone(self, block: Block) -> str | None:
        return self.choice(block, "tone", self.tones, None, code="unknown-tone")

    def mode(self, block: Block) -> Mode:
        mode = self.choice(block, "mode", ("live", "shadow", "disabled"), "live")
        return "shadow" if mode == "shadow" else "disabled" if mode == "disabled" else "live"

    def template(self, block: Block, key: str) -> str | None:
        name = self.text(block, key)
        if name is not None and name not in self.templates:
            self.problems.add(
                block.values[key],
                "no-template",
                f'no template "{name}" in templates/',
                nearest(name, sorted(self.templates)),
            )
        return name

    def escalate(self, block: Block) -> int:
        text = self.text(block, "escalate")
        if text is None:
            return 0
        if text not in ("1", "2", "3"):
            self.problems.add(block.values["escalate"], "bad-value", f'"{text}" is not a number of steps', "1, 2 or 3")
            return 0
        return int(text)

    def when(self, block: Block, key: str, earlier: Sequence[str], *, steps_only: bool = False) -> When | None:
        """A date; its anchor is due, issued, or an earlier step."""
        found = self.parsed(block, key, grammar.when, "due + 3 days")
        if found is None:
            return None
        known = [*earlier] if steps_only else ["due", "issued", *earlier]
        if found.anchor not in known:
            self.problems.add(
                block.values[key],
                "unknown-date",
                f'"{found.anchor}" is not a date known here',
                nearest(found.anchor, known) if known else "no step comes before this one",
            )
            return None
        return found

    def pause(self, block: Block, signal: str) -> Pause | None:
        """ "3 business days", "until owner decides", "until promise.date + 2 business days"."""
        text = self.text(block, "pause")
        if text is None:
            return None
        if text == _DECIDES:
            return Pause()
        node = block.values["pause"]
        if not text.startswith(_UNTIL):
            length = self.parsed(block, "pause", grammar.days, f'3 business days, or: "{_DECIDES}"')
            return Pause(length=length)
        found = grammar.when(text.removeprefix(_UNTIL))
        known = [name for name, (event, _) in CARRIED.items() if event == signal]
        if found is None:
            self.problems.add(node, "bad-value", f'"{text}" is not a pause', f'3 business days, or: "{_DECIDES}"')
        elif found.anchor not in known:
            self.problems.add(
                node,
                "unknown-date",
                f'"{found.anchor}" is not a date that {signal or "this signal"} brings along',
                nearest(found.anchor, known) if known else f'write a number of days, or "{_DECIDES}"',
                len(_UNTIL),
            )
        return Pause(until=found)

    def region(self, block: Block) -> str | None:
        """A country, or country-part, whose public holidays are known."""
        text = self.text(block, "holidays")
        if text is None:
            return None
        country, dash, part = text.partition("-")
        regions = known_regions()
        if country not in regions:
            self.problems.add(
                block.values["holidays"],
                "bad-value",
                f'no holidays are known for "{country}"',
                nearest(country, sorted(regions)),
            )
        elif dash and part not in regions[country]:
            known = [f"{country}-{p}" for p in regions[country]]
            self.problems.add(
                block.values["holidays"],
                "bad-value",
                f'no holidays are known for "{text}"',
                nearest(text, known),
            )
        else:
            return text
        return None

    def quiet(self, block: Block) -> tuple[Quiet, ...]:
        node = block.values.get("quiet_periods")
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.problems.add(node, "bad-shape", 'quiet_periods is a list: each one begins with "- from:"')
            return ()
        found = []
        for item in node.items:
            if not isinstance(item, Block):
                self.problems.add(item, "bad-shape", "a quiet period has from, to and why")
                continue
            self.known(item, _QUIET, _QUIET)
            start, end = self.day(item, "from"), self.day(item, "to")
            why = self.text(item, "why") or ""
            if start is None or end is None:
                continue
            period = Quiet(start, end, why)
            if isinstance(start, tuple) != isinstance(end, tuple):
                self.problems.add(item, "bad-value", "from and to are both with a year, or both without")
            elif not period.is_sane():
                self.problems.add(item.values["to"], "bad-value", "a quiet period ends after it begins, within a year")
            else:
                found.append(period)
        return tuple(found)

    def day(self, block: Block, key: str) -> date | tuple[int, int] | None:
        """A date, or month and day of every year."""
        text = self.text(block, key)
        found = grammar.calendar_day(text) if text is not None else None
        if text is not None and found is None:
            example = "2026-08-03, or 08-03 for every year"
            self.problems.add(block.values[key], "bad-value", f'"{text}" is not a day', f"write it like: {example}")
        return found

    def opens_sometimes(self, block: Block, calendar: Calendar) -> None:
        """Refuse a calendar on which no mail could ever leave."""
        yearly = Calendar(
            calendar.send_days,
            None,
            tuple(q for q in calendar.quiet if isinstance(q.start, tuple)),
            calendar.holidays,
        )
        if all(yearly.closed(date(2025, 1, 1) + timedelta(days=n)) for n in range(365)):
            node = block.values.get("quiet_periods", block)
            self.problems.add(node, "never-open", "the quiet periods leave no day in the year for a mail")
