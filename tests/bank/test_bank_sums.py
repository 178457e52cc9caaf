"""The sets that make a sum are all of them, each once, and bounded."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.sums import MOST_AMOUNTS, sets_of_sum

amounts = st.lists(st.integers(-5, 20).filter(bool), max_size=10)


@given(amounts, st.integers(-10, 60))
def test_every_set_of_two_to_four_is_found_once(numbers: list[int], total: int) -> None:
    found = list(sets_of_sum(numbers, total))
    expected = {
        places
        for length in (2, 3, 4)
        for places in combinations(range(len(numbers)), length)
        if sum(numbers[at] for at in places) == total
    }

    assert len(found) == len(set(found))
    assert set(found) == expected


def test_only_the_first_amounts_are_looked_at() -> None:
    assert list(sets_of_sum([1000] * MOST_AMOUNTS + [3, 4], 7)) == []
