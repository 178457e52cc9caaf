"""References of invoices: made for printing, and found again in what payers and banks make of them.

The printed and the compared reference come from the same function, `canonical`: a bot that compares
something else than it prints never finds its own payments.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

_RF_PAYLOAD = 21
_JOINED_CHUNKS = 8
_LOOSE_CHUNKS = 4
_SERIAL_LENGTH = 14
_KEY_LENGTH = 40
_INVOICE_VOCABULARY = """
FACTURE FACTURES FACT FAC FC FRA INVOICE INVOICES INV BILL RECHNUNG RECHNUNGEN RG FACTUUR FATTURA FACTURA
NUMERO NUM NR NO N REF REFERENCE
"""
_INVOICE_WORDS = frozenset(_INVOICE_VOCABULARY.split())
_GLUED = re.compile(r"^(?:FACTURES?|FACT|FAC|INVOICE|INV|REF|NO|N)(?=[A-Z])")
CUT_LENGTHS = frozenset({31, 32, 63, 64, 69, 70, 139, 140, 254, 255})
"""Where banks end a field, whatever stands there (NAME of OFX: 32); one less where a blank stood there."""
_NUMBER = re.compile(r"([A-Z]*)(\d+)")
_RING = re.compile(r"(?<=\d)O+|O+(?=\d)")
_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b\d{4}-\d\d-\d\d\b")
_NO_NUMBER = re.compile(rf"{_DATE.pattern}|\b[A-Z]{{2}}\d\d(?: [A-Z0-9]{{4}}){{3,8}}")
"""Dates and IBANs: digits of them are no invoice's."""
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


Grade = Literal["full", "variant", "digits", "hint"]
_GRADES: tuple[Grade, ...] = ("full", "variant", "digits", "hint")
"""Best first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that a label names, by `token`.

    `full`: its whole number or reference, a token of its own. `variant`: prefix, year and serial, written otherwise
    ("FA/26/42"). `digits`: nothing but digits of it, or a number that the bank may have cut: they could stand for
    something else. `hint`: it could be meant ("FA-42" for FA-2026-0042, RF with wrong check digits).
    """

    key: str
    token: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Heard:
    """What a label says of invoice numbers."""

    hits: Mapping[str, Hit]
    """The items that it names, by key; the best hit of each."""
    strange: tuple[str, ...]
    """What looks like an invoice number and is none of these items': canonical, in the order of the label."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A number taken apart: FA-2026-0042 is FA, 2026, 0042."""

    key: str
    letters: str
    year: str
    serial: str


@dataclass(frozen=True, slots=True)
class _Chunk:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Span:
    """Chunks `first` to `last` of a label name these items."""

    first: int
    last: int
    grade: Grade
    keys: tuple[str, ...]


class ReferenceIndex:
    """The numbers of all open items, found in a label in the same time however many there are."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """`named`: pairs (key of the item, a number or payment reference of it)."""
        self._full: dict[str, list[str]] = {}
        self._serials: dict[str, list[_Number]] = {}
        self._letters: set[str] = set()
        self._longest: dict[str, int] = {}
        for key, text in named:
            self._learn(key, text)
        self._sorted = sorted(self._full)

    def find(self, *texts: str) -> Heard:
        """The items that any of the folded texts names, and numbers that are none of theirs."""
        hits: dict[str, Hit] = {}
        strange: dict[str, None] = {}
        for text in texts:
            chunks = [_Chunk(found.group(), *found.span()) for found in _CHUNK.finditer(text)]
            taken = self._spans(text, chunks)
            for span in taken:
                token = text[chunks[span.first].start : chunks[span.last].end]
                for key in span.keys:
                    known = hits.get(key)
                    if known is None or _GRADES.index(span.grade) < _GRADES.index(known.grade):
                        hits[key] = Hit(key, token, span.grade)
            strange.update(dict.fromkeys(self._strange(text, chunks, taken)))
        return Heard(hits, tuple(strange))

    def _learn(self, key: str, text: str) -> None:
        chunks = _CHUNK.findall(fold(text))
        whole = "".join(chunks)
        if not whole or len(whole) > _KEY_LENGTH:
            return
        known = self._full.setdefault(_ringless(whole), [])
        if key in known:
            return
        known.append(key)
        if whole.startswith("RF") and rf_payload(whole):
            return
        kind = whole[:4]
        self._longest[kind] = max(self._longest.get(kind, 0), len(whole))
        apart = _NUMBER.fullmatch(whole)
        if apart is None:
            return
        letters, digits = apart.groups()
        last = chunks[-1] if chunks[-1].isdigit() and chunks[-1] != digits else ""
        year, serial = (digits[: -len(last)], last) if last else _year_and_serial(digits)
        if len(letters) >= 2:
            self._letters.add(letters)
        if serial.strip("0"):
            self._serials.setdefault(serial.lstrip("0"), []).append(_Number(key, letters, year, serial))

    def _spans(self, text: str, chunks: Sequence[_Chunk]) -> list[_Span]:
        """What the chunks name, no chunk twice: the best grade first, then the most chunks."""
        found = [*self._whole(text, chunks), *self._loose(text, chunks)]
        found.sort(key=lambda span: (_GRADES.index(span.grade), span.first - span.last, span.first))
        taken: list[_Span] = []
        used: set[int] = set()
        for span in found:
            own = range(span.first, span.last + 1)
            if used.isdisjoint(own):
                used.update(own)
                taken.append(span)
        return taken

    def _whole(self, text: str, chunks: Sequence[_Chunk]) -> Iterator[_Span]:
        """Full numbers and references, in whatever separators they stand."""
        for first in range(len(chunks)):
            joined = ""
            for last in range(first, min(first + _JOINED_CHUNKS, len(chunks))):
                joined += chunks[last].text
                if len(joined) > _KEY_LENGTH:
                    break
                keys = self._full.get(_ringless(joined))
                if keys:
                    grade = self._telling(joined, text, chunks, first, last)
                    if grade:
                        yield _Span(first, last, grade, tuple(keys))
                elif joined.startswith("RF") and len(joined) > 8 and _ringless(joined[4:]) in self._full:
                    grade = "full" if rf_payload(joined) else "hint"
                    if self._perhaps_cut(joined[4:], text, chunks[last]):
                        grade = "hint"
                    yield _Span(first, last, grade, tuple(self._full[_ringless(joined[4:])]))

    def _telling(self, joined: str, text: str, chunks: Sequence[_Chunk], first: int, last: int) -> Grade | None:
        """How sure a full number is meant: digits alone could be a date, a year or a company number."""
        if _goes_on(text, chunks, first, last):
            return "hint"
        announced = _announced(chunks, first)
        if joined.isdigit():
            pieces = last - first + 1
            sure = len(joined) >= 10 or (pieces == 2 and len(joined) >= 8)
            enough = len(joined) >= (4 if announced else 6)
            grade: Grade | None = "full" if sure else "digits" if enough else None
        else:
            grade = "full" if len(joined) >= 5 and sum(char.isdigit() for char in joined) >= 3 else "digits"
        return "digits" if grade == "full" and self._perhaps_cut(joined, text, chunks[last]) else grade

    def _perhaps_cut(self, joined: str, text: str, last: _Chunk) -> bool:
        """Whether a number at the end of a label may be what the bank left of a longer one.

        It may where another number begins with it, or where the label is as long as banks let it be and numbers of
        its kind are longer.
        """
        if last.end != len(text.rstrip(" .,;:-/")):
            return False
        key = _ringless(joined)
        after = bisect_right(self._sorted, key)
        begins = after < len(self._sorted) and self._sorted[after].startswith(key)
        return begins or (len(text) in CUT_LENGTHS and len(key) < self._longest.get(joined[:4], 0))

    def _loose(self, text: str, chunks: Sequence[_Chunk]) -> Iterator[_Span]:
        """What people write for FA-2026-0042: 2026-0042, FA-26-0042, FA/2026/42, N26-42, 0042/2026, facture 42."""
        masked = [found.span() for found in _NO_NUMBER.finditer(text)]
        for last, chunk in enumerate(chunks):
            if not chunk.text[-1].isdigit():
                continue
            for first in range(last, max(last - _LOOSE_CHUNKS, -1), -1):
                pieces = [each.text for each in chunks[first : last + 1]]
                if _ringless("".join(pieces)) in self._full:
                    continue
                read = list(_readings(pieces))
                hidden = any(chunks[first].start < end and start < chunk.end for start, end in masked)
                longer = _goes_on(text, chunks, first, last)
                ended = len(text) in CUT_LENGTHS and chunk.end == len(text)
                for grade, keys in self._meant(read, _announced(chunks, first)).items():
                    if grade == "digits" and hidden:
                        continue
                    sure: Grade = "hint" if longer else "digits" if grade == "variant" and ended else grade
                    yield _Span(first, last, sure, tuple(sorted(keys)))

    def _meant(self, read: Iterable[tuple[str, str, str]], announced: bool) -> dict[Grade, set[str]]:
        """The items that readings (letters, year, serial) could mean, by grade."""
        meant: dict[Grade, set[str]] = defaultdict(set)
        for letters, year, serial in read:
            bare = "" if letters in _INVOICE_WORDS else letters
            told = announced or bare != letters
            for number in self._serials.get(serial.lstrip("0"), ()):
                if year and year not in (number.year, number.year[2:]):
                    continue
                if number.letters and number.letters in (letters, _GLUED.sub("", letters)):
                    sure = (year or not number.year) and len(serial) <= len(number.serial)
                    meant["variant" if sure else "hint"].add(number.key)
                elif not bare and (year or told or _stands_alone(serial)):
                    meant["digits"].add(number.key)
        return meant

    def _strange(self, text: str, chunks: Sequence[_Chunk], taken: Sequence[_Span]) -> Iterator[str]:
        """Tokens like ours that name none of ours: our letters with digits, digits after "facture", a valid RF."""
        used = {at for span in taken for at in range(span.first, span.last + 1)}
        dates = [found.span() for found in _DATE.finditer(text)]
        for at, chunk in enumerate(chunks):
            if at in used or any(start <= chunk.start < end for start, end in dates):
                continue
            apart = _NUMBER.fullmatch(_ring(chunk.text))
            letters = apart[1] if apart else chunk.text
            follow = letters
            if letters in self._letters:
                rest = [_ring(other.text) for other in chunks[at + 1 : at + 3]]
                follow = _ring(chunk.text) + "".join(other for other in rest if other.isdigit())
            if follow != letters:
                yield follow
            elif apart and not letters and _announced(chunks, at):
                yield chunk.text


def _ringless(text: str) -> str:
    return text.replace("O", "0")


def _ring(text: str) -> str:
    """O beside a digit is a zero."""
    return _RING.sub(lambda found: "0" * len(found[0]), text)


def _readings(pieces: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(letters, year, serial) of pieces such as FA 26 0042, FA26 0042, FA260042, FA 0042, 0042 2026, 42."""
    letters = ""
    if pieces[0].isalpha():
        letters, pieces = pieces[0], pieces[1:]
    apart = _NUMBER.fullmatch(_ring(pieces[0])) if pieces else None
    rest = [_ring(piece) for piece in pieces[1:]]
    if apart is None or len(pieces) > 2 or (letters and apart[1]) or not all(piece.isdigit() for piece in rest):
        return
    letters, digits = letters or apart[1], apart[2]
    if max(len(digits), *map(len, rest), 0) > _SERIAL_LENGTH:
        return
    if not rest:
        yield letters, "", digits
        yield letters, digits[:2], digits[2:]
        yield letters, digits[:4], digits[4:]
    elif len(digits) in (2, 4):
        yield letters, digits, rest[0]
    if rest and _is_year(rest[0]):
        yield letters, rest[0], digits


def _is_year(chunk: str) -> bool:
    return len(chunk) == 4 and chunk.isdigit() and chunk[:2] in {"19", "20"}


def _stands_alone(serial: str) -> bool:
    """Digits that nothing announces: three or more, and no year."""
    return len(serial) >= 3 and not _is_year(serial)


def _year_and_serial(digits: str) -> tuple[str, str]:
    return (digits[:4], digits[4:]) if len(digits) >= 7 and _is_year(digits[:4]) else ("", digits)


def _announced(chunks: Sequence[_Chunk], at: int) -> bool:
    return at > 0 and chunks[at - 1].text in _INVOICE_WORDS


def _goes_on(text: str, chunks: Sequence[_Chunk], first: int, last: int) -> bool:
    """The token is longer than the number: "X-FA-2026-0042", "FA-2026-0042-7"."""
    before, after = text[: chunks[first].start], text[chunks[last].end :]
    if after[:1] in ("-", "_") and after[1:2].isdigit():
        return True
    return before[-1:] in ("-", "_") and first > 0 and chunks[first - 1].text not in _INVOICE_WORDS
