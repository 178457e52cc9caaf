"""What an owner writes about a letter that was posted."""

from datetime import date

import pytest

from mailbot.owner.posting import posted

TODAY = date(2026, 11, 14)


@pytest.mark.parametrize(
    ("words", "target", "sent_on", "tracking"),
    [
        ("FA-2026-0004 envoyée le 12/11 1A 123 456 789 0 1", "FA-2026-0004", "2026-11-12", "1A12345678901"),
        ("FA-2026-0004 12/11/2026 1A12345678901", "FA-2026-0004", "2026-11-12", "1A12345678901"),
        ("Garage Azur envoyée hier, suivi RK 123 456 789 FR", "Garage Azur", "2026-11-13", "RK123456789FR"),
        ("FA-2026-0004 sent on 12 November 2026 tracking 1A12345678901", "FA-2026-0004", "2026-11-12", "1A12345678901"),
        ("FA-2026-0004 envoyée le 12/11", "FA-2026-0004", "2026-11-12", None),
        ("FA-2026-0004 postée le 20/12", "FA-2026-0004", "2025-12-20", None),
        ("FA-2026-0004 LRAR 1A12345678901", "FA-2026-0004", None, "1A12345678901"),
        ("FA-2026-0004", "FA-2026-0004", None, None),
        ("la facture FA-2026-0004", "FA-2026-0004", None, None),
        ("FACTURE-2026-0004-001 envoyée le 12/11", "FACTURE-2026-0004-001", "2026-11-12", None),
    ],
)
def test_the_day_and_the_number_of_the_letter_are_found(
    words: str, target: str, sent_on: str | None, tracking: str | None
) -> None:
    found, fields = posted(words, TODAY)

    assert found == target
    assert (fields.get("sent_on"), fields.get("tracking")) == (sent_on, tracking)


def test_a_very_long_line_is_read_in_no_time() -> None:
    for text in ("1a" + " 1" * 5000, "a-" * 10_000, "1" * 20_000, "envoyee " * 5000):
        posted(text, TODAY)
