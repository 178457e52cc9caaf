"""The one loader: text of a rules file to `Rules`, or to all its mistakes with line and column.

Whatever is not known here (key, signal, value, step, template, tone) is refused; nothing is ever skipped.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, time

from mailbot.model import Problem
from mailbot.rules import analysis, grammar
from mailbot.rules.calendar import Calendar, Days, When, public_holidays
from mailbot.rules.conditions import Check
from mailbot.rules.keys import (
    ACTIONS,
    ATTACH,
    CLAIMS,
    EFFECTS,
    FORMAL,
    GUARDS,
    PROFILE,
    REACTION,
    STEP,
    TOP,
    names,
    needed,
)
from mailbot.rules.language import Guards, HolidaySource, Profile, Reaction, Rules, Step
from mailbot.rules.read_conditions import read_checks
from mailbot.rules.read_values import ValueReader
from mailbot.rules.signals import EVENTS, SIGNALS, WEAK
from mailbot.rules.tree import Block, Items, Node, Problems, Text, read_tree

_NO_DATE = When("")
"""Stands for a date that cannot be read: nothing more is said of where it comes."""


def load_rules(
    text: str,
    file: str,
    templates: frozenset[str],
    holidays: Callable[[str, int], Mapping[date, str]] | None = None,
    *,
    language: str = "en",
) -> Rules | list[Problem]:
    """Read one rules file. `file` is its name for messages; `templates` are the mails that exist.

    `holidays` gives the public holidays of a region and year; without it, those of the package `holidays`.
    `language`: of the messages, fr or en.
    Returns all problems in the order of the file where there is any.
    """
    problems = Problems(file, language=language)
    root = read_tree(text, problems)
    rules = None
    if isinstance(root, Block):
        rules = _Reader(problems, templates, holidays or public_holidays).rules(root, text)
    elif root is not None:
        problems.refuse(root, "bad-shape.file")
    if problems.found or rules is None:
        once = dict.fromkeys(problems.found)
        return sorted(once, key=lambda p: (p.line or 0, p.column or 0, p.code))
    return rules


def version_of(text: str) -> str:
    """The name of exactly this text: twelve hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


class _Reader(ValueReader):
    """Walks the tree once, from the top of the file to its end."""

    def __init__(self, problems: Problems, templates: frozenset[str], holidays: HolidaySource) -> None:
        super().__init__(problems, templates)
        self.holidays = holidays

    # ------------------------------------------------------------------------------------ the file

    def rules(self, root: Block, text: str) -> Rules:
        if "timezone" in root.keys:
            self.problems.refuse(root.keys.pop("timezone"), "no-timezone")
        self.known(root, names(TOP), needed(TOP))
        self.choice(root, "version", ("1",), "1", code="bad-value.version")
        if isinstance(tones := root.values.get("tones"), Items) and tones.items:
            self.tones = self.tones_of(root)
        elif tones is not None:
            self.problems.refuse(tones, "bad-shape.words", key="tones", example="[warm, neutral, direct, firm]")
        calendar, guards = self.guards(root)
        step_nodes = self.entries(root, "steps", names(STEP), needed(STEP))
        self.steps = [self.name(node) for node in step_nodes]
        steps = tuple(self.step(node, n) for n, node in enumerate(step_nodes))
        self.in_date_order(steps, step_nodes)
        profiles = self.profiles(root, steps)
        reactions = tuple(
            self.reaction(node) for node in self.entries(root, "reactions", names(REACTION), needed(REACTION))
        )
        self.in_their_days(steps, step_nodes, profiles, reactions)
        return Rules(
            self.problems.file,
            version_of(text),
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
                self.problems.refuse(block, "bad-shape.block", key="guards")
            block = Block(1, 1)
        else:
            self.known(block, names(GUARDS), needed(GUARDS))
        self.choice(block, "consolidate", ("client",), "client")
        send_days = self.parsed(
            block, "send_days", grammar.weekdays, "mon-fri (mon, tue, wed, thu, fri, sat, sun)"
        ) or frozenset(range(5))
        calendar = Calendar(send_days, self.region(block), self.quiet(block), self.holidays)
        self.opens_sometimes(block, calendar)
        guards = Guards(
            self.parsed(block, "send_hours", grammar.hours, "09:00-17:30") or (time(9), time(17, 30)),
            self.parsed(block, "min_gap", grammar.days, "2 business days") or Days(2, business=True),
            self.parsed(block, "max_mails", grammar.counter, "6 per 30 days"),
            self.parsed(block, "min_amount", grammar.money, "15 EUR"),
            read_checks(block.values.get("hold_if"), "client", self.problems),
            self.parsed(block, "max_amount", grammar.money, "20 000 EUR"),
        )
        self.limits(block, guards)
        analysis.guards(guards.hold_if, block.values.get("hold_if"), self.problems)
        return calendar, guards

    def limits(self, block: Block, guards: Guards) -> None:
        """Floor and ceiling fit together."""
        least, most = guards.min_amount, guards.max_amount
        if least is not None and most is not None and (most[1] != least[1] or most[0] <= least[0]):
            written = {key: f"{amount[0]} {amount[1]}" for key, amount in (("least", least), ("most", most))}
            self.problems.refuse(block.values["max_amount"], "bad-value.limits", **written)

    def profiles(self, root: Block, steps: tuple[Step, ...]) -> tuple[Profile, ...]:
        nodes = self.entries(root, "profiles", names(PROFILE), needed(PROFILE))
        found = tuple(self.profile(node, steps) for node in nodes)
        for n, (profile, node) in enumerate(zip(found, nodes, strict=True)):
            at = node.values.get("id", node)
            if n == len(found) - 1 and "if" in node.keys:
                self.problems.refuse(at, "no-default-profile")
            elif n < len(found) - 1 and "if" not in node.keys:
                self.problems.refuse(at, "unreachable-profile", name=profile.id)
        self.in_reach(found, nodes)
        return found

    def in_reach(self, profiles: tuple[Profile, ...], nodes: list[Block]) -> None:
        """Each profile takes some client that none above it takes."""
        for profile, node in zip(profiles, nodes, strict=True):
            analysis.contradictions(profile.tests, node.values.get("if"), self.problems)
        for n, earlier in analysis.covered([profile.tests for profile in profiles]):
            above = ", ".join(profiles[m].id for m in earlier)
            self.problems.refuse(
                nodes[n].values.get("id", nodes[n]),
                "unreachable-profile.covered",
                name=profiles[n].id,
                earlier=above,
            )

    # --------------------------------------------------------------------------------- the entries

    def profile(self, node: Block, steps: tuple[Step, ...]) -> Profile:
        shift = self.parsed(node, "shift", grammar.days, "5 days")
        if shift is not None and shift.business:
            self.problems.refuse(node.values["shift"], "bad-value.shift")
        skip = self.step_words(node, "skip")
        for step in steps:
            if step.after is not None and step.after.anchor in skip and step.id not in skip:
                self.problems.refuse(node.values["skip"], "skipped-step", name=step.id, after=step.after.anchor)
        dates = self.own_dates(node)
        self.profile_order(node, steps, dates, skip, shift.count if shift is not None else 0)
        return Profile(
            self.name(node),
            self.label(node),
            read_checks(node.values.get("if"), "client", self.problems),
            self.tone(node) or self.tones[0],
            shift.count if shift is not None else 0,
            skip,
            self.step_words(node, "approve"),
            dates,
            node.line,
        )

    def profile_order(
        self, node: Block, steps: tuple[Step, ...], own: dict[str, When], skip: frozenset[str], shift: int
    ) -> None:
        """With a profile's own dates and shift the steps still come in order, and before they expire."""
        last: tuple[Step, int] | None = None
        for step in steps:
            when = own.get(step.id, step.when)
            if when.anchor != "due" or step.id in skip:
                continue
            moved = when if step.id in own or when.count <= 0 else When("due", when.count + shift, when.business)
            days = f"{moved.count:+}"
            if moved != step.when and step.expires is not None and analysis.is_before(step.expires, moved):
                at, ends = self.place_of_date(node, step.id), f"{step.expires.count:+}"
                self.problems.refuse(at, "expired-step.profile", name=step.id, days=days, last=ends)
            if last is not None and moved.count < last[1] and step.when.count >= last[0].when.count:
                before = {"last": last[0].id, "last_days": f"{last[1]:+}"}
                at = self.place_of_date(node, step.id if step.id in own else last[0].id)
                self.problems.refuse(at, "step-order", name=step.id, days=days, **before)
            last = (step, moved.count)

    def in_their_days(
        self,
        steps: tuple[Step, ...],
        nodes: list[Block],
        profiles: tuple[Profile, ...],
        reactions: tuple[Reaction, ...],
    ) -> None:
        """Conditions on days overdue can hold on some day of their step, for some profile."""
        climbs = any(reaction.escalate for reaction in reactions)
        for step, node in zip(steps, nodes, strict=True):
            dates = [step.when, *(profile.steps[step.id] for profile in profiles if step.id in profile.steps)]
            first = None if climbs else min(date_.count for date_ in dates)
            last = step.expires.count if step.expires is not None else None
            if any(when.anchor != "due" or when.business for when in (*dates, step.expires or step.when)):
                continue
            analysis.outside_its_days(step.tests, first, last, node.values.get("if", node), self.problems)

    def place_of_date(self, node: Block, step: str) -> Node:
        dates = node.values.get("steps")
        own = dates.values.get(step) if isinstance(dates, Block) else None
        return own or dates or node.values.get("shift", node)

    def own_dates(self, node: Block) -> dict[str, When]:
        block = node.values.get("steps")
        if block is None:
            return {}
        if not isinstance(block, Block):
            self.problems.refuse(block, "bad-shape.dates")
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
            self.problems.refuse(node, "mail-or-action")
        after = self.when(node, "after", earlier, steps_only=True)
        tests = read_checks(node.values.get("if"), "invoice", self.problems)
        analysis.contradictions(tests, node.values.get("if"), self.problems)
        action = self.choice(node, "action", ACTIONS, None)
        approve = self.choice(node, "approve", ("owner",), None) is not None
        asks = approve or "approve" in node.keys  # a wrong word there is said already
        for key, what in (("mail", mail), ("action", action)):
            if what in FORMAL and not asks:
                self.problems.refuse(node.values[key], "formal-approval", what=what)
        return Step(
            self.steps[n],
            self.label(node),
            n + 1,
            self.when(node, "when", earlier) or _NO_DATE,
            after,
            self.when(node, "expires", earlier),
            tests,
            mail,
            action,
            self.known_words(node, "attach", ATTACH),
            approve,
            self.tone(node),
            self.mode(node),
            node.line,
            self.choice(node, "claim", CLAIMS, None) is not None,
        )

    def reaction(self, node: Block) -> Reaction:
        signal = self.choice(node, "signal", tuple(sorted(EVENTS)), "", code="unknown-signal.event") or ""
        pause = self.pause(node, signal)
        if pause is not None and pause.until is not None and "max_pause" not in node.keys:
            self.problems.refuse(node.values["pause"], "no-max-pause")
        tests = read_checks(node.values.get("if"), "event", self.problems)
        analysis.contradictions(tests, node.values.get("if"), self.problems)
        self.does_something(node)
        self.only_tone(node, signal, tests)
        for key in ("send", "then_send"):
            if isinstance(what := node.values.get(key), Text) and what.value in FORMAL:
                self.problems.refuse(what, "formal-approval.reaction", what=what.value)
        return Reaction(
            self.name(node),
            self.label(node),
            signal,
            tests,
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
            self.template(node, "answer"),
        )

    def does_something(self, node: Block) -> None:
        """A reaction has an effect, and each of its keys changes something."""
        effects = [key for key in EFFECTS if key in node.keys]
        if not effects:
            self.problems.refuse(node, "no-effect", keys=", ".join(EFFECTS))
        elif "ignore" in effects and len(effects) > 1:
            others = ", ".join(key for key in effects if key != "ignore")
            self.problems.refuse(node.keys["ignore"], "no-effect.ignore", keys=others)
        for key in ("max_pause", "then_send", "check"):
            if key in node.keys and "pause" not in node.keys:
                self.problems.refuse(node.keys[key], "no-effect.pause", key=key)

    def only_tone(self, node: Block, signal: str, tests: tuple[Check, ...]) -> None:
        """What does not prove reading may change the tone, tell the owner, or be ignored; nothing else."""
        more = [key for key in EFFECTS if key in node.keys and key not in ("tone", "alert", "ignore")]
        weak = [name for check in tests for name in sorted(check.signals) if SIGNALS[name].tone_only]
        if signal in WEAK:
            weak.append(signal)
        if weak and more:
            self.problems.refuse(node.values["signal"], "tone-only", name=weak[0], keys=", ".join(more))

    def in_date_order(self, steps: tuple[Step, ...], nodes: list[Block]) -> None:
        """Steps that count from the due date stand in the order of their dates, and expire after they begin."""
        last: Step | None = None
        for step, node in zip(steps, nodes, strict=True):
            if step.when.anchor != "due":
                continue
            days = f"{step.when.count:+}"
            if step.expires is not None and analysis.is_before(step.expires, step.when):
                ends = f"{step.expires.count:+}"
                self.problems.refuse(node.values["expires"], "expired-step", name=step.id, days=days, last=ends)
            if last is not None and step.when.count < last.when.count:
                before = {"last": last.id, "last_days": f"{last.when.count:+}"}
                self.problems.refuse(node.values.get("when", node), "step-order", name=step.id, days=days, **before)
            else:
                last = step
