"""Files of timelines (`*.test.yaml`) as values. As strict as a rules file: what is not known is refused.

A suite names a rules file, a client and an invoice; each case adds events and says all that must happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mailbot.model import ClientFacts, Contact, Event, InvoiceFacts, Problem
from mailbot.money import parse_amount
from mailbot.rules import grammar
from mailbot.rules.happenings import parse_event
from mailbot.rules.language import Rules
from mailbot.rules.past import Past, history
from mailbot.rules.read_values import ValueReader
from mailbot.rules.signals import CATEGORIES, LANGUAGES
from mailbot.rules.timeline import Approvals, BankRead, read_daily
from mailbot.rules.tree import Block, Items, Node, Problems, Text, read_tree

_TOP = ("suite", "rules", "client", "invoice", "invoices", "cases")
_CASE = (
    "name", "client", "invoice", "invoices", "from", "until", "events", "bank", "approve",
    "expect", "never", "today", "decision", "because", "using",
)  # fmt: skip
_CHECKS = ("expect", "never", "today", "using")
_INVOICE = ("id", "amount", "issued", "due", "currency", "kind")
_VERDICTS = ("send", "act", "wait", "hold", "nothing")
_APPROVALS: Mapping[str, Approvals] = {"given": "given", "refused": "refused", "waiting": "waiting"}
_FACTS = (
    "client.category", "client.language", "client.do_not_contact", "client.has_contact",
    "client.invoices_paid", "client.late_rate", "client.broken_promises", "client.disputes", "contacts",
)  # fmt: skip
LONGEST = timedelta(days=1100)
"""A case lasts at most so long."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of `expect`: what is written must be so; what is not written is not looked at."""

    text: str
    day: date
    verdict: str
    what: str
    tone: str | None
    approve: bool
    invoices: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True)
class Instant:
    """What must be decided on one day."""

    day: date
    verdict: str | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One timeline with all that must happen in it."""

    name: str
    client: ClientFacts
    events: tuple[Event, ...]
    start: date
    until: date
    bank: BankRead
    approvals: Approvals
    expect: tuple[Expected, ...] | None
    """None: the mails are not looked at as a whole."""
    never: tuple[str, ...]
    instant: Instant | None
    using: str | None
    line: int
    expect_lines: tuple[int, int] | None
    """First and last line that `expect` takes in the file."""


@dataclass(frozen=True, slots=True)
class Suite:
    name: str
    file: str
    rules: str
    """As written: a path relative to the file."""
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The part of a suite that can be read without its rules."""

    name: str
    rules: str
    root: Block


def read_heading(text: str, file: str, language: str = "en") -> Heading | list[Problem]:
    """Which rules a file of timelines is about, or all that is wrong with its shape, said in `language`."""
    problems = Problems(file, language=language)
    root = read_tree(text, problems)
    if isinstance(root, Block):
        reader = ValueReader(problems, frozenset())
        reader.known(root, _TOP, ("suite", "rules", "cases"))
        name, rules = reader.text(root, "suite"), reader.text(root, "rules")
        if not problems.found and name and rules:
            return Heading(name, rules, root)
    elif root is not None:
        problems.refuse(root, "bad-shape.suite")
    return problems.found


def read_suite(heading: Heading, file: str, rules: Rules, language: str = "en") -> Suite | list[Problem]:
    """The cases, made ready for the rules they test, or all their mistakes. No case at all is a mistake too."""
    problems = Problems(file, language=language)
    cases = _Reader(problems, rules).cases(heading.root)
    if problems.found:
        return sorted(problems.found, key=lambda p: (p.line or 0, p.column or 0, p.code))
    return Suite(heading.name, file, heading.rules, tuple(cases))


@dataclass(frozen=True, slots=True)
class _Setting:
    """Client and invoices as the suite gives them; a case may change them."""

    facts: Mapping[str, str]
    contacts: tuple[str, ...]
    invoices: tuple[InvoiceFacts, ...]


class _Reader(ValueReader):
    """Walks one file of timelines."""

    def __init__(self, problems: Problems, rules: Rules) -> None:
        super().__init__(problems, frozenset())
        self.rules = rules
        self.tones = rules.tones
        self.whats = {step.id for step in rules.steps} | {reaction.id for reaction in rules.reactions}
        mails = {m for r in rules.reactions for m in (r.send, r.then_send) if m}
        self.whats |= mails | {step.mail for step in rules.steps if step.mail}

    def cases(self, root: Block) -> list[Case]:
        setting = self.setting(root, _Setting({}, ("compta@client.example",), ()))
        node = root.values.get("cases")
        if not isinstance(node, Items) or not node.items:
            self.problems.refuse(node or root, "no-cases")
            return []
        return [case for item in node.items if (case := self.case(item, setting)) is not None]

    def case(self, node: Node, suite: _Setting) -> Case | None:
        if not isinstance(node, Block):
            self.problems.refuse(node, "bad-shape.case")
            return None
        self.known(node, _CASE, ("name", "until"))
        if not any(key in node.keys for key in _CHECKS):
            self.problems.refuse(node, "checks-nothing", keys=", ".join(_CHECKS))
        setting = self.setting(node, suite)
        if not setting.invoices:
            self.problems.refuse(node, "missing-key.invoice")
            return None
        start = self.parsed(node, "from", _plain_day, "2026-03-02") or min(i.issued for i in setting.invoices)
        until = self.parsed(node, "until", _plain_day, "2026-06-05") or start
        if not timedelta(0) <= until - start <= LONGEST:
            self.problems.refuse(node.values.get("until", node), "bad-value.until")
            return None
        client, past = self.client(node, setting, start)
        events = self.events(node, [i.number for i in setting.invoices])
        given = self.choice(node, "approve", tuple(_APPROVALS), "given") or "given"
        return Case(
            self.text(node, "name") or "",
            client,
            (*past, *events),
            start,
            until,
            self.bank(node),
            _APPROVALS[given],
            self.expected(node, [i.number for i in setting.invoices]),
            tuple(self.known_words(node, "never", sorted(self.whats))),
            self.instant(node, start, until),
            self.choice(node, "using", [p.id for p in self.rules.profiles], None),
            node.line,
            _lines(node),
        )

    # ----------------------------------------------------------------------------- client and invoices

    def setting(self, block: Block, above: _Setting) -> _Setting:
        facts, contacts = dict(above.facts), above.contacts
        given = block.values.get("client")
        if isinstance(given, Block):
            self.known(given, _FACTS, ())
            if "contacts" in given.keys:
                contacts = tuple(word for word, _ in self.words(given, "contacts"))
            facts |= {k: v.value for k, v in given.values.items() if isinstance(v, Text)}
            self.facts(given)
        elif given is not None:
            self.problems.refuse(given, "bad-shape.client")
        return _Setting(facts, contacts, self.invoices(block) or above.invoices)

    def facts(self, block: Block) -> None:
        """Refuse values that no client can have."""
        self.choice(block, "client.category", CATEGORIES, None)
        self.choice(block, "client.language", LANGUAGES, None)
        for key in ("client.do_not_contact", "client.has_contact"):
            self.choice(block, key, ("true", "false"), None)
        for key in ("client.invoices_paid", "client.broken_promises", "client.disputes"):
            self.parsed(block, key, _count, "3")
        self.parsed(block, "client.late_rate", grammar.percent, "40 %")

    def client(self, node: Block, setting: _Setting, start: date) -> tuple[ClientFacts, Sequence[Event]]:
        facts = setting.facts
        past = Past(
            _count(facts.get("client.invoices_paid", "0")) or 0,
            grammar.percent(facts.get("client.late_rate", "0 %")) or Decimal(0),
            _count(facts.get("client.broken_promises", "0")) or 0,
            _count(facts.get("client.disputes", "0")) or 0,
        )
        if "client.late_rate" in facts and past.paid < 3:
            self.problems.refuse(node, "bad-value.rate")
        bills, events = history("1", past, start)
        reachable = facts.get("client.has_contact") != "false"
        client = ClientFacts(
            "1",
            "Client",
            (*bills, *setting.invoices),
            facts.get("client.category", "standard"),
            facts.get("client.language", self.rules.language),
            tuple(Contact(email) for email in setting.contacts) if reachable else (),
            facts.get("client.do_not_contact") == "true",
        )
        return client, events

    def invoices(self, block: Block) -> tuple[InvoiceFacts, ...]:
        one, several = block.values.get("invoice"), block.values.get("invoices")
        if one is not None and several is not None:
            self.problems.refuse(block.keys["invoices"], "bad-shape.either")
        items = several.items if isinstance(several, Items) else [several or one]
        found = [self.invoice(item) for item in items if item is not None]
        return tuple(invoice for invoice in found if invoice is not None)

    def invoice(self, node: Node) -> InvoiceFacts | None:
        if not isinstance(node, Block):
            self.problems.refuse(node, "bad-shape.invoice")
            return None
        self.known(node, _INVOICE, ("id", "amount", "issued", "due"))
        amount = self.parsed(node, "amount", _amount, "1200")
        issued = self.parsed(node, "issued", _plain_day, "2026-03-02")
        due = self.parsed(node, "due", _plain_day, "2026-04-01")
        kind = self.choice(node, "kind", ("invoice", "credit_note"), "invoice")
        currency = self.text(node, "currency") or "EUR"
        if amount is None or issued is None or due is None:
            return None
        if due < issued:
            self.problems.refuse(node.values["due"], "bad-value.due")
        number = self.text(node, "id") or ""
        return InvoiceFacts(
            number, "credit_note" if kind == "credit_note" else "invoice", issued, due, amount, currency
        )

    # --------------------------------------------------------------------------- what happens, what must

    def events(self, node: Block, numbers: Sequence[str]) -> list[Event]:
        found = []
        for n, (line, at) in enumerate(self.words(node, "events")):
            try:
                found.append(parse_event(line, "1", numbers, n, language=self.problems.language))
            except ValueError as error:
                self.problems.add(at, "bad-event", str(error))
        return found

    def bank(self, node: Block) -> BankRead:
        text = self.text(node, "bank") or "daily"
        last = _plain_day(text)
        if last is None and text not in ("daily", "none"):
            self.problems.refuse(node.values["bank"], "bad-value.bank", text=text)
        if text == "none":
            return lambda _: None
        return read_daily if last is None else lambda day: min(day, last)

    def expected(self, node: Block, numbers: Sequence[str]) -> tuple[Expected, ...] | None:
        if "expect" not in node.keys:
            return None
        found = [self.one_expected(text, at, numbers) for text, at in self.words(node, "expect")]
        return tuple(one for one in found if one is not None)

    def one_expected(self, text: str, at: Node, numbers: Sequence[str]) -> Expected | None:
        words = text.split()
        day = _plain_day(words[0])
        if day is None or len(words) < 3 or words[1] not in ("send", "act"):
            self.problems.refuse(at, "bad-expectation", text=text)
            return None
        if words[2] not in self.whats:
            near = self.nearest(words[2], sorted(self.whats))
            self.problems.refuse(at, "unknown-step.what", text=words[2], near=near)
        rest = words[3:]
        known = {*self.tones, "approve", *numbers}
        for word in rest:
            if word not in known:
                near = self.nearest(word, sorted(known))
                self.problems.refuse(at, "bad-expectation.word", text=word, near=near)
        tone = next((word for word in rest if word in self.tones), None)
        listed = frozenset(word for word in rest if word in numbers)
        return Expected(text, day, words[1], words[2], tone, "approve" in rest, listed, at.line)

    def instant(self, node: Block, start: date, until: date) -> Instant | None:
        day = self.parsed(node, "today", _plain_day, "2026-04-16")
        if day is None:
            for key in ("decision", "because"):
                if key in node.keys:
                    self.problems.refuse(node.keys[key], "missing-key.today", key=key)
            return None
        if not start <= day <= until:
            self.problems.refuse(node.values["today"], "bad-value.today")
        if "decision" not in node.keys and "because" not in node.keys:
            self.problems.refuse(node.keys["today"], "missing-key.verdict")
        return Instant(day, self.choice(node, "decision", _VERDICTS, None), self.text(node, "because"))


def _lines(node: Block) -> tuple[int, int] | None:
    if "expect" not in node.keys:
        return None
    value = node.values["expect"]
    last = max((item.line for item in value.items), default=value.line) if isinstance(value, Items) else value.line
    return node.keys["expect"].line, last


def _plain_day(text: str) -> date | None:
    found = grammar.calendar_day(text)
    return found if isinstance(found, date) else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None


def _amount(text: str) -> Decimal | None:
    try:
        return parse_amount(text)
    except ValueError:
        return None
