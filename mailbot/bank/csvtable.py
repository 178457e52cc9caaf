"""Which table a CSV file holds: its delimiter, the row of its header, and what each column says.

A known bank is recognised by its header (`profiles/*.yaml`); else the columns are found by their names in seven
languages (`profiles/words.yaml`). Without a date and an amount there is no table.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice

import yaml

from mailbot.bank.charset import repaired

HEADER_ROWS = 60
"""Banks write up to some thirty lines about account and period above the header."""
_DELIMITERS = (";", ",", "\t", "|")
_ONE_EACH = (
    "date", "value_date", "amount", "debit", "credit", "sign", "name", "memo", "reference", "end_to_end", "id",
    "currency", "balance", "payer_iban", "account", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """How one bank writes its table. `order` is that of its dates (dmy, ymd); `source` says who says so."""

    bank: str
    source: str
    header: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    order: str = ""
    currency: str = ""
    fee_apart: bool = False
    """The amount does not hold the fee: what the account got is amount - fee."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the columns of a table stand. `columns`: what a column says → its places in a row."""

    delimiter: str
    header_line: int
    preamble: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    profile: Profile | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """What a column says → what the bank calls it."""

    def cell(self, row: Sequence[str], role: str) -> str:
        """The first filled cell of that role; empty where there is none."""
        return next((row[at].strip() for at in self.columns.get(role, ()) if at < len(row) and row[at].strip()), "")

    def cells(self, row: Sequence[str], role: str) -> list[str]:
        """All filled cells of that role."""
        return [row[at].strip() for at in self.columns.get(role, ()) if at < len(row) and row[at].strip()]


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line in the file, cells) of every row; raises csv.Error where the text is no table.

    With an odd number of quotes one is never closed, and would swallow the rows behind it: then a row is a line, and
    quotes are letters, but around a cell.
    """
    if text.count('"') % 2:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, quoting=csv.QUOTE_NONE)
        for row in reader:
            yield reader.line_num, [cell.strip().strip('"') for cell in row]
        return
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def find_table(text: str) -> Table | None:
    """The table of a text; None where no row names a date and an amount."""
    found = [table for delimiter in _DELIMITERS if delimiter in text if (table := _with(text, delimiter))]
    return max(found, key=lambda table: (table.profile is not None, len(table.columns)), default=None)


def _with(text: str, delimiter: str) -> Table | None:
    beginning = "".join(islice(iter(text.splitlines(keepends=True)), HEADER_ROWS * 4))
    above: list[str] = []
    try:
        for line, row in islice(rows_of(beginning, delimiter), HEADER_ROWS):
            names = [spoken(repaired(cell)) for cell in row]
            profile = _known(names)
            columns = _of_profile(profile, names) if profile else _by_words(names)
            if columns:
                called = {role: row[places[0]].strip() for role, places in columns.items()}
                return Table(delimiter, line, tuple(above), columns, profile, called)
            above += row
    except csv.Error:
        return None
    return None


def spoken(name: str) -> str:
    """A column's name in lower case, without accents and signs: "Montant (€)" is "montant"."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _known(names: Sequence[str]) -> Profile | None:
    have = set(names)
    fitting = [profile for profile in profiles() if have.issuperset(profile.header)]
    return max(fitting, key=lambda profile: len(profile.header), default=None)


def _of_profile(profile: Profile, names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    columns = {role: _places(words, names) for role, words in profile.columns.items()}
    return {role: places for role, places in columns.items() if places}


def _places(words: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(names.index(word) for word in words if word in names)


def _by_words(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The columns by the general words; empty where date or amount is missing. No column says two things."""
    words, taken = _words(), set[int]()
    columns: dict[str, tuple[int, ...]] = {}
    for exact in (True, False):
        for role in _ONE_EACH:
            if role in columns or (not exact and role in {"sign", "id", "state", "account"}):
                continue
            place = _place(words[role], names, taken, exact=exact)
            if place is not None:
                taken.add(place)
                columns[role] = (place,)
    if "date" not in columns and "value_date" in columns:
        columns["date"] = columns["value_date"]
    both = "debit" in columns and "credit" in columns
    if "date" not in columns or not ("amount" in columns or both):
        return {}
    if both:
        columns.pop("amount", None)
    else:
        columns.pop("debit", None)
        columns.pop("credit", None)
    told = {"name", "memo"} & columns.keys()
    known = {*words["memo_more"], *words["memo"]}
    more = [at for at, name in enumerate(names) if at not in taken and (name in known or not told)]
    return {**columns, "memo_more": tuple(more)} if more else columns


def _place(words: Sequence[str], names: Sequence[str], taken: set[int], *, exact: bool) -> int | None:
    for word in words:
        for at, name in enumerate(names):
            if at not in taken and (name == word if exact else name.startswith(f"{word} ")):
                return at
    return None


@cache
def profiles() -> tuple[Profile, ...]:
    """Every bank that is known, from the files beside this module."""
    folder = files("mailbot.bank") / "profiles"
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml") and file.name != "words.yaml")
    return tuple(_profile(each) for name in found for each in yaml.safe_load((folder / name).read_text("utf-8")))


def _profile(said: Mapping[str, object]) -> Profile:
    columns = said["columns"]
    assert isinstance(columns, dict)  # noqa: S101 - our own file; a test reads all of them
    return Profile(
        bank=str(said["bank"]),
        source=str(said["source"]),
        header=tuple(said["header"]) if isinstance(said["header"], list) else (),
        columns={role: tuple(named) if isinstance(named, list) else (named,) for role, named in columns.items()},
        order=str(said.get("order", "")),
        currency=str(said.get("currency", "")),
        fee_apart=said.get("fee_apart") is True,
    )


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    read = yaml.safe_load((files("mailbot.bank") / "profiles" / "words.yaml").read_text("utf-8"))
    return {role: tuple(names) for role, names in read.items()}
