"""The short torture of several processes on SQLite and Redis: no reminder lost, none twice, none after the payment."""

from pathlib import Path

import pytest
from torture_short import each, stays_clean

from mailbot.testing.torture.__main__ import Performance


@pytest.mark.slow
@each("redis+sqlite")
def test_no_reminder_is_lost_twice_or_late_with_several_processes(performance: Performance, tmp_path: Path) -> None:
    stays_clean(performance, tmp_path)
