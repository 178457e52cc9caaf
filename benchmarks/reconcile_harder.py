"""Payments harder than the pinned 18 kinds, for a mix of their own: credit notes, batches, twins, reversals, traps.

A reversal takes back the draft before it. Its truth is the negative of that payment's allocations.
"""

from dataclasses import replace

from reconcile_book import Item
from reconcile_drafts import Draft, Shelf, paid
from reconcile_payers import KINDS, SEVERAL, Behaviour

REVERSALS = ("REJET VIR {payer} {number}", "IMPAYE {payer} {number}", "RETOUR VIR SEPA {payer} MOTIF AC04 {number}")
STATE = ("VIR DGFIP REMBOURSEMENT {n}", "VIR URSSAF REGUL {n}", "REMISE CB {n} COMMERCE", "VIR SEPA M PETITJEAN {n}")
SUM_WHY = "a sum of invoices that nothing names"


def _credit_note(shelf: Shelf, items: list[Item], *, named: bool) -> list[Draft]:
    """An invoice less a credit note of the same client, both numbers typed or neither."""
    notes = [note for note in shelf.credits if note.client == items[0].client and note.cents < items[0].cents]
    if not notes:
        return []
    shelf.credits.remove(notes[0])
    draft = paid(shelf, items, [items[0].number, notes[0].number] if named else [])
    return [
        replace(
            draft,
            cents=items[0].cents - notes[0].cents,
            allocations=((items[0].number, items[0].cents), (notes[0].number, -notes[0].cents)),
            why="" if named else SUM_WHY,
        )
    ]


def _credit_note_named(shelf: Shelf, items: list[Item]) -> list[Draft]:
    return _credit_note(shelf, items, named=True)


def _credit_note_silent(shelf: Shelf, items: list[Item]) -> list[Draft]:
    return _credit_note(shelf, items, named=False)


def _reversed(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """A good payment, and its rejection some days later."""
    first = paid(shelf, items, [items[0].number])
    label = shelf.rng.choice(REVERSALS).format(payer=first.payer, number=items[0].number)
    back = tuple((number, -cents) for number, cents in first.allocations)
    return [first, Draft(-first.cents, back, label=label, later=shelf.rng.randint(1, 6), reverses=True)]


def _paid_twice(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """The same invoice with the same number a second time: a credit for the client, whatever the label says."""
    first = paid(shelf, items, [items[0].number])
    why = "the invoice was already paid"
    return [first, replace(first, allocations=(), left=first.cents, why=why, later=shelf.rng.randint(2, 9))]


def _twins(shelf: Shelf, items: list[Item], *, named: bool) -> list[Draft]:
    """Two equal amounts of one client on one day, for two invoices."""
    same = [item for item in shelf.open[items[0].client] if item.cents == items[0].cents]
    if not same:
        return []
    shelf.open[items[0].client].remove(same[0])
    why = "" if named else "two answers are equally good"
    return [replace(paid(shelf, [it], [it.number] if named else []), why=why) for it in (items[0], same[0])]


def _twins_named(shelf: Shelf, items: list[Item]) -> list[Draft]:
    return _twins(shelf, items, named=True)


def _twins_silent(shelf: Shelf, items: list[Item]) -> list[Draft]:
    twins = _twins(shelf, items, named=False)
    return [replace(twin, motive=twins[0].motive) for twin in twins]


def _cheque_batch(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """One deposit of cheques of several clients."""
    others = [taken for _ in range(shelf.rng.randint(1, 3)) for taken in shelf.take()]
    label = f"REMISE CHEQUES {shelf.rng.randrange(10**6):07d} {1 + len(others)} CHQ"
    return [replace(paid(shelf, [*items, *others]), label=label, client=None, why="one line of many payers")]


def _group_payer(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """The parent pays for two subsidiaries and names both invoices."""
    others = shelf.take()
    if not others:
        return []
    numbers = [items[0].number, others[0].number]
    return [replace(paid(shelf, [*items, *others], numbers), payer="GROUPE VALMONT HOLDING", client=None)]


def _longer_number(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """A stranger's number that only contains ours, with our amount."""
    shelf.put_back(items)
    shared = sum(item.cents == items[0].cents for item in shelf.book) > 1
    longer = f"{items[0].number}{shelf.rng.randrange(10)}"
    typed = f"X{items[0].number}-7" if shared or shelf.rng.random() < 0.5 else longer
    why = "the number is a stranger's"
    return [
        replace(
            paid(shelf, items, [typed]),
            payer="QUINCAILLERIE BRUN",
            client=None,
            allocations=(),
            left=items[0].cents,
            why=why,
        )
    ]


def _equal_refund(shelf: Shelf, items: list[Item]) -> list[Draft]:
    """A tax refund, card batch or private transfer whose amount equals an open invoice."""
    shelf.put_back(items)
    label = shelf.rng.choice(STATE).format(n=shelf.rng.randrange(10**6, 10**9))
    return [Draft(items[0].cents, (), label=label, left=items[0].cents, why="no customer's payment")]


HARDER_KINDS = {
    "credit_note_named": Behaviour(90, _credit_note_named),
    "credit_note_silent": Behaviour(40, _credit_note_silent),
    "reversed": Behaviour(80, _reversed),
    "paid_twice": Behaviour(50, _paid_twice),
    "twins_named": Behaviour(60, _twins_named),
    "twins_silent": Behaviour(40, _twins_silent),
    "cheque_batch": Behaviour(40, _cheque_batch),
    "group_payer": Behaviour(40, _group_payer),
    "longer_number": Behaviour(50, _longer_number),
    "equal_refund": Behaviour(60, _equal_refund),
    "exact_reference": Behaviour(200, KINDS["exact_reference"].act),
    "name_amount": Behaviour(130, KINDS["name_amount"].act),
    "mangled_reference": Behaviour(70, KINDS["mangled_reference"].act),
    "multi_unreferenced": Behaviour(50, KINDS["multi_unreferenced"].act, SEVERAL),
}
