"""The headings of a list: which column of it is what, by the heads that tools are known to write (`mappings/`)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, cast

import yaml

from mailbot.invoices.cells import Rows
from mailbot.model import Problem

_HEAD_WITHIN: Final = 25
_MAPPINGS: Final = ("xero.yaml", "quickbooks.yaml", "ebp.yaml", "general.yaml")


@dataclass(slots=True)
class Table:
    """The rows below the headings, and which cell is what."""

    name: str
    """Whose headings these are."""
    columns: Mapping[str, int]
    rows: Rows
    file: str
    problems: list[Problem] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    """Whether days stand before months in the dates of this list; None where they contradict one another."""
    by_line: bool = False
    """The amounts are those of the lines of an invoice, which its rows add up to."""
    payable: bool = False
    """The amount of an invoice is what is left to pay of it, which net and tax need not make."""

    def cell(self, row: Sequence[str], name: str) -> str:
        at = self.columns.get(name)
        return row[at] if at is not None and at < len(row) else ""

    def has(self, name: str) -> bool:
        return name in self.columns

    def column(self, name: str) -> list[str]:
        return [self.cell(row, name) for _, row in self.rows]


def table_in(rows: Rows, file: str) -> Table | None:
    """The table below the first headings that name number, client and an amount; None where no row has them."""
    best: tuple[int, Table] | None = None
    for at, (_, cells) in enumerate(rows[:_HEAD_WITHIN]):
        heads = [folded(cell) for cell in cells]
        for mapping in _mappings():
            columns = _columns(mapping, heads)
            if columns is None:
                continue
            score = len(columns)
            if best is None or score > best[0]:
                payable = heads[columns["gross"]] == "net a payer" if "gross" in columns else False
                best = score, Table(str(mapping["name"]), columns, rows[at + 1 :], file, payable=payable)
    return best[1] if best else None


def _columns(mapping: Mapping[str, object], heads: Sequence[str]) -> dict[str, int] | None:
    marks, any_marks = (cast("list[str]", mapping.get(key) or []) for key in ("marks", "any_marks"))
    if any(folded(mark) not in heads for mark in marks):
        return None
    if any_marks and not any(folded(mark) in heads for mark in any_marks):
        return None
    found: dict[str, int] = {}
    for name, words in cast("dict[str, list[str]]", mapping["columns"]).items():
        for word in words:
            at = next((at for at, head in enumerate(heads) if head == folded(word) and at not in found.values()), None)
            if at is not None:
                found[name] = at
                break
    return found if {"number", "client"} <= set(found) and {"gross", "open"} & set(found) else None


@cache
def _mappings() -> tuple[Mapping[str, object], ...]:
    folder = files("mailbot.invoices").joinpath("mappings")
    return tuple(yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8")) for name in _MAPPINGS)


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """A heading or word to compare: small letters without accents, words with single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9#]+", "".join(sign for sign in plain if not unicodedata.combining(sign))))
