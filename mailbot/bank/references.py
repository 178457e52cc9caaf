"""References of invoices: made for printing, and found again in what payers and banks make of them.

The printed and the compared reference come from the same function, `canonical`: a bot that compares
something else than it prints never finds its own payments.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

_RF_PAYLOAD = 21
_JOINED_CHUNKS = 8
_KEY_LENGTH = 40
_INVOICE_VOCABULARY = """
FACTURE FACTURES FACT FAC FC FRA INVOICE INVOICES INV BILL NUMERO NUM NO N REF REFERENCE
"""
_INVOICE_WORDS = frozenset(_INVOICE_VOCABULARY.split())
_GLUED = re.compile(r"(?:FACTURES?|FACT|FAC|INVOICE|INV|REF|NO|N)(?=[A-Z0-9])")
CUT_NAME = 32
"""Names of OFX end after 32 characters, whatever stands there."""
_CUT_LENGTHS = frozenset({CUT_NAME, 140, 255})
_DAY = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(?:19|20)\d\d|[0-3]\d[01]\d\d\d")
_CHUNK = re.compile(r"[A-Z0-9]+")


def canonical(number: str) -> str:
    """An invoice number as it is compared and as RF carries it: upper case, letters and digits only."""
    return "".join(_CHUNK.findall(fold(number)))


def fold(text: str) -> str:
    """Upper case without accents; what is left is compared letter by letter."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()


def rf(number: str) -> str:
    """The ISO 11649 creditor reference of an invoice number: `FA-2026-0042` -> `RF83FA20260042`.

    Raises ValueError where the number has no letters or digits, or more than the 21 that fit.
    """
    payload = canonical(number)
    if not 1 <= len(payload) <= _RF_PAYLOAD:
        raise ValueError(f"{number!r} does not fit into an RF reference (1 to {_RF_PAYLOAD} letters or digits)")
    return "RF" + mod_97_10.calc_check_digits(payload + "RF") + payload


def rf_payload(reference: str) -> str | None:
    """What a valid RF reference carries, None where it is none or its check digits are wrong."""
    try:
        return str(iso11649.validate(reference))[4:]
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that a label names. `strong`: by its full number or reference, as a token of its own."""

    key: str
    token: str
    strong: bool = False
    bare: bool = False
    """The full number, but only digits: as good as strong where the label also names the client."""


class ReferenceIndex:
    """The numbers of all open items, found in a label in the same time however many there are."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """`named`: pairs (key of the item, a number or payment reference of it)."""
        self._strong: dict[str, set[str]] = defaultdict(set)
        self._weak: dict[str, set[str]] = defaultdict(set)
        self._sequences: dict[str, set[str]] = defaultdict(set)
        for key, text in named:
            self._learn(key, text)
        self._longest: dict[str, int] = defaultdict(int)
        for known in self._strong:
            self._longest[known[:4]] = max(self._longest[known[:4]], len(known))
        self._beginnings = {known[:cut] for known in self._strong for cut in range(4, len(known))}

    def find(self, *texts: str) -> dict[str, Hit]:
        """The items that any of the texts names, by key; the strongest hit of each."""
        hits: dict[str, Hit] = {}
        for text in texts:
            for hit in self._hits(text):
                known = hits.get(hit.key)
                if known is None or (hit.strong, hit.bare) > (known.strong, known.bare):
                    hits[hit.key] = hit
        return hits

    def _learn(self, key: str, text: str) -> None:
        chunks = _CHUNK.findall(fold(text))
        whole = "".join(chunks)
        if not whole or len(whole) > _KEY_LENGTH:
            return
        self._strong[_zeros(whole)].add(key)
        if len(whole) <= _RF_PAYLOAD:
            self._strong[_zeros(rf(whole))].add(key)
        for variant in _variants(chunks):
            self._weak[_zeros(variant)].add(key)
        last = re.search(r"\d+$", whole if len(chunks) == 1 else chunks[-1])
        if last and last.group().strip("0"):
            self._sequences[last.group().lstrip("0")].add(key)

    def _hits(self, text: str) -> Iterator[Hit]:
        upper = fold(text)
        found = list(_CHUNK.finditer(upper))
        last = len(upper.rstrip())
        claimed = -1  # end of the longest number found so far: FA-2026-001 inside a longer one is not named
        for start, first in enumerate(found):
            joined, best, best_end = "", None, start
            before = found[start - 1].group() if start else ""
            for end in range(start, min(start + _JOINED_CHUNKS, len(found))):
                joined += found[end].group()
                if len(joined) > _KEY_LENGTH:
                    break
                hit = self._lookup(joined, before)
                if hit and end > claimed:
                    doubtful = found[end].end() == last and self._perhaps_cut(joined, len(text))
                    best, best_end = (hit[0], None if doubtful else hit[1]), end
            if best:
                claimed = best_end
                token = "".join(chunk.group() for chunk in found[start : best_end + 1])
                yield from (Hit(key, token, best[1] == "strong", best[1] == "bare") for key in best[0])
            yield from self._loose(first.group(), before)

    def _perhaps_cut(self, joined: str, length: int) -> bool:
        """Whether a number at the end of a label may be what the bank left of a longer one.

        It may where another number begins with it, or where the label is as long as banks let it be and
        numbers of its kind are longer.
        """
        key = _zeros(joined)
        return key in self._beginnings or (length in _CUT_LENGTHS and len(key) < self._longest.get(key[:4], 0))

    def _lookup(self, joined: str, before: str) -> tuple[set[str], str | None] | None:
        key = _zeros(joined)
        if key in self._strong:
            keys = self._strong[key]
            return keys, _telling(joined, before) if len(keys) == 1 else None
        if key in self._weak:
            return self._weak[key], None
        return None

    def _loose(self, chunk: str, before: str) -> Iterator[Hit]:
        """ "facture 42" and "FACTFA20260042": weak, because anything could be meant."""
        if chunk.isdigit() and before in _INVOICE_WORDS and not _is_year(chunk):
            yield from (Hit(key, chunk) for key in self._sequences.get(chunk.lstrip("0"), ()))
        glued = _GLUED.match(chunk)
        rest = _zeros(chunk[glued.end() :]) if glued else ""
        if rest:
            yield from (Hit(key, chunk) for key in self._strong.get(rest, set()) | self._weak.get(rest, set()))
        if chunk.startswith("RF") and len(chunk) > 8:  # right payload, wrong check digits
            yield from (Hit(key, chunk) for key in self._strong.get(_zeros(chunk[4:]), ()))


def _zeros(text: str) -> str:
    return text.replace("O", "0")


def _variants(chunks: list[str]) -> Iterator[str]:
    """What people write for FA-2026-0042: 2026-0042, FA-26-0042, FA-2026-42, 26-0042."""
    shorter = [
        [chunk[2:] if _is_year(chunk) else chunk for chunk in chunks],
        [*chunks[:-1], chunks[-1].lstrip("0") or "0"],
    ]
    for parts in (chunks, *shorter):
        whole = "".join(parts)
        yield whole
        without = whole.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if len(without) >= 5:
            yield without


def _is_year(chunk: str) -> bool:
    return len(chunk) == 4 and chunk.isdigit() and chunk[:2] in {"19", "20"}


def _telling(token: str, before: str) -> Literal["strong", "bare"] | None:
    """How sure a full number is meant: digits alone could be a date, a year or a company number."""
    if not token.isdigit():
        return "strong" if len(token) >= 5 and sum(char.isdigit() for char in token) >= 3 else None
    announced = before in _INVOICE_WORDS
    if len(token) >= 10 or (announced and len(token) >= 5 and not _DAY.fullmatch(token)):
        return "strong"
    return "bare" if len(token) >= (4 if announced else 6) else None
