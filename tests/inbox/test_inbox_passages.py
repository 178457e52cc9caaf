"""What of a mail is new and what is quoted, in the ways of many mail programs and languages (tests/cases/quotes)."""

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.quotes import new_text, strip_quotes
from mailbot.model import Letter

BANNERS = ("CAUTION", "[EXTERNAL")
CASES = Path(__file__).parent.parent / "cases" / "quotes"


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def params() -> Iterator[Any]:
    for name in ("text", "html"):
        for case in cases(name):
            yield pytest.param(case, id=f"{name}: {case['name']}")


def collapsed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("case", list(params()))
def test_the_new_text_is_what_the_client_wrote(case: dict[str, Any]) -> None:
    name, address = parseaddr(case["sender"])
    letter = Letter("", "Re: FA-2026-0412", name, address, text=case.get("text", ""), html=case.get("html", ""))

    found = new_text(letter)

    if "new" in case:
        assert found.shown.rstrip() == case["new"].rstrip()
        assert [line for line in found.text.split("\n") if line.startswith(">")] == []
    if "collapsed" in case:
        assert collapsed(found.text) == case["collapsed"]
    for words in case.get("contains", ()):
        assert words in collapsed(found.text)
    assert case.get("signature", "") in found.signature
    if "doubtful" in case:
        assert bool(found.doubt) == case["doubtful"]


BODIES = [case for case in cases("text") if case.get("new", "").strip() and "\n>" not in case["new"]]
TAILS = [
    (case["name"], case["text"].removeprefix(case["new"].rstrip()))
    for case in cases("text")
    if case.get("new", "").strip() and case["text"].startswith(case["new"].rstrip() + "\n")
]


@pytest.mark.parametrize("tail", [pytest.param(tail, id=name) for name, tail in TAILS])
def test_no_quote_signature_or_disclaimer_below_a_text_changes_it(tail: str) -> None:
    changed = {}
    for case in BODIES:
        body = case["new"].rstrip()
        name, address = parseaddr(case["sender"])
        alone = strip_quotes(body, name, address).text
        found = strip_quotes(f"{body}\n{tail}", name, address).text
        if found != alone:
            changed[case["name"]] = found

    assert not changed


@given(st.lists(st.sampled_from([line for case in BODIES for line in case["text"].split("\n")]), max_size=40))
def test_lines_in_any_order_are_parted_and_none_is_invented_or_lost(lines: list[str]) -> None:
    found = strip_quotes("\n".join(lines), "Nora Field", "nora@field-press.example")

    parts = (found.text, found.signature, found.quoted)
    kept = sorted(line.strip() for part in parts for line in part.split("\n") if line.strip())
    given_lines = [line.strip() for line in lines if line.strip()]
    banner = given_lines[:1] if given_lines and given_lines[0].startswith(BANNERS) else []
    assert kept == sorted(given_lines[len(banner) :])


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", "nothing"),
        ("> only a quote", "nothing"),
        ("Bonjour Madame,\n\n> a line of the quote\n", "little"),
        ("Ok\n" + "> a line of the quote\n" * 60, ""),
        ("Paid\n\nOn 16/10/2026 08:02, Atelier Martin wrote:\n" + "> a line of the quote\n" * 60, ""),
        ("word " * 40_000, "long"),
        ("Paid on Friday.", ""),
    ],
)
def test_it_says_when_what_is_left_may_not_be_what_was_written(text: str, doubt: str) -> None:
    assert strip_quotes(text, "Nora Field").doubt == doubt


def test_a_text_part_that_shows_no_quote_gives_way_to_the_html_that_does() -> None:
    letter = Letter(
        "",
        "Re: FA-2026-0412",
        "Nora Field",
        "nora@field-press.example",
        text="Paid.\n\nPlease pay.",
        html='<div>Paid.</div><div class="gmail_quote"><blockquote>Please pay.</blockquote></div>',
    )

    assert new_text(letter).text == "Paid."


def test_a_text_part_that_only_points_to_the_html_is_not_the_text() -> None:
    letter = Letter(
        "",
        "",
        "Nora Field",
        "nora@field-press.example",
        text="Your e-mail program does not support HTML messages.",
        html="<p>We pay on Friday.</p>",
    )

    assert new_text(letter).text == "We pay on Friday."


def test_a_formula_of_an_unknown_writer_stays_and_of_a_known_one_is_split_off() -> None:
    text = "We pay on Friday.\n\nBest regards,\nNora"

    assert strip_quotes(text).text == text
    assert strip_quotes(text, "Nora Field").text == "We pay on Friday."
