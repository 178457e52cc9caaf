"""Whether a client's SIREN and VAT number can be right: their form and check digits, as far as a country has them.

Nothing is looked up: a number that passes may still be another company's, or struck off the register.
"""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["valid", "wrong", "unknown"]
"""`unknown`: a country whose numbers are not known here."""

_WORDS = {
    "valid": "check digits right",
    "wrong": "WRONG: its check digits cannot be right",
    "unknown": "not checked: numbers of this country are not known",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One number and what its check digits say. `other`: its SIREN is not the one that the client has."""

    kind: Literal["VAT", "SIREN"]
    number: str
    verdict: Verdict
    other: bool = False

    @property
    def words(self) -> str:
        """For a list of facts: "SIREN 732829320 (check digits right)"."""
        said = _WORDS[self.verdict] + (", but of another SIREN than the one below" if self.other else "")
        return f"{self.kind} {self.number} ({said})"


def checked(vat: str | None, siren: str | None) -> tuple[Checked, ...]:
    """What can be said of the numbers of a client, the VAT number first; those that are not known are left out."""
    found = []
    if vat:
        verdict, own = _vat(vat), _siren_within(vat)
        found.append(Checked("VAT", vat, verdict, other=bool(siren and own and verdict == "valid" and own != siren)))
    if siren:
        found.append(Checked("SIREN", siren, _siren(siren)))
    return tuple(found)


def _siren(number: str) -> Verdict:
    from stdnum.fr import siren

    return "valid" if siren.is_valid(number) else "wrong"


def _vat(number: str) -> Verdict:
    from stdnum import get_cc_module

    country = number.strip()[:2].lower()
    known = get_cc_module({"el": "gr", "xi": "gb"}.get(country, country), "vat") if country.isalpha() else None
    if known is None:
        return "unknown"
    return "valid" if known.is_valid(number) else "wrong"


def _siren_within(vat: str) -> str | None:
    compact = "".join(vat.split()).upper()
    return compact[4:] if compact.startswith("FR") and len(compact) == 13 and compact[4:].isdigit() else None
