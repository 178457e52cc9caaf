"""CAMT.052, .053 and .054 (ISO 20022), versions 1 to 13: bytes to a statement in which nothing is lost.

Elements are found by their local names, so that a new version changes nothing; what differs between versions
(`Sts` or `Sts/Cd`, `Dbtr/Nm` or `Dbtr/Pty/Nm`, `TxAmt` or `Amt`) is looked for in both places. An entry that
holds several payments becomes a line for each where their amounts give the entry's, else one line that says how
many it holds. Field meanings: ISO 20022 message definition reports of camt.05x; return reasons: external code set
ExternalReturnReason1Code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lxml import etree
from stdnum import iban

from mailbot.bank.charset import decode, plain
from mailbot.bank.parts import Part, joined
from mailbot.bank.values import MAX_LINES, amount_of, amount_or_none, iso_day
from mailbot.model import Line, Problem, Statement

SIGN = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]|<(?:\w{1,20}:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)\b"
)
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_NOTHING = re.compile(r"(?:NOTPROVIDED|NOT PROVIDED|NOREF|NONREF|NONE|N/?A)?", re.IGNORECASE)
_TYPES = {
    "RCDT": "CREDIT", "RRCT": "CREDIT", "ICDT": "DEBIT", "IRCT": "DEBIT", "IDDT": "DIRECTDEBIT", "RDDT": "DIRECTDEBIT",
    "CCRD": "POS", "MCRD": "POS", "RCHQ": "CHECK", "ICHQ": "CHECK", "LBOX": "CHECK", "CNTR": "CASH",
}  # fmt: skip
"""Family of the bank transaction code → the word of OFX's TRNTYPE."""
_REVERSALS = frozenset({"RRTN", "RPCR", "UPDD", "PRDD", "RCDD", "UPCQ", "UPCT", "ARET"})
"""Sub-families that take an earlier payment back (returned, unpaid, recalled)."""
_BALANCES = {"opening": ("OPBD", "PRCD", "OPAV"), "closing": ("CLBD", "ITBD", "CLAV", "ITAV")}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What all payments of one entry share."""

    node: etree._Element
    day: date
    amount: Decimal
    currency: str
    pending: bool
    reversal: bool
    bank_id: str
    code: tuple[str, str]
    """Family and sub-family of the bank transaction code."""
    info: str
    ours: str


def read_camt(data: bytes) -> Statement | Problem:
    """The statements of a CAMT file; every Ntry is in `lines` or in `problems`, which give the line in the file.

    A Problem instead of a Statement: nothing in the file can be used.
    """
    text = decode(data)
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return Problem("entities", "The file declares XML entities, which no bank needs; it is not read.")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        sentence = f"The file is damaged or stops in the middle (line {error.lineno}): download it again from the bank."
        return Problem("broken_camt", sentence, error.lineno)
    count = sum(1 for _ in root.iter("{*}Ntry", "{*}TxDtls"))
    if count > MAX_LINES:
        return Problem(
            "too_many_lines", f"The file has {count} entries, more than {MAX_LINES}: download shorter periods."
        )
    problems: list[Problem] = []
    if "\ufffd" in text:
        problems.append(
            Problem("charset", "Some letters of this file cannot be read (unknown character set): check names.")
        )
    found = list(root.iter(*(f"{{*}}{name}" for name in _STATEMENTS)))
    if not found:
        problems.append(Problem("no_statement", "The CAMT file holds no account statement: choose another period."))
    parts = [_part(node, problems) for node in found]
    accounts = joined(parts, problems)
    problems.sort(key=lambda problem: problem.line or 0)
    return Statement("camt.053", accounts, tuple(problems))


def _part(node: etree._Element, problems: list[Problem]) -> Part:
    account = _text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id") or _text(node, "Acct/Id/PrtryAcct/Id")
    entries = node.findall("{*}Ntry")
    currency = _text(node, "Acct/Ccy") or next(
        (amount.get("Ccy", "") for path in ("Bal/Amt", "Ntry/Amt") for amount in _all(node, path)), ""
    )
    opening, closing = (_balance(node, names) for names in _BALANCES.values())
    part = Part(
        _at(node),
        "".join(account.split()),
        currency.upper(),
        _text(node, "Acct/Id/IBAN") != "",
        _day(node, "FrToDt/FrDtTm", "FrToDt/FrDt") or opening[1] or closing[1],
        _day(node, "FrToDt/ToDtTm", "FrToDt/ToDt") or closing[1],
        opening[0],
        closing[0],
    )
    for entry in entries:
        read = _entry(entry, part)
        if isinstance(read, Problem):
            problems.append(read)
            part.lost = True
        else:
            part.lines += _lines(read)
    return part


def _balance(node: etree._Element, names: Sequence[str]) -> tuple[Decimal | None, date | None]:
    """The balance of the first kind that the statement has; of several pages' the last."""
    for name in names:
        for balance in reversed(node.findall("{*}Bal")):
            if _text(balance, "Tp/CdOrPrtry/Cd") == name:
                amount = amount_or_none(_text(balance, "Amt"))
                negative = _text(balance, "CdtDbtInd") == "DBIT"
                day = _day(balance, "Dt/Dt", "Dt/DtTm")
                return (-amount if amount is not None and negative else amount), day
    return None, None


def _entry(node: etree._Element, part: Part) -> _Entry | Problem:
    day = _day(node, "BookgDt/Dt", "BookgDt/DtTm") or _day(node, "ValDt/Dt", "ValDt/DtTm")
    if day is None:
        return Problem("line_date", "Left out: the entry has no certain date.", _at(node))
    try:
        amount = amount_of(_text(node, "Amt"))
    except ValueError:
        return Problem("line_amount", f"Left out: {_text(node, 'Amt')[:40]!r} is no certain amount.", _at(node))
    side = _text(node, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"} or amount < 0:
        return Problem("line_amount", "Left out: the entry does not say whether money came or went.", _at(node))
    family, kind = _text(node, "BkTxCd/Domn/Fmly/Cd"), _text(node, "BkTxCd/Domn/Fmly/SubFmlyCd")
    currency = node.find("{*}Amt")
    status = _text(node, "Sts/Cd") or _text(node, "Sts")
    return _Entry(
        node=node,
        day=day,
        amount=amount if side == "CRDT" else -amount,
        currency=(currency.get("Ccy", "") if currency is not None else "").upper() or part.currency,
        pending=status not in {"BOOK", ""},
        reversal=_text(node, "RvslInd") in {"true", "1"} or kind in _REVERSALS,
        bank_id=_text(node, "AcctSvcrRef"),
        code=(family, kind),
        info=_text(node, "AddtlNtryInf"),
        ours=part.account,
    )


def _lines(entry: _Entry) -> Iterator[Line]:
    details = entry.node.findall("{*}NtryDtls/{*}TxDtls")
    if len(details) == 1:
        yield _line(entry, details[0], entry.amount, alone=True)
        return
    amounts = [_payment_amount(entry, one) for one in details]
    whole = [amount for amount in amounts if amount is not None]
    if details and len(whole) == len(details) and sum(whole, Decimal(0)) == entry.amount:
        for one, amount in zip(details, whole, strict=True):
            yield _line(entry, one, amount, alone=False)
        return
    counts = [int(text) for text in _texts(entry.node, "NtryDtls/Btch/NbOfTxs") if text.isdigit() and len(text) < 9]
    yield replace(
        _line(entry, entry.node, entry.amount, alone=True),
        memo=" ".join(dict.fromkeys([entry.info, *(_memo(one) for one in details[:50])])).strip(),
        count=max(1, sum(counts), len(details)),
    )


def _payment_amount(entry: _Entry, details: etree._Element) -> Decimal | None:
    """What one payment of a batch adds to the account; None where it is not said in the account's currency."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        node = next(_all(details, path), None)
        if node is not None and node.get("Ccy", entry.currency).upper() == entry.currency:
            amount = amount_or_none(_words(node))
            side = _text(details, "CdtDbtInd") or ("CRDT" if entry.amount >= 0 else "DBIT")
            return amount if amount is None or side == "CRDT" else -amount
    return None


def _line(entry: _Entry, details: etree._Element, amount: Decimal, *, alone: bool) -> Line:
    """One payment; `details` is its TxDtls, or the entry itself where it has none."""
    returned = entry.reversal or details.find("{*}RtrInf") is not None
    party, account = _other_side(details, amount, entry.ours, returned=returned)
    end_to_end = _given(_text(details, "Refs/EndToEndId"))
    creditor = _given(_text(details, "RmtInf/Strd/CdtrRefInf/Ref") or _text(details, "RmtInf/Strd/CdtrRefInf/CdtrRef"))
    bank_id = _text(details, "Refs/AcctSvcrRef") or entry.bank_id
    reason = _text(details, "RtrInf/Rsn/Cd") or _text(details, "RtrInf/RtrRsn/Cd") or _text(details, "RtrInf/Rsn/Prtry")
    family = _text(details, "BkTxCd/Domn/Fmly/Cd") or entry.code[0]
    sent = next(_all(details, "AmtDtls/InstdAmt/Amt"), None)
    foreign = sent is not None and sent.get("Ccy", entry.currency).upper() != entry.currency
    return Line(
        id="",
        date=entry.day,
        amount=amount,
        currency=entry.currency,
        name=party,
        memo=_memo(details) or entry.info,
        reference=creditor or end_to_end or _given(_text(details, "Refs/InstrId")) or bank_id,
        type=_TYPES.get(family, "CREDIT" if amount >= 0 else "DEBIT"),
        payer=party,
        payer_iban=account,
        end_to_end=end_to_end,
        creditor_reference=creditor,
        pending=entry.pending,
        bank_id=bank_id,
        reversal=returned,
        reverses=end_to_end if returned else "",
        reason=reason,
        original_amount=amount_or_none(_words(sent)) if sent is not None and foreign else None,
        original_currency=sent.get("Ccy", "").upper() if sent is not None and foreign else "",
        fee=_fee(entry, details, amount, sent) if alone else Decimal(0),
    )


def _fee(entry: _Entry, details: etree._Element, amount: Decimal, sent: etree._Element | None) -> Decimal:
    """Charges taken out of money that came: said to be included, or what is missing of the amount that was sent."""
    if amount <= 0:
        return Decimal(0)
    for node in (details, entry.node):
        for record in (*node.findall("{*}Chrgs/{*}Rcrd"), *node.findall("{*}Chrgs")):
            taken = amount_or_none(_text(record, "Amt"))
            if taken and _text(record, "ChrgInclInd") in {"true", "1"} and _text(record, "CdtDbtInd") != "CRDT":
                return taken
    instructed = amount_or_none(_words(sent)) if sent is not None and sent.get("Ccy") == entry.currency else None
    return instructed - amount if instructed is not None and instructed > amount else Decimal(0)


def _other_side(details: etree._Element, amount: Decimal, ours: str, *, returned: bool) -> tuple[str, str]:
    """Name and account of whoever paid or was paid; of a returned payment the side that is not us."""
    roles = ("Dbtr", "Cdtr") if amount >= 0 else ("Cdtr", "Dbtr")
    sides = [_side(details, role) for role in roles]
    others = [side for side in sides if side[1] != ours and any(side)]
    first = sides[0] if any(sides[0]) and sides[0][1] != ours else None
    is_us = (sides[0][1] == ours and ours) or (returned and not any(sides[0]))
    return first or (others[0] if others and is_us else ("", ""))


def _side(details: etree._Element, role: str) -> tuple[str, str]:
    parties = "RltdPties"
    name = next(
        filter(
            None,
            (
                _text(details, f"{parties}/{who}/{path}")
                for who in (role, f"Ultmt{role}")
                for path in ("Pty/Nm", "Nm", "Pty/Id/OrgId/Othr/Id")
            ),
        ),
        "",
    )
    account = _text(details, f"{parties}/{role}Acct/Id/IBAN") or _text(details, f"{parties}/{role}Acct/Id/Othr/Id")
    bare = "".join(account.split())
    return name, iban.compact(bare) if iban.is_valid(bare) else bare


def _memo(details: etree._Element) -> str:
    """What the payer wrote: free text, else structured references, else the bank's own words.

    Whoever pays for another (a factor, a parent company) is named at the end.
    """
    free = " ".join(_texts(details, "RmtInf/Ustrd"))
    structured = [
        text
        for path in ("CdtrRefInf/Ref", "RfrdDocInf/Nb", "AddtlRmtInf")
        for text in _texts(details, f"RmtInf/Strd/{path}")
        if text not in free
    ]
    words = " ".join(dict.fromkeys([free, *structured])).strip() or _text(details, "AddtlTxInf")
    named = _text(details, "RltdPties/Dbtr/Pty/Nm") or _text(details, "RltdPties/Dbtr/Nm")
    ultimate = _text(details, "RltdPties/UltmtDbtr/Pty/Nm") or _text(details, "RltdPties/UltmtDbtr/Nm")
    return f"{words} {ultimate}".strip() if named and ultimate and ultimate != named else words


def _given(reference: str) -> str:
    return "" if _NOTHING.fullmatch(reference) else reference


def _at(node: etree._Element) -> int:
    line = node.sourceline
    return line if isinstance(line, int) else 1


def _path(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def _all(node: etree._Element, path: str) -> Iterator[etree._Element]:
    yield from node.iterfind(_path(path))


def _texts(node: etree._Element, path: str) -> list[str]:
    return [words for found in _all(node, path) if (words := _words(found))]


def _text(node: etree._Element, path: str) -> str:
    return next((words for found in _all(node, path) if (words := _words(found))), "")


def _words(node: etree._Element) -> str:
    return plain((node.text or "")[:2000])[:1000]


def _day(node: etree._Element, *paths: str) -> date | None:
    return next((day for path in paths if (day := iso_day(_text(node, path)))), None)
