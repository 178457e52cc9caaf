"""Reminders under fire, the short form: three seeds in each set-up, and one before a real Postfix."""

from pathlib import Path

import pytest

from mailbot.testing.processes import MissingServerError
from mailbot.testing.torture.__main__ import SHORT, Performance
from mailbot.testing.torture.run import perform


def name_of(performance: Performance) -> str:
    setup, seed, _, _, real = performance
    return f"{setup}-{seed}{'-postfix' if real else ''}"


@pytest.mark.slow
@pytest.mark.parametrize("performance", SHORT, ids=name_of)
def test_no_reminder_is_lost_none_leaves_twice_and_none_after_the_payment(
    performance: Performance, tmp_path: Path
) -> None:
    setup, seed, mails, kills, real = performance
    try:
        verdict = perform(setup, tmp_path, seed, mails, kills, real=real)
    except MissingServerError as missing:
        pytest.skip(str(missing))
    print(verdict.as_json())
    assert verdict.kills >= kills
    assert verdict.mails >= mails * 0.8
    assert (verdict.duplicates, verdict.lost, verdict.late, verdict.contradictions) == ([], [], [], [])
