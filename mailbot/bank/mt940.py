"""MT940 and MT942 (SWIFT): bytes to a statement in which nothing is lost.

The file is cut at its tags here, so that every problem has its line; mt-940 takes each statement line (:61:)
apart, and a reading of its own checks day, sign and amount. What :86: says is `mt940label`'s.
SWIFT user handbook, category 9: :61: is value date, entry date, mark, funds code, amount, type, references.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mt940.models import Transactions
from mt940.tags import StatementGLS
from stdnum import iban

from mailbot.bank.charset import decode, plain
from mailbot.bank.mt940label import Label, read_label, read_non_swift
from mailbot.bank.parts import Part, joined
from mailbot.bank.values import MAX_LINES, amount_of, amount_or_none, clamped_day
from mailbot.model import Line, Problem, Statement

SIGN = re.compile(
    r"^[ \t\x01]{0,8}:(?:20:[^\r\n]{0,64}\r?$|25P?:[0-9A-Z]|6[024][FM]?:[DC][0-9]{6}|61:[0-9]{6})", re.MULTILINE
)
_TAG = re.compile(r"^[ \t\x01]{0,3}:([0-9]{2}[A-Z]?|NS):", re.MULTILINE)
_END = re.compile(r"^-(?:\}|XXX|\s*$)|^\{1:|^[\x03]", re.MULTILINE)
_BROKEN_TAG = re.compile(r"^:[ \t]*\n(?=[0-9]{2}[A-Z]?:)", re.MULTILINE)
_LINE = re.compile(
    r"(?P<day>[0-9]{6})(?:[0-9]{4}|[ ]{4})?(?P<mark>R?[DC])[A-Z]?\s?"
    r"(?P<amount>[0-9]{1,12}(?:[,.][0-9]{0,2})?)(?![0-9,.])"
)
_BALANCE = re.compile(r"(?P<mark>[DC])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})?(?P<amount>[0-9,.]{1,18})")
_TYPES = {"CHK": "CHECK", "DDT": "DIRECTDEBIT", "CHG": "SRVCHG", "COM": "SRVCHG", "INT": "INT", "STO": "REPEATPMT"}
"""Transaction type of :61: → the word of OFX's TRNTYPE."""
_NOTHING = re.compile(r"(?:NONREF|NOREF|NOTPROVIDED|EREF|KREF|[0 ]*)", re.IGNORECASE)
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class _Tag:
    """One field of the file: `at` is its line in the file."""

    name: str
    value: str
    at: int


def read_mt940(data: bytes) -> Statement | Problem:
    """The statements of an MT940 or MT942 file; every :61: is in `lines` or in `problems`.

    The day of a line is its value date. Lines of an MT942 (during the day, no balances) are pending. A Problem
    instead of a Statement: nothing in the file can be used.
    """
    text = decode(data, last="cp852").replace("\r\n", "\n").replace("\r", "\n")
    count = len(re.findall(r"^[ \t\x01]{0,3}:61:", text, re.MULTILINE))
    if count > MAX_LINES:
        sentence = f"The file has {count} transactions, more than {MAX_LINES}: download shorter periods."
        return Problem("too_many_lines", sentence)
    problems: list[Problem] = []
    if "\ufffd" in text:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    reader = _Reader(problems)
    for tag in _tags(_BROKEN_TAG.sub("\n:", text)):
        reader.take(tag)
    parts = reader.parts()
    if not parts:
        return Problem("no_statement", "The MT940 file holds no account statement: choose another period.")
    accounts = joined(parts, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("mt940", accounts, tuple(problems))


def _tags(text: str) -> Iterator[_Tag]:
    marks = list(_TAG.finditer(text))
    at, counted = 1, 0
    for index, mark in enumerate(marks):
        until = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        at += text.count("\n", counted, mark.start())
        counted = mark.start()
        value = text[mark.end() : min(until, mark.end() + _LONGEST)]
        end = _END.search(value)
        yield _Tag(mark.group(1), value[: end.start()] if end else value, at)


class _Reader:
    """The statement that is open, and its last line, which the next :86: or :NS: describes."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._parts: list[Part] = []
        self._interim = False
        self._open: Part | None = None
        self._line: tuple[_Tag, dict[str, str]] | None = None
        self._label = Label()

    def parts(self) -> list[Part]:
        self._close_line()
        return self._parts

    def take(self, tag: _Tag) -> None:
        name = tag.name
        mislabelled = name.startswith("25") and "?" in tag.value  # a label under the account's tag, as one bank wrote
        if (name == "86" or mislabelled) and self._line:
            self._label = self._label.joined(read_label(tag.value))
        elif name == "NS" and self._line:
            self._label = self._label.joined(read_non_swift(tag.value))
        elif name == "61":
            self._begin_line(tag)
        elif name == "20":
            self._begin(tag)
        else:
            self._head(tag)

    def _begin(self, tag: _Tag) -> Part:
        self._close_line()
        self._interim = False
        self._open = Part(tag.at, "", "")
        self._parts.append(self._open)
        return self._open

    def _head(self, tag: _Tag) -> None:
        name = tag.name[:2]
        if name not in {"25", "34", "60", "62", "64", "65", "90", "13"}:
            return
        self._close_line()
        part = self._open or self._begin(tag)
        if name == "25" and part.account and (part.lines or part.lost or part.closing is not None):
            part = self._begin(tag)  # a second account, which some banks put under the same :20:
        if name == "25":
            part.account, currency = _account(tag.value)
            part.currency = part.currency or currency
        elif name == "34":
            self._interim = True
            part.currency = part.currency or tag.value.strip()[:3]
        elif name in {"60", "62"}:
            self._balance(part, tag)

    def _balance(self, part: Part, tag: _Tag) -> None:
        found = _BALANCE.match("".join(tag.value.split()))
        if not found:
            return
        amount = amount_or_none(found["amount"])
        signed = -amount if amount is not None and found["mark"] == "D" else amount
        if tag.name.startswith("60"):
            self._interim = False
            part.opening, part.start = signed, clamped_day(found["day"])
            part.currency = found["currency"] or part.currency
        else:
            part.closing, part.end = signed, clamped_day(found["day"])
            part.currency = part.currency or found["currency"] or ""

    def _begin_line(self, tag: _Tag) -> None:
        self._close_line()
        part = self._open or self._begin(tag)
        value = tag.value.strip("\n")[:500]
        ours = _LINE.match(value)
        read = _by_library(value) if ours else None
        if ours is None or read is None:
            part.lost = True
            self._problems.append(
                Problem("line_amount", f"Left out: {plain(value[:60])!r} is no certain statement line.", tag.at)
            )
            return
        theirs = (f"{read['year']}{read['month']}{read['day']}", read["status"], read["amount"])
        if theirs != (ours["day"], ours["mark"], ours["amount"]):
            part.lost = True
            self._problems.append(
                Problem("readers_differ", "Left out: two readers do not agree on this transaction.", tag.at)
            )
            return
        self._line, self._label = (tag, read), Label()

    def _close_line(self) -> None:
        if self._line is None or self._open is None:
            return
        (tag, read), self._line = self._line, None
        line = _line(read, self._label, self._open.currency, pending=self._interim)
        if isinstance(line, Line):
            self._open.lines.append(line)
        else:
            self._open.lost = True
            self._problems.append(Problem(line[0], line[1], tag.at))


def _by_library(value: str) -> dict[str, str] | None:
    """The fields of :61: as mt-940 reads them; None where it does not."""
    try:
        read = _STATEMENT.parse(_NO_TRANSACTIONS, value)
    except RuntimeError:
        return None
    return {name: text or "" for name, text in read.items()}


_STATEMENT = StatementGLS()
"""The variant without a limit on references: many banks write longer ones than SWIFT allows."""
_NO_TRANSACTIONS = Transactions()


def _line(read: dict[str, str], label: Label, currency: str, *, pending: bool) -> Line | tuple[str, str]:
    """The line, or (code, sentence) of why it is none."""
    day: date | None = clamped_day(f"{read['year']}{read['month']}{read['day']}")
    if day is None:
        return "line_date", f"Left out: {read['year']}{read['month']}{read['day']!r} is no date."
    try:
        amount: Decimal = amount_of(read["amount"])
    except ValueError:
        return "line_amount", f"Left out: {read['amount']!r} is no certain amount."
    positive = read["status"] in {"C", "RD"}
    more, customer = plain(read["extra_details"]), plain(read["customer_reference"])
    other = label.iban or next((text for text in (customer, more.partition(" ")[0]) if iban.is_valid(text)), "")
    bank_id = plain(read["bank_reference"])
    given = next(
        (
            text
            for text in (label.creditor_reference, label.end_to_end, customer)
            if text and text != other and not _NOTHING.fullmatch(text)
        ),
        "",
    )
    returned = read["status"].startswith("R") or label.returned
    return Line(
        id="",
        date=day,
        amount=amount if positive else -amount,
        currency=currency,
        name=label.name,
        memo=label.memo or more,
        reference=given,
        type=_TYPES.get((read["id"] or "")[1:4], "CREDIT" if positive else "DEBIT"),
        payer=label.name,
        payer_iban=other,
        end_to_end=label.end_to_end,
        creditor_reference=label.creditor_reference,
        pending=pending,
        bank_id="" if _NOTHING.fullmatch(bank_id) else bank_id,
        reversal=returned,
        reverses=label.end_to_end if returned else "",
        reason=label.reason if returned else "",
    )


def _account(value: str) -> tuple[str, str]:
    """Account and currency of :25: ("NL77ABNA0574908765EUR", "50880050/0194774600888", "BIC/IBAN")."""
    bare = plain(value.split("\n")[0][:80])
    number, _, currency = bare.partition(" ")
    if re.fullmatch(r"[A-Z]{3}", currency):
        bare = number
    else:
        currency = ""
    attached = re.fullmatch(r"(.*[0-9])(?:/?)([A-Z]{3})", bare)
    if attached and not iban.is_valid(bare):
        bare, currency = attached.groups()
    for piece in (bare, *bare.split("/")):
        if iban.is_valid(piece):
            return iban.compact(piece), currency
    return "".join(bare.split()), currency
