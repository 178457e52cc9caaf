"""The short torture in one process on SQLite: no reminder is lost, none leaves twice, none after the payment."""

from pathlib import Path

import pytest
from torture_short import each, stays_clean

from mailbot.testing.torture.__main__ import Performance


@pytest.mark.slow
@each("embedded+sqlite")
def test_no_reminder_is_lost_twice_or_late_in_one_process(performance: Performance, tmp_path: Path) -> None:
    stays_clean(performance, tmp_path)
