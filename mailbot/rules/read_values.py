"""Reading the values of a rules file out of its tree, each with the error that says what would be right.

Every method gives a value that keeps the walk going, whatever was wrong, so that one run finds all mistakes.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TypeVar

from mailbot.rules import grammar
from mailbot.rules.calendar import Calendar, Quiet, When, known_regions
from mailbot.rules.keys import MODES, QUIET, names, needed
from mailbot.rules.language import Mode, Pause
from mailbot.rules.messages import word as phrase
from mailbot.rules.signals import CARRIED
from mailbot.rules.tree import Block, Items, Node, Problems, Text

T = TypeVar("T")

MAX_RULES = 500
_UNTIL = "until "
_DECIDES = "until owner decides"


class ValueReader:
    """The values that guards, profiles, steps and reactions are made of."""

    def __init__(self, problems: Problems, templates: frozenset[str]) -> None:
        self.problems = problems
        self.templates = templates
        self.tones: tuple[str, ...] = ("warm", "neutral", "direct", "firm")
        self.steps: list[str] = []

    def nearest(self, word: str, known: Sequence[str]) -> str:
        """The nearest known word and all others, in the language asked for."""
        return self.problems.nearest(word, known)

    def known(self, block: Block, keys: tuple[str, ...], required: tuple[str, ...]) -> None:
        """Refuse unknown keys and ask for required ones. What is unknown is dropped and the rest read."""
        for key, node in block.keys.items():
            if key not in keys:
                near = self.problems.nearest(key, keys, key="here")
                self.problems.refuse(node, "unknown-key", key=key, near=near)
        meant = {key for word in block.keys if word not in keys for key in get_close_matches(word[:80], keys, n=1)}
        for key in required:
            if key not in block.keys and key not in meant:
                self.problems.refuse(block, "missing-key", key=key)

    def entries(self, root: Block, key: str, keys: tuple[str, ...], required: tuple[str, ...]) -> list[Block]:
        node = root.values.get(key)
        if node is None:
            return []
        if not isinstance(node, Items):
            self.problems.refuse(node, "bad-shape.list", key=key, first="id")
            return []
        if not node.items and key != "reactions":
            self.problems.refuse(node, "empty.list", key=key)
        if len(node.items) > MAX_RULES:
            self.problems.refuse(node, "too-many", most=MAX_RULES, key=key)
            return []
        found, ids = [], dict[str, int]()
        for item in node.items:
            if not isinstance(item, Block):
                self.problems.refuse(item, "bad-shape.entry", key=key, first="id")
                continue
            self.known(item, keys, required)
            name = self.name(item)
            if name in ids:
                self.problems.refuse(item.values["id"], "duplicate-id", name=name, key=key, first=ids[name])
            ids.setdefault(name, item.line)
            found.append(item)
        return found

    def text(self, block: Block, key: str) -> str | None:
        node = block.values.get(key)
        if node is None:
            return None
        if not isinstance(node, Text) or not node.value.strip():
            self.problems.refuse(node, "bad-value.text", key=key)
            return None
        return node.value.strip()

    def name(self, block: Block) -> str:
        name = self.text(block, "id") or ""
        if name and grammar.when(name) != When(name):
            self.problems.refuse(block.values["id"], "bad-id", text=name)
        return name

    def label(self, block: Block) -> str:
        return self.text(block, "label") or self.text(block, "id") or ""

    def parsed(self, block: Block, key: str, parse: Callable[[str], T | None], example: str) -> T | None:
        text = self.text(block, key)
        if text is None:
            return None
        value = parse(text)
        if value is None:
            self.problems.refuse(block.values[key], "bad-value.form", text=text, key=key, example=example)
        return value

    def choice(
        self, block: Block, key: str, known: Sequence[str], default: str | None, code: str = "bad-value.choice"
    ) -> str | None:
        """One of the known words; the default where the key is missing or wrong."""
        text = self.text(block, key)
        if text is None:
            return default
        if text not in known:
            near = self.nearest(text, known)
            self.problems.refuse(block.values[key], code, text=text, key=key, near=near)
            return default
        return text

    def words(self, block: Block, key: str) -> list[tuple[str, Node]]:
        """A list of words with their places."""
        node = block.values.get(key)
        if node is None:
            return []
        if not isinstance(node, Items):
            self.problems.refuse(node, "bad-shape.words", key=key, example="[one, another]")
            return []
        found: list[tuple[str, Node]] = []
        for item in node.items:
            if isinstance(item, Text) and item.value.strip():
                found.append((item.value.strip(), item))
            else:
                self.problems.refuse(item, "bad-value.words", key=key)
        return found

    def known_words(self, block: Block, key: str, known: Sequence[str]) -> tuple[str, ...]:
        """A list of known words."""
        for word, node in self.words(block, key):
            if word not in known:
                near = self.nearest(word, known)
                self.problems.refuse(node, "bad-value.choice", text=word, key=key, near=near)
        return tuple(word for word, _ in self.words(block, key) if word in known)

    def step_words(self, block: Block, key: str) -> frozenset[str]:
        """A list of step ids."""
        found = self.words(block, key)
        for word, node in found:
            if word not in self.steps:
                self.unknown_step(node, word)
        return frozenset(word for word, _ in found)

    def unknown_step(self, node: Node, word: str) -> None:
        self.problems.refuse(node, "unknown-step", word=word, near=self.nearest(word, [*dict.fromkeys(self.steps)]))

    def tones_of(self, block: Block) -> tuple[str, ...]:
        """The tones of the policy: of those in which the mails are written, each once, mildest first."""
        written, found = self.tones, list[str]()
        for word, node in self.words(block, "tones"):
            if word not in written:
                near = self.nearest(word, written)
                self.problems.refuse(node, "unknown-tone", text=word, key="tones", near=near)
                continue
            if found and written.index(word) <= written.index(found[-1]):
                self.problems.refuse(node, "bad-value.tones", text=word, known=", ".join(written))
            found.append(word)
        return tuple(found) or written

    def tone(self, block: Block) -> str | None:
        return self.choice(block, "tone", self.tones, None, code="unknown-tone")

    def mode(self, block: Block) -> Mode:
        mode = self.choice(block, "mode", MODES, "live")
        return "shadow" if mode == "shadow" else "disabled" if mode == "disabled" else "live"

    def template(self, block: Block, key: str) -> str | None:
        name = self.text(block, key)
        if name is not None and name not in self.templates:
            near = self.nearest(name, sorted(self.templates))
            self.problems.refuse(block.values[key], "no-template", text=name, near=near)
        return name

    def escalate(self, block: Block) -> int:
        text = self.text(block, "escalate")
        if text is None:
            return 0
        if text not in ("1", "2", "3"):
            self.problems.refuse(block.values["escalate"], "bad-value.escalate", text=text)
            return 0
        return int(text)

    def when(self, block: Block, key: str, earlier: Sequence[str], *, steps_only: bool = False) -> When | None:
        """A date; its anchor is due, issued, or an earlier step."""
        found = self.parsed(block, key, grammar.when, "due + 3 days")
        if found is None:
            return None
        known = [*earlier] if steps_only else ["due", "issued", *earlier]
        if found.anchor not in known:
            near, kind = self.nearest(found.anchor, known), "unknown-date" if known else "unknown-date.first"
            self.problems.refuse(block.values[key], kind, text=found.anchor, near=near)
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
            length = grammar.days(text)
            if length is None:
                self.problems.refuse(node, "bad-value.pause", text=text)
            return Pause(length=length)
        found = grammar.when(text.removeprefix(_UNTIL))
        known = [name for name, (event, _) in CARRIED.items() if event == signal]
        if found is None:
            self.problems.refuse(node, "bad-value.pause", text=text)
        elif found.anchor not in known and signal:  # of an unknown signal that is said already
            near, kind = self.nearest(found.anchor, known), "carried" if known else "none"
            self.problems.refuse(node, f"unknown-date.{kind}", len(_UNTIL), text=found.anchor, signal=signal, near=near)
        return Pause(until=found)

    def region(self, block: Block) -> str | None:
        """A country, or country-part, whose public holidays are known."""
        text = self.text(block, "holidays")
        if text is None:
            return None
        country, dash, part = text.partition("-")
        regions = known_regions()
        if country in regions and (not dash or part in regions[country]):
            return text
        if country in regions:
            near = self.nearest(text, [f"{country}-{known}" for known in regions[country]])
        else:
            close = self.problems.near(country, [name for name in regions if len(name) == 2])
            near = close + phrase(self.problems.language, "region")
        self.problems.refuse(block.values["holidays"], "bad-value.region", text=text, near=near)
        return None

    def quiet(self, block: Block) -> tuple[Quiet, ...]:
        node = block.values.get("quiet_periods")
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.problems.refuse(node, "bad-shape.list", key="quiet_periods", first="from")
            return ()
        found = []
        for item in node.items:
            if not isinstance(item, Block):
                self.problems.refuse(item, "bad-shape.entry", key="quiet_periods", first="from")
                continue
            self.known(item, names(QUIET), needed(QUIET))
            start, end = self.day(item, "from"), self.day(item, "to")
            why = self.text(item, "why") or ""
            if start is None or end is None:
                continue
            period = Quiet(start, end, why)
            if isinstance(start, tuple) != isinstance(end, tuple):
                self.problems.refuse(item, "bad-value.years")
            elif not period.is_sane():
                self.problems.refuse(item.values["to"], "bad-value.quiet")
            else:
                found.append(period)
        return tuple(found)

    def day(self, block: Block, key: str) -> date | tuple[int, int] | None:
        """A date, or month and day of every year."""
        text = self.text(block, key)
        found = grammar.calendar_day(text) if text is not None else None
        if text is not None and found is None:
            self.problems.refuse(block.values[key], "bad-value.day", text=text)
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
            self.problems.refuse(node, "never-open")
