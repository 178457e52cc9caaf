"""Lines that take a payment back: returned transfers, rejected direct debits, bounced cheques.

A line takes back the latest payment of its amount that it names: by the bank's id, by an invoice number, or by the
payer. A return that names none of them may take back any payment of its amount; one of a little more may take back
the payments that it names, with the bank's charges in one line.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from mailbot.bank.labels import LONGEST_TEXT, take_apart
from mailbot.bank.openbook import Credit, OpenBook, cents_of
from mailbot.bank.parties import SHORTEST_CUT, is_return, squeezed, without_motive
from mailbot.bank.references import fold
from mailbot.model import Line, Share

_LONGEST = timedelta(days=400)
"""A direct debit that nobody mandated may be returned for 13 months (SEPA Core rulebook)."""
_MOST = 3
MOST_CHARGES = Decimal(50)
"""What a bank may add to a return for its own work, as German ones do to a Rücklastschrift."""
_MOST_NEAR = 50


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was booked, and what it was given to."""

    line: Line
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A payment as a reversal may speak of it."""

    line: Line
    numbers: frozenset[str]
    """The invoices that it paid or named, and texts that look like numbers."""
    payers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The id of the payment that a debit takes back; or, where it names none, of those that it may take back."""

    payment: str = ""
    perhaps: tuple[str, ...] = ()
    charged: bool = False
    """It is of more than the payments, by what may be charges."""


def is_return_of(line: Line) -> bool:
    """Whether the bank says that the line takes something back."""
    return line.reversal or bool(line.reverses) or is_return(_label(line))


class Reversals:
    """The payments that may be taken back, and which of them a debit takes back; each at most once."""

    def __init__(self, book: OpenBook, booked: Iterable[Payment], met: Iterable[Credit]) -> None:
        self._book = book
        self._payments: dict[tuple[str, int], list[_Known]] = {}
        self._taken: set[str] = set()
        self._amounts: list[tuple[str, int]] = []
        for payment in booked:
            self._learn(book.look(payment.line), frozenset(share.invoice for share in payment.shares))
        for credit in met:
            self._learn(credit, frozenset())
        self._amounts = sorted(self._payments)

    def of(self, lines: Sequence[Line]) -> list[TakenBack]:
        """The payment that each of these debits takes back, or those of which it may be one."""
        order = sorted(range(len(lines)), key=lambda at: (lines[at].date, lines[at].id))
        found = {at: self._taken_back(lines[at]) for at in order}
        return [found[at] for at in range(len(lines))]

    def _learn(self, credit: Credit, numbers: frozenset[str]) -> None:
        spoken = take_apart(credit.line)
        names = (without_motive(payer) if spoken.runs_on else payer for payer in spoken.payers)
        payers = tuple(letters for name in names if len(letters := squeezed(name)) >= SHORTEST_CUT)
        known = _Known(credit.line, numbers | {*credit.hits, *credit.strange}, payers)
        self._payments.setdefault((credit.line.currency, credit.cents), []).append(known)

    def _taken_back(self, debit: Line) -> TakenBack:
        cents = cents_of(-debit.amount, debit.currency)
        if not cents or not is_return_of(debit):
            return TakenBack()
        fitting = self._before(debit, [(debit.currency, cents)])
        named = self._named(debit, fitting)
        if not fitting:
            near = self._named(debit, self._before(debit, self._a_little_less(debit.currency, cents)))
            return TakenBack("", tuple(known.line.id for known in near[:_MOST]), charged=bool(near))
        if not named:
            return TakenBack("", tuple(known.line.id for known in fitting[:_MOST]))
        self._taken.add(named[0].line.id)
        return TakenBack(named[0].line.id)

    def _before(self, debit: Line, amounts: Iterable[tuple[str, int]]) -> list[_Known]:
        """The payments of these amounts that the debit may take back, the latest first."""
        fitting = [
            known
            for amount in amounts
            for known in self._payments.get(amount, ())
            if known.line.id not in self._taken and timedelta() <= debit.date - known.line.date <= _LONGEST
        ]
        return sorted(fitting, key=lambda known: (known.line.date, known.line.id), reverse=True)

    def _a_little_less(self, currency: str, cents: int) -> list[tuple[str, int]]:
        end = bisect_left(self._amounts, (currency, cents))
        start = bisect_left(self._amounts, (currency, cents - cents_of(MOST_CHARGES, "EUR")))
        return self._amounts[max(start, end - _MOST_NEAR) : end]

    def _named(self, debit: Line, fitting: Sequence[_Known]) -> list[_Known]:
        """The payments that the debit names, by the surest name that names any; none where it names two payers."""
        if debit.reverses:
            told = [known for known in fitting if debit.reverses in (known.line.bank_id, known.line.end_to_end)]
            if told:
                return told
        credit = self._book.look(replace(debit, amount=-debit.amount))
        told = [known for known in fitting if known.numbers & {*credit.hits, *credit.strange}]
        if told:
            return told
        label = squeezed(_label(debit))
        heard = [max((_heard(payer, label) for payer in known.payers), default=0) for known in fitting]
        told = [known for known, letters in zip(fitting, heard, strict=True) if letters and letters == max(heard)]
        return told if len({known.payers for known in told}) == 1 else []


def _heard(payer: str, label: str) -> int:
    """How many letters of the name the label has: all, or the beginning in which it ends because the bank cut it."""
    if payer in label:
        return len(payer)
    return max((cut for cut in range(SHORTEST_CUT, len(payer)) if label.endswith(payer[:cut])), default=0)


def _label(line: Line) -> str:
    return fold(f"{line.name} {line.memo} {line.payer}"[:LONGEST_TEXT])
