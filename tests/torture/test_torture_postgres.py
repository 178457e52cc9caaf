"""The same of several processes on PostgreSQL and Redis, once before a real Postfix."""

from pathlib import Path

import pytest
from torture_short import each, stays_clean

from mailbot.testing.torture.__main__ import Performance


@pytest.mark.slow
@each("redis+postgresql")
def test_no_reminder_is_lost_twice_or_late_on_postgresql(performance: Performance, tmp_path: Path) -> None:
    stays_clean(performance, tmp_path)
