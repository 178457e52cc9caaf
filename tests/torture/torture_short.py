"""The short torture as tests: which performances there are, and what must hold after each."""

from pathlib import Path

import pytest
from house import absent

from mailbot.testing.processes import MissingServerError
from mailbot.testing.torture.__main__ import SHORT, Performance
from mailbot.testing.torture.run import perform
from mailbot.testing.torture.world import GRACE, LEASE, Setup

PATIENCE = LEASE + GRACE + 6
"""Seconds without movement after which the clock goes on: mails that were refused for now need not be waited for."""


def each(setup: Setup) -> pytest.MarkDecorator:
    """All performances of a set-up, named by their seed; the one with a real Postfix takes minutes."""
    mine = [
        pytest.param(one, id=_name(one), marks=[pytest.mark.long] if one[4] else []) for one in SHORT if one[0] == setup
    ]
    return pytest.mark.parametrize("performance", mine)


def _name(performance: Performance) -> str:
    _, seed, _, _, real = performance
    return f"seed {seed}{' before Postfix' if real else ''}"


def stays_clean(performance: Performance, folder: Path) -> None:
    """Perform, and hold the figures against the promises."""
    setup, seed, mails, kills, real = performance
    try:
        verdict = perform(setup, folder, seed, mails, kills, real=real, patience=PATIENCE)
    except MissingServerError as missing:
        absent(str(missing))
        return
    assert verdict.kills >= kills
    assert verdict.mails >= mails / 2
    assert (verdict.duplicates, verdict.lost, verdict.late, verdict.contradictions) == ([], [], [], [])
