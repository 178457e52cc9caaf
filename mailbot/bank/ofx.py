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
from mailbot.bank.identity import Trait, line_ids
from mailbot.bank.normalise import LABEL_LENGTH, VALUE_LENGTH, normalise, strip_markup
from mailbot.bank.rawread import RawAccount, RawLine, raw_read
from mailbot.bank.values import amount_of, amount_or_none, day_of
from mailbot.model import Account, Line, Problem, Statement

MAX_LINES = 20_000
MAX_ACCOUNTS = 200
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
    transaction: Any


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
    if not raw:
        return Problem("no_statement", _why_no_statement(body))
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
    complete = re.search(r"</OFX\s{0,8}>", body, re.IGNORECASE) is not None
    problems = [] if complete else [_cut(body)]
    problems += _pending(body)
    if "\ufffd" in text:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    accounts = _accounts(raw, parsed, complete, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("ofx", accounts, tuple(problems))


def _parsed(body: str) -> Any:
    with warnings.catch_warnings():
        # ofxparse 0.21 calls Beautiful Soup by names that are deprecated since 4.0
        warnings.simplefilter("ignore", DeprecationWarning)
        return OfxParser.parse(BytesIO(normalise(body).encode("utf-8", "replace")), fail_fast=False)


def _refused(text: str) -> Problem | None:
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return Problem("entities", "The file declares XML entities, which no bank needs; it is not read.")
    if not re.search(r"<OFX\s{0,8}>", text, re.IGNORECASE):
        return Problem("not_ofx", "The file has no <OFX> element: it is no OFX file, or its beginning is missing.")
    return None


def _why_no_statement(body: str) -> str:
    code = re.search(r"<CODE>\s*(\d{1,6})", body)
    message = re.search(r"<MESSAGE>\s*([^<\n]{1,200})", body)
    if code and int(code.group(1)) and message:
        return f"The bank sent an error instead of a statement: {plain(message.group(1))!r}. Download it again."
    return "The OFX file holds no account statement: choose an account and a period when downloading it."


def _cut(body: str) -> Problem:
    return Problem(
        "truncated",
        "The file stops in the middle (no </OFX> at its end): download it again; its whole lines were read.",
        body.count("\n") + 1,
    )


def _pending(body: str) -> list[Problem]:
    count = len(re.findall(r"<STMTTRNP\s{0,8}>", body, re.IGNORECASE))
    if not count:
        return []
    return [
        Problem(
            "pending",
            f"{count} pending transactions were left out: they count once the bank has booked them.",
        )
    ]


def _accounts(raw: list[RawAccount], parsed: Any, complete: bool, problems: list[Problem]) -> tuple[Account, ...]:
    read: dict[int, _Read] = {}
    for account in parsed.accounts:
        for transaction in account.statement.transactions:
            number, _, fitid = transaction.id.partition(" ")
            if transaction.date is None:  # "00000000"
                continue
            read[int(number)] = _Read(transaction.date.date(), transaction.amount, fitid, transaction)
    alike = len(parsed.accounts) == len(raw) and all(
        (ours.account, ours.currency) == (theirs.account_id, (theirs.curdef or "").upper())
        for ours, theirs in zip(raw, parsed.accounts, strict=True)
    )
    if not alike:
        problems.append(
            Problem(
                "readers_differ",
                "Two readers see different accounts in this file: check which account it is.",
            )
        )
    return tuple(_account(account, read, complete, problems) for account in raw)


def _account(account: RawAccount, read: Mapping[int, _Read], complete: bool, problems: list[Problem]) -> Account:
    if not account.account:
        problems.append(Problem("no_account", "The statement does not say which account it is of.", account.line))
    if not _CURRENCY.fullmatch(account.currency):
        missing = "The account's currency is missing: its lines are never matched by themselves."
        problems.append(Problem("no_currency", missing, account.line))
    good = [found for found in (_checked(raw, read, account, problems) for raw in account.lines) if found]
    kept = _corrected(good, problems)
    traits = [_trait(account, one) for one in good]
    ids = dict(zip((one.raw.number for one in good), line_ids(traits), strict=True))
    return Account(
        id=account.account,
        iban=account.account if iban.is_valid(account.account) else None,
        currency=account.currency if _CURRENCY.fullmatch(account.currency) else "",
        from_=day_of(account.start),
        to=day_of(account.end) if complete else None,
        balance=amount_or_none(account.balance),
        lines=tuple(replace(one.line, id=ids[one.raw.number]) for one in kept),
    )


def _trait(account: RawAccount, one: _Good) -> Trait:
    line = one.line
    owner = f"{account.bank}/{account.account}"
    return Trait(owner, one.raw.get("FITID"), line.date, line.amount, line.currency, f"{line.name} {line.memo}")


def _checked(raw: RawLine, read: Mapping[int, _Read], account: RawAccount, problems: list[Problem]) -> _Good | None:
    """The line that both readers agree on; else a problem is noted and there is no line."""
    refused = _refused_line(raw, read.get(raw.number))
    if isinstance(refused, Problem):
        problems.append(refused)
        return None
    day, amount, transaction = refused
    problems += _label_problems(raw, transaction)
    currency = raw.currency.upper() or account.currency
    return _Good(
        raw,
        Line(
            id="",
            date=day,
            amount=amount,
            currency=currency if _CURRENCY.fullmatch(currency) else "",
            name=repaired(transaction.payee),
            memo=repaired(transaction.memo),
            reference=raw.get("REFNUM") or raw.get("CHECKNUM"),
            type=transaction.type.upper(),
        ),
    )


def _refused_line(raw: RawLine, read: _Read | None) -> Problem | tuple[date, Decimal, Any]:
    """Why a transaction is no line, else its day, amount and what ofxparse made of it."""
    if raw.cut:
        return Problem("line_cut", "The file stops inside this transaction: download it again.", raw.line)
    printed = raw.get("DTPOSTED")[:40]
    day = day_of(printed)
    if day is None:
        return Problem("line_date", f"Left out: {printed!r} is no date.", raw.line)
    try:
        amount = amount_of(raw.get("TRNAMT"))
    except ValueError:
        return Problem("line_amount", f"Left out: {raw.get('TRNAMT')[:40]!r} is no certain amount.", raw.line)
    if read is None or (read.amount, read.day, read.fitid) != (amount, day, raw.get("FITID")[:VALUE_LENGTH]):
        return Problem("readers_differ", "Left out: two readers do not agree on this transaction.", raw.line)
    return day, amount, read.transaction


def _label_problems(raw: RawLine, transaction: Any) -> list[Problem]:
    problems = []
    name, memo = repaired(transaction.payee), repaired(transaction.memo)
    if (name, memo) != (transaction.payee, transaction.memo):
        label = f"{name} {memo}".strip()
        problems.append(Problem("mojibake", f"The bank wrote accents wrongly; now the label is {label!r}.", raw.line))
    raw_name = raw.get("EXTDNAME") or raw.get("NAME")
    if not (_alike(transaction.payee, raw_name) and _alike(transaction.memo, raw.get("MEMO"))):
        problems.append(Problem("label_differs", "Two readers read the label differently: check the name.", raw.line))
    return problems


def _alike(read: str, raw: str) -> bool:
    """The raw reader stops at the first "<" and at the end of the line; up to there both must agree."""
    return read == raw[:LABEL_LENGTH] or (read.startswith(raw) and raw != "") or (not raw and not read)


def _corrected(lines: list[_Good], problems: list[Problem]) -> list[_Good]:
    """Without the lines that a later one of the bank replaces or deletes; each of those becomes a problem."""
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
        elif old is None:
            gone.add(one.raw.number)
            problems.append(
                Problem("corrects", f"Replaces an earlier transaction ({target[:40]}): check it.", one.raw.line)
            )
        if old is not None and old.raw.number not in gone:
            gone.add(old.raw.number)
            problems.append(Problem("corrected", "The bank replaced or deleted this transaction itself.", old.raw.line))
    return [one for one in lines if one.raw.number not in gone]
