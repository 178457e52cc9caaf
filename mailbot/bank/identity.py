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
    first: dict[tuple[object, ...], str] = {}
    several: set[tuple[object, ...]] = set()
    for trait, label in zip(traits, labels, strict=True):
        key = _key(trait)
        if first.setdefault(key, label) != label:
            several.add(key)
    first.clear()
    twins: Counter[bytes] = Counter()
    ids = []
    for trait, label in zip(traits, labels, strict=True):
        key = _key(trait)
        full = (*key, label) if _NO_FITID.fullmatch(trait.fitid) or key in several else key
        mark = _digest(full)
        ids.append(_hash((*full, twins[mark])) if twins[mark] else mark.hex()[:20])
        twins[mark] += 1
    return ids


def _key(trait: Trait) -> tuple[object, ...]:
    fitid = "" if _NO_FITID.fullmatch(trait.fitid) else trait.fitid
    return (trait.account, fitid, trait.date, trait.amount, trait.currency)


def _spoken(label: str) -> str:
    """Letters and digits only: what stays when a bank changes case, spaces or accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", label).casefold() if char.isalnum())


def _digest(parts: tuple[object, ...]) -> bytes:
    return hashlib.sha256("\x1f".join(map(_written, parts)).encode("utf-8", "replace")).digest()


def _hash(parts: tuple[object, ...]) -> str:
    return _digest(parts).hex()[:20]


def _written(part: object) -> str:
    return format(part.normalize() + 0, "f") if isinstance(part, Decimal) else str(part)


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


@dataclass(frozen=True, slots=True)
class Settled:
    """The lines of a file that are new, and how many of the others say something else than what is kept."""

    new: tuple[Line, ...]
    changed: int


def settle(lines: Sequence[Line], kept: Sequence[Line], span: tuple[date, date]) -> Settled:
    """Which lines of a file are new to what is kept of their account; `span` are the days that the file covers.

    A kept line of those days that the file no longer has under its id, while it has one more that says the same
    (day, amount, currency, label), is that line with a new FITID. Counted one to one: of k equal lines in the file
    and j kept ones, k - j are new. A kept line that the file has under the same bank id with another day is that
    line, moved by the bank.
    """
    here = {line.id for line in lines}
    known = {line.id for line in kept}
    gone = [line for line in kept if line.id not in here and span[0] <= line.date <= span[1]]
    same: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    moved: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in gone:
        same[_said(line)].append(line)
    new: list[Line] = []
    for line in lines:
        if line.id in known:
            continue
        if same[_said(line)]:
            same[_said(line)].pop()
        else:
            new.append(line)
    left = [line for rest in same.values() for line in rest]
    for line in left:
        moved[_named(line)].append(line)
    really_new = [
        line for line in new if not (_has_bank_id(line) and moved[_named(line)] and moved[_named(line)].pop())
    ]
    return Settled(tuple(really_new), len(new) - len(really_new))


def _has_bank_id(line: Line) -> bool:
    return not _NO_FITID.fullmatch(line.bank_id)


def _said(line: Line) -> tuple[str, ...]:
    return (line.date.isoformat(), *_money(line), _spoken(f"{line.name} {line.memo}"))


def _named(line: Line) -> tuple[str, ...]:
    return (line.bank_id, *_money(line))


def _money(line: Line) -> tuple[str, str]:
    return (format(line.amount.normalize() + 0, "f"), line.currency)
