"""Days that a mail names, in six languages: "vendredi en huit", "Ende nächster Woche", "by the 15th", "5/12".

The grammar is small on purpose: what it does not know it does not date, and what a reasonable reader would
hesitate over ("next Friday" on a Monday, "mid-December", "between the 3rd and the 5th") is found with `date`
None. Invoice numbers, amounts, telephone numbers, IBANs and addresses are masked first, so that no part of them
is taken for a day. Only stretches around a figure or a word for a day are looked at, so that the time is in
proportion to the length of the text.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from mailbot.inbox.daymath import Frame, Meaning, Parts
from mailbot.inbox.dayrules import Grammar, grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.masks import AMOUNT, DECIMAL, EMAIL, IBAN, LINK, PHONE, blank
from mailbot.inbox.numbers import INVOICE, ISO_DAY

_MAX_TEXT = 20_000
_REACH = 60
"""How far from a word for a day the rest of the expression may stand."""
_MOST = 4_000
"""So many characters around words for days are looked at; a text with more of them is a table, not a letter."""
_BEFORE = 90
_AFTER = 50
_STOP = re.compile(r"[!?;]|(?<!\d)\.(?=\s)|\n\s*\n")
_IBAN_FIGURES = 10


class Sense(StrEnum):
    """What a day is in its sentence: one on which something is done, one from which on, or one of something else."""

    DAY = "day"
    FROM = "from"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day named in a text: `text` is `source[start:end]`; `date` None where the words leave it open."""

    date: date | None
    text: str
    start: int
    end: int
    sense: Sense = Sense.DAY


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    meaning: Meaning
    parts: Parts | None
    sense: Sense


def find_dates(
    text: str, language: str, base: date, *, past: bool = False, month_first: bool = False
) -> list[FoundDate]:
    """The days that `text` names, in its order, seen from `base` (the day of the mail).

    A day without a year is the next one on or after `base`, with `past` the last one on or before it.
    `month_first` reads 3/9 as 9 March, as in the United States.
    """
    frame = Frame(base, past, month_first)
    return [
        FoundDate(_resolved(hit, frame), text[hit.start : hit.end], hit.start, hit.end, hit.sense)
        for hit in _scan(text[:_MAX_TEXT], language)
    ]


def masked(text: str) -> str:
    """`text` with what is no day overwritten: addresses, links, accounts, sums, numbers; as long as before."""
    for pattern in (EMAIL, LINK):
        text = pattern.sub(blank, text)
    text = IBAN.sub(lambda m: blank(m) if sum(c.isdigit() for c in m[0]) >= _IBAN_FIGURES else m[0], text)
    text = AMOUNT.sub(blank, text)
    text = DECIMAL.sub(blank, text)
    text = INVOICE.sub(lambda m: m[0] if ISO_DAY.fullmatch(m[0]) else blank(m), text)
    return PHONE.sub(lambda m: m[0] if ISO_DAY.match(m[0]) or _is_date(m[0]) else blank(m), text)


def _is_date(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}(?:[./-]|\. | )\d{1,2}(?:[./-]|\. | )(?:20)?\d\d", text))


def _resolved(hit: _Hit, frame: Frame) -> date | None:
    try:
        return hit.meaning(hit.parts, frame) if hit.parts else None
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def _scan(text: str, language: str) -> tuple[_Hit, ...]:
    """The expressions in `text`, whatever day they are seen from; kept, as each mail is asked several times."""
    rules = grammar(language)
    low = folded(text)
    stretches = _stretches(low, rules.anchor)
    if not stretches:
        return ()
    rest = masked(low)
    found: list[_Hit] = []
    for pattern, means in rules.rules:
        spans = [m for start, end in stretches for m in pattern.finditer(rest, start, end)]
        for match in spans:
            found.append(_Hit(*match.span(), means, _parts(rules, match), _sense(text, low, match.span(), rules)))
            rest = rest[: match.start()] + "\x01" * (match.end() - match.start()) + rest[match.end() :]
    return tuple(sorted(found, key=lambda hit: hit.start))


def _parts(rules: Grammar, match: re.Match[str]) -> Parts | None:
    try:
        return rules.parts(match)
    except ValueError:
        return None


def _stretches(low: str, anchor: re.Pattern[str]) -> list[tuple[int, int]]:
    """The parts of the text within reach of an anchor, joined where they overlap."""
    found: list[tuple[int, int]] = []
    looked_at = 0
    for match in anchor.finditer(low):
        start, end = max(0, match.start() - _REACH), min(len(low), match.end() + _REACH)
        if found and start <= found[-1][1]:
            looked_at += end - found[-1][1]
            found[-1] = (found[-1][0], end)
        else:
            looked_at += end - start
            found.append((start, end))
        if looked_at > _MOST:
            break
    return found


def _sense(text: str, low: str, span: tuple[int, int], rules: Grammar) -> Sense:
    start, end = span
    before = max(0, start - _BEFORE)
    for stop in _STOP.finditer(text, before, start):
        before = stop.end()
    said = low[before:start]
    if rules.aside.search(said) or rules.aside_after.match(low, end, end + _BEFORE):
        return Sense.ASIDE
    denied = rules.limits.search(said) and (
        rules.denials.search(rules.joins.split(said)[-1])
        or rules.denials.search(rules.joins.split(_STOP.split(low[end : end + _AFTER])[0])[0])
    )
    return Sense.FROM if denied or rules.from_on.search(said) else Sense.DAY
