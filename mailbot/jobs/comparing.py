"""What a dossier says of invoices, debtor, arrivals and payments, against the sealed facts; each difference is named.

The check of the chain compares the rows with what sealed events state (`evidence.stated`). Here its findings about one
claim become sentences; what is left open of each invoice is worked out again from the events.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from mailbot.evidence.stated import Difference
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.chaining import Verdict
from mailbot.jobs.gathering import Material
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events
from mailbot.money import write_amount
from mailbot.rules.state import open_amounts


@dataclass(frozen=True, slots=True)
class Compared:
    """Sentences for the dossier."""

    unlike: tuple[str, ...]
    """What the records say and the seals do not; each stands in the check of the chain too."""
    open_unlike: tuple[str, ...]
    """Invoices of which something else is left open than the events say."""
    unstated: tuple[str, ...]
    """Of what no sealed event states anything: it was recorded before facts were."""


def compared(
    conn: Connection, office: Office, material: Material, verdict: Verdict, on: date, language: str
) -> Compared:  # fmt: skip
    """Compares all that a dossier of `material`, made on the day `on`, takes from rows that no seal covers."""
    rows, here = _rows(material), str(material.client.id)
    moved = [one for one in verdict.facts if one.field == "client" and one.sealed == here]
    mine = [one for one in verdict.facts if (one.kind, one.key) in rows or one in moved]
    return Compared(
        tuple(_words(one, material, language) for one in mine),
        tuple(_open_unlike(conn, office, material, on, language)),
        tuple(_unstated(material, verdict, language)),
    )


def _rows(material: Material) -> set[tuple[str, str]]:
    return {
        ("client", str(material.client.id)),
        *(("invoice", number) for number in material.numbers),
        *(("invoice", one.invoice) for one in material.events if one.invoice is not None),
        *(("mail", str(one.row.id)) for one in material.sent),
        *(("letter", one.info.id) for one in material.heard),
        *(("line", line) for line in material.lines),
    }


def _words(one: Difference, material: Material, language: str) -> str:
    """A sentence; what is found there now is not told where it names another client."""
    words, names = words_of("stated", language), words_of("stated_fields", language)
    what = words[one.kind].format(key=one.key)
    if one.found is None:
        return words["gone"].format(what=what, n=one.n)
    if one.field == "label":
        return words["label_unlike"].format(what=what, n=one.n)
    found = words["found_hidden"] if material.others.in_label(one.found or "") else one.found or "–"
    return words["unlike"].format(what=what, field=names[one.field], sealed=one.sealed or "–", found=found, n=one.n)


def _open_unlike(
    conn: Connection, office: Office, material: Material, on: date, language: str
) -> Iterator[str]:  # fmt: skip
    """Where what is left of an invoice does not follow from the events, up to the last of them or up to today."""
    whose = material.client.id
    facts, happened = clients.facts(conn, office.key, whose), events.for_rules(conn, office.key, whose)
    last = max((one.day for one in happened), default=on)
    worked_out = [open_amounts(facts, happened, day) for day in (last, on)]
    for invoice in material.billed:
        left = [each.get(invoice.number, invoice.open_amount) for each in worked_out]
        if invoice.open_amount not in left:
            yield words_of("stated", language)["open_unlike"].format(
                number=invoice.number, left=write_amount(left[-1], invoice.currency, language),
                found=write_amount(invoice.open_amount, invoice.currency, language),
            )  # fmt: skip


def _unstated(material: Material, verdict: Verdict, language: str) -> Iterator[str]:
    words, missing = words_of("stated", language), _rows(material) - verdict.stated
    keys = {kind: sorted(key for each, key in missing if each == kind) for kind in ("invoice", "letter", "line")}
    if keys["invoice"]:
        yield words["invoices_unstated"].format(numbers=", ".join(keys["invoice"]))
    if ("client", str(material.client.id)) in missing:
        yield words["client_unstated"]
    for kind in ("letter", "line"):
        if keys[kind]:
            yield words[f"{kind}_unstated"].format(count=len(keys[kind]))
