"""OFX 1 and 2 (and QFX): bytes to a statement in which nothing is lost.

ofxparse reads, the raw reader checks. A transaction on which they differ is no line but a problem.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from ofxparse import OfxParser
from ofxparse.ofxparse import OfxParserException
from stdnum import iban

from mailbot.bank.charset import decode, plain, repaired
from mailbot.bank.identity import numbered
from mailbot.bank.normalise import LABEL_LENGTH, VALUE_LENGTH, normalise, strip_markup
from mailbot.bank.rawread import RawAccount, RawLine, raw_read
from mailbot.bank.values import MAX_LINES, amount_of, amount_or_none, day_of
from mailbot.model import Account, Line, Problem, Statement

MAX_ACCOUNTS = 200
SIGN = re.compile(r"<(?:\w{1,20}:)?OFX(?:\s{0,8}>|\s+xmlns)", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class _Good:
    """A transaction that both readers read alike."""

    raw: RawLine
    line: Line


@dataclass(frozen=True, slots=True)
class _Read:
    """A transaction as ofxparse read it."""

    day: date
    amount: Decimal
    fitid: str
    type: str
    name: str
    memo: str


@dataclass(slots=True)
class _Parsed:
    """All that ofxparse says of a file: (account, currency) of each statement, transactions by their number."""

    statements: list[tuple[str, str]]
    transactions: dict[int, _Read]


def read_ofx(data: bytes) -> Statement | Problem:
    """The statements of an OFX file. Every STMTTRN is in `lines` or in `problems`, which give the line in
    the file.

    A Problem instead of a Statement: nothing in the file can be used; its message says why in one sentence.
    """
    text = decode(data)
    refused = _refused(text)
    if refused:
        return refused
    body = strip_markup(text)
    raw = raw_read(body)
    total = sum(len(account.lines) for account in raw)
    if total > MAX_LINES:
        return Problem(
            "too_many_lines",
            f"The file has {total} transactions, more than {MAX_LINES}: download shorter periods.",
        )
    if len(raw) > MAX_ACCOUNTS:
        return Problem("too_many_accounts", f"The file has {len(raw)} accounts, more than {MAX_ACCOUNTS}.")
    complete = re.search(r"</OFX\s{0,8}>", body, re.IGNORECASE) is not None
    if not raw:
        nothing = _no_statement(body)
        return Statement("ofx", (), (nothing,)) if complete else nothing
    try:
        parsed = _parsed(body)
    except (
        OfxParserException,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        return Problem("broken_ofx", f"The OFX file is broken ({error}): download it again from the bank.")
    problems = [] if complete else [_cut(body)]
    if "\ufffd" in text:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    accounts = _accounts(raw, parsed, complete, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("ofx", accounts, tuple(problems))


def _parsed(body: str) -> _Parsed:
    parsed = _Parsed([], {})
    with warnings.catch_warnings():
        # ofxparse 0.21 calls Beautiful Soup by names that are deprecated since 4.0
        warnings.simplefilter("ignore", DeprecationWarning)
        for goes_on, part in normalise(body):
            read = OfxParser.parse(BytesIO(part.encode("utf-8", "replace")), fail_fast=False)
            _add(parsed, read, goes_on=goes_on)
    return parsed


def _add(parsed: _Parsed, part: Any, *, goes_on: bool) -> None:
    for at, account in enumerate(part.accounts):
        said = (account.account_id, (account.curdef or "").upper())
        if at == 0 and goes_on:
            before = parsed.statements[-1]
            parsed.statements[-1] = (before[0] or said[0], before[1] or said[1])
        else:
            parsed.statements.append(said)
        for one in account.statement.transactions:
            number, _, fitid = one.id.partition(" ")
            if one.date is not None:  # "00000000"
                parsed.transactions[int(number)] = _Read(
                    one.date.date(), one.amount, fitid, one.type.upper(), one.payee, one.memo
                )


def _refused(text: str) -> Problem | None:
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return Problem("entities", "The file declares XML entities, which no bank needs; it is not read.")
    if not SIGN.search(text):
        return Problem("not_ofx", "The file has no <OFX> element: it is no OFX file, or its beginning is missing.")
    return None


def _no_statement(body: str) -> Problem:
    """What a file without a statement is: the bank's own error, or one about something else."""
    for found in re.finditer(r"<CODE>\s*(\d{1,6})", body):
        if int(found.group(1)) and (message := re.compile(r"<MESSAGE>\s*([^<\n]{1,200})").search(body, found.end())):
            said = plain(message.group(1))
            sentence = f"The bank sent an error instead of a statement: {said!r}. Download it again."
            return Problem("bank_error", sentence, body.count("\n", 0, found.start()) + 1)
    return Problem(
        "no_statement",
        "The OFX file holds no account statement: choose an account and a period when downloading it.",
    )


def _cut(body: str) -> Problem:
    return Problem(
        "truncated",
        "The file stops in the middle (no </OFX> at its end): download it again; its whole lines were read.",
        body.count("\n") + 1,
    )


def _accounts(raw: list[RawAccount], parsed: _Parsed, complete: bool, problems: list[Problem]) -> tuple[Account, ...]:
    if [(account.account, account.currency) for account in raw] != parsed.statements:
        problems.append(
            Problem(
                "readers_differ",
                "Two readers see different accounts in this file: check which account it is.",
            )
        )
    return tuple(_account(account, parsed.transactions, complete, problems) for account in raw)


def _account(account: RawAccount, read: Mapping[int, _Read], complete: bool, problems: list[Problem]) -> Account:
    if not account.account:
        problems.append(Problem("no_account", "The statement does not say which account it is of.", account.line))
    if not _CURRENCY.fullmatch(account.currency):
        missing = "The account's currency is missing: its lines are never matched by themselves."
        problems.append(Problem("no_currency", missing, account.line))
    good = [found for found in (_checked(raw, read, account, problems) for raw in account.lines) if found]
    replaced = _corrected(good, problems)
    owner = f"{account.bank}/{account.account}"
    numbered_lines = numbered(owner, [one.line for one in good])
    return Account(
        id=account.account,
        iban=account.account if iban.is_valid(account.account) else None,
        currency=account.currency if _CURRENCY.fullmatch(account.currency) else "",
        from_=day_of(account.start),
        to=day_of(account.end) if complete else None,
        balance=amount_or_none(account.balance),
        lines=tuple(line for one, line in zip(good, numbered_lines, strict=True) if one.raw.number not in replaced),
    )


def _checked(raw: RawLine, read: Mapping[int, _Read], account: RawAccount, problems: list[Problem]) -> _Good | None:
    """The line that both readers agree on; else a problem is noted and there is no line."""
    refused = _refused_line(raw, read.get(raw.number))
    if isinstance(refused, Problem):
        problems.append(refused)
        return None
    day, amount, name, memo = refused.day, refused.amount, repaired(refused.name), repaired(refused.memo)
    problems += _label_problems(raw, refused)
    currency = raw.currency.upper() or account.currency
    return _Good(
        raw,
        Line(
            id="",
            date=day,
            amount=amount,
            currency=currency if _CURRENCY.fullmatch(currency) else "",
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
    )


def _refused_line(raw: RawLine, read: _Read | None) -> Problem | _Read:
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


def _label_problems(raw: RawLine, read: _Read) -> list[Problem]:
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


def _corrected(lines: list[_Good], problems: list[Problem]) -> set[int]:
    """The numbers of the lines that another one of the bank replaces or deletes; each of those becomes a problem.

    What replaces a line of another file is a line that says so (`corrects`).
    """
    by_fitid = {one.raw.get("FITID"): one for one in lines if one.raw.get("FITID")}
    gone: set[int] = set()
    for one in lines:
        target = one.raw.get("CORRECTFITID")
        old = by_fitid.get(target)
        if not target or old is one:
            continue
        if one.raw.get("CORRECTACTION").upper() == "DELETE":
            gone.add(one.raw.number)
            problems.append(
                Problem("deletes", f"The bank deletes its transaction {target[:40]}; check it.", one.raw.line)
            )
        if old is not None and old.raw.number not in gone:
            gone.add(old.raw.number)
            problems.append(Problem("corrected", "The bank replaced or deleted this transaction itself.", old.raw.line))
    return gone
