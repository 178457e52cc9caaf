"""The payment application rules of Microsoft Business Central, as a yardstick: what its table calls High is booked.

Evidence is a triple: party (fully, partially, no), document number (several, one, none), amount (one open entry of all
customers has it, several have it, none). Pairs of line and entry are ranked by the priority of their rule; the best are
applied first, a line or an entry only once. Sources: codeunit 1255 Match Bank Payments, 1251 Record Match Mgt., and the
default rows of table 1252 Bank Pmt. Appl. Rule (direct debits left out). The label stands for the transaction text.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reconcile_book import Item, Line, capitals

SHORTEST = 4  # letters of a common piece, and of a document number
EXACT, CLOSE = 95, 65  # nearness in percent

# Party, documents, amount; in order of priority.
HIGH = (
    ("fully", "several", "one"),
    ("fully", "several", "several"),
    ("fully", "one", "one"),
    ("fully", "one", "several"),
    ("partially", "several", "one"),
    ("partially", "several", "several"),
    ("partially", "one", "one"),
    ("fully", "none", "one"),
    ("no", "several", "one"),
    ("no", "several", "several"),
)


@dataclass(frozen=True, slots=True)
class _Match:
    priority: int
    line: int
    items: tuple[Item, ...]


def business_central(lines: Sequence[Line], items: Sequence[Item]) -> list[tuple[tuple[str, int], ...] | None]:
    """Per line the entries that a rule of high confidence applies by itself; medium and low are for review."""
    entries = [item for item in items if item.kind == "invoice"]
    amounts = Counter((item.currency, item.cents) for item in entries)
    by_amount: dict[int, list[Item]] = defaultdict(list)
    for item in entries:
        by_amount[item.cents].append(item)
    customers = _Customers(entries)
    matches = [
        match
        for place, line in enumerate(lines)
        if line.cents > 0
        for match in _matches(place, line, entries, by_amount, amounts, customers)
    ]
    booked: list[tuple[tuple[str, int], ...] | None] = [None] * len(lines)
    applied: set[str] = set()
    for match in sorted(matches, key=lambda it: (it.priority, it.line)):
        numbers = {item.number for item in match.items}
        if booked[match.line] is None and not numbers & applied:
            booked[match.line] = tuple((item.number, item.cents) for item in match.items)
            applied |= numbers
    return booked


def _matches(
    place: int,
    line: Line,
    entries: Sequence[Item],
    by_amount: dict[int, list[Item]],
    amounts: Counter[tuple[str, int]],
    customers: "_Customers",
) -> list[_Match]:
    """The high-confidence pairs of one line, single entries and the sums of entries that the text names."""
    text = capitals(f"{line.name} {line.memo}")
    named = [item for item in entries if _possible(line, item) and _names_document(text, line, item)]
    found: list[tuple[tuple[str, str, str], tuple[Item, ...]]] = []
    for item in {item.number: item for item in (*named, *by_amount[line.cents])}.values():
        if item.cents == line.cents and _possible(line, item):
            documents = "one" if item in named else "none"
            amount = "one" if amounts[line.currency, line.cents] == 1 else "several"
            found.append(((customers.party(line, text, item.client), documents, amount), (item,)))
    for client in {item.client for item in named}:
        several = tuple(item for item in named if item.client == client)
        if len(several) > 1 and sum(item.cents for item in several) == line.cents:
            amount = "one" if not amounts[line.currency, line.cents] else "several"
            found.append(((customers.party(line, text, client), "several", amount), several))
    return [_Match(HIGH.index(evidence), place, items) for evidence, items in found if evidence in HIGH]


def _possible(line: Line, item: Item) -> bool:
    """A payment is never older than its invoice, and of the same currency."""
    return item.currency == line.currency and item.issued <= line.day


def _names_document(text: str, line: Line, item: Item) -> bool:
    """The payment reference, or the number between two signs that are neither letters nor digits."""
    if line.refnum and line.refnum == item.reference:
        return True
    number = item.number.upper()
    at = text.find(number) if len(number) >= SHORTEST else -1
    return at >= 0 and not text[at - 1 : at].isalnum() and not text[at + len(number) :][:1].isalnum()


class _Customers:
    """How near a customer's name is to a text. A name inside another customer's name is not unique."""

    def __init__(self, entries: Sequence[Item]) -> None:
        self.names: dict[str, tuple[str, ...]] = {}
        self.ibans: dict[str, set[str]] = defaultdict(set)
        for item in entries:
            self.names[item.client] = tuple(capitals(name) for name in (item.client, *item.aliases))
            self.ibans[item.client] |= set(item.ibans)
        self.unique = {client: self._is_unique(client) for client in self.names}

    def _is_unique(self, client: str) -> bool:
        name = self.names[client][0]
        return sum(name in known[0] for known in self.names.values()) == 1

    def party(self, line: Line, text: str, client: str) -> str:
        """By the account, else by the nearest of the customer's names."""
        if any(iban in line.memo for iban in self.ibans[client]):
            return "fully"
        near = max(nearness(name, text) for name in self.names[client])
        if near >= EXACT:
            return "fully" if self.unique[client] else "partially"
        return "partially" if near >= CLOSE else "no"


def nearness(first: str, second: str) -> int:
    """How much of the shorter text the common pieces of four letters or more make up, in percent.

    The longest common piece is taken out of both texts, again and again.
    """
    shorter = min(len(first), len(second))
    matched = 0
    while shorter:
        piece = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
        if piece.size < SHORTEST:
            break
        matched += piece.size
        first = first[: piece.a] + first[piece.a + piece.size :]
        second = second[: piece.b] + second[piece.b + piece.size :]
    return 100 * matched // shorter if shorter else 0
