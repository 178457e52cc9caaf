"""How payers behave: the 18 kinds with their pinned shares. Pure; every draw comes from the shelf's Random.

The shares, in payments per thousand, are pinned: with others, figures of two runs cannot be compared. A behaviour gets
the invoices that it asked for (all of one client) and gives drafts; how much of them a label shows is decided later.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reconcile_book import CURRENCY, PRICES, Item
from reconcile_drafts import Draft, Shelf, bare, mangle, paid

DEPOSITS = ("ACOMPTE", "PAIEMENT PARTIEL", "1ER VERSEMENT", "ACOMPTE SUR FACTURE", "TEILZAHLUNG", "PART PAYMENT")
NOT_CUSTOMERS = (
    "INTERETS CREDITEURS {n}",
    "VIR DGFIP REMBOURSEMENT TVA {n}",
    "VIR URSSAF TROP PERCU {n}",
    "VIR STRIPE PAYMENTS EUROPE {n}",
    "VIR SUMUP PAYOUT {n}",
    "VIR INTERNE DEPUIS LIVRET {n}",
    "VIR CPAM IJ {n}",
    "VIR ASSURANCE SINISTRE {n}",
    "VIR {person} REMBOURSEMENT {n}",
    "VIR SEPA {person} 2026",
)
TRIES = 8
STRANGERS = ("MME BERTHELOT", "M ZIMMER", "SCI DES TILLEULS", "AGENCE QUORUM", "NOTAIRE VAUQUELIN")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How often (per thousand), of how many invoices of one client, which of them, and what is sent."""

    share: int
    act: Callable[[Shelf, list[Item]], list[Draft]]
    invoices: tuple[int, ...] = (1,)
    wanted: Callable[[Item], bool] = lambda _: True


def draw(shelf: Shelf, behaviour: Behaviour) -> list[Draft]:
    """One payment (or a few that belong together) of this kind; none when the shelf has no such invoices left."""
    for _ in range(TRIES):
        count = shelf.rng.choice(behaviour.invoices)
        items = shelf.take(count, behaviour.wanted) or shelf.take(min(behaviour.invoices), behaviour.wanted)
        if len(items) < min(behaviour.invoices):
            return []
        drafts = behaviour.act(shelf, items)
        if drafts and not any(_misleads(shelf, draft) for draft in drafts):
            return drafts
        shelf.put_back(items)
    return []


def _misleads(shelf: Shelf, draft: Draft) -> bool:
    """One invoice is paid, with another sum than owed, which is the very sum of another invoice of the same client.

    Where the bank cuts the number off, everything visible then speaks for the other invoice: nobody could know better.
    """
    if draft.client is None or len(draft.allocations) != 1 or draft.currency != CURRENCY:
        return False
    owed = shelf.owed[draft.allocations[0][0]]
    return draft.cents != owed and draft.cents in shelf.amounts[draft.client.name]


def _full(
    *, named: Callable[[Shelf, Item], str] | None = None, weak: bool = False, by_proxy: bool = False, why: str = ""
) -> Callable[[Shelf, list[Item]], list[Draft]]:
    """The exact sum of the invoices, each named in this way or none named, from the client or from its proxy."""

    def act(shelf: Shelf, items: list[Item]) -> list[Draft]:
        draft = paid(shelf, items, [named(shelf, item) for item in items] if named else [])
        payer = shelf.client(items[0]).proxy if by_proxy else draft.payer
        return [replace(draft, payer=payer, weak=weak, why=why)]

    return act


def _number(_shelf: Shelf, item: Item) -> str:
    return item.number


def _rf(shelf: Shelf, item: Item) -> str:
    printed = item.reference
    grouped = " ".join(printed[start : start + 4] for start in range(0, len(printed), 4))
    return shelf.rng.choice((printed, grouped))


def _mangled(shelf: Shelf, item: Item) -> str:
    return mangle(shelf.rng, item.number)


def _bare(shelf: Shelf, item: Item) -> str:
    return bare(shelf.rng, item.number)


def _part(shelf: Shelf, item: Item) -> int:
    """A part of the invoice that is no other open amount of the same client, or the truth could not be found."""
    part = item.cents
    while part >= item.cents or part in shelf.amounts[item.client]:
        percent = shelf.rng.choice((20, 25, 30, 40, 50, 60))
        part = item.cents * percent // 100 + shelf.rng.choice((0, 0, 100, 500))
    return part


def _partial_announced(shelf: Shelf, items: list[Item]) -> list[Draft]:
    part = _part(shelf, items[0])
    draft = _short(paid(shelf, items, [items[0].number]), part)
    return [replace(draft, motive=f"{shelf.rng.choice(DEPOSITS)} {items[0].number}")]


def _partial_silent(shelf: Shelf, items: list[Item]) -> list[Draft]:
    named = [items[0].number] if shelf.rng.random() < 0.5 else []
    why = "" if named else "a part payment that nothing names"
    return [replace(_short(paid(shelf, items, named), _part(shelf, items[0])), why=why)]


def _short(draft: Draft, sent: int) -> Draft:
    """The same payment of one invoice, with only so much money."""
    return replace(draft, cents=sent, allocations=((draft.allocations[0][0], sent),))


def _fee(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """Banks on the way kept something: more than 5 cents, at most 20 EUR and 3 %.

    Never the very discount that the invoice grants: who pays that in time owes no more, whatever was kept.
    """
    owed, percent = items[0].cents, items[0].discount_percent
    missing = max(10, min(shelf.rng.choice((500, 850, 1000, 1500, 2000)), owed * 3 // 100))
    if percent is not None and abs(missing * 100 - owed * percent) < 100:
        missing = max(10, missing * 2 // 3)
    draft = _short(paid(shelf, items, [items[0].number]), owed - missing)
    return [replace(draft, why="fees or a part payment")]


def _discount(shelf: Shelf, items: list[Item]) -> list[Draft]:
    percent = items[0].discount_percent or 0
    draft = _short(paid(shelf, items, [items[0].number]), (items[0].cents * (100 - percent) + 50) // 100)
    return [replace(draft, terms=items[0].discount_until)]


def _rounding(shelf: Shelf, items: list[Item]) -> list[Draft]:
    off = shelf.rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5))
    draft = paid(shelf, items, [items[0].number])
    if off > 0:
        return [replace(draft, cents=draft.cents + off, left=off)]
    return [_short(draft, draft.cents + off)]


def _unrelated(shelf: Shelf, _items: list[Item]) -> list[Draft]:
    rng = shelf.rng
    label = rng.choice(NOT_CUSTOMERS).format(n=rng.randrange(10**5, 10**8), person=rng.choice(STRANGERS))
    cents = rng.choice(PRICES) if rng.random() < 0.3 else rng.randint(100, 400_000)
    return [Draft(cents=cents, allocations=(), label=label, left=cents)]


def _overpaid(shelf: Shelf, items: list[Item]) -> list[Draft]:
    extra = shelf.rng.choice((1_000, 2_000, items[0].cents // 10 + 10, items[0].cents))
    draft = paid(shelf, items, [items[0].number])
    return [replace(draft, cents=draft.cents + extra, left=extra, why="more than is owed")]


def _wrong_reference(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """The payer types another client's number; half of them one of the very same amount.

    Then only the payer's name contradicts the number: it is the one in the book, and begins unlike the other's.
    """
    own, client = items[0], shelf.client(items[0])
    strangers = [it for it in shelf.book if it.client != own.client and it.kind == "invoice"]
    others = [it for it in strangers if it.cents != own.cents]
    if shelf.rng.random() < 0.5 and client.pays_as == client.name:
        unlike = [it for it in strangers if it.client.split()[0] != client.name.split()[0]]
        others = [it for it in unlike if it.cents == own.cents] or others
    if not others:
        return []
    draft = paid(shelf, items, [shelf.rng.choice(others).number])
    return [replace(draft, why="the number is another invoice's")]


def _foreign_currency(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """US dollars on a EUR account: half of them the converted amount, half the very figure of the invoice."""
    draft = paid(shelf, items, [items[0].number])
    sent = draft.cents if shelf.rng.random() < 0.5 else draft.cents * 108 // 100
    return [replace(draft, cents=sent, currency="USD", why="another currency")]


SEVERAL = (2, 2, 2, 3, 3, 4)

KINDS = {
    "exact_reference": Behaviour(300, _full(named=_number)),
    "rf_reference": Behaviour(50, _full(named=_rf)),
    # Other separators, short year, missing zeros, O for 0; 14 % together with the bare numbers.
    "mangled_reference": Behaviour(90, _full(named=_mangled)),
    "bare_number": Behaviour(50, _full(named=_bare, weak=True)),
    "name_amount": Behaviour(180, _full()),
    "multi_referenced": Behaviour(50, _full(named=_number), SEVERAL),
    "multi_unreferenced": Behaviour(40, _full(why="a sum of invoices that nothing names"), SEVERAL),
    "partial_announced": Behaviour(30, _partial_announced),
    "partial_silent": Behaviour(30, _partial_silent),
    "fee": Behaviour(20, _fee),
    "discount": Behaviour(10, _discount, wanted=lambda item: item.discount_percent is not None),
    "rounding": Behaviour(10, _rounding),
    "other_payer_referenced": Behaviour(30, _full(named=_number, by_proxy=True)),
    "other_payer_unreferenced": Behaviour(20, _full(by_proxy=True)),
    "unrelated": Behaviour(70, _unrelated, (0,)),
    "overpaid": Behaviour(8, _overpaid),
    "wrong_reference": Behaviour(6, _wrong_reference),
    "foreign_currency": Behaviour(6, _foreign_currency),
}
