"""Every mistake that a rules file can have, with the exact words in English and French.

Each file of cases changes one place of a good policy ("good" becomes "bad") and holds what the checker must say.
"""

import re

import pytest
from rules_story import CASES, TEMPLATES

from mailbot.cli.rules import drawn
from mailbot.rules.check import Outside, check_rules
from mailbot.rules.codes import CODES, WARNINGS, every_code
from mailbot.rules.load import load_rules
from mailbot.rules.sentences import MESSAGES
from mailbot.rules.suite_sentences import SUITE_MESSAGES

WHOLE = (CASES / "whole.yaml").read_text(encoding="utf-8")
MISTAKES = sorted((CASES / "mistakes").glob("*.txt"))
_PARTS = re.compile(r"--- good\n(.*?)\n--- bad\n(.*?)\n(?=--- )", re.DOTALL)


def render(changes: list[tuple[str, str]]) -> str:
    """What the checker says of the changed policy, in both languages."""
    text = WHOLE
    for good, bad in changes:
        assert good in text, good
        text = text.replace(good, bad, 1)
    said = []
    for language in ("en", "fr"):
        found = load_rules(text, "rules/mine.yaml", TEMPLATES, language=language)
        assert isinstance(found, list), "not refused"
        said.append(f"--- {language}\n" + "\n\n".join(drawn(problem, text) for problem in found) + "\n")
    return "".join(said)


@pytest.mark.parametrize("path", MISTAKES, ids=[path.stem for path in MISTAKES])
def test_a_mistake_is_refused_in_these_words(path):
    case = path.read_text(encoding="utf-8")
    changes = _PARTS.findall(case)

    assert render(changes) == case[case.index("--- en\n") :]


def test_every_code_is_explained_and_every_mistake_has_a_case():
    of_timelines = {"unreadable", "not-utf-8", "no-tests", "no-cases", "checks-nothing", "bad-event", "bad-expectation"}
    elsewhere = {"too-big", "too-many", "bad-template", *WARNINGS, *of_timelines}
    shown = set(re.findall(r"error\[([a-z-]+)\]", "".join(path.read_text(encoding="utf-8") for path in MISTAKES)))

    assert set(every_code()) == set(CODES)
    assert shown == set(CODES) - elsewhere


def test_both_languages_fill_in_the_same_words():
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    both = {**MESSAGES, **SUITE_MESSAGES}
    assert [key for key, (english, french) in both.items() if names(english) != names(french)] == []


def test_a_file_of_more_than_500_reactions_is_refused():
    more = "".join(f"  - {{id: r{n}, label: x, signal: mail.read, ignore: x}}\n" for n in range(500))
    found = load_rules(WHOLE.replace("reactions:\n", "reactions:\n" + more), "x", TEMPLATES)

    assert isinstance(found, list)
    assert [(p.code, p.message) for p in found] == [("too-many", "more than 500 reactions")]


def test_values_that_yaml_would_turn_into_something_else_stay_as_written():
    for text in ("no", "on", "Off", "NO", "18:30", "012", "1_000", "+3", "2026-01-05", "~", "null", "1e3", "0x1F"):
        rules = load_rules(WHOLE.replace("label: Litige", f"label: {text}"), "x", TEMPLATES)
        assert not isinstance(rules, list), text
        assert text in {reaction.label for reaction in rules.reactions}


def test_a_mail_that_uses_a_name_nobody_fills_in_is_a_mistake():
    outside = Outside(TEMPLATES, {"reminder_2": frozenset({"discount"})}, ("client", "total"))
    found = check_rules(WHOLE, "x", outside)

    assert found.rules is None
    assert [(p.code, p.line, p.message) for p in found.errors] == [
        (
            "bad-template",
            87,
            'the mail "reminder_2" uses discount, which mailbot does not fill in\nknown: client, total',
        )
    ]
