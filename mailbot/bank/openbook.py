"""The open items as the matcher looks things up in them, and what one credit says about them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.bank.csvvalues import names_month
from mailbot.bank.labels import LONGEST_TEXT, Spoken, take_apart
from mailbot.bank.parties import Named, PartyIndex
from mailbot.bank.references import CUT_LENGTHS, Grade, Hit, ReferenceIndex, canonical, fold
from mailbot.model import Line, OpenItem
from mailbot.money import rounded, to_cents

ROUNDING = 5
"""Cents by which payers round, and that are let go."""
_PART = re.compile(
    r"\b(?:ACOMPTES?|PARTIEL(?:LE)?(?:MENT)?|SOLDE|DEPOSIT|PARTIAL|ARRHES|TEILZAHLUNG|ANZAHLUNG|INSTALMENT"
    r"|\d(?:ER|E|EME) VERSEMENT|PART[ -]?PAYMENT|EN PARTIE)\b|(?<!LA )\bPART\b(?! DE\b)"
)

_FULL_NAME = 32
_MOST_CHARGES = 2000

Shares = tuple[tuple[str, int], ...]
"""(item, cents) each; of a credit note cents below zero."""


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit: its cents, the items and clients that it names, and numbers in it that are no item's."""

    line: Line
    cents: int
    hits: Mapping[str, Hit]
    strange: tuple[str, ...]
    party: Named
    label: str
    """All words of the line, folded."""
    written: str
    """What the payer wrote, folded; with its name where nothing separates the two."""
    silent: bool = False
    """The payer wrote something, the bank shows all of it, and it names no invoice: no number, no day, no month."""

    def graded(self, *grades: Grade) -> tuple[str, ...]:
        """The items that are named so, in the order of their numbers."""
        return tuple(sorted(number for number, hit in self.hits.items() if hit.grade in grades))

    def says_part(self) -> bool:
        """The payer calls it a part: acompte, partiel, solde, deposit, part (but not "de la part de")."""
        return _PART.search(self.written) is not None


class OpenBook:
    """The open items by number, amount and client. `owed` are the cents that were open before any line, `left` those
    that are open as lines are booked.
    """

    def __init__(self, items: Iterable[OpenItem], *, oldest_first: bool = False) -> None:
        """`oldest_first`: the business lets the law decide among equal invoices of one client (C. civ. 1342-10)."""
        self.oldest_first = oldest_first
        self.items: dict[str, OpenItem] = {}
        self.owed: dict[str, int] = {}
        self.uncertain: set[str] = set()
        """Numbers that stand for two items: nothing is booked on them."""
        for item in sorted(items, key=lambda item: (item.number, item.client, item.currency, item.amount_due)):
            cents = cents_of(item.amount_due, item.currency)
            if item.number in self.items:
                self.uncertain.add(item.number)
            elif cents:
                self.items[item.number], self.owed[item.number] = item, cents
        self.left = dict(self.owed)
        self._references = ReferenceIndex(_references(self.items.values()))
        self._parties = PartyIndex(self.items.values())
        self.by_amount: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.by_client: dict[str, list[str]] = defaultdict(list)
        """Invoices and credit notes of a client, the oldest first."""
        for number, item in self.items.items():
            self.by_client[item.client].append(number)
            if item.kind == "invoice":
                self.by_amount[item.currency, self.owed[number]].append(number)
        for numbers in self.by_client.values():
            numbers.sort(key=self.age)

    def look(self, line: Line) -> Credit:
        """What a line says about the items; 0 cents where its amount is no amount of its currency."""
        spoken = take_apart(line)
        heard = self._references.find(*_texts(line))
        return Credit(
            line=line,
            cents=cents_of(line.amount, line.currency),
            hits=heard.hits,
            strange=heard.strange,
            party=self._parties.named_in(spoken, line.payer_iban),
            label=spoken.whole,
            written=spoken.whole if spoken.runs_on else spoken.motive,
            silent=not (heard.hits or heard.strange) and _is_silent(line, spoken),
        )

    def signed(self, number: str) -> int:
        """What is left of an item; below zero for a credit note."""
        return -self.left[number] if self.items[number].kind == "credit_note" else self.left[number]

    def age(self, number: str) -> tuple[date, str]:
        """The older, the less: due day, else day of issue."""
        item = self.items[number]
        return item.due_date or item.issue_date or date.max, number

    def of_client(self, client: str, currency: str, cents: int) -> list[str]:
        """The invoices of a client that were open with that amount."""
        same, own = self.by_amount.get((currency, cents), []), self.by_client.get(client, [])
        if len(same) <= len(own):
            return [number for number in same if self.items[number].client == client]
        return [number for number in own if self._is(number, currency, cents)]

    def _is(self, number: str, currency: str, cents: int) -> bool:
        item = self.items[number]
        return self.owed[number] == cents and item.currency == currency and item.kind == "invoice"

    def of_amount(self, currency: str, cents: int, within: int = 0) -> list[str]:
        """The invoices that were open with that amount, or so few cents more or less."""
        return [
            number
            for near in range(cents - within, cents + within + 1)
            for number in self.by_amount.get((currency, near), ())
        ]


def discounted(item: OpenItem, owed: int, day: date) -> int | None:
    """Cents of an invoice of `owed` cents after the discount for paying until a day; None where that is not granted."""
    if item.discount_percent is None or item.discount_until is None or day > item.discount_until:
        return None
    return to_cents(rounded(Decimal(owed) * (100 - item.discount_percent) / 100, "JPY"), "JPY")


def charges(owed: int) -> int:
    """The most cents of an invoice that banks on the way keep: 20.00 or 3 %, whichever is less."""
    return min(_MOST_CHARGES, owed * 3 // 100)


def _is_silent(line: Line, spoken: Spoken) -> bool:
    """A motive of its own, not cut, of words only, none of them a month."""
    cut = len(line.memo) in CUT_LENGTHS and fold(line.memo).strip().endswith(spoken.motive)
    shown = bool(spoken.motive) and not spoken.runs_on and not cut
    return shown and not any(char.isdigit() for char in spoken.motive) and not names_month(spoken.motive)


def cents_of(amount: Decimal, currency: str) -> int:
    """Cents of a positive amount; 0 for any other, or with digits that the currency does not know."""
    try:
        return max(0, to_cents(amount, currency or "EUR"))
    except ValueError:
        return 0


def _texts(line: Line) -> Iterator[str]:
    """The texts to look for numbers in, folded: each field, and name and memo where one may go on in the other."""
    texts = (line.name, line.memo, line.reference, line.creditor_reference, line.end_to_end)
    name, memo, *others = (fold(text[:LONGEST_TEXT]) for text in texts)
    yield from (name, memo, *others)
    if memo and len(name) >= _FULL_NAME and not memo.startswith(name):
        yield name + memo


def _references(items: Iterable[OpenItem]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.number, item.number
        if item.reference and canonical(item.reference)[4:] != canonical(item.number):  # RF of the number is known
            yield item.number, item.reference
