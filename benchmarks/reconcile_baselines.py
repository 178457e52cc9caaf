"""The decision rules of four other programs, re-implemented as yardsticks: which lines would each book by itself?

Re-implementations of published rules over the lines and items of `reconcile_book`, not the programs themselves. Where
a program leaves a choice to its settings, the shipped ones hold; where a statement carries less than the program can
use, the reading is the kinder one (accents folded, aliases count as names). Each function takes the lines in the order
in which they arrive and the open items, and returns per line what is booked without asking, or None.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import combinations

from reconcile_book import Item, Line, capitals
from reconcile_business_central import business_central

Allocations = tuple[tuple[str, int], ...]
Rule = Callable[[Sequence[Line], Sequence[Item]], list[Allocations | None]]

SIGNIFICANT = 4  # letters of a token that Odoo looks at
SET_CANDIDATES, SET_SIZE = 12, 6  # securo's bounds of the search for a sum


def invoice_ninja(lines: Sequence[Line], items: Sequence[Item]) -> list[Allocations | None]:
    """The first open invoice whose number stands anywhere in the description; neither amount nor word is looked at.

    Source: app/Services/Bank/ProcessBankRules.php, matchCredit.
    """
    invoices = _invoices(items)
    booked: list[Allocations | None] = []
    for line in lines:
        found = next((item for item in invoices if line.cents > 0 and item.number in line.text), None)
        booked.append(((found.number, min(found.cents, line.cents)),) if found else None)
    return booked


def odoo_oca(lines: Sequence[Line], items: Sequence[Item]) -> list[Allocations | None]:
    """Equal digit tokens rank the invoices (of the partner, where the label shows one); an exact amount wins, else they
    are filled in turn.

    Without a common token nothing is booked by itself. More than the sum is accepted, less is not (tolerance 0).
    Source: OCA account_reconcile_model_oca, account_reconcile_model.py and account_bank_statement_line.py.
    """
    parties = _Parties(items)
    open_items = {item.number: item for item in sorted(_invoices(items), key=lambda it: (it.due, it.issued, it.number))}
    stored = {item.number: _stored_tokens(item) for item in items}
    booked: list[Allocations | None] = []
    for line in lines:
        client = parties.by_words(line)
        tokens = _digit_tokens(line.text)
        mine = [it for it in open_items.values() if client in (None, it.client) and it.currency == line.currency]
        hits = {item.number: sum(token in tokens for token in stored[item.number]) for item in mine}
        ranked = sorted((item for item in mine if hits[item.number]), key=lambda item: -hits[item.number])
        chosen = _fill(line, ranked)
        for number, _ in chosen or ():
            del open_items[number]
        booked.append(chosen)
    return booked


def securo(lines: Sequence[Line], items: Sequence[Item]) -> list[Allocations | None]:
    """Exact amount of the payer's one invoice; of anybody's one invoice; the one set of the payer's that adds up.

    The date windows reach from before the issue to after the due date. No rule reads an invoice number.
    Source: reconciliation_engine.py and the default MATCH_INVOICE of reconciliation_policy.py.
    """
    parties = _Parties(items)
    open_items = {item.number: item for item in _invoices(items)}
    booked: list[Allocations | None] = []
    for line in lines:
        chosen = _securo_line(line, parties.by_name(line), open_items.values())
        for number, _ in chosen or ():
            del open_items[number]
        booked.append(chosen)
    return booked


def _securo_line(line: Line, client: str | None, items: Iterable[Item]) -> Allocations | None:
    """The strategies in order; the first that has an answer decides, and two answers are a question."""
    current = [item for item in items if item.currency == line.currency]
    near = [item for item in current if item.client == client and _within(line, item, before=10, after=60)]
    exact = [item for item in near if item.cents == line.cents]
    anybody = [item for item in current if item.cents == line.cents and _within(line, item, before=3, after=15)]
    for found in (exact, anybody):
        if found:
            return ((found[0].number, found[0].cents),) if len(found) == 1 else None
    if not 2 <= len(near) <= SET_CANDIDATES:
        return None
    sets = [
        group
        for size in range(2, min(SET_SIZE, len(near)) + 1)
        for group in combinations(near, size)
        if sum(item.cents for item in group) == line.cents
    ]
    return tuple((item.number, item.cents) for item in sets[0]) if len(sets) == 1 else None


def _within(line: Line, item: Item, *, before: int, after: int) -> bool:
    return item.issued - timedelta(days=before) <= line.day <= item.due + timedelta(days=after)


def _fill(line: Line, ranked: Sequence[Item]) -> Allocations | None:
    """Odoo's choice among the candidates: with early discounts only exactly, then in full."""
    discounted = [(item.number, _after_discount(item, line)) for item in ranked]
    chosen, perfect = _batch(line.cents, discounted)
    if not perfect:
        chosen, _ = _batch(line.cents, [(item.number, item.cents) for item in ranked])
    return tuple(chosen) if chosen and sum(cents for _, cents in chosen) <= line.cents else None


def _batch(cents: int, owed: Sequence[tuple[str, int]]) -> tuple[list[tuple[str, int]], bool]:
    kept: list[tuple[str, int]] = []
    for number, amount in owed:
        if amount == cents:
            return [(number, amount)], True
        if cents > sum(taken for _, taken in kept):
            kept.append((number, amount))
    return kept, sum(taken for _, taken in kept) == cents


def _after_discount(item: Item, line: Line) -> int:
    if item.discount_percent is None or item.discount_until is None or line.day > item.discount_until:
        return item.cents
    return (item.cents * (100 - item.discount_percent) + 50) // 100


def _digit_tokens(text: str) -> set[str]:
    """The digits of every word of at least four letters or digits that has at least four digits."""
    words = ["".join(re.findall(r"[0-9a-zA-Z]", word)) for word in text.split()]
    tokens = {"".join(re.findall(r"\d", word)) for word in words if len(word) >= SIGNIFICANT}
    return {token for token in tokens if len(token) >= SIGNIFICANT}


def _stored_tokens(item: Item) -> list[str]:
    """What the ledger holds of the invoice: the digits of its number and of its payment reference."""
    return [re.sub(r"\D", "", text) for text in (item.number, item.reference)]


def _invoices(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.kind == "invoice"]


class _Parties:
    """Finds the client that a label names: by account, else by name."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.names: dict[str, str] = {}
        self.ibans: dict[str, str] = {}
        self.rare: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        for item in items:
            for name in (item.client, *item.aliases):
                self.names.setdefault(capitals(name), item.client)
            self.ibans.update(dict.fromkeys(item.ibans, item.client))
        frequency = Counter(word for name in self.names for word in _words(name))
        for name, client in self.names.items():
            words = _words(name)
            if words:
                self.rare[min(words, key=lambda word: frequency[word])].append((words, client))

    def by_words(self, line: Line) -> str | None:
        """Odoo: every word of three letters or more of the name stands in the text; the first such partner."""
        words = _words(line.text)
        found = (client for word in sorted(words) for known, client in self.rare.get(word, ()) if known <= words)
        return self._by_iban(line) or next(found, None)

    def by_name(self, line: Line) -> str | None:
        """The client whose whole name stands in the text; the longest name where several do."""
        text = _spaced(line.text)
        found = [name for name in self.names if _spaced(name) in text]
        return self._by_iban(line) or (self.names[max(found, key=len)] if found else None)

    def _by_iban(self, line: Line) -> str | None:
        return next((self.ibans[word] for word in line.memo.split() if word in self.ibans), None)


def _spaced(text: str) -> str:
    """The words of the text, one space before, between and after."""
    words = re.findall(r"[^_\W]+", capitals(text))
    return f" {' '.join(words)} "


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", capitals(text)) if len(word) >= 3)


BASELINES: dict[str, Rule] = {
    "invoice_ninja": invoice_ninja,
    "odoo_oca": odoo_oca,
    "securo": securo,
    "business_central": business_central,
}
