"""What the law adds to invoices on a day, as lines for a letter or a dossier, and why it cannot be said."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from mailbot.evidence.charges import charges_of
from mailbot.evidence.parties import Charge
from mailbot.jobs.office import Office
from mailbot.jobs.penalties import Found, owed_of_all
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.explain import known, lines, refused
from mailbot.ledger.invoices import Invoice


def charges_on(
    conn: Connection, office: Office, billed: Iterable[Invoice], on: date, language: str = ""
) -> tuple[tuple[Charge, ...], str]:
    """(what is added to each late invoice, why something could not be computed: "" where all could)."""
    said = language or office.business.language
    charges: list[Charge] = []
    problems: list[str] = []
    for found in _late(conn, office, billed, on):
        if isinstance(found.result, Owed):
            charges += charges_of(found.result, said)
        else:
            problems += [refused(found.result, said), *filter(None, [_known(found, said)])]
    return tuple(charges), " ".join(dict.fromkeys(problems))


def _known(found: Found, language: str) -> str:
    """What an invoice had come to on the last day of which the rates are known, by its number."""
    told = known(found.result, language) if isinstance(found.result, Refusal) else ""
    colon = " : " if language == "fr" else ": "
    return f"{found.invoice.number}{colon}{told[0].lower()}{told[1:]}" if told else ""


def computation(
    conn: Connection, office: Office, billed: Iterable[Invoice], on: date, language: str
) -> list[tuple[str, list[str]]]:
    """(number, line by line how it came about) of each late invoice of which it can be said."""
    return [
        (found.invoice.number, lines(found.result, office.tables, language))
        for found in _late(conn, office, billed, on)
        if isinstance(found.result, Owed)
    ]


def _late(conn: Connection, office: Office, billed: Iterable[Invoice], on: date) -> list[Found]:
    late = [one for one in billed if one.kind == "invoice" and one.due < on]
    return owed_of_all(conn, office, late, on)
