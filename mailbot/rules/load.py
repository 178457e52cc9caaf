"""The one loader: text of a rules file to `Rules`, or to all its mistakes with line and column.

Whatever is not known here (key, signal, value, step, template, tone) is refused; nothing is ever skipped.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, time

from mailbot.model import Problem
from mailbot.rules import grammar
from mailbot.rules.calendar import Calendar, Days, When, public_holidays
from mailbot.rules.language import Guards, HolidaySource, Profile, Reaction, Rules, Step
from mailbot.rules.read_conditions import read_checks
from mailbot.rules.read_values import ValueReader
from mailbot.rules.signals import EVENTS
from mailbot.rules.tree import Block, Items, Problems, read_tree

_TOP = ("version", "language", "guards", "profiles", "steps", "reactions", "tones")
_GUARDS = (
    "send_days",
    "send_hours",
    "holidays",
    "quiet_periods",
    "min_gap",
    "max_mails",
    "min_amount",
    "consolidate",
    "hold_if",
)
_PROFILE = ("id", "label", "if", "tone", "shift", "skip", "approve", "steps")
_STEP = (
    "id",
    "label",
    "when",
    "after",
    "expires",
    "if",
    "mail",
    "action",
    "attach",
    "approve",
    "tone",
    "mode",
)
_REACTION = (
    "id",
    "label",
    "signal",
    "if",
    "scope",
    "pause",
    "max_pause",
    "send",
    "then_send",
    "tone",
    "escalate",
    "alert",
    "check",
    "contact",
    "ignore",
    "mode",
)
_ATTACH = ("invoice", "statement")
_ACTIONS = ("hand_over",)
_EFFECTS = ("pause", "send", "then_send", "tone", "escalate", "alert", "contact", "ignore")


def load_rules(
    text: str,
    file: str,
    templates: frozenset[str],
    holidays: Callable[[str, int], Mapping[date, str]] | None = None,
) -> Rules | list[Problem]:
    """Read one rules file. `file` is its name for messages; `templates` are the mails that exist.

    `holidays` gives the public holidays of a region and year; without it, those of the package `holidays`.
    Returns all problems in the order of the file where there is any.
    """
    problems = Problems(file)
    root = read_tree(text, problems)
    rules = None
    if isinstance(root, Block):
        rules = _Reader(problems, templates, holidays or public_holidays).rules(root, text)
    elif root is not None:
        problems.add(root, "bad-shape", "a rules file begins with keys: version, guards, profiles, steps, reactions")
    if problems.found or rules is None:
        return sorted(problems.found, key=lambda p: (p.line or 0, p.column or 0, p.code))
    return rules


class _Reader(ValueReader):
    """Walks the tree once, from the top of the file to its end."""

    def __init__(self, problems: Problems, templates: frozenset[str], holidays: HolidaySource) -> None:
        super().__init__(problems, templates)
        self.holidays = holidays

    # ------------------------------------------------------------------------------------ the file

    def rules(self, root: Block, text: str) -> Rules:
        if "timezone" in root.keys:
            self.problems.add(
                root.keys.pop("timezone"),
                "no-timezone",
                "the time zone does not belong here",
                "it is the business's: business.timezone in mailbot.yaml",
            )
        self.known(root, _TOP, ("version", "guards", "profiles", "steps"))
        self.choice(root, "version", ("1",), "1")
        if isinstance(tones := root.values.get("tones"), Items) and tones.items:
            self.tones = tuple(word for word, _ in self.words(root, "tones"))
        elif tones is not None:
            self.problems.add(tones, "bad-shape", "tones are a list, mildest first: [warm, neutral, direct, firm]")
        calendar, guards = self.guards(root)
        step_nodes = self.entries(root, "steps", _STEP, ("id", "label", "when"))
        self.steps = [self.name(node) for node in step_nodes]
        steps = tuple(self.step(node, n) for n, node in enumerate(step_nodes))
        self.in_date_order(steps, step_nodes)
        profiles = self.profiles(root, steps)
        reactions = tuple(
            self.reaction(node) for node in self.entries(root, "reactions", _REACTION, ("id", "label", "signal"))
        )
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
        return Rules(
            self.problems.file,
            digest,
            self.choice(root, "language", ("fr", "en"), "fr") or "fr",
            guards,
            calendar,
            profiles,
            steps,
            tuple(sorted(reactions, key=lambda r: r.id)),
            self.tones,
        )

    def guards(self, root: Block) -> tuple[Calendar, Guards]:
        block = root.values.get("guards")
        if not isinstance(block, Block):
            if block is not None:
                self.problems.add(block, "bad-shape", "guards is a block of keys")
            block = Block(1, 1)
        else:
            self.known(block, _GUARDS, ("send_days", "send_hours", "min_gap", "hold_if"))
        self.choice(block, "consolidate", ("client",), "client")
        send_days = self.parsed(block, "send_days", grammar.weekdays, "mon-fri, or: mon, tue, thu") or frozenset(
            range(5)
        )
        calendar = Calendar(send_days, self.region(block), self.quiet(block), self.holidays)
        self.opens_sometimes(block, calendar)
        guards = Guards(
            self.parsed(block, "send_hours", grammar.hours, "09:00-17:30") or (time(9), time(17, 30)),
            self.parsed(block, "min_gap", grammar.days, "2 business days") or Days(2, business=True),
            self.parsed(block, "max_mails", grammar.counter, "6 per 30 days"),
            self.parsed(block, "min_amount", grammar.money, "15 EUR"),
            read_checks(block.values.get("hold_if"), "client", self.problems),
        )
        return calendar, guards

    def profiles(self, root: Block, steps: tuple[Step, ...]) -> tuple[Profile, ...]:
        nodes = self.entries(root, "profiles", _PROFILE, ("id", "label", "tone"))
        found = tuple(self.profile(node, steps) for node in nodes)
        for n, (profile, node) in enumerate(zip(found, nodes, strict=True)):
            at = node.values.get("id", node)
            if n == len(found) - 1 and "if" in node.keys:
                self.problems.add(
                    at,
                    "no-default-profile",
                    'the last profile must have no "if", so that every client has one',
                )
            elif n < len(found) - 1 and "if" not in node.keys:
                self.problems.add(
                    at,
                    "unreachable-profile",
                    f'"{profile.id}" takes every client, so that none after it is ever used',
                    'give it an "if", or move it to the end',
                )
        return found

    # --------------------------------------------------------------------------------- the entries

    def profile(self, node: Block, steps: tuple[Step, ...]) -> Profile:
        shift = self.parsed(node, "shift", grammar.days, "5 days")
        if shift is not None and shift.business:
            self.problems.add(node.values["shift"], "bad-value", "shift counts calendar days", "write it like: 5 days")
        skip = self.step_words(node, "skip")
        for step in steps:
            if step.after is not None and step.after.anchor in skip and step.id not in skip:
                self.problems.add(
                    node.values["skip"],
                    "skipped-step",
                    f'"{step.id}" comes after "{step.after.anchor}", which is skipped: never reached',
                    f'skip "{step.id}" as well, or keep "{step.after.anchor}"',
                )
        return Profile(
            self.name(node),
            self.label(node),
            read_checks(node.values.get("if"), "client", self.problems),
            self.tone(node) or self.tones[0],
            shift.count if shift is not None else 0,
            skip,
            self.step_words(node, "approve"),
            self.own_dates(node),
            node.line,
        )

    def own_dates(self, node: Block) -> dict[str, When]:
        block = node.values.get("steps")
        if block is None:
            return {}
        if not isinstance(block, Block):
            self.problems.add(block, "bad-shape", "steps here is a block: each step with its own date")
            return {}
        found = {}
        for step, key in block.keys.items():
            if step not in self.steps:
                self.unknown_step(key, step)
            elif (date_ := self.when(block, step, self.steps[: self.steps.index(step)])) is not None:
                found[step] = date_
        return found

    def step(self, node: Block, n: int) -> Step:
        earlier = self.steps[:n]
        mail = self.template(node, "mail")
        if ("mail" in node.keys) == ("action" in node.keys):
            self.problems.add(node, "mail-or-action", 'a step has either a "mail" or an "action"')
        after = self.when(node, "after", earlier, steps_only=True)
        return Step(
            self.steps[n],
            self.label(node),
            n + 1,
            self.when(node, "when", earlier) or When("due"),
            after,
            self.when(node, "expires", earlier),
            read_checks(node.values.get("if"), "invoice", self.problems),
            mail,
            self.choice(node, "action", _ACTIONS, None),
            self.known_words(node, "attach", _ATTACH),
            self.choice(node, "approve", ("owner",), None) is not None,
            self.tone(node),
            self.mode(node),
            node.line,
        )

    def reaction(self, node: Block) -> Reaction:
        signal = self.choice(node, "signal", tuple(sorted(EVENTS)), "", code="unknown-signal")
        if not any(key in node.keys for key in _EFFECTS):
            self.problems.add(node, "no-effect", "this reaction does nothing", f"give it one of: {', '.join(_EFFECTS)}")
        pause = self.pause(node, signal or "")
        if pause is not None and pause.until is not None and "max_pause" not in node.keys:
            self.problems.add(
                node.values["pause"],
                "no-max-pause",
                "the client chooses how long this pause is",
                'add a limit, for example: "max_pause: 45 days"',
            )
        return Reaction(
            self.name(node),
            self.label(node),
            signal or "",
            read_checks(node.values.get("if"), "event", self.problems),
            "invoice" if self.choice(node, "scope", ("client", "invoice"), "client") == "invoice" else "client",
            pause,
            self.parsed(node, "max_pause", grammar.days, "45 days"),
            self.template(node, "send"),
            self.template(node, "then_send"),
            self.tone(node),
            self.escalate(node),
            self.choice(node, "alert", ("owner",), None) is not None,
            self.choice(node, "check", ("bank",), None) is not None,
            self.choice(node, "contact", ("next",), None) is not None,
            self.text(node, "ignore"),
            self.mode(node),
            node.line,
        )

    def in_date_order(self, steps: tuple[Step, ...], nodes: list[Block]) -> None:
        """Steps that count from the due date stand in the order of their dates: mildest first."""
        last: Step | None = None
        for step, node in zip(steps, nodes, strict=True):
            if step.when.anchor != "due":
                continue
            if last is not None and step.when.count < last.when.count:
                self.problems.add(
                    node.values.get("when", node),
                    "step-order",
                    f'"{step.id}" (due {step.when.count:+}) comes before '
                    f'"{last.id}" (due {last.when.count:+}) but is written after it',
                    "write the steps in the order of their dates",
                )
            else:
                last = step
