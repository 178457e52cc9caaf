"""What a stranger may send to keep us busy: a megabyte of it costs no more than twice half a megabyte."""

import contextlib
import time

import pytest

from mailbot.errors import ReaderError
from mailbot.inbox.read import read_raw
from mailbot.testing.hostile import MEGABYTE, REPEATED, WHOLE, filled

LIMIT = 0.8
"""Seconds: four times what the slowest takes on two busy cores, far below what anything quadratic needs."""


def seconds(raw: bytes) -> float:
    start = time.process_time()
    with contextlib.suppress(ReaderError):
        read_raw(raw, ["a@b.example"], "mx.example")
    return time.process_time() - start


@pytest.mark.parametrize(("head", "unit"), list(REPEATED.values()), ids=list(REPEATED))
def test_a_megabyte_of_anything_is_read_in_time_that_grows_no_faster_than_it(head: bytes, unit: bytes) -> None:
    half = min(seconds(filled(head, unit, MEGABYTE // 2)) for _ in range(2))
    whole = min(seconds(filled(head, unit)) for _ in range(2))

    assert whole < LIMIT
    assert whole < 3 * half + 0.1


@pytest.mark.parametrize("raw", list(WHOLE.values()), ids=list(WHOLE))
def test_a_hostile_mail_is_read_or_refused_quickly(raw: bytes) -> None:
    assert seconds(raw) < LIMIT
