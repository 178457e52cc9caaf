"""Whether a sender writes the month before the day."""

from datetime import datetime, timedelta, timezone

import pytest

from mailbot.inbox.dayorder import month_first
from mailbot.model import Letter


def letter(address: str, hours: float) -> Letter:
    return Letter(
        "<1@x.example>", "", "", address, date=datetime(2026, 11, 18, 9, tzinfo=timezone(timedelta(hours=hours)))
    )


@pytest.mark.parametrize(
    ("address", "hours", "signature", "language", "first"),
    [
        ("ann@firm.example", -5, "", "en", True),
        ("ann@firm.example", 0, "", "en", False),
        ("ann@firm.example", 0, "Ann Lee\n12 Elm Street\nAustin, TX 78701", "en", True),
        ("ann@firm.example", 0, "Ann Lee\n(512) 555-0143", "en", True),
        ("ann@firm.example", 0, "Ann Lee\n020 7946 0958", "en", False),
        ("ann@firm.us", 1, "", "en", True),
        ("ann@firm.br", -5, "", "en", False),
        ("ann@firm.example", -5, "", "es", False),
    ],
)
def test_the_order_of_day_and_month_is_that_of_the_senders_country(
    address: str, hours: float, signature: str, language: str, first: bool
) -> None:
    assert month_first(letter(address, hours), signature, language) is first
