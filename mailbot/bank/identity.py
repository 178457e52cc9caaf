"""Which line is which: an id that is the same whenever the same line is read again, from this or an
overlapping file.

A content hash alone loses the second of two equal payments on a day; a FITID alone loses payments at banks
that reuse it.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mailbot.model import Line

_NO_FITID = re.compile(r"0*|NONE|NULL|NOTPROVIDED|N/?A", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trait:
    """What tells a line from others: `account` names bank and account, `label` is name and memo."""

    account: str
    fitid: str
    date: date
    amount: Decimal
    currency: str
    label: str


def line_ids(traits: Sequence[Trait]) -> list[str]:
    """One id a line, in the order given, all different.

    Account, FITID, day and amount make the id. The label is added where there is no FITID, or where the
    bank gave one FITID to lines that say different things. Lines that are equal in all of that are twins
    and are numbered, so that the k-th twin is the same line in every file that holds it.
    """
    labels = [_spoken(trait.label) for trait in traits]
    keys = [_key(trait) for trait in traits]
    said: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, label in zip(keys, labels, strict=True):
        said[key].add(label)
    twins: Counter[tuple[str, ...]] = Counter()
    ids = []
    for trait, key, label in zip(traits, keys, labels, strict=True):
        full = (*key, label) if _NO_FITID.fullmatch(trait.fitid) or len(said[key]) > 1 else key
        ids.append(_hash((*full, str(twins[full])) if twins[full] else full))
        twins[full] += 1
    return ids


def _key(trait: Trait) -> tuple[str, ...]:
    fitid = "" if _NO_FITID.fullmatch(trait.fitid) else trait.fitid
    cents = format(trait.amount.normalize() + 0, "f")
    return (trait.account, fitid, trait.date.isoformat(), cents, trait.currency)


def _spoken(label: str) -> str:
    """Letters and digits only: what stays when a bank changes case, spaces or accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", label).casefold() if char.isalnum())


def _hash(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def numbered(owner: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with their ids, in the order given; `owner` names bank and account.

    A pending line has another id than the booked one that follows it, so that neither hides the other.
    """
    traits = [
        Trait(
            f"{owner}/pending" if line.pending else owner,
            line.bank_id,
            line.date,
            line.amount,
            line.currency,
            f"{line.name} {line.memo}",
        )
        for line in lines
    ]
    return tuple(replace(line, id=line_id) for line, line_id in zip(lines, line_ids(traits), strict=True))
