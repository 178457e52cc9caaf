"""The statements of a file put together: pages joined, sums checked, lines numbered per account.

CAMT and MT940 files hold a statement a day or a page, each with its balances. Where one begins with the balance
that the one before ended with, nothing lies between them, and they are one period.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from stdnum import iban

from mailbot.bank.identity import numbered
from mailbot.model import Account, Line, Problem


@dataclass(slots=True)
class Part:
    """One statement or page of a file. `opening` and `closing` are booked balances, None where not printed."""

    at: int
    """The line of the file where it begins."""
    account: str
    currency: str
    is_iban: bool = False
    """The bank says so, whatever the check digits are."""
    start: date | None = None
    end: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    lines: list[Line] = field(default_factory=list)
    lost: bool = False
    """A line of it is a problem instead: its sum says nothing."""


def joined(parts: Sequence[Part], problems: list[Problem]) -> tuple[Account, ...]:
    """One account for each run of parts that follow upon each other; problems are added to `problems`."""
    for part in parts:
        problems += _unnamed(part)
    runs: list[list[Part]] = []
    latest: dict[str, list[Part]] = {}
    for part in parts:
        before = latest.get(part.account)
        if before is not None and _follows(before[-1], part):
            before.append(part)
            continue
        latest[part.account] = [part]
        runs.append(latest[part.account])
    ids = _ids(parts)
    return tuple(_account(run, ids) for run in runs)


def _unnamed(part: Part) -> Iterable[Problem]:
    if not part.account:
        yield Problem("no_account", "The statement does not say which account it is of.", part.at)
    if not part.currency:
        missing = "The account's currency is missing: its lines are never matched by themselves."
        yield Problem("no_currency", missing, part.at)


def _difference(part: Part) -> Decimal:
    """Closing balance less opening balance and lines; 0 where a balance is unknown or a line is a problem."""
    if part.opening is None or part.closing is None or part.lost:
        return Decimal(0)
    moved = sum((line.amount for line in part.lines if not line.pending), Decimal(0))
    return part.closing - part.opening - moved


def _follows(before: Part, part: Part) -> bool:
    """Nothing lies between the two: the balance goes on, and time does not go back."""
    if before.closing is None or before.closing != part.opening or before.currency != part.currency:
        return False
    return before.end is None or part.end is None or before.end <= part.end


def _ids(parts: Sequence[Part]) -> dict[int, Line]:
    """Each line by its identity as an object, with its id: twins are told apart over all parts of an account."""
    of_account: dict[str, list[Line]] = defaultdict(list)
    for part in parts:
        of_account[part.account] += part.lines
    return {
        id(line): done
        for account, lines in of_account.items()
        for line, done in zip(lines, numbered(account, lines), strict=True)
    }


def _account(run: Sequence[Part], ids: dict[int, Line]) -> Account:
    first, last = run[0], run[-1]
    number = iban.compact(first.account)
    return Account(
        id=first.account,
        iban=number if first.is_iban or iban.is_valid(number) else None,
        currency=first.currency,
        from_=first.start,
        to=last.end,
        balance=last.closing,
        lines=tuple(
            replace(ids[id(line)], currency=line.currency or part.currency) for part in run for line in part.lines
        ),
        difference=next(filter(None, map(_difference, run)), Decimal(0)),
    )
