"""What a payer meant and typed, before a bank cut it to a label; and the shelf of invoices nobody has paid yet."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from reconcile_book import CURRENCY, Client, Item

WORDS = ("FACTURE", "REGLEMENT FACTURE", "FACT", "PAIEMENT", "VOTRE FACTURE", "Facture n°", "INVOICE", "RECHNUNG", "")
EMPTY_MOTIVES = ("", "", "REGLEMENT", "FACTURE", "VIREMENT", "MERCI", "SEPTEMBRE", "COMPTE 4711", "PRESTATION")


@dataclass(frozen=True, slots=True)
class Draft:
    """One payment as the payer meant it. `named` are the texts in the motive that name what is paid."""

    cents: int
    allocations: tuple[tuple[str, int], ...]
    payer: str = ""
    motive: str = ""
    named: tuple[str, ...] = ()
    client: Client | None = None
    why: str = ""  # why a question is due whatever the label shows
    weak: bool = False  # a bare number: evidence only beside a known payer
    left: int = 0
    currency: str = CURRENCY
    label: str = ""  # the whole label of a line that is no payer's transfer
    later: int = 0  # days after the draft before it in the same list, which it belongs to
    reverses: bool = False  # takes that draft back
    terms: date | None = None  # paid until this day at the latest


class Shelf:
    """The invoices that nobody has paid yet, drawn one by one in a random order."""

    def __init__(self, rng: Random, clients: Sequence[Client], book: Sequence[Item]) -> None:
        self.rng = rng
        self.clients = {client.name: client for client in clients}
        self.book = book
        self.open: dict[str, list[Item]] = defaultdict(list)
        self.credits: list[Item] = []
        for item in rng.sample(book, len(book)):
            (self.open[item.client] if item.kind == "invoice" else self.credits).append(item)
        self.owed = {item.number: item.cents for item in book}
        self.amounts = {name: frozenset(item.cents for item in items) for name, items in self.open.items()}

    def take(self, count: int = 1, wanted: Callable[[Item], bool] = lambda _: True) -> list[Item]:
        """Open invoices of one client, all `wanted`; none when no client has so many left."""
        if not count:
            return []
        names = [name for name, items in self.open.items() if len(items) >= count]
        weights = [len(self.open[name]) for name in names]
        while names:
            name = self.rng.choices(names, weights)[0]
            taken = [item for item in self.open[name] if wanted(item)][:count]
            if len(taken) == count:
                self.open[name] = [item for item in self.open[name] if item not in taken]
                return taken
            place = names.index(name)
            del names[place], weights[place]
        return []

    def put_back(self, items: Sequence[Item]) -> None:
        """Nobody paid these after all."""
        for item in items:
            self.open[item.client].append(item)

    def client(self, item: Item) -> Client:
        return self.clients[item.client]

    def left(self) -> list[Item]:
        """What is still open, in the order of the book."""
        unpaid = {item.number for items in self.open.values() for item in items}
        unpaid |= {item.number for item in self.credits}
        return [item for item in self.book if item.number in unpaid]


def paid(shelf: Shelf, items: Sequence[Item], named: Sequence[str] = ()) -> Draft:
    """The plain case that the others vary: the client pays these invoices in full and types `named`."""
    client = shelf.client(items[0])
    return Draft(
        cents=sum(item.cents for item in items),
        allocations=tuple((item.number, item.cents) for item in items),
        payer=client.pays_as,
        motive=_motive(shelf.rng, named),
        named=tuple(named),
        client=client,
    )


def _motive(rng: Random, named: Sequence[str]) -> str:
    if not named:
        return rng.choice(EMPTY_MOTIVES)
    return f"{rng.choice(WORDS)} {rng.choice((' ', ' ET ', ' + ', ', ')).join(named)}".strip()


def mangle(rng: Random, number: str) -> str:
    """The number as a payer retypes it: other separators, two-digit year, fewer zeros, O for 0, another prefix."""
    prefix, year, serial = _parts(number)
    short = str(int(serial))
    variants = [f"{prefix} {year} {serial}", f"{prefix}{year}{serial}", f"{prefix}.{year}.{serial}", f"N{number}"]
    variants += [f"{prefix}-{year}-{serial}".replace("0", "O"), f"{prefix}/{year}/{short}", f"{prefix} {year}-{short}"]
    if year:
        variants += [f"{prefix}-{year[2:]}-{serial}", f"{prefix}{year[2:]}/{serial}", f"{serial}/{year}"]
    return re.sub(r"([ ./-])[ ./-]+", r"\1", rng.choice(variants)).strip(" ./-")


def bare(rng: Random, number: str) -> str:
    """Only digits of the number: the serial, or year and serial."""
    _, year, serial = _parts(number)
    return rng.choice((serial, str(int(serial)), f"{year}{serial}"))


def _parts(number: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"([A-Z]*)-?(20\d\d)?-?(\d{4,5})", number)
    assert found, number
    return found[1], found[2] or "", found[3]
