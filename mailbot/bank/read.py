"""The one door for bank files: bytes in, a statement or a problem out."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from babel.numbers import get_territory_currencies

from mailbot.bank.camt import SIGN as CAMT
from mailbot.bank.camt import read_camt
from mailbot.bank.charset import decode
from mailbot.bank.csvfile import read_csv
from mailbot.bank.mt940 import SIGN as MT940
from mailbot.bank.mt940 import read_mt940
from mailbot.bank.ofx import SIGN as OFX
from mailbot.bank.ofx import read_ofx
from mailbot.bank.values import MAX_BYTES
from mailbot.model import Problem, Statement

_ADVICE = 'choose "OFX", "CAMT.053", "MT940" or "CSV" when downloading from the bank.'
AHEAD = timedelta(days=7)
"""How far a value date lies ahead of the day on which the bank writes it, at most."""
FOR_INFORMATION = frozenset({"corrected", "mojibake", "not_executed"})
"""Problems that cost no line: the days of such a file are known all the same."""
_OTHERS = (
    ("qif", re.compile(rb"\A\s{0,64}!(?:Type|Account|Option)", re.IGNORECASE), "a QIF file"),
    ("ofc", re.compile(rb"<OFC\s{0,8}>", re.IGNORECASE), "an OFC file, which OFX replaced"),
    ("pdf", re.compile(rb"\A\s{0,64}%PDF-"), "a PDF"),
    ("archive", re.compile(rb"\A(?:PK\x03\x04|\x1f\x8b|Rar!|7z)"), "a compressed or office file"),
)


def read_statement(data: bytes, name: str = "") -> Statement | Problem:
    """The statement of a bank file; a Problem with a sentence where nothing of it can be used.

    `name` is for messages only.
    """
    called = f"{name}: " if name else ""
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return Problem("empty", f"{called}the file is empty: download it again from the bank.", file=name or None)
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.0f} MB, more than {MAX_BYTES // 1024 // 1024} MB"
        return Problem("too_big", f"{called}the file has {size}: download shorter periods.", file=name or None)
    beginning = decode(data[:8192])
    if CAMT.search(beginning):
        return read_camt(data)
    if MT940.search(beginning) and not OFX.search(beginning):
        return read_mt940(data)
    if OFX.search(beginning):
        return read_ofx(data)
    other = _other(data, called, name)
    if other is not None:
        return other
    read = read_csv(data)
    if isinstance(read, Problem) and read.code == "not_a_table":
        return read_ofx(data) if b"<OFX" in data[:MAX_BYTES].upper() else _unknown(data, called, name)
    return read


def until(statement: Statement, today: date) -> Statement:
    """The statement as it can be on that day: lines further ahead than a value date ever is become problems.

    A bank knows no payment of next month; such a file is of another day, or made up.
    """
    ahead = [
        Problem("future", f"Left out: the line of {line.date.isoformat()} ({line.amount}) lies in the future.")
        for account in statement.accounts
        for line in account.lines
        if line.date > today + AHEAD
    ]
    accounts = tuple(
        replace(
            account,
            to=min(account.to, today) if account.to else None,
            lines=tuple(line for line in account.lines if line.date <= today + AHEAD),
        )
        for account in statement.accounts
    )
    return replace(statement, accounts=accounts, problems=(*statement.problems, *ahead))


def in_own_currency(statement: Statement, own_iban: str) -> Statement:
    """A table that names neither account nor currency is the business's own, in the money of its bank's country."""
    bare = statement.format == "csv" and all(not one.id and not one.currency for one in statement.accounts)
    money = get_territory_currencies(own_iban[:2].upper()) if bare else []
    if len(money) != 1:
        return statement
    accounts = tuple(
        replace(
            account, currency=money[0], lines=tuple(replace(line, currency=money[0]) for line in account.lines)
        )
        for account in statement.accounts
    )  # fmt: skip
    return replace(statement, accounts=accounts)


def unknown_accounts(statement: Statement, ours: Collection[str]) -> list[Problem]:
    """A problem for each account that is none of `ours` (IBANs or account numbers)."""
    return [
        Problem(
            "unknown_account",
            f"Account {account.id or '?'} is not one of this business: its lines are not used.",
        )
        for account in statement.accounts
        if not any(is_same_account(account.iban or account.id, mine) for mine in ours)
    ]


def is_same_account(number: str, ours: str) -> bool:
    """Whether an account number of a bank file is that IBAN or number.

    In a French IBAN bank, branch and account stand at fixed places, the account 11 characters wide; a part of it
    elsewhere is chance. "bank/account", as MT940 writes it, must begin and end the national part.
    """
    theirs, mine = _bare(number), _bare(ours)
    if theirs == mine:
        return theirs != ""
    if mine.startswith("FR") and len(mine) == 27:
        return theirs in {mine[4:], mine[4:25]} or theirs.zfill(11) == mine[14:25]
    national = mine[4:] if mine[:2].isalpha() else mine
    bank, _, account = (_bare(part) for part in number.partition("/"))
    if account and national.startswith(bank):
        return national[len(bank) :].lstrip("0") == account.lstrip("0")
    return len(theirs) >= 5 and mine[:2].isalpha() and theirs in national


def _other(data: bytes, called: str, name: str) -> Problem | None:
    beginning = data[:8192]
    for code, sign, what in _OTHERS:
        if sign.search(beginning):
            return Problem(f"unsupported_{code}", f"{called}this is {what}; {_ADVICE}", file=name or None)
    return None


def _unknown(data: bytes, called: str, name: str) -> Problem:
    if re.match(rb"\A[^\r\n<;,\t]{1,200}[;,\t]", data):
        message = f"{called}this is a table (CSV) whose columns are not known (no date or no amount); {_ADVICE}"
        return Problem("unknown_columns", message, file=name or None)
    return Problem("unknown_format", f"{called}this is no statement that can be read; {_ADVICE}", file=name or None)


def _bare(account: str) -> str:
    return re.sub(r"\W", "", account).upper()
