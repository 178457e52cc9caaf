"""Days that a mail names, in French and English: "vendredi prochain", "fin de mois", "by the 15th", "5/12".

The grammar is small on purpose: what it does not know it does not date, and what a reasonable reader would
hesitate over ("next Friday" on a Monday, "mid-December") is found with `date` None. Invoice numbers, amounts,
telephone numbers, IBANs and addresses are masked first, so that no part of them is taken for a day.
"""

import re
from dataclasses import dataclass
from datetime import date

from mailbot.inbox.daymath import LANGUAGES, Frame, Resolver, day_words
from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.masks import AMOUNT, DECIMAL, EMAIL, IBAN, LINK, PHONE, blank
from mailbot.inbox.numbers import INVOICE, ISO_DAY

_MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day named in a text: `text` is `source[start:end]`; `date` None where the words leave it open."""

    date: date | None
    text: str
    start: int
    end: int


def find_dates(
    text: str, language: str, base: date, *, past: bool = False, month_first: bool = False
) -> list[FoundDate]:
    """The days that `text` names, in its order, seen from `base` (the day of the mail).

    A day without a year is the next one on or after `base`, with `past` the last one on or before it.
    `month_first` reads 3/9 as 9 March, as in the United States.
    """
    known = language if language in LANGUAGES else "en"
    frame = Frame(base, past, month_first, day_words(known))
    rest = masked(folded(text[:_MAX_TEXT]))
    found: list[FoundDate] = []
    for pattern, resolve in grammar(known):
        spans: list[tuple[int, int]] = []
        for match in pattern.finditer(rest):
            spans.append(match.span())
            found.append(FoundDate(_safe(resolve, match, frame), text[match.start() : match.end()], *match.span()))
        for start, end in spans:
            rest = rest[:start] + "\x01" * (end - start) + rest[end:]
    return sorted(found, key=lambda hit: hit.start)


def masked(text: str) -> str:
    """`text` with what is no day overwritten: addresses, links, accounts, sums, numbers; as long as before."""
    for pattern in (EMAIL, LINK, IBAN, AMOUNT, DECIMAL):
        text = pattern.sub(blank, text)
    text = INVOICE.sub(lambda m: m[0] if ISO_DAY.fullmatch(m[0]) else blank(m), text)
    return PHONE.sub(lambda m: m[0] if ISO_DAY.match(m[0]) or _is_date(m[0]) else blank(m), text)


def _is_date(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}[./ -]\d{1,2}[./ -](?:20)?\d\d", text))


def _safe(resolve: Resolver, match: re.Match[str], frame: Frame) -> date | None:
    try:
        return resolve(match, frame)
    except (ValueError, OverflowError):
        return None
