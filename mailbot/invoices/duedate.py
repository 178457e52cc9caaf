"""The due date of an XML invoice: its field, else its payment terms in words."""

from collections.abc import Sequence
from datetime import date

from mailbot.invoices.terms import due_dates
from mailbot.model import Doubt


def choose_due(fields: Sequence[date], terms: str, issued: date | None) -> tuple[date | None, list[Doubt]]:
    """One due date and what is doubtful about it.

    Several different fields are instalments: the last one is taken, so that nobody is reminded too early.
    A date from words is doubtful in any case; of several readings the commoner one is taken.
    """
    days = sorted(set(fields))
    if len(days) == 1:
        return days[0], []
    if days:
        return days[-1], [Doubt("due_date", "several due dates: paid by instalments?", _texts(days))]
    read = due_dates(terms, issued)
    if not read:
        return None, []
    if len(read) > 1:
        return read[0], [Doubt("due_date", "the payment terms can be read in several ways", _texts(read))]
    return read[0], [Doubt("due_date", "no due date; this one follows from the payment terms", _texts(read))]


def _texts(days: Sequence[date]) -> tuple[str, ...]:
    return tuple(day.isoformat() for day in days)
