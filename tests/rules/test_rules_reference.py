"""The page of the language: what it shows as an example is true of the checker and of a decision."""

import pytest
from rules_story import ROOT, TEMPLATES

from mailbot.rules.keys import BLOCKS, Key
from mailbot.rules.load import load_rules
from mailbot.rules.read_conditions import example
from mailbot.rules.reference import EXAMPLE, TIMELINES, page
from mailbot.rules.signals import SIGNALS
from mailbot.rules.suites import Heading, Suite, read_heading, read_suite
from mailbot.rules.testing import coverage_of, run_case

FRENCH = (ROOT / "rules" / "fr.yaml").read_text(encoding="utf-8")
_PLACE = {"client": "profile", "invoice": "step", "event": "reaction"}
_POLICY = """\
version: 1
guards:
  send_days: mon-fri
  send_hours: 09:00-17:30
  min_gap: 2 days
  hold_if: [client.do_not_contact]
profiles:
  - {{id: p, label: p, tone: warm{profile}}}
  - {{id: q, label: q, tone: warm}}
steps:
  - {{id: courtesy, label: c, when: due - 20 days, mail: courtesy}}
  - {{id: reminder_1, label: r, when: due - 9 days, mail: reminder_1{step}}}
  - {{id: reminder_2, label: s, when: due + 90 days, mail: reminder_2}}
reactions:
  - {{id: x, label: x, signal: {signal}, tone: firm{reaction}}}
"""


def policy_with(signal: str = "reply.paid", **parts: str) -> str:
    return _POLICY.format(
        signal=signal, **{"profile": ", if: [client.do_not_contact]", "step": "", "reaction": "", **parts}
    )


def test_the_policy_on_the_page_is_good_and_its_timelines_hold():
    rules = load_rules(EXAMPLE, "mine.yaml", TEMPLATES)
    assert not isinstance(rules, list), rules
    heading = read_heading(TIMELINES, "mine.test.yaml")
    assert isinstance(heading, Heading)
    suite = read_suite(heading, "mine.test.yaml", rules)
    assert isinstance(suite, Suite), suite

    outcomes = [run_case(rules, case, coverage_of(rules)) for case in suite.cases]

    assert [(outcome.failures, outcome.got) for outcome in outcomes if not outcome.passed] == []
    assert EXAMPLE in page()
    assert TIMELINES in page()


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=lambda signal: signal.name)
def test_every_condition_on_the_page_is_understood_where_the_page_says(signal):
    place = "reaction" if signal.tone_only else _PLACE[signal.level]
    event = {"open.trust": "mail.opened"}.get(signal.name, "mail.bounced")
    text = policy_with(event, **{place: f", if: [{example(signal)!r}]"})

    loaded = load_rules(text, "x", TEMPLATES)

    assert not isinstance(loaded, list), loaded


_SCALARS = [
    (block, key)
    for block, keys in BLOCKS.items()
    for key in keys
    if key.example and ":" not in key.example and key.kind not in ("conditions", "version", "id") and block != "quiet"
]


@pytest.mark.parametrize(("block", "key"), _SCALARS, ids=lambda value: value.name if isinstance(value, Key) else value)
def test_every_value_on_the_page_is_one_that_the_checker_takes(block, key):
    values = f"{key.name}: {key.example}"
    found = load_rules(_with(FRENCH, block, values), "x", TEMPLATES)
    about = [p.message for p in found if key.example in p.message] if isinstance(found, list) else []

    assert about == []


_STARTS = {"profile": "  - id: good_payer", "step": "  - id: formal_notice", "reaction": "  - id: partial_payment"}


def _with(text: str, block: str, line: str) -> str:
    """The policy with a key of a block written as on the page (in place of its own, where it has it)."""
    key, indent = line.partition(":")[0], {"top": "", "guards": "  "}.get(block, "    ")
    lines = text.split("\n")
    start = {"top": 0, "guards": lines.index("guards:")}.get(block, 0) or lines.index(_STARTS.get(block, "version: 1"))
    ends = (n for n, one in enumerate(lines) if n > start and one.startswith("  - id:") and block in _STARTS)
    end = next(ends, len(lines))
    own = [n for n in range(start, end) if lines[n].startswith(f"{indent}{key}:")]
    lines[own[0] if own else start + 1 : own[0] + 1 if own else start + 1] = [indent + line]
    return "\n".join(lines)
