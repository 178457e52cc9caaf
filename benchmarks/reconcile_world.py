"""An invented firm with its open book, its bank's real OFX bytes, and the truth of every line. Pure and seeded.

`make_world` gives the same bytes for the same arguments. A later month has the same clients, who pay through the same
banks under the same names; its book knows what an owner's answers of the month before would have taught. `write_world`
writes each month as a folder with open.csv, statement files and truth.jsonl.

What a question is due for (`must_ask`) is judged by what the label still shows, not by what the payer meant.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from reconcile_banks import BANKS, money
from reconcile_book import NUMBERS, Client, Item, Line, Numbering, Truth, make_clients, make_items
from reconcile_drafts import Shelf
from reconcile_harder import HARDER_KINDS
from reconcile_judge import Judge, learn
from reconcile_month import Entry, Month, Reimport, Statement, draw_entries, export_again, make_statements
from reconcile_payers import KINDS, Behaviour

__all__ = [
    "KINDS",
    "MIXES",
    "Item",
    "Line",
    "Month",
    "Reimport",
    "Statement",
    "Truth",
    "World",
    "make_world",
    "write_world",
]

OPENED = (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1))
ACCOUNTS = 3
COLUMNS = "number kind client client_aliases payer_ibans issue_date due_date currency amount_due reference"
TERMS = "discount_percent discount_until"


@dataclass(frozen=True, slots=True)
class Mix:
    """The part of the amounts that comes from a list of 13 prices, and the behaviours with their shares."""

    price_list: float
    kinds: Mapping[str, Behaviour]


MIXES = {
    "cents": Mix(0.0, KINDS),
    "mixed": Mix(0.45, KINDS),
    "price_list": Mix(0.90, KINDS),
    "harder": Mix(0.45, HARDER_KINDS),
}


@dataclass(frozen=True, slots=True)
class World:
    """One firm. `months[1:]` are the later months, with the aliases of the months before in the book."""

    seed: int
    mix: str
    clients: tuple[Client, ...]
    months: tuple[Month, ...]

    @property
    def book(self) -> tuple[Item, ...]:
        return self.months[0].book

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.months[0].statements


def make_world(seed: int, mix: str, invoices: int = 900, months: int = 1, payments: int | None = None) -> World:
    """A firm with `invoices` open items at the start of each month, and so many payments (7 for 9 items).

    Freelance: 10 invoices, small firm: 300, subscriptions: 2,000. `mix` is a key of MIXES; at most six months.
    """
    drawn = round(invoices * 7 / 9) if payments is None else payments
    rng = Random(f"{mix} {seed}")
    clients = make_clients(rng, max(3, invoices // 6))
    numbering = Numbering(NUMBERS[seed % len(NUMBERS)], rng.randint(1, 300))
    banks = tuple(BANKS[(seed * ACCOUNTS + place) % len(BANKS)] for place in range(ACCOUNTS))
    taught: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    carried: list[Item] = []
    done: list[Month] = []
    for opened in OPENED[:months]:
        fresh = make_items(rng, clients, numbering, invoices - len(carried), opened, MIXES[mix].price_list)
        book = [_with_lessons(item, taught) for item in (*carried, *fresh)]
        shelf = Shelf(rng, clients, book)
        entries = draw_entries(shelf, MIXES[mix].kinds, drawn, opened)
        judge = Judge(book)
        statements, seen = make_statements(rng, banks, clients, entries, judge, opened)
        again = tuple(
            export_again(rng, bank, statement, opened) for bank, statement in zip(banks, statements, strict=True)
        )
        done.append(Month(opened, tuple(book), statements, again))
        taught = learn(taught, seen, clients)
        carried = [*shelf.left(), *_remainders(book, entries)]
    return World(seed, mix, clients, tuple(done))


def _with_lessons(item: Item, taught: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> Item:
    names, ibans = taught.get(item.client, ((), ()))
    aliases = tuple(dict.fromkeys((*item.aliases, *names)))
    return replace(item, aliases=aliases, ibans=tuple(dict.fromkeys((*item.ibans, *ibans))))


def _remainders(book: Sequence[Item], entries: Sequence[Entry]) -> list[Item]:
    """What part payments left open."""
    paid: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.kind.startswith("partial"):
            for number, cents in entry.draft.allocations:
                paid[number] += cents
    return [replace(item, cents=item.cents - paid[item.number]) for item in book if item.number in paid]


def write_world(world: World, folder: Path) -> None:
    """Write each month as a case, folder/01, folder/02, ...: open.csv, statements, truth.jsonl; overlaps in again/."""
    for place, month in enumerate(world.months, start=1):
        write_month(month, folder / f"{place:02d}")


def write_month(month: Month, folder: Path) -> None:
    """Write one month; its overlapping exports stand in again/, whose truth.jsonl says which line each one repeats."""
    (folder / "again").mkdir(parents=True, exist_ok=True)
    with (folder / "open.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(f"{COLUMNS} {TERMS}".split())
        writer.writerows(_row(item) for item in month.book)
    for statement in month.statements:
        (folder / statement.file).write_bytes(statement.content)
    for overlap in month.again:
        (folder / "again" / overlap.file).write_bytes(overlap.content)
    _write_records(
        folder / "truth.jsonl",
        [
            {"file": it.file, "line": at, **_record(truth)}
            for it in month.statements
            for at, truth in enumerate(it.truths)
        ],
    )
    _write_records(
        folder / "again" / "truth.jsonl",
        [
            {"file": it.file, "line": at, "known_file": it.of, "known_line": known}
            for it in month.again
            for at, known in enumerate(it.known)
        ],
    )


def _row(item: Item) -> list[str]:
    terms = [str(item.discount_percent or ""), item.discount_until.isoformat() if item.discount_until else ""]
    names = ["|".join(item.aliases), "|".join(item.ibans)]
    dates = [item.issued.isoformat(), item.due.isoformat()]
    return [
        item.number,
        item.kind,
        item.client,
        *names,
        *dates,
        item.currency,
        money(item.cents),
        item.reference,
        *terms,
    ]


def _record(truth: Truth) -> dict[str, object]:
    allocations = [{"invoice": number, "amount": money(cents)} for number, cents in truth.allocations]
    return {"allocations": allocations, "must_ask": truth.must_ask, "kind": truth.kind, "why": truth.why}


def _write_records(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
