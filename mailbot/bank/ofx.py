"""OFX 1 and 2 (and QFX): bytes to a statement in which nothing is lost.

ofxparse reads, the raw reader checks. A transaction on which they differ is no line but a problem.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO

from ofxparse import OfxParser
from ofxparse.ofxparse import OfxParserException
from stdnum import iban

from mailbot.bank.charset import decode, plain
from mailbot.bank.identity import numbered
from mailbot.bank.normalise import normalise, strip_markup
from mailbot.bank.ofxlines import CURRENCY, Good, Read, checked, replaced
from mailbot.bank.rawread import RawAccount, raw_read, unread_lines
from mailbot.bank.values import MAX_LINES, amount_or_none, day_of
from mailbot.model import Account, Problem, Statement

MAX_ACCOUNTS = 200
SIGN = re.compile(r"<(?:\w{1,20}:)?OFX(?:\s{0,8}>|\s+xmlns)", re.IGNORECASE)


def read_ofx(data: bytes) -> Statement | Problem:
    """The statements of an OFX file. Every STMTTRN is in `lines` or in `problems`, which give the line in
    the file.

    A Problem instead of a Statement: nothing in the file can be used; its message says why in one sentence.
    """
    text = decode(data)
    refused = _refused(text)
    if refused:
        return refused
    unreadable = "\ufffd" in text
    body = strip_markup(text)
    del text  # of a long file every copy counts
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
    problems = [] if complete else [_cut(body)]
    if unreadable:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    unread = "Left out: two readers do not agree on this transaction."
    problems += [Problem("readers_differ", unread, line) for line in unread_lines(body)]
    try:
        good = _compared(body, raw, problems)
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
    accounts = tuple(_account(account, lines, complete, problems) for account, lines in zip(raw, good, strict=True))
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("ofx", accounts, tuple(problems))


def _compared(body: str, raw: Sequence[RawAccount], problems: list[Problem]) -> list[list[Good]]:
    """The transactions of each account that both readers read alike; the raw ones are given up on the way."""
    waiting = {line.number: (place, line) for place, account in enumerate(raw) for line in account.lines}
    for account in raw:
        account.lines.clear()
    good: list[list[Good]] = [[] for _ in raw]
    statements: list[tuple[str, str]] = []
    for goes_on, part in normalise(body):
        for number, read in _parsed(part, statements, goes_on=goes_on):
            place, line = waiting.pop(number)
            found = checked(line, read, raw[place].currency, problems)
            if found:
                good[place].append(found)
    for place, line in waiting.values():
        checked(line, None, raw[place].currency, problems)
    if [(account.account, account.currency) for account in raw] != statements:
        problems.append(
            Problem(
                "readers_differ",
                "Two readers see different accounts in this file: check which account it is.",
            )
        )
    return good


def _parsed(part: str, statements: list[tuple[str, str]], *, goes_on: bool) -> Iterator[tuple[int, Read]]:
    """The numbered transactions that ofxparse reads; (account, currency) of each statement goes to `statements`."""
    with warnings.catch_warnings():
        # ofxparse 0.21 calls Beautiful Soup by names that are deprecated since 4.0
        warnings.simplefilter("ignore", DeprecationWarning)
        read = OfxParser.parse(BytesIO(part.encode("utf-8", "replace")), fail_fast=False)
    for at, account in enumerate(read.accounts):
        said = (account.account_id, (account.curdef or "").upper())
        if at == 0 and goes_on:
            before = statements[-1]
            statements[-1] = (before[0] or said[0], before[1] or said[1])
        else:
            statements.append(said)
        for one in account.statement.transactions:
            number, _, fitid = one.id.partition(" ")
            if one.date is not None:  # "00000000"
                yield int(number), Read(one.date.date(), one.amount, fitid, one.type.upper(), one.payee, one.memo)


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


def _account(account: RawAccount, good: Sequence[Good], complete: bool, problems: list[Problem]) -> Account:
    if not account.account:
        problems.append(Problem("no_account", "The statement does not say which account it is of.", account.line))
    if not CURRENCY.fullmatch(account.currency):
        missing = "The account's currency is missing: its lines are never matched by themselves."
        problems.append(Problem("no_currency", missing, account.line))
    gone = replaced(good, problems)
    lines = numbered(f"{account.bank}/{account.account}", [one.line for one in good])
    return Account(
        id=account.account,
        iban=account.account if iban.is_valid(account.account) else None,
        currency=account.currency if CURRENCY.fullmatch(account.currency) else "",
        from_=day_of(account.start),
        to=day_of(account.end) if complete else None,
        balance=amount_or_none(account.balance),
        lines=tuple(line for at, line in enumerate(lines) if at not in gone),
    )
