"""The demo's bank: OFX 1.02 as French banks write it, in cp1252, with unclosed leaves and cut names."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Literal

from mailbot.demo.bills import SELLER

NAME_LENGTH = 32

_HEADER = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE
"""
_TYPES = {"transfer": "CREDIT", "cards": "CREDIT", "fee": "SRVCHG", "debit": "DIRECTDEBIT", "return": "DEBIT"}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """The account of the file; unless said otherwise the one of the seller's IBAN."""

    bank: str = SELLER.iban[4:9]
    branch: str = SELLER.iban[9:14]
    number: str = SELLER.account
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One booked line. `cards` is a day's card payments in one: no name, `motive` is the batch's number. `return` is
    a payment that the bank takes back."""

    date: date
    amount: Decimal
    payer: str
    motive: str
    kind: Literal["transfer", "cards", "fee", "debit", "return"] = "transfer"

    @property
    def label(self) -> str:
        """What the bank prints about it, whole."""
        printed = {
            "transfer": f"VIR SEPA RECU /DE {self.payer} /MOTIF {self.motive} /REF NOTPROVIDED",
            "cards": f"REMISE CB {self.motive} DU {self.date:%d%m%y}",
            "fee": f"FRAIS {self.motive}",
            "debit": f"PRLV SEPA {self.payer} /MOTIF {self.motive} /REF NOTPROVIDED",
            "return": f"REJET VIR SEPA {self.payer} /MOTIF {self.motive} /REF NOTPROVIDED",
        }
        return " ".join(printed[self.kind].split())

    @property
    def name(self) -> str:
        """The label as it stands in NAME, which has only 32 characters."""
        return self.label[:NAME_LENGTH].rstrip()


def statement(account: DemoAccount, lines: Sequence[DemoLine], start: date, end: date, balance: Decimal) -> bytes:
    """The file of a period, both days included; lines of other days are left out.

    A line has the same FITID in every file, so that overlapping files can be read one after the other.
    """
    within = [line for line in lines if start <= line.date <= end]
    written = "\n".join([_HEADER, *_body(account, within, start, end, balance), ""])
    return written.replace("\n", "\r\n").encode("cp1252", "replace")


def _body(account: DemoAccount, lines: Sequence[DemoLine], start: date, end: date, balance: Decimal) -> Iterator[str]:
    status = ("<STATUS>", "<CODE>0", "<SEVERITY>INFO", "</STATUS>")
    yield from ("<OFX>", "<SIGNONMSGSRSV1>", "<SONRS>", *status)
    yield from (f"<DTSERVER>{end:%Y%m%d}235900", "<LANGUAGE>FRA", "</SONRS>", "</SIGNONMSGSRSV1>")
    yield from ("<BANKMSGSRSV1>", "<STMTTRNRS>", f"<TRNUID>{end:%Y%m%d}000000", *status)
    yield from ("<STMTRS>", f"<CURDEF>{account.currency}")
    yield from ("<BANKACCTFROM>", f"<BANKID>{account.bank}", f"<BRANCHID>{account.branch}")
    yield from (f"<ACCTID>{account.number}", "<ACCTTYPE>CHECKING", "</BANKACCTFROM>")
    yield from ("<BANKTRANLIST>", f"<DTSTART>{start:%Y%m%d}", f"<DTEND>{end:%Y%m%d}")
    for line, fitid in zip(lines, _fitids(lines), strict=True):
        yield from _transaction(line, fitid)
    yield "</BANKTRANLIST>"
    for which in ("LEDGERBAL", "AVAILBAL"):
        yield from (f"<{which}>", f"<BALAMT>{balance:.2f}", f"<DTASOF>{end:%Y%m%d}", f"</{which}>")
    yield from ("</STMTRS>", "</STMTTRNRS>", "</BANKMSGSRSV1>", "</OFX>")


def _transaction(line: DemoLine, fitid: str) -> Iterator[str]:
    yield from ("<STMTTRN>", f"<TRNTYPE>{_TYPES[line.kind]}", f"<DTPOSTED>{line.date:%Y%m%d}")
    yield from (f"<TRNAMT>{line.amount:+.2f}", f"<FITID>{fitid}")
    yield from (f"<NAME>{escape(line.name, quote=False)}", f"<MEMO>{escape(line.label, quote=False)}")
    yield "</STMTTRN>"


def _fitids(lines: Sequence[DemoLine]) -> Iterator[str]:
    """Made from what the line says; equal lines of one day are counted, since they always come together."""
    twins: Counter[DemoLine] = Counter()
    for line in lines:
        twins[line] += 1
        said = f"{line.date}|{line.amount:.2f}|{line.label}|{twins[line]}"
        yield hashlib.sha256(said.encode()).hexdigest()[:12].upper()
