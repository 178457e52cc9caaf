"""The open items as the matcher looks things up in them, and what one credit says about them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mailbot.bank.parties import Named, PartyIndex
from mailbot.bank.references import CUT_NAME, Hit, ReferenceIndex, fold
from mailbot.model import Line, OpenItem
from mailbot.money import to_cents

_PART = re.compile(r"\b(?:ACOMPTES?|PARTIEL(?:LE)?(?:MENT)?|SOLDE|DEPOSIT|PARTIAL|ARRHES)\b|(?<!LA )\bPART\b(?! DE\b)")


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit: its cents, the items that it names strongly or weakly, and the clients that it names."""

    line: Line
    cents: int
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    tokens: tuple[tuple[str, str], ...]
    """(item, what stands in the label for it)"""
    party: Named
    label: str

    def says_part(self) -> bool:
        """The payer calls it a part: acompte, partiel, solde, deposit, part (but not "de la part de")."""
        return _PART.search(fold(self.label)) is not None


class OpenBook:
    """The open items by number, amount and client. `left` are the cents that are still open as lines are
    booked.
    """

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self.items: dict[str, OpenItem] = {}
        self.left: dict[str, int] = {}
        self.uncertain: set[str] = set()
        """Numbers that stand for two items: nothing is booked on them."""
        for item in sorted(items, key=lambda item: (item.number, item.client, item.currency, item.amount_due)):
            cents = cents_of(item.amount_due, item.currency)
            if item.number in self.items:
                self.uncertain.add(item.number)
            elif cents:
                self.items[item.number], self.left[item.number] = item, cents
        self._references = ReferenceIndex(_references(self.items.values()))
        self._parties = PartyIndex(self.items.values())
        self.by_amount: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.by_client: dict[str, list[str]] = defaultdict(list)
        for number, item in self.items.items():
            if item.kind == "invoice":
                self.by_amount[item.currency, self.left[number]].append(number)
                self.by_client[item.client].append(number)

    def look(self, line: Line) -> Credit:
        """What a line says about the items; 0 cents where its amount is no amount of its currency."""
        hits = self._references.find(line.name, line.memo, line.reference)
        party = self._parties.named_in(label_of(line), cut=line.name if len(line.name) == CUT_NAME else "")
        strong = self._strong(hits, party)
        return Credit(
            line=line,
            cents=cents_of(line.amount, line.currency),
            strong=strong,
            weak=tuple(sorted(set(hits) - set(strong))),
            tokens=tuple(sorted((number, hit.token) for number, hit in hits.items())),
            party=party,
            label=label_of(line),
        )

    def _strong(self, hits: Mapping[str, Hit], party: Named) -> tuple[str, ...]:
        sure = (
            number
            for number, hit in hits.items()
            if hit.strong or (hit.bare and self.items[number].client in party.full)
        )
        return tuple(sorted(number for number in sure if number not in self.uncertain))


def label_of(line: Line) -> str:
    """All words of a line."""
    return " ".join(part for part in (line.name, line.memo, line.reference) if part)


def cents_of(amount: Decimal, currency: str) -> int:
    """Cents of a positive amount; 0 for any other, or with digits that the currency does not know."""
    try:
        return max(0, to_cents(amount, currency or "EUR"))
    except ValueError:
        return 0


def _references(items: Iterable[OpenItem]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.number, item.number
        if item.reference:
            yield item.number, item.reference
