"""Of how many invoices a client speaks who names none by its number.

Whoever answers a mail that lists several invoices means all of them ("les deux", "we will pay on Monday"), unless the
words are about one ("cette facture", "one of the invoices"): which one it is, only a person can find out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

import yaml

from mailbot.inbox.folding import folded
from mailbot.inbox.lexicon import LANGUAGES

_MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class _Extents:
    single: re.Pattern[str]
    one: re.Pattern[str]
    several: re.Pattern[str]


def means_one(text: str, language: str | None) -> bool:
    """Whether the new text of a reply speaks of one invoice; `language` None: in whichever language it does.

    False where it speaks of several, or of none at all.
    """
    low = folded(text[:_MAX_TEXT])
    return any(_means_one(low, _extents(one)) for one in ((language,) if language in LANGUAGES else LANGUAGES))


def _means_one(low: str, words: _Extents) -> bool:
    return bool(words.single.search(low)) or bool(words.one.search(low) and not words.several.search(low))


def shares(amount: Decimal, owed: Sequence[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """What of a promised sum each invoice is promised; `owed` names them, oldest first, with what is open of each.

    A sum that is all that is open of one invoice is that one's. Invoices that the sum does not reach are left out.
    """
    exact = [number for number, due in owed if due == amount]
    if exact:
        return {exact[0]: amount}
    found: dict[str, Decimal] = {}
    left = amount
    for number, due in owed:
        if left > 0 and due > 0:
            found[number] = min(left, due)
            left -= found[number]
    return found


@cache
def _extents(language: str) -> _Extents:
    data = yaml.safe_load(resources.files(__package__).joinpath("extents.yaml").read_text(encoding="utf-8"))[language]
    return _Extents(*(re.compile("|".join(data[name])) for name in ("single", "one", "several")))
