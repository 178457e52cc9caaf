"""Opens, clicks and read receipts: the tone of what is due anyway, and nothing else, in every shipped policy."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_story import CASES, ROOT, client, event, invoice, live, on, policy

from mailbot.model import Decision, Event, Verdict

POLICIES = [*sorted((ROOT / "rules").glob("*.yaml")), CASES / "whole.yaml"]
CLIENT = client(invoice("F-041", "1200", "2026-03-02", "2026-04-01"))
FIRST = date(2026, 3, 16)
DAYS = 75
WEAK = ("mail.opened", "mail.clicked", "mail.read")
each_policy = pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)


@cache
def story(path: Path) -> list[Event]:
    """What happens to a client who never pays and never answers."""
    return live(policy(path), CLIENT, FIRST.isoformat(), (FIRST + timedelta(days=DAYS)).isoformat())[1]


def sightings(drawn: Sequence[tuple[int, str, str]]) -> list[Event]:
    return [
        event(FIRST + timedelta(days=day), name, None, at=f"{10 + at}:00", trust=trust)
        for at, (day, name, trust) in enumerate(drawn)
    ]


def what_is_done(decision: Decision) -> tuple[object, ...]:
    """All of a decision that a client could notice, but for the tone."""
    return (
        decision.verdict, decision.what, decision.mail, decision.lead, decision.invoices, decision.levels,
        decision.approval, decision.use_contact,
    )  # fmt: skip


@each_policy
@settings(max_examples=60, deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.integers(0, DAYS), st.sampled_from(WEAK), st.sampled_from(["likely", "none"])),
        min_size=1, max_size=6,
    ),
    days=st.integers(0, DAYS),
)  # fmt: skip
def test_whatever_is_seen_the_same_is_done_on_every_day(
    path: Path, drawn: list[tuple[int, str, str]], days: int
) -> None:
    day = FIRST + timedelta(days=days)
    known = [one for one in story(path) if one.day < day]
    seen = [one for one in sightings(drawn) if one.day <= day]

    with_them = on(policy(path), CLIENT, day.isoformat(), [*known, *seen])

    assert what_is_done(with_them) == what_is_done(on(policy(path), CLIENT, day.isoformat(), known))


@each_policy
def test_a_client_of_whom_nothing_is_due_gets_no_mail_for_reading(path: Path) -> None:
    seen = sightings([(0, name, "likely") for name in WEAK])

    assert on(policy(path), CLIENT, FIRST.isoformat(), seen).verdict not in (Verdict.SEND, Verdict.ACT)


def test_a_machine_changes_no_tone_where_a_person_does() -> None:
    text = (ROOT / "rules" / "en.yaml").read_text(encoding="utf-8")
    rules = policy(text=text.replace("    ignore: an open proves no reading\n", "    tone: direct\n"))
    known = live(rules, CLIENT, FIRST.isoformat(), "2026-04-08")[1]

    def tone(*trust: str) -> str | None:
        opened = [event("2026-04-09", "mail.opened", None, at=f"1{at}:00", trust=one) for at, one in enumerate(trust)]
        days = ((date(2026, 4, 10) + timedelta(days=at)).isoformat() for at in range(30))
        decisions = (on(rules, CLIENT, day, [*known, *opened]) for day in days)
        return next(one.tone for one in decisions if one.verdict is Verdict.SEND)

    assert (tone(), tone("none"), tone("likely")) == ("neutral", "neutral", "direct")
    assert tone("likely", "none") == "direct"
