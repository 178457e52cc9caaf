"""The days of an invoice page: when it was issued, when it is due, what paying early saves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from mailbot.invoices.dates import MONTH_NAMES, Order, slash_order
from mailbot.invoices.fields import Candidate, Day, Document, beside
from mailbot.invoices.labels import Mark
from mailbot.invoices.references import Numbered
from mailbot.invoices.terms import EARLY, Discount, discount_in, due_dates, says_when
from mailbot.invoices.values import no_such_day
from mailbot.model import Doubt

_GENERIC: Final = frozenset(
    (
        "date", "datum", "fecha", "data", "vom", "du", "del", "dated", "emision", "emissione", "issued", "dd",
        "biszum", "due", "paiement", "reglement", "echeance", "scadenza",
    )
)  # fmt: skip
_JOINTS: Final = frozenset(
    (
        "du", "vom", "del", "of", "dated", "from", "le", "van", "dd", "date", "datum", "data", "fecha", "am", "on",
        "den", "the", "de", "issued", "emise", "emis", "ausgestellt", "at", "i", "und", "et", "der", "la", "au",
        "il", "zum", "bis", "to", "by", "est", "ist", "is", "entro",
    )
)  # fmt: skip
_DATELINE: Final = re.compile(r"[^\W\d][^\d,]{1,40}, (?:le |the |den |am |a |il |li |el )?$")
_PAY: Final = re.compile(
    r"paiement|payable|r[èe]glement|r[ée]gler|payment|payable|\bpay\b|\bnet\b|\bdue\b|zahl|f[äa]llig|überweis|netto|skonto|escompte"
    r"|discount|pago|pagar|vencimiento|pagament|bonifico|riba|ri\.ba|scadenza|rimessa|betal|voldoen|korting|comptant|échéance"
    r"|transferencia|giro|sconto|descuento|begleich|days (?:from|of|after)|strictly|tage ab|vista"
    r"|over te maken|overma?ak|lastschrift|eingezogen|abgebucht|pr[ée]l[èe]v|addebit|incass|direct debit"
    r"|virement|verser|acquitter|solder|ausgleich|abonar|abonable|ingres|saldare|versare|settle|remit|storten"
    r"|within \w+ (?:\(\d+\) )?(?:calendar )?days|innerhalb von \w+ tagen|binnen \w+ dagen"
    r"|sous \w+ jours|entro \w+ giorni|(?:en|a) \w+ d[ií]as",
    re.IGNORECASE,
)
_LOOKS_LIKE_A_DAY: Final = re.compile(
    r"(?<![\d.,/-])(?:\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{4}-\d{1,2}-\d{1,2}"
    rf"|\d{{1,2}}(?:er|\.)? (?:de )?(?:{MONTH_NAMES})\.? (?:del? )?\d{{4}})(?![\d/])",
    re.IGNORECASE,
)
"""Written as a date is, whether there is such a day or not."""
_BRITISH: Final = re.compile(
    r"£|GBP|(?<![A-Z])GB ?\d{9}|(?<!\w)(?:ABN|United Kingdom|Ireland|Australia|New Zealand|India)(?!\w)"
)
_AMERICAN: Final = re.compile(r"US\$|USD|(?<!\w)[A-Z]{2} \d{5}(?!\d)|(?<![A-Z])\$")
_EUROPEAN: Final = re.compile(r"€|(?<!\w)EUR(?!\w)|(?<![A-Z])(?:FR|DE|ES|IT|NL|BE)[A-Z0-9]?\d{8}")
_MOST_TERMS: Final = 12
_MOST_PARTS: Final = 13


@dataclass(slots=True)
class When:
    """The dates of an invoice with how certain they are, its terms in words, and the doubts."""

    issued: date | None = None
    due: date | None = None
    issued_certainty: float = 0.0
    due_certainty: float = 0.0
    terms: str | None = None
    discount: Discount | None = None
    doubts: list[Doubt] = field(default_factory=list)


def order_of(text: str, language: str) -> Order:
    """What 03/04/2026 means on this page: the day first, but for English, whose other dates or currency may tell."""
    if language != "en":
        return "day"
    proved = slash_order(text)
    if proved != "either":
        return proved
    british, american = _BRITISH.search(text), _AMERICAN.search(text)
    if american:
        return "either_month" if british or american[0] == "$" or _EUROPEAN.search(text) else "month"
    return "day" if british else "either"


def when_of(document: Document, number: Numbered) -> When:
    """The dates of a page."""
    found = When()
    issued = _issue_days(document, number)
    dues = _labelled(document, "due_date")
    terms = list(dict.fromkeys(_terms(document)))
    found.terms = " ".join(_stated_terms(document))[:300] or None
    found.issued, found.issued_certainty = _choose("issue_date", issued, found.doubts)
    wrong = None if issued else _no_day(document, "issue_date", number)
    if wrong:
        found.doubts.append(no_such_day("issue_date", wrong))
    elif found.issued is None and not issued:
        found.issued, found.issued_certainty = _any_day(document, found.doubts)
    parts = _instalments(document)
    possible = [] if parts else [one for one in dues if _may_be_due(one, found.issued)]
    due, certainty = _choose("due_date", possible, found.doubts)
    counted = due_dates("\n".join(terms), found.issued, order=document.order)
    if document.order in ("either", "either_month"):
        _agree(found, issued, dues, terms)
        due = found.due or due
    if parts:
        found.due, found.due_certainty = parts[-1], 0.5
        found.doubts.append(Doubt("due_date", "several due dates: paid by instalments?", _texts(parts)))
    elif due is not None:
        found.due, found.due_certainty = due, 0.99 if due in counted else certainty
    elif wrong := _no_day(document, "due_date"):
        found.doubts.append(no_such_day("due_date", wrong))
    elif not any(doubt.field == "due_date" for doubt in found.doubts):
        _from_terms(found, counted)
    found.discount = discount_in("\n".join(terms), found.issued)
    return found


def _issue_days(document: Document, number: Numbered) -> list[tuple[tuple[date, ...], float]]:
    found = _labelled(document, "issue_date")
    if number.row is not None and number.last is not None:
        for day in document.days.get(number.row, ()):
            between = document.row(number.row).words[number.last + 1 : day.first]
            if (
                day.first > number.last
                and len(between) <= 3
                and all(word.key in _JOINTS or not word.key for word in between)
            ):
                found.append((day.readings, 0.97))
    for days in document.days.values():
        for day in days:
            row = document.row(day.row)
            cell = row.cells[row.cell_of(day.first)]
            lead = " ".join(word.text for word in row.words[cell.first : day.first])
            if lead and day.last == cell.last and _DATELINE.fullmatch(lead + " ") and not document.by_row.get(day.row):
                found.append((day.readings, 0.8))
    return found


def _labelled(document: Document, name: str) -> list[tuple[tuple[date, ...], float]]:
    found = beside(document, [name], document.days)
    if name == "due_date":
        found = [one for one in found if not _speaks_of_discount(document, one)]
    return [(one.value.readings, weight) for one in found if (weight := _weight(document, one))]


def _speaks_of_discount(document: Document, one: Candidate[Day]) -> bool:
    """Whether the sentence that the label stands in is about what paying early saves."""
    row = document.row(one.mark.row)
    label = row.text[row.starts[one.mark.first] :][:12]
    clauses = re.split(r"[;,](?!\d)|\.\s", row.text[row.starts[row.cells[one.mark.cell].first] :])
    return any(label in clause and EARLY.search(clause) for clause in clauses)


def _weight(document: Document, one: Candidate[Day]) -> float:
    """Less where other words stand between label and date, or where the label is a word of any sentence."""
    weight = one.weight * (0.85 if one.mark.key in _GENERIC else 1.0)
    if one.where == "right":
        between = document.row(one.mark.row).words[one.mark.last + 1 : one.value.first]
        others = [word for word in between if word.key and word.key not in _JOINTS]
        weight *= 1.0 if not others else 0.6 if len(others) == 1 else 0.35
    if one.mark.field == "issue_date" and not one.mark.begins and one.mark.key in _GENERIC:
        return weight * 0.6
    return weight


def _choose(
    name: str, found: Sequence[tuple[tuple[date, ...], float]], doubts: list[Doubt]
) -> tuple[date | None, float]:
    """The best one; a doubt where another is as good, or where it may be read in two ways."""
    if not found:
        return None, 0.0
    best, weight = max(found, key=lambda one: one[1])
    if len(best) > 1:
        doubts.append(Doubt(name, "day and month could be the other way round", _texts(best)))
        return best[0], 0.5
    rivals = [readings[0] for readings, other in found if readings != best and other > weight - 0.08]
    if rivals:
        doubts.append(Doubt(name, "the page shows several", _texts([best[0], *rivals])))
    elif weight < 0.5:
        doubts.append(Doubt(name, "no label says clearly that this is the date", _texts(best)))
    return best[0], min(weight + 0.05, 0.98)


def _may_be_due(found: tuple[tuple[date, ...], float], issued: date | None) -> bool:
    return issued is None or any(day >= issued for day in found[0]) or found[1] > 0.8


def _any_day(document: Document, doubts: list[Doubt]) -> tuple[date | None, float]:
    """The first date of the page that no label claims for something else."""
    for number in sorted(document.days):
        for day in document.days[number]:
            before = [mark for mark in document.by_row.get(number, ()) if mark.last < day.first]
            if not before or before[-1].field not in ("other_date", "due_date", "order", "other_number"):
                doubts.append(
                    Doubt("issue_date", "no label says that this is the date of the invoice", _texts(day.readings))
                )
                return day.readings[0], 0.4
    return None, 0.0


def _agree(
    found: When,
    issued: Sequence[tuple[tuple[date, ...], float]],
    dues: Sequence[tuple[tuple[date, ...], float]],
    terms: Sequence[str],
) -> None:
    """Where days and months may be swapped: the one pair that the payment terms confirm, if there is one."""
    pairs = {
        (first, second)
        for first_readings, _ in issued
        for second_readings, _ in dues
        for first in first_readings
        for second in second_readings
        if second in due_dates("\n".join(terms), first) or second - first in (timedelta(30), timedelta(14))
    }
    if len(pairs) == 1:
        ((found.issued, found.due),) = pairs
        found.issued_certainty = found.due_certainty = 0.9
        found.doubts = [doubt for doubt in found.doubts if doubt.field not in ("issue_date", "due_date")]


def _instalments(document: Document) -> list[date]:
    """The days of a plan of payments: two or more behind or below one label, each with an amount."""
    for mark in document.marks.get("due_date", ()):
        days: set[date] = set()
        amounts = 0
        for row in document.sheet.rows[mark.row : mark.row + _MOST_PARTS]:
            first = mark.last if row.number == mark.row else -1
            here = [day.readings[0] for day in document.days.get(row.number, ()) if day.first > first]
            sums = [one for one in document.amounts.get(row.number, ()) if one.exact and one.first > first]
            if row.number > mark.row and (not here or len(here) != len(sums)):
                break
            days.update(here)
            amounts += len(sums)
        if len(days) > 1 and amounts >= len(days):
            return sorted(days)
    return []


def _no_day(document: Document, name: str, number: Numbered | None = None) -> str | None:
    """What stands by a label, or behind the number of the invoice, as a date does, but is no day of the calendar."""
    places = [(mark.row, mark.last) for mark in document.marks.get(name, ()) if mark.begins]
    if number is not None and number.row is not None and number.last is not None:
        places.append((number.row, number.last))
    for at, last in places:
        row = document.row(at)
        start = row.starts[last] + len(row.words[last].text)
        found = _LOOKS_LIKE_A_DAY.search(row.text, start, start + 40)
        if found and not any(row.starts[day.first] <= found.start() < row.starts[day.last] + 12
                             for day in document.days.get(at, ())):  # fmt: skip
            return found[0]
    return None


def _from_terms(found: When, counted: Sequence[date]) -> None:
    if len(counted) == 1:
        found.due, found.due_certainty = counted[0], 0.75
        found.doubts.append(Doubt("due_date", "no due date; this one follows from the payment terms", _texts(counted)))
    elif counted:
        found.due, found.due_certainty = counted[0], 0.5
        found.doubts.append(Doubt("due_date", "the payment terms can be read in several ways", _texts(counted)))


def _stated_terms(document: Document) -> Iterator[str]:
    for mark in document.marks.get("terms", ()):
        if mark.begins and (words := _rest(document, mark)):
            yield words
            return


def _terms(document: Document) -> Iterator[str]:
    """What stands by the labels of terms and due dates, and sentences that speak of paying."""
    for name in ("terms", "due_date"):
        for mark in document.marks.get(name, ())[:_MOST_TERMS]:
            if mark.begins and (words := _rest(document, mark)):
                yield words
    for row in document.sheet.rows:
        for cell in row.cells:
            if len(cell.text) <= 8 or not _PAY.search(cell.text):
                continue
            if any(character.isdigit() for character in cell.text) or says_when(cell.text):
                yield _continued(document, row.number, cell.text, cell.left)


def _rest(document: Document, mark: Mark) -> str:
    """The label's own cell with its label (which may say "net", "payable"), or the cell beside or below it."""
    row = document.row(mark.row)
    cell = row.cells[mark.cell]
    if mark.last < cell.last:
        return _continued(document, mark.row, cell.text, cell.left)
    if mark.cell + 1 < len(row.cells):
        beside_ = row.cells[mark.cell + 1]
        labelled = any(other.first == beside_.first and other.begins for other in document.by_row[mark.row])
        if not labelled or says_when(beside_.text):  # "Net 30" begins with a label, too
            return _continued(document, mark.row, beside_.text, beside_.left)
    for below in document.sheet.rows[mark.row + 1 : mark.row + 4]:
        if below.page != row.page or below.top - row.bottom > 4 * row.height:
            break
        for other in below.cells:
            if other.left < cell.right + 4 and other.right > cell.left - 4:
                return _continued(document, below.number, other.text, other.left)
    return ""


def _continued(document: Document, number: int, text: str, left: float) -> str:
    """A sentence with the line on which it goes on, where it does not end with its own."""
    if text.endswith((".", ":")) or number + 1 >= len(document.sheet.rows) or len(text) < 25:
        return text
    row, below = document.row(number), document.row(number + 1)
    if below.page == row.page and below.top - row.bottom < 0.8 * row.height:
        for cell in below.cells:
            if abs(cell.left - left) < 5 and cell.text[:1].islower():
                return f"{text} {cell.text}"
    return text


def _texts(days: Sequence[date]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(day.isoformat() for day in days))[:5]
