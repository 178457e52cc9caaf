"""A month of payments at the firm's banks: drawn by the shares of the kinds, put on days, worded, written as OFX."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from reconcile_banks import Bank, Transfer, changed_fitid, make_ofx, word_label, word_transfer
from reconcile_book import Client, Item, Line, Truth
from reconcile_drafts import Draft, Shelf
from reconcile_judge import Judge
from reconcile_payers import Behaviour, draw

DAYS = 28
OVERLAP_FROM = 12
OPENING = 500_000  # cents on each account


@dataclass(frozen=True, slots=True)
class Statement:
    """One file of one account: its bytes, and per STMTTRN (in the order of the file) what it says and what it pays."""

    file: str
    bank: str
    content: bytes
    lines: tuple[Line, ...]
    truths: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Reimport:
    """A later export of the same account that overlaps: line n of it is line `known[n]` of the statement `of`."""

    file: str
    of: str
    content: bytes
    known: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """The open book on the first day, and what the banks then handed out."""

    opened: date
    book: tuple[Item, ...]
    statements: tuple[Statement, ...]
    again: tuple[Reimport, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft on its day. `group` is the place of the draft that a reversal takes back."""

    day: date
    order: int
    kind: str
    draft: Draft
    group: int


def draw_entries(shelf: Shelf, kinds: Mapping[str, Behaviour], count: int, opened: date) -> list[Entry]:
    """The payments of a month on their days, drawn by the shares of the kinds."""
    rng = shelf.rng
    entries: list[Entry] = []
    for kind in rng.choices(list(kinds), [behaviour.share for behaviour in kinds.values()], k=count):
        drafts = draw(shelf, kinds[kind])
        day = opened + timedelta(days=rng.randrange(DAYS - 10 if len(drafts) > 1 else DAYS))
        for draft in drafts:
            if draft.terms:
                day = min(day, draft.terms)
            day += timedelta(days=draft.later)
            entries.append(Entry(day, len(entries), kind, draft, len(entries) - draft.reverses))
    return entries


def make_statements(
    rng: Random,
    banks: Sequence[Bank],
    clients: Sequence[Client],
    entries: Sequence[Entry],
    judge: Judge,
    opened: date,
) -> tuple[tuple[Statement, ...], list[tuple[Draft, Line]]]:
    """One file an account; a client pays always into the same one."""
    account_of = {client.name: place % len(banks) for place, client in enumerate(clients)}
    accounts: dict[int, list[Entry]] = defaultdict(list)
    places: dict[int, int] = {}
    for entry in entries:
        client = entry.draft.client
        place = account_of[client.name] if client else rng.randrange(len(banks))
        places[entry.order] = places.get(entry.group, place)
        accounts[places[entry.order]].append(entry)
    statements = []
    seen: list[tuple[Draft, Line]] = []
    for place, bank in enumerate(banks):
        ordered = sorted(accounts[place], key=lambda entry: (entry.day, entry.order))
        first = rng.randrange(10_000, 800_000)
        lines = [_word(rng, bank, entry, first + at) for at, entry in enumerate(ordered)]
        at_of = {entry.order: at for at, entry in enumerate(ordered)}
        truths = [
            judge.truth(it.kind, it.draft, line, at_of[it.group]) for it, line in zip(ordered, lines, strict=True)
        ]
        seen += [(entry.draft, line) for entry, line in zip(ordered, lines, strict=True)]
        content = make_ofx(
            bank, lines, _account(place), _period(opened, 1), OPENING + sum(line.cents for line in lines)
        )
        file = f"{opened:%Y-%m}_{place + 1}_{bank.key}.ofx"
        statements.append(Statement(file, bank.key, content, tuple(lines), tuple(truths)))
    return tuple(statements), seen


def _word(rng: Random, bank: Bank, entry: Entry, number: int) -> Line:
    draft = entry.draft
    if draft.label:
        return word_label(bank, draft.label, entry.day, number, draft.cents)
    by_proxy = draft.client is not None and draft.payer == draft.client.proxy
    iban = "" if draft.client is None else draft.client.proxy_iban if by_proxy else draft.client.iban
    end_to_end = f"E2E{rng.randrange(10**9, 10**10)}" if rng.random() < 0.4 else ""
    transfer = Transfer(draft.payer, draft.motive, end_to_end, iban, entry.day, number)
    return word_transfer(bank, transfer, draft.cents, draft.currency)


def export_again(rng: Random, bank: Bank, statement: Statement, opened: date) -> Reimport:
    """The same account exported again from the 12th on; some banks change their FITIDs between two exports."""
    known = tuple(at for at, line in enumerate(statement.lines) if line.day.day >= OVERLAP_FROM)
    lines = [statement.lines[at] for at in known]
    if bank.fitid_changes:
        lines = [replace(line, fitid=changed_fitid(rng, line)) for line in lines]
    place = int(statement.file.split("_")[1]) - 1
    balance = OPENING + sum(line.cents for line in statement.lines)
    content = make_ofx(bank, lines, _account(place), _period(opened, OVERLAP_FROM), balance)
    return Reimport(statement.file.replace(".ofx", "_again.ofx"), statement.file, content, known)


def _account(place: int) -> str:
    return f"0001234567{place}"


def _period(opened: date, first_day: int) -> tuple[date, date]:
    return opened.replace(day=first_day), (opened + timedelta(days=31)).replace(day=1) - timedelta(days=1)
