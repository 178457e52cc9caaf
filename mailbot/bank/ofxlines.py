"""One transaction of an OFX file as two readers see it: where they differ it is no line but a problem."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from stdnum import iban

from mailbot.bank.charset import repaired
from mailbot.bank.normalise import LABEL_LENGTH, VALUE_LENGTH
from mailbot.bank.rawread import RawLine
from mailbot.bank.values import amount_of, day_of
from mailbot.model import Line, Problem

CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Good:
    """A transaction that both readers read alike. `at`: its line in the file; `deletes`: it ends the line that it
    corrects and puts nothing in its place."""

    line: Line
    at: int
    deletes: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A transaction as ofxparse read it."""

    day: date
    amount: Decimal
    fitid: str
    type: str
    name: str
    memo: str


def checked(raw: RawLine, read: Read | None, currency: str, problems: list[Problem]) -> Good | None:
    """The line that both readers agree on; else a problem is noted and there is no line.

    `read` is None where ofxparse dropped the transaction; `currency` is the account's.
    """
    refused = _refused_line(raw, read)
    if isinstance(refused, Problem):
        problems.append(refused)
        return None
    day, amount, name, memo = refused.day, refused.amount, repaired(refused.name), repaired(refused.memo)
    problems += _label_problems(raw, refused)
    currency = raw.currency.upper() or currency
    return Good(
        Line(
            id="",
            date=day,
            amount=amount,
            currency=currency if CURRENCY.fullmatch(currency) else "",
            name=name,
            memo=memo,
            reference=raw.get("REFNUM") or raw.get("CHECKNUM"),
            type=refused.type,
            payer_iban=iban.compact(raw.other_account) if iban.is_valid(raw.other_account) else "",
            pending=raw.pending,
            bank_id=raw.get("FITID")[:VALUE_LENGTH],
            corrects=raw.get("CORRECTFITID")[:VALUE_LENGTH],
            original_currency=raw.original_currency.upper()[:3],
        ),
        raw.line,
        raw.get("CORRECTACTION").upper() == "DELETE",
    )


def _refused_line(raw: RawLine, read: Read | None) -> Problem | Read:
    """Why a transaction is no line, else what both readers read."""
    if raw.cut:
        return Problem("line_cut", "The file stops inside this transaction: download it again.", raw.line)
    printed = (raw.get("DTPOSTED") or raw.get("DTTRAN"))[:40]
    day = day_of(printed)
    if day is None:
        return Problem("line_date", f"Left out: {printed!r} is no date.", raw.line)
    try:
        amount = amount_of(raw.get("TRNAMT"))
    except ValueError:
        return Problem("line_amount", f"Left out: {raw.get('TRNAMT')[:40]!r} is no certain amount.", raw.line)
    if read is None or (read.amount, read.day, read.fitid) != (amount, day, raw.get("FITID")[:VALUE_LENGTH]):
        return Problem("readers_differ", "Left out: two readers do not agree on this transaction.", raw.line)
    return replace(read, amount=amount)


def _label_problems(raw: RawLine, read: Read) -> list[Problem]:
    problems = []
    name, memo = repaired(read.name), repaired(read.memo)
    if (name, memo) != (read.name, read.memo):
        label = f"{name} {memo}".strip()
        problems.append(Problem("mojibake", f"The bank wrote accents wrongly; now the label is {label!r}.", raw.line))
    raw_name = raw.get("EXTDNAME") or raw.get("NAME")
    if not (_alike(read.name, raw_name) and _alike(read.memo, raw.get("MEMO"))):
        problems.append(Problem("label_differs", "Two readers read the label differently: check the name.", raw.line))
    return problems


def _alike(read: str, raw: str) -> bool:
    """The raw reader stops at the first "<" and at the end of the line; up to there both must agree."""
    return read == raw[:LABEL_LENGTH] or (read.startswith(raw) and raw != "") or (not raw and not read)


def replaced(lines: Sequence[Good], problems: list[Problem]) -> set[int]:
    """The places of the lines that another one of the bank replaces or deletes; each of those becomes a problem.

    What replaces a line of another file is a line that says so (`corrects`).
    """
    by_id = {one.line.bank_id: at for at, one in enumerate(lines) if one.line.bank_id}
    gone: set[int] = set()
    for at, one in enumerate(lines):
        target = one.line.corrects
        old = by_id.get(target)
        if not target or old == at:
            continue
        if one.deletes:
            gone.add(at)
            problems.append(Problem("deletes", f"The bank deletes its transaction {target[:40]}; check it.", one.at))
        if old is not None and old not in gone:
            gone.add(old)
            sentence = "The bank replaced or deleted this transaction itself."
            problems.append(Problem("corrected", sentence, lines[old].at))
    return gone
