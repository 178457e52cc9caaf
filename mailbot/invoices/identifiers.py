"""Numbers of companies and accounts in running text: VAT, SIREN, IBAN and mail addresses, by shape and checksum."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailbot.invoices import values
from mailbot.invoices.page import Row

_VAT: Final = re.compile(
    r"(?<![A-Z0-9])(?:"
    r"FR ?[0-9A-HJ-NP-Z]{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}|DE ?\d{3} ?\d{3} ?\d{3}|ES[ -]?[A-Z0-9]-?\d{7}-?[A-Z0-9]"
    r"|IT ?\d{11}|NL ?\d{3,4}[ .]?\d{2,3}[ .]?\d{2,3}[ .]?B[ .]?\d{2}|BE ?[01]?\d{3}[ .]?\d{3}[ .]?\d{3}"
    r"|(?:GB|XI) ?\d{3} ?\d{4} ?\d{2}(?: ?\d{3})?|AT ?U ?\d{8}|CHE[ -]?\d{3}[ .]?\d{3}[ .]?\d{3}(?: ?(?:MWST|TVA|IVA))?"
    r"|LU ?\d{8}|PT ?\d{3} ?\d{3} ?\d{3}|IE ?\d[A-Z0-9]\d{5}[A-Z]{1,2}|DK ?\d{2} ?\d{2} ?\d{2} ?\d{2}|SE ?\d{12}"
    r"|PL ?\d{3} ?\d{3} ?\d{2} ?\d{2}|FI ?\d{8}|CZ ?\d{8,10}|SK ?\d{10}|HU ?\d{8}|RO ?\d{2,10}|BG ?\d{9,10}"
    r"|(?:EL|GR) ?\d{9}|HR ?\d{11}|SI ?\d{8}|EE ?\d{9}|LV ?\d{11}|LT ?\d{9,12}|MT ?\d{8}|CY ?\d{8}[A-Z])(?![A-Z0-9])"
)
_SPANISH: Final = re.compile(
    r"(?<![A-Z0-9])(?:[ABCDEFGHJNPQRSUVW]-?\d{2}\.?\d{3}\.?\d{3}|[ABCDEFGHJNPQRSUVWKLMXYZ]-?\d{7}-?[A-Z0-9]|\d{2}\.?\d{3}\.?\d{3}-?[A-Z])(?![A-Z0-9])"
)
_ITALIAN: Final = re.compile(r"(?<!\d)\d{11}(?!\d)")
_SIREN: Final = re.compile(r"(?<![\d.,])\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{5}|[ .]?\d{2} ?\d{3})?(?![\d.,]\d|\d)")
_IBAN: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){4,34}")
_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_LENGTHS: Final = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number in its compact form, and the words of the row that it was written with."""

    value: str
    row: int
    first: int
    last: int
    left: float
    right: float


def vats_in(row: Row) -> Iterator[Identifier]:
    """VAT numbers with the letters of their country."""
    text = row.text.upper()
    for match in _VAT.finditer(text):
        compact = re.sub(r"[^A-Z0-9]", "", match[0])
        if not (match[0].startswith(("RO", "SE", "DK", "SI")) and " " in match[0][:3]):
            yield _identifier(row, match, compact)


def national_vats_in(row: Row, country: str) -> Iterator[Identifier]:
    """Spanish NIFs and Italian Partite IVA as they are printed at home, without letters; with their country's."""
    pattern = {"es": _SPANISH, "it": _ITALIAN}.get(country)
    for match in pattern.finditer(row.text.upper()) if pattern else ():
        yield _identifier(row, match, country.upper() + re.sub(r"[^A-Z0-9]", "", match[0]))


def sirens_in(row: Row) -> Iterator[Identifier]:
    """SIREN numbers, bare or at the head of a SIRET, whose check digit is right."""
    for match in _SIREN.finditer(row.text):
        if siren := values.siren_of(re.sub(r"\D", "", match[0])):
            yield _identifier(row, match, siren)


def ibans_in(row: Row, below: Row | None, *, labelled: bool = False) -> Iterator[Identifier]:
    """IBANs, also those whose checksum is wrong, as long as they have their country's length, or a label.

    One that is cut at the end of its cell goes on in the cell below (`below` is the next row).
    """
    for cell in row.cells:
        text = cell.text.upper()
        for match in _IBAN.finditer(text):
            compact = re.sub(r"[ -]", "", match[0])
            length = _LENGTHS.get(compact[:2])
            if (
                (length is None or not any(c.isdigit() for c in compact[4:]))
                and not labelled
                and not values.is_true_iban(compact)
            ):
                continue
            if length and len(compact) < length and match.end() == len(text) and below is not None:
                compact += _rest_of_iban(cell.left, below)
            if len(compact) >= (length or 15) or (labelled and len(compact) >= 15):
                yield Identifier(compact[:length], row.number, cell.first, cell.last, cell.left, cell.right)


def _rest_of_iban(left: float, below: Row) -> str:
    """The groups of digits that the cell below begins with; its left edge may be that of the label."""
    for cell in below.cells:
        if abs(cell.left - left) < 60 and (match := re.match(r"(?:[A-Z0-9]{1,4}(?: |$)){1,6}", cell.text.upper())):
            return match[0].replace(" ", "") if any(c.isdigit() for c in match[0]) else ""
    return ""


def emails_in(row: Row) -> Iterator[Identifier]:
    """Mail addresses in small letters."""
    for match in _EMAIL.finditer(row.text) if "@" in row.text else ():
        if address := values.email_of(match[0].rstrip(".-")):
            yield _identifier(row, match, address)


def _identifier(row: Row, match: re.Match[str], value: str) -> Identifier:
    first, last = row.word_at(match.start()), row.word_at(match.end() - 1)
    return Identifier(value, row.number, first, last, row.words[first].left, row.words[last].right)
