"""What to propose to the owner for a credit that is not certain: at most three answers, best first."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from mailbot.bank.openbook import Credit, OpenBook
from mailbot.model import OpenItem
from mailbot.money import rounded, to_cents

CHOICES = 3
SUM_OF = 24
SUM_LENGTH = 4
_SHORT_CENTS = 2000
_SHORT_PER_CENT = 3

Shares = tuple[tuple[str, int], ...]


def proposals(credit: Credit, book: OpenBook) -> list[Shares]:
    """The likeliest bookings, (invoice, cents) each, best first; never more than the line has or is open."""
    seen: dict[Shares, None] = {}
    for shares in _all(credit, book):
        if shares and sum(cents for _, cents in shares) <= credit.cents:
            seen.setdefault(tuple(sorted(shares)))
        if len(seen) == CHOICES:
            break
    return list(seen)


def _all(credit: Credit, book: OpenBook) -> Iterator[Shares]:
    strong, weak = _payable(credit.strong, credit, book), _payable(credit.weak, credit, book)
    yield from _named(credit, book, strong, weak)
    exact = [
        number
        for number in book.by_amount.get((credit.line.currency, credit.cents), ())
        if _still(number, credit, book)
    ]
    for number in sorted(exact, key=lambda number: _rank(number, credit, book)):
        yield ((number, credit.cents),)
    for number in (*strong, *weak):
        yield ((number, min(credit.cents, book.left[number])),)
    for client in sorted(credit.party.full):
        yield from _of_client(client, credit, book)


def _named(credit: Credit, book: OpenBook, strong: list[str], weak: list[str]) -> Iterator[Shares]:
    """Sums of what the label names, then all that it names filled up in the order of their numbers."""
    for named in (strong, [*strong, *weak]):
        if len(named) > 1 and sum(book.left[number] for number in named) == credit.cents:
            yield _full(named, book)
    yield from _sums([*strong, *weak], credit, book)
    if len(strong) > 1:
        yield tuple(_filled(strong, credit.cents, book))


def _of_client(client: str, credit: Credit, book: OpenBook) -> Iterator[Shares]:
    """Sums of a client's invoices, amounts that are nearly right, then the oldest invoice."""
    numbers = sorted(
        _payable(book.by_client.get(client, ()), credit, book), key=lambda number: _age(book.items[number])
    )
    near = [number for number in numbers if _nearly(book.items[number], book.left[number], credit)]
    for number in near:
        yield ((number, min(credit.cents, book.left[number])),)
    yield from _sums(numbers[:SUM_OF], credit, book)
    for number in numbers[:1]:
        yield ((number, min(credit.cents, book.left[number])),)


def _sums(numbers: list[str], credit: Credit, book: OpenBook) -> Iterator[Shares]:
    for length in range(2, min(SUM_LENGTH, len(numbers)) + 1):
        for some in combinations(numbers[:SUM_OF], length):
            if sum(book.left[number] for number in some) == credit.cents:
                yield _full(some, book)


def _full(numbers: Iterable[str], book: OpenBook) -> Shares:
    return tuple((number, book.left[number]) for number in numbers)


def _filled(numbers: Iterable[str], cents: int, book: OpenBook) -> Iterator[tuple[str, int]]:
    for number in numbers:
        share = min(cents, book.left[number])
        cents -= share
        if share:
            yield number, share


def _payable(numbers: Iterable[str], credit: Credit, book: OpenBook) -> list[str]:
    return [
        number
        for number in numbers
        if book.left[number] > 0
        and book.items[number].kind == "invoice"
        and book.items[number].currency == credit.line.currency
    ]


def _still(number: str, credit: Credit, book: OpenBook) -> bool:
    return book.left[number] == credit.cents and not credit.party.contradicts(book.items[number].client)


def _rank(number: str, credit: Credit, book: OpenBook) -> tuple[bool, bool, bool, bool, bool, int, str]:
    """Named strongly, weakly, client named in full, in part, not issued later, due nearest to the payment."""
    item = book.items[number]
    issued_later = item.issue_date is not None and item.issue_date > credit.line.date
    away = abs((credit.line.date - item.due_date).days) if item.due_date else 9999
    return (
        number not in credit.strong,
        number not in credit.weak,
        item.client not in credit.party.full,
        item.client not in credit.party.part,
        issued_later,
        away,
        number,
    )


def _nearly(item: OpenItem, left: int, credit: Credit) -> bool:
    """Charges or rounding (up to 3 % and 20.00 short, 5 cents over), or the discount of the invoice."""
    short = left - credit.cents
    if -5 <= short <= min(_SHORT_CENTS, left * _SHORT_PER_CENT // 100):
        return True
    return _discounted(item, credit.line.date) == credit.cents


def _discounted(item: OpenItem, day: date) -> int | None:
    if item.discount_percent is None or item.discount_until is None or day > item.discount_until:
        return None
    return to_cents(rounded(item.amount_due * (100 - item.discount_percent) / 100, item.currency), item.currency)


def _age(item: OpenItem) -> tuple[date, str]:
    return item.due_date or item.issue_date or date.max, item.number
