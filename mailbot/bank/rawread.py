"""A second reader of OFX: for what ofxparse does not tell, and the guard that nothing is lost or changed.

It shares no code with the normaliser but the character set, cuts the file at `<STMTTRN>` and takes fields
line by line.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import zip_longest

from mailbot.bank.charset import plain

_MARK = re.compile(r"<(STMTTRNP?|STMTRS|CCSTMTRS|INVSTMTRS)[ \t]{0,8}>", re.IGNORECASE)
_END = re.compile(
    r"</(?:STMTTRNP?|BANKTRANLISTP?|INVTRANLIST|INVBANKTRAN|STMTRS|CCSTMTRS|INVSTMTRS)[ \t]{0,8}>", re.IGNORECASE
)
_FIELD = re.compile(
    r"<(TRNTYPE|DTPOSTED|DTTRAN|TRNAMT|FITID|CORRECTFITID|CORRECTACTION|REFNUM|CHECKNUM|NAME|EXTDNAME|MEMO|CURSYM)"
    r"[ \t]{0,8}>\s*([^<\r\n]*)",
    re.IGNORECASE,
)
_OWN_ACCOUNT = re.compile(r"<(?:BANK|CC|INV)ACCTFROM[ \t]{0,8}>", re.IGNORECASE)
_OWN_ACCOUNT_END = re.compile(r"</(?:BANK|CC|INV)ACCTFROM|<(?:BANK|INV)TRANLIST", re.IGNORECASE)
_BALANCE = re.compile(r"<LEDGERBAL[ \t]{0,8}>", re.IGNORECASE)
_OTHER_ACCOUNT = re.compile(
    r"<BANKACCTTO[ \t]{0,8}>(?:\s*<(?!ACCTID)[A-Z]{1,32}>[^<]{0,256}(?:</[A-Z]{1,32}>)?){0,4}\s*<ACCTID>\s*([^<\r\n]*)",
    re.IGNORECASE,
)
_PAID_IN = re.compile(r"<CURRENCY[ \t]{0,8}>\s{0,8}([A-Z]{3}(?![A-Z]))?", re.IGNORECASE)
"""With the currency where a bank writes it there, and not in a CURSYM."""
_ANY = re.compile(r"<(?:\w{1,20}:)?STMTTRNP?(?![\w.])", re.IGNORECASE)
_MOST_UNREAD = 100


@dataclass(frozen=True, slots=True)
class RawLine:
    """One STMTTRN as the bank wrote it. `cut`: the file ended inside it."""

    number: int
    line: int
    fields: dict[str, str]
    currency: str
    cut: bool = False
    pending: bool = False
    original_currency: str = ""
    other_account: str = ""

    def get(self, name: str) -> str:
        """A field's text, empty where it is absent."""
        return self.fields.get(name, "")


@dataclass(slots=True)
class RawAccount:
    """One statement of the file, its leaves as the bank wrote them."""

    line: int
    bank: str = ""
    account: str = ""
    currency: str = ""
    start: str = ""
    end: str = ""
    balance: str = ""
    lines: list[RawLine] = field(default_factory=list)


def raw_read(body: str) -> list[RawAccount]:
    """The statements of a text that `normalise.strip_markup` gave; stray lines get one of their own."""
    starts = [0, *(found.end() for found in re.finditer("\n", body))]
    marks = list(_MARK.finditer(body))
    accounts: list[RawAccount] = []
    beside: list[list[str]] = []
    count = 0
    for mark, following in zip_longest(marks, marks[1:]):
        piece = body[mark.end() : following.start() if following else len(body)]
        line = bisect_right(starts, mark.start())
        kind = mark.group(1).upper()
        if kind not in {"STMTTRN", "STMTTRNP"}:
            accounts.append(RawAccount(line))
            beside.append([piece])
            continue
        if not accounts:
            accounts.append(RawAccount(line))
            beside.append([])
        end = _END.search(piece)
        block = piece[: end.start()] if end else piece
        cut = not end and not following
        accounts[-1].lines.append(_transaction(count, line, block, cut=cut, pending=kind == "STMTTRNP"))
        count += 1
        if end:
            beside[-1].append(piece[end.start() :])
    for account, pieces in zip(accounts, beside, strict=True):
        _describe(account, "\n".join(pieces))
    return accounts


def unread_lines(body: str) -> list[int]:
    """The lines of the file where a transaction begins in a form that neither reader knows."""
    known = {mark.start() for mark in _MARK.finditer(body)}
    lost = [found.start() for found in _ANY.finditer(body) if found.start() not in known]
    return [body.count("\n", 0, start) + 1 for start in lost[:_MOST_UNREAD]]


def _transaction(number: int, line: int, block: str, *, cut: bool, pending: bool) -> RawLine:
    fields: dict[str, str] = {}
    for found in _FIELD.finditer(block):
        value = plain(found.group(2)[:4000])
        if value:
            fields.setdefault(found.group(1).upper(), value)
    symbol = fields.pop("CURSYM", "")
    paid_in = _PAID_IN.search(block)  # ORIGCURRENCY says what it was before the bank changed it
    other = _OTHER_ACCOUNT.search(block)
    return RawLine(
        number,
        line,
        fields,
        (paid_in.group(1) or symbol) if paid_in else "",
        cut,
        pending,
        original_currency="" if paid_in else symbol,
        other_account=plain(other.group(1)[:64]) if other else "",
    )


def _describe(account: RawAccount, text: str) -> None:
    own = _OWN_ACCOUNT.search(text)
    if own:
        inside = _OWN_ACCOUNT_END.split(text[own.end() : own.end() + 2000], maxsplit=1)[0]
        account.bank, account.account = _leaf(inside, "BANKID"), _leaf(inside, "ACCTID")
    account.currency = _leaf(text, "CURDEF").upper()
    account.start, account.end = _leaf(text, "DTSTART"), _leaf(text, "DTEND")
    balance = _BALANCE.search(text)
    account.balance = _leaf(text[balance.end() : balance.end() + 2000], "BALAMT") if balance else ""


def _leaf(text: str, name: str) -> str:
    found = re.search(rf"<{name}[ \t]{{0,8}}>\s*([^<\r\n]*)", text, re.IGNORECASE)
    return plain(found.group(1)[:256]) if found else ""
