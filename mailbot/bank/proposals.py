"""What to propose to the owner for a credit that is not certain: at most three answers, best first.

Every answer is worth the sum of three marks, the fewer the better: how its items are named, how its clients are, and
how the amount comes about. Weights were chosen so that two good marks outdo one perfect one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from mailbot.bank.openbook import ROUNDING, Credit, OpenBook, Shares, cents_of, charges, discounted
from mailbot.bank.sums import MOST_AMOUNTS, sets_of_sum

CHOICES = 3
_MOST_EXACT = 50
_MOST_CLIENTS = 12
_MOST_SUMS = 12
_FRACTIONS = ((1, 2), (3, 10), (1, 4), (2, 5), (1, 5), (3, 5), (1, 3), (2, 3), (3, 4), (1, 10))
_REFERENCE = {"full": 0, "variant": 0, "digits": 2, "hint": 3}
_UNNAMED = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer with its marks; `amount` 0 to 3 is an amount that the invoices explain, more is a guess."""

    shares: Shares
    reference: int
    party: int
    amount: int

    @property
    def explained(self) -> bool:
        """Whether the amount is what these invoices, a discount or bank charges make it."""
        return self.amount <= _SUM


_EXACT, _NEAR, _FEE, _SUM, _FRACTION, _LESS, _MORE = 0, 1, 2, 3, 4, 5, 6


def proposals(credit: Credit, book: OpenBook) -> list[Proposal]:
    """The likeliest bookings, best first; never more than the line has or is open."""
    best: dict[Shares, Proposal] = {}
    ranked = sorted(_all(credit, book), key=lambda answer: _rank(answer, credit, book))
    for answer in ranked:
        best.setdefault(tuple(sorted(answer.shares)), answer)
    return list(islice(best.values(), CHOICES))


def candidates(credit: Credit, book: OpenBook) -> list[str]:
    """The invoices of exactly this amount that are still open; fifty at most."""
    exact = islice(book.by_amount.get((credit.line.currency, credit.cents), ()), _MOST_EXACT)
    return [number for number in exact if book.left[number] == credit.cents]


def _all(credit: Credit, book: OpenBook) -> Iterator[Proposal]:
    named = [number for number in credit.graded("full", "variant", "digits", "hint") if book.left[number]]
    own = _of_clients(credit, book)
    for number in dict.fromkeys((*named, *candidates(credit, book), *own)):
        yield from _single(number, credit, book)
    yield from _together([number for number in named if _same_currency(number, credit, book)], credit, book)
    for client in _clients(credit):
        mine = [number for number in own if book.items[number].client == client][:MOST_AMOUNTS]
        for places in islice(sets_of_sum([book.signed(number) for number in mine], credit.cents), _MOST_SUMS):
            yield _proposal(_full((mine[at] for at in places), book), _SUM, credit, book)


def _single(number: str, credit: Credit, book: OpenBook) -> Iterator[Proposal]:
    item, left = book.items[number], book.left[number]
    if item.kind == "credit_note":
        return
    if not _same_currency(number, credit, book):
        if left <= credit.cents:
            yield _proposal(((number, left),), _MORE, credit, book)
        return
    yield _proposal(((number, min(left, credit.cents)),), _amount(number, credit, book), credit, book)


def _together(named: list[str], credit: Credit, book: OpenBook) -> Iterator[Proposal]:
    """All that is named, some of it, or as much of it as the amount fills."""
    if len(named) < 2:
        return
    surest = [number for number in named if credit.hits[number].grade in ("full", "variant")]
    for group in (surest, named):
        total = sum(book.signed(number) for number in group)
        if len(group) > 1 and total == credit.cents:
            yield _proposal(_full(group, book), _EXACT, credit, book)
        elif len(group) > 1 and all(book.signed(number) > 0 for number in group):
            filled = tuple(_filled(group, credit.cents, book))
            if len(filled) > 1:
                yield _proposal(filled, _LESS if total > credit.cents else _MORE, credit, book)
    for places in islice(sets_of_sum([book.signed(number) for number in named], credit.cents), _MOST_SUMS):
        yield _proposal(_full((named[at] for at in places), book), _EXACT, credit, book)


def _amount(number: str, credit: Credit, book: OpenBook) -> int:
    left = book.left[number]
    short = left - credit.cents
    if not short:
        return _EXACT
    if abs(short) <= ROUNDING or discounted(book.items[number], left, credit.line.date) == credit.cents:
        return _NEAR
    if 0 < short <= charges(left) or short == cents_of(credit.line.fee, credit.line.currency):
        return _FEE
    if short < 0:
        return _MORE
    return _FRACTION if any(left * part == credit.cents * whole for part, whole in _FRACTIONS) else _LESS


def _proposal(shares: Shares, amount: int, credit: Credit, book: OpenBook) -> Proposal:
    reference = max(
        _REFERENCE[credit.hits[number].grade] if number in credit.hits else _UNNAMED for number, _ in shares
    )
    party = max(_party(book.items[number].client, credit) for number, _ in shares)
    return Proposal(shares, reference, party, amount)


def _party(client: str, credit: Credit) -> int:
    party = credit.party
    if client in party.sure:
        return 0
    if client in party.fits:
        return 1
    if party.payers:
        return 4 if party.speaks_of(client) else 6
    if client in party.full:
        return 1
    if client in party.part:
        return 3
    return 5 if party.full or party.part else 4


def _rank(answer: Proposal, credit: Credit, book: OpenBook) -> tuple[int, int, int, int, date, Shares]:
    """Marks, fewest items, not issued after the payment, oldest first, number."""
    items = [book.items[number] for number, _ in answer.shares]
    later = sum(1 for item in items if item.issue_date and item.issue_date > credit.line.date)
    mark = answer.reference + answer.party + answer.amount
    oldest = min(book.age(number)[0] for number, _ in answer.shares)
    return mark + 4 * later, answer.amount, len(answer.shares), later, oldest, answer.shares


def _clients(credit: Credit) -> list[str]:
    """The clients whose invoices may make the amount together."""
    party = credit.party
    return sorted(party.payers or party.full or party.part)[:_MOST_CLIENTS]


def _of_clients(credit: Credit, book: OpenBook) -> list[str]:
    own: list[str] = []
    for client in _clients(credit):
        still = (
            number
            for number in book.by_client.get(client, ())
            if book.left[number] and _same_currency(number, credit, book)
        )
        own += islice(still, MOST_AMOUNTS)
    return own


def _full(numbers: Iterable[str], book: OpenBook) -> Shares:
    """Credit notes first, so that no part of it is ever more than the line."""
    return tuple(sorted(((number, book.signed(number)) for number in numbers), key=lambda share: (share[1] > 0, share)))


def _filled(numbers: Sequence[str], cents: int, book: OpenBook) -> Iterator[tuple[str, int]]:
    for number in numbers:
        share = min(cents, book.left[number])
        cents -= share
        if share:
            yield number, share


def _same_currency(number: str, credit: Credit, book: OpenBook) -> bool:
    return book.items[number].currency == credit.line.currency
