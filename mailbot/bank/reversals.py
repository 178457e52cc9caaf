"""Lines that take a payment back: returned transfers, rejected direct debits, bounced cheques.

A line takes back the latest payment of its amount that it names: by the bank's id, by an invoice number, or by the
payer. Where the bank does not say that it is a return, the same number and amount are still a question.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mailbot.bank.labels import take_apart
from mailbot.bank.openbook import Credit, OpenBook, cents_of
from mailbot.bank.parties import name_words
from mailbot.bank.references import fold
from mailbot.model import Line, Share

_RETURN = re.compile(
    r"\b(?:REJETS?|REJ|IMPAYES?|RETOUR|RETOURNE|ANNULATION|ANNUL|RETURN(?:ED)?|REVERSAL|REVERSED|RECALL|CHARGEBACK"
    r"|RUCKLASTSCHRIFT|RUCKUBERWEISUNG|RETOURE|STORNO|STORNERING|INSOLUTO)\b"
)
_LONGEST = timedelta(days=400)
"""A direct debit that nobody mandated may be returned for 13 months (SEPA Core rulebook)."""
_SHORTEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was booked, and what it was given to."""

    line: Line
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A payment as a reversal may speak of it."""

    line: Line
    cents: int
    numbers: frozenset[str]
    """The invoices that it paid or named, and texts that look like numbers."""
    payers: tuple[str, ...]


class Reversals:
    """The payments that may be taken back, and which of them a debit takes back; each at most once."""

    def __init__(self, book: OpenBook, booked: Iterable[Payment], met: Iterable[Credit]) -> None:
        self._book = book
        self._payments: dict[tuple[str, int], list[_Known]] = {}
        self._taken: set[str] = set()
        for payment in booked:
            self._learn(book.look(payment.line), frozenset(share.invoice for share in payment.shares))
        for credit in met:
            self._learn(credit, frozenset())

    def is_return(self, line: Line) -> bool:
        """Whether the bank says that the line takes something back."""
        return line.reversal or bool(line.reverses) or _RETURN.search(_label(line)) is not None

    def of(self, lines: Sequence[Line]) -> list[str]:
        """The ids of the payments that these debits take back, "" where one takes none back."""
        order = sorted(range(len(lines)), key=lambda at: (lines[at].date, lines[at].id))
        found = {at: self._taken_back(lines[at]) for at in order}
        return [found[at] for at in range(len(lines))]

    def _learn(self, credit: Credit, numbers: frozenset[str]) -> None:
        spoken = take_apart(credit.line)
        payers = tuple(
            letters for payer in spoken.payers if len(letters := "".join(name_words(payer))) >= _SHORTEST_NAME
        )
        known = _Known(credit.line, credit.cents, numbers | {*credit.hits, *credit.strange}, payers)
        self._payments.setdefault((credit.line.currency, credit.cents), []).append(known)

    def _taken_back(self, debit: Line) -> str:
        cents = cents_of(-debit.amount, debit.currency)
        fitting = [
            known
            for known in self._payments.get((debit.currency, cents), ())
            if known.line.id not in self._taken and timedelta() <= debit.date - known.line.date <= _LONGEST
        ]
        named = self._named(debit, fitting) if self.is_return(debit) and cents else []
        if not named:
            return ""
        chosen = max(named, key=lambda known: (known.line.date, known.line.id))
        self._taken.add(chosen.line.id)
        return chosen.line.id

    def _named(self, debit: Line, fitting: Sequence[_Known]) -> list[_Known]:
        """The payments that the debit names, by the surest name that names any."""
        if debit.reverses:
            told = [known for known in fitting if debit.reverses in (known.line.bank_id, known.line.end_to_end)]
            if told:
                return told
        credit = self._book.look(replace(debit, amount=-debit.amount))
        numbers = {*credit.hits, *credit.strange}
        told = [known for known in fitting if numbers & known.numbers]
        if told:
            return told
        letters = "".join(name_words(_label(debit)))
        return [known for known in fitting if any(payer in letters for payer in known.payers)]


def _label(line: Line) -> str:
    return fold(f"{line.name} {line.memo} {line.payer}")
