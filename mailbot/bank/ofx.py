"""OFX 1 and 2 (and QFX): bytes to a statement in which nothing is lost.

ofxparse reads, the raw reader checks. A transaction on which they differ is no line but a problem.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from ofxparse import OfxParser
from ofxparse.ofxparse import OfxParserException
from stdnum import iban

from mailbot.bank.charset import decode, plain, repaired
from mailbot.bank.identity import Trait, line_ids
from mailbot.bank.normalise import LABEL_LENGTH, day_digits, normalise, strip_markup
from mailbot.bank.rawread import RawAccount, RawLine, raw_read
from mailbot.model import Account, Line, Problem, Statement
from mailbot.money import parse_amount

MAX_LINES = 20_000
_CURRENCY = re.compile(r"[A-Z]{3}")
_TRAILING_ZEROS = re.compile(r"([+-]?)0*(\d{1,15}\.\d\d)0{2,}")


@dataclass(frozen=True, slots=True)
class _Good:
    """A transaction that both readers read alike."""

    raw: RawLine
    line: Line


def read_ofx(data: bytes) -> Statement | Problem:
    """The statements of an OFX file. Every STMTTRN is in `lines` or in `problems`, which give the line in the file.

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
    if not raw:
        return Problem("no_statement", _why_no_statement(body))
    try:
        parsed = OfxParser.parse(BytesIO(normalise(body).encode("utf-8", "replace")), fail_fast=False)
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
            Problem(
                "charset", "Some letters of this file cannot be read (unknown character set): check names."
            )
        )
    accounts = _accounts(raw, parsed, complete, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("ofx", accounts, tuple(problems))


def _refused(text: str) -> Problem | None:
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return Problem("entities", "The file declares XML entities, which no bank needs; it is not read.")
    if not re.search(r"<OFX\s{0,8}>", text, re.IGNORECASE):
        return Problem(
            "not_ofx", "The file has no <OFX> element: it is no OFX file, or its beginning is missing."
        )
    return None


def _why_no_statement(body: str) -> str:
    code = re.search(r"<CODE>\s*(\d{1,6})", body)
    message = re.search(r"<MESSAGE>\s*([^<\n]{1,200})", body)
    if code and int(code.group(1)) and message:
        return f"The bank sent no statement but an error: {plain(message.group(1))!r}. Download the statement again."
    return "The OFX file holds no account statement: choose an account and a period when downloading it."


def _cut(body: str) -> Problem:
    return Problem(
        "truncated",
        "The file stops in the middle (no </OFX> at its end): its complete lines were read; download it again for the rest.",
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


def _accounts(
    raw: list[RawAccount], parsed: Any, complete: bool, problems: list[Problem]
) -> tuple[Account, ...]:
    read = {}
    for account in parsed.accounts:
        for transaction in account.statement.transactions:
            number, _, fitid = transaction.id.partition(" ")
            read[int(number)] = (transaction, fitid)
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


def _account(account: RawAccount, read: dict[int, Any], complete: bool, problems: list[Problem]) -> Account:
    if not account.account:
        problems.append(
            Problem("no_account", "The statement does not say which account it is of.", account.line)
        )
    if not _CURRENCY.fullmatch(account.currency):
        problems.append(
            Problem(
                "no_currency",
                "The account's currency is missing: its lines are never matched by themselves.",
                account.line,
            )
        )
    good = [found for found in (_checked(raw, read, account, problems) for raw in account.lines) if found]
    kept = _corrected(good, problems)
    traits = [
        Trait(f"{account.bank}/{account.account}", one.raw.get("FITID"), one.line.date, one.line.amount, one.line.currency,
              f"{one.line.name} {one.line.memo}")
        for one in good
    ]  # fmt: skip
    ids = dict(zip((one.raw.number for one in good), line_ids(traits), strict=True))
    return Account(
        id=account.account,
        iban=account.account if iban.is_valid(account.account) else None,
        currency=account.currency if _CURRENCY.fullmatch(account.currency) else "",
        from_=_day(account.start),
        to=_day(account.end) if complete else None,
        balance=_amount_or_none(account.balance),
        lines=tuple(replace(one.line, id=ids[one.raw.number]) for one in kept),
    )


def _checked(
    raw: RawLine, read: dict[int, Any], account: RawAccount, problems: list[Problem]
) -> _Good | None:
    """The line that both readers agree on; else a problem is noted and there is no line."""

    def refuse(code: str, message: str) -> None:
        problems.append(Problem(code, message, raw.line))

    if raw.cut:
        return refuse("line_cut", "The file stops inside this transaction: download it again.")
    day = _day(raw.get("DTPOSTED"))
    if day is None:
        return refuse(
            "line_date", f"The transaction has no valid date ({raw.get('DTPOSTED')!r}); it was left out."
        )
    try:
        amount = amount_of(raw.get("TRNAMT"))
    except ValueError:
        return refuse(
            "line_amount", f"{raw.get('TRNAMT')[:40]!r} is no certain amount; the transaction was left out."
        )
    transaction, fitid = read.get(raw.number, (None, ""))
    if transaction is None or (transaction.amount, transaction.date.date(), fitid) != (
        amount,
        day,
        raw.get("FITID")[:200],
    ):
        return refuse("readers_differ", "Two readers do not agree on this transaction; it was left out.")
    name, memo = repaired(transaction.payee), repaired(transaction.memo)
    if (name, memo) != (transaction.payee, transaction.memo):
        refuse(
            "mojibake",
            f"The bank wrote accents wrongly; the label was repaired to {f'{name} {memo}'.strip()!r}.",
        )
    if not _alike(transaction.payee, raw.get("EXTDNAME") or raw.get("NAME")) or not _alike(
        transaction.memo, raw.get("MEMO")
    ):
        refuse(
            "label_differs",
            "Two readers read this transaction's label differently; check its name before using it.",
        )
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
            type=transaction.type.upper(),
        ),
    )


def _alike(read: str, raw: str) -> bool:
    """The raw reader stops at the first "<" and at the end of the line; up to there both must have the same."""
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
                Problem(
                    "corrects", f"Replaces an earlier transaction ({target[:40]}): check it.", one.raw.line
                )
            )
        if old is not None and old.raw.number not in gone:
            gone.add(old.raw.number)
            problems.append(
                Problem("corrected", "The bank replaced or deleted this transaction itself.", old.raw.line)
            )
    return [one for one in lines if one.raw.number not in gone]


def amount_of(text: str) -> Decimal:
    """An amount of a bank file; raises ValueError for NaN, exponents, `1,234` and anything below a cent.

    Zeros after the cents ("+00000000000115.2400") say nothing else and are taken.
    """
    bare = "".join(text.split()).replace("'", "")
    padded = _TRAILING_ZEROS.fullmatch(bare)
    if padded:
        bare = padded.group(1) + padded.group(2)
    bare = re.sub(r"^([+-]?)(?=[.,]\d)", r"\g<1>0", bare)
    return parse_amount(re.sub(r"(\d)[.,]$", r"\1", bare))


def _amount_or_none(text: str) -> Decimal | None:
    try:
        return amount_of(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    digits = day_digits(text)
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - the calendar day that the bank printed
    except ValueError:
        return None
