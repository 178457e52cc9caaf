"""What the law adds to invoices on a day, as lines for a letter or a dossier, and why it cannot be said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from mailbot.evidence.charges import charges_of
from mailbot.evidence.parties import Charge
from mailbot.jobs.office import Office
from mailbot.jobs.penalties import Found, owed_of_all
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.explain import known, lines, refused
from mailbot.ledger.invoices import Invoice


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What late invoices have come to on a day, in words: all that a dossier says of sums is taken from it."""

    found: tuple[Found, ...]
    charges: tuple[Charge, ...]
    """What is added to each late invoice."""
    problems: str
    """Why something could not be computed; "" where all could."""
    computation: tuple[tuple[str, list[str]], ...]
    """(invoice, line by line how it came about) of each of which it can be said."""

    @property
    def owed(self) -> dict[str, Owed]:
        """By invoice; the principal there may be above what is open, where a payment settled interest first."""
        return {one.invoice.number: one.result for one in self.found if isinstance(one.result, Owed)}


def reckoned(conn: Connection, office: Office, billed: Iterable[Invoice], on: date, language: str = "") -> Reckoning:
    """What these invoices have come to on a day; those that are not late and credit notes are left out."""
    said = language or office.business.language
    late = [one for one in billed if one.kind == "invoice" and one.due < on]
    found = tuple(owed_of_all(conn, office, late, on))
    charges: list[Charge] = []
    problems: list[str] = []
    for one in found:
        if isinstance(one.result, Owed):
            charges += charges_of(one.result, said)
        else:
            problems += [refused(one.result, said), *filter(None, [_known(one, said)])]
    computation = tuple(
        (one.invoice.number, lines(one.result, office.tables, said)) for one in found if isinstance(one.result, Owed)
    )
    return Reckoning(found, tuple(charges), " ".join(dict.fromkeys(problems)), computation)


def _known(found: Found, language: str) -> str:
    """What an invoice had come to on the last day of which the rates are known, by its number."""
    told = known(found.result, language) if isinstance(found.result, Refusal) else ""
    colon = " : " if language == "fr" else ": "
    return f"{found.invoice.number}{colon}{told[0].lower()}{told[1:]}" if told else ""
